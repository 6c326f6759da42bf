/** Calendar and clock arithmetic on plain integers: dates as yyyymmdd, times as hhmmss. Proleptic Gregorian, years 1..9999. */

const DAYS = Uint8Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

function leap(year: number): boolean {
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** yyyymmdd, or -1 for a day that is not in the calendar. */
export function dateNumber(year: number, month: number, day: number): number {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return -1;
  if (day > DAYS[month]! && !(month === 2 && day === 29 && leap(year))) return -1;
  return year * 10000 + month * 100 + day;
}

/** yyyymmdd of the n-th day of a year, or -1. */
export function ordinalDate(year: number, dayOfYear: number): number {
  if (year < 1 || year > 9999 || dayOfYear < 1 || dayOfYear > (leap(year) ? 366 : 365)) return -1;
  let day = dayOfYear;
  for (let month = 1; month <= 12; month++) {
    const length = month === 2 && leap(year) ? 29 : DAYS[month]!;
    if (day <= length) return year * 10000 + month * 100 + day;
    day -= length;
  }
  return -1;
}

/** Day of the year of a valid yyyymmdd, 1..366. */
export function dayOfYear(date: number): number {
  const year = Math.trunc(date / 10000);
  const month = Math.trunc(date / 100) % 100;
  let day = date % 100;
  for (let m = 1; m < month; m++) day += m === 2 && leap(year) ? 29 : DAYS[m]!;
  return day;
}

/** hhmmss, or -1 for a time that is not on the clock. 24:00:00 is one. */
export function timeNumber(hour: number, minute: number, second: number): number {
  if (hour > 24 || minute > 59 || second > 59 || hour < 0) return -1;
  if (hour === 24 && (minute !== 0 || second !== 0)) return -1;
  return hour * 10000 + minute * 100 + second;
}

/** ISO `2024-02-29` to yyyymmdd, or -1. */
export function isoDateNumber(text: string): number {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
  return m ? dateNumber(Number(m[1]), Number(m[2]), Number(m[3])) : -1;
}

/** ISO `23:59:59` or `23:59` to hhmmss, or -1. */
export function isoTimeNumber(text: string): number {
  const m = /^(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  return m ? timeNumber(Number(m[1]), Number(m[2]), Number(m[3] ?? 0)) : -1;
}

/** Two-digit year to four: `pivot`..99 is 19xx, 0..`pivot`-1 is 20xx. */
export function fullYear(twoDigits: number, pivot: number): number {
  return twoDigits >= pivot ? 1900 + twoDigits : 2000 + twoDigits;
}
