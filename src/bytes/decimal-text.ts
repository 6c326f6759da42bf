/** Decimals as exact text: digits and a scale to `-12.30` and back. */
import { type FieldErrorCode, fieldError } from './field-error';

/** `digits` may hold leading zeros; zero never carries a minus. */
export function decimalText(digits: string, scale: number, negative: boolean): string {
  const padded = digits.length <= scale ? digits.padStart(scale + 1, '0') : digits;
  const whole = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/, '');
  const text = scale > 0 ? `${whole}.${padded.slice(padded.length - scale)}` : whole;
  return negative && /[1-9]/.test(digits) ? `-${text}` : text;
}

interface FixedDecimal {
  readonly negative: boolean;
  /** Exactly `digits` characters, scale implied. */
  readonly digits: string;
}

/**
 * Text to the digits of a DECIMAL(digits, scale) field. Exponent forms are accepted, digits are never rounded away.
 * @throws CodedError `DECIMAL_SYNTAX`, `DECIMAL_RANGE`
 */
export function fixedDecimal(value: string, digits: number, scale: number): FixedDecimal {
  const m = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?\s*$/.exec(value);
  if (!m || `${m[2]}${m[3] ?? ''}` === '') throw fieldError('DECIMAL_SYNTAX');
  const fraction = m[3] ?? '';
  let all = `${m[2]}${fraction}`.replace(/^0+/, '');
  const shift = scale - fraction.length + Number(m[4] ?? 0);
  if (all === '') return { negative: false, digits: '0'.repeat(digits) };
  if (shift >= 0) all = all.length + shift > digits ? refuse('DECIMAL_RANGE') : all + '0'.repeat(shift);
  else all = cut(all, -shift);
  if (all.length > digits) throw fieldError('DECIMAL_RANGE');
  return { negative: m[1] === '-' && all !== '', digits: all.padStart(digits, '0') };
}

function cut(all: string, count: number): string {
  const kept = Math.max(all.length - count, 0);
  if (/[1-9]/.test(all.slice(kept))) throw fieldError('DECIMAL_RANGE');
  return all.slice(0, kept);
}

function refuse(code: FieldErrorCode): never {
  throw fieldError(code);
}
