/** Small catalog answers as records: upper-case column name to value, CHAR blanks trimmed. */
import { SqlError } from '../errors/coded-error';
import type { QualifiedName } from '../model/position';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';

export type Answer = ReadonlyMap<string, SqlValue>;

/** Runs one catalog statement and collects its rows. For answers of bounded size, never for row data. */
export async function answers(
  connection: SqlConnection,
  sql: string,
  params: readonly SqlValue[] = [],
): Promise<Answer[]> {
  const result = await connection.query(sql, params);
  const names = result.columns.map((column) => column.name.trim().toUpperCase());
  const rows = await allRows(result);
  return rows.map((row) => new Map(names.map((name, i) => [name, trimmed(row[i] ?? null)])));
}

/**
 * The same, but a catalog object this release does not have (SQL0204, SQL0206, SQL0440) or this profile may not
 * read (SQL0551) gives null: the caller falls back, or reports the statement as not available.
 */
export async function answersIfAvailable(
  connection: SqlConnection,
  sql: string,
  params: readonly SqlValue[] = [],
): Promise<Answer[] | null> {
  try {
    return await answers(connection, sql, params);
  } catch (error) {
    if (error instanceof SqlError && NOT_AVAILABLE.has(error.sqlCode)) return null;
    throw error;
  }
}

const NOT_AVAILABLE = new Set([-204, -205, -206, -440, -551]);

function trimmed(value: SqlValue): SqlValue {
  return typeof value === 'string' ? value.trimEnd() : value;
}

/** Text of a column; '' for null. */
export function text(answer: Answer, name: string): string {
  const value = answer.get(name);
  return value === null || value === undefined ? '' : String(value);
}

/** Integer of a column; null for null and for anything that is not a number. */
export function integer(answer: Answer, name: string): number | null {
  const value = answer.get(name);
  if (value === null || value === undefined || value === '') return null;
  const n = Number(value);
  return Number.isFinite(n) ? n : null;
}

/** Exact integer of a DECIMAL or BIGINT column, which arrives as a decimal string. */
export function big(answer: Answer, name: string): bigint | null {
  const value = answer.get(name);
  if (value === null || value === undefined || value === '') return null;
  return BigInt(String(value).split('.')[0]!);
}

/** `?, ?, ?` for an IN list. */
export function markers(count: number): string {
  return new Array(count).fill('?').join(', ');
}

/** Beyond this many names an IN list costs more than reading the library's whole catalog. */
const MAX_NAMES = 1000;

/** A WHERE clause over library and name columns, with its parameters. */
export function within(
  libraryColumn: string,
  nameColumn: string,
  names: readonly QualifiedName[],
): { sql: string; params: SqlValue[] } {
  const libraries = [...new Set(names.map((n) => n.library))];
  const objects = [...new Set(names.map((n) => n.name))];
  const byLibrary = `${libraryColumn} IN (${markers(libraries.length)})`;
  if (objects.length > MAX_NAMES) return { sql: byLibrary, params: libraries };
  return {
    sql: `${byLibrary} AND ${nameColumn} IN (${markers(objects.length)})`,
    params: [...libraries, ...objects],
  };
}
