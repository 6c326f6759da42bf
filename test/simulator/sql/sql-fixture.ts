/** A partition with an SQL session on it, closed with the test. */
import { Partition } from '../../../src/simulator/partition/partition';
import { PartitionSqlEngine } from '../../../src/simulator/sql/run/engine';
import type { CursorValue, ExecuteOutcome, SessionValue, SqlSession } from '../../../src/simulator/sql-session';
import { SqlFailure } from '../../../src/simulator/sql-session';

export interface Fixture extends Disposable {
  readonly partition: Partition;
  readonly engine: PartitionSqlEngine;
  readonly session: SqlSession;
  openSession(user?: string): SqlSession;
  rows(sql: string, params?: readonly SessionValue[]): CursorValue[][];
  run(sql: string, params?: readonly SessionValue[]): ExecuteOutcome;
  /** The failure a statement ends with. */
  failure(sql: string, params?: readonly SessionValue[]): SqlFailure;
}

let jobs = 0;

export async function sqlFixture(options: { readonly library?: string } = {}): Promise<Fixture> {
  const partition = Partition.open({ officers: ['TESTER'] });
  const engine = await PartitionSqlEngine.open(partition);
  const openSession = (user = 'TESTER') => {
    const number = String(++jobs).padStart(6, '0');
    const made = engine.openSession({ name: 'QZDASOINIT', user, number, remoteAddress: '127.0.0.1' });
    made.setDefaultSchema(options.library ?? 'APPLIB');
    return made;
  };
  partition.createLibrary(options.library ?? 'APPLIB');
  const session = openSession();
  const rows = (sql: string, params: readonly SessionValue[] = []) => allOf(session, sql, params);
  return {
    partition,
    engine,
    session,
    openSession,
    rows,
    run: (sql, params = []) => session.prepare(sql).execute(params),
    failure: (sql, params = []) => {
      try {
        const prepared = session.prepare(sql);
        if (prepared.kind === 'select') prepared.open(params).fetch(1000);
        else prepared.execute(params);
      } catch (error) {
        if (error instanceof SqlFailure) return error;
        throw error;
      }
      throw new Error(`no failure: ${sql}`);
    },
    [Symbol.dispose]: () => {
      engine.close();
      partition.close();
    },
  };
}

export function allOf(session: SqlSession, sql: string, params: readonly SessionValue[] = []): CursorValue[][] {
  const cursor = session.prepare(sql).open(params);
  const rows: CursorValue[][] = [];
  try {
    for (;;) {
      const block = cursor.fetch(100);
      rows.push(...block);
      if (block.length < 100) return rows;
    }
  } finally {
    cursor.close();
  }
}
