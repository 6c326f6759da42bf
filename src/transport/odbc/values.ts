/** node-odbc's values to the exact forms of transport.ts. */
import type { SqlTypeName } from '../../model/record-format';
import type { ColumnDescriptor, SqlValue } from '../transport';
import type { OdbcColumn } from './driver';

/** ODBC type codes, from sql.h and sqlext.h. */
const TYPES: Readonly<Record<number, SqlTypeName>> = {
  1: 'CHAR',
  12: 'VARCHAR',
  [-1]: 'CLOB',
  [-8]: 'GRAPHIC',
  [-9]: 'VARGRAPHIC',
  [-10]: 'DBCLOB',
  [-2]: 'BINARY',
  [-3]: 'VARBINARY',
  [-4]: 'BLOB',
  2: 'NUMERIC',
  3: 'DECIMAL',
  5: 'SMALLINT',
  4: 'INTEGER',
  [-5]: 'BIGINT',
  7: 'REAL',
  6: 'DOUBLE',
  8: 'DOUBLE',
  [-360]: 'DECFLOAT',
  91: 'DATE',
  92: 'TIME',
  93: 'TIMESTAMP',
  [-7]: 'BOOLEAN',
};

/** Digits up to which a decimal survives the double that node-odbc makes of it. */
const EXACT_IN_DOUBLE = 15;

export function describeColumn(column: OdbcColumn): ColumnDescriptor {
  const type = TYPES[column.dataType] ?? 'VARCHAR';
  return {
    name: column.name,
    type,
    length: column.columnSize,
    scale: column.decimalDigits,
    ccsid: null,
    nullable: column.nullable,
  };
}

/** True where the driver's floating point would change digits: such a column is read as text instead. */
export function losesDigits(column: ColumnDescriptor): boolean {
  if (column.type === 'DECFLOAT') return true;
  return (column.type === 'DECIMAL' || column.type === 'NUMERIC') && column.length > EXACT_IN_DOUBLE;
}

export function columnReader(column: ColumnDescriptor): (value: unknown) => SqlValue {
  switch (column.type) {
    case 'DECIMAL':
    case 'NUMERIC':
      // at most 15 digits reach this line as a number, and those come back exactly
      return (v) => (v === null ? null : typeof v === 'number' ? v.toFixed(column.scale) : String(v));
    case 'BIGINT':
    case 'DECFLOAT':
      return (v) => (v === null ? null : String(v));
    case 'SMALLINT':
    case 'INTEGER':
    case 'REAL':
    case 'DOUBLE':
      return (v) => (v === null ? null : Number(v));
    case 'BOOLEAN':
      return (v) => (v === null ? null : v === true || v === 1 || v === '1' || v === 't');
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
      return (v) => (v === null ? null : Buffer.from(v as ArrayBuffer));
    case 'TIMESTAMP':
      return (v) => (v === null ? null : String(v).replace(' ', 'T'));
    case 'TIME':
      return (v) => (v === null ? null : String(v).replaceAll('.', ':'));
    default:
      return (v) => (v === null ? null : String(v));
  }
}

export function toOdbc(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?$/.test(value))
    return value.replace('T', ' ');
  return value;
}
