/** A real daemon with a real receiver of alerts: raised, listed, shown, and over. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Desk } from '../support/desk';

const TABLES = 'tables: { ORDLIB/AL1: { event: row } }\n';

let server: Server;
const told: { kind: string; rule: string; subject: string }[] = [];
const answers = 422;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (request.url === '/alerts') told.push(JSON.parse(body));
    response.writeHead(request.url === '/alerts' ? 204 : answers).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  told.length = 0;
});

const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

async function opened(): Promise<Desk> {
  const desk = await Desk.open();
  await desk.admin.execute('CREATE TABLE ORDLIB.AL1 (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(5) NOT NULL)');
  await desk.admin.execute(
    "CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/AL1) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')",
  );
  desk.write(`${TABLES}policies: { start: earliest }
alerts:
  every: 50ms
  sinks:
    ops: { webhook: { url: "${url('/alerts')}", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw } }
`);
  const signing = 'signing: { standardWebhooks: { secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw } }';
  desk.amend((yaml) =>
    yaml.replace('out: { stdout: {} }', `out: { webhook: { url: "${url('/events')}", ${signing} } }`),
  );
  return desk;
}

test('a dead letter is told, listed and served by the API, and over once the letter is dropped', async () => {
  await using desk = await opened();
  await desk.start();
  await desk.admin.execute("INSERT INTO ORDLIB.AL1 VALUES (1, 'a')");
  await desk.until('raised', () => told.length > 0);
  expect(told[0]).toMatchObject({ kind: 'raised', rule: 'dead-letters', subject: 'out', partition: 'SIM' });
  const listed = JSON.parse((await desk.cli('alerts', 'list', '--json')).out);
  expect(listed).toMatchObject({ raised: [{ rule: 'dead-letters', severity: 'critical', endedAt: null }], ended: [] });
  // the notices of the table are refused too
  expect((await desk.cli('status')).out).toMatch(/^CRITICAL {2}\d dead letters? of destination out; since /);
  await desk.cli('dlq', 'drop', '--destination', 'out');
  // half a minute after it was seen last
  await sleep(25_000);
  await desk.until('over', () => told.some(({ kind }) => kind === 'ended'));
  expect(told.at(-1)).toMatchObject({ kind: 'ended', rule: 'dead-letters' });
  expect((await desk.cli('alerts', 'list', '--ended', '5')).out).toMatch(
    /^no alert is raised\nCRITICAL {2}\d dead letters? /,
  );
}, 120_000);

test('alerts test: each sink, a sink that refuses, a sink that is not there', async () => {
  await using desk = await opened();
  await desk.start();
  expect(await desk.cli('alerts', 'test')).toMatchObject({ code: 0, out: 'ops  accepted\n' });
  expect(told.map(({ kind }) => kind)).toEqual(['test', 'ended']);
  expect(await desk.cli('alerts', 'test', '--sink', 'nobody')).toMatchObject({ code: 2 });
  desk.amend((yaml) => yaml.replace(url('/alerts'), url('/events')));
  const refused = await desk.cli('alerts', 'test', '--json');
  expect(refused.code).toBe(5);
  expect(JSON.parse(refused.out)).toEqual({
    sinks: [{ sink: 'ops', accepted: false, detail: expect.stringContaining('answered 422') }],
  });
}, 120_000);
