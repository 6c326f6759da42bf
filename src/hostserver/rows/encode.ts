/** Rows to bytes: parameters of the client, result rows of the simulated partition (docs/protocol.md#9). */
import { textCodec } from '../../bytes/ccsid/registry';
import { encodeDecfloat } from '../../bytes/decfloat';
import { fixedDecimal } from '../../bytes/decimal-text';
import { encodePacked } from '../../bytes/packed';
import { encodeZoned } from '../../bytes/zoned';
import { CodedError, isCoded } from '../../errors/coded-error';
import { type ExtendedData, INDICATOR } from '../formats/result-data';
import { jobDate, jobTime, wireTimestamp } from './date-text';
import type { FieldLayout, RowLayout, TextOptions } from './layout';

/** A symbol stands for a value that cannot be mapped: indicator -2. A locator travels as its handle. */
export type EncodableValue = string | number | boolean | bigint | Uint8Array | null | symbol;
/** Writes the value's bytes into its zeroed field at `at`. */
type ValueWriter = (value: Exclude<EncodableValue, null | symbol>, into: Buffer, at: number) => void;

export interface RowEncoder {
  readonly layout: RowLayout;
  /** One block. @throws CodedError PARAMETER_VALUE, PARAMETER_COUNT */
  encode(rows: readonly (readonly EncodableValue[])[]): ExtendedData;
  /** One row into a buffer of at least `rowSize` zero bytes at `at`; null fields stay zero. */
  encodeRow(row: readonly EncodableValue[], into: Buffer, at: number): void;
}

/** More digits than any INTEGER has, and few enough to be exact as a number. */
const EXACT_DIGITS = 15;
const BLANK_UTF16 = Buffer.from([0x00, 0x20]);

export function rowEncoder(layout: RowLayout): RowEncoder {
  const writers = layout.fields.map((field) => valueWriter(field, layout.text));
  const encodeRow = (row: readonly EncodableValue[], into: Buffer, at: number): void => {
    if (row.length !== layout.fields.length) throw wrongCount(row.length, layout.fields.length);
    row.forEach((value, c) => {
      if (value === null || typeof value === 'symbol') return;
      const field = layout.fields[c]!;
      try {
        writers[c]!(value, into, at + field.offset);
      } catch (error) {
        throw inParameter(error, field, c);
      }
    });
  };
  const encode = (rows: readonly (readonly EncodableValue[])[]): ExtendedData => {
    const columns = layout.fields.length;
    const rowsAt = rows.length * columns * 2;
    const data = Buffer.alloc(rowsAt + rows.length * layout.rowSize);
    rows.forEach((row, r) => {
      encodeRow(row, data, rowsAt + r * layout.rowSize);
      row.forEach((value, c) => {
        if (value === null) data.writeInt16BE(INDICATOR.null, (r * columns + c) * 2);
        else if (typeof value === 'symbol') data.writeInt16BE(INDICATOR.mappingError, (r * columns + c) * 2);
      });
    });
    return {
      consistencyToken: 1,
      rows: rows.length,
      columns,
      indicatorSize: 2,
      flags: 0,
      rowSize: layout.rowSize,
      data,
    };
  };
  return { layout, encode, encodeRow };
}

function valueWriter(field: FieldLayout, text: TextOptions): ValueWriter {
  if (field.shape === 'locator') return (value, into, at) => into.writeUInt32BE(integer(value, 0, 0xffffffff), at);
  const { precision, scale } = field;
  switch (field.type) {
    case 'DECIMAL':
      return (value, into, at) => void encodePacked(decimal(value), precision, scale).copy(into, at);
    case 'NUMERIC':
      return (value, into, at) => void encodeZoned(decimal(value), precision, scale).copy(into, at);
    case 'SMALLINT':
      return (value, into, at) => into.writeInt16BE(integer(unscaled(value, scale), -0x8000, 0x7fff), at);
    case 'INTEGER':
      return (value, into, at) => into.writeInt32BE(integer(unscaled(value, scale), -0x80000000, 0x7fffffff), at);
    case 'BIGINT':
      return (value, into, at) => into.writeBigInt64BE(bigInteger(value), at);
    case 'REAL':
      return (value, into, at) => into.writeFloatBE(float(value), at);
    case 'DOUBLE':
      return (value, into, at) => into.writeDoubleBE(float(value), at);
    case 'DECFLOAT':
      return (value, into, at) => void encodeDecfloat(decimal(value), field.length === 16 ? 16 : 8).copy(into, at);
    case 'BOOLEAN':
      return (value, into, at) => into.writeUInt8(truth(value) ? 0xf1 : 0xf0, at);
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return dateWriter(field, text);
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
    case 'ROWID':
      return (value, into, at) => put(field, into, at, binary(value), 0);
    default:
      return textWriter(field);
  }
}

function dateWriter(field: FieldLayout, text: TextOptions): ValueWriter {
  const codec = textCodec(field.ccsid!);
  const fraction = field.length > 20 ? field.length - 20 : 0;
  const form = (value: string): string => {
    if (field.type === 'TIMESTAMP') return wireTimestamp(value, fraction);
    return field.type === 'TIME' ? jobTime(value, text.timeFormat) : jobDate(value, text.dateFormat);
  };
  return (value, into, at) => {
    if (typeof value !== 'string') throw refused(`is a ${typeof value}; a ${field.type} is passed as text`);
    codec.encode(form(value)).copy(into, at, 0, field.length);
  };
}

function textWriter(field: FieldLayout): ValueWriter {
  if (field.ccsid === null) return (value, into, at) => put(field, into, at, binary(value), 0x40);
  const codec = textCodec(field.ccsid);
  const blank = isUtf16(field.ccsid) ? BLANK_UTF16 : codec.encode(field.type === 'GRAPHIC' ? '\u3000' : ' ');
  return (value, into, at) => {
    const bytes = typeof value === 'object' ? Buffer.from(value) : codec.encode(String(value));
    put(field, into, at, bytes, blank);
  };
}

/** Copies the bytes behind their length prefix, or pads a fixed field with `pad`. Too long is an error, never a cut. */
function put(field: FieldLayout, into: Buffer, at: number, bytes: Uint8Array, pad: number | Buffer): void {
  if (bytes.length > field.capacity) throw refused(`has ${bytes.length} bytes; its column takes ${field.capacity}`);
  if (field.prefix === 2) into.writeUInt16BE(bytes.length / field.unit, at);
  else if (field.prefix === 4) into.writeUInt32BE(bytes.length / field.unit, at);
  into.set(bytes, at + field.prefix);
  if (field.prefix === 0 && bytes.length < field.capacity) into.fill(pad, at + bytes.length, at + field.capacity);
}

function isUtf16(ccsid: number): boolean {
  return ccsid === 1200 || ccsid === 13488;
}

type Given = Exclude<EncodableValue, null | symbol>;

function decimal(value: Given): string {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value).trim();
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  throw refused(`is a ${typeof value}; a decimal is passed as text, for example '12.30'`);
}

/** The whole number that stands for a value with decimals; as everywhere, digits are never rounded away. */
function unscaled(value: Given, scale: number): Given {
  if (scale === 0) return value;
  const { negative, digits } = fixedDecimal(decimal(value), EXACT_DIGITS, scale);
  return negative ? -Number(digits) : Number(digits);
}

function integer(value: Given, least: number, most: number): number {
  const number = typeof value === 'string' ? wholeNumber(value) : Number(value);
  if (!Number.isInteger(number) || number < least || number > most)
    throw refused(`is not a whole number from ${least} to ${most}`);
  return number;
}

function wholeNumber(text: string): number {
  return /^\s*[+-]?\d{1,15}(\.0*)?\s*$/.test(text) ? Number(text) : Number.NaN;
}

function bigInteger(value: Given): bigint {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof text !== 'string' || !/^\s*[+-]?\d{1,19}\s*$/.test(text)) throw refused('is not a whole number');
  const whole = BigInt(text.trim().replace(/^\+/, ''));
  if (BigInt.asIntN(64, whole) !== whole) throw refused('does not fit a BIGINT');
  return whole;
}

function float(value: Given): number {
  const isText = typeof value === 'string' && value.trim() !== '';
  const number = isText || typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  if (Number.isNaN(number) && String(value) !== 'NaN') throw refused('is not a number');
  return number;
}

function truth(value: Given): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 0 || value === 1) return value === 1;
  const word = String(value).toLowerCase();
  if (['true', 't', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'f', 'no', 'off', '0'].includes(word)) return false;
  throw refused('is neither true nor false');
}

function binary(value: Given): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw refused(`is a ${typeof value}; binary columns take bytes`);
}

function refused(what: string): CodedError {
  return new CodedError({
    code: 'PARAMETER_VALUE',
    message: what,
    next: 'pass a value that fits the column',
  });
}

function inParameter(error: unknown, field: FieldLayout, index: number): unknown {
  if (!isCoded(error)) return error;
  return new CodedError({
    code: 'PARAMETER_VALUE',
    message: `value ${index + 1} (${field.type}): ${error.message}`,
    next: error.next ?? 'pass a value that fits the column',
    facts: { parameter: index + 1, type: field.type },
    cause: error,
  });
}

function wrongCount(given: number, wanted: number): CodedError {
  return new CodedError({
    code: 'PARAMETER_COUNT',
    message: `${given} values were given for ${wanted} parameter markers`,
    next: 'pass one value for every ? of the statement',
    facts: { given, wanted },
  });
}
