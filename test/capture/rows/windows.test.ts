/** Window tables in a daemon of their own: what health, log, status and metrics say of them. */
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

test('a daemon without journals is healthy while its windows look, in all three forms', async () => {
  await desk.sql('CREATE TABLE ORDLIB.BYTIME (ID INTEGER NOT NULL PRIMARY KEY, TS TIMESTAMP NOT NULL)');
  await desk.sql('CREATE TABLE ORDLIB.BYNUM (ID INTEGER NOT NULL PRIMARY KEY)');
  desk.write(`tables:
  ORDLIB/BYTIME: { event: time, capture: { window: { by: [TS], every: 100ms, margin: 0s } } }
  ORDLIB/BYNUM: { event: number, capture: { window: { by: [ID], every: 100ms, start: all } } }
  ORDLIB/PRICES:
    event: price
    key: [ITMNO, CURR, VLDFRM]
    capture: { window: { by: [CHGDAT, CHGTIM], date: cyymmdd, time: hhmmss, every: 100ms } }
`);
  await desk.sql('INSERT INTO ORDLIB.BYNUM VALUES (41)');
  const daemon = await desk.start();
  const ask = (path: string) => fetch(`http://127.0.0.1:${daemon.httpPort}${path}`);
  await desk.until('first row', () => desk.events('number').includes('read 41'));
  await desk.sql('INSERT INTO ORDLIB.BYNUM VALUES (42)');
  await desk.sql('INSERT INTO ORDLIB.BYTIME VALUES (1, CURRENT TIMESTAMP)');
  await desk.until(
    'both',
    () => desk.events('number').includes('created 42') && desk.events('time').includes('created 1'),
  );

  for (const path of ['/healthz', '/readyz']) {
    const response = await ask(path);
    expect(response.status).toBe(200);
    const { checks } = (await response.json()) as { checks: { name: string; ok: boolean }[] };
    expect(checks.map((c) => [c.name, c.ok])).toEqual([
      ['window ORDLIB/BYTIME', true],
      ['window ORDLIB/BYNUM', true],
      ['window ORDLIB/PRICES', true],
    ]);
  }
  expect(await (await ask('/metrics')).text()).toMatch(/ibmi_cdc_window_age_seconds\{table="ORDLIB\/BYNUM"\} \d/);
  const told = desk.log.filter((l) => l['msg'] === 'reading window');
  expect(told.map((l) => l['by'])).toEqual(expect.arrayContaining([['TS'], ['ID'], ['CHGDAT', 'CHGTIM']]));
  const { windows } = await desk.json<{ windows: { table: string; upTo: string; rows: number }[] }>('status');
  expect(windows).toContainEqual({ table: 'ORDLIB/BYNUM', complete: true, upTo: '42', rows: 2 });
  expect(windows.find((w) => w.table === 'ORDLIB/PRICES')?.upTo).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect((await desk.cli('status')).out).toContain('window ORDLIB/BYNUM  read up to 42, 2 rows known\n');
});

test('a window that cannot be read turns readiness red and says why', async () => {
  await desk.sql('CREATE TABLE ORDLIB.BYNUM (ID INTEGER NOT NULL PRIMARY KEY)');
  desk.write('tables: { ORDLIB/BYNUM: { event: number, capture: { window: { by: [ID], every: 50ms } } } }\n');
  const daemon = await desk.start();
  const ready = async () => (await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`)).status;
  await desk.until('looking', () => desk.log.some((l) => l['msg'] === 'reading window'));
  await desk.sql('DROP TABLE ORDLIB.BYNUM');
  await desk.until('failed', () => desk.log.some((l) => String(l['msg']).startsWith('window not read')));
  expect(await ready()).toBe(503);
});
