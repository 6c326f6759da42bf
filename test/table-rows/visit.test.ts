/**
 * Rows that are visited where they lie, against the same rows read one by one through the image builder: every way a row travels
 * (fixed places, varying fields cut), nulls, fields that cannot be mapped, types that travel as another one, LOBs.
 */
import { readTables } from '../../src/catalog/catalog';
import type { RowSource } from '../../src/model/change';
import { compileJsonPlan } from '../../src/record/plan/json-plan';
import { JsonSink } from '../../src/record/write/json-sink';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { TableRows } from '../../src/table-rows/table-rows';
import { hostServerTransport } from '../../src/transport/hostserver';
import type { SqlConnection } from '../../src/transport/transport';
import { Dice } from '../support/dice';

let partition: SimulatedPartition;
const connections: SqlConnection[] = [];
beforeAll(async () => {
  partition = await SimulatedPartition.start();
  for (const variableFields of [true, false])
    connections.push(
      await hostServerTransport({
        host: partition.host,
        user: partition.user,
        password: () => partition.password,
        databasePort: partition.ports.database,
        signonPort: partition.ports.signon,
        tls: 'off',
        variableFields,
      }).connect(),
    );
  const [connection] = connections;
  await connection!.execute(`CREATE TABLE ORDLIB.VISITED (K DECIMAL(9, 0) NOT NULL, V VARCHAR(20), C CHAR(5) CCSID 273,
    G VARGRAPHIC(8) CCSID 1200, D DATE, T TIME NOT NULL, TS TIMESTAMP, N NUMERIC(5, 2), L VARCHAR(200) NOT NULL, I BIGINT)`);
  const dice = new Dice(7);
  const maybe = (text: string): string => (dice.below(5) === 0 ? 'NULL' : text);
  for (let k = 1; k <= 120; k++)
    await connection!.execute(
      `INSERT INTO ORDLIB.VISITED VALUES (${k}, ${maybe(`'${'v'.repeat(dice.below(21))}'`)}, ${maybe(`'Ä${k}'`)}, ${maybe(`'ж${'x'.repeat(dice.below(7))}'`)}, ${maybe("'2024-02-29'")}, '23:59:59', ${maybe("'2024-02-29-23.59.59.123456'")}, ${maybe(`${k}.5`)}, '${'long '.repeat(dice.below(40))}', ${maybe(String(k * 1e12))})`,
    );
  await connection!.execute('CREATE TABLE ORDLIB.WITHLOB (K INTEGER NOT NULL, G CLOB(1000), B BOOLEAN)');
  for (let k = 1; k <= 9; k++) await connection!.execute(`INSERT INTO ORDLIB.WITHLOB VALUES (${k}, 'text ${k}', TRUE)`);
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await partition?.stop();
});

function reported({ image }: RowSource): unknown {
  const plan = compileJsonPlan(image.format!);
  const sink = new JsonSink(1024);
  plan.write(image.bytes, image.offset, image.nulls, sink, image.offset + image.length);
  return { row: JSON.parse(sink.since(0).toString('utf8')), errors: plan.errors.list(image.bytes) };
}

test.each(['VISITED', 'CUSMAS', 'ORDHDR', 'WITHLOB'].flatMap((name) => [0, 1].map((way) => [name, way] as const)))(
  '%s, way %d: the same rows, in the same order',
  async (name, way) => {
    const connection = connections[way]!;
    const [facts] = await readTables(connection, [{ library: 'ORDLIB', name }]);
    const query = {
      sql: (list: string) => `SELECT RRN(T), ${list} FROM ORDLIB.${name} T ORDER BY RRN(T)`,
      lead: 1,
      qualifier: 'T.',
    };
    const expected = (await new TableRows(facts!.format).read(connection, query)).map((row) => [
      Number(row.lead[0]),
      reported(row),
    ]);
    let visited: unknown[] = [];
    const last = await new TableRows(facts!.format).visit(
      connection,
      query,
      () => {
        visited = [];
      },
      (row) => {
        expect(row.whole(0)).toBe(Number(row.lead[0]));
        visited.push([row.whole(0), reported(row)]);
      },
    );
    expect(expected.length).toBeGreaterThan(5);
    expect(visited).toEqual(expected);
    expect([Number(last!.lead[0]), reported(last!)]).toEqual(expected.at(-1));
  },
);
