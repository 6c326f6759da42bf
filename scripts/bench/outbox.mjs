// @ts-check
// The outbox against a bare better-sqlite3 loop. Run after `npm run build`: node scripts/bench/outbox.mjs [--rounds 5]
// Cycle: append a block of events with the checkpoint in one FULL transaction, settle them in another, delivery log on.
// The bare loop inserts rows of the same size with a checkpoint, reads them back and deletes them, at the same batch.
// The fsync cost of the disk is printed beside every figure, as it decides what small transactions cost.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../..', process.env.BENCH_DIST ?? 'dist');
const { openSqlite } = require(join(dist, 'sqlite.js'));
const { Store } = require(join(dist, 'store/store.js'));
const { Outbox } = require(join(dist, 'outbox/outbox.js'));
const { OUTBOX_SCHEMA } = require(join(dist, 'outbox/schema.js'));

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? fallback : Number(process.argv[i + 1]);
};
const ROUNDS = arg('rounds', 5);
const EVENTS = arg('events', 60_000);
const BODY = Buffer.from(JSON.stringify({ data: 'x'.repeat(570), meta: { attempt: 1 } }));
const JOURNAL = { library: 'ORDLIB', name: 'ORDJRN' };
const RECEIVER = { library: 'ORDLIB', name: 'ORDRCV0001' };
let serial = 0;

function block(size) {
  return Array.from({ length: size }, () => {
    const n = ++serial;
    return {
      id: `0f1e2d3c4b5a69788796-${n}`,
      type: 'order.updated',
      version: '1',
      table: 'ORDLIB/ORDHDR',
      rule: 'order',
      key: String(n % 10_000),
      traceKey: String(n % 10_000),
      destinations: ['crm'],
      priority: 'normal',
      body: BODY,
      attemptOffset: -1,
      contentType: 'application/cloudevents+json',
      time: '2026-11-21T20:44:00.123456Z',
      journal: JOURNAL,
      position: { receiver: RECEIVER, sequence: BigInt(n) },
      tombstone: false,
      recordUrl: null,
      decodeErrors: 0,
    };
  });
}

function folderOf(run) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    return run(join(folder, 's.sqlite'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outboxCycle(batch, { log, retention }) {
  return folderOf((file) => {
    const store = Store.open(file, [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { crm: {} }, log, retention });
    store.db.exec('CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, at INTEGER)');
    const checkpoint = store.db.prepare(
      'INSERT INTO checkpoint VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at',
    );
    const record = {
      attempt: 1,
      at: Date.now(),
      ms: 1.5,
      status: 204,
      signature: 'v1,MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr',
      response: null,
      error: null,
      batch: 1,
    };
    const times = { append: 0, settle: 0, purge: 0 };
    const clock = (name, work) => {
      const start = performance.now();
      const result = work();
      times[name] += performance.now() - start;
      return result;
    };
    for (let done = 0; done < EVENTS; done += batch) {
      const drafts = block(batch);
      const { deliveries } = clock('append', () =>
        store.transaction(() => {
          const appended = outbox.append(drafts);
          checkpoint.run(serial);
          return appended;
        }),
      );
      clock('settle', () =>
        outbox.settle(
          deliveries.map((delivery) => {
            delivery.attempts = 1;
            return { is: 'delivered', delivery, record };
          }),
        ),
      );
      clock('purge', () => {
        while (outbox.purge().more);
      });
    }
    store.close();
    const total = times.append + times.settle + times.purge;
    return {
      rate: EVENTS / (total / 1000),
      us: Object.fromEntries(Object.entries(times).map(([n, t]) => [n, (t / EVENTS) * 1000])),
    };
  });
}

function bareCycle(batch) {
  return folderOf((file) => {
    const db = openSqlite(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec(
      'CREATE TABLE o (seq INTEGER PRIMARY KEY, body BLOB); CREATE TABLE checkpoint (id INTEGER PRIMARY KEY, at INTEGER)',
    );
    const insert = db.prepare('INSERT INTO o VALUES (?, ?)');
    const checkpoint = db.prepare(
      'INSERT INTO checkpoint VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at',
    );
    const read = db.prepare('SELECT seq, body FROM o WHERE seq > ? ORDER BY seq LIMIT ?').raw();
    const remove = db.prepare('DELETE FROM o WHERE seq <= ?');
    let seq = 0;
    const start = performance.now();
    for (let done = 0; done < EVENTS; done += batch) {
      const from = seq;
      db.transaction(() => {
        remove.run(seq - batch);
        for (let i = 0; i < batch; i++) insert.run(++seq, BODY);
        checkpoint.run(seq);
      }).immediate();
      read.all(from, batch);
    }
    const ms = performance.now() - start;
    db.close();
    return { rate: EVENTS / (ms / 1000) };
  });
}

function oneByOne() {
  return folderOf((file) => {
    const db = openSqlite(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE o (seq INTEGER PRIMARY KEY, body BLOB)');
    const insert = db.prepare('INSERT INTO o VALUES (?, ?)');
    const start = performance.now();
    for (let i = 1; i <= 3000; i++) insert.run(i, BODY);
    const ms = performance.now() - start;
    db.close();
    return { rate: 3000 / (ms / 1000) };
  });
}

function fsyncCost() {
  return folderOf((file) => {
    const fd = openSync(file, 'w');
    const times = [];
    for (let i = 0; i < 300; i++) {
      writeSync(fd, Buffer.alloc(4096));
      const start = performance.now();
      fdatasyncSync(fd);
      times.push(performance.now() - start);
    }
    closeSync(fd);
    void statSync(file);
    return times.sort((a, b) => a - b);
  });
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const variants = {
  'bare loop, 1000': () => bareCycle(1000),
  'outbox, 1000, log, kept': () => outboxCycle(1000, { log: true, retention: {} }),
  'outbox, 1000, log, size cap reached': () =>
    outboxCycle(1000, { log: true, retention: { maxBytes: 10_000_000, logMaxBytes: 5_000_000 } }),
  'outbox, 1000, no log, nothing kept': () => outboxCycle(1000, { log: false, retention: { maxBytes: 0 } }),
  'bare loop, 100': () => bareCycle(100),
  'outbox, 100, log, kept': () => outboxCycle(100, { log: true, retention: {} }),
  'one row a transaction': oneByOne,
};
const runs = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
for (let r = 0; r < ROUNDS; r++) for (const [name, run] of Object.entries(variants)) runs[name].push(run());
const sync = fsyncCost();
console.log(
  `fdatasync of 4 KiB: p50 ${sync[150].toFixed(3)} ms, p99 ${sync[297].toFixed(3)} ms; median of ${ROUNDS} rounds`,
);
for (const [name, list] of Object.entries(runs)) {
  const rate = median(list.map((r) => r.rate));
  const parts = list[0].us
    ? Object.keys(list[0].us)
        .map((p) => `${p} ${median(list.map((r) => r.us[p])).toFixed(1)}`)
        .join(', ')
    : '';
  console.log(
    `${name.padEnd(40)} ${(rate / 1000).toFixed(1).padStart(7)} k events/s   ${parts === '' ? '' : `us: ${parts}`}`,
  );
}
const rate = (name) => median(runs[name].map((r) => r.rate));
console.log(
  `outbox of the bare loop, 1000: ${(rate('outbox, 1000, no log, nothing kept') / rate('bare loop, 1000')).toFixed(2)} without log, ${(rate('outbox, 1000, log, kept') / rate('bare loop, 1000')).toFixed(2)} with; times one row a transaction: ${(rate('outbox, 1000, log, kept') / rate('one row a transaction')).toFixed(0)}`,
);
