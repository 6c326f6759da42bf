/**
 * A file's record format: the layout of its record images. The JSON shape is the `format` of `ibmi-cdc decode`.
 * Column order is record-format order; hidden, identity and generated columns are part of the image and so of this list.
 */
import type { FieldErrorCode } from '../errors/codes/fields';

export const SQL_TYPES = [
  'CHAR',
  'VARCHAR',
  'GRAPHIC',
  'VARGRAPHIC',
  'BINARY',
  'VARBINARY',
  'DECIMAL',
  'NUMERIC',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'REAL',
  'DOUBLE',
  'DECFLOAT',
  'DATE',
  'TIME',
  'TIMESTAMP',
  'BOOLEAN',
  'ROWID',
  'DATALINK',
  'CLOB',
  'BLOB',
  'DBCLOB',
  'XML',
] as const;
export type SqlTypeName = (typeof SQL_TYPES)[number];

export type DateFormat = 'ISO' | 'USA' | 'EUR' | 'JIS' | 'MDY' | 'DMY' | 'YMD' | 'JUL';
export type TimeFormat = 'ISO' | 'USA' | 'EUR' | 'JIS' | 'HMS';

export const LEGACY_DATES = [
  'cyymmdd',
  'cmmddyy',
  'cddmmyy',
  'yymmdd',
  'mmddyy',
  'ddmmyy',
  'ccyymmdd',
  'mmddccyy',
  'ddmmccyy',
  'cyyddd',
  'yyddd',
  'ccyyddd',
] as const;
export type LegacyDate = (typeof LEGACY_DATES)[number];

/** A date form followed by hhmmss. */
export const LEGACY_TIMESTAMPS = ['cyymmddhhmmss', 'ccyymmddhhmmss'] as const;
export type LegacyTimestamp = (typeof LEGACY_TIMESTAMPS)[number];

/** What a packed, zoned or character field really holds. Exactly one of date, time, timestamp. */
export interface LegacyMeaning {
  readonly date?: LegacyDate;
  readonly time?: 'hhmmss' | 'hhmm';
  readonly timestamp?: LegacyTimestamp;
  /** First two-digit year taken as 19xx; default 40, so 40..99 is 19xx and 00..39 is 20xx. */
  readonly pivot?: number;
  /** Values that mean null, e.g. `[0, 9999999]`. */
  readonly sentinels?: readonly (number | string)[];
}

export interface ColumnFormat {
  readonly name: string;
  readonly type: SqlTypeName;
  /** Digits for DECIMAL/NUMERIC, characters for graphics, bytes otherwise (declared length of a varying column; 8/16 for DECFLOAT). */
  readonly length: number;
  /** Decimal digits after the point; fractional digits of a TIMESTAMP. */
  readonly scale: number;
  /** 65535 = bytes, unless overridden. Null where the type has none. */
  readonly ccsid: number | null;
  readonly nullable: boolean;
  readonly dateFormat?: DateFormat | null;
  /** Null is the format's default separator; an empty string means none. */
  readonly dateSeparator?: string | null;
  readonly timeFormat?: TimeFormat | null;
  readonly timeSeparator?: string | null;
  readonly as?: LegacyMeaning | null;
}

export interface RecordFormat {
  /** `LIB/FILE`. */
  readonly table: string;
  readonly columns: readonly ColumnFormat[];
}

/** A field that could not be decoded: null in the row, and this beside it. `raw` is hex of the field's bytes. */
export interface FieldError {
  readonly column: string;
  readonly code: FieldErrorCode;
  readonly raw: string;
}
