/** A full backlog stops reading, not the daemon: nothing grows, nothing is lost, and reading goes on when there is room. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Backpressure } from '../../src/capture/backpressure';
import { loadConfig } from '../../src/config/load';
import { Daemon } from '../../src/daemon/daemon';
import { checkMapping } from '../../src/map/plan/check';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { openSqlite } from '../../src/sqlite';
import { Store } from '../../src/store/store';
import { createLogger } from '../../src/telemetry/logger';
import { Metrics } from '../../src/telemetry/metrics';
import { drafts } from '../deliver/support/drafts';
import { connected } from '../support/connected';
import { partitionYaml } from '../support/partition-yaml';

jest.setTimeout(90_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-backpressure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function until(what: string, enough: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!enough()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function lines(stream: PassThrough): string[] {
  const all: string[] = [];
  stream.on('data', (d: Buffer) => all.push(d.toString()));
  return all;
}

describe('Backpressure', () => {
  test.each([
    ['events', { maxEvents: 100, maxBytes: 1e12 }],
    ['bytes', { maxEvents: 1e9, maxBytes: 100 * drafts(3000, 3001)[0]!.body.length }],
  ])('waits over the limit of %s and until nine tenths are reached; told once', async (_, limit) => {
    using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { crm: {}, lake: {} } });
    const log = new PassThrough();
    const told = lines(log);
    const abort = new AbortController();
    const pressure = new Backpressure({
      limits: { crm: limit },
      measure: (name) => outbox.pending.of(name),
      metrics: new Metrics(),
      log: createLogger('info', log),
      signal: abort.signal,
    });
    const settle = (n: number): void =>
      outbox.settle(outbox.fresh('crm', 1, 0, n, 1e9).map((delivery) => ({ is: 'delivered', delivery, record: null })));
    const fits = 100;
    await pressure.room(outbox.append(drafts(0, fits)));
    settle(10);
    await pressure.room(outbox.append(drafts(1000, 1010)));
    expect(pressure.full).toEqual([]);
    let free = false;
    const one = pressure.room(outbox.append(drafts(2000, 2001))).then(() => {
      free = true;
    });
    const two = pressure.room(outbox.append(drafts(3000, 3001)));
    expect(pressure.full).toEqual(['crm']);
    // another destination is not waited for
    await pressure.room(outbox.append(drafts(4000, 4001, () => ({ destinations: ['lake'] }))));
    settle(5);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(free).toBe(false);
    settle(Math.ceil(fits / 8));
    await Promise.all([one, two]);
    expect(pressure.full).toEqual([]);
    await until('told', () => told.length >= 2);
    expect(told.map((l) => (JSON.parse(l) as { msg: string }).msg)).toEqual([
      'backlog is full: capture pauses',
      'backlog has room: capture goes on',
    ]);
  });

  test('the end of the daemon ends the wait', async () => {
    using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { crm: {} } });
    const abort = new AbortController();
    const pressure = new Backpressure({
      limits: { crm: { maxEvents: 1, maxBytes: 1e9 } },
      measure: (name) => outbox.pending.of(name),
      metrics: new Metrics(),
      log: createLogger('silent', new PassThrough()),
      signal: abort.signal,
    });
    const room = pressure.room(outbox.append(drafts(0, 3)));
    abort.abort();
    await room;
  });
});

test('pending sizes count what is queued, parked and held, and estimate payloads of long queues', () => {
  using store = Store.open(join(folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { crm: {}, lake: {} } });
  const all = drafts(0, 5000);
  outbox.append(all.slice(0, 4000));
  outbox.holds.hold({ table: 'ORDLIB/ORDHDR', reason: 'test', receiver: null, sequence: null });
  outbox.append(all.slice(4000));
  const [first] = outbox.fresh('crm', 1, 0, 1, 1e9);
  outbox.settle([{ is: 'retry', delivery: first!, record: null, dueAt: 1 }]);
  const bytes = all.reduce((sum, d) => sum + d.body.length, 0);
  const size = outbox.pending.of('crm');
  expect(size.events).toBe(5000);
  expect(Math.abs(size.bytes - bytes)).toBeLessThan(bytes / 100);
  expect(outbox.pending.of('lake')).toEqual({ events: 0, bytes: 0 });
});

describe('a dead receiver and a small cap', () => {
  const ROWS = 600;
  const CAP = 40;
  let partition: SimulatedPartition;
  let server: Server;
  let daemon: Daemon | null;
  beforeEach(async () => {
    partition = await SimulatedPartition.start();
    server = createServer();
    daemon = null;
  });
  afterEach(async () => {
    await daemon?.stop();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await partition.stop();
  });

  test('the journal is read no further than the cap and a block; afterwards everything arrives once, in order', async () => {
    const desk = await connected(partition);
    await desk.execute('CREATE TABLE ORDLIB.MANY (ID INTEGER NOT NULL PRIMARY KEY)');
    await desk.execute(
      "CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/MANY) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')",
    );
    for (let id = 1; id <= ROWS; id++) await desk.execute('INSERT INTO ORDLIB.MANY VALUES (?)', [id]);
    await desk.close();

    let dead = true;
    const seen: string[] = [];
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (!dead) seen.push((JSON.parse(Buffer.concat(chunks).toString()) as { subject: string }).subject);
        response.writeHead(dead ? 503 : 204).end();
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const config = join(folder, 'ibmi-cdc.yaml');
    writeFileSync(
      config,
      `version: 1
${partitionYaml(partition)}
state: state.sqlite
destinations:
  out:
    webhook:
      url: http://127.0.0.1:${(server.address() as AddressInfo).port}/
      signing: none
      adaptive: false
      concurrency: 1
      retry: { schedule: [${Array(500).fill('100ms').join(', ')}] }
      circuitBreaker: { failures: 3, probeEvery: 100ms }
    lanes: strict
    pending: { maxEvents: ${CAP} }
policies: { start: earliest }
journal: { pollInterval: 20ms, maxPollInterval: 50ms, blockBytes: 4096 }
http: { port: 0, stalledAfter: 1h }
tables:
  ORDLIB/MANY: { event: many }
`,
    );
    const log = new PassThrough();
    const told = lines(log);
    daemon = await Daemon.start({
      config: loadConfig(config, { env: { SIM_PASSWORD: partition.password }, references: 'require', checkMapping }),
      log: createLogger('info', log),
      stdout: new PassThrough(),
    });
    const says = (text: string): number => told.join('').split(text).length - 1;
    const db = openSqlite(join(folder, 'state.sqlite'), { readonly: true });
    const count = (what: string): number => db.prepare(`SELECT ${what}`).pluck().get() as number;
    try {
      await until('paused', () => says('capture pauses') === 1);
      const written = count('(SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page)');
      expect(written).toBeGreaterThan(CAP);
      expect(written).toBeLessThan(ROWS / 2);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(count('(SELECT ifnull(sum(last - first + 1), 0) FROM outbox_page)')).toBe(written);
      const http = `http://127.0.0.1:${daemon.httpPort}`;
      expect(await (await fetch(`${http}/metrics`)).text()).toContain('ibmi_cdc_capture_paused{destination="out"} 1');
      expect(await (await fetch(`${http}/healthz`)).text()).toContain('the backlog of out is full');
      dead = false;
      await until('all arrived', () => seen.filter((s) => /^\d+$/.test(s)).length >= ROWS);
      expect(seen.filter((s) => /^\d+$/.test(s))).toEqual(Array.from({ length: ROWS }, (_, i) => String(i + 1)));
      await until('reading again', () => says('capture pauses') === says('capture goes on'));
    } finally {
      db.close();
    }
  });
});
