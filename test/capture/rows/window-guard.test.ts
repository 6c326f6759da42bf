/** The mass-delete guard over a window: a file cleared between two looks is caught before the first delete is sent. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

const WINDOW = "{ window: { by: [TS], every: 100ms, margin: 0s, start: all, deletes: { schedule: '* * * * * *' } } }";

const insert = (table: string, ...ids: number[]): Promise<void> =>
  desk.sql(`INSERT INTO ORDLIB.${table} VALUES ${ids.map((id) => `(${id}, '2026-01-01-00.00.00.000000')`).join(', ')}`);

test('CLRPFM and a reload: held before anything is sent, told, released in order; another window flows', async () => {
  for (const table of ['LOADED', 'CALM'])
    await desk.sql(`CREATE TABLE ORDLIB.${table} (ID INTEGER NOT NULL PRIMARY KEY, TS TIMESTAMP NOT NULL)`);
  desk.write(`tables:
  ORDLIB/LOADED: { event: row, onDelete: delete, payload: thin, deleteGuard: { deletes: 3, within: 1h }, capture: ${WINDOW} }
  ORDLIB/CALM: { event: calm, onDelete: delete, payload: thin, capture: ${WINDOW} }
`);
  await insert('LOADED', 1, 2, 3, 4, 5);
  await insert('CALM', 1, 2, 3, 4, 5);
  const daemon = await desk.start();
  await desk.until('first rows', () => desk.sent.length === 10);
  await desk.cl('CLRPFM FILE(ORDLIB/LOADED)');
  await desk.cl('CLRPFM FILE(ORDLIB/CALM)');
  const held = () => desk.value('SELECT count(*) FROM outbox_held');
  await desk.until('held', () => held() === 5);
  await desk.until('the other', () => desk.events('calm').length === 10);
  await insert('LOADED', 2, 6);
  await desk.until('reload held, too', () => held() === 7);

  expect(desk.events('row')).toEqual(['read 1', 'read 2', 'read 3', 'read 4', 'read 5']);
  const notices = desk.sent.filter((e) => e.type === 'table.mass-delete');
  expect(notices.map((e) => [e.data.notice, e.data.meta?.['mode']])).toEqual([
    [{ action: 'pause', alert: true, deletes: 5 }, 'window'],
  ]);
  expect(desk.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      table: 'ORDLIB/LOADED',
      next: 'ibmi-cdc resume --table ORDLIB/LOADED',
      msg: expect.stringContaining('paused by table.mass-delete found by a key compare'),
    }),
  );
  expect((await desk.cli('status')).out).toMatch(/ORDLIB\/LOADED {2}PAUSED by table.mass-delete, 7 deliveries held/);
  expect((await desk.cli('resume')).out).toMatch(/by table.mass-delete, 7 deliveries held/);
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toContain('ibmi_cdc_table_held{table="ORDLIB/LOADED"} 1');

  expect((await desk.cli('resume', '--table', 'ORDLIB/LOADED')).out).toBe(
    'ORDLIB/LOADED goes on, 7 deliveries queued\n',
  );
  await desk.until('released', () => desk.events('row').length === 12);
  const after = desk.events('row').slice(5);
  expect(after.filter((e) => e.endsWith(' 2'))).toEqual(['deleted 2', 'created 2']);
  expect([...after].sort()).toEqual([...[1, 2, 3, 4, 5].map((id) => `deleted ${id}`), 'created 2', 'created 6'].sort());
});
