/** Date arithmetic as Db2 does it: months keep the day or clip to the month's end, durations, parts, formats. */

import { SqlFailure } from '../../sql-session';
import { badDateTime, badDateTimeValue, outOfCalendar } from '../failures';
import type { Raw } from '../types/exact-form';
import { daysInMonth, isoDate, isoTime, isoTimestamp, scaleTimestamp, two } from '../types/iso-text';
import type { ScalarFunction } from './exact-functions';

const DAY_SECONDS = 86400;
/** DAYS('0001-01-01') is 1. */
const EPOCH_DAYS = 719163;

function dayNumber(date: string): number {
  const [y, m, d] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  const stamp = new Date(0);
  stamp.setUTCFullYear(y, m - 1, d);
  return Math.round(stamp.getTime() / 86400000);
}

function dateOf(day: number): string {
  const date = new Date(day * 86400000);
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9999) throw outOfCalendar();
  return `${String(year).padStart(4, '0')}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function addMonths(date: string, months: number): string {
  const [y, m, d] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  const total = y * 12 + (m - 1) + months;
  const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  if (year < 1 || year > 9999) throw outOfCalendar();
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(Math.min(d, daysInMonth(year, month)))}`;
}

function secondsOf(time: string): number {
  return Number(time.slice(0, 2)) * 3600 + Number(time.slice(3, 5)) * 60 + Number(time.slice(6, 8));
}

function timeOf(seconds: number): string {
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const UNIT_SECONDS: Record<string, number> = { HOUR: 3600, MINUTE: 60, SECOND: 1 };

/** Adds `n` units to a date, time or timestamp in ISO form. */
function addUnits(value: string, n: number, unit: string): string {
  if (value.length === 8) return addToTime(value, n, unit);
  const date = value.slice(0, 10);
  const rest = value.slice(10);
  if (unit === 'YEAR' || unit === 'MONTH') return addMonths(date, Math.trunc(n) * (unit === 'YEAR' ? 12 : 1)) + rest;
  if (unit === 'DAY') return dateOf(dayNumber(date) + Math.trunc(n)) + rest;
  if (rest === '') return value;
  return addToStamp(value, n, unit);
}

function addToTime(time: string, n: number, unit: string): string {
  const seconds = secondsOf(time) + Math.trunc(n) * (UNIT_SECONDS[unit] ?? 0);
  return timeOf(((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS);
}

function addToStamp(stamp: string, n: number, unit: string): string {
  const digits = stamp.slice(20);
  const micros = BigInt(digits.slice(0, 6).padEnd(6, '0'));
  const step = unit === 'MICROSECOND' ? BigInt(Math.trunc(n)) : BigInt(Math.round(n * (UNIT_SECONDS[unit] ?? 0) * 1e6));
  const total = (BigInt(dayNumber(stamp.slice(0, 10))) * 86400n + BigInt(secondsOf(stamp.slice(11, 19)))) * 1000000n;
  const moved = total + micros + step;
  const day = moved / 86400000000n - (moved % 86400000000n < 0n ? 1n : 0n);
  const inDay = moved - day * 86400000000n;
  const fraction = String(inDay % 1000000n).padStart(6, '0') + digits.slice(6);
  const text = `${dateOf(Number(day))}T${timeOf(Number(inDay / 1000000n))}`;
  return digits === '' ? text : `${text}.${fraction.slice(0, digits.length)}`;
}

/** Date duration YYYYMMDD between two dates, as DECIMAL(8,0). */
function dateDuration(a: string, b: string): bigint {
  if (a < b) return -dateDuration(b, a);
  let months = (Number(a.slice(0, 4)) - Number(b.slice(0, 4))) * 12 + Number(a.slice(5, 7)) - Number(b.slice(5, 7));
  if (addMonths(b, months) > a) months--;
  const days = dayNumber(a) - dayNumber(addMonths(b, months));
  return BigInt(Math.floor(months / 12) * 10000 + (months % 12) * 100 + days);
}

function timeDuration(a: string, b: string): bigint {
  const seconds = secondsOf(a) - secondsOf(b);
  const s = Math.abs(seconds);
  const value = Math.floor(s / 3600) * 10000 + (Math.floor(s / 60) % 60) * 100 + (s % 60);
  return BigInt(seconds < 0 ? -value : value);
}

/** Timestamp duration YYYYMMDDHHMMSS.ffffff unscaled at 6, as DECIMAL(20,6). */
function stampDuration(a: string, b: string): bigint {
  if (a < b) return -stampDuration(b, a);
  const borrow = a.slice(11) < b.slice(11);
  const date = dateDuration(borrow ? addUnits(a.slice(0, 10), -1, 'DAY') : a.slice(0, 10), b.slice(0, 10));
  const micros = (s: string) => BigInt(secondsOf(s.slice(11, 19))) * 1000000n + BigInt(s.slice(20, 26).padEnd(6, '0'));
  const rest = micros(a) - micros(b) + (borrow ? 86400000000n : 0n);
  const seconds = Number(rest / 1000000n);
  const clock = BigInt(Math.floor(seconds / 3600) * 10000 + (Math.floor(seconds / 60) % 60) * 100 + (seconds % 60));
  return (date * 1000000n + clock) * 1000000n + (rest % 1000000n);
}

/** What is met while a statement runs is a value, SQL0181; only a constant can be wrong syntax, SQL0180. */
function moment(read: () => string, constant: Raw | undefined): string {
  try {
    return read();
  } catch (error) {
    const isSyntax = error instanceof SqlFailure && error.sqlCode === -180;
    throw isSyntax && constant === undefined ? badDateTimeValue() : error;
  }
}

export const DATE_FUNCTIONS: Record<string, ScalarFunction> = {
  to_date: (x, constant) => moment(() => isoDate(String(x)), constant),
  to_time: (x, constant) => moment(() => isoTime(String(x)), constant),
  to_ts: (x, scale, constant) => moment(() => isoTimestamp(String(x), Number(scale)), constant),
  ts_scale: (x, scale) => scaleTimestamp(String(x), Number(scale)),
  ts_char: (x) => {
    const s = String(x);
    return `${s.slice(0, 10)}-${s.slice(11, 19).replaceAll(':', '.')}${s.slice(19)}`;
  },
  dt_char: (x, format) => momentText(String(x), String(format)),
  dt_add: (x, n, unit) => addUnits(String(x), Number(n), String(unit)),
  date_diff: (a, b) => dateDuration(String(a), String(b)),
  time_diff: (a, b) => timeDuration(String(a), String(b)),
  ts_diff: (a, b) => {
    const value = stampDuration(normal(a!), normal(b!));
    const magnitude = (value < 0n ? -value : value).toString().padStart(20, '0');
    return value < 0n ? `0${magnitude.replace(/\d/g, (d) => String(9 - Number(d)))}` : `1${magnitude}`;
  },
  days_of: (x) => BigInt(dayNumber(String(x)) + EPOCH_DAYS),
  date_of_days: (n) => dateOf(Number(n) - EPOCH_DAYS),
  day_of_week: (x) => BigInt(((dayNumber(String(x)) + 4) % 7) + 1),
  day_of_week_iso: (x) => BigInt(((dayNumber(String(x)) + 3) % 7) + 1),
  day_of_year: (x) => BigInt(dayNumber(String(x)) - dayNumber(`${String(x).slice(0, 4)}-01-01`) + 1),
  last_day: (x) => {
    const s = String(x);
    return `${s.slice(0, 8)}${two(daysInMonth(Number(s.slice(0, 4)), Number(s.slice(5, 7))))}${s.slice(10)}`;
  },
  dt_part: (x, from, to) => BigInt(String(x).slice(Number(from), Number(to)) || '0'),
  micros: (x) => BigInt(String(x).slice(20, 26).padEnd(6, '0')),
  midnight_seconds: (x) => BigInt(secondsOf(String(x).length === 8 ? String(x) : String(x).slice(11, 19))),
  ts_format: (text, format) => parseFormatted(String(text), String(format)),
  ts_varchar: (x, format) => writeFormatted(normal(x!), String(format)),
  ts_join: (date, time) => `${date}T${time}.000000`,
};

/** A date or time in a form other than ISO; a timestamp has only one. */
function momentText(iso: string, format: string): string {
  const [date, time] = [/^(\d{4})-(\d\d)-(\d\d)$/.exec(iso), /^(\d\d):(\d\d):(\d\d)$/.exec(iso)];
  if (date) {
    const [, year, month, day] = date;
    return format === 'EUR' ? `${day}.${month}.${year}` : format === 'USA' ? `${month}/${day}/${year}` : iso;
  }
  if (!time || format === 'JIS') return iso;
  const [, hour, minute] = time;
  if (format !== 'USA') return iso.replaceAll(':', '.');
  const h = Number(hour);
  return `${two(h % 12 === 0 ? 12 : h % 12)}:${minute} ${h < 12 ? 'AM' : 'PM'}`;
}

function normal(x: Raw): string {
  return scaleTimestamp(String(x), 6);
}

const FORMAT_PARTS = /YYYY|YY|MM|MI|DDD|DD|HH24|HH12|HH|SS|FF\d?\d?|NNNNNN|[^A-Z]/g;

function parseFormatted(text: string, format: string): string {
  const part: Record<string, string> = { YYYY: '0001', MM: '01', DD: '01', HH24: '00', MI: '00', SS: '00', FF: '' };
  let at = 0;
  for (const [piece] of format.toUpperCase().matchAll(FORMAT_PARTS)) {
    const width = piece.startsWith('FF') ? 12 : piece === 'HH24' || piece === 'HH12' ? 2 : piece.length;
    if (!/[A-Z]/.test(piece)) at += 1;
    else {
      const digits = /^\d+/.exec(text.slice(at, at + width))?.[0];
      if (digits === undefined) throw badDateTime();
      at += digits.length;
      const key =
        piece === 'HH' || piece === 'HH12' ? 'HH24' : piece.startsWith('FF') || piece === 'NNNNNN' ? 'FF' : piece;
      if (key === 'YY') part['YYYY'] = `${Number(digits) < 40 ? 20 : 19}${digits}`;
      else part[key] = digits;
    }
  }
  return isoTimestamp(
    `${part['YYYY']}-${part['MM']}-${part['DD']} ${part['HH24']}:${part['MI']}:${part['SS']}.${part['FF']}`,
    6,
  );
}

function writeFormatted(stamp: string, format: string): string {
  const year = stamp.slice(0, 4);
  const hour = Number(stamp.slice(11, 13));
  const part: Record<string, string> = {
    YYYY: year,
    YY: year.slice(2),
    MM: stamp.slice(5, 7),
    DD: stamp.slice(8, 10),
    DDD: String(dayNumber(stamp.slice(0, 10)) - dayNumber(`${year}-01-01`) + 1).padStart(3, '0'),
    HH24: two(hour),
    HH: two(hour),
    HH12: two(hour % 12 === 0 ? 12 : hour % 12),
    MI: stamp.slice(14, 16),
    SS: stamp.slice(17, 19),
    NNNNNN: stamp.slice(20, 26),
  };
  return format.toUpperCase().replace(FORMAT_PARTS, (piece) => {
    if (piece.startsWith('FF'))
      return stamp
        .slice(20)
        .padEnd(12, '0')
        .slice(0, Number(piece.slice(2) || 6));
    return part[piece] ?? piece;
  });
}
