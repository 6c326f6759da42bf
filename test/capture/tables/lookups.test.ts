/** Lookups through a daemon of its own: only what is committed is an answer. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

const PRICED = `  ORDLIB/PRICED:
    event: priced
    lookups: { names: { table: ORDLIB/NAMES, key: ID, value: VAL } }
    expressions: { named: "lookup('names', ID)" }
`;

async function deskWithNames(): Promise<Desk> {
  const desk = await Desk.open();
  for (const table of ['NAMES', 'PRICED']) {
    await desk.sql(`CREATE TABLE ORDLIB.${table} (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) NOT NULL)`);
    await desk.cl(`STRJRNPF FILE(ORDLIB/${table}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
  }
  return desk;
}

test('a commit cycle longer than memory holds is told whole, also where its lookups must be asked for first', async () => {
  await using desk = await deskWithNames();
  await desk.sql("INSERT INTO ORDLIB.NAMES VALUES (1, 'one'), (7, 'seven')");
  desk.write(`journal: { pollInterval: 20ms, maxPollInterval: 50ms, heldEntries: 1000 }
tables:
${PRICED}`);
  await desk.start();
  const worker = await desk.connect();
  await worker.setAutocommit(false);
  for (let from = 1; from <= 1100; from += 100) {
    const rows = Array.from({ length: 100 }, (_, i) => `(${from + i}, 'x')`);
    await worker.execute(`INSERT INTO ORDLIB.PRICED VALUES ${rows.join(', ')}`);
  }
  await worker.commit();
  await worker.close();
  await desk.sql("INSERT INTO ORDLIB.PRICED VALUES (2000, 'y')");
  await desk.until('the row behind it', () => desk.events('priced').includes('created 2000'));
  const ids = Array.from({ length: 1100 }, (_, i) => i + 1);
  expect(desk.events('priced')).toEqual([...ids, 2000].map((id) => `created ${id}`));
  const named = desk.sent.map((e) => e.data.after?.['named']).filter((name) => typeof name === 'string');
  expect(named).toEqual(['one', 'seven']);
});

test('a name that somebody may still take back is not told', async () => {
  await using desk = await deskWithNames();
  await desk.sql("INSERT INTO ORDLIB.NAMES VALUES (1, 'old')");
  desk.write(`policies: { start: earliest }
tables:
${PRICED}`);
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
