// @ts-check
// Webhook delivery against its bars. Run after `npm run build`: node scripts/bench/webhook.mjs [--rounds 5] [--seconds 2]
// [--only bare,single,batch,naive,idle,far,signing]; BENCH_DIST names another build.
// Everything on: one FULL transaction a block, lanes, signature, delivery log, group settlement. The receiver has its own
// process on the same cores. Peers run in the same session, interleaved: a bare undici client with the same bodies at the
// same concurrency, and a naive loop (one row a transaction, built-in fetch).
import { createHmac } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { BODIES, block, id, last, receiver, SECRET, signing } from './_webhook-parts.mjs';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, '../..', process.env.BENCH_DIST ?? 'dist');
const { openSqlite } = require(join(dist, 'sqlite.js'));
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
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : null;
const wanted = (part) => only === null || only.includes(part);
const ROUNDS = arg('rounds', 5);
const SECONDS = arg('seconds', 2);
const LANES = arg('lanes', 64);
const BLOCK = arg('block', 1000);

/** The product: outbox and dispatcher, events appended block by block as a journal reader would, bounded a few blocks ahead. */
async function product(to, seconds, given = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { crm: {} } });
  store.db.exec('CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, at INTEGER)');
  const checkpoint = store.db.prepare(
    'INSERT INTO checkpoint VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at',
  );
  const options = webhookOptions({
    url: to.url,
    signing,
    concurrency: LANES,
    ...given,
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
        if (wake && appended - delivered < 2 * BLOCK) wake();
      },
    },
  });
  await dispatcher.start();
  let appended = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const drafts = block(BLOCK);
    const result = store.transaction(() => {
      const a = outbox.append(drafts);
      checkpoint.run(last());
      return a;
    });
    appended += drafts.length;
    dispatcher.offer(result);
    outbox.purge();
    if (appended - delivered >= 2 * BLOCK) await new Promise((done) => (wake = done));
    wake = null;
  }
  while (delivered < appended) await new Promise((done) => setTimeout(done, 1));
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  await dispatcher.stop();
  const left = outbox.history.backlog()[0];
  if (left.ready + left.parked + left.dead !== 0) throw new Error(`not everything settled: ${JSON.stringify(left)}`);
  store.close();
  rmSync(folder, { recursive: true });
  return { rate: appended / (ms / 1000), cpu: (used.user + used.system) / appended };
}

/** The limit: the same bodies, same concurrency, nothing else. */
async function bare(to, seconds) {
  const pool = new Pool(to.origin, { connections: LANES, pipelining: 1 });
  let sent = 0;
  const start = performance.now();
  const cpu = process.cpuUsage();
  const lane = async () => {
    while (performance.now() - start < seconds * 1000) {
      const { body } = await pool.request({
        path: '/hook',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: BODIES[sent++ % BODIES.length],
      });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const ms = performance.now() - start;
  const used = process.cpuUsage(cpu);
  await pool.close();
  return { rate: sent / (ms / 1000), cpu: (used.user + used.system) / sent };
}

let rows = 0;
/** What a first script does: one row, one transaction, one fetch, one after the other. */
async function naive(to, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const db = openSqlite(join(folder, 'n.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE outbox (id TEXT PRIMARY KEY, body BLOB)');
  const insert = db.prepare('INSERT INTO outbox VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?');
  const key = Buffer.from(SECRET.slice(6), 'base64');
  let sent = 0;
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    const n = ++rows;
    insert.run(id(n), BODIES[n % BODIES.length]);
    const at = Math.floor(Date.now() / 1000);
    const text = BODIES[n % BODIES.length].toString();
    const mac = createHmac('sha256', key)
      .update(`${id(n)}.${at}.${text}`)
      .digest('base64');
    const reply = await fetch(to.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id(n),
        'webhook-timestamp': String(at),
        'webhook-signature': `v1,${mac}`,
      },
      body: text,
    });
    await reply.arrayBuffer();
    remove.run(id(n));
    sent++;
  }
  const ms = performance.now() - start;
  db.close();
  rmSync(folder, { recursive: true });
  return { rate: sent / (ms / 1000), cpu: 0 };
}

/** One change on an idle system: committed append to 2xx, beside a bare POST. */
async function latency(to, samples) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const store = Store.open(join(folder, 's.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { crm: {} } });
  const options = webhookOptions({
    url: to.url,
    signing,
    concurrency: LANES,
  });
  const sink = new WebhookSink(options, { agent: 'bench' });
  let done = null;
  const dispatcher = new Dispatcher({
    store: outbox,
    destinations: [{ name: 'crm', sink, options: serveWebhook(options, sink.host) }],
    hooks: { delivered: () => done() },
  });
  await dispatcher.start();
  const pool = new Pool(to.origin, { connections: LANES });
  const ours = [];
  const theirs = [];
  for (let i = 0; i < samples; i++) {
    const finished = new Promise((resolve) => (done = resolve));
    const start = performance.now();
    dispatcher.offer(store.transaction(() => outbox.append(block(1))));
    await finished;
    ours.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 2));
    const again = performance.now();
    const { body } = await pool.request({ path: '/hook', method: 'POST', body: BODIES[i % BODIES.length] });
    await body.dump();
    theirs.push(performance.now() - again);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await dispatcher.stop();
  await pool.close();
  store.close();
  rmSync(folder, { recursive: true });
  return { ours: ours.slice(20), theirs: theirs.slice(20) };
}

function signatures() {
  const { signerOf } = require(join(dist, 'signatures/signer.js'));
  const signer = signerOf(signing);
  const { createSecretKey } = require('node:crypto');
  const key = createSecretKey(Buffer.from(SECRET.slice(6), 'base64'));
  const N = 100_000;
  const time = (run) => {
    const start = performance.now();
    for (let i = 0; i < N; i++) run(i);
    return ((performance.now() - start) / N) * 1000;
  };
  const at = 1_700_000_000;
  const rounds = { bare: [], ours: [] };
  for (let r = 0; r < 7; r++) {
    rounds.bare.push(
      time((i) =>
        createHmac('sha256', key)
          .update(`${id(i)}.${at}.`)
          .update(BODIES[i % 4096])
          .digest('base64'),
      ),
    );
    rounds.ours.push(
      time((i) => signer.headers({ id: id(i), type: 'order.updated', timestamp: at, body: BODIES[i % 4096] })),
    );
  }
  return { bare: median(rounds.bare), ours: median(rounds.ours) };
}

function fsync() {
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'f');
  const fd = openSync(file, 'w');
  const bytes = Buffer.alloc(4096);
  const times = [];
  for (let i = 0; i < 200; i++) {
    writeSync(fd, bytes);
    const start = performance.now();
    fdatasyncSync(fd);
    times.push(performance.now() - start);
  }
  closeSync(fd);
  rmSync(dirname(file), { recursive: true });
  return times;
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
const quantile = (list, q) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * q))];
const k = (n) => `${(n / 1000).toFixed(1)} k/s`;

const BATCHES = { concurrency: 4, batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0, maxRecords: 100 } };
const line = (what, value, bar) => console.log(`${what.padEnd(52)} ${String(value).padEnd(30)} ${bar}`);
const fast = await receiver();
const contestants = {
  bare: () => bare(fast, SECONDS),
  single: () => product(fast, SECONDS),
  batch: () => product(fast, SECONDS, BATCHES),
  naive: () => naive(fast, SECONDS / 2),
};
const runs = Object.fromEntries(
  Object.keys(contestants)
    .filter(wanted)
    .map((name) => [name, []]),
);
if (runs.single) await product(fast, 1);
if (runs.batch) await product(fast, 1, BATCHES);
if (runs.bare) await bare(fast, 1);
for (let r = 0; r < ROUNDS; r++) {
  for (const [name, list] of Object.entries(runs)) list.push(await contestants[name]());
  const said = Object.entries(runs).map(([n, l]) => `${n} ${k(l.at(-1).rate)} ${l.at(-1).cpu.toFixed(1)} us`);
  console.error(`round ${r + 1}: ${said.join(', ')}`);
}
const rate = (name) => (runs[name] ? median(runs[name].map((r) => r.rate)) : Number.NaN);
const cpu = (name) => (runs[name] ? median(runs[name].map((r) => r.cpu)) : Number.NaN);
const us = (name) => `${cpu(name).toFixed(1)} us CPU`;
const idle = wanted('idle') ? await latency(fast, arg('samples', 600)) : null;
fast.stop();

const sync = fsync();
line(
  'fdatasync of 4 KiB here',
  `p50 ${quantile(sync, 0.5).toFixed(3)} ms, p99 ${quantile(sync, 0.99).toFixed(3)} ms`,
  '',
);
if (runs.bare) line('bare undici.request', k(rate('bare')), us('bare'));
if (runs.naive) line('naive loop', k(rate('naive')), '');
if (runs.single) {
  line('webhook, one event a request', k(rate('single')), us('single'));
  if (runs.bare) line('  of bare undici', (rate('single') / rate('bare')).toFixed(2), 'bar 0.45, aim 0.65');
  if (runs.bare) line('  the same by CPU of the sending process', (cpu('bare') / cpu('single')).toFixed(2), '');
  if (runs.naive) line('  times the naive loop', (rate('single') / rate('naive')).toFixed(1), 'bar 12');
}
if (runs.batch) {
  line('webhook, batches of 100', k(rate('batch')), us('batch'));
  if (runs.single) line('  times single', (rate('batch') / rate('single')).toFixed(2), 'bar 3.5, aim 5');
  if (runs.single) line('  the same by CPU', (cpu('single') / cpu('batch')).toFixed(2), '');
}
if (idle) {
  const spread = (list) => `p50 ${quantile(list, 0.5).toFixed(2)} ms, p99 ${quantile(list, 0.99).toFixed(2)} ms`;
  line('one change, idle: append to 2xx', spread(idle.ours), 'bar p50 1, p99 5');
  line('  a bare POST', spread(idle.theirs), '');
}
if (wanted('far')) {
  const slow = await receiver(20);
  const shareOf = async (run) => {
    const { rate } = await run(slow, Math.max(3, SECONDS));
    const { held } = await slow.take();
    return { rate, held, nominal: rate / (LANES / 0.02), share: rate / (LANES / (held / 1000)) };
  };
  const theirs = await shareOf(bare);
  const ours = await shareOf(product);
  slow.stop();
  const what = ({ nominal, share, held }) =>
    `${share.toFixed(2)} of lanes / latency, held ${held.toFixed(1)} ms in truth; ${nominal.toFixed(2)} of lanes / 20 ms`;
  line(`receiver with 20 ms, ${LANES} lanes`, `${ours.rate.toFixed(0)} /s`, `${what(ours)}; bar 0.90`);
  line('  a bare client', `${theirs.rate.toFixed(0)} /s`, what(theirs));
}
if (wanted('signing')) {
  const mac = signatures();
  line(
    'signature',
    `${mac.ours.toFixed(2)} us, bare ${mac.bare.toFixed(2)} us`,
    `${(mac.ours / mac.bare).toFixed(2)}, bar 1.2`,
  );
}
line('RSS of this process', `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`, '');
