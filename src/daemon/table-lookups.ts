/** Answers lookups of the mapping from the partition: one statement for up to a hundred keys. */
import type { LookupLoader, LookupQuestion } from '../map/lookup';
import { allRows, type SqlConnection, type SqlTransport, type SqlValue } from '../transport/transport';

const KEYS_PER_STATEMENT = 100;

/** Connects when a question comes and closes again: lookups are cached, so questions are rare. */
export function lookupLoader(transport: SqlTransport): LookupLoader {
  return async (questions) => {
    const answers = new Map<string, string | number | boolean | null>();
    const first = questions[0];
    if (!first) return answers;
    await using connection = await transport.connect({ role: 'lookup' });
    for (let i = 0; i < questions.length; i += KEYS_PER_STATEMENT) {
      const some = questions.slice(i, i + KEYS_PER_STATEMENT);
      for (const [key, value] of await ask(connection, first, some)) answers.set(key, value);
    }
    return answers;
  };
}

async function ask(
  connection: SqlConnection,
  { table, keyColumn, valueColumn }: LookupQuestion,
  questions: readonly LookupQuestion[],
): Promise<[string, string | number | boolean | null][]> {
  const markers = questions.map(() => '?').join(', ');
  const sql = `SELECT ${keyColumn}, ${valueColumn} FROM ${table.library}.${table.name} WHERE ${keyColumn} IN (${markers})`;
  const rows = await allRows(
    await connection.query(
      sql,
      questions.map((q) => q.key),
    ),
  );
  return rows.map(([key, value]) => [textOf(key), value instanceof Uint8Array ? null : (trimmed(value) ?? null)]);
}

function textOf(value: SqlValue | undefined): string {
  return String(trimmed(value instanceof Uint8Array ? null : value) ?? '');
}

function trimmed<T>(value: T): T | string {
  return typeof value === 'string' ? value.trimEnd() : value;
}
