// @ts-check
// Kafka delivery against bare kafkajs: same broker, same batch size, same bodies, interleaved. Run after `npm run build`:
// node scripts/bench/kafka.mjs [--rounds 5] [--seconds 3] [--batch 500]
// Ours has everything on: outbox with FULL transactions, lanes, delivery log, idempotent producers; bare kafkajs is
// idempotent producers sending the same records, key and headers included. Needs a JDK and Maven for the broker (scripts/kafka-broker.mjs).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { Kafka, Partitioners, CompressionTypes } = require('kafkajs');
const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, '../..', process.env.BENCH_DIST ?? 'dist');
const { Store } = require(join(dist, 'store/store.js'));
const { Outbox } = require(join(dist, 'outbox/outbox.js'));
const { OUTBOX_SCHEMA } = require(join(dist, 'outbox/schema.js'));
const { Dispatcher } = require(join(dist, 'deliver/dispatcher.js'));
const { KafkaSink } = require(join(dist, 'deliver/sinks/kafka/kafka.js'));
const { kafkaOptions } = require(join(dist, 'deliver/options.js'));
const { serveKafka } = require(join(dist, 'deliver/queue/queue-policy.js'));

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? fallback : Number(process.argv[i + 1]);
};
const ROUNDS = arg('rounds', 5);
const SECONDS = arg('seconds', 3);
const BATCH = arg('batch', 500);
const IN_FLIGHT = arg('in-flight', 4);
/** How far the journal side runs ahead of delivery. */
const AHEAD = 3 * BATCH * IN_FLIGHT;
const BODIES = Array.from({ length: 4096 }, (_, n) =>
  Buffer.from(JSON.stringify({ n, text: 'x'.repeat(570), meta: { attempt: 1 } })),
);

const data = mkdtempSync(join(tmpdir(), 'kafka-bench-'));
const broker = spawn(process.execPath, [join(here, '../kafka-broker.mjs'), '--data', data], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const said = JSON.parse(await new Promise((done) => broker.stdout.once('data', (text) => done(text.toString()))));
if (!said.ready) {
  console.log(`no broker here: ${said.why}`);
  process.exit(0);
}
const brokers = [`127.0.0.1:${said.port}`];

let serial = 0;
function block() {
  return Array.from({ length: 1000 }, () => {
    const n = ++serial;
    return {
      id: `evt_${String(n).padStart(12, '0')}`,
      type: 'order.updated',
      version: '1',
      table: 'ORDLIB/ORDHDR',
      rule: 'order',
      key: String(n % 10_000),
      traceKey: String(n % 10_000),
      destinations: ['lake'],
      priority: 'normal',
      body: BODIES[n % 4096],
      attemptOffset: -1,
      contentType: 'application/cloudevents+json',
      time: '2026-11-21T20:44:00.123456Z',
      journal: null,
      position: null,
      tombstone: false,
      recordUrl: null,
      decodeErrors: 0,
    };
  });
}

async function product(seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { lake: {} } });
  const options = kafkaOptions({ brokers, topic: 'ours', maxRecords: BATCH, maxInFlight: IN_FLIGHT });
  const sink = new KafkaSink(options, { partition: 'BENCH', destination: 'lake', identity: outbox.identity() });
  let delivered = 0;
  let appended = 0;
  let wake = null;
  const hooks = {
    delivered: () => {
      delivered++;
      if (wake && appended - delivered < AHEAD) wake();
    },
  };
  const dispatcher = new Dispatcher({
    store: outbox,
    destinations: [{ name: 'lake', sink, options: serveKafka(options) }],
    hooks,
  });
  await dispatcher.start();
  const cpu = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const drafts = block();
    appended += drafts.length;
    dispatcher.offer(store.transaction(() => outbox.append(drafts)));
    if (appended - delivered >= AHEAD) await new Promise((done) => (wake = done));
    wake = null;
  }
  while (delivered < appended) await new Promise((done) => setTimeout(done, 1));
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  await dispatcher.stop();
  store.close();
  rmSync(folder, { recursive: true });
  return { rate: appended / (ms / 1000), cpu: (used.user + used.system) / appended };
}

/** The same records: key, value and the CloudEvents headers. */
function headers(n) {
  return {
    'content-type': 'application/cloudevents+json',
    ce_specversion: '1.0',
    ce_id: `evt_${String(n).padStart(12, '0')}`,
    ce_type: 'order.updated',
    ce_source: 'ibmi://BENCH/ORDLIB/ORDHDR',
    ce_subject: String(n % 10_000),
    ce_time: '2026-11-21T20:44:00.123456Z',
  };
}

async function bare(seconds) {
  const kafka = new Kafka({ clientId: 'bare', brokers, logCreator: () => () => undefined });
  let sent = 0;
  const cpu = process.cpuUsage();
  const senders = await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      const producer = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      return producer;
    }),
  );
  const start = performance.now();
  await Promise.all(
    senders.map(async (producer) => {
      while (performance.now() - start < seconds * 1000) {
        const messages = Array.from({ length: BATCH }, () => {
          const n = sent++;
          return { key: String(n % 10_000), value: BODIES[n % 4096], headers: headers(n), timestamp: '1700000000000' };
        });
        await producer.sendBatch({
          topicMessages: [{ topic: 'bare', messages }],
          acks: -1,
          compression: CompressionTypes.None,
        });
      }
    }),
  );
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  await Promise.all(senders.map((producer) => producer.disconnect()));
  return { rate: sent / (ms / 1000), cpu: (used.user + used.system) / sent };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const runs = { bare: [], ours: [] };
await bare(1);
await product(1);
for (let r = 0; r < ROUNDS; r++) {
  runs.bare.push(await bare(SECONDS));
  runs.ours.push(await product(SECONDS));
  console.error(
    `round ${r + 1}: bare ${runs.bare.at(-1).rate.toFixed(0)}/s, ours ${runs.ours.at(-1).rate.toFixed(0)}/s`,
  );
}
const of = (name, what) => median(runs[name].map((r) => r[what]));
console.log(`batches of ${BATCH}, ${IN_FLIGHT} in flight, acks all, idempotent, 600-byte values, median of ${ROUNDS}`);
console.log(
  `bare kafkajs            ${(of('bare', 'rate') / 1000).toFixed(1)} k records/s  ${of('bare', 'cpu').toFixed(1)} us CPU`,
);
console.log(
  `journal side to Kafka   ${(of('ours', 'rate') / 1000).toFixed(1)} k records/s  ${of('ours', 'cpu').toFixed(1)} us CPU`,
);
console.log(`of bare kafkajs         ${(of('ours', 'rate') / of('bare', 'rate')).toFixed(2)}   bar 0.6, aim 0.9`);
console.log(`the same by CPU         ${(of('bare', 'cpu') / of('ours', 'cpu')).toFixed(2)}`);
console.log(`RSS                     ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
broker.kill('SIGTERM');
await new Promise((done) => broker.once('exit', done));
rmSync(data, { recursive: true, force: true });
process.exit(0);
