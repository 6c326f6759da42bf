/** Scalar functions of Db2 for i as SQLite text. Source: Db2 for i SQL reference, "Scalar functions". */

import { argumentNotValid } from '../failures';
import { quoteText } from '../text/lexer';
import { get } from '../tree/ast';
import { compareOperands } from '../types/comparison';
import { asText, convert, exactText } from '../types/convert';
import {
  BIGINT,
  BOOLEAN,
  char,
  DATE,
  DECFLOAT34,
  DOUBLE,
  decimal,
  digitsOf,
  INTEGER,
  isBytes,
  isDateTime,
  isExact,
  isFixedText,
  isFloat,
  isGraphic,
  isInteger,
  isLob,
  isText,
  SMALLINT,
  type SqlType,
  sqlType,
  TIME,
  varbinary,
  varchar,
} from '../types/sql-type';
import { expression, type Typed } from '../types/typed';
import { concatenate, modulo } from './arithmetic';
import type { Call, ScalarCompiler } from './call';
import { literalNumber } from './call';
import { DATE_CALLS } from './date-calls';
import { HEX_CALLS } from './hex-calls';

function text(c: Call, i: number): Typed {
  return asText(c.arg(i));
}

/** Text result in the manner of the argument. */
function likeText(e: Typed, sql: string, length = e.type.length): Typed {
  if (isGraphic(e.type)) return expression(sql, sqlType('VARGRAPHIC', length, 0, e.type.ccsid), e.nullable);
  if (isLob(e.type)) return expression(sql, { ...e.type, length }, e.nullable);
  return expression(sql, varchar(length, e.type.ccsid), e.nullable);
}

const cast =
  (type: (c: Call) => SqlType): ScalarCompiler =>
  (c) => {
    const target = type(c);
    const { name: _name, ...result } = convert(c.arg(0, target), target);
    return result;
  };

/** SUBSTR(s, start [, length]): beyond the end is blank for fixed, short for varying results. */
function substring(c: Call): Typed {
  const e = isBytes(c.arg(0).type) ? c.arg(0) : text(c, 0);
  const start = convert(c.arg(1, INTEGER), INTEGER).sql;
  const wanted = literalNumber(c, 2);
  const given = c.optional(2, INTEGER);
  const length = given ? convert(given, INTEGER).sql : null;
  // A fixed-length result drops trailing blanks anyway, so those of the source need not be put there first.
  const fixed = wanted !== null && !isGraphic(e.type) && !isLob(e.type);
  const source = isBytes(e.type) || fixed ? e.sql : exactText(e);
  const checked = wanted === null && length !== null ? `sub_check(${start}, ${length})` : length;
  const call = isBytes(e.type) ? 'substr' : 'text_part';
  const sql = checked === null ? `${call}(${source}, ${start})` : `${call}(${source}, ${start}, ${checked})`;
  const nullable = e.nullable || c.arg(1, INTEGER).nullable;
  const size = Math.max(1, Math.min(wanted ?? e.type.length, e.type.length));
  if (isBytes(e.type)) {
    if (e.type.name === 'BLOB' && wanted === null) return expression(sql, { ...e.type }, nullable);
    return expression(
      sql,
      e.type.name === 'CHAR' || e.type.name === 'VARCHAR' ? sqlType('VARCHAR', size, 0, 65535) : varbinary(size),
      nullable,
    );
  }
  if (fixed) {
    return expression(`rtrim(${sql}, ' ')`, char(wanted, e.type.ccsid), nullable);
  }
  return { ...likeText(e, sql, size), nullable };
}

function trim(side: 'B' | 'L' | 'T'): ScalarCompiler {
  return (c) => {
    const e = text(c, 0);
    const what = c.args[1] ? c.arg(1).sql : null;
    if (what !== null) return likeText(e, `strip(${exactText(e)}, ${what}, '${side}')`);
    const name = side === 'B' ? 'trim' : side === 'L' ? 'ltrim' : 'rtrim';
    return likeText(e, `${name}(${side === 'L' ? exactText(e) : e.sql}, ' ')`);
  };
}

function round(mode: string): ScalarCompiler {
  return (c) => {
    const e = c.arg(0, DOUBLE);
    const places = c.optional(1, INTEGER);
    const n = places ? convert(places, INTEGER).sql : '0';
    if (isExact(e.type)) {
      const call = `d_round(${e.sql}, ${e.type.scale}, ${digitsOf(e.type)}, ${n}, '${mode}')`;
      if (mode === 'f' || mode === 'c') {
        return convert(expression(call, e.type, e.nullable), isInteger(e.type) ? e.type : decimal(e.type.length, 0));
      }
      return expression(call, e.type, e.nullable);
    }
    const name = { r: 'round', t: 'trunc', f: 'floor', c: 'ceil' }[mode];
    return expression(mode === 'r' ? `round(${e.sql}, ${n})` : `${name}(${e.sql})`, e.type, e.nullable);
  };
}

const real =
  (sql: (e: string) => string): ScalarCompiler =>
  (c) => {
    const e = convert(c.arg(0, DOUBLE), DOUBLE);
    return expression(`r_check(${sql(e.sql)})`, DOUBLE, e.nullable);
  };

function coalesce(c: Call): Typed {
  const values = c.x.unify(c.args.map((a) => c.x.raw(a, c.scope)));
  const sql = values.length === 1 ? values[0]!.sql : `coalesce(${values.map((v) => v.sql).join(', ')})`;
  return expression(
    sql,
    values[0]!.type,
    values.every((v) => v.nullable),
  );
}

function extreme(op: '<' | '>'): ScalarCompiler {
  return (c) => {
    const values = c.x.unify(c.args.map((a) => c.x.raw(a, c.scope)));
    const [first, ...rest] = values;
    return rest.reduce(
      (best, v) =>
        expression(
          `(CASE WHEN ${compareOperands(op, v, best)} THEN ${v.sql} WHEN ${v.sql} IS NULL THEN NULL ELSE ${best.sql} END)`,
          best.type,
        ),
      first!,
    );
  };
}

function length(c: Call): Typed {
  const e = c.arg(0);
  if (isBytes(e.type)) return expression(`length(${e.sql})`, INTEGER, e.nullable);
  if (isText(e.type)) {
    const source = exactText(e);
    if (e.type.ccsid === 1208) return expression(`utf8_length(${source})`, INTEGER, e.nullable);
    return expression(
      isFixedText(e.type) ? `iif(${e.sql} IS NULL, NULL, ${e.type.length})` : `text_length(${source})`,
      INTEGER,
      e.nullable,
    );
  }
  const size =
    isExact(e.type) && !isInteger(e.type)
      ? Math.floor(e.type.length / 2) + 1
      : isDateTime(e.type)
        ? ({ DATE: 4, TIME: 3 }[e.type.name as string] ?? 10)
        : e.type.length;
  return expression(`iif(${e.sql} IS NULL, NULL, ${size})`, INTEGER, e.nullable);
}

function characterCast(name: 'CHAR' | 'VARCHAR'): ScalarCompiler {
  return (c) => {
    const e = c.arg(0);
    const wanted = literalNumber(c, 1);
    if (isBytes(e.type) && e.type.ccsid === 65535) {
      const n = wanted ?? e.type.length;
      return convert(
        e,
        sqlType(name, Math.min(n, 32740), 0, e.type.name === 'CHAR' || e.type.name === 'VARCHAR' ? 65535 : 37),
      );
    }
    const source = dateFormat(c, e);
    const t = asText(source);
    const width = wanted ?? Math.max(1, t.type.length);
    const ccsid = isGraphic(t.type) ? 37 : t.type.ccsid;
    return convert(t, sqlType(name, Math.min(width, name === 'CHAR' ? 32766 : 32740), 0, ccsid));
  };
}

/** CHAR(date, USA): the format keyword arrives as a column name. */
function dateFormat(c: Call, e: Typed): Typed {
  const format = String(get(c.args[1] ?? null, 'Identifier', 'value') ?? '').toUpperCase();
  if (!isDateTime(e.type) || format === '' || format === 'ISO') return e;
  return expression(
    `dt_char(${e.sql}, ${quoteText(format)})`,
    varchar(e.type.name === 'TIME' ? 8 : e.type.length),
    e.nullable,
  );
}

function locate(c: Call): Typed {
  const [needle, hay] = [c.arg(0), c.arg(1)];
  if (isBytes(hay.type)) return expression(`b_locate(${needle.sql}, ${hay.sql})`, INTEGER);
  const start = c.optional(2, INTEGER)?.sql ?? '1';
  return expression(
    `locate(${exactText(asText(needle))}, ${exactText(asText(hay))}, ${start})`,
    INTEGER,
    needle.nullable || hay.nullable,
  );
}

function digits(c: Call): Typed {
  const e = c.arg(0, decimal(15, 0));
  if (!isExact(e.type)) throw argumentNotValid(1, 'DIGITS');
  return expression(`d_digits(${e.sql}, ${digitsOf(e.type)})`, char(digitsOf(e.type)), e.nullable);
}

function relativeRecord(c: Call): Typed {
  const name = String(get(c.args[0] ?? null, 'Identifier', 'value') ?? '').toUpperCase();
  const relation = c.scope.relation([name]);
  if (!relation?.file) throw argumentNotValid(1, 'RRN');
  return expression(`${relation.alias}.rrn`, decimal(15, 0));
}

function decimalCast(name: 'DECIMAL' | 'NUMERIC'): ScalarCompiler {
  return cast((c) => sqlType(name, literalNumber(c, 1) ?? defaultDigits(c), literalNumber(c, 2) ?? 0));
}

function defaultDigits(c: Call): number {
  const e = c.x.raw(c.args[0]!, c.scope);
  if (e.untyped !== undefined) return 15;
  return isInteger(e.type) ? { SMALLINT: 5, INTEGER: 11, BIGINT: 19 }[e.type.name as string]! : 15;
}

function sided(side: 'LEFT' | 'RIGHT'): ScalarCompiler {
  return (c) => {
    const e = text(c, 0);
    const n = convert(c.arg(1, INTEGER), INTEGER).sql;
    const source = exactText(e);
    const sql = side === 'LEFT' ? `text_part(${source}, 1, ${n})` : `iif(${n} = 0, '', text_part(${source}, -(${n})))`;
    return likeText(e, sql, literalNumber(c, 1) ?? e.type.length);
  };
}

function padded(side: 'L' | 'R'): ScalarCompiler {
  return (c) => {
    const e = text(c, 0);
    const n = convert(c.arg(1, INTEGER), INTEGER).sql;
    const fill = c.optional(2)?.sql ?? `' '`;
    return likeText(e, `pad_text(${exactText(e)}, ${n}, ${fill}, '${side}')`, literalNumber(c, 1) ?? 4000);
  };
}

export const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarCompiler>> = {
  SUBSTR: substring,
  SUBSTRING: substring,
  LEFT: sided('LEFT'),
  STRLEFT: sided('LEFT'),
  RIGHT: sided('RIGHT'),
  STRRIGHT: sided('RIGHT'),
  LPAD: padded('L'),
  RPAD: padded('R'),
  TRIM: trim('B'),
  BTRIM: trim('B'),
  LTRIM: trim('L'),
  RTRIM: trim('T'),
  STRIP: (c) => {
    const side = String(get(c.args[1] ?? null, 'Identifier', 'value') ?? 'B').toUpperCase()[0];
    const e = text(c, 0);
    const what = c.args[2] ? c.arg(2).sql : `' '`;
    return likeText(e, `strip(${exactText(e)}, ${what}, '${side === 'L' || side === 'T' ? side : 'B'}')`);
  },
  UPPER: (c) => likeText(text(c, 0), `upper_u(${exactText(text(c, 0))})`),
  UCASE: (c) => likeText(text(c, 0), `upper_u(${exactText(text(c, 0))})`),
  LOWER: (c) => likeText(text(c, 0), `lower_u(${exactText(text(c, 0))})`),
  LCASE: (c) => likeText(text(c, 0), `lower_u(${exactText(text(c, 0))})`),
  CONCAT: (c) => concatenate([c.arg(0), c.arg(1)]),
  LENGTH: length,
  CHARACTER_LENGTH: length,
  CHAR_LENGTH: length,
  OCTET_LENGTH: length,
  LOCATE: locate,
  POSITION: locate,
  POSSTR: (c) => locate({ ...c, args: [c.args[1]!, c.args[0]!], arg: (i, h) => c.arg(1 - i, h) }),
  REPLACE: (c) => {
    const [e, from] = [text(c, 0), text(c, 1)];
    const to = c.optional(2);
    return likeText(e, `replace(${exactText(e)}, ${exactText(from)}, ${to ? exactText(asText(to)) : `''`})`, 32740);
  },
  REPEAT: (c) => likeText(text(c, 0), `repeat_text(${exactText(text(c, 0))}, ${c.arg(1, INTEGER).sql})`, 32740),
  SPACE: (c) => expression(`repeat_text(' ', ${c.arg(0, INTEGER).sql})`, varchar(4000)),
  INSERT: (c) =>
    likeText(
      text(c, 0),
      `insert_text(${exactText(text(c, 0))}, ${c.arg(1, INTEGER).sql}, ${c.arg(2, INTEGER).sql}, ${exactText(text(c, 3))})`,
      32740,
    ),
  TRANSLATE: (c) => {
    const e = text(c, 0);
    if (c.args.length === 1) return likeText(e, `upper_u(${exactText(e)})`);
    const from = c.args[2] ? exactText(text(c, 2)) : `''`;
    return likeText(
      e,
      `translate_text(${exactText(e)}, ${exactText(text(c, 1))}, ${from}, ${c.args[3] ? text(c, 3).sql : `' '`})`,
    );
  },
  ...HEX_CALLS,
  DIGITS: digits,
  CHAR: characterCast('CHAR'),
  VARCHAR: characterCast('VARCHAR'),
  CLOB: cast((c) => sqlType('CLOB', literalNumber(c, 1) ?? 1048576, 0, 37)),
  BLOB: cast((c) => sqlType('BLOB', literalNumber(c, 1) ?? 1048576, 0, 65535)),
  DBCLOB: cast((c) => sqlType('DBCLOB', literalNumber(c, 1) ?? 1048576, 0, 1200)),
  GRAPHIC: cast((c) => sqlType('GRAPHIC', literalNumber(c, 1) ?? c.arg(0).type.length, 0, 1200)),
  VARGRAPHIC: cast((c) => sqlType('VARGRAPHIC', literalNumber(c, 1) ?? c.arg(0).type.length, 0, 1200)),
  BINARY: cast((c) => sqlType('BINARY', literalNumber(c, 1) ?? c.arg(0).type.length, 0, 65535)),
  VARBINARY: cast((c) => sqlType('VARBINARY', Math.min(32740, literalNumber(c, 1) ?? c.arg(0).type.length), 0, 65535)),
  INTEGER: cast(() => INTEGER),
  INT: cast(() => INTEGER),
  SMALLINT: cast(() => SMALLINT),
  BIGINT: cast(() => BIGINT),
  DECIMAL: decimalCast('DECIMAL'),
  DEC: decimalCast('DECIMAL'),
  ZONED: decimalCast('NUMERIC'),
  NUMERIC: decimalCast('NUMERIC'),
  DOUBLE: cast(() => DOUBLE),
  DOUBLE_PRECISION: cast(() => DOUBLE),
  FLOAT: cast(() => DOUBLE),
  REAL: cast(() => sqlType('REAL', 4)),
  DECFLOAT: cast((c) => sqlType('DECFLOAT', literalNumber(c, 1) === 16 ? 8 : 16)),
  BOOLEAN: cast(() => BOOLEAN),
  DATE: cast(() => DATE),
  TIME: cast(() => TIME),
  ...DATE_CALLS,
  ABS: (c) => {
    const e = c.arg(0, DOUBLE);
    if (isExact(e.type)) return expression(`d_abs(${e.sql}, ${digitsOf(e.type)})`, e.type, e.nullable);
    return expression(`abs(${e.sql})`, e.type, e.nullable);
  },
  ABSVAL: (c) => SCALAR_FUNCTIONS['ABS']!(c),
  SIGN: (c) => {
    const e = c.arg(0, DOUBLE);
    return isFloat(e.type) ? expression(`sign(${e.sql})`, DOUBLE) : expression(`d_sign(${e.sql})`, INTEGER, e.nullable);
  },
  MOD: (c) => modulo(c.arg(0, INTEGER), c.arg(1, INTEGER)),
  ROUND: round('r'),
  TRUNCATE: round('t'),
  TRUNC: round('t'),
  FLOOR: round('f'),
  CEILING: round('c'),
  CEIL: round('c'),
  SQRT: real((e) => `sqrt(${e})`),
  EXP: real((e) => `exp(${e})`),
  LN: real((e) => `ln(${e})`),
  LOG10: real((e) => `log10(${e})`),
  SIN: real((e) => `sin(${e})`),
  COS: real((e) => `cos(${e})`),
  POWER: (c) =>
    expression(
      `r_check(pow(${convert(c.arg(0, DOUBLE), DOUBLE).sql}, ${convert(c.arg(1, DOUBLE), DOUBLE).sql}))`,
      DOUBLE,
    ),
  RAND: () => expression('r_random()', DOUBLE, false),
  COALESCE: coalesce,
  VALUE: coalesce,
  IFNULL: coalesce,
  NVL: coalesce,
  NULLIF: (c) => {
    const [a, b] = [c.arg(0), c.arg(1)];
    return expression(`(CASE WHEN ${compareOperands('=', a, b)} THEN NULL ELSE ${a.sql} END)`, a.type);
  },
  MIN: extreme('<'),
  LEAST: extreme('<'),
  MAX: extreme('>'),
  GREATEST: extreme('>'),
  RRN: relativeRecord,
  RID: relativeRecord,
  IDENTITY_VAL_LOCAL: () => expression('@lastIdentity', decimal(31, 0)),
  DECFLOAT_NORMALIZE: (c) => convert(c.arg(0, DECFLOAT34), DECFLOAT34),
  GENERATE_UNIQUE: () => expression('randomblob(13)', sqlType('CHAR', 13, 0, 65535), false),
  VERIFY_GROUP_FOR_USER: (c) => {
    const groups = c.args.slice(1).map((_, i) => text(c, i + 1).sql);
    return expression(`iif(rtrim(${text(c, 0).sql}) IN (${groups.map((g) => `rtrim(${g})`).join()}), 1, 0)`, INTEGER);
  },
  USER: () => expression('@user', varchar(18), false),
};

/** Names of functions this engine knows, for the catalog. */
export function scalarFunctionNames(): string[] {
  return Object.keys(SCALAR_FUNCTIONS).sort();
}
