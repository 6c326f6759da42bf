/**
 * Dates and times kept in packed, zoned, binary or character fields: the number of a form to yyyymmdd and hhmmss, and back.
 * C is 0 for 19xx, 1 for 20xx, up to 9 for 28xx. Leading zeros are lost in numeric fields, so widths are never compared.
 */
import { dateNumber, dayOfYear, fullYear, ordinalDate, timeNumber } from '../../bytes/calendar';
import type { LegacyDate, LegacyMeaning, LegacyTimestamp } from '../../model/record-format';
import { errorNumber } from '../field-errors';

const DATE_IMPOSSIBLE = errorNumber('DATE_IMPOSSIBLE');
const TIME_IMPOSSIBLE = errorNumber('TIME_IMPOSSIBLE');
const LEGACY_RANGE = errorNumber('LEGACY_RANGE');

/** The IBM i window 1940-2039. */
export const DEFAULT_PIVOT = 40;

/** Digits of each form. */
export const LEGACY_DIGITS: Readonly<Record<LegacyDate | 'hhmmss' | 'hhmm' | LegacyTimestamp, number>> = {
  cyymmdd: 7,
  cmmddyy: 7,
  cddmmyy: 7,
  yymmdd: 6,
  mmddyy: 6,
  ddmmyy: 6,
  ccyymmdd: 8,
  mmddccyy: 8,
  ddmmccyy: 8,
  cyyddd: 6,
  yyddd: 5,
  ccyyddd: 7,
  hhmmss: 6,
  hhmm: 4,
  cyymmddhhmmss: 13,
  ccyymmddhhmmss: 14,
};

/** The date form at the front of a timestamp form. */
export function dateOfTimestamp(form: LegacyTimestamp): LegacyDate {
  return form === 'cyymmddhhmmss' ? 'cyymmdd' : 'ccyymmdd';
}

/** Digits of a meaning's form; 0 when it names none (sentinels alone). */
export function legacyDigits(meaning: LegacyMeaning): number {
  const form = meaning.date ?? meaning.time ?? meaning.timestamp;
  return form === undefined ? 0 : LEGACY_DIGITS[form];
}

function date(year: number, month: number, day: number): number {
  const found = dateNumber(year, month, day);
  return found < 0 ? DATE_IMPOSSIBLE : found;
}

function ordinal(year: number, day: number): number {
  const found = ordinalDate(year, day);
  return found < 0 ? DATE_IMPOSSIBLE : found;
}

/** A number >= 0 in a date form to yyyymmdd, or an error number. */
export function legacyDateNumber(form: LegacyDate, value: number, pivot: number): number {
  if (value >= 10 ** LEGACY_DIGITS[form]) return LEGACY_RANGE;
  const c = Math.floor(value / 1000000);
  const a = Math.floor(value / 10000) % 100;
  const m = Math.floor(value / 100) % 100;
  const d = value % 100;
  switch (form) {
    case 'cyymmdd':
      return date(1900 + c * 100 + a, m, d);
    case 'cmmddyy':
      return date(1900 + c * 100 + d, a, m);
    case 'cddmmyy':
      return date(1900 + c * 100 + d, m, a);
    case 'yymmdd':
      return date(fullYear(a, pivot), m, d);
    case 'mmddyy':
      return date(fullYear(d, pivot), a, m);
    case 'ddmmyy':
      return date(fullYear(d, pivot), m, a);
    case 'ccyymmdd':
      return date(c * 100 + a, m, d);
    case 'mmddccyy':
      return date(value % 10000, c, a);
    case 'ddmmccyy':
      return date(value % 10000, a, c);
    case 'cyyddd':
      return ordinal(1900 + Math.floor(value / 1000), value % 1000);
    case 'yyddd':
      return ordinal(fullYear(Math.floor(value / 1000), pivot), value % 1000);
    case 'ccyyddd':
      return ordinal(Math.floor(value / 1000), value % 1000);
  }
}

/** A number >= 0 to hhmmss (240000 included), or an error number. */
export function legacyTimeNumber(form: 'hhmmss' | 'hhmm', value: number): number {
  if (value >= 10 ** LEGACY_DIGITS[form]) return LEGACY_RANGE;
  const all = form === 'hhmm' ? value * 100 : value;
  const time = timeNumber(Math.floor(all / 10000), Math.floor(all / 100) % 100, all % 100);
  return time < 0 ? TIME_IMPOSSIBLE : time;
}

/** yyyymmdd to the form's digits, zero padded, or null where the form has no such year. */
export function legacyDateDigits(form: LegacyDate, day: number, pivot: number): string | null {
  const year = Math.trunc(day / 10000);
  const c = Math.trunc(year / 100) - 19;
  const two = (n: number): string => String(n).padStart(2, '0');
  const yy = two(year % 100);
  const mm = two(Math.trunc(day / 100) % 100);
  const dd = two(day % 100);
  const ddd = String(dayOfYear(day)).padStart(3, '0');
  const yyyy = String(year).padStart(4, '0');
  if (/^c[^c]/.test(form) && (c < 0 || c > 9)) return null;
  if (!form.startsWith('c') && !form.includes('ccyy') && fullYear(year % 100, pivot) !== year) return null;
  const forms: Record<LegacyDate, string> = {
    cyymmdd: `${c}${yy}${mm}${dd}`,
    cmmddyy: `${c}${mm}${dd}${yy}`,
    cddmmyy: `${c}${dd}${mm}${yy}`,
    yymmdd: `${yy}${mm}${dd}`,
    mmddyy: `${mm}${dd}${yy}`,
    ddmmyy: `${dd}${mm}${yy}`,
    ccyymmdd: `${yyyy}${mm}${dd}`,
    mmddccyy: `${mm}${dd}${yyyy}`,
    ddmmccyy: `${dd}${mm}${yyyy}`,
    cyyddd: `${c}${yy}${ddd}`,
    yyddd: `${yy}${ddd}`,
    ccyyddd: `${yyyy}${ddd}`,
  };
  return forms[form];
}
