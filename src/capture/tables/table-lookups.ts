/**
 * Answers lookups of the mapping from the partition: one statement for up to a hundred keys, names as the catalog has them.
 * A value that no key can be (text for a number, text longer than the column) has no row; it never keeps a journal from being
 * read.
 */
import { readTables } from '../../catalog/catalog';
import { CodedError, isCoded, SqlError } from '../../errors/coded-error';
import type { LookupLoader, LookupQuestion } from '../../map/lookup';
import { findNamed, quotedName } from '../../model/identifiers';
import { formatName } from '../../model/position';
import type { ColumnFormat } from '../../model/record-format';
import type { RowValue } from '../../record/rows/row-reader';
import { TableRows } from '../../table-rows/table-rows';
import type { SqlConnection, SqlTransport } from '../../transport/transport';

const KEYS_PER_STATEMENT = 100;

type Answers = [string, string | number | boolean | null][];

interface Select {
  /** Key column, then the answer. */
  readonly rows: TableRows;
  readonly columns: readonly [key: string, value: string];
  /** CCSID of columns that the catalog calls 65535. */
  readonly untagged: number | null;
  /** The statement behind its select list, up to the list of keys. */
  readonly tail: string;
  readonly isolation: string;
}

/**
 * Connects when a question comes and closes again: lookups are cached, so questions are rare.
 * @param ccsid of columns that the catalog calls 65535
 */
export function lookupLoader(transport: SqlTransport, ccsid: number | null = null): LookupLoader {
  const statements = new Map<string, Select>();
  return async (questions) => {
    const answers = new Map<string, string | number | boolean | null>();
    const first = questions[0];
    if (!first) return answers;
    await using connection = await transport.connect({ role: 'lookup' });
    const id = JSON.stringify([first.table, first.keyColumn, first.valueColumn]);
    const select = statements.get(id) ?? (await selectOf(connection, first, ccsid));
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

/** @throws CodedError LOOKUP_TABLE, LOOKUP_COLUMN (host): mended while the daemon waits */
async function selectOf(
  connection: SqlConnection,
  { lookup, table, ...wanted }: LookupQuestion,
  ccsid: number | null,
): Promise<Select> {
  const [facts] = await readTables(connection, [table]);
  if (!facts || facts.columns.length === 0)
    throw new CodedError({
      code: 'LOOKUP_TABLE',
      message: `lookups.${lookup}: ${facts?.reason ?? `${formatName(table)} is not on the partition`}`,
      next: 'correct its table in the YAML, or grant the profile *USE of the file',
      facts: { lookup, table: formatName(table) },
    });
  const columnOf = (written: string): ColumnFormat => {
    const column = findNamed(written, facts.columns, (c) => [c.format.name, c.systemName]);
    if (column) return column.format;
    throw new CodedError({
      code: 'LOOKUP_COLUMN',
      message: `lookups.${lookup}: ${formatName(table)} has no column ${written}`,
      next: `its columns are: ${facts.columns.map((c) => c.format.name).join(', ')}`,
      facts: { lookup, table: formatName(table), column: written },
    });
  };
  const key = columnOf(wanted.keyColumn);
  const value = columnOf(wanted.valueColumn);
  const columns = key === value ? [key] : [key, value];
  const { library, name } = facts.sqlName;
  return {
    rows: new TableRows({ table: formatName(facts.file), columns }),
    untagged: ccsid,
    columns: [key.name, value.name],
    tail: `FROM ${quotedName(library)}.${quotedName(name)} WHERE ${quotedName(key.name)} IN `,
    // what someone may still take back is no answer; a file without journal has nothing to take back
    isolation: facts.journal === null ? 'WITH UR' : 'WITH CS USE CURRENTLY COMMITTED',
  };
}

async function ask(connection: SqlConnection, select: Select, keys: readonly string[]): Promise<Answers> {
  try {
    const { rows, columns, untagged, tail, isolation } = select;
    const sql = (list: string): string => `SELECT ${list} ${tail}(${keys.map(() => '?').join(', ')}) ${isolation}`;
    const found = await rows.read(connection, { sql, params: keys });
    return found.map((row) => {
      const [key, value] = rows.asInEvents(row, columns, untagged).map(answerOf);
      return [String(key ?? ''), value ?? null];
    });
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

/** As an event would have it. */
function answerOf(value: RowValue): string | number | boolean | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : (value ?? null);
}
