/**
 * Debezium's connector for IBM i, as Maven Central has it, reads snapshot and journal of the simulated partition. It publishes
 * changes as they were made and takes back only inserts: what was rolled back is expected of it, and counted.
 */
import { appendFileSync } from 'node:fs';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { MAPPING_ERROR } from '../../src/simulator/sql-session';
import { seedOf } from '../support/dice';
import { describeWithJudge } from '../support/judges';
import { ChangeHistory, type HistoryRow, LIBRARY, TABLES } from './change-history';
import { DEBEZIUM_NEEDS, Debezium, type DebeziumEvent, type DebeziumOptions } from './debezium';

const SEED = seedOf('DEBEZIUM_SEED');
const CHANGES = Number(process.env['DEBEZIUM_CHANGES'] ?? 600);
/** For scripts/debezium.mjs: one line of counts for each history. */
const REPORT = process.env['DEBEZIUM_REPORT'];
const ORDER_TABLES = ['CUSMAS', 'ITMMAS', 'ORDHDR', 'ORDLIN'];

describeWithJudge("Debezium's connector", DEBEZIUM_NEEDS, () => {
  test('snapshot of the order library over TLS: every column of every row', async () => {
    await using partition = await SimulatedPartition.start();
    await using debezium = await Debezium.start(partition, { library: 'ORDLIB', tables: ORDER_TABLES, secure: true });
    const wanted = ORDER_TABLES.flatMap((table) => sqlRows(partition, table).map((row) => ({ table, op: 'r', row })));
    await debezium.until(() => debezium.events.length >= wanted.length);
    expect(debezium.events.map(({ table, op, after }) => ({ table, op, row: texts(Object.values(after!)) }))).toEqual(
      wanted,
    );
    expect(partition.errors).toEqual([]);
  });

  test('random changes by several jobs over several receivers, with rollbacks', async () => {
    await using partition = await SimulatedPartition.start({ seed: false });
    const history = new ChangeHistory(partition, SEED);
    await using debezium = await afterSnapshot(partition, history, { library: LIBRARY, tables: TABLES });
    history.run(CHANGES);
    await debezium.until(() => debezium.events.length >= history.written.length, 'the changes');
    expect(debezium.events).toEqual(history.written);
    const { rolledBack, takenBack, receivers } = history.counts;
    const committed = history.committed.length;
    expect(rolledBack).toBeGreaterThan(0);
    expect(debezium.events).toHaveLength(committed + rolledBack + takenBack);
    expect(partition.errors).toEqual([]);
    const counts = { events: debezium.events.length, committed, 'rolled back': rolledBack, receivers };
    if (REPORT) appendFileSync(REPORT, `${JSON.stringify(counts)}\n`);
  });

  test('without a table list it finds the journal by the attributes of the library, and the changes of every table', async () => {
    await using partition = await SimulatedPartition.start({ seed: false });
    const history = new ChangeHistory(partition, SEED + 1);
    await using debezium = await afterSnapshot(partition, history, { library: LIBRARY });
    history.run(80);
    await debezium.until(() => debezium.events.length >= history.written.length, 'the changes');
    expect(debezium.events).toEqual(history.written);
  });

  test('null decimals that hold blanks: it decodes before it looks at the indicators, and loses the rows', async () => {
    await using partition = await SimulatedPartition.start({ seed: false });
    const history = new ChangeHistory(partition, SEED + 2, 'BLANKS');
    await using debezium = await afterSnapshot(partition, history, { library: LIBRARY, tables: TABLES });
    history.run(80);
    const readable = history.written.filter((e) => [e.before, e.after].every((row) => row?.['PRICE'] !== null));
    expect(readable.length).toBeLessThan(history.written.length);
    // of an update it loses the image alone that it cannot decode
    const key = (e: DebeziumEvent): string => `${e.table} ${e.op} ${JSON.stringify(e.after ?? e.before)}`;
    const wanted = new Set(readable.map(key));
    await debezium.until(() => [...wanted].every((k) => debezium.events.some((e) => key(e) === k)), 'the changes');
    expect(debezium.events.length).toBeLessThan(history.written.length);
  });
});

/** Some changes, then the connector: it has read them as a snapshot, and what follows is read from the journal. */
async function afterSnapshot(
  partition: SimulatedPartition,
  history: ChangeHistory,
  options: DebeziumOptions,
): Promise<Debezium> {
  history.run(60);
  history.forget();
  const { present } = history;
  const debezium = await Debezium.start(partition, options);
  await debezium.until(() => debezium.events.length >= present.length, 'the snapshot');
  expect(byId(debezium.events.splice(0).map((e) => e.after!))).toEqual(byId(present));
  return debezium;
}

function byId(rows: readonly HistoryRow[]): HistoryRow[] {
  return [...rows].sort((a, b) => Number(a['ID']) - Number(b['ID']));
}

/** Debezium trims characters. */
function texts(values: readonly unknown[]): (string | null)[] {
  return values.map((value) => (value === null ? null : String(value).trim()));
}

/** Moments are nanoseconds there, and a decimal that is none reads as zero through IBM's driver. */
function sqlRows(partition: SimulatedPartition, table: string): (string | null)[][] {
  const job = { name: 'ORACLE', user: 'CDCUSR', number: '900100', remoteAddress: '' };
  const session = partition.engine.openSession(job);
  const cursor = session.prepare(`SELECT * FROM ORDLIB.${table}`).open([]);
  const rows = cursor.fetch(100_000).map((row) =>
    row.map((value, i) => {
      if (value === MAPPING_ERROR) return (0).toFixed(cursor.columns[i]!.scale);
      if (cursor.columns[i]!.type !== 'TIMESTAMP' || value === null) return value;
      const text = String(value);
      return `${BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1_000n + BigInt(text.slice(20))}000`;
    }),
  );
  session.end();
  return rows.map(texts);
}
