/** Values of the expression language: exact decimals, text, truth, null. Never a float. */
import Big from 'big.js';

/** Own constructor, so that nobody else's settings reach our results: 34 digits after the point, half up. */
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

const NUMBER = /^[+-]?(\d+)(?:\.(\d*))?$/;

export function isDecimal(value: Value): value is Decimal {
  return typeof value === 'object' && value !== null;
}

/** Exact decimal of plain digits (`-12.30`), or null if the text is no number. Exponents are taken too. */
export function decimalOf(text: string): Decimal | null {
  const m = NUMBER.exec(text.trim());
  if (m) return { big: new Exact(text.trim().replace(/^\+/, '').replace(/\.$/, '')), scale: m[2]?.length ?? 0 };
  if (!/^[+-]?\d+(\.\d+)?[eE][+-]?\d+$/.test(text.trim())) return null;
  return fromBig(new Exact(text.trim()));
}

/** A result whose scale is whatever its digits need. */
export function fromBig(big: Big): Decimal {
  return { big, scale: Math.max(0, big.c.length - 1 - big.e) };
}

export function decimalText(d: Decimal): string {
  return d.big.toFixed(d.scale).replace(/^-(0(\.0*)?)$/, '$1');
}

export function textOf(value: Value): string {
  if (value === null) return '';
  return isDecimal(value) ? decimalText(value) : String(value);
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
    const x = isDecimal(a) ? a : decimalOf(String(a));
    const y = isDecimal(b) ? b : decimalOf(String(b));
    return x && y ? x.big.cmp(y.big) : null;
  }
  if (typeof a !== typeof b) return null;
  return a === b ? 0 : a < b ? -1 : 1;
}
