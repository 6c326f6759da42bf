/**
 * Rows from bytes, by a plan compiled once per format: one reader per column, no allocation but the values (section 9).
 */
import { textCodec } from '../../bytes/ccsid/registry';
import { decodeDecfloat } from '../../bytes/decfloat';
import { decodePacked } from '../../bytes/packed';
import { decodeZoned } from '../../bytes/zoned';
import { CodedError, isCoded } from '../../errors/coded-error';
import { type ExtendedData, rowArea } from '../formats/result-data';
import { isoDate, isoTime, isoTimestamp } from './date-text';
import type { FieldLayout, RowLayout, TextOptions } from './layout';

/** A LOB the server keeps: the value comes with a retrieve request. */
export class LobLocator {
  constructor(
    readonly handle: number,
    readonly field: FieldLayout,
  ) {}
}

export type WireValue = string | number | boolean | Uint8Array | null | LobLocator;
/** Reads the value whose bytes, length prefix aside, are [at, at + length). */
export type ValueReader = (bytes: Buffer, at: number, length: number) => WireValue;

export interface RowDecoder {
  readonly layout: RowLayout;
  /** True when a column may yield locators. */
  readonly hasLocators: boolean;
  /** All rows of a block. `variableFields` says that the rows are variable-field compressed. @throws CodedError */
  decode(data: ExtendedData, variableFields: boolean): WireValue[][];
}

export function rowDecoder(layout: RowLayout): RowDecoder {
  const readers = layout.fields.map((field) => valueReader(field, layout.text));
  return {
    layout,
    hasLocators: layout.fields.some((field) => field.shape === 'locator'),
    decode: (data, variableFields) => {
      checkColumns(layout, data);
      return variableFields ? decodeVariable(layout, readers, data) : decodeFixed(layout, readers, data);
    },
  };
}

function checkColumns(layout: RowLayout, data: ExtendedData): void {
  if (data.rows === 0 || (data.columns === layout.fields.length && data.rowSize >= layout.rowSize)) return;
  throw new CodedError({
    code: 'ROWS_FORMAT',
    family: 'protocol',
    message: `rows have ${data.columns} columns and ${data.rowSize} bytes; their format has ${layout.fields.length} columns and ${layout.rowSize} bytes`,
    next: 'the reply contradicts the format sent before; run again with --trace-wire FILE and report the frames',
    facts: { columns: data.columns, rowSize: data.rowSize },
  });
}

function decodeFixed(layout: RowLayout, readers: readonly ValueReader[], data: ExtendedData): WireValue[][] {
  const { rowsAt, indicatorSize } = rowArea(data, true);
  const bytes = data.data;
  const { fields } = layout;
  const count = fields.length;
  const rows: WireValue[][] = new Array(data.rows);
  let indicator = 0;
  let start = rowsAt;
  for (let r = 0; r < data.rows; r++) {
    const row: WireValue[] = new Array(count);
    for (let c = 0; c < count; c++) {
      // The high byte of an indicator is FF for every negative one: NULL and mapping error.
      if (indicatorSize !== 0 && bytes[indicator + c * 2]! >= 0x80) {
        row[c] = null;
        continue;
      }
      const field = fields[c]!;
      const at = start + field.offset;
      row[c] =
        field.prefix === 0
          ? read(readers, fields, c, bytes, at, field.length)
          : readVarying(readers, fields, c, bytes, at);
    }
    rows[r] = row;
    indicator += count * indicatorSize;
    start += data.rowSize;
  }
  return rows;
}

function read(
  readers: readonly ValueReader[],
  fields: readonly FieldLayout[],
  c: number,
  bytes: Buffer,
  at: number,
  length: number,
): WireValue {
  try {
    return readers[c]!(bytes, at, length);
  } catch (error) {
    throw inColumn(error, fields[c]!, c);
  }
}

function readVarying(
  readers: readonly ValueReader[],
  fields: readonly FieldLayout[],
  c: number,
  bytes: Buffer,
  at: number,
): WireValue {
  const field = fields[c]!;
  return read(readers, fields, c, bytes, at + field.prefix, valueLength(field, bytes, at, c));
}

/** Bytes of the value behind the length prefix at `at`. @throws CodedError VALUE_LENGTH: longer than its field */
export function valueLength(field: FieldLayout, bytes: Buffer, at: number, column: number): number {
  const length = (field.prefix === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at)) * field.unit;
  if (length <= field.capacity) return length;
  throw new CodedError({
    code: 'VALUE_LENGTH',
    family: 'protocol',
    message: `a value of column ${column + 1} says it has ${length} bytes; its field has room for ${field.capacity}`,
    next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
    facts: { column: column + 1, length, capacity: field.capacity },
  });
}

/** Section 6.6: an array of row offsets behind the indicators, then rows with their varying fields cut to length. */
function decodeVariable(layout: RowLayout, readers: readonly ValueReader[], data: ExtendedData): WireValue[][] {
  const starts = variableRowStarts(data);
  const { indicatorSize } = rowArea(data, false);
  const bytes = data.data;
  const count = layout.fields.length;
  return starts.map((start, r) => {
    const row: WireValue[] = new Array(count);
    let at = start;
    for (let c = 0; c < count; c++) {
      const field = layout.fields[c]!;
      const place = variablePlace(field, bytes, at, c);
      const isNull = indicatorSize !== 0 && bytes[(r * count + c) * 2]! >= 0x80;
      row[c] = isNull ? null : read(readers, layout.fields, c, bytes, at + field.prefix, place.length);
      at += place.stride;
    }
    return row;
  });
}

/** Offsets in `data.data` of the rows. @throws CodedError ROWS_LENGTH */
export function variableRowStarts(data: ExtendedData): number[] {
  const { rowsAt } = rowArea(data, false);
  const bytes = data.data;
  if (data.rows === 0) return [];
  const starts: number[] = [];
  const array = rowsAt + need(bytes, rowsAt, 4).readUInt32BE(rowsAt);
  for (let r = 0; r < data.rows; r++) starts.push(rowsAt + need(bytes, array + r * 4, 4).readUInt32BE(array + r * 4));
  return starts;
}

/** Length of the value and bytes to the next field; types that are not varying keep their full length. */
export function variablePlace(
  field: FieldLayout,
  bytes: Buffer,
  at: number,
  column: number,
): { length: number; stride: number } {
  need(bytes, at, field.prefix);
  if (field.prefix === 2 && field.type !== 'ROWID') {
    const length = valueLength(field, bytes, at, column);
    need(bytes, at, length + 2);
    return { length, stride: length + 2 };
  }
  need(bytes, at, field.length);
  return { length: field.prefix === 0 ? field.length : valueLength(field, bytes, at, column), stride: field.length };
}

function need(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length <= bytes.length) return bytes;
  throw new CodedError({
    code: 'ROWS_LENGTH',
    family: 'protocol',
    message: `compressed rows point to byte ${at + length}; ${bytes.length} are there`,
    next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
    facts: { need: at + length, have: bytes.length },
  });
}

/** The reader of one column. */
export function valueReader(field: FieldLayout, text: TextOptions): ValueReader {
  if (field.shape === 'locator') return (bytes, at) => new LobLocator(bytes.readUInt32BE(at), field);
  const { precision, scale } = field;
  switch (field.type) {
    case 'DECIMAL':
      return (bytes, at) => decodePacked(bytes, at, precision, scale);
    case 'NUMERIC':
      return (bytes, at) => decodeZoned(bytes, at, precision, scale);
    case 'SMALLINT':
      return scale > 0 ? (bytes, at) => scaled(bytes.readInt16BE(at), scale) : (bytes, at) => bytes.readInt16BE(at);
    case 'INTEGER':
      return scale > 0 ? (bytes, at) => scaled(bytes.readInt32BE(at), scale) : (bytes, at) => bytes.readInt32BE(at);
    case 'BIGINT':
      return (bytes, at) => bigintText(bytes, at);
    case 'REAL':
      return (bytes, at) => bytes.readFloatBE(at);
    case 'DOUBLE':
      return (bytes, at) => bytes.readDoubleBE(at);
    case 'DECFLOAT':
      return field.length === 16 ? (b, at) => decodeDecfloat(b, at, 16) : (b, at) => decodeDecfloat(b, at, 8);
    case 'BOOLEAN':
      return (bytes, at) => bytes[at] !== 0xf0;
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return dateReader(field, text);
    default:
      return field.ccsid === null ? copyBytes : textReader(field.ccsid);
  }
}

function dateReader(field: FieldLayout, text: TextOptions): ValueReader {
  const codec = textCodec(field.ccsid!);
  const decode = (bytes: Buffer, at: number, length: number): string => codec.decode(bytes, at, at + length);
  if (field.type === 'TIMESTAMP') return (bytes, at, length) => isoTimestamp(decode(bytes, at, length));
  if (field.type === 'TIME') return (bytes, at, length) => isoTime(decode(bytes, at, length), text.timeFormat);
  return (bytes, at, length) => isoDate(decode(bytes, at, length), text.dateFormat);
}

function textReader(ccsid: number): ValueReader {
  const codec = textCodec(ccsid);
  return (bytes, at, length) => codec.decode(bytes, at, at + length);
}

function copyBytes(bytes: Buffer, at: number, length: number): Uint8Array {
  return Buffer.from(bytes.subarray(at, at + length));
}

/** Most BIGINTs are small: two 32-bit reads are several times cheaper than one BigInt. */
function bigintText(bytes: Buffer, at: number): string {
  const high = bytes.readInt32BE(at);
  const low = bytes.readUInt32BE(at + 4);
  if (high >= -0x200000 && high < 0x200000) return String(high * 0x100000000 + low);
  return bytes.readBigInt64BE(at).toString();
}

function scaled(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function inColumn(error: unknown, field: FieldLayout, column: number): unknown {
  if (!isCoded(error) || error.family !== 'decode') return error;
  return new CodedError({
    code: error.code,
    family: 'decode',
    message: `column ${column + 1} of the result (${field.type}): ${error.message}`,
    ...(error.next === undefined ? {} : { next: error.next }),
    facts: { ...error.facts, column: column + 1 },
    cause: error,
  });
}
