/** A row, a receiver or a sender that would like to drive the operator's terminal. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { eventLine } from '../../src/cli/demo/print-event';
import type { ReceivedEvent } from '../../src/cli/demo/receiver';
import { createLogger } from '../../src/telemetry/logger';
import { runCommand } from '../support/run-command';
import { Desk } from './support/desk';

jest.setTimeout(60_000);

/** Colour, title and bell, C1 CSI, right-to-left override, carriage return, a line of its own. */
const EVIL = 'k\u001b[31m\u001b]0;t\u0007\u009b2J\u202ex\rdone\nerror BUG: forged';
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function expectHarmless(text: string): void {
  expect(RAW.exec(text)?.[0] ?? null).toBeNull();
  expect(text).not.toMatch(/^error BUG/m);
}

test('rows and receivers: every command that tells of them', async () => {
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(422, { 'x-note': 'a\u009b31mb' });
      response.end(`no: ${EVIL}`);
    });
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  await using site = await Desk.open();
  await site.sql.execute(
    'CREATE TABLE ORDLIB.THING (ID VARCHAR(100) CCSID 1208 NOT NULL PRIMARY KEY, NOTE VARCHAR(100) CCSID 1208)',
  );
  await site.sql.execute(
    "CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/THING) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')",
  );
  const { port } = receiver.address() as AddressInfo;
  site.write(`
destinations:
  out: { stdout: {} }
  crm: { webhook: { url: "http://127.0.0.1:${port}/", signing: none } }
policies: { start: earliest }
tables: { ORDLIB/THING: { event: thing, notices: [] } }
`);
  await site.sql.execute('INSERT INTO ORDLIB.THING VALUES (?, ?)', [EVIL, EVIL]);
  await site.start();
  await site.until('sent', () => site.sent.some((e) => e.type === 'thing.created'));
  const list = async () => (await site.cli('dlq', 'list', '--json')).out;
  for (const end = Date.now() + 20_000; (await list()) === '' && Date.now() < end; );
  const letter = JSON.parse(await list()) as { no: number; id: string; key: string };
  expect(letter.key).toBe(EVIL);
  const commands: string[][] = [
    ['dlq', 'list'],
    ['dlq', 'show', String(letter.no)],
    ['trace', '--id', letter.id],
    ['trace', '--key', EVIL],
    ['status'],
    ['plan'],
    ['sample', '--event', 'thing.created'],
    ['sql', 'SELECT * FROM ORDLIB.THING'],
    ['audit'],
    ['replay', '--key', EVIL],
    ['resume', '--table', EVIL],
    ['trace', '--id', EVIL],
    ['backfill', '--table', EVIL],
  ];
  for (const command of commands) {
    for (const json of [[], ['--json']]) {
      const { out, err } = await site.cli(...command, ...json);
      expectHarmless(out);
      expectHarmless(err);
      if (json.length === 0 || out === '' || command[0] === 'dlq') continue;
      for (const line of out.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    }
  }
  const shown = (await site.cli('dlq', 'list')).out;
  expect(shown).toContain('k\\u001b[31m\\u001b]0;t\\u0007\\u009b2J\\u202ex\\u000ddone\\nerror BUG: forged');
  expect((await site.cli('trace', '--id', letter.id)).out).toContain('\\u001b[31m');
  expectHarmless(site.log);
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
});

test('listen: what a stranger posts', async () => {
  const run = runCommand(['listen', '--port', '0', '--preset', 'none', '--count', '1'], {});
  const url = await new Promise<string>((resolve) => {
    const look = setInterval(() => {
      const found = /listening on (\S+),/.exec(run.err())?.[1];
      if (found) {
        clearInterval(look);
        resolve(found);
      }
    }, 20);
  });
  const event = { specversion: '1.0', id: EVIL, type: EVIL, source: 'x', data: { after: { note: EVIL } } };
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(event) });
  await run.done;
  expect(run.out()).toContain('\\u001b[31m');
  expectHarmless(run.out());
});

test('demo: an event on a line, in colour or not', () => {
  const data = {
    op: 'update',
    key: {},
    before: { s: 'a' },
    after: { s: EVIL },
    changed: ['s'],
    meta: { table: `L/${EVIL}`, sequence: '1' },
  };
  const event = { time: '2026-11-21T20:44:00.123456Z', type: EVIL, subject: EVIL, data } as unknown as ReceivedEvent;
  const plain = eventLine(event, 4, false);
  expectHarmless(plain);
  expect(plain.split('\n')).toHaveLength(1);
  expectHarmless(eventLine(event, 4, true).replace(/\u001b\[\d{1,2}m/g, ''));
});

test('logs, on a terminal and in a file', () => {
  for (const isTTY of [true, false]) {
    const out = Object.assign(new PassThrough(), { isTTY });
    createLogger('info', out).warn({ job: EVIL, nested: { text: EVIL } }, 'said');
    const text = String(out.read());
    expectHarmless(text);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
  }
});
