/**
 * Where each field lies in a record image: columns in record-format order, concatenated, no alignment but inside LOB slots.
 * Sources: IBM "Journal entry layout of LOB columns" and layouts verified on a live system (tests name them).
 */
import type { ColumnFormat } from '../../../model/record-format';
import type { ColumnDef } from './definitions';

export interface Slot {
  readonly ordinal: number;
  readonly column: ColumnDef;
  readonly offset: number;
  readonly width: number;
}

export interface RecordLayout {
  readonly slots: readonly Slot[];
  /** Bytes of an image, LOB data not counted. */
  readonly length: number;
  /** Any field may be null: entries then carry a null map. */
  readonly nullable: boolean;
  readonly lobs: readonly number[];
}

/** Info byte, length, eight zeros, pointer. */
export const LOB_SLOT = 29;

export function isLob(column: ColumnFormat): boolean {
  return column.type === 'CLOB' || column.type === 'BLOB' || column.type === 'DBCLOB' || column.type === 'XML';
}

/** Zero bytes before a LOB slot at this offset, so that its pointer ends on a 16-byte boundary. */
function lobPadding(offset: number): number {
  return (16 - ((offset + 13) % 16)) % 16;
}

export function layoutOf(columns: readonly ColumnDef[]): RecordLayout {
  const slots: Slot[] = [];
  let offset = 0;
  for (const [ordinal, column] of columns.entries()) {
    const width = isLob(column) ? lobPadding(offset) + LOB_SLOT : widthOf(column);
    slots.push({ ordinal, column, offset, width });
    offset += width;
  }
  return {
    slots,
    length: offset,
    nullable: columns.some((c) => c.nullable),
    lobs: slots.filter((s) => isLob(s.column)).map((s) => s.ordinal),
  };
}

/** Bytes of a field that is no LOB. */
function widthOf(column: ColumnFormat): number {
  switch (column.type) {
    case 'CHAR':
    case 'BINARY':
    case 'NUMERIC':
    case 'DECFLOAT':
      return column.length;
    case 'VARCHAR':
    case 'VARBINARY':
    case 'DATALINK':
      return 2 + column.length;
    case 'GRAPHIC':
      return 2 * column.length;
    case 'VARGRAPHIC':
      return 2 + 2 * column.length;
    case 'DECIMAL':
      return (column.length >> 1) + 1;
    case 'SMALLINT':
      return 2;
    case 'INTEGER':
    case 'REAL':
      return 4;
    case 'BIGINT':
    case 'DOUBLE':
      return 8;
    case 'BOOLEAN':
      return 1;
    case 'ROWID':
      return 42;
    case 'TIMESTAMP':
      return column.scale === 0 ? 19 : 20 + column.scale;
    case 'DATE':
      return dateWidth(column);
    case 'TIME':
      return 6 + (timeSeparator(column) === '' ? 0 : 2);
    default:
      throw new RangeError(`no width for ${column.type}`);
  }
}

function dateWidth(column: ColumnFormat): number {
  const format = column.dateFormat ?? 'ISO';
  const separator = dateSeparator(column).length;
  if (format === 'JUL') return 5 + separator;
  return (format === 'MDY' || format === 'DMY' || format === 'YMD' ? 6 : 8) + 2 * separator;
}

const DATE_SEPARATORS = { ISO: '-', USA: '/', EUR: '.', JIS: '-', MDY: '/', DMY: '/', YMD: '/', JUL: '/' } as const;
const TIME_SEPARATORS = { ISO: '.', USA: ':', EUR: '.', JIS: ':', HMS: ':' } as const;

/** The separator written: the column's own, or its format's default; '' when there is none. */
export function dateSeparator(column: ColumnFormat): string {
  return column.dateSeparator ?? DATE_SEPARATORS[column.dateFormat ?? 'ISO'];
}

export function timeSeparator(column: ColumnFormat): string {
  return column.timeSeparator ?? TIME_SEPARATORS[column.timeFormat ?? 'ISO'];
}
