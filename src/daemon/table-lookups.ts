/**
 * Answers lookups of the mapping from the partition: one statement for up to a hundred keys, names as the catalog has them.
 * A value that no key can be (text for a number, text longer than the column) has no row; it never keeps a journal from being
 * read.
 */
import { readTables } from '../catalog/catalog';
import { CodedError, isCoded, SqlError } from '../errors/coded-error';
import type { LookupLoader, LookupQuestion } from '../map/lookup';
import { findNamed, quotedName } from '../model/identifiers';
import { formatName } from '../model/position';
import { allRows, type SqlConnection, type SqlTransport, type SqlValue } from '../transport/transport';

const KEYS_PER_STATEMENT = 100;

type Answers = [string, string | number | boolean | null][];

/** Connects when a question comes and closes again: lookups are cached, so questions are rare. */
export function lookupLoader(transport: SqlTransport): LookupLoader {
  const statements = new Map<string, string>();
  return async (questions) => {
    const answers = new Map<string, string | number | boolean | null>();
    const first = questions[0];
    if (!first) return answers;
    await using connection = await transport.connect({ role: 'lookup' });
    const id = JSON.stringify([first.table, first.keyColumn, first.valueColumn]);
    const select = statements.get(id) ?? (await selectOf(connection, first));
    try {
      for (let i = 0; i < questions.length; i += KEYS_PER_STATEMENT) {
        const keys = questions.slice(i, i + KEYS_PER_STATEMENT).map((q) => q.key);
        for (const [key, value] of await ask(connection, select, keys)) answers.set(key, value);
      }
      statements.set(id, select);
    } catch (error) {
      // the table may have been made anew under other names
      statements.delete(id);
      throw error;
    }
    return answers;
  };
}

/** The statement up to its list of keys. @throws CodedError LOOKUP_TABLE, LOOKUP_COLUMN (host): mended while the daemon waits */
async function selectOf(connection: SqlConnection, { lookup, table, ...wanted }: LookupQuestion): Promise<string> {
  const [facts] = await readTables(connection, [table]);
  if (!facts || facts.columns.length === 0)
    throw new CodedError({
      code: 'LOOKUP_TABLE',
      family: 'host',
      message: `lookups.${lookup}: ${facts?.reason ?? `${formatName(table)} is not on the partition`}`,
      next: 'correct its table in the YAML, or grant the profile *USE of the file',
      facts: { lookup, table: formatName(table) },
    });
  const nameOf = (written: string): string => {
    const column = findNamed(written, facts.columns, (c) => [c.format.name, c.systemName]);
    if (column) return quotedName(column.format.name);
    throw new CodedError({
      code: 'LOOKUP_COLUMN',
      family: 'host',
      message: `lookups.${lookup}: ${formatName(table)} has no column ${written}`,
      next: `its columns are: ${facts.columns.map((c) => c.format.name).join(', ')}`,
      facts: { lookup, table: formatName(table), column: written },
    });
  };
  const key = nameOf(wanted.keyColumn);
  const { library, name } = facts.sqlName;
  return `SELECT ${key}, ${nameOf(wanted.valueColumn)} FROM ${quotedName(library)}.${quotedName(name)} WHERE ${key} IN `;
}

async function ask(connection: SqlConnection, select: string, keys: readonly string[]): Promise<Answers> {
  try {
    const rows = await allRows(await connection.query(`${select}(${keys.map(() => '?').join(', ')})`, keys));
    return rows.map(([key, value]) => [textOf(key), value instanceof Uint8Array ? null : (trimmed(value) ?? null)]);
  } catch (error) {
    if (!isUnfit(error)) throw error;
    if (keys.length === 1) return [];
    const half = keys.length >> 1;
    return [
      ...(await ask(connection, select, keys.slice(0, half))),
      ...(await ask(connection, select, keys.slice(half))),
    ];
  }
}

/** True for what a value alone is to blame for: it does not fit the marker, or the server cannot convert it (class 22). */
function isUnfit(error: unknown): boolean {
  if (error instanceof SqlError) return error.sqlState.startsWith('22');
  return isCoded(error) && error.code === 'PARAMETER_VALUE';
}

function textOf(value: SqlValue | undefined): string {
  return String(trimmed(value instanceof Uint8Array ? null : value) ?? '');
}

function trimmed<T>(value: T): T | string {
  return typeof value === 'string' ? value.trimEnd() : value;
}
