/** + - * / % || over typed operands. Source: Db2 for i SQL reference, "Expressions", "Datetime arithmetic". */

import { operandsNotCompatible } from '../failures';
import { asText, convert, exactText } from '../types/convert';
import { targetArgument } from '../types/exact-form';
import {
  arithmeticType,
  char,
  DATE,
  DECFLOAT34,
  DOUBLE,
  decimal,
  digitsOf,
  isBytes,
  isDateTime,
  isExact,
  isFixedText,
  isGraphic,
  isInteger,
  isLob,
  isNumeric,
  isText,
  repOf,
  type SqlType,
  sqlType,
  TIME,
  varbinary,
  varchar,
} from '../types/sql-type';
import { expression, type StatementParameters, type Typed, withType } from '../types/typed';

type Operator = '+' | '-' | '*' | '/' | '%';

export function arithmetic(op: Operator, left: Typed, right: Typed, parameters: StatementParameters): Typed {
  if (right.duration) return addDuration(op, left, right, parameters);
  if (left.duration && op === '+') return addDuration(op, right, left, parameters);
  const l = withType(left, right.untyped === undefined ? markerType(right.type) : DOUBLE, parameters);
  const r = withType(right, left.untyped === undefined ? markerType(left.type) : DOUBLE, parameters);
  if (isDateTime(l.type) || isDateTime(r.type)) return dateArithmetic(op, l, r);
  const [a, b] = [asNumber(l), asNumber(r)];
  if (!isNumeric(a.type) || !isNumeric(b.type)) throw operandsNotCompatible(op);
  const nullable = a.nullable || b.nullable;
  if (op === '%') return modulo(a, b);
  const type = arithmeticType(op, a.type, b.type);
  if (repOf(type) === 'decfloat') {
    return expression(`df_calc('${op}', ${convert(a, type).sql}, ${convert(b, type).sql})`, type, nullable);
  }
  if (repOf(type) === 'real') return realArithmetic(op, convert(a, DOUBLE), convert(b, DOUBLE), nullable);
  const name = { '+': 'd_add', '-': 'd_sub', '*': 'd_mul', '/': 'd_div' }[op];
  const inline = inlineExact(op, a, b, type);
  const call = `${name}(${a.sql}, ${a.type.scale}, ${b.sql}, ${b.type.scale}, ${targetArgument(type)})`;
  return expression(inline ?? call, type, nullable || op === '/');
}

function markerType(type: SqlType): SqlType {
  return isDateTime(type) ? decimal(8, 0) : type;
}

/** Character strings take part as DECFLOAT, as Db2 casts them. */
function asNumber(e: Typed): Typed {
  return isText(e.type) ? convert(e, DECFLOAT34) : e;
}

/** Small sums need no function: they cannot leave 64 bit, and decimals of 18 digits cannot overflow their type. */
function inlineExact(op: Operator, a: Typed, b: Typed, type: SqlType): string | null {
  if (op === '/' || isInteger(type) || repOf(type) !== 'int') return null;
  if (repOf(a.type) !== 'int' || repOf(b.type) !== 'int' || a.type.name === 'BIGINT' || b.type.name === 'BIGINT') {
    return null;
  }
  if (op === '*') return `(${a.sql} * ${b.sql})`;
  const at = (e: Typed) => {
    const shift = type.scale - e.type.scale;
    return shift === 0 ? e.sql : `(${e.sql} * ${10n ** BigInt(shift)})`;
  };
  return `(${at(a)} ${op} ${at(b)})`;
}

function realArithmetic(op: Operator, a: Typed, b: Typed, nullable: boolean): Typed {
  if (op === '/') return expression(`r_div(${a.sql}, ${b.sql})`, DOUBLE, nullable);
  return expression(`r_check(${a.sql} ${op} ${b.sql})`, DOUBLE, nullable);
}

export function modulo(a: Typed, b: Typed): Typed {
  if (!isExact(a.type) || !isExact(b.type)) throw operandsNotCompatible('MOD');
  const both = isInteger(a.type) && isInteger(b.type);
  const scale = Math.max(a.type.scale, b.type.scale);
  const type = both
    ? digitsOf(a.type) > digitsOf(b.type)
      ? a.type
      : b.type
    : decimal(Math.min(31, Math.max(digitsOf(a.type), digitsOf(b.type)) + scale), scale);
  const call = `d_mod(${a.sql}, ${a.type.scale}, ${b.sql}, ${b.type.scale}, ${targetArgument(type)})`;
  return expression(call, type, a.nullable || b.nullable);
}

export function negate(e: Typed): Typed {
  if (e.literal !== undefined && repOf(e.type) === 'int') {
    const literal = -e.literal;
    return { sql: `(${literal})`, type: e.type, nullable: false, literal };
  }
  const n = asNumber(e);
  if (isExact(n.type)) return expression(`d_neg(${n.sql}, ${digitsOf(n.type)})`, n.type, n.nullable);
  if (repOf(n.type) === 'decfloat') return expression(`df_calc('-', '0', ${n.sql})`, n.type, n.nullable);
  return expression(`(-${n.sql})`, n.type, n.nullable);
}

/** `date + 3 DAYS`. */
function addDuration(op: Operator, value: Typed, amount: Typed, parameters: StatementParameters): Typed {
  if (op !== '+' && op !== '-') throw operandsNotCompatible(op);
  const e = withType(value, sqlType('TIMESTAMP', 26, 6), parameters);
  const target = isText(e.type) ? convert(e, e.type.length <= 8 ? TIME : e.type.length <= 10 ? DATE : TIMESTAMP) : e;
  if (!isDateTime(target.type)) throw operandsNotCompatible(op);
  const amountSql = repOf(amount.type) === 'int' && amount.type.scale === 0 ? amount.sql : convert(amount, DOUBLE).sql;
  const sign = op === '-' ? '-' : '';
  return expression(`dt_add(${target.sql}, ${sign}(${amountSql}), '${amount.duration}')`, target.type, e.nullable);
}

const TIMESTAMP = sqlType('TIMESTAMP', 26, 6);

function dateArithmetic(op: Operator, l: Typed, r: Typed): Typed {
  if (op === '-' && (isDateTime(r.type) || isText(r.type))) return difference(l, r);
  if (isDateTime(l.type) && isExact(r.type) && (op === '+' || op === '-')) return addNumber(op, l, r);
  throw operandsNotCompatible(op);
}

/** Date minus date is a duration, a number such as 10005 (1 year, 5 days). */
function difference(l: Typed, r: Typed): Typed {
  const type = isDateTime(l.type) ? l.type : r.type;
  const [a, b] = [convert(l, type), convert(r, type)];
  const nullable = a.nullable || b.nullable;
  if (type.name === 'DATE') return expression(`date_diff(${a.sql}, ${b.sql})`, decimal(8, 0), nullable);
  if (type.name === 'TIME') return expression(`time_diff(${a.sql}, ${b.sql})`, decimal(6, 0), nullable);
  return expression(`ts_diff(${a.sql}, ${b.sql})`, decimal(20, 6), nullable);
}

/** Date plus a date duration as number: years, months, days one after the other. */
function addNumber(op: Operator, l: Typed, r: Typed): Typed {
  const n = convert(r, decimal(8, 0)).sql;
  const sign = op === '-' ? '-' : '';
  if (l.type.name === 'TIME') {
    const seconds = `(${n} / 10000 * 3600 + ${n} / 100 % 100 * 60 + ${n} % 100)`;
    return expression(`dt_add(${l.sql}, ${sign}${seconds}, 'SECOND')`, l.type);
  }
  const years = `dt_add(${l.sql}, ${sign}(${n} / 10000), 'YEAR')`;
  const months = `dt_add(${years}, ${sign}(${n} / 100 % 100), 'MONTH')`;
  return expression(`dt_add(${months}, ${sign}(${n} % 100), 'DAY')`, l.type);
}

export function concatenate([l, r]: readonly [Typed, Typed]): Typed {
  const nullable = l.nullable || r.nullable;
  if (isBytes(l.type) || isBytes(r.type)) {
    const [a, b] = [bytesOf(l), bytesOf(r)];
    const length = l.type.length + r.type.length;
    const type = isLob(l.type) || isLob(r.type) ? sqlType('BLOB', length, 0, 65535) : varbinary(length);
    return expression(`b_concat(${a}, ${b})`, type, nullable);
  }
  const [a, b] = [asText(l), asText(r)];
  const length = a.type.length + b.type.length;
  const ccsid = a.type.ccsid ?? b.type.ccsid;
  const sql = `(${exactText(a)} || ${exactText(b)})`;
  if (isLob(a.type) || isLob(b.type)) return expression(sql, sqlType('CLOB', Math.min(length, 2147483647), 0, ccsid));
  if (isGraphic(a.type) || isGraphic(b.type)) {
    const page = (isGraphic(a.type) ? a.type.ccsid : b.type.ccsid) ?? 1200;
    return expression(sql, sqlType('VARGRAPHIC', length, 0, page), nullable);
  }
  if (isFixedText(a.type) && isFixedText(b.type) && length <= 32766) {
    return expression(`rtrim(${sql}, ' ')`, char(length, ccsid), nullable);
  }
  return expression(sql, varchar(Math.min(length, 32740), ccsid), nullable);
}

function bytesOf(e: Typed): string {
  return convert(e, sqlType('BLOB', 2147483647, 0, 65535)).sql;
}
