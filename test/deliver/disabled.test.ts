/** A destination that answered 410: disabled over a restart, told to the operator, and let go on by him alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { logUnserved } from '../../src/daemon/delivery';
import { Health } from '../../src/daemon/health';
import type { DeliveryHooks } from '../../src/deliver/hooks';
import { DISABLED_SCHEMA } from '../../src/deliver/standing/disabled-table';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import type { Logger } from '../../src/telemetry/logger';
import { Metrics } from '../../src/telemetry/metrics';
import { runCommand } from '../support/run-command';
import { Bench, hook, until } from './support/bench';
import { draft, drafts } from './support/drafts';
import { Receiver } from './support/receiver';

let folder: string;
let file: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disabled-'));
  file = join(folder, 'state.sqlite');
  config = join(folder, 'ibmi-cdc.yaml');
  writeFileSync(
    config,
    `version: 1
partition: { name: PROD1, host: ibmi.example.com, user: U, password: x, tls: { ca: ca.pem } }
state: state.sqlite
destinations: { crm: { webhook: { url: "https://crm.example.com/", signing: none } }, lake: { stdout: {} } }
tables: { ORDLIB/ORDHDR: { event: order, key: [ORDNO], columns: { ORDNO: orderNumber } } }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Note = { readonly level: string; readonly message: string } & Readonly<Record<string, unknown>>;
function noting(): { notes: Note[]; hooks: DeliveryHooks } {
  const notes: Note[] = [];
  return { notes, hooks: { note: (level, message, facts) => notes.push({ level, message, ...facts }) } };
}

const cli = async (...args: string[]) => {
  const run = runCommand([...args, '-c', config]);
  return { code: await run.done, out: run.out(), err: run.err() };
};

const NEXT = 'ibmi-cdc resume --destination crm';

test('a restart asks nobody again; resume by another process delivers everything in order', async () => {
  await using receiver = await Receiver.start((_got, response) => response.writeHead(410).end());
  const setup = { webhooks: { crm: hook(receiver.url) }, file };
  const first = noting();
  await using before = await Bench.start({ ...setup, hooks: first.hooks });
  before.publish([draft(1, { traceKey: 'k' })]);
  await until(() => before.dispatcher.status()['crm']!.state === 'disabled', 'disabled');
  await before.stop();
  expect(first.notes).toMatchObject([
    { level: 'error', message: expect.stringMatching(/^destination disabled/), destination: 'crm', next: NEXT },
  ]);

  receiver.answer = (_got, response) => response.writeHead(204).end();
  const asked = receiver.got.length;
  const second = noting();
  await using after = await Bench.start({ ...setup, hooks: second.hooks });
  expect(second.notes).toMatchObject([
    { level: 'error', message: expect.stringMatching(/^destination still disabled/), since: expect.any(String) },
  ]);
  after.publish([draft(2, { traceKey: 'k' })]);
  const metrics = new Metrics();
  const { dispatcher, outbox } = after;
  new Health({ captures: [], dispatcher, outbox, metrics, stalledAfterMs: 1000 }).refreshGauges();
  expect(await metrics.registry.metrics()).toContain('ibmi_cdc_destination_disabled{destination="crm"} 1');

  const status = await cli('status');
  expect(status.out).toMatch(/destination crm {2}2 pending/);
  expect(status.out).toMatch(/DISABLED since \d{4}-.*410 Gone.*; next: ibmi-cdc resume --destination crm/);
  const json = JSON.parse((await cli('status', '--json')).out) as { destinations: unknown[] };
  expect(json.destinations).toMatchObject([
    { destination: 'crm', disabled: { since: expect.stringMatching(/Z$/), why: expect.stringContaining('410') } },
    { destination: 'lake', disabled: null },
  ]);
  expect((await cli('trace', '--id', draft(2).id)).out).toMatch(
    /crm: pending, .*disabled: .*410.*; next: ibmi-cdc res/,
  );
  expect((await cli('resume')).out).toMatch(/crm {2}disabled since .*410 Gone.*; 2 deliveries wait/);

  expect(receiver.got.length).toBe(asked);
  expect(await cli('resume', '--destination', 'crm')).toMatchObject({
    code: 0,
    out: 'crm goes on, 2 deliveries wait\n',
  });
  await after.settled();
  expect(receiver.got.slice(asked).map((got) => got.json.data.n)).toEqual([1, 2]);
  expect(second.notes.at(-1)).toMatchObject({ level: 'info', destination: 'crm' });
  await after.stop();

  await using last = await Bench.start({ ...setup, hooks: noting().hooks });
  expect(last.dispatcher.status()['crm']!.state).toBe('running');
});

test('410 once more disables once more, and the others never wait', async () => {
  await using gone = await Receiver.start((_got, response) => response.writeHead(410).end());
  await using healthy = await Receiver.start();
  const outbox = { destinations: { crm: {}, lake: {} } };
  const setup = { webhooks: { crm: hook(gone.url), lake: hook(healthy.url) }, outbox, file };
  await using bench = await Bench.start(setup);
  const state = (): string => bench.dispatcher.status()['crm']!.state;
  bench.publish(drafts(0, 5, () => ({ destinations: ['crm', 'lake'] })));
  await until(() => state() === 'disabled', 'disabled');
  const asked = gone.got.length;
  bench.dispatcher.resume('crm');
  await until(() => gone.got.length > asked && state() === 'disabled', 'asked again and disabled again');
  await healthy.until(() => healthy.got.length === 5, 'the other destination');
  expect((await cli('resume', '--json')).out).toContain('"destination":"crm"');
});

test('a 410 to what was asked before the operator resumed disables nothing', async () => {
  const held: (() => void)[] = [];
  await using receiver = await Receiver.start((got, response) => {
    if (got.json.data.n === 1) response.writeHead(410).end();
    else held.push(() => response.writeHead(410).end());
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) }, file });
  const state = (): string => bench.dispatcher.status()['crm']!.state;
  bench.publish([draft(2, { traceKey: 'b' })]);
  await until(() => held.length === 1, 'the slow request');
  bench.publish([draft(1, { traceKey: 'a' })]);
  await until(() => state() === 'disabled', 'disabled');
  receiver.answer = (_got, response) => response.writeHead(204).end();
  bench.dispatcher.resume('crm');
  held[0]!();
  await bench.settled();
  expect(state()).toBe('running');
  expect(receiver.got.map((got) => got.json.data.n).sort()).toEqual([1, 1, 2, 2]);
});

test('a destination that left the configuration keeps what waits until the operator gives it up, as dead letters', async () => {
  await using receiver = await Receiver.start((_got, response) => response.writeHead(410).end());
  const setup = { webhooks: { crm: hook(receiver.url), gone: hook(receiver.url) }, file };
  await using bench = await Bench.start(setup);
  bench.publish(drafts(0, 1200, (n) => ({ destinations: ['gone'], traceKey: `k${n % 7}` })));
  await until(() => bench.dispatcher.status()['gone']!.state === 'disabled', 'disabled');
  await bench.stop();

  const notes: unknown[] = [];
  const store = Store.open(file, [OUTBOX_SCHEMA, DISABLED_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { crm: {}, lake: {} } });
  const log = { warn: (facts: unknown, message: string) => notes.push([message, facts]) } as unknown as Logger;
  logUnserved({ config: loadConfig(config, { env: {} }), outbox, log });
  expect(notes).toEqual([
    [
      'destination is no longer configured: what waits for it is kept',
      expect.objectContaining({ destination: 'gone', deliveries: 1200, next: expect.stringContaining('--drop') }),
    ],
  ]);
  store.close();

  expect((await cli('resume')).out).toMatch(
    /gone {2}not in the configuration, 1200 deliveries wait; to give them up: /,
  );
  expect(await cli('resume', '--destination', 'gone', '--drop')).toMatchObject({
    code: 0,
    out: 'gone is given up, 1200 deliveries made dead letters\n',
  });
  expect((await cli('resume')).out).toBe('no table is paused\n');
  const letters = await cli('dlq', 'list', '--destination', 'gone', '--reason', 'dropped', '--json', '--limit', '5000');
  expect(letters.out.trim().split('\n')).toHaveLength(1200);
  expect(letters.out).toContain('dropped by the operator: the destination is no longer configured');
});

test.each([
  [['resume', '--destination', 'lake', '--drop'], /RESUME_CONFIGURED: lake is still a destination/],
  [['resume', '--destination', 'never', '--drop'], /DESTINATION_NOT_DISABLED/],
  [['dlq', 'list', '--destination', 'never'], /no destination never/],
  [['resume', '--destination', 'lake'], /DESTINATION_NOT_DISABLED: lake is not disabled/],
  [['resume', '--destination', 'crm', '--table', 'ORDLIB/ORDHDR'], /expected one of them/],
  [['resume', '--drop'], /--drop was given without --table or --destination/],
])('%j is refused with the next step', async (args, message) => {
  await using bench = Bench.open({ webhooks: { crm: hook('http://127.0.0.1:1/') }, file });
  const ended = await cli(...args);
  expect(ended.code).toBe(2);
  expect(ended.err).toMatch(message);
  expect(ended.err).toMatch(/\n {2}next: /);
  expect(bench.dispatcher.status()['crm']!.state).toBe('new');
});
