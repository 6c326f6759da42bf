/** A partition of which only the answers of catalog views are known, as they were written down: odd releases and profiles. */
import { SqlError } from '../../../src/errors/coded-error';
import type { ColumnDescriptor, ResultSet, SqlConnection, SqlValue } from '../../../src/transport/transport';

/** Rows by column name; every row has the columns of the first. */
export type Rows = readonly Readonly<Record<string, SqlValue>>[];

interface Asked {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A view this release does not have, or a profile may not read. */
export function refused(sqlCode: number): SqlError {
  return new SqlError({ sqlCode, sqlState: '42704', message: `SQLCODE ${sqlCode}` });
}

const column = (name: string): ColumnDescriptor => ({
  name,
  type: 'VARCHAR',
  length: 128,
  scale: 0,
  ccsid: 37,
  nullable: true,
});

/** Answers a statement by the first pattern it fits; a statement nobody expects fails the test. */
export class AnsweringConnection implements SqlConnection {
  readonly server = { version: 'V7R4M0', job: '000001/TESTER/QZDASOINIT', ccsid: 37, passwordExpiresInDays: null };
  readonly asked: Asked[] = [];

  constructor(private readonly script: readonly (readonly [pattern: RegExp, answer: Rows | SqlError])[]) {}

  async query(sql: string, params: readonly SqlValue[] = []): Promise<ResultSet> {
    this.asked.push({ sql, params });
    const entry = this.script.find(([pattern]) => pattern.test(sql));
    if (!entry) throw new Error(`nobody expects ${sql}`);
    const [, answer] = entry;
    if (answer instanceof SqlError) throw answer;
    const names = Object.keys(answer[0] ?? {});
    const rows = answer.map((row) => names.map((name) => row[name] ?? null));
    const close = async (): Promise<void> => {};
    return {
      columns: names.map(column),
      async *blocks() {
        // two blocks, as the wire might cut them
        yield rows.slice(0, 1);
        yield rows.slice(1);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  prepare(sql: string): never {
    throw new Error(`nobody expects ${sql}`);
  }

  execute(sql: string): never {
    throw new Error(`nobody expects ${sql}`);
  }

  async setAutocommit(): Promise<void> {}
  async commit(): Promise<void> {}
  async rollback(): Promise<void> {}
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}
