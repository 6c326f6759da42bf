/** CLRPFM and a reload under each policy, through a daemon of its own: what a receiver gets, and what the operator is told. */
import { Desk } from './desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

/** Rows 1 to 3 are sent; the file is cleared and loaded again with 2 and 4. */
async function reload(table: string, prefix: string): Promise<void> {
  for (const id of [1, 2, 3]) await desk.sql(`INSERT INTO ORDLIB.${table} VALUES (${id})`);
  await desk.until('first rows', () => desk.events(prefix).length === 3);
  await desk.cl(`CLRPFM FILE(ORDLIB/${table})`);
  for (const id of [2, 4]) await desk.sql(`INSERT INTO ORDLIB.${table} VALUES (${id})`);
}

const notices = () => desk.sent.filter((e) => e.type === 'table.cleared').map((e) => e.data.notice);
const errors = () => desk.log.filter((l) => l['level'] === 'error').map((l) => String(l['msg']));

test('notice: the notice and what is loaded; the log says loudly that no delete was sent', async () => {
  await desk.table('LOADED');
  desk.write('policies: { start: earliest }\ntables: { ORDLIB/LOADED: { event: row, onDelete: delete } }\n');
  await desk.start();
  await reload('LOADED', 'row');
  await desk.until('reload', () => desk.events('row').length === 5);
  expect(desk.events('row').slice(3)).toEqual(['created 2', 'created 4']);
  expect(notices()).toEqual([expect.objectContaining({ policy: 'notice', action: 'none' })]);
  expect(errors()).toEqual([expect.stringContaining('table cleared: no delete is sent for its rows')]);
});

test('pause: what follows the notice is held until the operator says go on; another table of the journal flows', async () => {
  for (const table of ['LOADED', 'CALM']) await desk.table(table);
  desk.write(`policies: { start: earliest, cleared: pause }
tables:
  ORDLIB/LOADED: { event: row, onDelete: delete }
  ORDLIB/CALM: { event: calm, onDelete: delete, cleared: notice }
`);
  await desk.start();
  await reload('LOADED', 'row');
  await reload('CALM', 'calm');
  await desk.until('calm', () => desk.events('calm').length === 5);
  expect(desk.events('row')).toEqual(['created 1', 'created 2', 'created 3']);
  expect(notices()).toEqual([
    expect.objectContaining({ policy: 'pause' }),
    expect.objectContaining({ policy: 'notice' }),
  ]);
  expect((await desk.cli('status')).out).toMatch(/ORDLIB\/LOADED {2}PAUSED by table.cleared at ORDLIB\/\w+:\d+, 2 /);
  expect((await desk.cli('resume', '--table', 'ORDLIB/LOADED')).out).toBe(
    'ORDLIB/LOADED goes on, 2 deliveries queued\n',
  );
  await desk.until('released', () => desk.events('row').length === 5);
  expect(desk.events('row').slice(3)).toEqual(['created 2', 'created 4']);
});
