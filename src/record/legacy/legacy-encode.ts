/** The other direction of a legacy meaning: an ISO date, time or timestamp as the column's own number or text, for predicates. */
import { isoDateNumber, isoTimeNumber } from '../../bytes/calendar';
import { fieldError } from '../../bytes/field-error';
import type { ColumnFormat, LegacyMeaning } from '../../model/record-format';
import { DEFAULT_PIVOT, dateOfTimestamp, legacyDateDigits } from './legacy';

/**
 * A value to compare the column with: decimal text for numeric columns (`1240305`, leading zeros lost), zero-padded text for
 * character columns (`0990305`), the ISO text itself for a column without a legacy meaning.
 * @param iso `2024-02-29`, `23:59:59` or `2024-02-29T23:59:59`
 * @throws CodedError family `decode`: `DATE_IMPOSSIBLE`, `TIME_IMPOSSIBLE`, or `LEGACY_RANGE` where the form has no such year
 */
export function legacyValue(column: ColumnFormat, iso: string): string {
  const meaning = column.as;
  if (!meaning) return iso;
  const digits = legacyText(meaning, iso);
  return column.type === 'CHAR' || column.type === 'VARCHAR' ? digits : digits.replace(/^0+(?=\d)/, '');
}

/** The form's digits, zero padded. */
export function legacyText(meaning: LegacyMeaning, iso: string): string {
  const [date, time] = iso.split(/[T ]/) as [string, string | undefined];
  if (meaning.time !== undefined) return timeDigits(time ?? date, meaning.time === 'hhmm' ? 4 : 6);
  const pivot = meaning.pivot ?? DEFAULT_PIVOT;
  const day = dateDigits(meaning.date ?? dateOfTimestamp(meaning.timestamp ?? 'cyymmddhhmmss'), date, pivot);
  return meaning.timestamp === undefined ? day : day + timeDigits((time ?? '00:00:00').replace(/\.\d+$/, ''), 6);
}

function dateDigits(form: NonNullable<LegacyMeaning['date']>, iso: string, pivot: number): string {
  const day = isoDateNumber(iso);
  if (day < 0) throw fieldError('DATE_IMPOSSIBLE');
  const digits = legacyDateDigits(form, day, pivot);
  if (digits === null) throw fieldError('LEGACY_RANGE');
  return digits;
}

function timeDigits(iso: string, count: 4 | 6): string {
  const time = isoTimeNumber(iso);
  if (time < 0 || (count === 4 && time % 100 !== 0)) throw fieldError('TIME_IMPOSSIBLE');
  return String(time).padStart(6, '0').slice(0, count);
}

const CHRONOLOGICAL = ['cyymmdd', 'ccyymmdd', 'cyyddd', 'ccyyddd'];

/**
 * Whether comparing the column's values compares their dates, so that BETWEEN works on it.
 * Two-digit years do only inside one century, month-first and day-first forms never.
 */
export function isChronological(meaning: LegacyMeaning | null | undefined): boolean {
  if (!meaning || meaning.time !== undefined || meaning.timestamp !== undefined) return true;
  return meaning.date === undefined || CHRONOLOGICAL.includes(meaning.date);
}
