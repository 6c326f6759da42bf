/** Lag and time to data loss are right in just the moments when nothing is read, and old figures are told as old ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Desk } from '../support/desk';

jest.setTimeout(120_000);

let desk: Desk;
let server: Server;
let status = 503;
beforeEach(async () => {
  desk = await Desk.open();
  status = 503;
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end());
  }).listen(0, '127.0.0.1');
});
afterEach(async () => {
  await desk[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

interface Figures {
  readonly daemon: { running: boolean };
  readonly journals: readonly {
    behind: string | null;
    lastBehind: string | null;
    asOf: string | null;
    ageSeconds: number | null;
    stale: boolean;
    hoursToDataLoss: number | null;
  }[];
}

const figures = async (): Promise<Figures> => desk.json<Figures & Record<string, unknown>>('status');

async function update(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await desk.sql('UPDATE ORDLIB.THING SET V = V + 1 WHERE ID = 1');
}

async function world(): Promise<void> {
  await desk.sql('CREATE TABLE ORDLIB.THING (ID INTEGER NOT NULL PRIMARY KEY, V INTEGER NOT NULL)');
  await desk.cl('STRJRNPF FILE(ORDLIB/THING) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await desk.sql('INSERT INTO ORDLIB.THING VALUES (1, 0)');
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID] }\n');
  const { port } = server.address() as AddressInfo;
  const hook = `out: { webhook: { url: "http://127.0.0.1:${port}/", signing: none }, pending: { maxEvents: 10 } }`;
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('out: { stdout: {} }', hook));
}

const reading = (): boolean => desk.log.some((l) => String(l['msg']).startsWith('reading journal'));

test('a capture that a full backlog pauses: lag, danger and warnings follow the journal', async () => {
  await world();
  const daemon = await desk.start();
  await desk.until('reading', reading);
  await update(60);
  await desk.until('paused', () => desk.log.some((l) => l['msg'] === 'backlog is full: capture pauses'));
  await update(400);
  await desk.cl('CRTJRNRCV JRNRCV(ORDLIB/ORDRCV0009)');
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(ORDLIB/ORDRCV0009)');
  await update(100);
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${daemon.httpPort}${path}`);
  const gauge = async (name: string): Promise<number | null> => {
    const line = (await (await get('/metrics')).text()).split('\n').find((l) => l.startsWith(`${name}{`));
    return line ? Number(line.split(' ').at(-1)) : null;
  };
  let lag = 0;
  const end = Date.now() + 30_000;
  while (lag < 900 && Date.now() < end) {
    lag = (await gauge('ibmi_cdc_position_lag_entries')) ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(lag).toBeGreaterThan(900);
  expect(await gauge('ibmi_cdc_time_to_data_loss_seconds')).not.toBeNull();
  expect(await gauge('ibmi_cdc_lag_age_seconds')).toBeLessThan(10);
  const { journals, daemon: process } = await figures();
  expect(process.running).toBe(true);
  expect(Number(journals[0]!.behind)).toBeGreaterThan(900);
  expect(journals[0]).toMatchObject({ stale: false });
  expect(journals[0]!.hoursToDataLoss).not.toBeNull();
  for (const path of ['/healthz', '/readyz']) {
    const { warnings } = (await (await get(path)).json()) as { warnings: { name: string; detail: string }[] };
    expect(warnings.map((w) => w.detail).join()).toMatch(/not reading: the backlog of out is full; \d+ entries behind/);
  }
  // the receiver it stands in is deleted under it
  await desk.cl('DLTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) DLTOPT(*IGNINQMSG *IGNTGTRCV)');
  let told = '';
  for (const deadline = Date.now() + 30_000; !told.includes('gone') && Date.now() < deadline; )
    told = (await desk.cli('status')).out;
  expect(told).toMatch(/its receiver was gone \d+ s ago, data loss in 0 h/);
  expect(await gauge('ibmi_cdc_time_to_data_loss_seconds')).toBe(0);
  expect(await gauge('ibmi_cdc_position_lag_entries')).toBeNull();
});

test('a daemon that is not running leaves figures behind, and status says so', async () => {
  await world();
  status = 204;
  const daemon = await desk.start();
  await desk.until('reading', reading);
  await desk.until('looked', () => desk.value('SELECT count(*) FROM journal_outlook') === 1);
  expect((await figures()).journals[0]).toMatchObject({ behind: '0', stale: false });
  expect((await desk.cli('status')).out).toMatch(/; 0 entries behind \d+ s ago/);
  await daemon.stop();
  await update(20);
  const after = await figures();
  expect(after.daemon.running).toBe(false);
  expect(after.journals[0]).toMatchObject({ behind: null, lastBehind: '0', stale: true });
  expect(after.journals[0]!.asOf).toMatch(/^\d{4}-/);
  expect(after.journals[0]!.ageSeconds).toBeGreaterThanOrEqual(0);
  const { out } = await desk.cli('status');
  expect(out).toContain('daemon  NOT RUNNING');
  expect(out).toMatch(/last seen at the end of the journal at \S+ \(\d+ s ago\), not known since/);
  expect(out).not.toContain('0 entries behind');
});
