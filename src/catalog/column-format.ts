/**
 * One row of SYSCOLUMNS2 as a column of the record format.
 *
 * LENGTH of DATE, TIME and TIMESTAMP there is the internal size (4, 3, 7 + half the fractional digits), not the text
 * that stands in a record image; a blank separator is the format's default one, not "none". NUMERIC_SCALE says nothing of
 * a TIMESTAMP: its digits are its DATETIME_PRECISION, and where that is missing nothing but LENGTH 7 proves a number of them.
 */
import type { ColumnFormat, DateFormat, SqlTypeName, TimeFormat } from '../model/record-format';
import { type Answer, integer, text } from './answer';

/** DATA_TYPE as the catalog abbreviates it. Source: QSYS2.SYSCOLUMNS, column DATA_TYPE. */
const TYPES: Readonly<Record<string, SqlTypeName>> = {
  CHAR: 'CHAR',
  CHARACTER: 'CHAR',
  VARCHAR: 'VARCHAR',
  'CHARACTER VARYING': 'VARCHAR',
  GRAPHIC: 'GRAPHIC',
  NCHAR: 'GRAPHIC',
  VARG: 'VARGRAPHIC',
  VARGRAPHIC: 'VARGRAPHIC',
  NVARCHAR: 'VARGRAPHIC',
  BINARY: 'BINARY',
  VARBIN: 'VARBINARY',
  VARBINARY: 'VARBINARY',
  'BINARY VARYING': 'VARBINARY',
  DECIMAL: 'DECIMAL',
  NUMERIC: 'NUMERIC',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
  REAL: 'REAL',
  DOUBLE: 'DOUBLE',
  DECFLOAT: 'DECFLOAT',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTMP: 'TIMESTAMP',
  TIMESTAMP: 'TIMESTAMP',
  BOOLEAN: 'BOOLEAN',
  ROWID: 'ROWID',
  DATALINK: 'DATALINK',
  CLOB: 'CLOB',
  BLOB: 'BLOB',
  DBCLOB: 'DBCLOB',
  NCLOB: 'DBCLOB',
  XML: 'XML',
};

const DATE_FORMATS: readonly string[] = ['ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL'];
const TIME_FORMATS: readonly string[] = ['ISO', 'USA', 'EUR', 'JIS', 'HMS'];

/** `LIB/TYPE` of a distinct type to the type it was made from. */
export type DistinctTypes = ReadonlyMap<string, Answer>;

/** What the catalog says of a column beyond its format. */
export interface CatalogColumn {
  readonly format: ColumnFormat;
  readonly systemName: string;
  readonly hidden: boolean;
  readonly identity: boolean;
  readonly hasDefault: boolean;
}

/**
 * @returns null when the type is one this product does not know, so that the table is reported as "layout unknown"
 *   rather than guessed at
 */
export function columnOf(row: Answer, distinct: DistinctTypes = new Map()): CatalogColumn | null {
  const declared = text(row, 'DATA_TYPE').toUpperCase();
  const source =
    declared === 'DISTINCT'
      ? distinct.get(`${text(row, 'USER_DEFINED_TYPE_SCHEMA')}/${text(row, 'USER_DEFINED_TYPE_NAME')}`)
      : row;
  if (!source) return null;
  const type = typeOf(declared === 'DISTINCT' ? text(source, 'SOURCE_TYPE').toUpperCase() : declared, source);
  if (type === null) return null;
  const name = text(row, 'COLUMN_NAME');
  return {
    format: {
      name,
      type,
      ...(type === 'TIMESTAMP'
        ? timestampShape(timestampDigits(row) ?? timestampDigits(source))
        : lengthAndScale(type, source)),
      ccsid:
        integer(row, 'CCSID') ?? integer(source, 'CCSID') ?? (type === 'BINARY' || type === 'VARBINARY' ? 65535 : null),
      nullable: text(row, 'IS_NULLABLE').startsWith('Y'),
      ...dateAndTime(type, row),
    },
    systemName: text(row, 'SYSTEM_COLUMN_NAME') || name,
    hidden: /^[PY]/.test(text(row, 'HIDDEN')),
    identity: text(row, 'IS_IDENTITY').startsWith('Y'),
    hasDefault: !/^N?$/.test(text(row, 'HAS_DEFAULT')),
  };
}

function typeOf(name: string, row: Answer): SqlTypeName | null {
  // FLOAT is one catalog name for two image widths; only the length distinguishes them.
  if (name === 'FLOAT') return integer(row, 'LENGTH') === 4 ? 'REAL' : 'DOUBLE';
  return TYPES[name] ?? null;
}

function lengthAndScale(type: SqlTypeName, row: Answer): { length: number; scale: number } {
  const length = integer(row, 'LENGTH') ?? 0;
  const scale = integer(row, 'NUMERIC_SCALE');
  switch (type) {
    case 'DATE':
      return { length: 10, scale: 0 };
    case 'TIME':
      return { length: 8, scale: 0 };
    case 'DECFLOAT':
      return { length: decfloatBytes(length, integer(row, 'NUMERIC_PRECISION')), scale: 0 };
    default:
      return { length, scale: scale ?? 0 };
  }
}

/** Fractional digits of a TIMESTAMP whose number of them the catalog does not prove. */
export const UNPROVEN_DIGITS = -1;

/** Bytes of a record image: 19, or 20 and the digits after the point. */
export function timestampShape(digits: number | null): { length: number; scale: number } {
  const scale = digits ?? UNPROVEN_DIGITS;
  return { length: scale > 0 ? 20 + scale : 19, scale };
}

/** Null where the catalog says nothing, or contradicts itself. */
function timestampDigits(row: Answer): number | null {
  const digits = integer(row, 'DATETIME_PRECISION');
  const length = integer(row, 'LENGTH');
  if (digits === null) return length === 7 ? 0 : null;
  if (digits < 0 || digits > 12) return null;
  const internal = length !== null && length >= 7 && length <= 13;
  return internal && length !== 7 + Math.ceil(digits / 2) ? null : digits;
}

/** 8 or 16 bytes. The catalog gives bytes as LENGTH and 16 or 34 digits as precision; some levels give digits as LENGTH. */
function decfloatBytes(length: number, digits: number | null): number {
  if (digits !== null) return digits === 16 ? 8 : 16;
  return length === 8 ? 8 : 16;
}

function dateAndTime(type: SqlTypeName, row: Answer): Partial<ColumnFormat> {
  if (type === 'DATE') {
    const format = text(row, 'DATE_FORMAT').replace('*', '').toUpperCase();
    return {
      dateFormat: (DATE_FORMATS.includes(format) ? format : 'ISO') as DateFormat,
      dateSeparator: separator(text(row, 'DATE_SEPARATOR')),
    };
  }
  if (type === 'TIME') {
    const format = text(row, 'TIME_FORMAT').replace('*', '').toUpperCase();
    return {
      timeFormat: (TIME_FORMATS.includes(format) ? format : 'ISO') as TimeFormat,
      timeSeparator: separator(text(row, 'TIME_SEPARATOR')),
    };
  }
  return {};
}

function separator(value: string): string | null {
  return value === '' ? null : value;
}

/** As people write it: `DECIMAL(7,0)`. */
export function typeText({ type, length, scale }: ColumnFormat): string {
  if (type === 'DECIMAL' || type === 'NUMERIC') return `${type}(${length},${scale})`;
  if (/CHAR|GRAPHIC|BINARY|LOB/.test(type)) return `${type}(${length})`;
  return type === 'TIMESTAMP' ? `TIMESTAMP(${scale})` : type;
}
