/** SQL columns to wire fields and back (sections 8.1, 9.4). */
import type { SqlTypeName } from '../../model/record-format';
import { DATE_LENGTH, TIME_LENGTH } from './date-text';
import type { FieldLayout, TextOptions } from './layout';
import { wireCodeOf } from './sql-types';

/** A column as the catalog says it: digits for DECIMAL/NUMERIC, characters for graphics, bytes otherwise. */
interface SqlColumn {
  readonly type: SqlTypeName;
  readonly length: number;
  readonly scale: number;
  readonly ccsid: number | null;
  readonly nullable: boolean;
}

interface WireFieldOptions {
  readonly text: Pick<TextOptions, 'dateFormat' | 'jobCcsid'>;
  /** Largest LOB in bytes that comes inline. */
  readonly lobThreshold: number;
}

interface WireFieldShape {
  readonly type: number;
  readonly length: number;
  readonly scale: number;
  readonly precision: number;
  readonly ccsid: number;
  readonly lobMaxSize: number;
}

const BINARY = 65535;
const ROWID_LENGTH = 40;

/** The field block values of a column: type code, bytes in the row, scale, precision, CCSID. */
export function wireFieldOf(column: SqlColumn, options: WireFieldOptions): WireFieldShape {
  const isLob = column.type === 'BLOB' || column.type === 'CLOB' || column.type === 'DBCLOB';
  const lobBytes = column.type === 'DBCLOB' ? column.length * 2 : column.length;
  const inline = isLob && lobBytes <= options.lobThreshold;
  const code = wireCodeOf(column.type, inline) + (column.nullable ? 1 : 0);
  const isDecimal = column.type === 'DECIMAL' || column.type === 'NUMERIC';
  return {
    type: code,
    length: rowBytes(column, inline, options),
    scale: isDecimal ? column.scale : 0,
    precision: isDecimal ? column.length : column.type === 'DECFLOAT' ? (column.length === 16 ? 34 : 16) : 0,
    ccsid: ccsidOf(column, options),
    lobMaxSize: isLob || column.type === 'XML' ? column.length : 0,
  };
}

function rowBytes(column: SqlColumn, inline: boolean, options: WireFieldOptions): number {
  const n = column.length;
  switch (column.type) {
    case 'DECIMAL':
      return (n >> 1) + 1;
    case 'SMALLINT':
      return 2;
    case 'INTEGER':
    case 'REAL':
      return 4;
    case 'BIGINT':
    case 'DOUBLE':
      return 8;
    case 'DATE':
      return DATE_LENGTH[options.text.dateFormat];
    case 'TIME':
      return TIME_LENGTH;
    case 'TIMESTAMP':
      return column.scale === 0 ? 19 : 20 + column.scale;
    case 'BOOLEAN':
      return 1;
    case 'GRAPHIC':
      return n * 2;
    case 'VARGRAPHIC':
      return n * 2 + 2;
    case 'VARCHAR':
    case 'VARBINARY':
    case 'DATALINK':
      return n + 2;
    case 'ROWID':
      return ROWID_LENGTH + 2;
    case 'BLOB':
    case 'CLOB':
      return inline ? n + 4 : 4;
    case 'DBCLOB':
      return inline ? n * 2 + 4 : 4;
    case 'XML':
      return 4;
    default:
      return n;
  }
}

function ccsidOf(column: SqlColumn, options: WireFieldOptions): number {
  switch (column.type) {
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
    case 'ROWID':
      return BINARY;
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return options.text.jobCcsid;
    case 'XML':
      return column.ccsid ?? 1208;
    default:
      return column.ccsid ?? 0;
  }
}

/** What a field says of its column, in the units of {@link SqlColumn}. */
export function sqlColumnOf(field: FieldLayout, wireCcsid: number): SqlColumn {
  return {
    type: field.type,
    length: columnLength(field),
    scale: field.type === 'TIMESTAMP' ? Math.max(0, field.length - 20) : columnScale(field),
    ccsid: isDate(field.type) ? null : (field.ccsid ?? (isCharacter(field.type) ? wireCcsid : null)),
    nullable: field.nullable,
  };
}

function columnLength(field: FieldLayout): number {
  if (field.type === 'DECIMAL' || field.type === 'NUMERIC') return field.precision;
  if (field.shape === 'locator') return field.lobMaxSize;
  if (field.type === 'GRAPHIC' || field.unit === 2) return field.capacity / 2;
  return field.capacity;
}

function columnScale(field: FieldLayout): number {
  return field.type === 'GRAPHIC' ? 0 : field.scale;
}

function isCharacter(type: SqlTypeName): boolean {
  return type === 'CHAR' || type === 'VARCHAR' || type === 'GRAPHIC' || type === 'VARGRAPHIC';
}

function isDate(type: SqlTypeName): boolean {
  return type === 'DATE' || type === 'TIME' || type === 'TIMESTAMP';
}
