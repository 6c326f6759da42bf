/** The reader over the real wire: raw column bytes, decoded rows and the retrieve API tell the same entries. */

import { readTables } from '../../src/catalog/catalog';
import { isNotice, type UnitItem } from '../../src/journal/cycle/unit';
import { LEDGER_SCHEMA } from '../../src/journal/ledger/table';
import { type CapturedTable, journalOptions } from '../../src/journal/options';
import { CHECKPOINT_SCHEMA } from '../../src/journal/position/checkpoint-table';
import { JournalReader } from '../../src/journal/reader/reader';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { Store } from '../../src/store/store';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { ProgramConnection } from '../../src/transport/programs';
import type { PreparedStatement, SqlConnection, SqlTransport } from '../../src/transport/transport';

let partition: SimulatedPartition;
let transport: SqlTransport;
beforeAll(async () => {
  partition = await SimulatedPartition.start();
  transport = hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: () => partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    commandPort: partition.ports.remoteCommand,
    tls: 'off',
  });
});
afterAll(() => partition.stop());

const TABLES: CapturedTable[] = ['CUSMAS', 'ORDHDR'].map((name) => ({
  file: { library: 'ORDLIB', name },
  uncommitted: false,
  member: null,
  massDelete: null,
}));

/** The same connection, without the way to raw bytes. */
function withoutRaw(connection: SqlConnection): SqlConnection {
  return masked(connection, {
    prepare: async (sql: string) =>
      masked(await connection.prepare(sql), { queryRaw: undefined } as unknown as Partial<PreparedStatement>),
  });
}

function masked<T extends object>(target: T, over: Partial<T>): T {
  return new Proxy(target, {
    get(from, name) {
      if (name in over) return over[name as keyof T];
      const value: unknown = Reflect.get(from, name);
      return typeof value === 'function' ? value.bind(from) : value;
    },
  });
}

function told(item: UnitItem): unknown {
  if (isNotice(item)) return item;
  const { op, table, member, position, timestamp, commitCycle, rrn, user, job, program, remoteAddress } = item;
  const image = (row: typeof item.after) =>
    row?.is === 'image'
      ? {
          hex: Buffer.from(row.image.bytes.subarray(row.image.offset, row.image.offset + row.image.length)).toString(
            'hex',
          ),
          nulls: row.image.nulls && Buffer.from(row.image.nulls).toString(),
        }
      : null;
  return {
    op,
    table,
    member,
    position,
    timestamp,
    commitCycle,
    rrn,
    user,
    job,
    program,
    remoteAddress,
    before: image(item.before),
    after: image(item.after),
  };
}

async function readAll(connection: SqlConnection, programs?: ProgramConnection): Promise<unknown[]> {
  const store = Store.open(':memory:', [CHECKPOINT_SCHEMA, LEDGER_SCHEMA]);
  const abort = new AbortController();
  const items: unknown[] = [];
  const reader = new JournalReader({
    connection,
    ...(programs ? { programs } : {}),
    store,
    options: journalOptions({
      journal: { library: 'ORDLIB', name: 'ORDJRN' },
      tables: TABLES,
      start: 'earliest',
      pollMs: 1,
      checkpointMs: 0,
      blockBytes: 4096,
    }),
    onIdle: () => abort.abort(),
  });
  for await (const unit of reader.units(abort.signal))
    store.transaction(() => {
      for (const item of unit.items()) items.push(told(item));
      unit.commit();
    });
  await connection.close();
  store.close();
  return items;
}

test('raw bytes, decoded rows and the retrieve API', async () => {
  const desk = await transport.connect();
  await desk.execute("UPDATE ORDLIB.CUSMAS SET NAME1 = 'Müller', EMAIL = NULL WHERE CUSNO = 100001");
  await desk.setAutocommit(false);
  await desk.execute('UPDATE ORDLIB.ORDHDR SET STS = 20');
  await desk.commit();
  await desk.close();
  const raw = await readAll(await transport.connect());
  const rows = await readAll(withoutRaw(await transport.connect()));
  expect(raw.length).toBeGreaterThan(10);
  expect(raw).toEqual(rows);
  const connection = await transport.connect();
  const byApi = await readAll(connection, await connection.programs!());
  expect(byApi).toEqual(raw);
});

test('the catalog over the wire', async () => {
  const connection = await transport.connect();
  const facts = await readTables(
    connection,
    TABLES.map((t) => t.file),
  );
  await connection.close();
  expect(facts.map((f) => [f.state, f.key?.columns, f.journal?.name.name, f.journal?.images])).toEqual([
    ['ok', ['CUSNO'], 'ORDJRN', 'BOTH'],
    ['ok', ['ORDNO'], 'ORDJRN', 'BOTH'],
  ]);
});
