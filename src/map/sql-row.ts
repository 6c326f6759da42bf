/** Rows read by SQL (window, backfill, reconcile) in the value forms a record image gives: one event shape for every way in. */
import { isoDate, isoTime } from '../bytes/calendar';
import { CodedError } from '../errors/coded-error';
import type { SqlRow } from '../model/change';
import type { ColumnFormat, LegacyMeaning, RecordFormat } from '../model/record-format';
import { errorCode } from '../record/field-errors';
import { DEFAULT_PIVOT, legacyDateNumber, legacyTimeNumber } from '../record/legacy';
import type { JsonOutput } from '../record/outputs';
import { offsetText, Zone } from '../record/zone';
import { addErrors, type ReadErrors, type Scalar } from './row-values';

/** Values of `outputs` in order. A column the statement did not select is an error of the caller. */
export function sqlRowValues(
  format: RecordFormat,
  outputs: readonly JsonOutput[],
  row: SqlRow,
  into: ReadErrors,
): Scalar[] {
  return outputs.map((o) => {
    const column = columnOf(format, o.column);
    const value = plainValue(row, column, o.as === undefined ? (column.as ?? null) : o.as);
    if (!o.time) return failed(value, column, o, into) ? null : zoned(value as Scalar, o);
    const timeColumn = columnOf(format, o.time.column);
    const time = plainValue(row, timeColumn, o.time.as ?? null);
    if (failed(value, column, o, into) || failed(time, timeColumn, o, into)) return null;
    return value === null || time === null ? null : zoned(joined(String(value), String(time)), o);
  });
}

class Fault {
  constructor(
    readonly number: number,
    readonly text: string,
  ) {}
}

function failed(value: Scalar | Fault, column: ColumnFormat, o: JsonOutput, into: ReadErrors): boolean {
  if (!(value instanceof Fault)) return false;
  const policy = o.onError ?? 'null';
  const disposition = policy === 'stop' ? 'stop' : policy === 'quarantine-row' ? 'quarantine' : 'emit';
  // there are no bytes to show: the digits stand for them
  const raw = Buffer.from(value.text, 'latin1').toString('hex');
  addErrors([{ column: column.name, code: errorCode(value.number), raw }], disposition, into);
  return true;
}

function plainValue(row: SqlRow, column: ColumnFormat, meaning: LegacyMeaning | null): Scalar | Fault {
  const value = row[column.name];
  if (value === undefined) {
    throw new CodedError({
      code: 'MAP_ROW_COLUMN',
      family: 'bug',
      message: `a row was mapped without its column ${column.name}`,
      facts: { column: column.name },
    });
  }
  if (value === null || typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (meaning) return legacy(String(value), column, meaning);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return isText(column) ? value.replace(/[ \u3000]+$/, '') : value;
}

function isText(column: ColumnFormat): boolean {
  return /CHAR|GRAPHIC|CLOB|XML/.test(column.type);
}

function legacy(text: string, column: ColumnFormat, meaning: LegacyMeaning): Scalar | Fault {
  const digits = text.trim().replace(/\.0*$/, '');
  const sentinels = (meaning.sentinels ?? []).map(String);
  if (sentinels.includes(digits) || sentinels.includes(text.trim())) return null;
  if (digits === '' && sentinels.some((s) => /^\*BLANKS?$/i.test(s))) return null;
  if (/^9+$/.test(digits) && digits.length === column.length && sentinels.some((s) => /^\*HIVAL$/i.test(s)))
    return null;
  const form = meaning.date ?? meaning.time ?? meaning.timestamp;
  if (form === undefined) return isText(column) ? text.trimEnd() : text;
  if (!/^\d+$/.test(digits)) return new Fault(LEGACY_TEXT, digits);
  return meaningful(Number(digits), digits, meaning);
}

const LEGACY_TEXT = numberOf('LEGACY_TEXT');

function numberOf(code: string): number {
  for (let n = -1; n > -64; n--) if (errorCode(n) === code) return n;
  return -1;
}

function meaningful(value: number, digits: string, meaning: LegacyMeaning): Scalar | Fault {
  const pivot = meaning.pivot ?? DEFAULT_PIVOT;
  if (meaning.time) {
    const time = legacyTimeNumber(meaning.time, value);
    return time < 0 ? new Fault(time, digits) : isoTime(time);
  }
  if (meaning.date) {
    const date = legacyDateNumber(meaning.date, value, pivot);
    return date < 0 ? new Fault(date, digits) : isoDate(date);
  }
  const date = legacyDateNumber('cyymmdd', Math.trunc(value / 1e6), pivot);
  const time = legacyTimeNumber('hhmmss', value % 1e6);
  if (date < 0 || time < 0) return new Fault(Math.min(date, time), digits);
  return joined(isoDate(date), isoTime(time));
}

/** 24:00:00 is midnight of the next day. */
function joined(date: string, time: string): string {
  if (!time.startsWith('24')) return `${date}T${time}`;
  return `${new Date(Date.parse(`${date}T00:00:00Z`) + 864e5).toISOString().slice(0, 10)}T00:00:00`;
}

function zoned(value: Scalar, o: JsonOutput): Scalar {
  if (o.zone === undefined || typeof value !== 'string' || value.length < 19) return value;
  const date = Number(value.slice(0, 10).replaceAll('-', ''));
  const time = Number(value.slice(11, 19).replaceAll(':', ''));
  return value + offsetText(new Zone(o.zone).offsetAt(date, time));
}

function columnOf(format: RecordFormat, name: string): ColumnFormat {
  return format.columns.find((c) => c.name === name)!;
}
