/**
 * Packed decimal: two digits a byte, sign in the last nibble; floor(digits/2)+1 bytes.
 * Sign: A, C, E, F plus; B, D minus. Source: JTOpen AS400PackedDecimal; F and D are what IBM i writes.
 */
import { decimalText, fixedDecimal } from './decimal-text';
import { fieldError } from './field-error';

/** Bytes of a packed field. */
export function packedLength(digits: number): number {
  return (digits >> 1) + 1;
}

/**
 * The exact value with `scale` digits after the point. Negative zero is zero.
 * @param digits 1..63
 * @throws CodedError family `decode`: `PACKED_DIGIT`, `PACKED_SIGN`, `FIELD_SHORT`
 */
export function decodePacked(bytes: Uint8Array, offset: number, digits: number, scale: number): string {
  const last = offset + packedLength(digits) - 1;
  if (last >= bytes.length) throw fieldError('FIELD_SHORT');
  let text = '';
  for (let i = offset; i <= last; i++) {
    const high = bytes[i]! >> 4;
    const low = bytes[i]! & 15;
    if (high > 9 || (i < last && low > 9)) throw fieldError('PACKED_DIGIT');
    text += i < last ? String.fromCharCode(48 + high, 48 + low) : String.fromCharCode(48 + high);
  }
  const sign = bytes[last]! & 15;
  if (sign < 10) throw fieldError('PACKED_SIGN');
  return decimalText(text, scale, sign === 11 || sign === 13);
}

/**
 * @param value plain or exponent form; digits beyond `scale` must be zero
 * @throws CodedError family `decode`: `DECIMAL_SYNTAX`, `DECIMAL_RANGE`
 */
export function encodePacked(value: string, digits: number, scale: number): Buffer {
  const decimal = fixedDecimal(value, digits, scale);
  const nibbles = (digits % 2 === 0 ? '0' : '') + decimal.digits + (decimal.negative ? 'D' : 'F');
  return Buffer.from(nibbles, 'hex');
}
