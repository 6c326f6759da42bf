/** A range of ISO dates as a predicate in the column's own convention: DATE, TIMESTAMP, or numbers and text that are dates. */
import { CodedError } from '../errors/coded-error';
import { writtenName } from '../model/identifiers';
import type { ColumnFormat } from '../model/record-format';
import { isChronological, legacyValue } from '../record/legacy-encode';
import type { SqlValue } from '../transport/transport';

export interface RangePredicate {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const DAY = 86_400_000;
/** An IN list of days serves forms whose order is not the order of time; beyond this it stops being sensible. */
const MAX_DAYS = 1100;

/**
 * @param column SQL text of the column reference
 * @param from, to ISO dates, both inclusive
 * @throws CodedError BACKFILL_RANGE (config)
 */
export function rangePredicate(column: string, format: ColumnFormat, from: string, to: string): RangePredicate {
  const days = daysBetween(from, to, format);
  if (format.type === 'TIMESTAMP')
    return {
      sql: `${column} >= ? AND ${column} < ?`,
      params: [`${from}T00:00:00.000000`, `${dayAfter(to)}T00:00:00.000000`],
    };
  if (format.type === 'DATE') return { sql: `${column} BETWEEN ? AND ?`, params: [from, to] };
  const meaning = format.as;
  if (!meaning || (meaning.date === undefined && meaning.timestamp === undefined))
    throw refused(
      `column ${format.name} is ${format.type} and nothing says that it holds dates`,
      `give it a meaning in the config: columns: { ${writtenName(format.name)}: { ${meaningFor(format)} } }, or use --where`,
    );
  if (meaning.timestamp !== undefined)
    return {
      sql: `${column} BETWEEN ? AND ?`,
      params: [legacyValue(format, `${from}T00:00:00`), legacyValue(format, `${to}T23:59:59`)],
    };
  if (isChronological(meaning))
    return { sql: `${column} BETWEEN ? AND ?`, params: [legacyValue(format, from), legacyValue(format, to)] };
  if (days > MAX_DAYS)
    throw refused(
      `dates in the form ${meaning.date} do not sort by time, and ${days} days are too many to list`,
      `run it in parts of at most ${MAX_DAYS} days, or use --where`,
    );
  const values = Array.from({ length: days }, (_, i) => legacyValue(format, isoDay(Date.parse(from) + i * DAY)));
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, params: values };
}

/** A form that the column's digits can hold. */
function meaningFor({ length, type }: ColumnFormat): string {
  const digits = type === 'BIGINT' ? 14 : type === 'INTEGER' ? 8 : length;
  const fitting = [
    'timestamp: ccyymmddhhmmss',
    'timestamp: cyymmddhhmmss',
    'date: ccyymmdd',
    'date: cyymmdd',
    'date: yymmdd',
  ];
  const needs = [14, 13, 8, 7, 6];
  return fitting[needs.findIndex((n) => digits >= n)] ?? 'date: yyddd';
}

function daysBetween(from: string, to: string, format: ColumnFormat): number {
  for (const date of [from, to])
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date)) || isoDay(Date.parse(date)) !== date)
      throw refused(`"${date}" is not an ISO date such as 2026-01-31`, 'give --from and --to as YYYY-MM-DD');
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;
  if (days < 1) throw refused(`--to ${to} lies before --from ${from} (column ${format.name})`, 'swap them');
  return days;
}

function dayAfter(iso: string): string {
  return isoDay(Date.parse(iso) + DAY);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function refused(message: string, next: string): CodedError {
  return new CodedError({ code: 'BACKFILL_RANGE', family: 'config', message, next });
}
