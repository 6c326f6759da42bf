/**
 * Db2 types inside the engine: what a type is called, how wide it is, which SQLite value carries it, and what
 * two types become when they meet. Source: Db2 for i SQL reference, "Data types", "Promotion of data types",
 * "Rules for result data types", "Arithmetic expressions".
 */
import type { SqlTypeName } from '../../../model/record-format';

export interface SqlType {
  readonly name: SqlTypeName;
  /** Digits for DECIMAL/NUMERIC, characters for graphics, bytes otherwise. */
  readonly length: number;
  readonly scale: number;
  readonly ccsid: number | null;
  /** Of a marker alone: it is assigned to a column that takes no null. */
  readonly notNull?: true;
}

/**
 * The SQLite value that carries a type: `int` an integer scaled by 10^scale, `big` the order-preserving text of a
 * decimal above 18 digits, the others as their names say.
 */
type Rep = 'int' | 'big' | 'real' | 'decfloat' | 'text' | 'blob' | 'date' | 'time' | 'timestamp' | 'bool';

/** Decimals of up to this many digits fit a 64-bit integer with room to align scales. */
export const INT_DIGITS = 18;
/** Maximum precision of a decimal result; the server attributes could raise it to 63. */
export const MAX_DIGITS = 31;
export const MAX_DIGITS_WIDE = 63;

const INTEGER_DIGITS: Partial<Record<SqlTypeName, number>> = { SMALLINT: 5, INTEGER: 10, BIGINT: 19 };
const TEXT_TYPES: readonly SqlTypeName[] = [
  'CHAR',
  'VARCHAR',
  'GRAPHIC',
  'VARGRAPHIC',
  'CLOB',
  'DBCLOB',
  'XML',
  'DATALINK',
];
const BYTE_TYPES: readonly SqlTypeName[] = ['BINARY', 'VARBINARY', 'BLOB', 'ROWID'];

export function sqlType(name: SqlTypeName, length = 0, scale = 0, ccsid: number | null = null): SqlType {
  return { name, length, scale, ccsid };
}

export const SMALLINT = sqlType('SMALLINT', 2);
export const INTEGER = sqlType('INTEGER', 4);
export const BIGINT = sqlType('BIGINT', 8);
export const DOUBLE = sqlType('DOUBLE', 8);
export const DECFLOAT34 = sqlType('DECFLOAT', 16);
export const DATE = sqlType('DATE', 10);
export const TIME = sqlType('TIME', 8);
export const TIMESTAMP6 = sqlType('TIMESTAMP', 26, 6);
export const BOOLEAN = sqlType('BOOLEAN', 1);

export function decimal(precision: number, scale: number): SqlType {
  return sqlType('DECIMAL', precision, scale);
}

export function char(length: number, ccsid: number | null = 37): SqlType {
  return sqlType('CHAR', length, 0, ccsid);
}

export function varchar(length: number, ccsid: number | null = 37): SqlType {
  return sqlType('VARCHAR', length, 0, ccsid);
}

export function varbinary(length: number): SqlType {
  return sqlType('VARBINARY', length, 0, 65535);
}

export function timestamp(scale: number): SqlType {
  return sqlType('TIMESTAMP', scale === 0 ? 19 : 20 + scale, scale);
}

export function repOf(type: SqlType): Rep {
  switch (type.name) {
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return 'int';
    case 'DECIMAL':
    case 'NUMERIC':
      return type.length <= INT_DIGITS ? 'int' : 'big';
    case 'REAL':
    case 'DOUBLE':
      return 'real';
    case 'DECFLOAT':
      return 'decfloat';
    case 'DATE':
      return 'date';
    case 'TIME':
      return 'time';
    case 'TIMESTAMP':
      return 'timestamp';
    case 'BOOLEAN':
      return 'bool';
    default:
      return isBytes(type) ? 'blob' : 'text';
  }
}

export function isBytes(type: SqlType): boolean {
  if (BYTE_TYPES.includes(type.name)) return true;
  return (type.name === 'CHAR' || type.name === 'VARCHAR') && type.ccsid === 65535;
}

export function isText(type: SqlType): boolean {
  return TEXT_TYPES.includes(type.name) && !isBytes(type);
}

export function isFixedText(type: SqlType): boolean {
  return (type.name === 'CHAR' || type.name === 'GRAPHIC') && !isBytes(type);
}

export function isGraphic(type: SqlType): boolean {
  return type.name === 'GRAPHIC' || type.name === 'VARGRAPHIC' || type.name === 'DBCLOB';
}

export function isLob(type: SqlType): boolean {
  return type.name === 'CLOB' || type.name === 'BLOB' || type.name === 'DBCLOB' || type.name === 'XML';
}

/** Integers and decimals: exact numbers of fixed precision. */
export function isExact(type: SqlType): boolean {
  return digitsOf(type) > 0;
}

export function isNumeric(type: SqlType): boolean {
  return isExact(type) || isFloat(type) || type.name === 'DECFLOAT';
}

export function isFloat(type: SqlType): boolean {
  return type.name === 'REAL' || type.name === 'DOUBLE';
}

export function isInteger(type: SqlType): boolean {
  return type.name in INTEGER_DIGITS;
}

export function isDateTime(type: SqlType): boolean {
  return type.name === 'DATE' || type.name === 'TIME' || type.name === 'TIMESTAMP';
}

/** Decimal digits of an exact number; 0 for everything else. */
export function digitsOf(type: SqlType): number {
  if (type.name === 'DECIMAL' || type.name === 'NUMERIC') return type.length;
  return INTEGER_DIGITS[type.name] ?? 0;
}

/** An exact type seen as DECIMAL(p,s). */
function asDecimal(type: SqlType): SqlType {
  const digits = digitsOf(type);
  return decimal(type.name === 'SMALLINT' ? 5 : type.name === 'INTEGER' ? 11 : digits, type.scale);
}

/** The type both operands of UNION, CASE, COALESCE or a comparison are brought to; null when they do not mix. */
export function commonType(a: SqlType, b: SqlType): SqlType | null {
  if (isNumeric(a) && isNumeric(b)) return commonNumber(a, b);
  if (isDateTime(a) || isDateTime(b)) return commonDateTime(a, b);
  if (a.name === 'BOOLEAN' && b.name === 'BOOLEAN') return a;
  if (isBytes(a) && isBytes(b)) return commonBytes(a, b);
  if (isText(a) && isText(b)) return commonText(a, b);
  if (isBytes(a) && isText(b)) return a;
  if (isText(a) && isBytes(b)) return b;
  return null;
}

function commonNumber(a: SqlType, b: SqlType): SqlType {
  if (a.name === 'DECFLOAT' || b.name === 'DECFLOAT') return DECFLOAT34;
  if (isFloat(a) || isFloat(b)) return a.name === 'REAL' && b.name === 'REAL' ? a : DOUBLE;
  if (isInteger(a) && isInteger(b)) return digitsOf(a) >= digitsOf(b) ? a : b;
  if (a.name === b.name && a.length === b.length && a.scale === b.scale) return a;
  const [x, y] = [asDecimal(a), asDecimal(b)];
  const scale = Math.max(x.scale, y.scale);
  const whole = Math.max(x.length - x.scale, y.length - y.scale);
  return decimal(Math.min(whole + scale, maxDigits(x, y)), scale);
}

function maxDigits(a: SqlType, b: SqlType): number {
  return Math.max(a.length, b.length) > MAX_DIGITS ? MAX_DIGITS_WIDE : MAX_DIGITS;
}

function commonDateTime(a: SqlType, b: SqlType): SqlType | null {
  if (a.name === b.name) return a.scale >= b.scale ? a : b;
  if (isDateTime(a) && isText(b)) return a;
  if (isDateTime(b) && isText(a)) return b;
  if (a.name === 'TIMESTAMP' && b.name === 'DATE') return a;
  if (b.name === 'TIMESTAMP' && a.name === 'DATE') return b;
  return null;
}

function commonBytes(a: SqlType, b: SqlType): SqlType {
  if (isLob(a) || isLob(b)) return sqlType('BLOB', Math.max(a.length, b.length), 0, 65535);
  if (a.name === b.name && a.length === b.length) return a;
  return varbinary(Math.max(a.length, b.length));
}

function commonText(a: SqlType, b: SqlType): SqlType {
  const length = Math.max(a.length, b.length);
  if (isGraphic(a) || isGraphic(b)) {
    const ccsid = (isGraphic(a) ? a.ccsid : b.ccsid) ?? 1200;
    if (isLob(a) || isLob(b)) return sqlType('DBCLOB', length, 0, ccsid);
    if (a.name === 'GRAPHIC' && b.name === 'GRAPHIC') return sqlType('GRAPHIC', length, 0, ccsid);
    return sqlType('VARGRAPHIC', length, 0, ccsid);
  }
  const ccsid = a.ccsid === 1208 || b.ccsid === 1208 ? 1208 : a.ccsid;
  if (isLob(a) || isLob(b)) return sqlType('CLOB', length, 0, ccsid);
  if (a.name === 'CHAR' && b.name === 'CHAR') return char(length, ccsid);
  return varchar(length, ccsid);
}

/** Result of + - * / over two numbers. */
export function arithmeticType(op: '+' | '-' | '*' | '/', a: SqlType, b: SqlType): SqlType {
  if (!isExact(a) || !isExact(b)) return commonNumber(a, b).name === 'REAL' ? DOUBLE : commonNumber(a, b);
  if (isInteger(a) && isInteger(b)) return a.name === 'BIGINT' || b.name === 'BIGINT' ? BIGINT : INTEGER;
  const [x, y] = [asDecimal(a), asDecimal(b)];
  const max = maxDigits(x, y);
  if (op === '*') return decimal(Math.min(max, x.length + y.length), Math.min(max, x.scale + y.scale));
  if (op === '/') return decimal(max, Math.max(0, max - x.length + x.scale - y.scale));
  const scale = Math.max(x.scale, y.scale);
  return decimal(Math.min(max, Math.max(x.length - x.scale, y.length - y.scale) + scale + 1), scale);
}
