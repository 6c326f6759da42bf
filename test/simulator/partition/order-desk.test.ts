/** The desk's books against what the journal holds, through the SQL engine. */
import { Partition } from '../../../src/simulator/partition/partition';
import { type DeskChange, type DeskConnection, OrderDesk } from '../../../src/simulator/seed/order-desk';
import { seedOrderLibrary } from '../../../src/simulator/seed/order-library';
import { PartitionSqlEngine } from '../../../src/simulator/sql/run/engine';
import type { SqlSession } from '../../../src/simulator/sql-session';

const OPERATIONS: Readonly<Record<string, DeskChange['operation']>> = {
  PT: 'insert',
  PX: 'insert',
  UP: 'update',
  DL: 'delete',
};

function connection(session: SqlSession): DeskConnection {
  return {
    execute: async (sql, params = []) => ({ rowsAffected: session.prepare(sql).execute(params).updateCount }),
    setAutocommit: async (on) => {
      session.setAutocommit(on);
      session.setCommitLevel(on ? 0 : 2);
    },
    commit: async () => session.commit(),
    rollback: async () => session.rollback(),
  };
}

test('every change in the books is committed in the journal, and no other', async () => {
  const partition = Partition.open();
  const engine = await PartitionSqlEngine.open(partition);
  try {
    seedOrderLibrary(partition);
    const identity = { name: 'QZDASOINIT', user: 'CDCUSR', number: '000100', remoteAddress: '127.0.0.1' };
    const [orders, prices] = [engine.openSession(identity), engine.openSession({ ...identity, number: '000101' })];
    const booked: string[] = [];
    const desk = new OrderDesk({
      orders: connection(orders),
      prices: connection(prices),
      seed: 3,
      onChange: (c) => booked.push(`${c.table} ${c.operation}`),
    });
    while (booked.length < 400) await desk.step();
    orders.end();
    prices.end();
    const all = [...partition.readJournal('CDCUSR', { journalLibrary: 'ORDLIB', journalName: 'ORDJRN' })].flat();
    const committed = new Set(all.filter((e) => e.type === 'CM').map((e) => e.commitCycle));
    const journaled = all
      .filter((e) => e.code === 'R' && (e.commitCycle === 0n || committed.has(e.commitCycle)))
      .flatMap((e) => (OPERATIONS[e.type] ? [`${e.object.name} ${OPERATIONS[e.type]}`] : []));
    expect(journaled).toEqual(booked);
    expect(desk.books.changes).toBe(booked.length);
    expect(desk.books.rollbacks).toBeGreaterThan(0);
    expect(all.filter((e) => e.type === 'RB')).toHaveLength(desk.books.rollbacks);
  } finally {
    engine.close();
    partition.close();
  }
});
