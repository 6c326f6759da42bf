#!/usr/bin/env node
// @ts-check
// Webhook delivery against a receiver that answers whatever it likes. Run before a release, or after any change of src/deliver:
//   npm run build && node scripts/hostile-receiver.mjs [--runs 1] [--events 10000] [--seed 1] [--json]
// Raw sockets; random legal and illegal answers, statuses, headers, codings, interim answers, closes at every byte. The receiver
// knows by construction which events it accepted. A run is right when every event is delivered or refused, none counts as
// delivered that was not accepted, none as dead that was not refused, and no endpoint was asked while it wanted to be left alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomOf } from './hostile/random.mjs';
import { HostileReceiver } from './hostile/receiver.mjs';

const require = createRequire(import.meta.url);
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '..', process.env.BENCH_DIST ?? 'dist');
const { Store } = require(join(dist, 'store/store.js'));
const { Outbox } = require(join(dist, 'outbox/outbox.js'));
const { OUTBOX_SCHEMA } = require(join(dist, 'outbox/schema.js'));
const { Dispatcher } = require(join(dist, 'deliver/dispatcher.js'));
const { WebhookSink } = require(join(dist, 'deliver/sinks/webhook/webhook.js'));
const { BATCH_DEFAULTS, NO_AUTH, webhookOptions } = require(join(dist, 'deliver/options.js'));
const { serveWebhook } = require(join(dist, 'deliver/queue/queue-policy.js'));

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    events: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '300' },
  },
});
const [RUNS, EVENTS, SEED, SECONDS] = [values.runs, values.events, values.seed, values.seconds].map(Number);

const LANES = 40;
const CONCURRENCY = 8;
const BLOCK = 500;
const retry = {
  schedule: Array(400).fill(20),
  jitter: 0.2,
  cap: 5_000,
  transient: [408, 425, 429, '5xx', 'network', 'timeout'],
};
const micro = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 20, maxRecords: 20 };
const success = { status: ['2xx'], body: { path: 'ok', equals: true } };
const bodyToken = { path: 'data.token', value: { reveal: () => 'token' } };
const ENDPOINTS = {
  plain: { asks: 'nothing', given: {} },
  signed: { asks: 'nothing', given: { auth: { ...NO_AUTH, bodyToken } } },
  asked: { asks: 'ok', given: { success } },
  batched: { asks: 'nothing', given: { batch: micro } },
  items: { asks: 'items', given: { batch: { ...micro, itemResults: 'results' } } },
  single: { asks: 'nothing', given: { concurrency: 1 } },
};
const NAMES = Object.keys(ENDPOINTS);
/** One request after the other is slow where some never end: that endpoint has fewer events. */
const PLACES = NAMES.flatMap((name) => Array(name === 'single' ? 1 : 4).fill(name));
const placeOf = (n) => PLACES[n % PLACES.length];

const idOf = (n) => `evt_${String(n).padStart(8, '0')}`;

function draft(n, destination) {
  const body = Buffer.from(
    `{"id":"${idOf(n)}","type":"t.created","data":{"amount":9007199254740993.10,"meta":{"mode":"stream","attempt":1}}}`,
  );
  return {
    id: idOf(n),
    type: 't.created',
    version: '1',
    table: 'L/T',
    rule: 't',
    key: String(n),
    traceKey: `k${n % LANES}`,
    destinations: [destination],
    priority: 'normal',
    body,
    attemptOffset: body.indexOf('"attempt":1') + 10,
    contentType: 'application/json',
    time: '2026-11-21T20:44:00.123456Z',
    journal: { library: 'L', name: 'J' },
    position: { receiver: { library: 'L', name: 'R' }, sequence: BigInt(n + 1) },
    tombstone: false,
    recordUrl: null,
    decodeErrors: 0,
  };
}

function sinksFor(receiver) {
  return NAMES.map((name) => {
    const { asks, given } = ENDPOINTS[name];
    const options = webhookOptions({
      url: receiver.endpoint(name, asks),
      signing: 'none',
      retry,
      concurrency: CONCURRENCY,
      timeouts: { connect: 5_000, response: 1_000 },
      circuitBreaker: { failures: 15, probeEvery: 25 },
      ...given,
    });
    const sink = new WebhookSink(options, { agent: 'hostile' });
    return { name, sink, options: serveWebhook(options, sink.host) };
  });
}

async function run(seed) {
  const random = randomOf(seed);
  const poison = new Set(
    Array.from({ length: EVENTS }, (_, n) => n)
      .filter(() => random.chance(0.003))
      .map(idOf),
  );
  const receiver = new HostileReceiver(random, (id) => poison.has(id));
  await receiver.start();
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  const store = Store.open(join(folder, 's.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: Object.fromEntries(NAMES.map((name) => [name, {}])) });
  const dispatcher = new Dispatcher({ store: outbox, destinations: sinksFor(receiver) });
  const started = performance.now();
  try {
    await dispatcher.start();
    for (let n = 0; n < EVENTS; n += BLOCK) {
      const drafts = Array.from({ length: Math.min(BLOCK, EVENTS - n) }, (_, i) => draft(n + i, placeOf(n + i)));
      dispatcher.offer(store.transaction(() => outbox.append(drafts)));
      await new Promise((done) => setTimeout(done, 20));
    }
    const left = await settled(outbox, started + SECONDS * 1000);
    return { seed, ...verdict(receiver, outbox, left), seconds: Math.round((performance.now() - started) / 100) / 10 };
  } finally {
    await dispatcher.stop(200);
    await receiver.stop();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Deliveries that are left over when the time is up. */
async function settled(outbox, until) {
  for (;;) {
    const left = outbox.history.backlog().reduce((sum, b) => sum + b.ready + b.parked, 0);
    if (left === 0 || performance.now() > until) return left;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Compares what is settled with what the receiver knows. */
function verdict(receiver, outbox, left) {
  const faults = [...receiver.early];
  if (receiver.unread > 3 && receiver.unread > receiver.rests / 4)
    faults.push(`${receiver.unread} rests were not read`);
  if (left > 0) faults.push(`${left} deliveries were not settled in time`);
  const dead = new Map();
  for (let after = 0; ; ) {
    const page = outbox.deadLetters.list({}, after, 1000);
    if (page.length === 0) break;
    for (const letter of page) dead.set(letter.event.id, letter);
    after = page.at(-1).no;
  }
  let delivered = 0;
  for (let n = 0; n < EVENTS && left === 0; n++) {
    const id = idOf(n);
    const known = receiver.endpoints.get(placeOf(n));
    const letter = dead.get(id);
    if (letter === undefined) {
      delivered++;
      if (!known.yes.has(id) && !known.maybe.has(id)) faults.push(`${id} counts as delivered, but nobody accepted it`);
    } else if (!known.no.has(id) && (known.denials.get(id) ?? 0) < 3) {
      faults.push(`${id} is a dead letter (${letter.reason}: ${letter.message}), but nobody refused it`);
    }
  }
  return {
    requests: receiver.requests,
    delivered,
    dead: dead.size,
    rests: receiver.rests,
    unread: receiver.unread,
    faults,
    kinds: receiver.kinds,
  };
}

let failed = 0;
const totals = { runs: 0, events: 0, requests: 0, delivered: 0, dead: 0, rests: 0, unread: 0 };
for (let i = 0; i < RUNS; i++) {
  const result = await run(SEED + i);
  totals.runs++;
  totals.events += EVENTS;
  for (const what of ['requests', 'delivered', 'dead', 'rests', 'unread']) totals[what] += result[what];
  if (result.faults.length > 0) failed++;
  const { kinds, faults, ...figures } = result;
  if (values.json) console.log(JSON.stringify(result));
  else
    console.log(
      `seed ${result.seed}: ${JSON.stringify(figures)} ${faults.length === 0 ? 'right' : `${faults.length} FAULTS`}`,
    );
  for (const fault of faults.slice(0, 20)) console.error(`  ${fault}`);
  if (RUNS === 1 && !values.json) console.log(JSON.stringify(kinds));
}
console.log(`${JSON.stringify(totals)}: ${failed === 0 ? 'every run right' : `${failed} runs FAILED`}`);
process.exit(failed === 0 ? 0 : 1);
