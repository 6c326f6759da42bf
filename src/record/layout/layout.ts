/**
 * Where each field of a record image stands. The image is the record format buffer: columns in order, no alignment except
 * inside LOB slots, big-endian. Source: IBM "Journal entry layout of LOB columns"; widths checked by journal captures.
 */
import { BINARY_CCSID } from '../../bytes/ccsid/registry';
import { type DateSpec, dateSpec, type TimeSpec, timeSpec, timestampLength } from '../../bytes/date-time';
import { packedLength } from '../../bytes/packed';
import { CodedError, type ErrorFacts } from '../../errors/coded-error';
import type { ColumnFormat, RecordFormat } from '../../model/record-format';

type FieldKind =
  | 'text'
  | 'bytes'
  | 'packed'
  | 'zoned'
  | 'integer'
  | 'float'
  | 'decfloat'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'boolean';

/** One column's slot. `offset` counts from the start of the image, alignment of a LOB slot included in `width` only. */
export interface Field {
  readonly index: number;
  readonly column: ColumnFormat;
  readonly kind: FieldKind;
  /** First byte of the slot (of its padding, for a LOB). */
  readonly offset: number;
  readonly width: number;
  /** Fixed: data at `offset`. Varying: a two-byte length first. LOB: data follows the image. */
  readonly storage: 'fixed' | 'varying' | 'lob';
  /** Most bytes of data a varying field or LOB may hold; the data width of a fixed one. */
  readonly capacity: number;
  /** Bytes of one unit of the length prefix or LOB length: 2 for graphics. */
  readonly unit: 1 | 2;
  readonly date: DateSpec | null;
  readonly time: TimeSpec | null;
}

export interface Layout {
  readonly format: RecordFormat;
  readonly fields: readonly Field[];
  /** Bytes of the image without appended LOB data. */
  readonly length: number;
  readonly lobs: readonly Field[];
}

/** Info byte, length, 8 zeros and pointer of a LOB slot, after its alignment. */
export const LOB_DESCRIPTOR = 29;

/** Zero bytes before a LOB descriptor that starts at `offset`, so that its pointer is on a 16-byte boundary. */
function lobPadding(offset: number): number {
  return (16 - ((offset + 13) % 16)) % 16;
}

/** @throws CodedError family `decode`, code `FORMAT_COLUMN`: a length, scale or type no IBM i file can have */
export function computeLayout(format: RecordFormat): Layout {
  const fields: Field[] = [];
  let offset = 0;
  for (const column of format.columns) {
    const field = place(format.table, column, fields.length, offset);
    fields.push(field);
    offset += field.width;
  }
  return { format, fields, length: offset, lobs: fields.filter((f) => f.storage === 'lob') };
}

type Shape = Pick<Field, 'kind' | 'width'> & Partial<Omit<Field, 'index' | 'column' | 'offset'>>;

function place(table: string, column: ColumnFormat, index: number, offset: number): Field {
  const shape = shapeOf(table, column, offset);
  return { index, column, offset, storage: 'fixed', capacity: shape.width, unit: 1, date: null, time: null, ...shape };
}

function shapeOf(table: string, c: ColumnFormat, offset: number): Shape {
  const length = (low: number, high: number): number => checkedLength(table, c, low, high);
  const kind: FieldKind = c.ccsid === BINARY_CCSID ? 'bytes' : 'text';
  switch (c.type) {
    case 'CHAR':
      return { kind, width: length(1, 32766) };
    case 'VARCHAR':
    case 'DATALINK':
      return varying(kind, length(1, 32740), 1);
    case 'GRAPHIC':
      return { kind, width: length(1, 16383) * 2, unit: 2 };
    case 'VARGRAPHIC':
      return varying(kind, length(1, 16370) * 2, 2);
    case 'BINARY':
      return { kind: 'bytes', width: length(1, 32766) };
    case 'VARBINARY':
      return varying('bytes', length(1, 32740), 1);
    case 'ROWID':
      return varying('bytes', 40, 1);
    case 'DATE': {
      const date = dateSpec(c.dateFormat ?? 'ISO', c.dateSeparator);
      return { kind: 'date', width: date.length, date };
    }
    case 'TIME': {
      const time = timeSpec(c.timeFormat ?? 'ISO', c.timeSeparator);
      return { kind: 'time', width: time.length, time };
    }
    case 'TIMESTAMP':
      if (c.scale < 0 || c.scale > 12) throw badColumn(table, c, 'a TIMESTAMP has 0 to 12 fractional digits', c.scale);
      return { kind: 'timestamp', width: timestampLength(c.scale) };
    case 'BOOLEAN':
      return { kind: 'boolean', width: 1 };
    case 'BLOB':
      return lob('bytes', offset, c.length, 1);
    case 'CLOB':
    case 'XML':
      return lob(kind, offset, c.length, 1);
    case 'DBCLOB':
      return lob(kind, offset, c.length * 2, 2);
    default:
      return numberShape(table, c, length);
  }
}

function numberShape(table: string, c: ColumnFormat, length: (low: number, high: number) => number): Shape {
  switch (c.type) {
    case 'DECIMAL':
      checkScale(table, c, length(1, 63));
      return { kind: 'packed', width: packedLength(c.length) };
    case 'NUMERIC':
      checkScale(table, c, length(1, 63));
      return { kind: 'zoned', width: c.length };
    case 'SMALLINT':
      checkScale(table, c, 4);
      return { kind: 'integer', width: 2 };
    case 'INTEGER':
      checkScale(table, c, 9);
      return { kind: 'integer', width: 4 };
    case 'BIGINT':
      checkScale(table, c, 18);
      return { kind: 'integer', width: 8 };
    case 'REAL':
      return { kind: 'float', width: 4 };
    case 'DOUBLE':
      return { kind: 'float', width: 8 };
    case 'DECFLOAT':
      if (c.length !== 8 && c.length !== 16) throw badColumn(table, c, 'a DECFLOAT takes 8 or 16 bytes', c.length);
      return { kind: 'decfloat', width: c.length };
    default:
      throw badColumn(table, c, 'a type this program knows');
  }
}

function varying(kind: FieldKind, capacity: number, unit: 1 | 2): Shape {
  return { kind, width: 2 + capacity, storage: 'varying', capacity, unit };
}

function lob(kind: FieldKind, offset: number, capacity: number, unit: 1 | 2): Shape {
  return { kind, width: lobPadding(offset) + LOB_DESCRIPTOR, storage: 'lob', capacity, unit };
}

function checkedLength(table: string, c: ColumnFormat, low: number, high: number): number {
  if (!Number.isInteger(c.length) || c.length < low || c.length > high)
    throw badColumn(table, c, `a length of ${low} to ${high}`, c.length);
  return c.length;
}

/** DDS binary fields and decimals: 0..digits after the point. */
function checkScale(table: string, c: ColumnFormat, digits: number): void {
  if (!Number.isInteger(c.scale) || c.scale < 0 || c.scale > digits)
    throw badColumn(table, c, `a scale of 0 to ${digits}`, c.scale);
}

function badColumn(table: string, c: ColumnFormat, expected: string, seen?: number): CodedError {
  return new CodedError({
    code: 'FORMAT_COLUMN',
    message: `column ${c.name} of ${table}: ${c.type}${seen === undefined ? '' : ` with ${seen}`} seen, ${expected} expected`,
    next: 'compare the format with DSPFFD of the file, or let the catalog describe it',
    facts: { table, column: c.name, type: String(c.type) },
  });
}

/** The image does not fit the format: re-read the catalog once, then quarantine the entry. Never a guess. */
export function layoutError(
  layout: Layout,
  code: 'LAYOUT_IMAGE' | 'LAYOUT_NULLS' | 'LAYOUT_LOB',
  what: string,
  facts: ErrorFacts,
): CodedError {
  return new CodedError({
    code,
    message: `${layout.format.table}: ${what}`,
    next: 'the file was probably altered after this entry, or before its format was read: read its columns again (QSYS2.SYSCOLUMNS2)',
    facts: { table: layout.format.table, ...facts },
  });
}

/**
 * Refuses an image whose length is not the layout's (with LOB columns: shorter) and a null map of another field count.
 * @param nulls null or all blank: the file has no null-capable field
 */
export function checkImage(layout: Layout, imageBytes: number, nulls: Uint8Array | null): void {
  if (layout.lobs.length === 0 ? imageBytes !== layout.length : imageBytes < layout.length)
    throw layoutError(
      layout,
      'LAYOUT_IMAGE',
      `the record image has ${imageBytes} bytes, its format ${layout.length}${layout.lobs.length > 0 ? ' or more' : ''}`,
      { imageBytes, formatBytes: layout.length },
    );
  if (nulls !== null && nulls.length !== layout.fields.length && !blank(nulls))
    throw layoutError(
      layout,
      'LAYOUT_NULLS',
      `the null map has ${nulls.length} characters, its format ${layout.fields.length} fields`,
      { nullMap: nulls.length, fields: layout.fields.length },
    );
}

/** DISPLAY_JOURNAL gives blanks where the file has no null-capable field. */
export function blank(nulls: Uint8Array): boolean {
  for (let i = 0; i < nulls.length; i++) if (nulls[i] !== 0x20 && nulls[i] !== 0x40) return false;
  return true;
}
