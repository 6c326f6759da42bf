/** Every column type of the differential run: its SQL, random values, what is stored of them, and both clients' forms. */

import type { Dice } from '../support/dice';

export type Plain = string | number | Uint8Array | null;

export interface ColumnKind {
  readonly name: string;
  /** Type as CREATE TABLE has it. */
  readonly sql: string;
  value(dice: Dice): Exclude<Plain, null>;
  /** What the column holds after the value was assigned: blank-padded, zero-padded, brought to its scale. */
  stored(value: Exclude<Plain, null>): Exclude<Plain, null>;
}

interface KindMaker {
  readonly make: (dice: Dice) => ColumnKind;
}

const LATIN = ' !#%&()*+,-./0123456789:;<=>?@ABCXYZabcxyz_äöüßÄÖÜéèçñ£¥§';
const WIDE = `${LATIN}€Ωμγжя漢字かな한글`;
/** Latin-1 in other places of the code page, one of each country. */
const LATIN_CCSIDS = [37, 273, 277, 278, 280, 284, 285, 297, 500, 871];
const EURO_CCSIDS = [1140, 1141, 1142, 1143, 1144, 1145, 1146, 1147, 1148, 1149];
const MIXED = 'ABC123 +-漢字日本語かなカナ';
const CYRILLIC = 'ABC123 Привет';
const GREEK = 'ABC123 Καλημέρα';
const same = (v: Exclude<Plain, null>): Exclude<Plain, null> => v;
const two = (n: number): string => String(n).padStart(2, '0');

export const COLUMN_KINDS: readonly KindMaker[] = [
  { make: (d) => padded(`CHAR(${len(d)}) CCSID 37`, LATIN) },
  { make: (d) => padded(`CHAR(${len(d)}) CCSID 273`, LATIN) },
  { make: (d) => varying(`VARCHAR(${len(d)}) CCSID 37`, LATIN, 1) },
  { make: (d) => varying(`VARCHAR(${len(d)}) CCSID ${d.one(LATIN_CCSIDS)}`, LATIN, 1) },
  { make: (d) => padded(`CHAR(${len(d)}) CCSID ${d.one(EURO_CCSIDS)}`, `${LATIN}€`) },
  { make: (d) => varying(`VARCHAR(${len(d) + 8}) CCSID ${d.one([1399, 939, 5035])}`, MIXED, 6) },
  { make: (d) => varying(`VARCHAR(${len(d)}) CCSID 1025`, CYRILLIC, 1) },
  { make: (d) => varying(`VARCHAR(${len(d)}) CCSID 875`, GREEK, 1) },
  { make: (d) => varying(`VARCHAR(${len(d) + 4}) CCSID 1208`, WIDE, 4) },
  { make: (d) => padded(`GRAPHIC(${len(d)}) CCSID 1200`, WIDE) },
  { make: (d) => varying(`VARGRAPHIC(${len(d)}) CCSID 1200`, WIDE, 1) },
  { make: (d) => varying(`VARGRAPHIC(${len(d)}) CCSID 13488`, WIDE, 1) },
  { make: (d) => bytes(`BINARY(${len(d)})`, true) },
  { make: (d) => bytes(`VARBINARY(${len(d)})`, false) },
  { make: (d) => bytes(`VARCHAR(${len(d)}) FOR BIT DATA`, false) },
  { make: (d) => bytes(`BLOB(${1 + d.below(200)})`, false) },
  { make: () => bytes('BLOB(100000)', false, 3000) },
  { make: () => varying('CLOB(100000) CCSID 1208', WIDE, 4, 2000) },
  { make: (d) => varying(`CLOB(${20 + d.below(100)}) CCSID 37`, LATIN, 1) },
  { make: () => varying('DBCLOB(50000) CCSID 1200', WIDE, 1, 1000) },
  { make: (d) => decimal('DECIMAL', d) },
  { make: (d) => decimal('NUMERIC', d) },
  { make: () => integer('SMALLINT', 2 ** 15) },
  { make: () => integer('INTEGER', 2 ** 31) },
  { make: () => bigint() },
  { make: () => real() },
  { make: () => double() },
  { make: () => decfloat(16) },
  { make: () => decfloat(34) },
  { make: () => kind('DATE', date) },
  { make: () => kind('TIME', time) },
  { make: (d) => timestamp(d.one([0, 3, 6, 9, 12])) },
];

function kind(sql: string, value: ColumnKind['value'], stored: ColumnKind['stored'] = same): ColumnKind {
  return { name: sql.replace(/\W.*/, ''), sql, value, stored };
}

function len(dice: Dice): number {
  return 1 + dice.below(40);
}

function lengthOf(sql: string): number {
  return Number(/\((\d+)/.exec(sql)![1]);
}

function text(dice: Dice, alphabet: string, max: number): string {
  const characters = [...alphabet];
  return Array.from({ length: dice.below(max + 1) }, () => dice.one(characters)).join('');
}

function padded(sql: string, alphabet: string): ColumnKind {
  const length = lengthOf(sql);
  return kind(
    sql,
    (d) => text(d, alphabet, length),
    (v) => String(v).padEnd(length),
  );
}

/** `unit` is the most bytes a character can take of the declared length. */
function varying(sql: string, alphabet: string, unit: number, most = lengthOf(sql)): ColumnKind {
  return kind(sql, (d) => text(d, alphabet, Math.floor(Math.min(most, lengthOf(sql)) / unit)));
}

function bytes(sql: string, fixed: boolean, most = lengthOf(sql)): ColumnKind {
  const value = (d: Dice): Uint8Array => Buffer.from(Array.from({ length: d.below(most + 1) }, () => d.below(256)));
  const fill = (v: Exclude<Plain, null>): Uint8Array => Buffer.concat([v as Uint8Array], lengthOf(sql));
  return kind(sql, value, fixed ? fill : same);
}

function decimal(type: string, dice: Dice): ColumnKind {
  const precision = 1 + dice.below(dice.below(4) === 0 ? 63 : 31);
  const scale = dice.below(precision + 1);
  return kind(`${type}(${precision}, ${scale})`, (d) => {
    const digits = Array.from({ length: precision }, () => d.below(10)).join('');
    const whole = digits.slice(0, precision - scale).replace(/^0+(?=\d)/, '') || '0';
    const text = scale === 0 ? whole : `${whole}.${digits.slice(precision - scale)}`;
    return d.below(2) && /[1-9]/.test(text) ? `-${text}` : text;
  });
}

function integer(type: string, limit: number): ColumnKind {
  return kind(type, (d) => d.one([0, 1, -1, limit - 1, -limit, d.below(limit), -d.below(limit)].map((n) => n + 0)));
}

function bigint(): ColumnKind {
  return kind('BIGINT', (d) =>
    d.one([
      '0',
      '9223372036854775807',
      '-9223372036854775808',
      String(d.below(1e9)),
      `${d.below(1e9)}${two(d.below(100))}1234567`.replace(/^0+(?=\d)/, ''),
    ]),
  );
}

function real(): ColumnKind {
  return kind('REAL', (d) => d.one([0.5, -0.25, 1.5, 1024, -3.125, d.below(1e6)]));
}

function double(): ColumnKind {
  return kind('DOUBLE', (d) => d.one([0.1, -1e300, 2.5e-300, Math.PI, d.next(), -d.next() * 1e9]));
}

/** Exponents only where both clients write them the same way. */
function decfloat(digits: 16 | 34): ColumnKind {
  return kind(`DECFLOAT(${digits})`, (d) => {
    const n = 1 + d.below(digits - 1);
    const text = `${1 + d.below(9)}${Array.from({ length: n - 1 }, () => d.below(10)).join('')}`;
    const point = d.below(Math.min(5, n));
    const placed = point === 0 ? text : `${text.slice(0, n - point)}.${text.slice(n - point)}`;
    return d.below(2) ? `-${placed}` : placed;
  });
}

/** The Gregorian calendar's own years: java.sql.Date changes calendars before 1582. */
function date(dice: Dice): string {
  const day = new Date(Date.UTC(1583 + dice.below(8416), dice.below(12), 1 + dice.below(28)));
  return day.toISOString().slice(0, 10);
}

function time(dice: Dice): string {
  return `${two(dice.below(24))}:${two(dice.below(60))}:${two(dice.below(60))}`;
}

function timestamp(scale: number): ColumnKind {
  return kind(`TIMESTAMP(${scale})`, (d) => {
    const fraction = Array.from({ length: scale }, () => d.below(10)).join('');
    return `${date(d)}T${time(d)}${scale === 0 ? '' : `.${fraction}`}`;
  });
}

/** A value as Judge.java binds it. */
export function toJudge(column: ColumnKind, value: Plain): unknown {
  if (value === null) return null;
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString('hex');
    return column.name === 'BLOB' ? { t: 'blob', v: hex } : { t: 'bytes', v: hex };
  }
  if (column.name.endsWith('CLOB')) return { t: 'clob', v: value };
  if (column.name === 'DECIMAL' || column.name === 'NUMERIC' || column.name === 'DECFLOAT')
    return { t: 'decimal', v: value };
  // as text: java.sql.Timestamp holds nine digits and a time zone
  return column.name === 'TIMESTAMP' ? String(value).replace('T', ' ') : value;
}

/** What Judge.java read, in the form our client has. */
export function fromJudge(column: ColumnKind, value: string | null): unknown {
  if (value === null) return null;
  switch (column.name) {
    case 'SMALLINT':
    case 'INTEGER':
    case 'REAL':
    case 'DOUBLE':
      return Number(value);
    case 'TIMESTAMP':
      return value.replace(' ', 'T');
    case 'TIME':
      return value.replaceAll('.', ':');
    default:
      return value;
  }
}
