// @ts-check
// Ten million events through append, delivery in batches and settlement at full load, with retention at work: memory and
// state file over time. Run after `npm run build`: node scripts/bench/endurance.mjs [--events 10000000] [--cap 64]
// --cap is the size of settled payloads kept, in MB, the delivery log a quarter of it: both are full within the first
// tenth, so that from there on every event appended is one purged. Bar: RSS under 256 MB, and flat.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { block, last, receiver, signing } from './_webhook-parts.mjs';

const require = createRequire(import.meta.url);
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../..', process.env.BENCH_DIST ?? 'dist');
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
const EVENTS = arg('events', 10_000_000);
const CAP = arg('cap', 64) * 1e6;
const BLOCK = 1000;
const AHEAD = 4 * BLOCK;
const TENTHS = 10;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const file = join(folder, 's.sqlite');
const store = Store.open(file, [OUTBOX_SCHEMA]);
const retention = { maxBytes: CAP, logMaxBytes: CAP / 4 };
const outbox = new Outbox(store, { destinations: { crm: {} }, retention });
const to = await receiver();
const options = webhookOptions({
  url: to.url,
  signing,
  concurrency: 4,
  batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0, maxRecords: 100 },
});
const sink = new WebhookSink(options, { agent: 'bench' });
let delivered = 0;
let wake = null;
const dispatcher = new Dispatcher({
  store: outbox,
  destinations: [{ name: 'crm', sink, options: serveWebhook(options, sink.host) }],
  hooks: {
    delivered: () => {
      delivered++;
      if (wake && last() - delivered < AHEAD) wake();
    },
  },
});
await dispatcher.start();

/** Appends up to `count` events, at most a few blocks ahead of delivery; returns the highest RSS seen. */
async function run(count) {
  let highest = 0;
  while (last() < count) {
    const drafts = block(BLOCK);
    dispatcher.offer(store.transaction(() => outbox.append(drafts)));
    while (outbox.purge().more);
    highest = Math.max(highest, process.memoryUsage.rss());
    if (last() - delivered >= AHEAD) await new Promise((done) => (wake = done));
    wake = null;
  }
  return highest;
}

const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const peaks = [];
const start = performance.now();
for (let tenth = 1; tenth <= TENTHS; tenth++) {
  const from = performance.now();
  const before = last();
  const cpu = process.cpuUsage();
  const peak = await run(Math.round((EVENTS * tenth) / TENTHS));
  const used = process.cpuUsage(cpu);
  const made = last() - before;
  const us = (used.user + used.system) / made;
  const rate = made / ((performance.now() - from) / 1000);
  peaks.push(peak);
  console.log(
    `${String(last()).padStart(9)} events  ${(rate / 1000).toFixed(1)} k/s  ${us.toFixed(1)} us CPU  RSS highest ${mb(peak)}  state file ${mb(statSync(file).size)}`,
  );
}
while (delivered < last()) await new Promise((done) => setTimeout(done, 5));
const seconds = (performance.now() - start) / 1000;
await dispatcher.stop();
const [left] = outbox.history.backlog();
if (left.ready + left.parked + left.dead !== 0) throw new Error(`not everything settled: ${JSON.stringify(left)}`);
store.close();
to.stop();
rmSync(folder, { recursive: true });
console.log(`${last()} events in ${seconds.toFixed(0)} s, ${(last() / seconds / 1000).toFixed(1)} k/s, all settled`);
console.log(
  `RSS highest ${mb(Math.max(...peaks))}, bar 256; last tenth of second ${(peaks.at(-1) / peaks[1]).toFixed(2)}, flat is 1.0`,
);
