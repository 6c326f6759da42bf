/** Dates and times as characters of a job: to and from ISO text (docs/protocol.md#9.4). Only digits at known places are read. */
import { CodedError } from '../../errors/coded-error';
import type { DateFormat, TimeFormat } from '../../model/record-format';

/** Characters of a DATE in each format. */
export const DATE_LENGTH: Record<DateFormat, number> = {
  ISO: 10,
  USA: 10,
  EUR: 10,
  JIS: 10,
  MDY: 8,
  DMY: 8,
  YMD: 8,
  JUL: 6,
};
export const TIME_LENGTH = 8;

/** Start of year, month, day in the text, and the digits of the year. */
const PLACES: Record<
  Exclude<DateFormat, 'JUL'>,
  readonly [year: number, month: number, day: number, yearDigits: 2 | 4]
> = {
  ISO: [0, 5, 8, 4],
  JIS: [0, 5, 8, 4],
  USA: [6, 0, 3, 4],
  EUR: [6, 3, 0, 4],
  MDY: [6, 0, 3, 2],
  DMY: [6, 3, 0, 2],
  YMD: [0, 3, 6, 2],
};
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/** `02/29/24` -> `2024-02-29`. Two-digit years 40..99 are 19xx, as Db2 for i takes them. */
export function isoDate(text: string, format: DateFormat): string {
  if (format === 'ISO' || format === 'JIS') return text;
  if (format === 'JUL') return fromJulian(text);
  const [y, m, d, digits] = PLACES[format];
  const year = text.slice(y, y + digits);
  return `${digits === 2 ? century(year) + year : year}-${text.slice(m, m + 2)}-${text.slice(d, d + 2)}`;
}

/** `2024-02-29` -> the job's form, with that form's default separator unless another is given. */
export function jobDate(iso: string, format: DateFormat, separator = separatorOf(format)): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso);
  if (!match) throw notA('date', 'YYYY-MM-DD');
  const [, year, month, day] = match as unknown as [string, string, string, string];
  if (format === 'ISO' || format === 'JIS') return iso;
  if (format === 'JUL') return `${year.slice(2)}${separator}${dayOfYear(Number(year), Number(month), Number(day))}`;
  const shortYear = year.slice(2);
  const parts: Record<Exclude<DateFormat, 'ISO' | 'JIS' | 'JUL'>, readonly string[]> = {
    USA: [month, day, year],
    EUR: [day, month, year],
    MDY: [month, day, shortYear],
    DMY: [day, month, shortYear],
    YMD: [shortYear, month, day],
  };
  return parts[format].join(separator);
}

/** `11.22.33`, `11:22:33` or `11:22 PM` -> `23:22:00`. */
export function isoTime(text: string, format: TimeFormat): string {
  if (format !== 'USA') return `${text.slice(0, 2)}:${text.slice(3, 5)}:${text.slice(6, 8)}`;
  const afternoon = text[6] === 'P' || text[6] === 'p';
  const hour = Number(text.slice(0, 2)) % 12;
  return `${String(afternoon ? hour + 12 : hour).padStart(2, '0')}:${text.slice(3, 5)}:00`;
}

export function jobTime(iso: string, format: TimeFormat): string {
  const match = /^(\d\d):(\d\d):(\d\d)$/.exec(iso);
  if (!match) throw notA('time', 'HH:MM:SS');
  const [, h, m, s] = match as unknown as [string, string, string, string];
  if (format === 'USA') {
    const hour = Number(h) % 12 === 0 ? 12 : Number(h) % 12;
    return `${String(hour).padStart(2, '0')}:${m} ${Number(h) % 24 >= 12 ? 'PM' : 'AM'}`;
  }
  return format === 'HMS' || format === 'JIS' ? `${h}:${m}:${s}` : `${h}.${m}.${s}`;
}

/** `2024-02-29-23.59.59.123` -> `2024-02-29T23:59:59.123`. */
export function isoTimestamp(text: string): string {
  const whole = `${text.slice(0, 10)}T${text.slice(11, 13)}:${text.slice(14, 16)}:${text.slice(17, 19)}`;
  return text.length > 20 ? `${whole}.${text.slice(20)}` : whole;
}

/** ISO text to the wire form with `fraction` digits. Missing digits are zero; more must be zero. */
export function wireTimestamp(iso: string, fraction: number): string {
  const match = /^(\d{4}-\d\d-\d\d)[T -](\d\d)[:.](\d\d)[:.](\d\d)(?:\.(\d*))?$/.exec(iso);
  const digits = match?.[5] ?? '';
  if (!match || /[1-9]/.test(digits.slice(fraction)))
    throw notA('timestamp', `YYYY-MM-DDTHH:MM:SS with at most ${fraction} fraction digits`);
  const whole = `${match[1]}-${match[2]}.${match[3]}.${match[4]}`;
  return fraction === 0 ? whole : `${whole}.${digits.slice(0, fraction).padEnd(fraction, '0')}`;
}

function separatorOf(format: DateFormat): string {
  if (format === 'EUR') return '.';
  return format === 'ISO' || format === 'JIS' ? '-' : '/';
}

function century(twoDigits: string): string {
  return Number(twoDigits) >= 40 ? '19' : '20';
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function dayOfYear(year: number, month: number, day: number): string {
  const leap = month > 2 && isLeap(year) ? 1 : 0;
  return String(DAYS_BEFORE_MONTH[month - 1]! + day + leap).padStart(3, '0');
}

function fromJulian(text: string): string {
  const year = Number(century(text.slice(0, 2)) + text.slice(0, 2));
  let day = Number(text.slice(3, 6));
  let month = 1;
  const before = (m: number): number => DAYS_BEFORE_MONTH[m]! + (m >= 2 && isLeap(year) ? 1 : 0);
  while (month < 12 && day > before(month)) month++;
  day -= before(month - 1);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function notA(what: string, form: string): CodedError {
  return new CodedError({
    code: 'PARAMETER_VALUE',
    message: `a ${what} parameter is not in the form ${form}`,
    next: `pass ${what}s as ${form}`,
  });
}
