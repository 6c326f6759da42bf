/** Tables by the names people write, over the wire, where a parameter marker has the length of its column. */
import { readTables } from '../../src/catalog/catalog';
import { formatName } from '../../src/model/position';
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
  await desk.sql('CREATE TABLE ORDLIB.CUSTOMER_ADDRESSES (CUSTOMER_NUMBER INTEGER NOT NULL PRIMARY KEY)');
  await desk.sql('CREATE TABLE ORDLIB.SHORTSQL FOR SYSTEM NAME SHT001 (ID INTEGER NOT NULL PRIMARY KEY)');
  await desk.cl('STRJRNPF FILE(ORDLIB/SHT001) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)');
  const long = 'SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES WHERE TABLE_NAME = ';
  const result = await desk.admin.query(`SELECT ${long}'CUSTOMER_ADDRESSES'`);
  for await (const [[name]] of result.blocks() as AsyncIterable<[[string]]>)
    await desk.cl(`STRJRNPF FILE(ORDLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
});
afterAll(() => desk[Symbol.asyncDispose]());

test.each([
  ['CUSTOMER_ADDRESSES', /^ORDLIB\/CUSTO\d{5}$/],
  ['SHORTSQL', /^ORDLIB\/SHT001$/],
  ['SHT001', /^ORDLIB\/SHT001$/],
])('%s', async (name, file) => {
  const others = ['ORDHDR', 'NOT_A_TABLE_OF_THIS_LIBRARY'].map((n) => ({ library: 'ORDLIB', name: n }));
  const facts = await readTables(desk.admin, [{ library: 'ORDLIB', name }, ...others]);
  expect(facts.map((f) => f.state)).toEqual(['ok', 'ok', 'missing']);
  expect(formatName(facts[0]!.file)).toMatch(file);
});

test('an SQL name in the config is captured, planned and backfilled', async () => {
  desk.write(`policies: { start: earliest }
tables: { ORDLIB/CUSTOMER_ADDRESSES: { event: address } }
`);
  expect((await desk.cli('plan')).out).toMatch(/ORDLIB\/CUSTOMER_ADDRESSES \(ORDLIB\/CUSTO\d+\) +ok/);
  await desk.start();
  await desk.sql('INSERT INTO ORDLIB.CUSTOMER_ADDRESSES VALUES (7)');
  await desk.until('captured', () => desk.events('address').includes('created 7'));
  expect(await desk.cli('backfill', '--table', 'ORDLIB/CUSTOMER_ADDRESSES')).toMatchObject({ code: 0 });
  expect(desk.events('address')).toContain('read 7');
});
