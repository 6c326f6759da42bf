/** Rows read by SQL as the file stores them: over the wire, and by transports that hand over values only. */
import { readTables } from '../../src/catalog/catalog';
import type { RowSource } from '../../src/model/change';
import type { RecordFormat } from '../../src/model/record-format';
import { compileJsonPlan } from '../../src/record/plan/json-plan';
import { rowImage } from '../../src/record/rows/row-image';
import { JsonSink } from '../../src/record/write/json-sink';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { TableRows } from '../../src/table-rows/table-rows';
import type { PreparedStatement, SqlConnection } from '../../src/transport/transport';
import { connected } from '../support/connected';

let partition: SimulatedPartition;
let connection: SqlConnection;
beforeAll(async () => {
  partition = await SimulatedPartition.start();
  connection = await connected(partition);
});
afterAll(async () => {
  await connection?.close();
  await partition?.stop();
});

async function formatOf(library: string, name: string): Promise<RecordFormat> {
  const [facts] = await readTables(connection, [{ library, name }]);
  return facts!.format;
}

/** The row as events have it, by the layout it came with. */
function told({ image }: RowSource): { row: Record<string, unknown>; errors: unknown[] } {
  const plan = compileJsonPlan(image.format!);
  const sink = new JsonSink(1024);
  plan.write(image.bytes, image.offset, image.nulls, sink, image.offset + image.length);
  return { row: JSON.parse(sink.since(0).toString('utf8')), errors: plan.errors.list(image.bytes) };
}

/** The same partition by a driver that hands over values, and null for what it cannot map. */
function valuesOnly(of: SqlConnection): SqlConnection {
  const plain = (statement: PreparedStatement): PreparedStatement => ({
    columns: statement.columns,
    query: (params, o) => statement.query(params, o),
    execute: (params, o) => statement.execute(params, o),
    close: () => statement.close(),
    [Symbol.asyncDispose]: () => statement.close(),
  });
  return Object.assign(Object.create(of), {
    prepare: async (sql: string) => plain(await of.prepare(sql)),
  }) as SqlConnection;
}

/** Statements that ask for HEX are refused, as a server may refuse them. */
function withoutHex(of: SqlConnection): SqlConnection {
  return Object.assign(Object.create(of), {
    prepare: (sql: string) => of.prepare(sql.includes('HEX(') ? 'SELECT * FROM ORDLIB.NOTHERE' : sql),
  }) as SqlConnection;
}

const BAD = {
  sql: (list: string) => `SELECT RRN(T), ${list} FROM ORDLIB.CUSMAS T WHERE CUSNO = 10018`,
  lead: 1,
  qualifier: 'T.',
};

test('a field the partition cannot map comes with its stored bytes', async () => {
  const rows = new TableRows(await formatOf('ORDLIB', 'CUSMAS'));
  for (let again = 0; again < 2; again++) {
    const [row] = await rows.read(connection, BAD);
    expect(row!.lead).toHaveLength(1);
    const { errors } = told(row!);
    expect(errors).toEqual([{ column: 'CRDLIM', code: 'PACKED_SIGN', raw: expect.stringMatching(/^(40)+$/) }]);
  }
});

test('the same by a driver of values', async () => {
  const rows = new TableRows(await formatOf('ORDLIB', 'CUSMAS'));
  const [byValues] = await rows.read(valuesOnly(connection), BAD);
  const [byBytes] = await new TableRows(await formatOf('ORDLIB', 'CUSMAS')).read(connection, BAD);
  expect(told(byValues!)).toEqual(told(byBytes!));
});

test('without its bytes it is an error all the same, and the row comes', async () => {
  const rows = new TableRows(await formatOf('ORDLIB', 'CUSMAS'));
  const [row] = await rows.read(withoutHex(connection), BAD);
  expect(told(row!)).toMatchObject({
    row: { CUSNO: '10018', CRDLIM: null },
    errors: [{ column: 'CRDLIM', code: 'DATA_MAPPING', raw: '' }],
  });
});

test('a statement that is wrong for another reason is not taken for a refusal of HEX', async () => {
  const rows = new TableRows(await formatOf('ORDLIB', 'CUSMAS'));
  await rows.read(connection, BAD);
  await expect(rows.read(connection, { sql: (list) => `SELECT ${list} FROM ORDLIB.NOTHERE` })).rejects.toMatchObject({
    family: 'host',
  });
});

test('a table altered since its catalog was read is read as it is', async () => {
  await connection.execute('CREATE SCHEMA TRLIB');
  await connection.execute(
    'CREATE TABLE TRLIB.T (K INTEGER NOT NULL, C CHAR(3) CCSID 37 NOT NULL, D DECIMAL(5, 2) NOT NULL)',
  );
  const rows = new TableRows(await formatOf('TRLIB', 'T'));
  await connection.execute('ALTER TABLE TRLIB.T ALTER COLUMN C SET DATA TYPE CHAR(5) CCSID 273');
  await connection.execute('ALTER TABLE TRLIB.T ALTER COLUMN D SET DATA TYPE DECIMAL(7, 3)');
  await connection.execute("INSERT INTO TRLIB.T VALUES (1, 'ÄÖ{', 1.5)");
  const [row] = await rows.read(connection, { sql: (list) => `SELECT ${list} FROM TRLIB.T` });
  expect(told(row!)).toEqual({ row: { K: 1, C: 'ÄÖ{', D: '1.500' }, errors: [] });
  expect(rows.values(row!, ['D', 'C'])).toEqual(['1.500', 'ÄÖ{  ']);
});

test.each([
  ['bytes', (c: SqlConnection) => c],
  ['values', valuesOnly],
])('what the file stores, by %s: reals, blanks, bytes, dates of any form', async (_, by) => {
  await connection.execute(`CREATE OR REPLACE TABLE ORDLIB.EVERY (K INTEGER NOT NULL, R REAL NOT NULL, J VARCHAR(20) CCSID 5035,
    B CHAR(3) FOR BIT DATA NOT NULL, TS TIMESTAMP(9) NOT NULL, N NUMERIC(5, 0), F DECFLOAT(16), G CLOB(100) CCSID 1208)`);
  await connection.execute(
    "INSERT INTO ORDLIB.EVERY VALUES (1, 0.1, '阿井　　', X'C1C2C3', '2024-02-29-23.59.59.123456789', NULL, CAST('1E+3' AS DECFLOAT(16)), 'ä€')",
  );
  const rows = new TableRows(await formatOf('ORDLIB', 'EVERY'));
  const [row] = await rows.read(by(connection), { sql: (list) => `SELECT ${list} FROM ORDLIB.EVERY` });
  expect(told(row!)).toEqual({
    row: {
      K: 1,
      R: 0.1,
      J: '阿井　　',
      B: 'wcLD',
      TS: '2024-02-29T23:59:59.123456789',
      N: null,
      F: '1E+3',
      G: 'ä€',
    },
    errors: [],
  });
});

test('a row of which some columns are known', async () => {
  const format = await formatOf('ORDLIB', 'CUSMAS');
  const { row, errors } = told({ is: 'image', image: rowImage(format, { CUSNO: '10018' }) });
  expect(row['CUSNO']).toBe('10018');
  expect(Object.values(row).filter((v) => v !== null)).toHaveLength(1);
  expect(errors).toEqual([]);
});
