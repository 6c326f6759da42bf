// @ts-check
// Run after `npm run build`: how long the API takes to answer over a state file with many stored events, while events go on being
// written in the same process, and how long it keeps that process from anything else.
//
//   node scripts/bench/api.mjs [--events 1000000] [--requests 200] [--idle]      --idle: nothing is written meanwhile
//
// Bars: p99 under 50 ms beside capture; the events page under 300 ms over 10,000,000 events.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const EVENTS = option('events', 1_000_000);
const REQUESTS = option('requests', 200);
const KEYS = 100_000;

if (process.argv.includes('--client')) await client();
else await server();

async function server() {
  const { loadConfig } = require(join(dist, 'config/load.js'));
  const { STATE_SCHEMAS } = require(join(dist, 'daemon/schemas.js'));
  const { HttpServer } = require(join(dist, 'daemon/http-server.js'));
  const { serveApi } = require(join(dist, 'api/api.js'));
  const { Outbox } = require(join(dist, 'outbox/outbox.js'));
  const { Tokens } = require(join(dist, 'operators/tokens.js'));
  const { Store } = require(join(dist, 'store/store.js'));
  const { Metrics } = require(join(dist, 'telemetry/metrics.js'));
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-bench-api-'));
  try {
    const file = join(folder, 'c.yaml');
    writeFileSync(
      file,
      `version: 1
partition: { name: SIM, host: localhost, user: U, password: x, tls: off }
state: ${join(folder, 'state.sqlite')}
destinations: { crm: { stdout: {} } }
tables: { ORDLIB/ORDHDR: { event: order } }
`,
    );
    const config = loadConfig(file, { env: {}, references: 'require' });
    const store = Store.open(config.state, STATE_SCHEMAS);
    const outbox = new Outbox(store, { destinations: { crm: {} } });
    const write = (from, count) => {
      const drafts = Array.from({ length: count }, (_, i) => draftOf(from + i));
      const { deliveries } = store.transaction(() => outbox.append(drafts));
      const record = {
        attempt: 1,
        at: Date.now(),
        ms: 7,
        status: 204,
        signature: null,
        response: null,
        error: null,
        batch: count,
      };
      outbox.settle(deliveries.map((delivery) => ({ is: 'delivered', delivery, record })));
    };
    for (let at = 0; at < EVENTS; at += 500) write(at, 500);
    const stop = new AbortController();
    const health = { health: () => [], ready: () => [], warnings: () => [] };
    const dispatcher = { status: () => ({}), operatorActed: () => undefined };
    const running = {
      ...{ config, store, outbox, health, dispatcher, signal: stop.signal, metrics: new Metrics() },
      ...{ transport: null, stdout: process.stdout, log: console },
    };
    const http = new HttpServer({
      ...{ metrics: running.metrics, source: health, beforeScrape: () => undefined, serveMetrics: true, token: null },
      api: serveApi(running),
    });
    const port = await http.start('127.0.0.1', 0);
    const token = new Tokens(store).create('bench', 'viewer', null);
    let written = EVENTS;
    // some 10,000 events a second, written and settled in this process as capture and delivery do
    const writing = setInterval(() => {
      if (process.argv.includes('--idle')) return;
      write(written, 500);
      written += 500;
    }, 50);
    const child = fork(fileURLToPath(import.meta.url), ['--client', '--requests', String(REQUESTS)], {
      env: { ...process.env, BENCH_PORT: String(port), BENCH_TOKEN: token },
    });
    let used = process.cpuUsage();
    const delay = monitorEventLoopDelay({ resolution: 2 });
    child.on('message', (path) => {
      if (typeof path !== 'string') return;
      const { user } = process.cpuUsage(used);
      const stall = `longest stall of the process ${(delay.max / 1e6).toFixed(1)} ms`;
      console.log(`${path}  ${stall}, its CPU ${Math.round(user / 1000)} ms in all`);
      used = process.cpuUsage();
      delay.reset();
    });
    delay.enable();
    await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(writing);
    console.log(`${written - EVENTS} events written meanwhile, ${EVENTS} stored before`);
    stop.abort();
    await http.stop();
    store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks each route one request after the other, over one connection. */
async function client() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const newest = JSON.parse((await ask(agent, '/v1/events?limit=1')).text).items[0];
  const routes = [
    ['/v1/status', REQUESTS],
    ['/v1/events?limit=50', REQUESTS],
    [`/v1/events/${newest.id}`, REQUESTS],
    ['/v1/destinations', REQUESTS],
    ['/v1/series?metric=backlog_events', REQUESTS],
    ['/v1/events?key=7&limit=5', 5],
    ['/v1/events?key=none', 3],
  ];
  for (const [path, count] of /** @type {[string, number][]} */ (routes)) {
    const times = [];
    for (let i = 0; i < count; i++) {
      const started = performance.now();
      const { status } = await ask(agent, path);
      if (status !== 200) throw new Error(`${path}: ${status}`);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.ceil(share * count) - 1].toFixed(1);
    process.send?.(`${path.padEnd(44)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`);
    // the other process says what it saw of this one
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  agent.destroy();
  process.disconnect?.();
}

/** @returns {Promise<{ status: number, text: string }>} */
function ask(agent, path) {
  const headers = { authorization: `Bearer ${process.env.BENCH_TOKEN}` };
  return new Promise((resolve, reject) => {
    const outgoing = request({ port: process.env.BENCH_PORT, host: '127.0.0.1', path, agent, headers }, (incoming) => {
      let text = '';
      incoming.on('data', (part) => {
        text += part;
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function draftOf(n) {
  const key = String(n % KEYS);
  const id = `bench-${n}`;
  const body = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id,
      type: 'order.updated',
      subject: key,
      data: { op: 'update', n, note: 'x'.repeat(120), meta: { attempt: 1 } },
    }),
  );
  return {
    ...{ id, type: 'order.updated', version: '1', table: 'ORDLIB/ORDHDR', rule: 'order', key, traceKey: key, body },
    ...{ destinations: ['crm'], priority: 'normal', contentType: 'application/cloudevents+json', tombstone: false },
    attemptOffset: body.indexOf('"attempt":1') + 10,
    time: '2026-11-21T20:44:00.123456Z',
    journal: { library: 'ORDLIB', name: 'ORDJRN' },
    position: { receiver: { library: 'ORDLIB', name: 'ORDRCV0001' }, sequence: BigInt(1000 + n) },
    ...{ recordUrl: null, decodeErrors: 0 },
  };
}
