/** What texts look like: codes, digits, and what belongs to a person. */
import { hints, type Named } from './hints';
import {
  CLAIM,
  type CodesGuess,
  type DigitsGuess,
  ENOUGH,
  grouped,
  type PersonalGuess,
  type PersonalKind,
  percent,
} from './model';
import { filled, fitting, total } from './tally';

type Counts = ReadonlyMap<string, number>;

/** More different values than these are no codes. */
const MOST_CODES = 24;
/** Longest code. */
const CODE_LENGTH = 10;
/** Each code stands for this many rows on average. */
const ROWS_A_CODE = 8;

/** @param numeric digits of a number field; null for text */
export function guessCodes(counts: Counts, numeric: number | null, named: Named): CodesGuess | null {
  const all = total(counts);
  const status = hints('status', named);
  if (counts.size < 2 || counts.size > MOST_CODES || all < counts.size * ROWS_A_CODE) return null;
  if (numeric !== null ? numeric > 4 && !status : [...counts.keys()].some((v) => v.length > CODE_LENGTH)) return null;
  const values = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
  return {
    kind: 'codes',
    values,
    status,
    share: 1,
    evidence: `${counts.size} values in ${grouped(all)} rows: ${values.map((v) => `${v.value === '' ? 'blank' : v.value} (${grouped(v.count)})`).join(', ')}`,
  };
}

export function guessDigits(counts: Counts): DigitsGuess | null {
  const texts = filled(counts);
  const all = total(texts);
  const good = fitting(texts, (v) => /^\d{2,}$/.test(v));
  if (texts.size < ENOUGH || good / all < 0.99) return null;
  const zeros = fitting(texts, (v) => /^0\d/.test(v));
  return {
    kind: 'digits',
    leadingZeros: zeros,
    share: good / all,
    evidence: `${percent(good, all)} of ${grouped(all)} values are digits${zeros > 0 ? `, ${grouped(zeros)} with leading zeros: they stay text` : ''}`,
  };
}

interface Test {
  readonly what: PersonalKind;
  readonly mask: PersonalGuess['mask'];
  readonly words: string;
  readonly fits: (value: string) => boolean;
  /** Without it a name or label must say the same. */
  readonly alone: boolean;
  readonly hint?: 'phone' | 'person';
}

const TESTS: readonly Test[] = [
  {
    what: 'mail',
    mask: 'redact',
    words: 'mail addresses',
    alone: true,
    fits: (v) => /^[^\s@]+@[^\s@]+\.[A-Za-z]{2,}$/.test(v),
  },
  { what: 'iban', mask: 'last4', words: 'IBANs with a right check number', alone: true, fits: isIban },
  { what: 'card', mask: 'last4', words: 'card numbers with a right check digit', alone: true, fits: isCard },
  { what: 'phone', mask: 'last4', words: 'telephone numbers', alone: false, hint: 'phone', fits: isPhone },
  { what: 'name', mask: 'redact', words: 'names', alone: false, hint: 'person', fits: isName },
];

/** Looks at text that is filled; the values themselves are not repeated in the evidence. */
export function guessPersonal(counts: Counts, named: Named): PersonalGuess | null {
  const texts = filled(counts);
  const all = total(texts);
  if (texts.size < 3) return null;
  for (const test of TESTS) {
    const hinted = test.hint !== undefined && hints(test.hint, named);
    if (!test.alone && !hinted && !(test.what === 'phone' && fitting(texts, isForeignPhone) / all >= CLAIM)) continue;
    const good = fitting(texts, test.fits);
    if (good / all < CLAIM) continue;
    return {
      kind: 'personal',
      what: test.what,
      mask: test.mask,
      share: good / all,
      evidence: `${percent(good, all)} of ${grouped(all)} values are ${test.words}`,
    };
  }
  return null;
}

/** ISO 13616: the digits, letters as 10 to 35, first four characters last, leave 1 when divided by 97. */
function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  let rest = 0;
  for (const c of text.slice(4) + text.slice(0, 4)) {
    const n = Number.parseInt(c, 36);
    rest = (rest * (n > 9 ? 100 : 10) + n) % 97;
  }
  return rest === 1;
}

/** ISO/IEC 7812: 13 to 19 digits that begin as a payment card does, check digit by Luhn. */
function isCard(value: string): boolean {
  const digits = value.replaceAll(/[ -]/g, '');
  if (!/^[3-6]\d{12,18}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const n = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? n : n * 2 > 9 ? n * 2 - 9 : n * 2;
  }
  return sum % 10 === 0;
}

function isPhone(value: string): boolean {
  return /^[+(]?[\d][\d ()/.-]{4,24}$/.test(value) && value.replaceAll(/\D/g, '').length >= 6;
}

function isForeignPhone(value: string): boolean {
  return /^(\+|00)[1-9]/.test(value) && isPhone(value);
}

function isName(value: string): boolean {
  return /^\p{L}[\p{L}\p{M} .,'&()/+-]*$/u.test(value) && /\p{L}{2}/u.test(value);
}
