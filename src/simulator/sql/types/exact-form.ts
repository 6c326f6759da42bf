import { arithmeticError } from '../failures';
import { fitsDigits } from './decimal';
import { INT_DIGITS, isInteger, type SqlType } from './sql-type';

/** A SQLite value as user functions see it with safe integers on. */
export type Raw = bigint | number | string | Buffer | null;

const COMPLEMENT = [...'9876543210'];

/** Order-preserving text: `1` + digits from zero up, `0` + nines' complement below. Same as the row tables keep. */
export function bigText(unscaled: bigint, digits: number): string {
  const magnitude = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(digits, '0');
  return unscaled < 0n ? `0${complement(magnitude)}` : `1${magnitude}`;
}

export function fromBigText(text: string): bigint {
  return text[0] === '1' ? BigInt(text.slice(1)) : -BigInt(complement(text.slice(1)));
}

function complement(digits: string): string {
  let out = '';
  for (const d of digits) out += COMPLEMENT[d.charCodeAt(0) - 48];
  return out;
}

/** Unscaled value of either form. */
export function unscaled(value: Raw): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return fromBigText(value);
  return BigInt(Math.trunc(Number(value)));
}

/** The form a decimal of `digits` has. */
export function exactForm(value: bigint, digits: number): Raw {
  if (!fitsDigits(value, digits)) throw arithmeticError('overflow');
  return digits <= INT_DIGITS ? value : bigText(value, digits);
}

const BITS: Record<string, bigint> = { SMALLINT: 15n, INTEGER: 31n, BIGINT: 63n };

export function integerForm(value: bigint, name: string): bigint {
  const limit = 1n << (BITS[name] ?? 63n);
  if (value < -limit || value >= limit) throw arithmeticError('overflow');
  return value;
}

/** More than any scale has. */
const SCALES = 100;

/** The type a result has, as the argument `target` of the exact functions: an integer's name; digits and scale of a decimal in one number. */
export function targetArgument(type: SqlType): string {
  return isInteger(type) ? `'${type.name}'` : String(type.length * SCALES + type.scale);
}

export function targetScale(target: Raw): number {
  return typeof target === 'string' ? 0 : Number(target) % SCALES;
}

/** An unscaled value that has the scale of its type already. */
export function targetForm(value: bigint, target: Raw): Raw {
  if (typeof target === 'string') return integerForm(value, target);
  return exactForm(value, Math.trunc(Number(target) / SCALES));
}
