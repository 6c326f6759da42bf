// @ts-check
// Memory with a backlog: N events for a healthy and a dead endpoint; the dead one keeps all of them pending. Run after
// `npm run build`: node --expose-gc scripts/bench/outbox-backlog.mjs [--events 1000000]
// Prints RSS while the backlog grows, after a restart on top of it, and the rate of the healthy destination beside it.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '../../dist');
const { Store } = require(join(dist, 'store/store.js'));
const { Outbox } = require(join(dist, 'outbox/outbox.js'));
const { OUTBOX_SCHEMA } = require(join(dist, 'outbox/schema.js'));
const { Dispatcher } = require(join(dist, 'deliver/dispatcher.js'));
const { WebhookSink } = require(join(dist, 'deliver/sinks/webhook/webhook.js'));
const { webhookOptions, BATCH_DEFAULTS } = require(join(dist, 'deliver/options.js'));
const { serveWebhook } = require(join(dist, 'deliver/queue/queue-policy.js'));

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? fallback : Number(process.argv[i + 1]);
};
const EVENTS = arg('events', 1_000_000);
const BLOCK = 1000;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr';
const folder = mkdtempSync(join(tmpdir(), 'backlog-'));
const file = join(folder, 's.sqlite');
const names = ['good', 'dead'];

const child = fork(join(here, '_webhook-receiver.mjs'), []);
const { port } = await new Promise((done) => child.once('message', done));
const urls = { good: `http://127.0.0.1:${port}/`, dead: 'http://127.0.0.1:9/' };

function openAll(onDelivered) {
  const store = Store.open(file, [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { good: {}, dead: {} } });
  const destinations = names.map((name) => {
    const signing = {
      standardWebhooks: {
        secret: { reveal: () => SECRET },
        previousSecret: null,
        privateKey: null,
        previousPrivateKey: null,
      },
    };
    const options = webhookOptions({
      url: urls[name],
      signing,
      concurrency: 8,
      batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0 },
    });
    const sink = new WebhookSink(options, { agent: 'bench' });
    return { name, sink, options: serveWebhook(options, sink.host) };
  });
  const dispatcher = new Dispatcher({ store: outbox, destinations, hooks: { delivered: onDelivered } });
  return { store, outbox, dispatcher };
}

let serial = 0;
function block() {
  return Array.from({ length: BLOCK }, () => {
    const n = ++serial;
    return {
      id: `evt_${String(n).padStart(12, '0')}`,
      type: 'order.updated',
      version: '1',
      table: 'ORDLIB/ORDHDR',
      rule: 'order',
      key: String(n % 100_000),
      traceKey: String(n % 100_000),
      destinations: names,
      priority: 'normal',
      body: Buffer.from(JSON.stringify({ n, text: 'x'.repeat(560), meta: { attempt: 1 } })),
      attemptOffset: -1,
      contentType: 'application/json',
      time: '2026-11-21T20:44:00.123456Z',
      journal: null,
      position: null,
      tombstone: false,
      recordUrl: null,
      decodeErrors: 0,
    };
  });
}

const rss = () => {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().rss / 1e6);
};
let delivered = 0;
let wake = null;
const first = openAll((name) => {
  if (name !== 'good') return;
  delivered++;
  if (wake && serial - delivered < 4 * BLOCK) wake();
});
await first.dispatcher.start();
const start = performance.now();
const samples = [];
while (serial < EVENTS) {
  const drafts = block();
  first.dispatcher.offer(first.store.transaction(() => first.outbox.append(drafts)));
  await new Promise((done) => setImmediate(done));
  if (serial - delivered >= 4 * BLOCK) await new Promise((done) => (wake = done));
  wake = null;
  if (serial % (EVENTS / 10) === 0) {
    samples.push(rss());
    console.log(
      `${serial} events, ${Math.round(serial / ((performance.now() - start) / 1000))} /s through the healthy destination, RSS ${samples.at(-1)} MB`,
    );
  }
}
while (delivered < serial) await new Promise((done) => setTimeout(done, 10));
await first.dispatcher.stop();
const backlog = () =>
  first.outbox.history
    .backlog()
    .map((b) => `${b.destination} ${b.ready + b.parked}`)
    .join(', ');
console.log(`pending: ${backlog()}`);
first.store.close();

const again = openAll(() => undefined);
const opened = performance.now();
await again.dispatcher.start();
const took = performance.now() - opened;
await new Promise((done) => setTimeout(done, 1000));
console.log(`restart on the backlog: ${took.toFixed(0)} ms, RSS ${rss()} MB`);
await again.dispatcher.stop();
again.store.close();
console.log(
  `RSS highest ${Math.max(...samples)} MB, bar 256; last of first ${(samples.at(-1) / samples[0]).toFixed(2)}`,
);
child.disconnect();
rmSync(folder, { recursive: true });
