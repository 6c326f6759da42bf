/**
 * Exact arithmetic within bounds: what a result would cost is known from its operands' digits and exponents before it is
 * made, and a result that would be too long is null, as a text is that holds no number.
 */
import type Big from 'big.js';
import { spend } from './effort';
import { bounded, type Decimal, Exact, fromBig, MAX_DIGITS } from './value';

export type Operation = (a: Decimal, b: Decimal) => Decimal | null;

/** Scales as in Db2: the larger for + and -, the sum for *, what the digits need for / (up to 34) and %. */
export const ARITHMETIC: Readonly<Record<string, Operation>> = {
  '+': (a, b) => (aligns(a.big, b.big) ? bounded(a.big.plus(b.big), Math.max(a.scale, b.scale)) : null),
  '-': (a, b) => (aligns(a.big, b.big) ? bounded(a.big.minus(b.big), Math.max(a.scale, b.scale)) : null),
  '*': times,
  '/': dividedBy,
  '%': (a, b) => {
    if (b.big.eq(0) || !aligns(a.big, b.big)) return null;
    spend(longDivision(a.big, b.big, 0));
    return bounded(a.big.mod(b.big), Math.max(a.scale, b.scale));
  },
};

/** True if the two, written under each other, take no more than the digits allowed. */
function aligns(a: Big, b: Big): boolean {
  spend(1 + ((a.c.length + b.c.length) >> 3));
  if (a.eq(0) || b.eq(0)) return true;
  const top = Math.max(a.e, b.e);
  const bottom = Math.min(a.e - a.c.length, b.e - b.c.length);
  return top - bottom <= MAX_DIGITS;
}

function times(a: Decimal, b: Decimal): Decimal | null {
  spend(1 + ((a.big.c.length * b.big.c.length) >> 2));
  return bounded(a.big.times(b.big), a.scale + b.scale);
}

function dividedBy(a: Decimal, b: Decimal): Decimal | null {
  if (b.big.eq(0) || a.big.e - b.big.e + Exact.DP >= MAX_DIGITS) return null;
  spend(longDivision(a.big, b.big, Exact.DP));
  return fromBig(new Exact(a.big).div(b.big));
}

/** A digit of the quotient takes up to nine subtractions of the divisor. */
function longDivision(a: Big, b: Big, places: number): number {
  return 1 + Math.max(1, a.e - b.e + places + 1) * (4 + b.c.length);
}
