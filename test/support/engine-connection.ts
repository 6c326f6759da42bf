/** The simulated partition's SQL engine as a connection without a wire between: for tests that run thousands of histories. */
import { SqlError } from '../../src/errors/coded-error';
import type { SqlTypeName } from '../../src/model/record-format';
import {
  MAPPING_ERROR,
  type PreparedSql,
  type SqlCursor,
  SqlFailure,
  type SqlSession,
} from '../../src/simulator/sql-session';
import type {
  ExecuteResult,
  PreparedStatement,
  ResultSet,
  SqlConnection,
  SqlValue,
} from '../../src/transport/transport';

export class EngineConnection implements SqlConnection {
  readonly server = { version: 'V7R4M0', job: '000001/TESTER/QZDASOINIT', ccsid: 37, passwordExpiresInDays: null };
  /** Statements run so far; what a constant number of catalog statements is measured by. */
  statements = 0;

  constructor(
    private readonly session: SqlSession,
    private readonly blockRows = 100,
  ) {}

  async prepare(sql: string): Promise<PreparedStatement> {
    const prepared = told(() => this.session.prepare(sql));
    return {
      columns: columnsOf(prepared),
      query: async (params = []) => {
        this.check(sql);
        return this.rows(prepared, params);
      },
      execute: async (params = []) => this.run(prepared, params),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async query(sql: string, params: readonly SqlValue[] = []): Promise<ResultSet> {
    this.check(sql);
    return this.rows(
      told(() => this.session.prepare(sql)),
      params,
    );
  }

  async execute(sql: string, params: readonly SqlValue[] = []): Promise<ExecuteResult> {
    return this.run(
      told(() => this.session.prepare(sql)),
      params,
    );
  }

  private failure: { readonly sql: RegExp; readonly error: SqlError } | null = null;

  /** The next statement whose text matches fails like this; what a real partition does now and then. */
  failOnce(sql: RegExp, o: { readonly sqlCode: number; readonly sqlState: string; readonly text: string }): void {
    this.failure = { sql, error: new SqlError({ sqlCode: o.sqlCode, sqlState: o.sqlState, message: o.text }) };
  }

  private check(sql: string): void {
    const { failure } = this;
    if (!failure?.sql.test(sql)) return;
    this.failure = null;
    throw failure.error;
  }

  private run(prepared: PreparedSql, params: readonly SqlValue[]): ExecuteResult {
    this.statements++;
    return { rowsAffected: told(() => prepared.execute(params)).updateCount };
  }

  private rows(prepared: PreparedSql, params: readonly SqlValue[]): ResultSet {
    this.statements++;
    const cursor = told(() => prepared.open(params));
    const close = async (): Promise<void> => cursor.close();
    return {
      columns: columnsOf(prepared) ?? [],
      blocks: () => blocksOf(cursor, this.blockRows),
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async setAutocommit(on: boolean): Promise<void> {
    this.session.setAutocommit(on);
    this.session.setCommitLevel(on ? 0 : 2);
  }
  async commit(): Promise<void> {
    told(() => this.session.commit());
  }
  async rollback(): Promise<void> {
    told(() => this.session.rollback());
  }
  async close(): Promise<void> {
    this.session.end();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function* blocksOf(cursor: SqlCursor, size: number): AsyncGenerator<SqlValue[][]> {
  for (;;) {
    const rows = told(() => cursor.fetch(size));
    if (rows.length > 0) yield rows.map((row) => row.map((v) => (v === MAPPING_ERROR ? null : v)));
    if (rows.length < size) return;
  }
}

function columnsOf(prepared: PreparedSql): PreparedStatement['columns'] {
  return (
    prepared.columns?.map(({ name, type, length, scale, ccsid, nullable }) => ({
      name,
      type: type as SqlTypeName,
      length,
      scale,
      ccsid,
      nullable,
    })) ?? null
  );
}

/** Failures as a client sees them. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SqlFailure)) throw error;
    const { sqlCode, sqlState, message, messageId, secondLevel } = error;
    throw new SqlError({ sqlCode, sqlState, message, messageId, secondLevel });
  }
}
