import type { JobDateForm } from '../../sql-session';
import { badDateTime, badDateTimeValue } from '../failures';

const DATE_FORMS: readonly (readonly [RegExp, (m: RegExpExecArray) => [string, string, string]])[] = [
  [/^(\d{4})-(\d{1,2})-(\d{1,2})$/, (m) => [m[1]!, m[2]!, m[3]!]],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, (m) => [m[3]!, m[1]!, m[2]!]],
  [/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, (m) => [m[3]!, m[2]!, m[1]!]],
  [/^(\d{4})(\d\d)(\d\d)$/, (m) => [m[1]!, m[2]!, m[3]!]],
  [/^(\d{1,2})\/(\d{1,2})\/(\d\d)$/, (m) => [century(m[3]!), m[1]!, m[2]!]],
];

function century(yy: string): string {
  return `${Number(yy) < 40 ? 20 : 19}${yy}`;
}

/** Any date string Db2 takes, or a timestamp's date, to `2024-02-29`. */
export function isoDate(text: string): string {
  const t = text.trim();
  const stamp = /^(\d{4}-\d\d-\d\d)[-T ]\d/.exec(t);
  for (const [form, order] of DATE_FORMS) {
    const m = form.exec(stamp ? stamp[1]! : t);
    if (m) return checkedDate(...order(m));
  }
  const julian = /^(\d{4})(\d{3})$/.exec(t);
  if (julian) return new Date(Date.UTC(Number(julian[1]), 0, Number(julian[2]))).toISOString().slice(0, 10);
  throw badDateTime();
}

const JOB_FORMS: Readonly<Record<JobDateForm['order'], RegExp>> = {
  mdy: /^(?<m>\d\d?)(?<s>.)(?<d>\d\d?)\k<s>(?<y>\d\d)$/,
  dmy: /^(?<d>\d\d?)(?<s>.)(?<m>\d\d?)\k<s>(?<y>\d\d)$/,
  ymd: /^(?<y>\d\d)(?<s>.)(?<m>\d\d?)\k<s>(?<d>\d\d?)$/,
  jul: /^(?<y>\d\d)(?<s>.)(?<n>\d{3})$/,
};

/** A date in the job's own format as `2024-02-29`; null where it is none. */
export function jobDate(text: string, form: JobDateForm | null): string | null {
  const found = form && JOB_FORMS[form.order].exec(text.trim())?.groups;
  if (!found || found['s'] !== form.separator) return null;
  const year = Number(century(found['y']!));
  const iso = (month: number, day: number): string =>
    new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
  if (found['n'] !== undefined) {
    const made = iso(1, Number(found['n']));
    return Number(found['n']) > 0 && made.startsWith(String(year)) ? made : null;
  }
  const [month, day] = [Number(found['m']), Number(found['d'])];
  return isRealDate(year, month, day) ? iso(month, day) : null;
}

function checkedDate(year: string, month: string, day: string): string {
  const iso = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isRealDate(Number(year), Number(month), Number(day))) throw badDateTimeValue();
  return iso;
}

function isRealDate(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  return day <= daysInMonth(year, month);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `13.30.05`, `13:30:05`, `13:30`, `1:30 PM`, or a timestamp's time, to `13:30:05`. */
export function isoTime(text: string): string {
  const t = text.trim();
  const stamp = /^\d{4}-\d\d-\d\d[-T ](.*)$/.exec(t);
  const m = /^(\d{1,2})[.:](\d\d)(?:[.:](\d\d))?(?:[.,]\d+)?\s*([AP]M)?$/i.exec(stamp ? stamp[1]! : t);
  if (!m) throw badDateTime();
  let hour = Number(m[1]);
  const half = m[4]?.toUpperCase();
  if (half === 'PM' && hour < 12) hour += 12;
  if (half === 'AM' && hour === 12) hour = 0;
  const [minute, second] = [Number(m[2]), Number(m[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) throw badDateTimeValue();
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Any timestamp string Db2 takes to `2024-02-29T13:30:05.123456` with `scale` fractional digits. */
export function isoTimestamp(text: string, scale: number): string {
  const t = text.trim();
  const compact = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d*)$/.exec(t);
  const normal = compact
    ? `${compact[1]}-${compact[2]}-${compact[3]}-${compact[4]}.${compact[5]}.${compact[6]}${compact[7] ? `.${compact[7]}` : ''}`
    : t;
  const m = /^(\d{4}-\d{1,2}-\d{1,2})(?:[-T ](\d{1,2}[.:]\d\d(?:[.:]\d\d)?)(?:[.,](\d{0,12}))?)?Z?$/.exec(normal);
  if (!m) return `${isoDate(t)}T00:00:00${fraction('', scale)}`;
  return `${isoDate(m[1]!)}T${m[2] ? isoTime(m[2]) : '00:00:00'}${fraction(m[3] ?? '', scale)}`;
}

function fraction(digits: string, scale: number): string {
  return scale === 0 ? '' : `.${digits.slice(0, scale).padEnd(scale, '0')}`;
}

export function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** Same instant with another number of fractional digits, cut. */
export function scaleTimestamp(iso: string, scale: number): string {
  return `${iso.slice(0, 19)}${fraction(iso.slice(20), scale)}`;
}
