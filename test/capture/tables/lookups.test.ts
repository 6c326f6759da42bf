/** Lookups through a daemon of its own: only what is committed is an answer. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

test('a name that somebody may still take back is not told', async () => {
  await using desk = await Desk.open();
  for (const table of ['NAMES', 'PRICED']) {
    await desk.sql(`CREATE TABLE ORDLIB.${table} (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) NOT NULL)`);
    await desk.cl(`STRJRNPF FILE(ORDLIB/${table}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
  }
  await desk.sql("INSERT INTO ORDLIB.NAMES VALUES (1, 'old')");
  desk.write(`policies: { start: earliest }
tables:
  ORDLIB/PRICED:
    event: priced
    lookups: { names: { table: ORDLIB/NAMES, key: ID, value: VAL } }
    expressions: { named: "lookup('names', ID)" }
`);
  const worker = await desk.connect();
  await worker.setAutocommit(false);
  await worker.execute("UPDATE ORDLIB.NAMES SET VAL = 'new' WHERE ID = 1");
  await worker.execute("INSERT INTO ORDLIB.NAMES VALUES (2, 'two')");
  await desk.start();
  for (const id of [1, 2]) await desk.sql(`INSERT INTO ORDLIB.PRICED VALUES (${id}, 'x')`);
  await desk.until('both', () => desk.events('priced').length === 2);
  await worker.rollback();
  await worker.close();
  expect(desk.sent.filter((e) => e.type === 'priced.created').map((e) => e.data.after?.['named'])).toEqual([
    'old',
    null,
  ]);
});
