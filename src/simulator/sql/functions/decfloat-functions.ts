/** DECFLOAT values are decimal text of up to 34 digits. Source: IEEE 754-2008 decimal arithmetic, as Db2 uses it. */

import { arithmeticError, badCast } from '../failures';
import { pow10 } from '../types/decimal';
import type { ScalarFunction } from './exact-functions';

const DIGITS = 34;

interface Decfloat {
  readonly digits: bigint;
  readonly exponent: number;
}

function parse(text: string): Decfloat | 'NaN' | 'Infinity' | '-Infinity' {
  const t = text.trim();
  if (/^[+-]?s?nan$/i.test(t)) return 'NaN';
  if (/^[+]?inf(inity)?$/i.test(t)) return 'Infinity';
  if (/^-inf(inity)?$/i.test(t)) return '-Infinity';
  const m = /^([+-]?)(\d*)(?:\.(\d*))?(?:E([+-]?\d+))?$/i.exec(t);
  if (!m || `${m[2]}${m[3] ?? ''}` === '') throw badCast();
  const digits = BigInt(`${m[2]}${m[3] ?? ''}`);
  return { digits: m[1] === '-' ? -digits : digits, exponent: Number(m[4] ?? 0) - (m[3] ?? '').length };
}

function format(value: Decfloat): string {
  const { digits, exponent } = rounded(value);
  const negative = digits < 0n;
  const text = (negative ? -digits : digits).toString();
  const sign = negative ? '-' : '';
  const adjusted = exponent + text.length - 1;
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent === 0) return sign + text;
    const padded = text.padStart(1 - exponent, '0');
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  }
  const mantissa = text.length > 1 ? `${text[0]}.${text.slice(1)}` : text;
  return `${sign}${mantissa}E${adjusted < 0 ? '' : '+'}${adjusted}`;
}

function rounded(value: Decfloat): Decfloat {
  const length = (value.digits < 0n ? -value.digits : value.digits).toString().length;
  if (length <= DIGITS) return value;
  const unit = pow10(length - DIGITS);
  const quotient = value.digits / unit;
  const twice = (value.digits % unit) * 2n;
  const magnitude = twice < 0n ? -twice : twice;
  const up = magnitude > unit || (magnitude === unit && quotient % 2n !== 0n);
  const step = up ? (value.digits < 0n ? -1n : 1n) : 0n;
  return rounded({ digits: quotient + step, exponent: value.exponent + length - DIGITS });
}

function aligned(a: Decfloat, b: Decfloat): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a.digits * pow10(a.exponent - exponent), b.digits * pow10(b.exponent - exponent), exponent];
}

function compare(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)];
  if (typeof x === 'string' || typeof y === 'string') return rank(x) - rank(y);
  if (x.digits === 0n || y.digits === 0n || x.digits < 0n !== y.digits < 0n) {
    return x.digits === y.digits ? 0 : x.digits < y.digits ? -1 : 1;
  }
  const [p, q] = aligned(x, y);
  return p === q ? 0 : p < q ? -1 : 1;
}

function rank(value: Decfloat | string): number {
  return value === 'NaN' ? 2 : value === 'Infinity' ? 1 : value === '-Infinity' ? -1 : 0;
}

function calculate(op: string, a: string, b: string): string {
  const [x, y] = [parse(a), parse(b)];
  if (typeof x === 'string' || typeof y === 'string') return withSpecials(op, x, y);
  const [p, q, exponent] = aligned(x, y);
  if (op === '+') return format({ digits: p + q, exponent });
  if (op === '-') return format({ digits: p - q, exponent });
  if (op === '*') return format({ digits: x.digits * y.digits, exponent: x.exponent + y.exponent });
  if (y.digits === 0n) throw arithmeticError('division by zero');
  return stripZeros({
    digits: (x.digits * pow10(DIGITS * 2)) / y.digits,
    exponent: x.exponent - y.exponent - DIGITS * 2,
  });
}

/** An infinity or a NaN among the operands: of the other one its sign alone counts, so IEEE's binary numbers give the answer. */
function withSpecials(op: string, x: Decfloat | string, y: Decfloat | string): string {
  const [a, b] = [signed(x), signed(y)];
  const result = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b;
  return String(result === 0 ? 0 : result);
}

function signed(value: Decfloat | string): number {
  if (typeof value === 'string') return Number(value);
  return value.digits === 0n ? 0 : value.digits < 0n ? -1 : 1;
}

function stripZeros(value: Decfloat): string {
  let { digits, exponent } = rounded(value);
  while (digits !== 0n && digits % 10n === 0n && exponent < 0) {
    digits /= 10n;
    exponent++;
  }
  return format({ digits, exponent });
}

/** A text that sorts as the numbers do. */
function sortKey(text: string): string {
  const value = parse(text);
  if (typeof value === 'string') return { NaN: '4', Infinity: '3', '-Infinity': '0' }[value]!;
  if (value.digits === 0n) return '2';
  const digits = (value.digits < 0n ? -value.digits : value.digits).toString();
  const exponent = String(value.exponent + digits.length + 10000).padStart(6, '0');
  const key = `${exponent}${digits.padEnd(DIGITS, '0')}`;
  return value.digits > 0n ? `2${key}` : `1${key.replace(/\d/g, (d) => String(9 - Number(d)))}~`;
}

export const DECFLOAT_FUNCTIONS: Record<string, ScalarFunction> = {
  df_of: (x) => {
    const text = String(x).trim();
    const value = parse(text);
    // the sign and the signal of a NaN are kept, whatever they mean
    if (value === 'NaN') return `${text.startsWith('-') ? '-' : ''}${/s/i.test(text) ? 'SNaN' : 'NaN'}`;
    return typeof value === 'string' ? value : format(value);
  },
  df_cmp: (a, b) => BigInt(compare(String(a), String(b))),
  df_key: (x) => sortKey(String(x)),
  df_calc: (op, a, b) => calculate(String(op), String(a), String(b)),
};
