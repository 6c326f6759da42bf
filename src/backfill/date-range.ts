/** A range of ISO dates as a predicate in the column's own convention: DATE, TIMESTAMP, or numbers and text that are dates. */
import { CodedError } from '../errors/coded-error';
import { writtenName } from '../model/identifiers';
import type { ColumnFormat, LegacyMeaning } from '../model/record-format';
import { DEFAULT_PIVOT, dateOfTimestamp, LEGACY_DIGITS } from '../record/legacy/legacy';
import { isChronological, legacyValue } from '../record/legacy/legacy-encode';
import type { RangePredicate } from './sorted-date';
import { sortedDate } from './sorted-date';

interface Range {
  readonly from: string;
  readonly to: string;
}

const DAY = 86_400_000;
/** An IN list of days can use an index on forms whose order is not the order of time; beyond this it stops being sensible. */
const MAX_DAYS = 1100;
/** Db2 has no day beyond it. */
const LAST_DAY = '9999-12-31';

/**
 * Ends beyond what the column can say are drawn in to it: `0001-01-01` and `9999-12-31` stand for "from the beginning" and "to
 * the end". The midnight that ends the last day (24:00:00) belongs to it.
 *
 * @param column SQL text of the column reference
 * @param from, to ISO dates, both inclusive
 * @throws CodedError BACKFILL_RANGE (config)
 */
export function rangePredicate(column: string, format: ColumnFormat, from: string, to: string): RangePredicate {
  checkDates(from, to, format);
  if (format.type === 'TIMESTAMP') return timestamps(column, { from, to });
  if (format.type === 'DATE') return { sql: `${column} BETWEEN ? AND ?`, params: [from, to] };
  const meaning = format.as;
  if (!meaning || (meaning.date === undefined && meaning.timestamp === undefined))
    throw refused(`column ${format.name} is ${format.type} and nothing says that it holds dates`, advice(format));
  return legacy(column, format, meaning, drawnIn(format, meaning, { from, to }));
}

function timestamps(column: string, { from, to }: Range): RangePredicate {
  const first = `${from}T00:00:00.000000`;
  if (to === LAST_DAY) return { sql: `${column} >= ?`, params: [first] };
  const next = isoDay(Date.parse(to) + DAY);
  return { sql: `${column} >= ? AND ${column} < ?`, params: [first, `${next}T00:00:00.000000`] };
}

function legacy(column: string, format: ColumnFormat, meaning: LegacyMeaning, range: Range): RangePredicate {
  const { from, to } = range;
  if (meaning.timestamp !== undefined)
    return {
      sql: `${column} BETWEEN ? AND ?`,
      params: [legacyValue(format, `${from}T00:00:00`), legacyValue(format, `${to}T24:00:00`)],
    };
  if (isChronological(meaning))
    return { sql: `${column} BETWEEN ? AND ?`, params: [legacyValue(format, from), legacyValue(format, to)] };
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
  if (days > MAX_DAYS) return sortedDate(column, format, meaning, range) ?? tooMany(meaning, days);
  const values = Array.from({ length: days }, (_, i) => legacyValue(format, isoDay(Date.parse(from) + i * DAY)));
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, params: values };
}

function tooMany(meaning: LegacyMeaning, days: number): never {
  throw refused(
    `dates in the form ${meaning.date} do not sort by time, and ${days} days are too many to list`,
    `run it in parts of at most ${MAX_DAYS} days, or use --where`,
  );
}

/** First and last day of the form. */
function windowOf(meaning: LegacyMeaning): Range {
  const form = meaning.date ?? dateOfTimestamp(meaning.timestamp!);
  if (form.includes('ccyy')) return { from: '0001-01-01', to: LAST_DAY };
  if (form.startsWith('c')) return { from: '1900-01-01', to: '2899-12-31' };
  const pivot = meaning.pivot ?? DEFAULT_PIVOT;
  // years from the pivot on are 19xx, those before it 20xx
  return { from: `${1900 + pivot}-01-01`, to: pivot === 0 ? '1999-12-31' : `${1999 + pivot}-12-31` };
}

function drawnIn(format: ColumnFormat, meaning: LegacyMeaning, range: Range): Range {
  const window = windowOf(meaning);
  const says = `column ${format.name} holds ${window.from} to ${window.to} (${meaning.date ?? meaning.timestamp})`;
  if (range.to < window.from) throw refused(`--to ${range.to} lies before all that ${says}`, 'choose days within it');
  if (range.from > window.to)
    throw refused(`--from ${range.from} lies after all that ${says}`, 'choose days within it');
  return {
    from: range.from < window.from ? window.from : range.from,
    to: range.to > window.to ? window.to : range.to,
  };
}

const HOLDS_DATES = ['CHAR', 'VARCHAR', 'DECIMAL', 'NUMERIC', 'INTEGER', 'BIGINT'];
/** Digits of the longest form a number of the type holds. */
const WHOLE: Readonly<Record<string, number>> = { INTEGER: 8, BIGINT: 14 };

/** The forms its digits could hold, and the way that needs none. */
function advice({ name, type, length, scale }: ColumnFormat): string {
  const where = 'use --where with a condition of your own in place of --column, --from and --to';
  const digits = WHOLE[type] ?? (/CHAR$/.test(type) || scale === 0 ? length : 0);
  const dates = Object.entries(LEGACY_DIGITS).filter(([form, n]) => !form.startsWith('h') && n <= digits);
  const most = Math.max(0, ...dates.map(([, n]) => n));
  const forms = HOLDS_DATES.includes(type) ? dates.filter(([, n]) => n === most).map(([form]) => form) : [];
  if (forms.length === 0) return where;
  const kind = forms[0]!.endsWith('hhmmss') ? 'timestamp' : 'date';
  return `if its values are ${forms.join(' or ')}, say so in the config: columns: { ${writtenName(name)}: { ${kind}: ${forms[0]} } }; or ${where}`;
}

function checkDates(from: string, to: string, format: ColumnFormat): void {
  for (const [option, date] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    const real = /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date)) && isoDay(Date.parse(date)) === date;
    if (!real || date < '0001')
      throw refused(`${option} "${date}" is not an ISO date such as 2026-01-31`, `give ${option} as YYYY-MM-DD`);
  }
  if (to < from) throw refused(`--to ${to} lies before --from ${from} (column ${format.name})`, 'swap them');
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refused(message: string, next: string): CodedError {
  return new CodedError({ code: 'BACKFILL_RANGE', message, next });
}
