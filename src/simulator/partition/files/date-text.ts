/** DATE and TIME fields are text in the file's DATFMT and TIMFMT. ISO in, ISO out; anything else is rendered here. */
import type { ColumnFormat } from '../../../model/record-format';
import { conversionError } from '../failures';
import { dateSeparator, timeSeparator } from './record-layout';

type DateLook = Pick<ColumnFormat, 'dateFormat' | 'dateSeparator'>;
type TimeLook = Pick<ColumnFormat, 'timeFormat' | 'timeSeparator'>;

/** `2024-03-05` as the column writes it, e.g. `05.03.2024` under *EUR. Two-digit years cover 1940-2039 only. */
export function dateText(column: ColumnFormat, iso: string): string {
  const m = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso);
  if (!m || !isDate(Number(m[1]), Number(m[2]), Number(m[3]))) throw conversionError(column.name);
  const [, year, month, day] = m as unknown as [string, string, string, string];
  const s = dateSeparator(column);
  const format = column.dateFormat ?? 'ISO';
  const short = format === 'MDY' || format === 'DMY' || format === 'YMD' || format === 'JUL';
  if (short && (Number(year) < 1940 || Number(year) > 2039)) throw conversionError(column.name);
  const yy = year.slice(2);
  switch (format) {
    case 'USA':
      return [month, day, year].join(s);
    case 'EUR':
      return [day, month, year].join(s);
    case 'MDY':
      return [month, day, yy].join(s);
    case 'DMY':
      return [day, month, yy].join(s);
    case 'YMD':
      return [yy, month, day].join(s);
    case 'JUL':
      return [yy, String(dayOfYear(Number(year), Number(month), Number(day))).padStart(3, '0')].join(s);
    default:
      return [year, month, day].join(s);
  }
}

/** The ISO date of a field's text, or null when it is none. */
export function parseDateText(column: DateLook, text: string): string | null {
  const digits = text.match(/\d+/g)?.join('') ?? '';
  const format = column.dateFormat ?? 'ISO';
  const cut = (widths: number[]) => {
    const parts: number[] = [];
    let at = 0;
    for (const width of widths) {
      parts.push(Number(digits.slice(at, at + width)));
      at += width;
    }
    return at === digits.length ? parts : null;
  };
  const century = (yy: number) => (yy < 40 ? 2000 + yy : 1900 + yy);
  const order: Record<string, () => [number, number, number] | null> = {
    ISO: () => cut([4, 2, 2]) as [number, number, number] | null,
    JIS: () => cut([4, 2, 2]) as [number, number, number] | null,
    USA: () => pick(cut([2, 2, 4]), 2, 0, 1),
    EUR: () => pick(cut([2, 2, 4]), 2, 1, 0),
    MDY: () => withCentury(pick(cut([2, 2, 2]), 2, 0, 1), century),
    DMY: () => withCentury(pick(cut([2, 2, 2]), 2, 1, 0), century),
    YMD: () => withCentury(pick(cut([2, 2, 2]), 0, 1, 2), century),
    JUL: () => julian(cut([2, 3]), century),
  };
  const ymd = order[format]!();
  if (!ymd || !isDate(...ymd)) return null;
  const iso = `${String(ymd[0]).padStart(4, '0')}-${two(ymd[1])}-${two(ymd[2])}`;
  return dateText({ ...NO_COLUMN, ...column }, iso) === text ? iso : null;
}

/** `23:59:59` as the column writes it; *USA has no seconds. */
export function timeText(column: ColumnFormat, iso: string): string {
  const m = /^(\d\d)[:.](\d\d)(?:[:.](\d\d))?$/.exec(iso);
  if (!m || !isTime(Number(m[1]), Number(m[2]), Number(m[3] ?? 0))) throw conversionError(column.name);
  const [hour, minute, second] = [Number(m[1]), m[2]!, m[3] ?? '00'];
  const s = timeSeparator(column);
  if (column.timeFormat !== 'USA') return [two(hour), minute, second].join(s);
  const half = hour % 24 >= 12 ? 'PM' : 'AM';
  return `${two(hour % 12 === 0 ? 12 : hour % 12)}${s}${minute} ${half}`;
}

/** The ISO time of a field's text, or null when it is none. */
export function parseTimeText(column: TimeLook, text: string): string | null {
  if (column.timeFormat === 'USA') {
    const m = /^(\d\d).?(\d\d) ([AP])M$/.exec(text);
    if (!m || Number(m[1]) > 12 || Number(m[2]) > 59) return null;
    return `${two((Number(m[1]) % 12) + (m[3] === 'P' ? 12 : 0))}:${m[2]}:00`;
  }
  const digits = text.match(/\d+/g)?.join('') ?? '';
  const [h, m, s] = [Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4))];
  if (digits.length !== 6 || !isTime(h, m, s)) return null;
  return `${two(h)}:${two(m)}:${two(s)}`;
}

const NO_COLUMN: ColumnFormat = { name: '', type: 'DATE', length: 10, scale: 0, ccsid: null, nullable: false };

function two(n: number): string {
  return String(n).padStart(2, '0');
}

function pick(parts: number[] | null, y: number, m: number, d: number): [number, number, number] | null {
  return parts ? [parts[y]!, parts[m]!, parts[d]!] : null;
}

function withCentury(
  ymd: [number, number, number] | null,
  century: (yy: number) => number,
): [number, number, number] | null {
  return ymd ? [century(ymd[0]), ymd[1], ymd[2]] : null;
}

function julian(parts: number[] | null, century: (yy: number) => number): [number, number, number] | null {
  if (!parts) return null;
  const date = new Date(Date.UTC(century(parts[0]!), 0, parts[1]!));
  if (parts[1]! < 1 || date.getUTCFullYear() !== century(parts[0]!)) return null;
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}

function dayOfYear(year: number, month: number, day: number): number {
  return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1;
}

function isDate(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

/** 24:00:00 is legal in Db2. */
function isTime(hour: number, minute: number, second: number): boolean {
  if (hour === 24) return minute === 0 && second === 0;
  return hour < 24 && minute < 60 && second < 60;
}
