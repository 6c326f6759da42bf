/**
 * Zoned decimal: one EBCDIC digit a byte, sign in the zone of the last byte. A, C, E, F plus; B, D minus.
 * The zones of the other bytes are not looked at. Source: JTOpen AS400ZonedDecimal; F and D are what IBM i writes.
 */
import { decimalText, fixedDecimal } from './decimal-text';
import { fieldError } from './field-error';

/**
 * The exact value with `scale` digits after the point. Negative zero is zero.
 * @param digits 1..63, also the field's length in bytes
 * @throws CodedError family `decode`: `ZONED_DIGIT`, `ZONED_SIGN`, `FIELD_SHORT`
 */
export function decodeZoned(bytes: Uint8Array, offset: number, digits: number, scale: number): string {
  const last = offset + digits - 1;
  if (last >= bytes.length) throw fieldError('FIELD_SHORT');
  let text = '';
  for (let i = offset; i <= last; i++) {
    const digit = bytes[i]! & 15;
    if (digit > 9) throw fieldError('ZONED_DIGIT');
    text += String.fromCharCode(48 + digit);
  }
  const sign = bytes[last]! >> 4;
  if (sign < 10) throw fieldError('ZONED_SIGN');
  return decimalText(text, scale, sign === 11 || sign === 13);
}

/**
 * @param value plain or exponent form; digits beyond `scale` must be zero
 * @throws CodedError family `decode`: `DECIMAL_SYNTAX`, `DECIMAL_RANGE`
 */
export function encodeZoned(value: string, digits: number, scale: number): Buffer {
  const decimal = fixedDecimal(value, digits, scale);
  const out = Buffer.from(decimal.digits, 'latin1');
  for (let i = 0; i < out.length; i++) out[i] = out[i]! | 0xf0;
  if (decimal.negative) out[digits - 1] = out[digits - 1]! & 0xdf;
  return out;
}
