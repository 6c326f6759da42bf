// @ts-check
// Capture, journal block to committed outbox: decode, commit cycles, ledger, checkpoint, one FULL transaction a block, fed
// with encoded blocks over a socket; beside it a bare better-sqlite3 loop writing rows of the same size at the same batch.
// Run after `npm run build`: node scripts/bench/capture.mjs [--entries 200000] [--block 2000] [--rounds 5] [--delay 0]
import { spawn } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { changesIn, DESCRIPTORS, FORMAT, PLACES, STRIDE } from './_journal-rows.mjs';

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const dist = (name) => require(resolve(here, '../..', process.env.BENCH_DIST ?? 'dist', name));
const { openSqlite } = dist('sqlite.js');
const { Store } = dist('store/store.js');
const { Remember } = dist('remember/remember.js');
const { REMEMBER_SCHEMA } = dist('remember/schema.js');
const { Outbox } = dist('outbox/outbox.js');
const { OUTBOX_SCHEMA } = dist('outbox/schema.js');
const { CHECKPOINT_SCHEMA } = dist('journal/position/checkpoint-table.js');
const { LEDGER_SCHEMA } = dist('journal/ledger/table.js');
const { JournalReader } = dist('journal/reader/reader.js');
const { journalOptions } = dist('journal/options.js');
const { isNotice } = dist('journal/cycle/unit.js');
const { Mapper } = dist('map/mapper.js');
const { fixedClock } = dist('map/event/clock.js');
const { checkText } = dist('config/load.js');

const arg = (name, fallback) => {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? fallback : Number(process.argv[i + 1]);
};
const ENTRIES = arg('entries', 200_000);
const BLOCK = arg('block', 2000);
const ROUNDS = arg('rounds', 5);
const DELAY = arg('delay', 0);

/** The journal feed as a connection: one receiver, blocks on request, the next one asked for while one is consumed. */
class FeedConnection {
  server = { version: 'V7R4M0', job: '', ccsid: 37, passwordExpiresInDays: null };
  calls = 0;
  /** Blocks asked for, in order: one whose cursor was closed meanwhile still arrives. */
  waiting = [];
  rest = [];
  size = 0;

  static open(port) {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new FeedConnection(socket)));
      socket.setNoDelay(true);
    });
  }

  constructor(socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.rest.push(chunk);
      this.size += chunk.length;
      this.deliver();
    });
  }

  ask(first, rows) {
    this.calls++;
    const request = Buffer.alloc(12);
    request.writeDoubleBE(first, 0);
    request.writeUInt32BE(rows, 8);
    this.socket.write(request);
    return new Promise((resolve) => {
      this.waiting.push({ bytes: 4 + rows * STRIDE, resolve });
      this.deliver();
    });
  }

  deliver() {
    const next = this.waiting[0];
    if (!next || this.size < next.bytes) return;
    const { bytes, resolve } = this.waiting.shift();
    const all = this.rest.length === 1 ? this.rest[0] : Buffer.concat(this.rest);
    this.rest = all.length > bytes ? [all.subarray(bytes)] : [];
    this.size -= bytes;
    resolve(all.subarray(4, bytes));
    this.deliver();
  }

  async query(sql) {
    if (sql.includes('CURRENT TIMESTAMP')) return timestampRow();
    const names = [
      'JOURNAL_RECEIVER_LIBRARY',
      'JOURNAL_RECEIVER_NAME',
      'STATUS',
      'FIRST_SEQUENCE_NUMBER',
      'LAST_SEQUENCE_NUMBER',
      'ATTACH_TIMESTAMP',
    ];
    const row = ['ORDLIB', 'ORDRCV0001', 'ATTACHED', '1', String(ENTRIES), '2026-11-21T10:00:00.000000'];
    return {
      columns: names.map((name) => ({ name, type: 'VARCHAR', length: 30, scale: 0, ccsid: 37, nullable: true })),
      async *blocks() {
        yield [row];
      },
      close: async () => {},
    };
  }

  async prepare(sql) {
    const bounded = sql.includes('STARTING_SEQUENCE');
    return {
      columns: DESCRIPTORS,
      queryRaw: async (params) => {
        const from = bounded ? Number(params[4]) : 1;
        return { columns: DESCRIPTORS, blocks: () => this.blocks(from), close: async () => {} };
      },
      close: async () => {},
    };
  }

  async *blocks(from) {
    let next = from > 1 ? from + 1 : 1;
    const ask = () => {
      const rows = Math.min(BLOCK, ENTRIES - next + 1);
      if (rows <= 0) return null;
      const asked = this.ask(next, rows);
      next += rows;
      return asked.then((buffer) => new FeedBlock(buffer, rows));
    };
    let coming = ask();
    while (coming) {
      const block = await coming;
      coming = ask();
      yield block;
    }
  }
}

/** The partition's clock. */
function timestampRow() {
  const row = ['2026-11-21T10:00:00.000000'];
  return {
    columns: [{ name: 'NOW_TS', type: 'TIMESTAMP', length: 26, scale: 6, ccsid: 37, nullable: false }],
    async *blocks() {
      yield [row];
    },
    close: async () => {},
  };
}

class FeedBlock {
  constructor(buffer, rowCount) {
    this.buffer = buffer;
    this.rowCount = rowCount;
  }
  isNull(_row, column) {
    return column === 14;
  }
  offset(row, column) {
    return row * STRIDE + PLACES[column][0];
  }
  byteLength(_row, column) {
    return PLACES[column][1];
  }
}

function mapper(remember) {
  const columns = FORMAT.columns.map((c) =>
    c.name.startsWith('DAT') ? `${c.name}: { as: d${c.name}, date: cyymmdd }` : `${c.name}: m${c.name}`,
  );
  const yaml = `version: 1\npartition: { name: P, host: h, user: u, password: p }\ndestinations: { crm: { stdout: {} } }\ntables: { ORDLIB/ORDERS: { remember: ${remember}, key: [ORDNO], event: order, columns: { ${columns.join(', ')} } } }\n`;
  const { config, issues } = checkText(yaml, 'b.yaml', '/b.yaml', { env: {} });
  if (!config) throw new Error(JSON.stringify(issues));
  const made = new Mapper({ partition: 'P', clock: fixedClock(0), product: '0', now: () => 0 });
  made.setTable(config.tables[0], FORMAT, []);
  return made;
}

async function inFolder(run) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    return await run(join(folder, 's.sqlite'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns events, seconds, and the mean size of an event's body */
function capture(port, upTo = 'outbox', remember = true) {
  return inFolder(async (file) => {
    const store = Store.open(file, [OUTBOX_SCHEMA, CHECKPOINT_SCHEMA, LEDGER_SCHEMA, REMEMBER_SCHEMA]);
    const notes = new Remember(store);
    const outbox = new Outbox(store, { destinations: { crm: {} }, notes });
    const map = mapper(remember);
    const connection = await FeedConnection.open(port);
    const abort = new AbortController();
    const reader = new JournalReader({
      connection,
      store,
      options: journalOptions({
        journal: { library: 'ORDLIB', name: 'ORDJRN' },
        tables: [{ file: { library: 'ORDLIB', name: 'ORDERS' }, uncommitted: false, member: null, massDelete: null }],
        start: 'earliest',
        pollMs: 1,
      }),
      onIdle: () => abort.abort(),
    });
    let events = 0;
    let bytes = 0;
    const inside = { read: 0, write: 0 };
    function* drafts(unit) {
      map.beginUnit();
      for (const item of unit.items()) {
        if (isNotice(item)) continue;
        if (upTo === 'reader') {
          events++;
          continue;
        }
        const outcome = map.map(item);
        if (outcome.is !== 'mapped') throw new Error(JSON.stringify(outcome));
        for (const event of outcome.events) {
          events++;
          bytes += event.body.length;
          if (upTo === 'outbox') yield event;
        }
      }
      yield* map.endUnit();
    }
    const cpu = process.cpuUsage();
    const started = performance.now();
    let at = started;
    for await (const unit of reader.units(abort.signal)) {
      const got = performance.now();
      inside.read += got - at;
      store.transaction(() => {
        outbox.append(drafts(unit));
        unit.commit();
      });
      at = performance.now();
      inside.write += at - got;
    }
    const seconds = (performance.now() - started) / 1000;
    const used = process.cpuUsage(cpu);
    const cpuSeconds = (used.user + used.system) / 1e6;
    connection.socket.destroy();
    const folding = performance.now();
    while (notes.foldSome());
    const fold = performance.now() - folding;
    const [keys, keyBytes] = store.db
      .prepare('SELECT count(*), coalesce(sum(length(key) + length(sent)), 0) FROM remember_key')
      .raw()
      .get();
    store.close();
    const expected = (ENTRIES / BLOCK) * changesIn(BLOCK);
    if (ENTRIES % BLOCK === 0 && events !== expected) throw new Error(`${events} events, expected ${expected}`);
    return {
      events,
      seconds,
      bodyBytes: Math.round(bytes / events),
      calls: connection.calls,
      inside,
      cpuSeconds,
      fold,
      keys,
      keyBytes,
    };
  });
}

/** The same rows into one table, with a checkpoint, nothing else. */
function bareLoop(events, bodyBytes) {
  return inFolder(async (file) => {
    const db = openSqlite(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('wal_autocheckpoint = 4000');
    db.exec(
      'CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT, key TEXT, body BLOB); CREATE TABLE cp (id INTEGER PRIMARY KEY, at TEXT); INSERT INTO cp VALUES (1, 0)',
    );
    const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?)');
    const checkpoint = db.prepare('UPDATE cp SET at = ? WHERE id = 1');
    const body = Buffer.alloc(bodyBytes, 'x');
    const batch = changesIn(BLOCK);
    const started = performance.now();
    for (let done = 0; done < events; done += batch)
      db.transaction(() => {
        for (let i = done; i < Math.min(events, done + batch); i++)
          insert.run(i, `evt_${String(i).padStart(28, '0')}`, String(i % 10_000), body);
        checkpoint.run(String(done));
      })();
    const seconds = (performance.now() - started) / 1000;
    db.close();
    return { events, seconds };
  });
}

async function fsyncCost() {
  return inFolder(async (file) => {
    const fd = openSync(file, 'w');
    const page = Buffer.alloc(4096);
    const times = [];
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      writeSync(fd, page);
      fdatasyncSync(fd);
      times.push(performance.now() - start);
    }
    closeSync(fd);
    return median(times);
  });
}

const median = (a) => [...a].sort((x, y) => x - y)[Math.floor(a.length / 2)];

/** Microseconds an event costs up to each stage. */
async function stages(port) {
  const us = {};
  for (const upTo of ['reader', 'map', 'outbox']) {
    const times = [];
    for (let i = 0; i < 3; i++) {
      const run = await capture(port, upTo);
      times.push((run.seconds * 1e6) / run.events);
    }
    us[upTo] = median(times);
  }
  return us;
}

const feed = spawn(process.execPath, [join(here, '_journal-feed.mjs'), String(DELAY)], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const port = await new Promise((resolve) => feed.stdout.once('data', (d) => resolve(Number(d.toString()))));
const warm = await capture(port);
const rates = { capture: [], plain: [], bare: [], ratio: [], with: [], without: [] };
let last = warm;
for (let round = 0; round < ROUNDS; round++) {
  last = await capture(port);
  const plain = await capture(port, 'outbox', false);
  const bare = await bareLoop(last.events, last.bodyBytes);
  rates.capture.push(last.events / last.seconds);
  rates.plain.push(plain.events / plain.seconds);
  rates.with.push(last.cpuSeconds);
  rates.without.push(plain.cpuSeconds);
  rates.bare.push(bare.events / bare.seconds);
  rates.ratio.push(last.events / last.seconds / (bare.events / bare.seconds));
}
const us = await stages(port);
feed.kill();
const fsync = await fsyncCost();
console.log(
  `entries ${ENTRIES}, block ${BLOCK} entries (${changesIn(BLOCK)} events), body ${last.bodyBytes} bytes, ${ROUNDS} rounds, medians`,
);
console.log(
  `capture    ${Math.round(median(rates.capture))} events/s, ${Math.round((median(rates.capture) * BLOCK) / changesIn(BLOCK))} entries/s`,
);
console.log(
  `an event   ${us.reader.toFixed(1)} us read, cycles, ledger, checkpoint; ${(us.map - us.reader).toFixed(1)} us decode and map; ${(us.outbox - us.map).toFixed(1)} us outbox`,
);
console.log(
  `remember   ${(100 * (Math.min(...rates.with) / Math.min(...rates.without) - 1)).toFixed(1)} % of capture's processor time (bar 8; least of the rounds), ${Math.round(median(rates.plain))} events/s without; folded when there is time: ${((last.fold * 1000) / last.events).toFixed(2)} us an event; ${last.keys} keys of ${last.keys ? (last.keyBytes / last.keys).toFixed(1) : 0} bytes each`,
);
console.log(`bare loop  ${Math.round(median(rates.bare))} events/s`);
console.log(`ratio      ${median(rates.ratio).toFixed(2)} (bar 0.5, aim 0.8)`);
console.log(
  `fdatasync  ${fsync.toFixed(3)} ms median; peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB; data calls a block ${(last.calls / Math.ceil(ENTRIES / BLOCK)).toFixed(2)}`,
);
if (DELAY > 0) {
  const limit = BLOCK / (DELAY / 1000);
  const rate = (median(rates.capture) * BLOCK) / changesIn(BLOCK);
  console.log(
    `link       ${Math.round(rate)} entries/s of ${Math.round(limit)} possible with ${DELAY} ms a reply: ${(rate / limit).toFixed(2)} (bar 0.9)`,
  );
}
