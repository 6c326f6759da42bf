/** How many digits a TIMESTAMP has is told by the catalog or the partition, never guessed. */
import { readTables } from '../../src/catalog/catalog';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection, SqlTransport } from '../../src/transport/transport';

let partition: SimulatedPartition;
let transport: SqlTransport;
let connection: SqlConnection;
beforeAll(async () => {
  partition = await SimulatedPartition.start({ seed: false });
  transport = hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: () => partition.password,
    databasePort: partition.ports.database,
    signonPort: partition.ports.signon,
    tls: 'off',
  });
  connection = await transport.connect();
  await connection.execute('CREATE SCHEMA TSLIB');
  const columns = Array.from({ length: 13 }, (_, p) => `T${p} TIMESTAMP(${p}) NOT NULL`);
  await connection.execute(`CREATE TABLE TSLIB.ALL13 (${columns.join(', ')}, B BOOLEAN NOT NULL)`);
});
afterAll(async () => {
  await connection?.close();
  await partition?.stop();
});

const scales = Array.from({ length: 13 }, (_, p) => p);

/** The same partition whose catalog leaves columns out of its answers, as other releases may. */
function without(column: string, o: { readonly describes: boolean }): SqlConnection {
  const answering = (sql: string) =>
    sql.includes('QSYS2.SYSCOLUMNS') ? sql.replaceAll(column, `CAST(NULL AS INTEGER) AS ${column}`) : sql;
  return {
    server: connection.server,
    prepare: async (sql, options) => {
      const statement = await connection.prepare(sql, options);
      if (o.describes) return statement;
      return {
        columns: statement.columns,
        query: (params, o) => statement.query(params, o),
        execute: (params, o) => statement.execute(params, o),
        close: () => statement.close(),
        [Symbol.asyncDispose]: () => statement.close(),
      };
    },
    query: (sql, params, options) => connection.query(answering(sql), params, options),
    execute: (sql, params, options) => connection.execute(sql, params, options),
    setAutocommit: (on) => connection.setAutocommit(on),
    commit: () => connection.commit(),
    rollback: () => connection.rollback(),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

test.each([
  ['the catalog tells', () => connection],
  ['the catalog is silent, a description tells', () => without('DATETIME_PRECISION', { describes: true })],
])('TIMESTAMP(0) to (12): %s', async (_, connect) => {
  const [facts] = await readTables(connect(), [{ library: 'TSLIB', name: 'ALL13' }]);
  const found = facts!.columns.slice(0, 13).map((c) => [c.format.scale, c.format.length]);
  expect(found).toEqual(scales.map((p) => [p, p === 0 ? 19 : 20 + p]));
});

test('nobody tells: the layout is unknown, and says of which columns', async () => {
  const silent = without('DATETIME_PRECISION', { describes: false });
  const [facts] = await readTables(silent, [{ library: 'TSLIB', name: 'ALL13' }]);
  expect(facts!.state).toBe('layout unknown');
  expect(facts!.reason).toContain('T6 TIMESTAMP of unknown precision');
  expect(facts!.reason).not.toContain('T0 ');
});
