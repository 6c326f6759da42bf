/**
 * Casts between Db2 types as SQLite text. `cast` is CAST and functions, `assign` is storing into a column, `compare`
 * is bringing two operands to one type. Source: Db2 for i SQL reference, "Casting between data types", "Assignments".
 */
import { textCodec } from '../../../bytes/ccsid/registry';
import { graphicBlank } from '../../partition/files/comparable';
import { badCast, notCompatible } from '../failures';
import { textConstant } from '../text/lexer';
import { targetArgument } from './exact-form';
import {
  digitsOf,
  INT_DIGITS,
  isBytes,
  isExact,
  isFixedText,
  isInteger,
  isText,
  repOf,
  type SqlType,
  varchar,
} from './sql-type';
import type { Typed } from './typed';

export function convert(e: Typed, to: SqlType): Typed {
  if (sameType(e.type, to)) return e;
  if (e.sql === 'NULL') return { ...e, type: to };
  const { base: _base, bad: _bad, literal: _literal, text: _text, date: _date, cell, ...plain } = e;
  const literal = e.literal === undefined ? null : literalAs(e, to);
  if (literal) return literal;
  const cut = cell && isBytes(e.type) && to.name === 'VARBINARY' ? { cell: { ...cell, cut: to.length } } : {};
  return { ...plain, ...cut, sql: convertSql(e, to), type: to, nullable: e.nullable };
}

function sameType(a: SqlType, b: SqlType): boolean {
  return (
    a.name === b.name && a.length === b.length && a.scale === b.scale && (a.ccsid === b.ccsid || !isBytesMix(a, b))
  );
}

function isBytesMix(a: SqlType, b: SqlType): boolean {
  return isBytes(a) !== isBytes(b);
}

/** A numeric literal is rescaled here and now, so that an index on the column stays usable. */
function literalAs(e: Typed, to: SqlType): Typed | null {
  if (repOf(to) !== 'int' || e.literal === undefined || to.scale < e.type.scale) return null;
  const value = e.literal * 10n ** BigInt(to.scale - e.type.scale);
  if ((value < 0n ? -value : value) >= 10n ** BigInt(Math.max(digitsOf(to), 1)) || isInteger(to)) {
    if (!isInteger(to) || !fitsInteger(value, to)) return null;
  }
  return { sql: value.toString(), type: to, nullable: false, literal: value };
}

function fitsInteger(value: bigint, type: SqlType): boolean {
  const bits = type.name === 'SMALLINT' ? 15n : type.name === 'INTEGER' ? 31n : 63n;
  return value >= -(1n << bits) && value < 1n << bits;
}

function convertSql(e: Typed, to: SqlType): string {
  if (isExact(to)) return toExact(e, to);
  switch (repOf(to)) {
    case 'real':
      return toReal(e, to);
    case 'decfloat':
      return isExact(e.type) ? `d_text(${e.sql}, ${e.type.scale})` : `df_of(CAST(${e.sql} AS TEXT))`;
    case 'date':
      return toDate(e, to);
    case 'time':
      return toTime(e, to);
    case 'timestamp':
      return toTimestamp(e, to);
    case 'bool':
      return `to_bool(${e.sql})`;
    case 'blob':
      return toBytes(e, to);
    default:
      return toText(e, to);
  }
}

function toExact(e: Typed, to: SqlType): string {
  const from = e.type;
  if (isExact(from)) return exactToExact(e, to);
  const rep = repOf(from);
  if (rep === 'real' || rep === 'text' || rep === 'decfloat') return `n_from(${e.sql}, ${targetArgument(to)})`;
  if (rep === 'bool') return e.sql;
  throw notCompatible('*N');
}

function exactToExact(e: Typed, to: SqlType): string {
  const from = e.type;
  const shift = to.scale - from.scale;
  const widens = digitsOf(to) - to.scale >= digitsOf(from) - from.scale;
  const small = repOf(from) === 'int' && repOf(to) === 'int' && digitsOf(from) + Math.max(shift, 0) <= INT_DIGITS;
  if (small && widens) {
    if (shift === 0) return e.sql;
    return shift > 0 ? `(${e.sql} * ${10n ** BigInt(shift)})` : `(${e.sql} / ${10n ** BigInt(-shift)})`;
  }
  if (isInteger(to)) return `d_int(${e.sql}, ${from.scale}, '${to.name}')`;
  return `d_conv(${e.sql}, ${from.scale}, ${to.length}, ${to.scale})`;
}

function toReal(e: Typed, to: SqlType): string {
  const from = e.type;
  if (repOf(from) === 'real') return to.name === 'REAL' ? `fround(${e.sql})` : e.sql;
  if (isExact(from)) {
    if (repOf(from) === 'big') return `d_real(${e.sql}, ${from.scale})`;
    return from.scale === 0 ? `CAST(${e.sql} AS REAL)` : `d_real(${e.sql}, ${from.scale})`;
  }
  return `r_from(${e.sql})`;
}

function toDate(e: Typed, to: SqlType): string {
  if (repOf(e.type) === 'timestamp') return `substr(${e.sql}, 1, 10)`;
  if (e.date !== undefined) return textConstant(e.date);
  if (isText(e.type)) return `to_date(${momentText(e)})`;
  if (isExact(e.type) && to.name === 'DATE') return `date_of_days(${convertSql({ ...e }, { ...INT })})`;
  throw notCompatible('*N');
}

const INT: SqlType = { name: 'INTEGER', length: 4, scale: 0, ccsid: null };

function toTime(e: Typed, _to: SqlType): string {
  if (repOf(e.type) === 'timestamp') return `substr(${e.sql}, 12, 8)`;
  if (isText(e.type)) return `to_time(${momentText(e)})`;
  throw notCompatible('*N');
}

function toTimestamp(e: Typed, to: SqlType): string {
  const rep = repOf(e.type);
  if (rep === 'date') return `(${e.sql} || 'T00:00:00${fraction(to.scale)}')`;
  if (rep === 'time') throw notCompatible('*N');
  if (rep === 'timestamp') return `ts_scale(${e.sql}, ${to.scale})`;
  if (isText(e.type)) return `to_ts(${e.sql}, ${to.scale}${e.text === undefined ? '' : ', 1'})`;
  throw notCompatible('*N');
}

/** A constant of wrong form is wrong syntax, any other text a value that is not valid. */
function momentText(e: Typed): string {
  return e.text === undefined ? e.sql : `${e.sql}, 1`;
}

function fraction(digits: number): string {
  return digits === 0 ? '' : `.${'0'.repeat(digits)}`;
}

function toBytes(e: Typed, to: SqlType): string {
  let sql = e.sql;
  if (isText(e.type)) sql = `to_bytes(${exactText(e)}, ${e.type.ccsid ?? 37})`;
  else if (!isBytes(e.type)) throw notCompatible('*N');
  if (to.name === 'BINARY' || to.name === 'CHAR')
    return `b_fixed(${sql}, ${to.length}, ${to.name === 'CHAR' ? 64 : 0})`;
  const shorter = isBytes(e.type) && e.type.length <= to.length;
  return shorter ? sql : `substr(${sql}, 1, ${to.length})`;
}

function toText(e: Typed, to: SqlType): string {
  const from = e.type;
  let sql: string;
  if (isText(from)) sql = isFixedText(to) ? e.sql : exactText(e);
  else if (isBytes(from)) sql = `from_bytes(${e.sql}, ${to.ccsid ?? 37})`;
  else sql = scalarText(e);
  const longer = isText(from) ? from.length > to.length || isFixedText(to) : true;
  if (longer) sql = to.ccsid === 1208 ? `utf8_cut(${sql}, ${to.length})` : `text_cut(${sql}, ${to.length})`;
  return isFixedText(to) ? `rtrim(${sql}, ' ')` : sql;
}

/** Numbers and dates as CHAR() shows them. */
function scalarText(e: Typed): string {
  switch (repOf(e.type)) {
    case 'int':
    case 'big':
      return isInteger(e.type) ? `CAST(${e.sql} AS TEXT)` : `d_char(${e.sql}, ${e.type.scale})`;
    case 'real':
      return `r_char(${e.sql})`;
    case 'timestamp':
      return `ts_char(${e.sql})`;
    case 'time':
      return `replace(${e.sql}, ':', '.')`;
    case 'bool':
      return `iif(${e.sql}, 'TRUE', 'FALSE')`;
    default:
      return e.sql;
  }
}

/** The whole value of a text, blanks of CHAR included. */
export function exactText(e: Typed): string {
  if (!isFixedText(e.type)) return e.sql;
  const { name, ccsid, length } = e.type;
  if (name === 'GRAPHIC') return `pad(${e.sql}, ${length}, '${graphicBlank(ccsid)}')`;
  return ccsid === null || ccsid === 65535 || textCodec(ccsid).kind === 'single'
    ? `pad(${e.sql}, ${length}, ' ')`
    : `byte_pad(${e.sql}, ${length}, ${ccsid})`;
}

/** A text as comparisons see it: trailing blanks do not count. */
export function comparableText(e: Typed): string {
  if (isFixedText(e.type) || !isText(e.type)) return e.sql;
  if (e.text !== undefined) return textConstant(e.text.replace(/ +$/, ''));
  return `rtrim(${e.sql}, ' ')`;
}

/** Any expression as text, for string functions. */
export function asText(e: Typed): Typed {
  if (isText(e.type)) return e;
  if (isBytes(e.type)) throw badCast();
  return { sql: scalarText(e), type: varchar(textWidth(e.type)), nullable: e.nullable };
}

function textWidth(type: SqlType): number {
  // a sign, and a point where there may be one
  if (isExact(type)) return digitsOf(type) + (isInteger(type) ? 1 : 2);
  return { date: 10, time: 8, timestamp: 26, real: 24, decfloat: 42, bool: 5 }[repOf(type) as string] ?? 254;
}

/** How ORDER BY sees a value. */
export function sortable(e: Typed): string {
  if (repOf(e.type) === 'decfloat') return `df_key(${e.sql})`;
  return isText(e.type) ? comparableText(e) : e.sql;
}
