/** A lost position ends the daemon, after what was captured before has been delivered. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCoded } from '../../src/errors/coded-error';
import { Desk } from '../support/desk';

jest.setTimeout(120_000);

let desk: Desk;
let server: Server;
let status: number;
const got: string[] = [];
beforeEach(async () => {
  desk = await Desk.open();
  status = 503;
  got.length = 0;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (status === 204) got.push((JSON.parse(Buffer.concat(chunks).toString()) as { subject: string }).subject);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
});
afterEach(async () => {
  await desk[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

/** Twenty events wait, and the receiver their daemon stood in is gone. */
async function lose(): Promise<void> {
  await desk.table('THING');
  desk.write('tables:\n  ORDLIB/THING: { event: thing, key: [ID] }\n');
  const { port } = server.address() as AddressInfo;
  const retry = 'retry: { schedule: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s] }';
  const hook = `out: { webhook: { url: "http://127.0.0.1:${port}/", signing: none, ${retry} } }`;
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('out: { stdout: {} }', hook));
  const daemon = await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  for (let id = 1; id <= 20; id++) await desk.sql(`INSERT INTO ORDLIB.THING VALUES (${id})`);
  await desk.until('captured', () => desk.value("SELECT value FROM outbox_counter WHERE name = 'events'") === 20);
  await daemon.stop();
  for (const n of [7, 8]) {
    await desk.cl(`CRTJRNRCV JRNRCV(ORDLIB/ORDRCV000${n})`);
    await desk.cl(`CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(ORDLIB/ORDRCV000${n})`);
  }
  await desk.cl('DLTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) DLTOPT(*IGNINQMSG *IGNTGTRCV)');
}

const codeOf = (error: unknown): string => (isCoded(error) ? error.code : String(error));

test('pending events arrive before the daemon ends with the loss', async () => {
  await lose();
  status = 204;
  const daemon = await desk.start();
  const ended = await daemon.finished().catch(codeOf);
  expect(ended).toBe('POSITION_LOST');
  expect(new Set(got).size).toBe(20);
  const said = desk.log.map((l) => String(l['msg']));
  expect(said.some((m) => m.includes('what was captured before is delivered, then the daemon ends'))).toBe(true);
  expect(said).toContain('everything that was captured is delivered');
});

test('a stop asked for meanwhile ends it at once', async () => {
  await lose();
  const daemon = await desk.start();
  await desk.until('said', () => desk.log.some((l) => String(l['msg']).includes('then the daemon ends')));
  await daemon.stop();
  expect(got).toEqual([]);
});
