/**
 * Rows from bytes, by a plan compiled once per format: one reader per column, no allocation but the values (docs/protocol.md#9).
 */
import { CodedError, isCoded } from '../../errors/coded-error';
import { type ExtendedData, rowArea } from '../formats/result-data';
import type { FieldLayout, RowLayout } from './layout';
import { type ValueReader, valueReader, type WireValue } from './value-readers';

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
      checkColumns(layout, data, variableFields);
      return variableFields ? decodeVariable(layout, readers, data) : decodeFixed(layout, readers, data);
    },
  };
}

/** Rows must fit the format that was sent before them. @throws CodedError ROWS_FORMAT */
export function checkColumns(layout: RowLayout, data: ExtendedData, variableFields: boolean): void {
  const sizeFits = variableFields || data.rowSize >= layout.rowSize;
  if (data.rows === 0 || (data.columns === layout.fields.length && sizeFits)) return;
  throw new CodedError({
    code: 'ROWS_FORMAT',
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
  let c = 0;
  try {
    for (let r = 0; r < data.rows; r++) {
      const row: WireValue[] = new Array(count);
      for (c = 0; c < count; c++) {
        // The high byte of an indicator is FF for every negative one: NULL and mapping error.
        if (indicatorSize !== 0 && bytes[indicator + c * 2]! >= 0x80) {
          row[c] = null;
          continue;
        }
        const field = fields[c]!;
        const at = start + field.offset;
        const length = field.prefix === 0 ? field.length : valueLength(field, bytes, at, c);
        row[c] = readers[c]!(bytes, at + field.prefix, length);
      }
      rows[r] = row;
      indicator += count * indicatorSize;
      start += data.rowSize;
    }
  } catch (error) {
    throw inColumn(error, fields[c]!, c);
  }
  return rows;
}

/** Bytes of the value behind the length prefix at `at`. @throws CodedError VALUE_LENGTH: longer than its field */
export function valueLength(field: FieldLayout, bytes: Buffer, at: number, column: number): number {
  const length = (field.prefix === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at)) * field.unit;
  if (length <= field.capacity) return length;
  throw new CodedError({
    code: 'VALUE_LENGTH',
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
  const { fields } = layout;
  const count = fields.length;
  const rows: WireValue[][] = new Array(starts.length);
  let indicator = 0;
  let c = 0;
  try {
    for (let r = 0; r < starts.length; r++) {
      const row: WireValue[] = new Array(count);
      let at = starts[r]!;
      for (c = 0; c < count; c++) {
        const field = fields[c]!;
        const length = variableLength(field, bytes, at, c);
        const isNull = indicatorSize !== 0 && bytes[indicator + c * 2]! >= 0x80;
        row[c] = isNull ? null : readers[c]!(bytes, at + field.prefix, length);
        at += variableStride(field, length);
      }
      rows[r] = row;
      indicator += count * 2;
    }
  } catch (error) {
    throw inColumn(error, fields[c]!, c);
  }
  return rows;
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

/** Bytes of the value, found to lie inside `bytes`. @throws CodedError ROWS_LENGTH, VALUE_LENGTH */
export function variableLength(field: FieldLayout, bytes: Buffer, at: number, column: number): number {
  need(bytes, at, field.prefix);
  if (!isCut(field)) need(bytes, at, field.length);
  if (field.prefix === 0) return field.length;
  const length = valueLength(field, bytes, at, column);
  if (isCut(field)) need(bytes, at, length + 2);
  return length;
}

/** Bytes to the next field, of a value of `length` bytes. */
export function variableStride(field: FieldLayout, length: number): number {
  return isCut(field) ? length + 2 : field.length;
}

/** Types that are not varying keep their full length. */
function isCut(field: FieldLayout): boolean {
  return field.prefix === 2 && field.type !== 'ROWID';
}

function need(bytes: Buffer, at: number, length: number): Buffer {
  if (at + length <= bytes.length) return bytes;
  throw new CodedError({
    code: 'ROWS_LENGTH',
    message: `compressed rows point to byte ${at + length}; ${bytes.length} are there`,
    next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
    facts: { need: at + length, have: bytes.length },
  });
}

function inColumn(error: unknown, field: FieldLayout, column: number): unknown {
  if (!isCoded(error) || error.family !== 'decode') return error;
  return new CodedError({
    code: error.code,
    message: `column ${column + 1} of the result (${field.type}): ${error.message}`,
    ...(error.next === undefined ? {} : { next: error.next }),
    facts: { ...error.facts, column: column + 1 },
    cause: error,
  });
}
