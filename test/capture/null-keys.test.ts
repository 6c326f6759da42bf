/** Keys that hold nulls: backfills and windows meet each row once, and no window tells of a deletion that never was. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.sql('CREATE TABLE ORDLIB.NULK (K INTEGER NOT NULL, A CHAR(3), B INTEGER)');
  await desk.sql('CREATE UNIQUE INDEX ORDLIB.NULKX ON ORDLIB.NULK (A, B)');
  const rows = ["'a', 1", "'a', NULL", 'NULL, 1', 'NULL, 2', 'NULL, 3', "'b', NULL", "'c', 2"];
  for (const [i, row] of rows.entries()) await desk.sql(`INSERT INTO ORDLIB.NULK VALUES (${i + 1}, ${row})`);
});
afterEach(() => desk[Symbol.asyncDispose]());

const rowsTold = (): string[] => desk.sent.map((e) => `${e.data.op} ${String(e.data.after?.['K'])}`).sort();

test.each([1, 2, 3, 1000])('a backfill in chunks of %i', async (chunk) => {
  desk.write('tables: { ORDLIB/NULK: { event: x } }\n');
  const { out } = await desk.cli('backfill', '--table', 'ORDLIB/NULK', '--chunk', String(chunk));
  expect(out).toContain('7 rows read, 7 published');
  const told = out
    .split('\n')
    .filter((l) => l.startsWith('{'))
    .map((l) => (JSON.parse(l) as { data: { after: { K: number } } }).data.after.K);
  expect(told.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('a window in pages of two, with its key compare', async () => {
  desk.write(`tables:
  ORDLIB/NULK:
    event: x
    key: [A, B]
    capture: { window: { by: [K], kind: sequence, every: 50ms, start: all, pageRows: 2, deletes: { schedule: "* * * * * *" } } }
`);
  await desk.start();
  await desk.until('seven', () => desk.sent.length >= 7);
  const sweep = (): number => Number(desk.value('SELECT sweep FROM window_cursor'));
  await desk.until('three compares', () => sweep() >= 3);
  expect(rowsTold()).toEqual([1, 2, 3, 4, 5, 6, 7].map((k) => `read ${k}`));
});
