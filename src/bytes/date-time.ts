/**
 * DATE, TIME and TIMESTAMP of a record image: EBCDIC text whose shape depends on the file's DATFMT, TIMFMT and separators.
 * Source: JTOpen AS400Date, AS400Time, AS400Timestamp. Separators must be the declared ones, as there; a day that is not in
 * the calendar is an error where JTOpen rolls it over.
 */
import type { DateFormat, TimeFormat } from '../model/record-format';
import { dateNumber, dayOfYear, fullYear, isoDateNumber, isoTimeNumber, ordinalDate, timeNumber } from './calendar';
import { fieldError } from './field-error';

/** Separators in EBCDIC; the same in every EBCDIC page. */
const EBCDIC: Readonly<Record<string, number>> = {
  '-': 0x60,
  '/': 0x61,
  '.': 0x4b,
  ',': 0x6b,
  ':': 0x7a,
  ' ': 0x40,
  '&': 0x50,
};

/** First year of two digits taken as 19xx in *MDY, *DMY, *YMD, *JUL: the window of IBM i is 1940-2039. */
const IBM_PIVOT = 40;

type Part = 'yyyy' | 'yy' | 'mm' | 'dd' | 'ddd';
const DATE_PARTS: Readonly<Record<DateFormat, { parts: readonly Part[]; separator: string; fixed: boolean }>> = {
  ISO: { parts: ['yyyy', 'mm', 'dd'], separator: '-', fixed: true },
  JIS: { parts: ['yyyy', 'mm', 'dd'], separator: '-', fixed: true },
  USA: { parts: ['mm', 'dd', 'yyyy'], separator: '/', fixed: true },
  EUR: { parts: ['dd', 'mm', 'yyyy'], separator: '.', fixed: true },
  MDY: { parts: ['mm', 'dd', 'yy'], separator: '/', fixed: false },
  DMY: { parts: ['dd', 'mm', 'yy'], separator: '/', fixed: false },
  YMD: { parts: ['yy', 'mm', 'dd'], separator: '/', fixed: false },
  JUL: { parts: ['yy', 'ddd'], separator: '/', fixed: false },
};
const TIME_SEPARATOR: Readonly<Record<TimeFormat, string>> = { ISO: '.', EUR: '.', JIS: ':', HMS: ':', USA: ':' };

/** Where each part of a date stands; offsets from the field's start, -1 where the format has none. */
export interface DateSpec {
  readonly format: DateFormat;
  /** Bytes of the field. */
  readonly length: number;
  readonly year: number;
  readonly yearDigits: 2 | 4;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
  /** Offsets that hold a separator. */
  readonly separators: readonly number[];
  /** Accepted separator bytes; the first is written. */
  readonly accepted: readonly [number, number];
}

export interface TimeSpec {
  readonly format: TimeFormat;
  readonly length: number;
  /** Distance between hours and minutes: 3 with a separator, 2 without. */
  readonly step: 2 | 3;
  readonly accepted: readonly [number, number];
}

/**
 * A blank separator in the catalog means the default one, but files with real blanks exist: both are read. `&` stands for a
 * blank in DDS and RPG and for itself in JTOpen: both are read.
 */
function acceptedSeparators(
  given: string | null | undefined,
  standard: string,
  fixed: boolean,
): readonly [number, number] {
  const own = EBCDIC[standard]!;
  const asked = given === null || given === undefined ? own : (EBCDIC[given[0]!] ?? own);
  if (fixed) return [own, asked];
  if (asked === 0x40) return [own, 0x40];
  return [asked, asked === 0x50 ? 0x40 : asked];
}

/** @param separator null for the format's default, empty for none */
export function dateSpec(format: DateFormat, separator?: string | null): DateSpec {
  const { parts, separator: standard, fixed } = DATE_PARTS[format];
  const at: Record<Part, number> = { yyyy: -1, yy: -1, mm: -1, dd: -1, ddd: -1 };
  const separators: number[] = [];
  let length = 0;
  for (const part of parts) {
    if (length > 0 && separator !== '') separators.push(length++);
    at[part] = length;
    length += part.length;
  }
  const four = at.yyyy >= 0;
  return {
    format,
    length,
    year: four ? at.yyyy : at.yy,
    yearDigits: four ? 4 : 2,
    month: at.mm,
    day: at.dd,
    dayOfYear: at.ddd,
    separators,
    accepted: acceptedSeparators(separator, standard, fixed),
  };
}

/** @param separator null for the format's default, empty for none; *USA always has its colon */
export function timeSpec(format: TimeFormat, separator?: string | null): TimeSpec {
  const step = separator === '' && format !== 'USA' ? 2 : 3;
  const length = step * 2 + 2;
  return { format, length, step, accepted: acceptedSeparators(separator, TIME_SEPARATOR[format], format !== 'HMS') };
}

/** Bytes of a TIMESTAMP(scale): 19 without fraction, else 20 + scale. */
export function timestampLength(scale: number): number {
  return scale === 0 ? 19 : 20 + scale;
}

/** Error results of the readers below; callers turn them into codes. */
export const BAD_TEXT = -1;
const IMPOSSIBLE = -2;

function two(b: Uint8Array, o: number): number {
  const high = b[o]! - 0xf0;
  const low = b[o + 1]! - 0xf0;
  return high < 0 || high > 9 || low < 0 || low > 9 ? -1 : high * 10 + low;
}

/** yyyymmdd, `BAD_TEXT` or `IMPOSSIBLE`. The caller guarantees `spec.length` bytes. */
export function readDate(b: Uint8Array, o: number, spec: DateSpec): number {
  for (const at of spec.separators) {
    const byte = b[o + at];
    if (byte !== spec.accepted[0] && byte !== spec.accepted[1]) return BAD_TEXT;
  }
  let year = two(b, o + spec.year);
  if (year < 0) return BAD_TEXT;
  if (spec.yearDigits === 2) year = fullYear(year, IBM_PIVOT);
  else {
    const low = two(b, o + spec.year + 2);
    if (low < 0) return BAD_TEXT;
    year = year * 100 + low;
  }
  if (spec.dayOfYear >= 0) return readOrdinal(b, o + spec.dayOfYear, year);
  const month = two(b, o + spec.month);
  const day = two(b, o + spec.day);
  if (month < 0 || day < 0) return BAD_TEXT;
  const date = dateNumber(year, month, day);
  return date < 0 ? IMPOSSIBLE : date;
}

function readOrdinal(b: Uint8Array, o: number, year: number): number {
  const low = two(b, o + 1);
  const high = b[o]! - 0xf0;
  if (low < 0 || high < 0 || high > 9) return BAD_TEXT;
  const date = ordinalDate(year, high * 100 + low);
  return date < 0 ? IMPOSSIBLE : date;
}

/** hhmmss (240000 included), `BAD_TEXT` or `IMPOSSIBLE`. */
export function readTime(b: Uint8Array, o: number, spec: TimeSpec): number {
  if (spec.step === 3 && b[o + 2] !== spec.accepted[0] && b[o + 2] !== spec.accepted[1]) return BAD_TEXT;
  const hour = two(b, o);
  const minute = two(b, o + spec.step);
  if (hour < 0 || minute < 0) return BAD_TEXT;
  if (spec.format === 'USA') return readUsa(b, o + spec.step + 2, hour, minute);
  if (spec.step === 3 && b[o + 5] !== spec.accepted[0] && b[o + 5] !== spec.accepted[1]) return BAD_TEXT;
  const second = two(b, o + spec.step * 2);
  if (second < 0) return BAD_TEXT;
  const time = timeNumber(hour, minute, second);
  return time < 0 ? IMPOSSIBLE : time;
}

/** ` AM` or ` PM` after hh:mm. 12:00 AM is 00:00 as JTOpen reads it. */
function readUsa(b: Uint8Array, o: number, hour: number, minute: number): number {
  const letter = b[o + 1]! | 0x40;
  if (b[o] !== 0x40 || (letter !== 0xc1 && letter !== 0xd7) || (b[o + 2]! | 0x40) !== 0xd4) return BAD_TEXT;
  if (hour > 12 || minute > 59 || (hour === 0 && letter === 0xd7)) return IMPOSSIBLE;
  return ((hour % 12) + (letter === 0xd7 ? 12 : 0)) * 10000 + minute * 100;
}

/** True when the fixed separators of `yyyy-mm-dd-hh.mm.ss.f` stand where they must. */
export function timestampShape(b: Uint8Array, o: number, scale: number): boolean {
  return (
    b[o + 4] === 0x60 &&
    b[o + 7] === 0x60 &&
    b[o + 10] === 0x60 &&
    b[o + 13] === 0x4b &&
    b[o + 16] === 0x4b &&
    (scale === 0 || b[o + 19] === 0x4b)
  );
}

/** yyyymmdd of a TIMESTAMP's first ten bytes; the shape is already checked. */
export function readTimestampDate(b: Uint8Array, o: number): number {
  const high = two(b, o);
  const low = two(b, o + 2);
  const month = two(b, o + 5);
  const day = two(b, o + 8);
  if (high < 0 || low < 0 || month < 0 || day < 0) return BAD_TEXT;
  const date = dateNumber(high * 100 + low, month, day);
  return date < 0 ? IMPOSSIBLE : date;
}

/** hhmmss of a TIMESTAMP; the fraction's digits are checked as well. */
export function readTimestampTime(b: Uint8Array, o: number, scale: number): number {
  const hour = two(b, o + 11);
  const minute = two(b, o + 14);
  const second = two(b, o + 17);
  if (hour < 0 || minute < 0 || second < 0) return BAD_TEXT;
  let fraction = 0;
  for (let i = 0; i < scale; i++) {
    const digit = b[o + 20 + i]! - 0xf0;
    if (digit < 0 || digit > 9) return BAD_TEXT;
    fraction |= digit;
  }
  const time = timeNumber(hour, minute, second);
  return time < 0 || (time === 240000 && fraction !== 0) ? IMPOSSIBLE : time;
}

function ebcdic(text: string): Buffer {
  const out = Buffer.alloc(text.length);
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    out[i] = char >= '0' && char <= '9' ? 0xf0 + Number(char) : (EBCDIC[char] ?? letter(char));
  }
  return out;
}

function letter(char: string): number {
  return char === 'A' ? 0xc1 : char === 'P' ? 0xd7 : 0xd4;
}

/**
 * ISO date to the field's bytes.
 * @throws CodedError `DATE_TEXT`, `DATE_IMPOSSIBLE`; a year outside 1940-2039 has no two-digit form
 */
export function encodeDate(iso: string, spec: DateSpec): Buffer {
  const date = isoDateNumber(iso);
  const year = Math.trunc(date / 10000);
  if (date < 0 || (spec.yearDigits === 2 && (year < 1940 || year > 2039))) throw fieldError('DATE_IMPOSSIBLE');
  const out = Buffer.alloc(spec.length, spec.accepted[0]);
  const put = (at: number, value: number, digits: number) =>
    ebcdic(String(value).padStart(digits, '0').slice(-digits)).copy(out, at);
  put(spec.year, year, spec.yearDigits);
  if (spec.dayOfYear >= 0) put(spec.dayOfYear, dayOfYear(date), 3);
  else {
    put(spec.month, Math.trunc(date / 100) % 100, 2);
    put(spec.day, date % 100, 2);
  }
  return out;
}

/** ISO time to the field's bytes; *USA has no seconds. @throws CodedError `TIME_IMPOSSIBLE` */
export function encodeTime(iso: string, spec: TimeSpec): Buffer {
  const time = isoTimeNumber(iso);
  if (time < 0) throw fieldError('TIME_IMPOSSIBLE');
  const text = String(time).padStart(6, '0');
  const parts = [text.slice(0, 2), text.slice(2, 4), text.slice(4)];
  const out = Buffer.alloc(spec.length, spec.accepted[0]);
  if (spec.format === 'USA') {
    const hour = Number(parts[0]) % 24;
    if (parts[2] !== '00') throw fieldError('TIME_IMPOSSIBLE');
    ebcdic(String(hour % 12 || 12).padStart(2, '0')).copy(out, 0);
    ebcdic(`${parts[1]} ${hour < 12 ? 'A' : 'P'}M`).copy(out, spec.step);
    return out;
  }
  parts.forEach((part, i) => {
    ebcdic(part).copy(out, spec.step * i);
  });
  return out;
}

/** `2024-02-29T23:59:59.123456` (or a blank for T) to TIMESTAMP(scale) bytes. @throws CodedError `TIMESTAMP_TEXT`, `TIMESTAMP_IMPOSSIBLE` */
export function encodeTimestamp(iso: string, scale: number): Buffer {
  const m = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,12}))?$/.exec(iso.trim());
  if (!m) throw fieldError('TIMESTAMP_TEXT');
  const fraction = (m[3] ?? '').padEnd(scale, '0');
  if (isoDateNumber(m[1]!) < 0 || isoTimeNumber(m[2]!) < 0 || /[1-9]/.test(fraction.slice(scale)))
    throw fieldError('TIMESTAMP_IMPOSSIBLE');
  const text = `${m[1]}-${m[2]!.replaceAll(':', '.')}`;
  return ebcdic(scale === 0 ? text : `${text}.${fraction.slice(0, scale)}`);
}
