/**
 * Exact arithmetic for SQLite: integers beyond 64 bit, decimals above 18 digits, aligned scales, Db2's truncation.
 * Decimals travel as integers (up to 18 digits) or as order-preserving text; precision and scale are arguments.
 */

import { arithmeticError, badCast } from '../failures';
import { formatUnscaled, parseUnscaled, pow10, rescale } from '../types/decimal';
import type { Raw } from '../types/exact-form';
import { bigText, exactForm, fromBigText, integerForm, targetForm, targetScale, unscaled } from '../types/exact-form';

export type ScalarFunction = (...args: Raw[]) => Raw;

/** Result of an exact calculation in its type. */
function resultForm(value: bigint, scale: number, target: Raw): Raw {
  return targetForm(rescale(value, scale, targetScale(target)), target);
}

function fromText(value: Raw, target: Raw): Raw {
  const text = typeof value === 'number' ? realDigits(value) : String(value);
  const parsed = parseUnscaled(text, targetScale(target));
  if (parsed === null) throw badCast();
  return targetForm(parsed, target);
}

function realDigits(value: number): string {
  if (!Number.isFinite(value)) throw arithmeticError('overflow');
  return value.toString();
}

/** All arguments non-null; a null argument makes the result null before these are called. */
export const EXACT_FUNCTIONS: Record<string, ScalarFunction> = {
  d_conv: (x, from, digits, scale) => exactForm(rescale(unscaled(x!), Number(from), Number(scale)), Number(digits)),
  d_int: (x, from, name) => integerForm(rescale(unscaled(x!), Number(from), 0), String(name)),
  d_text: (x, scale) => formatUnscaled(unscaled(x!), Number(scale)),
  d_real: (x, scale) => Number(formatUnscaled(unscaled(x!), Number(scale))),
  /** As CHAR(decimal) shows it: no leading zero before the point. */
  d_char: (x, scale) => formatUnscaled(unscaled(x!), Number(scale)).replace(/^(-?)0\./, '$1.'),
  d_digits: (x, digits) => {
    const value = unscaled(x!);
    return (value < 0n ? -value : value).toString().padStart(Number(digits), '0');
  },
  d_add: (a, sa, b, sb, target) => {
    const scale = Math.max(Number(sa), Number(sb));
    const sum = rescale(unscaled(a!), Number(sa), scale) + rescale(unscaled(b!), Number(sb), scale);
    return resultForm(sum, scale, target!);
  },
  d_sub: (a, sa, b, sb, target) => {
    const scale = Math.max(Number(sa), Number(sb));
    const difference = rescale(unscaled(a!), Number(sa), scale) - rescale(unscaled(b!), Number(sb), scale);
    return resultForm(difference, scale, target!);
  },
  d_mul: (a, sa, b, sb, target) => resultForm(unscaled(a!) * unscaled(b!), Number(sa) + Number(sb), target!),
  d_div: (a, sa, b, sb, target) => {
    const divisor = unscaled(b!);
    if (divisor === 0n) throw arithmeticError('division by zero');
    const scale = targetScale(target!);
    const shift = scale + Number(sb) - Number(sa);
    const dividend = unscaled(a!) * (shift > 0 ? pow10(shift) : 1n);
    const quotient = dividend / divisor / (shift < 0 ? pow10(-shift) : 1n);
    return resultForm(quotient, scale, target!);
  },
  d_mod: (a, sa, b, sb, target) => {
    const scale = Math.max(Number(sa), Number(sb));
    const divisor = rescale(unscaled(b!), Number(sb), scale);
    if (divisor === 0n) throw arithmeticError('division by zero');
    return resultForm(rescale(unscaled(a!), Number(sa), scale) % divisor, scale, target!);
  },
  d_neg: (x, digits) => (typeof x === 'string' ? bigText(-fromBigText(x), Number(digits)) : -(x as bigint)),
  d_abs: (x, digits) => {
    const value = unscaled(x!);
    const absolute = value < 0n ? -value : value;
    return typeof x === 'string' ? bigText(absolute, Number(digits)) : absolute;
  },
  d_sign: (x) => {
    const value = unscaled(x!);
    return value > 0n ? 1n : value < 0n ? -1n : 0n;
  },
  /** Rounds half away from zero (mode r), toward minus (f) or plus infinity (c), or cuts (t), keeping the type. */
  d_round: (x, scale, digits, places, mode) => {
    const drop = Number(scale) - Number(places);
    if (drop <= 0) return x!;
    const unit = pow10(drop);
    const value = unscaled(x!);
    return exactForm(roundTo(value, unit, String(mode)) * unit, Number(digits));
  },
  n_from: (x, target) => fromText(x!, target!),
  r_from: (x) => {
    const text = String(x).trim();
    const value = Number(text);
    if (text === '' || Number.isNaN(value)) throw badCast();
    return value;
  },
  r_check: (x) => {
    if (typeof x === 'number' && !Number.isFinite(x)) throw arithmeticError('overflow');
    return x!;
  },
  r_div: (a, b) => {
    if (Number(b) === 0) throw arithmeticError('division by zero');
    return Number(a) / Number(b);
  },
};

function roundTo(value: bigint, unit: bigint, mode: string): bigint {
  const quotient = value / unit;
  const rest = value % unit;
  if (mode === 't' || rest === 0n) return quotient;
  if (mode === 'f') return rest < 0n ? quotient - 1n : quotient;
  if (mode === 'c') return rest > 0n ? quotient + 1n : quotient;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  return twice >= unit ? quotient + (value < 0n ? -1n : 1n) : quotient;
}
