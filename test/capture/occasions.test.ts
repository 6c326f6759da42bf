/** Rows read by SQL under ids of their occasion: found again, by another run or at another time, they are told again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Desk, type SentEvent } from '../support/desk';

jest.setTimeout(60_000);

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

type Whole = SentEvent & { readonly id: string; readonly time: string };

const idsOf = (events: readonly SentEvent[]): string[] => events.map((e) => (e as Whole).id);

test('a second backfill of the same rows is sent again, under ids of its own, and counts what it sent', async () => {
  await desk.table('NEWS');
  for (const id of [1, 2, 3]) await desk.sql(`INSERT INTO ORDLIB.NEWS VALUES (${id})`);
  desk.write('tables: { ORDLIB/NEWS: { event: news } }\n');
  await desk.start();
  const runs: SentEvent[][] = [];
  for (const run of [1, 2]) {
    desk.sent.length = 0;
    const { code, out } = await desk.cli('backfill', '--table', 'ORDLIB/NEWS');
    expect(`${code} ${out}`).toContain('0 ORDLIB/NEWS: done, 3 rows read, 3 published\n');
    await desk.until(`run ${run}`, () => desk.events('news').length === 3);
    runs.push([...desk.sent]);
  }
  const ids = runs.flatMap(idsOf);
  expect(new Set(ids).size).toBe(6);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{20}-[0-9a-f]{24}$/);
});

test.each([
  ['the offset of the partition', ''],
  ['a zone', '  timeZone: Europe/Berlin\n'],
  ['UTC', '  timeZone: UTC\n'],
])('backfilled events have the time of their reading: %s', async (_, zone) => {
  await desk.table('NEWS');
  await desk.sql('INSERT INTO ORDLIB.NEWS VALUES (1)');
  desk.write(`tables:
  ORDLIB/NEWS:
    rules:
      - { name: a, event: news }
      - { name: b, event: bare, envelope: plain }
      - { name: c, event: dbz, envelope: debezium }
`);
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('  tls: off\n', `  tls: off\n${zone}`));
  await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/NEWS');
  await desk.until('three events', () => desk.sent.length >= 3);
  const cloud = desk.sent.find((e) => e.type === 'news.read') as Whole;
  const plain = desk.sent.find((e) => e.type === 'bare.read') as Whole;
  const dbz = desk.sent.find((e) => 'ts_ms' in e) as unknown as { ts_ms: number; source: { ts_ms: number } };
  expect(cloud.time).toMatch(RFC3339);
  expect(plain.time).toBe(cloud.time);
  expect(dbz.ts_ms).toBe(Date.parse(cloud.time));
  expect(dbz.source.ts_ms).toBe(dbz.ts_ms);
});

test('each deletion of a key that a window finds is told', async () => {
  await desk.sql('CREATE TABLE ORDLIB.KEYS (ID INTEGER NOT NULL PRIMARY KEY)');
  desk.write(`tables:
  ORDLIB/KEYS:
    event: key
    onDelete: delete
    capture: { window: { by: [ID], kind: sequence, every: 50ms, start: all, deletes: { schedule: "* * * * * *" } } }
`);
  await desk.start();
  for (const round of [1, 2]) {
    await desk.sql('INSERT INTO ORDLIB.KEYS VALUES (7)');
    const told = () => desk.events('key').filter((e) => e !== 'deleted 7').length;
    await desk.until(`created ${round}`, () => told() === round);
    await desk.sql('DELETE FROM ORDLIB.KEYS WHERE ID = 7');
    await desk.until(`deleted ${round}`, () => desk.events('key').filter((e) => e === 'deleted 7').length === round);
  }
  expect(new Set(idsOf(desk.sent)).size).toBe(4);
});

test('a backfill of a child table tells each parent once, however its rows are chunked', async () => {
  await desk.sql('CREATE TABLE ORDLIB.LINES (ID INTEGER NOT NULL PRIMARY KEY, PAR INTEGER NOT NULL)');
  await desk.cl('STRJRNPF FILE(ORDLIB/LINES) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  for (let id = 1; id <= 12; id++) await desk.sql(`INSERT INTO ORDLIB.LINES VALUES (${id}, ${id % 3})`);
  desk.write(`tables:
  ORDLIB/LINES:
    parent: { event: doc, key: { no: PAR }, changed: lines }
`);
  await desk.start();
  const run = async (): Promise<unknown> => desk.json('backfill', '--table', 'ORDLIB/LINES', '--chunk', '5');
  expect(await run()).toMatchObject({ rowsRead: 12, published: 3 });
  await desk.until('three parents', () => desk.events('doc').length >= 3);
  expect(await run()).toMatchObject({ rowsRead: 12, published: 3 });
  await desk.until('six parents', () => desk.events('doc').length >= 6);
  expect(desk.events('doc').sort()).toEqual([
    'updated 0',
    'updated 0',
    'updated 1',
    'updated 1',
    'updated 2',
    'updated 2',
  ]);
});
