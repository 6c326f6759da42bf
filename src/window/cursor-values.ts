/**
 * A window cursor in its column's own type: lower bounds as values, the upper bound as an SQL expression over the
 * server's clock, so that it is taken in the statement that reads.
 */
import { CodedError } from '../errors/coded-error';
import { formatName } from '../model/position';
import type { LegacyDate } from '../model/record-format';
import { legacyDateNumber, legacyTimeNumber } from '../record/legacy/legacy';
import { legacyText } from '../record/legacy/legacy-encode';
import type { SqlValue } from '../transport/transport';
import { fromMs } from './local-time';
import type { WindowCursor, WindowOptions } from './options';

export interface CursorSql {
  readonly columns: readonly string[];
  /** One SQL expression a column; null for cursors without a clock. */
  readonly upper: readonly string[] | null;
}

/** @throws CodedError WINDOW_CURSOR for forms whose order is not the order of time */
export function cursorSql(options: WindowOptions): CursorSql {
  const { cursor } = options;
  const seconds = Math.ceil(options.marginMs / 1000);
  const now = `CURRENT TIMESTAMP - ${seconds} SECONDS`;
  switch (cursor.is) {
    case 'timestamp':
      return { columns: [cursor.column], upper: [now] };
    case 'sequence':
      return { columns: [cursor.column], upper: null };
    default: {
      const date = DATE_OF_CLOCK[cursor.dateForm];
      if (!date) throw unordered(options, cursor.dateForm);
      const columns = cursor.time === null ? [cursor.date] : [cursor.date, cursor.time];
      const upper = [date, TIME_OF_CLOCK[cursor.timeForm]].slice(0, columns.length);
      return { columns, upper: upper.map((e, i) => inType(options, columns[i]!, e.replaceAll('NOW', now))) };
    }
  }
}

/** Expressions over the clock. Two-digit years order only inside one century, so they are refused. */
const DATE_OF_CLOCK: Partial<Record<LegacyDate, string>> = {
  cyymmdd: '(YEAR(NOW) - 1900) * 10000 + MONTH(NOW) * 100 + DAY(NOW)',
  ccyymmdd: 'YEAR(NOW) * 10000 + MONTH(NOW) * 100 + DAY(NOW)',
  cyyddd: '(YEAR(NOW) - 1900) * 1000 + DAYOFYEAR(NOW)',
  ccyyddd: 'YEAR(NOW) * 1000 + DAYOFYEAR(NOW)',
};
const TIME_OF_CLOCK = {
  hhmmss: 'HOUR(NOW) * 10000 + MINUTE(NOW) * 100 + SECOND(NOW)',
  hhmm: 'HOUR(NOW) * 100 + MINUTE(NOW)',
} as const;

/** Dates kept as text compare as text: the clock is brought to the column's type, never the column to the clock's. */
function inType(options: WindowOptions, column: string, expression: string): string {
  const format = options.columns.find((c) => c.name === column);
  if (format?.type !== 'CHAR' && format?.type !== 'VARCHAR') return expression;
  return `SUBSTR(DIGITS(CAST(${expression} AS DECIMAL(${format.length}, 0))), 1, ${format.length})`;
}

function unordered(options: WindowOptions, form: LegacyDate): CodedError {
  return new CodedError({
    code: 'WINDOW_CURSOR',
    message: `tables.${formatName(options.table)}.capture.window.by: dates in the form ${form} do not sort by time`,
    next: `use a column in the form ${Object.keys(DATE_OF_CLOCK).join(', ')}, a TIMESTAMP column, or a growing number`,
  });
}

/** A moment of the partition's local clock as cursor values; for sequences there is none. */
export function cursorAt(cursor: WindowCursor, options: WindowOptions, ms: number): SqlValue[] {
  const iso = fromMs(ms);
  if (cursor.is === 'timestamp') return [iso];
  if (cursor.is === 'sequence') return [];
  const date = legacyText({ date: cursor.dateForm }, iso.slice(0, 10));
  const time = iso.slice(11, 19).replaceAll(':', '');
  const values = [date, cursor.timeForm === 'hhmm' ? time.slice(0, 4) : time].slice(0, cursor.time === null ? 1 : 2);
  const columns = cursor.time === null ? [cursor.date] : [cursor.date, cursor.time];
  return values.map((v, i) => {
    const type = options.columns.find((c) => c.name === columns[i])?.type;
    return type === 'CHAR' || type === 'VARCHAR' ? v : v.replace(/^0+(?=\d)/, '');
  });
}

/** The moment in a row's cursor columns, in milliseconds of the local clock; null when there is none. */
export function momentOf(cursor: WindowCursor, values: readonly SqlValue[]): number | null {
  if (cursor.is === 'sequence') return null;
  const first = values[0];
  if (first === null || first === undefined) return null;
  if (cursor.is === 'timestamp') return msOf(String(first));
  const date = legacyDateNumber(cursor.dateForm, Number(String(first).trim() || '-1'), 40);
  if (!(date > 0)) return null;
  const time =
    cursor.time === null ? 0 : legacyTimeNumber(cursor.timeForm, Number(String(values[1] ?? '0').trim() || '0'));
  if (!(time >= 0)) return null;
  return Date.UTC(
    Math.floor(date / 10000),
    (Math.floor(date / 100) % 100) - 1,
    date % 100,
    Math.floor(time / 10000),
    Math.floor(time / 100) % 100,
    time % 100,
  );
}

function msOf(timestamp: string): number {
  const second = Date.parse(`${timestamp.slice(0, 10)}T${timestamp.slice(11, 19)}Z`);
  return second + Number(timestamp.slice(20, 23).padEnd(3, '0'));
}
