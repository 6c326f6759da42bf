/** Dates and times: the scalar functions that take them apart, make them and move them. */

import { argumentNotValid } from '../failures';
import { asText, convert } from '../types/convert';
import { DATE, INTEGER, isDateTime, isText, TIME, TIMESTAMP6, timestamp, varchar } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';
import type { Call, ScalarCompiler } from './call';
import { literalNumber } from './call';

const part =
  (from: number, to: number, timeFrom: number | null): ScalarCompiler =>
  (c) => {
    const e = dated(c, 0);
    const isTime = e.type.name === 'TIME';
    const [a, b] = isTime && timeFrom !== null ? [timeFrom, timeFrom + 2] : [from, to];
    if (isTime && timeFrom === null) throw argumentNotValid(1, c.name);
    return expression(`dt_part(${e.sql}, ${a}, ${b})`, INTEGER, e.nullable);
  };

/** A date, time or timestamp; text is taken for a timestamp or, if short, a date. */
function dated(c: Call, i: number): Typed {
  const e = c.arg(i, TIMESTAMP6);
  if (isDateTime(e.type)) return e;
  if (!isText(e.type)) throw argumentNotValid(i + 1, c.name);
  return convert(e, e.type.length <= 8 ? TIME : e.type.length <= 10 ? DATE : TIMESTAMP6);
}

function dateOnly(c: Call, i: number): Typed {
  return convert(dated(c, i), DATE);
}

function timestampOf(c: Call): Typed {
  if (c.args.length > 1 && literalNumber(c, 1) === null) {
    const [d, t] = [convert(c.arg(0, DATE), DATE), convert(c.arg(1, TIME), TIME)];
    return expression(`ts_join(${d.sql}, ${t.sql})`, TIMESTAMP6, d.nullable || t.nullable);
  }
  const scale = literalNumber(c, 1) ?? 6;
  return convert(c.arg(0, timestamp(scale)), timestamp(scale));
}

const interval =
  (unit: string): ScalarCompiler =>
  (c) => {
    const e = dated(c, 0);
    const n = convert(c.arg(1, INTEGER), INTEGER);
    return expression(`dt_add(${e.sql}, ${n.sql}, '${unit}')`, e.type, e.nullable || n.nullable);
  };

export const DATE_CALLS: Readonly<Record<string, ScalarCompiler>> = {
  TIMESTAMP: timestampOf,
  TIMESTAMP_ISO: (c) => convert(dated(c, 0), TIMESTAMP6),
  TIMESTAMP_FORMAT: (c) => expression(`ts_format(${asText(c.arg(0)).sql}, ${c.arg(1).sql})`, TIMESTAMP6),
  TO_TIMESTAMP: (c) => expression(`ts_format(${asText(c.arg(0)).sql}, ${c.arg(1).sql})`, TIMESTAMP6),
  TO_DATE: (c) => expression(`ts_format(${asText(c.arg(0)).sql}, ${c.arg(1).sql})`, TIMESTAMP6),
  VARCHAR_FORMAT: (c) =>
    expression(`ts_varchar(${convert(dated(c, 0), TIMESTAMP6).sql}, ${c.arg(1).sql})`, varchar(255)),
  TO_CHAR: (c) => expression(`ts_varchar(${convert(dated(c, 0), TIMESTAMP6).sql}, ${c.arg(1).sql})`, varchar(255)),
  YEAR: part(0, 4, null),
  MONTH: part(5, 7, null),
  DAY: part(8, 10, null),
  DAYOFMONTH: part(8, 10, null),
  HOUR: part(11, 13, 0),
  MINUTE: part(14, 16, 3),
  SECOND: part(17, 19, 6),
  MICROSECOND: (c) => expression(`micros(${convert(dated(c, 0), TIMESTAMP6).sql})`, INTEGER),
  DAYS: (c) => expression(`days_of(${dateOnly(c, 0).sql})`, INTEGER),
  DAYOFWEEK: (c) => expression(`day_of_week(${dateOnly(c, 0).sql})`, INTEGER),
  DAYOFWEEK_ISO: (c) => expression(`day_of_week_iso(${dateOnly(c, 0).sql})`, INTEGER),
  DAYOFYEAR: (c) => expression(`day_of_year(${dateOnly(c, 0).sql})`, INTEGER),
  QUARTER: (c) => expression(`((dt_part(${dateOnly(c, 0).sql}, 5, 7) + 2) / 3)`, INTEGER),
  LAST_DAY: (c) => expression(`last_day(${dateOnly(c, 0).sql})`, DATE),
  MIDNIGHT_SECONDS: (c) => expression(`midnight_seconds(${dated(c, 0).sql})`, INTEGER),
  ADD_YEARS: interval('YEAR'),
  ADD_MONTHS: interval('MONTH'),
  ADD_DAYS: interval('DAY'),
  ADD_HOURS: interval('HOUR'),
  ADD_MINUTES: interval('MINUTE'),
  ADD_SECONDS: interval('SECOND'),
  NOW: () => expression('@now', TIMESTAMP6, false),
  CURDATE: () => expression('substr(@now, 1, 10)', DATE, false),
  CURTIME: () => expression('substr(@now, 12, 8)', TIME, false),
};
