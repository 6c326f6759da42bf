/** A record format as JSON, checked: what `ibmi-cdc decode` reads from a file or a line. */
import { CodedError } from '../../errors/coded-error';
import {
  type ColumnFormat,
  LEGACY_DATES,
  LEGACY_TIMESTAMPS,
  type LegacyMeaning,
  type RecordFormat,
  SQL_TYPES,
  type SqlTypeName,
} from '../../model/record-format';

const DATE_FORMATS = ['ISO', 'USA', 'EUR', 'JIS', 'MDY', 'DMY', 'YMD', 'JUL'] as const;
const TIME_FORMATS = ['ISO', 'USA', 'EUR', 'JIS', 'HMS'] as const;

/** Types whose length the format need not repeat. */
const KNOWN_LENGTHS: Partial<Record<SqlTypeName, number>> = {
  SMALLINT: 2,
  INTEGER: 4,
  BIGINT: 8,
  REAL: 4,
  DOUBLE: 8,
  DATE: 10,
  TIME: 8,
  TIMESTAMP: 26,
  BOOLEAN: 1,
  ROWID: 40,
};

/** Where a LOB format leaves its length out: the largest one. */
const LARGEST_LOB = 2147483647;

type Json = Readonly<Record<string, unknown>>;

/** @throws CodedError family `config`, code `FORMAT_INVALID`, naming the column and member */
export function parseFormat(value: unknown): RecordFormat {
  if (!isObject(value)) throw invalid('the format', 'an object with `table` and `columns`', value);
  const { table, columns } = value;
  if (table !== undefined && table !== null && typeof table !== 'string') throw invalid('table', '`LIB/FILE`', table);
  if (!Array.isArray(columns) || columns.length === 0) throw invalid('columns', 'a list of columns', columns);
  const parsed = columns.map((c, i) => parseColumn(c, `columns[${i}]`));
  const names = new Set<string>();
  for (const column of parsed) {
    if (names.has(column.name)) throw invalid('columns', 'names that differ', column.name);
    names.add(column.name);
  }
  return { table: table ?? '', columns: parsed };
}

function parseColumn(value: unknown, path: string): ColumnFormat {
  if (!isObject(value)) throw invalid(path, 'an object with `name`, `type` and `length`', value);
  const { name } = value;
  if (typeof name !== 'string' || name === '') throw invalid(`${path}.name`, 'a column name', name);
  const at = `${path} (${name})`;
  const type = oneOf(value, 'type', SQL_TYPES, at);
  if (type === null) throw invalid(`${at}.type`, `one of ${SQL_TYPES.join(', ')}`, value['type']);
  const asked = value['as'];
  return {
    name,
    type,
    length: lengthOf(value, type, at),
    scale: integer(value, 'scale', at) ?? (type === 'TIMESTAMP' ? 6 : 0),
    ccsid: integer(value, 'ccsid', at),
    nullable: value['nullable'] === true,
    dateFormat: oneOf(value, 'dateFormat', DATE_FORMATS, at),
    dateSeparator: separator(value, 'dateSeparator', at),
    timeFormat: oneOf(value, 'timeFormat', TIME_FORMATS, at),
    timeSeparator: separator(value, 'timeSeparator', at),
    as: asked === null || asked === undefined ? null : parseMeaning(asked, `${at}.as`),
  };
}

function lengthOf(value: Json, type: SqlTypeName, at: string): number {
  const given = integer(value, 'length', at);
  const known = KNOWN_LENGTHS[type];
  if (known !== undefined) return known;
  if (given !== null) return given;
  if (type === 'CLOB' || type === 'BLOB' || type === 'DBCLOB' || type === 'XML') return LARGEST_LOB;
  throw invalid(`${at}.length`, 'a number', value['length']);
}

/** @throws CodedError family `config`, code `FORMAT_INVALID` */
function parseMeaning(value: unknown, path: string): LegacyMeaning {
  if (!isObject(value)) throw invalid(path, '`{"date":F}`, `{"time":F}` or `{"timestamp":F}`', value);
  for (const key of Object.keys(value))
    if (!['date', 'time', 'timestamp', 'pivot', 'sentinels'].includes(key))
      throw invalid(path, 'date, time, timestamp, pivot, sentinels', key);
  const date = oneOf(value, 'date', LEGACY_DATES, path);
  const time = oneOf(value, 'time', ['hhmmss', 'hhmm'] as const, path);
  const timestamp = oneOf(value, 'timestamp', LEGACY_TIMESTAMPS, path);
  if ([date, time, timestamp].filter((x) => x !== null).length > 1)
    throw invalid(path, 'one of date, time, timestamp', 'several');
  const pivot = integer(value, 'pivot', path);
  if (pivot !== null && (pivot < 0 || pivot > 100)) throw invalid(`${path}.pivot`, '0 to 100', pivot);
  const sentinels = value['sentinels'];
  return {
    ...(date === null ? {} : { date }),
    ...(time === null ? {} : { time }),
    ...(timestamp === null ? {} : { timestamp }),
    ...(pivot === null ? {} : { pivot }),
    ...(sentinels === null || sentinels === undefined ? {} : { sentinels: sentinelList(sentinels, path) }),
  };
}

function sentinelList(value: unknown, path: string): (number | string)[] {
  const list = Array.isArray(value) ? value : null;
  if (list?.every((s): s is number | string => typeof s === 'number' || typeof s === 'string')) return list;
  throw invalid(`${path}.sentinels`, 'a list of numbers and texts', value);
}

function oneOf<T extends string>(value: Json, key: string, allowed: readonly T[], path: string): T | null {
  const given = value[key];
  if (given === null || given === undefined) return null;
  if (typeof given === 'string') {
    const plain = given.trim().replace(/^\*/, '').toUpperCase();
    const found = allowed.find((a) => a.toUpperCase() === plain);
    if (found !== undefined) return found;
  }
  throw invalid(`${path}.${key}`, `one of ${allowed.join(', ')}`, given);
}

function integer(value: Json, key: string, path: string): number | null {
  const given = value[key];
  if (given === null || given === undefined) return null;
  if (typeof given === 'number' && Number.isInteger(given)) return given;
  throw invalid(`${path}.${key}`, 'a whole number', given);
}

function separator(value: Json, key: string, path: string): string | null {
  const given = value[key];
  if (given === null || given === undefined) return null;
  if (typeof given === 'string' && given.length <= 1) return given;
  throw invalid(`${path}.${key}`, 'one character, empty for none, or null for the default', given);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, expected: string, seen: unknown): CodedError {
  const shown = typeof seen === 'string' ? JSON.stringify(seen) : seen === null ? 'null' : String(seen);
  return new CodedError({
    code: 'FORMAT_INVALID',
    message: `${where}: ${shown.slice(0, 80)} seen, ${expected} expected`,
    next: 'see docs/decoding.md for the shape of a format',
    facts: { where },
  });
}
