/** Dates and times between their ISO text and the job's formats (protocol reference 7.1 and 9.4). */
import type { JobDateForm } from '../../../sql-session';

const DATE = { jul: 0, mdy: 1, dmy: 2, ymd: 3, usa: 4, iso: 5, eur: 6, jis: 7 } as const;
const TIME = { hms: 0, usa: 1, iso: 2, eur: 3, jis: 4 } as const;
const DATE_SEPARATOR = ['/', '-', '.', ',', ' '];
const TIME_SEPARATOR = [':', '.', ',', ' '];

/** `2024-02-29` in the job's date format; null when the format cannot hold the year (two digits: 1940 to 2039). */
export function jobDate(iso: string, format: number, separator: number): string | null {
  const [y, m, d] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
  if (format === DATE.iso || format === DATE.jis) return iso;
  if (format === DATE.usa) return `${m}/${d}/${y}`;
  if (format === DATE.eur) return `${d}.${m}.${y}`;
  const year = Number(y);
  if (year < 1940 || year > 2039) return null;
  const s = DATE_SEPARATOR[separator] ?? '/';
  const yy = y.slice(2);
  if (format === DATE.mdy) return `${m}${s}${d}${s}${yy}`;
  if (format === DATE.dmy) return `${d}${s}${m}${s}${yy}`;
  if (format === DATE.ymd) return `${yy}${s}${m}${s}${d}`;
  return `${yy}${s}${String(dayOfYear(iso)).padStart(3, '0')}`;
}

/** How dates with a year of two digits are written in a job's format; null where it has four. */
export function twoDigitForm(format: number, separator: number): JobDateForm | null {
  const order = (['jul', 'mdy', 'dmy', 'ymd'] as const)[format];
  return order === undefined ? null : { order, separator: DATE_SEPARATOR[separator] ?? '/' };
}

/** Text of a date parameter back to ISO. A year in front is ISO whatever the job's format: so does JTOpen send every date. */
export function isoDate(text: string, format: number): string {
  const n = text.replace(/\D/g, '');
  if (/^\d{4}\D/.test(text)) return `${n.slice(0, 4)}-${n.slice(4, 6)}-${n.slice(6, 8)}`;
  if (format === DATE.usa) return `${n.slice(4, 8)}-${n.slice(0, 2)}-${n.slice(2, 4)}`;
  if (format === DATE.eur) return `${n.slice(4, 8)}-${n.slice(2, 4)}-${n.slice(0, 2)}`;
  if (format === DATE.mdy) return `${century(n.slice(4, 6))}-${n.slice(0, 2)}-${n.slice(2, 4)}`;
  if (format === DATE.dmy) return `${century(n.slice(4, 6))}-${n.slice(2, 4)}-${n.slice(0, 2)}`;
  if (format === DATE.ymd) return `${century(n.slice(0, 2))}-${n.slice(2, 4)}-${n.slice(4, 6)}`;
  if (format === DATE.jul) return fromDayOfYear(century(n.slice(0, 2)), Number(n.slice(2, 5)));
  return `${n.slice(0, 4)}-${n.slice(4, 6)}-${n.slice(6, 8)}`;
}

/** `23:59:59` in the job's time format, always eight characters. */
export function jobTime(time: string, format: number, separator: number): string {
  const [h, m, s] = [time.slice(0, 2), time.slice(3, 5), time.slice(6, 8)];
  if (format === TIME.iso || format === TIME.eur) return `${h}.${m}.${s}`;
  if (format === TIME.jis) return `${h}:${m}:${s}`;
  if (format === TIME.usa) {
    const hour = Number(h);
    const twelve = hour % 12 === 0 ? 12 : hour % 12;
    return `${String(twelve).padStart(2, '0')}:${m} ${hour < 12 ? 'AM' : 'PM'}`;
  }
  const by = TIME_SEPARATOR[separator] ?? ':';
  return `${h}${by}${m}${by}${s}`;
}

/** Only a text with AM or PM is USA; parameters come as `hh.mm.ss` in every format. */
export function isoTime(text: string): string {
  const n = text.replace(/\D/g, '');
  if (!/[ap]m/i.test(text)) return `${n.slice(0, 2)}:${n.slice(2, 4)}:${n.slice(4, 6)}`;
  const hour = (Number(n.slice(0, 2)) % 12) + (/p/i.test(text) ? 12 : 0);
  return `${String(hour).padStart(2, '0')}:${n.slice(2, 4)}:00`;
}

/** `2024-02-29T23:59:59.123456` as `2024-02-29-23.59.59.123456`, cut or filled to `length` characters. */
export function hostTimestamp(iso: string, length: number): string {
  const text = `${iso.slice(0, 10)}-${iso.slice(11, 13)}.${iso.slice(14, 16)}.${iso.slice(17, 19)}${iso.slice(19)}`;
  if (text.length === length) return text;
  if (text.length > length) return text.slice(0, length);
  return (text.length === 19 ? `${text}.` : text).padEnd(length, '0');
}

export function isoTimestamp(text: string): string {
  const n = text.replace(/\D/g, '');
  const head = `${n.slice(0, 4)}-${n.slice(4, 6)}-${n.slice(6, 8)}T${n.slice(8, 10)}:${n.slice(10, 12)}:${n.slice(12, 14)}`;
  return n.length > 14 ? `${head}.${n.slice(14)}` : head;
}

function century(yy: string): string {
  return Number(yy) >= 40 ? `19${yy}` : `20${yy}`;
}

function dayOfYear(iso: string): number {
  const day = Date.UTC(Number(iso.slice(0, 4)), Number(iso.slice(5, 7)) - 1, Number(iso.slice(8, 10)));
  return (day - Date.UTC(Number(iso.slice(0, 4)), 0, 1)) / 86_400_000 + 1;
}

function fromDayOfYear(year: string, day: number): string {
  return new Date(Date.UTC(Number(year), 0, day)).toISOString().slice(0, 10);
}
