/** Values of the expression language: exact decimals, text, truth, null. Never a float. */
import Big from 'big.js';
import { spend } from './effort';

/** Own constructor, so that no other module's settings reach our results: 34 digits after the point, half up. */
const Exact = Big();
Exact.DP = 34;
Exact.RM = Exact.roundHalfUp;

export { Exact };

/** A decimal that remembers its scale: 1.10 stays 1.10, as it does in Db2. */
export interface Decimal {
  readonly big: Big;
  readonly scale: number;
}

export type Value = Decimal | string | boolean | null;

/** Digits a number may have; Db2 has 63 at most, so this is room for products of eight of them. */
export const MAX_DIGITS = 500;

/** Largest power of ten of a first digit: DECFLOAT reaches 1E-6176 and 9.99E+6144. Writing a number out costs this many digits. */
const MAX_EXPONENT = 6176;

/** Characters a text may have; longer results are cut. An event is not a file. */
export const MAX_TEXT = 65_536;

/** Longest text that can be a number within these bounds: sign, digits, point, exponent. */
const MAX_NUMBER_TEXT = MAX_DIGITS + 10;

const NUMBER = /^[+-]?(\d+)(?:\.(\d*))?$/;
const WITH_EXPONENT = /^[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,5}$/;

export function isDecimal(value: Value): value is Decimal {
  return typeof value === 'object' && value !== null;
}

/**
 * Exact decimal of plain digits (`-12.30`), exponents taken too. Null if the text is no number, and if it has more than
 * {@link MAX_DIGITS} digits or an exponent beyond {@link MAX_EXPONENT}: who writes a row must not decide what a number costs.
 */
export function decimalOf(text: string): Decimal | null {
  const digits = text.trim();
  if (digits.length > MAX_NUMBER_TEXT) return null;
  const m = NUMBER.exec(digits);
  if (m) return bounded(new Exact(digits.replace(/^\+/, '').replace(/\.$/, '')), m[2]?.length ?? 0);
  if (!WITH_EXPONENT.test(digits)) return null;
  return fromBig(new Exact(digits));
}

/** What arithmetic and comparison take a value for; null for what is no number. Call while evaluating only. @throws EffortExceeded */
export function numberOf(value: Value): Decimal | null {
  if (value === null || typeof value === 'boolean') return null;
  if (isDecimal(value)) return value;
  if (value.length > 64) spend(value.length);
  return decimalOf(value);
}

/** A result whose scale is whatever its digits need; null beyond the bounds. */
export function fromBig(big: Big): Decimal | null {
  return bounded(big, Math.max(0, big.c.length - 1 - big.e));
}

/** Null for a number that is longer, larger or smaller than any other part of the language should have to handle. */
export function bounded(big: Big, scale: number): Decimal | null {
  if (big.c.length > MAX_DIGITS || big.e > MAX_EXPONENT || big.e < -MAX_EXPONENT || scale > MAX_EXPONENT) return null;
  return { big, scale };
}

export function decimalText(d: Decimal): string {
  return d.big.toFixed(d.scale).replace(/^-(0(\.0*)?)$/, '$1');
}

/** @throws EffortExceeded for numbers of thousands of digits, written out again and again */
export function textOf(value: Value): string {
  if (value === null) return '';
  if (!isDecimal(value)) return String(value);
  spend(2 * (value.scale + Math.max(0, value.big.e)));
  return decimalText(value);
}

/** At most {@link MAX_TEXT} characters, no pair of surrogates torn apart. */
export function cut(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const last = text.charCodeAt(MAX_TEXT - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_TEXT - 1 : MAX_TEXT);
}

/** True for true, numbers other than 0 and text that is not empty. */
export function truth(value: Value): boolean {
  if (value === null) return false;
  if (isDecimal(value)) return !value.big.eq(0);
  return value !== false && value !== '';
}

/** -1, 0, 1; null when the two cannot be compared. Text that holds a number compares with a number by value. */
export function compare(a: Value, b: Value): number | null {
  if (a === null || b === null) return a === b ? 0 : null;
  if (isDecimal(a) || isDecimal(b)) {
    const x = numberOf(a);
    const y = numberOf(b);
    if (x === null || y === null) return null;
    spend(1 + (Math.min(x.big.c.length, y.big.c.length) >> 3));
    return x.big.cmp(y.big);
  }
  if (typeof a !== typeof b) return null;
  if (typeof a === 'string') spend(1 + (Math.min(a.length, (b as string).length) >> 4));
  return a === b ? 0 : a < b ? -1 : 1;
}
