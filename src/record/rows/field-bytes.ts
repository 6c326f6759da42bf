/** A value in the exact form of the transport back to the bytes its column stores. */
import { textCodec } from '../../bytes/ccsid/registry';
import { encodeDate, encodeTime, encodeTimestamp } from '../../bytes/date-time';
import { encodeDecfloat } from '../../bytes/decfloat';
import { fieldError } from '../../bytes/field-error';
import { encodePacked } from '../../bytes/packed';
import { encodeZoned } from '../../bytes/zoned';
import type { SqlRow } from '../../model/change';
import type { Field } from '../layout/layout';

type Given = NonNullable<SqlRow[string]>;

/** CCSID of text columns that claim none; digits and letters are the same in every EBCDIC page. */
const LATIN = 37;

/**
 * The data of the field, without length prefix and padding.
 * @throws CodedError family `decode`: a value the column cannot hold, or text its CCSID has no character for
 */
export function fieldBytes(field: Field, value: Given): Uint8Array {
  const { column, width } = field;
  switch (field.kind) {
    case 'text':
      return textBytes(field, String(value));
    case 'bytes':
      return value instanceof Uint8Array ? value : textCodec(LATIN).encode(String(value));
    case 'packed':
      return encodePacked(String(value), column.length, column.scale);
    case 'zoned':
      return encodeZoned(String(value), column.length, column.scale);
    case 'integer':
      return integerBytes(String(value), width, column.scale);
    case 'float':
      return floatBytes(Number(value), width);
    case 'decfloat':
      return encodeDecfloat(String(value), width === 16 ? 16 : 8);
    case 'boolean':
      return Uint8Array.of(value === true || value === 1 || value === '1' || value === 'true' ? 0xf1 : 0xf0);
    case 'date':
      return encodeDate(String(value), field.date!);
    case 'time':
      return encodeTime(String(value), field.time!);
    case 'timestamp':
      return encodeTimestamp(String(value), column.scale);
  }
}

/** A driver that met an undefined byte has written U+FFFD: the byte is lost, and no other stands for it. */
function textBytes(field: Field, text: string): Uint8Array {
  const { ccsid, type } = field.column;
  const codec = textCodec(ccsid ?? (type === 'XML' ? 1208 : LATIN));
  const bytes = codec.encode(text);
  if (text.includes('\ufffd') || codec.decode(bytes) !== text) throw fieldError('TEXT_UNDEFINED');
  return bytes;
}

function integerBytes(text: string, width: number, scale: number): Uint8Array {
  const digits = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  const fraction = (digits?.[3] ?? '').padEnd(scale, '0');
  if (!digits || /[^0]/.test(fraction.slice(scale))) throw fieldError('DECIMAL_SYNTAX');
  const whole = BigInt(`${digits[2]}${fraction.slice(0, scale)}`);
  const value = digits[1] === '-' ? -whole : whole;
  if (BigInt.asIntN(width * 8, value) !== value) throw fieldError('DECIMAL_RANGE');
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(value);
  return out.subarray(8 - width);
}

function floatBytes(value: number, width: number): Uint8Array {
  const out = Buffer.alloc(width);
  if (width === 4) out.writeFloatBE(value);
  else out.writeDoubleBE(value);
  return out;
}
