/** Columns whose meaning is known because they were made with it: dates in every form, times, codes, personal data and what is none of it. */

import type { ColumnTally } from '../../src/infer/tally';
import { LEGACY_DATES, type LegacyDate, type SqlTypeName } from '../../src/model/record-format';
import type { Dice } from '../support/dice';

export interface Known {
  /** `date cyymmdd`, `time hhmmss`, `mail`, `nothing`... */
  readonly truth: string;
  readonly label: string;
  readonly tally: ColumnTally;
}

const ROWS = 400;

export function madeOf(
  name: string,
  format: { readonly type: SqlTypeName; readonly length: number; readonly scale?: number },
  values: readonly (string | null)[],
): ColumnTally {
  const counts = new Map<string, number>();
  for (const v of values) if (v !== null) counts.set(v, (counts.get(v) ?? 0) + 1);
  return {
    column: {
      format: { name, scale: 0, ccsid: null, nullable: false, ...format },
      systemName: name.slice(0, 10),
      hidden: false,
      identity: false,
      hasDefault: true,
    },
    counts,
    bytes: [],
    nulls: values.filter((v) => v === null).length,
    blanks: 0,
    broken: 0,
    rows: values.length,
  };
}

/** yyyymmdd between two years. */
function day(dice: Dice, from: number, to: number): number {
  const year = from + dice.below(to - from + 1);
  const month = 1 + dice.below(12);
  return year * 10_000 + month * 100 + 1 + dice.below(28 + (month === 2 ? 0 : 2));
}

const many = <T>(make: (i: number) => T, n = ROWS): T[] => Array.from({ length: n }, (_, i) => make(i));

/** yyyymmdd in a form, by the letters of its name. */
function written(form: LegacyDate, date: number): string {
  const text = String(date);
  const [yyyy, mm, dd] = [text.slice(0, 4), text.slice(4, 6), text.slice(6)];
  const ofYear = (Date.UTC(+yyyy, +mm - 1, +dd) - Date.UTC(+yyyy, 0, 1)) / 864e5 + 1;
  return form
    .replace('ccyy', yyyy)
    .replace('c', String(+yyyy.slice(0, 2) - 19))
    .replace('yy', yyyy.slice(2))
    .replace('mm', mm)
    .replace('ddd', String(ofYear).padStart(3, '0'))
    .replace('dd', dd);
}

/** A date column in one form; zeros and nines among them, as programs write for "none". */
export function dateColumn(dice: Dice, form: LegacyDate, index: number): Known {
  const from = 1998 + dice.below(8);
  const to = 2024 + dice.below(3);
  const none = dice.below(3) === 0 ? dice.below(40) : 0;
  const digits =
    { cyymmdd: 7, cmmddyy: 7, cddmmyy: 7, ccyyddd: 7, cyyddd: 6, yyddd: 5 }[form as 'cyymmdd'] ??
    (form.includes('ccyy') ? 8 : 6);
  const values = many((i) => (i < none ? '0' : String(Number(written(form, day(dice, from, to))))));
  return {
    truth: `date ${form}`,
    label: index % 3 === 0 ? 'Date of last change' : '',
    tally: madeOf(index % 3 === 1 ? `ORDDAT${index % 10}` : `FLD${index}`, { type: 'DECIMAL', length: digits }, values),
  };
}

/** Two-digit years across a century that the usual pivot cuts: people born 1925 to 2008. */
export function birthColumn(dice: Dice, index: number): Known {
  return {
    truth: 'date ddmmyy pivot',
    label: 'Date of birth',
    tally: madeOf(
      `BRTDAT${index}`,
      { type: 'DECIMAL', length: 6 },
      many(() => {
        const d = day(dice, 1925, 2008);
        const two = (n: number): string => String(n).padStart(2, '0');
        return String(Number(`${two(d % 100)}${two(Math.floor(d / 100) % 100)}${two(Math.floor(d / 10_000) % 100)}`));
      }),
    ),
  };
}

export function timeColumn(dice: Dice, index: number): Known {
  return {
    truth: 'time hhmmss',
    label: '',
    tally: madeOf(
      `CHGTIM${index}`,
      { type: 'NUMERIC', length: 6 },
      many(() => String((6 + dice.below(14)) * 10_000 + dice.below(60) * 100 + dice.below(60))),
    ),
  };
}

export function codesColumn(dice: Dice, index: number): Known {
  const codes = many((i) => `${'ABCDEFGHX'[i]}${index % 2 === 0 ? '' : i}`, 2 + dice.below(6));
  return {
    truth: 'codes',
    label: index % 2 === 0 ? 'Status' : '',
    tally: madeOf(
      `KND${index}`,
      { type: 'CHAR', length: 2 },
      many(() => codes[dice.below(codes.length)]!),
    ),
  };
}

const SYLLABLES = ['mar', 'tin', 'sol', 'ber', 'ger', 'lin', 'da', 'ko', 'ra', 'wen', 'dorf', 'hei', 'ma', 'jo'];

function word(dice: Dice): string {
  return many(() => SYLLABLES[dice.below(SYLLABLES.length)]!, 2 + dice.below(2)).join('');
}

const capital = (w: string): string => w[0]!.toUpperCase() + w.slice(1);

export function personalColumn(dice: Dice, what: 'mail' | 'iban' | 'card' | 'phone' | 'name', index: number): Known {
  const make = {
    mail: () => `${word(dice)}.${word(dice)}@${word(dice)}.example`,
    iban: () => iban(dice),
    card: () => card(dice),
    phone: () => `+49 ${100 + dice.below(900)} ${100_000 + dice.below(900_000)}`,
    name: () => `${capital(word(dice))} ${capital(word(dice))}`,
  }[what];
  const name = { mail: 'FELD', iban: 'KTO', card: 'CRD', phone: 'FLD', name: 'NAME' }[what];
  return { truth: what, label: '', tally: madeOf(`${name}${index}`, { type: 'CHAR', length: 60 }, many(make)) };
}

/** Check number by long division over the text, as the standard's example does it. */
function iban(dice: Dice): string {
  const account = many(() => String(dice.below(10)), 18).join('');
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${account}`;
}

/** Check digit found by trying all ten. */
function card(dice: Dice): string {
  const head = `4${many(() => String(dice.below(10)), 14).join('')}`;
  const luhn = (text: string): boolean =>
    [...text]
      .reverse()
      .reduce((sum, c, i) => sum + [...String(Number(c) * (1 + (i % 2)))].reduce((a, b) => a + Number(b), 0), 0) %
      10 ===
    0;
  return many((i) => `${head}${i}`, 10).find(luhn)!;
}

/** What is none of these, however it may look. */
export function plainColumn(dice: Dice, index: number): Known {
  const nothing = (
    name: string,
    type: SqlTypeName,
    length: number,
    make: (i: number) => string,
    label = '',
  ): Known => ({
    truth: 'nothing',
    label,
    tally: madeOf(name, { type, length }, many(make)),
  });
  switch (index % 10) {
    case 0:
      return nothing(`ORDNO${index}`, 'DECIMAL', 7, (i) => String(100_000 + index * 1000 + i), 'Order number');
    case 1:
      return nothing(`CUS${index}`, 'DECIMAL', 6, (i) => String(10_001 + i));
    case 2:
      return nothing(`QTY${index}`, 'DECIMAL', 5, () => String(1 + dice.below(366)));
    case 3:
      return nothing(`STK${index}`, 'INTEGER', 4, () => String(dice.below(1_000_000)));
    case 4:
      return nothing(`AMT${index}`, 'DECIMAL', 7, () => String(dice.below(10_000_000)));
    case 5:
      return nothing(`TXT${index}`, 'CHAR', 40, () => many(() => word(dice), 4).join(' '));
    case 6:
      return nothing(`ART${index}`, 'CHAR', 15, () => `${capital(word(dice)).slice(0, 2)}-${dice.below(100_000)}`);
    case 7:
      return nothing(`ID${index}`, 'BIGINT', 8, (i) => String(20_260_101 + i * 7));
    case 8:
      return nothing(`ZIPN${index}`, 'DECIMAL', 5, () => String(10_000 + dice.below(90_000)));
    default:
      return nothing(`STREET${index}`, 'CHAR', 35, () => `${capital(word(dice))}weg ${1 + dice.below(200)}`);
  }
}

export const DATE_FORMS: readonly LegacyDate[] = LEGACY_DATES;
