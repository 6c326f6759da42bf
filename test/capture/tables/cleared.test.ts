/** CLRPFM and a reload under each policy, through a daemon of its own: what a receiver gets, and what the operator is told. */
import { Desk } from '../../support/desk';

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

test('delete: a delete for each key that was sent and is not gone, then what is loaded; again after a restart', async () => {
  for (const table of ['LOADED', 'SET', 'QUIET']) await desk.table(table);
  desk.write(`policies: { start: earliest, cleared: delete }
tables:
  ORDLIB/LOADED: { event: row, onDelete: delete, traceKey: "row-{{ID}}" }
  ORDLIB/SET: { event: set, onDelete: { update: { set: { gone: true } } } }
  ORDLIB/QUIET: { event: quiet, onDelete: ignore }
`);
  const daemon = await desk.start();
  await desk.sql('INSERT INTO ORDLIB.LOADED VALUES (9)');
  await desk.sql('DELETE FROM ORDLIB.LOADED WHERE ID = 9');
  await desk.until('gone before', () => desk.events('row').length === 2);
  desk.sent.length = 0;
  await reload('LOADED', 'row');
  await desk.until('reload', () => desk.events('row').length === 8);
  expect(desk.events('row').slice(3, 6).sort()).toEqual(['deleted 1', 'deleted 2', 'deleted 3']);
  expect(desk.events('row').slice(6)).toEqual(['created 2', 'created 4']);
  expect(notices()).toEqual([expect.objectContaining({ policy: 'delete' })]);
  const gone = desk.sent.find((e) => e.type === 'row.deleted' && e.subject === '2')!;
  expect(gone).toMatchObject({
    tracekey: 'row-2',
    data: { op: 'delete', key: { ID: 2 }, after: null, before: null, meta: { mode: 'stream', sequence: null } },
  });
  expect(desk.log).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      table: 'ORDLIB/LOADED',
      deletes: 3,
      msg: expect.stringContaining('a delete is queued'),
    }),
  );

  await reload('SET', 'set');
  await desk.until('set', () => desk.events('set').length === 8);
  expect(desk.events('set').slice(3, 6).sort()).toEqual(['updated 1', 'updated 2', 'updated 3']);
  expect(desk.sent.find((e) => e.type === 'set.updated' && e.subject === '1')!.data).toMatchObject({
    op: 'update',
    after: { ID: 1, gone: true },
    changed: ['gone'],
  });
  await reload('QUIET', 'quiet');
  await desk.until('quiet', () => desk.events('quiet').length === 5);
  await desk.until('settled', () => desk.value('SELECT count(*) FROM outbox_ready') === 0);
  await daemon.stop();

  // all in one reading: rows written and cleared since
  desk.sent.length = 0;
  await desk.sql('INSERT INTO ORDLIB.LOADED VALUES (5)');
  await desk.cl('CLRPFM FILE(ORDLIB/LOADED)');
  await desk.sql('INSERT INTO ORDLIB.LOADED VALUES (6)');
  await desk.start();
  await desk.until('again', () => desk.events('row').includes('created 6'));
  expect(desk.events('row')[0]).toBe('created 5');
  expect(desk.events('row').slice(1, 4).sort()).toEqual(['deleted 2', 'deleted 4', 'deleted 5']);
  expect(desk.events('row').slice(4)).toEqual(['created 6']);
  expect((await desk.cli('audit')).code).toBe(0);
});
