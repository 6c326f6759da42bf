/** How a result column or parameter of the engine travels: SQL type, bytes in the row, CCSID (protocol reference 9.4). */
import type { ParameterColumn, ResultColumn } from '../../../sql-session';

/** SQL type numbers; one more means nullable. */
export const SQL_TYPE = {
  date: 384,
  time: 388,
  timestamp: 392,
  datalink: 396,
  blob: 404,
  clob: 408,
  dbclob: 412,
  varchar: 448,
  char: 452,
  longVarchar: 456,
  vargraphic: 464,
  graphic: 468,
  longVargraphic: 472,
  float: 480,
  decimal: 484,
  numeric: 488,
  bigint: 492,
  integer: 496,
  smallint: 500,
  rowid: 904,
  varbinary: 908,
  binary: 912,
  blobLocator: 960,
  clobLocator: 964,
  dbclobLocator: 968,
  xml: 988,
  decfloat: 996,
  boolean: 2436,
  xmlLocator: 2452,
} as const;

export interface WireColumn {
  readonly name: string;
  readonly type: number;
  readonly nullable: boolean;
  /** Bytes in a fixed row, length prefix included. */
  readonly length: number;
  readonly scale: number;
  readonly precision: number;
  readonly ccsid: number;
  /** Declared size of a LOB, whether it travels inline or by locator. */
  readonly lobMaxSize: number;
}

/** What the client's attributes say about the form of values. */
export interface ColumnSettings {
  readonly jobCcsid: number;
  /** Codes of the server attributes (reference 7.1). */
  readonly dateFormat: number;
  readonly dateSeparator: number;
  readonly timeFormat: number;
  readonly timeSeparator: number;
  /** LOBs declared up to this many bytes come inline. */
  readonly lobThreshold: number;
  readonly booleanSupported: boolean;
  readonly rowidSupported: boolean;
}

/** Length of a DATE in each format, by its code: JUL, MDY, DMY, YMD, USA, ISO, EUR, JIS. */
const DATE_LENGTH = [6, 8, 8, 8, 10, 10, 10, 10];
const ISO_DATE_LENGTH = 10;
const BYTES = 65535;
const UTF16 = 1200;
const UTF8 = 1208;
/** A LOB length is a u31 everywhere; 2 GB declared is 2147483647. */
const LOB_LIMIT = 0x7fffffff;

/** A parameter: a date that comes in is ten characters of ISO whatever the job's format. */
export function parameterColumn(parameter: ParameterColumn, settings: ColumnSettings): WireColumn {
  const wire = wireColumn(parameter, settings);
  return parameter.type === 'DATE' && parameter.mode !== 'out' ? { ...wire, length: ISO_DATE_LENGTH } : wire;
}

type Shape = Pick<WireColumn, 'type' | 'length'> &
  Partial<Pick<WireColumn, 'scale' | 'precision' | 'ccsid' | 'lobMaxSize'>>;

export function wireColumn(column: ResultColumn, settings: ColumnSettings): WireColumn {
  return {
    name: column.name,
    nullable: column.nullable,
    scale: 0,
    precision: 0,
    ccsid: 0,
    lobMaxSize: 0,
    ...shapeOf(column, settings),
  };
}

function shapeOf(column: ResultColumn, settings: ColumnSettings): Shape {
  const { length, scale } = column;
  const ccsid = column.ccsid ?? settings.jobCcsid;
  switch (column.type) {
    case 'CHAR':
      return { type: SQL_TYPE.char, length, ccsid };
    case 'VARCHAR':
      return { type: SQL_TYPE.varchar, length: length + 2, ccsid };
    case 'GRAPHIC':
      return { type: SQL_TYPE.graphic, length: length * 2, scale: length, ccsid: column.ccsid ?? UTF16 };
    case 'VARGRAPHIC':
      return { type: SQL_TYPE.vargraphic, length: length * 2 + 2, ccsid: column.ccsid ?? UTF16 };
    case 'BINARY':
      return { type: SQL_TYPE.binary, length, ccsid: BYTES };
    case 'VARBINARY':
      return { type: SQL_TYPE.varbinary, length: length + 2, ccsid: BYTES };
    case 'DECIMAL':
      return { type: SQL_TYPE.decimal, length: (length >> 1) + 1, scale, precision: length };
    case 'NUMERIC':
      return { type: SQL_TYPE.numeric, length, scale, precision: length };
    case 'SMALLINT':
      return { type: SQL_TYPE.smallint, length: 2 };
    case 'INTEGER':
      return { type: SQL_TYPE.integer, length: 4 };
    case 'BIGINT':
      return { type: SQL_TYPE.bigint, length: 8 };
    case 'REAL':
      return { type: SQL_TYPE.float, length: 4 };
    case 'DOUBLE':
      return { type: SQL_TYPE.float, length: 8 };
    case 'DECFLOAT':
      return { type: SQL_TYPE.decfloat, length: length === 8 ? 8 : 16, precision: length === 8 ? 16 : 34 };
    case 'DATE':
      return { type: SQL_TYPE.date, length: DATE_LENGTH[settings.dateFormat] ?? 10, ccsid: settings.jobCcsid };
    case 'TIME':
      return { type: SQL_TYPE.time, length: 8, ccsid: settings.jobCcsid };
    case 'TIMESTAMP':
      return { type: SQL_TYPE.timestamp, length: scale === 0 ? 19 : 20 + scale, ccsid: settings.jobCcsid };
    case 'BOOLEAN':
      // a client that never said it knows BOOLEAN gets the nearest older type
      return settings.booleanSupported ? { type: SQL_TYPE.boolean, length: 1 } : { type: SQL_TYPE.smallint, length: 2 };
    case 'ROWID':
      return settings.rowidSupported
        ? { type: SQL_TYPE.rowid, length: 42, ccsid: BYTES }
        : { type: SQL_TYPE.varchar, length: 42, ccsid: BYTES };
    case 'DATALINK':
      return { type: SQL_TYPE.datalink, length: length + 2, ccsid };
    case 'BLOB':
      return lob(SQL_TYPE.blob, SQL_TYPE.blobLocator, length, BYTES, settings);
    case 'CLOB':
      return lob(SQL_TYPE.clob, SQL_TYPE.clobLocator, length, ccsid, settings);
    case 'DBCLOB':
      return lob(SQL_TYPE.dbclob, SQL_TYPE.dbclobLocator, length, column.ccsid ?? UTF16, settings);
    case 'XML':
      return { type: SQL_TYPE.xmlLocator, length: 4, ccsid: column.ccsid ?? UTF8, lobMaxSize: LOB_LIMIT };
  }
}

/** @param length in bytes, of a DBCLOB in characters */
function lob(inline: number, locator: number, length: number, ccsid: number, settings: ColumnSettings): Shape {
  const lobMaxSize = Math.min(length, LOB_LIMIT);
  const bytes = inline === SQL_TYPE.dbclob ? length * 2 : length;
  if (bytes <= settings.lobThreshold) return { type: inline, length: 4 + bytes, ccsid, lobMaxSize };
  return { type: locator, length: 4, ccsid, lobMaxSize };
}

export function isLocator(type: number): boolean {
  return (
    type === SQL_TYPE.blobLocator ||
    type === SQL_TYPE.clobLocator ||
    type === SQL_TYPE.dbclobLocator ||
    type === SQL_TYPE.xmlLocator
  );
}

/** Types whose field is cut to its used length under variable-length field compression (reference 6.6). */
export function isVarying(nullableOrNot: number): boolean {
  const type = nullableOrNot & ~1;
  return (
    type === SQL_TYPE.varchar ||
    type === SQL_TYPE.longVarchar ||
    type === SQL_TYPE.varbinary ||
    type === SQL_TYPE.vargraphic ||
    type === SQL_TYPE.longVargraphic ||
    type === SQL_TYPE.datalink
  );
}

export function rowSize(columns: readonly WireColumn[]): number {
  return columns.reduce((sum, column) => sum + column.length, 0);
}
