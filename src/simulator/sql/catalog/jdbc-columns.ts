/**
 * How the JDBC metadata procedures describe a column. Codes and sizes are those IBM's own driver tests expect of
 * SYSIBM.SQLCOLUMNS; for types they do not look at, those of the JDBC specification.
 */
import type { ColumnDef } from '../../partition/files/definitions';
import { catalogLength, defaultText, isBinary, isCharacter, numericScale, octetLength, precision } from './type-words';

type TypeName = ColumnDef['type'];

const JDBC_CODES: Record<TypeName, number> = {
  CHAR: 1,
  VARCHAR: 12,
  GRAPHIC: 1,
  VARGRAPHIC: 12,
  BINARY: -2,
  VARBINARY: -3,
  DECIMAL: 3,
  NUMERIC: 2,
  SMALLINT: 5,
  INTEGER: 4,
  BIGINT: -5,
  REAL: 7,
  DOUBLE: 8,
  DECFLOAT: 1111,
  DATE: 91,
  TIME: 92,
  TIMESTAMP: 93,
  BOOLEAN: 16,
  ROWID: -8,
  DATALINK: 70,
  CLOB: 2005,
  BLOB: 2004,
  DBCLOB: 2005,
  XML: 2009,
};

/** SQL_DATA_TYPE where it is not the JDBC code. */
const SQL_CODES: Partial<Record<TypeName, number>> = {
  GRAPHIC: -95,
  VARGRAPHIC: -96,
  DBCLOB: -350,
  CLOB: -99,
  BLOB: -98,
  DATE: 9,
  TIME: 9,
  TIMESTAMP: 9,
  ROWID: -100,
};

const DATETIME_SUB: Partial<Record<TypeName, number>> = { DATE: 1, TIME: 2, TIMESTAMP: 3 };

/** Graphic types of UTF-16: name, JDBC code, SQL code. */
const NATIONAL: Partial<Record<TypeName, readonly [name: string, jdbc: number, sql: number]>> = {
  GRAPHIC: ['NCHAR', -15, -8],
  VARGRAPHIC: ['NVARCHAR', -9, -9],
  DBCLOB: ['NCLOB', 2011, -10],
};

/** Sizes of the C structures a call level interface reads dates and times into. */
const STRUCTURES: Partial<Record<TypeName, number>> = { DATE: 6, TIME: 6, TIMESTAMP: 16 };

function national(c: ColumnDef) {
  return c.ccsid === 1200 ? NATIONAL[c.type] : undefined;
}

function isBitData(c: ColumnDef): boolean {
  return c.ccsid === 65535 && (c.type === 'CHAR' || c.type === 'VARCHAR');
}

export function typeName(c: ColumnDef): string {
  return isBitData(c) ? `${c.type} () FOR BIT DATA` : (national(c)?.[0] ?? c.type);
}

export function jdbcCode(c: ColumnDef): number {
  if (isBitData(c)) return c.type === 'CHAR' ? -2 : -3;
  return national(c)?.[1] ?? JDBC_CODES[c.type];
}

function sqlCode(c: ColumnDef): number {
  return national(c)?.[2] ?? SQL_CODES[c.type] ?? jdbcCode(c);
}

export function columnSize(c: ColumnDef): number {
  if (c.type === 'DATE') return 10;
  if (c.type === 'TIME') return 8;
  if (c.type === 'TIMESTAMP') return c.scale === 0 ? 19 : 20 + c.scale;
  if (c.type === 'DOUBLE') return 52;
  if (c.type === 'REAL') return 13;
  return precision(c) ?? catalogLength(c);
}

export function bufferLength(c: ColumnDef): number {
  if (c.type === 'DECIMAL' || c.type === 'NUMERIC') return c.length + 2;
  return STRUCTURES[c.type] ?? octetLength(c) ?? catalogLength(c);
}

export function decimalDigits(c: ColumnDef): number | null {
  if (c.type === 'TIMESTAMP') return c.scale;
  return c.type === 'DATE' || c.type === 'TIME' ? 0 : numericScale(c);
}

/** The members of a row of SQLCOLUMNS that the column itself decides. */
export function describedColumn(c: ColumnDef, position: number) {
  const nullable = c.nullable && c.type !== 'ROWID';
  return {
    COLUMN_NAME: c.name,
    DATA_TYPE: jdbcCode(c),
    TYPE_NAME: typeName(c),
    COLUMN_SIZE: columnSize(c),
    BUFFER_LENGTH: bufferLength(c),
    DECIMAL_DIGITS: decimalDigits(c),
    NUM_PREC_RADIX: precision(c) === null ? null : c.type === 'REAL' || c.type === 'DOUBLE' ? 2 : 10,
    NULLABLE: nullable ? 1 : 0,
    REMARKS: c.comment ?? c.text ?? c.label ?? null,
    COLUMN_DEF: c.default.kind === 'null' ? null : defaultText(c),
    SQL_DATA_TYPE: sqlCode(c),
    SQL_DATETIME_SUB: DATETIME_SUB[c.type] ?? null,
    CHAR_OCTET_LENGTH: isCharacter(c) || isBinary(c) ? octetLength(c) : null,
    ORDINAL_POSITION: position,
    IS_NULLABLE: nullable ? 'YES' : 'NO',
    IS_AUTOINCREMENT: c.identity ? 'YES' : 'NO',
    IS_GENERATEDCOLUMN: c.identity || c.rowChange || c.type === 'ROWID' ? 'YES' : 'NO',
  };
}
