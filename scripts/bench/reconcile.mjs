// @ts-check
// Run after `npm run build`: rows/s of a reconciliation that finds everything equal, beside a loop that only reads the same rows through
// the same client. One server process answers with pre-encoded rows (24 columns, about 270 bytes) whose key counts on.
//
//   node --expose-gc scripts/bench/reconcile.mjs [--rows 1000000] [--rounds 3]      BENCH_ROWS=5000000 for the larger table
//
// Bars: 150,000 rows/s, RSS below 256 MB, and no more of it with more rows.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, process.env.BENCH_DIST ?? 'dist');
const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));
const { Mapper } = require(join(dist, 'map/mapper.js'));
const { fixedClock } = require(join(dist, 'map/event/clock.js'));
const { checkText } = require(join(dist, 'config/load.js'));
const { Store } = require(join(dist, 'store/store.js'));
const { STATE_SCHEMAS } = require(join(dist, 'daemon/schemas.js'));
const { ReconcileJobs } = require(join(dist, 'reconcile/reconcile-jobs.js'));
const { ReconcileRun } = require(join(dist, 'reconcile/reconcile-run.js'));
const { Remembered } = require(join(dist, 'reconcile/sources.js'));
const { TableRows } = require(join(dist, 'table-rows/table-rows.js'));

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const ROWS = option('rows', Number(process.env.BENCH_ROWS ?? 1_000_000));
const ROUNDS = option('rounds', 3);
const CHUNK = 8192;
const TABLE = { library: 'BENCH', name: 'LINES' };

const server = fork(join(root, 'scripts/bench/_block-server.mjs'), ['127.0.0.1', String(ROWS)], {
  env: { ...process.env, BENCH_CHUNK: String(CHUNK) },
});
const ports = await new Promise((resolve) => server.once('message', resolve));
const transport = hostServerTransport({
  host: '127.0.0.1',
  user: 'BENCH',
  password: () => 'BENCH',
  databasePort: ports.database,
  signonPort: ports.signon,
  tls: 'off',
});

/** The server answers every query with the next rows: markers are left out, and the clock is asked for here. */
async function connected() {
  const real = await transport.connect();
  return {
    close: () => real.close(),
    query: async () => ({
      async *blocks() {
        yield [['2026-11-21T20:44:00.123456']];
      },
      close: async () => undefined,
    }),
    prepare: async () => {
      const statement = await real.prepare('SELECT * FROM BENCH.LINES');
      return {
        columns: statement.columns,
        queryRaw: (_params, options) => statement.queryRaw([], options),
        close: () => statement.close(),
        [Symbol.asyncDispose]: () => statement.close(),
      };
    },
  };
}

const described = await (async () => {
  const connection = await transport.connect();
  const statement = await connection.prepare('SELECT * FROM BENCH.LINES');
  const columns = statement.columns.slice(1).map(({ name, type, length, scale, ccsid, nullable }) => ({
    name,
    type,
    length,
    scale,
    ccsid,
    nullable: name === 'ORDNO' ? false : nullable,
  }));
  await statement.close();
  await connection.close();
  return columns;
})();
const format = { table: 'BENCH/LINES', columns: described };

const yaml = `version: 1
partition: { name: B, host: h, user: u, password: p, tls: off }
state: s.sqlite
destinations: { out: { stdout: {} } }
tables: { BENCH/LINES: { event: line, key: [ORDNO], onDelete: delete } }
`;
const { config } = checkText(yaml, 'b.yaml', '/b.yaml', { env: {}, references: 'tolerate' });
const mapper = new Mapper({ partition: 'B', clock: fixedClock(0), product: 'bench', now: Date.now });
mapper.setTable({ ...config.tables[0], table: TABLE }, format, ['ORDNO']);

const request = (chunkRows) => ({
  table: TABLE,
  sqlName: TABLE,
  columns: described,
  journaled: true,
  key: ['ORDNO'],
  range: null,
  where: null,
  chunkRows,
  rowsPerSecond: null,
});
const change = (row) => ({ op: 'read', mode: 'reconcile', table: TABLE, before: null, after: row, rrn: 1n });

async function readLoop(use) {
  const connection = await connected();
  const table = new TableRows(format);
  let rows = 0;
  for (;;) {
    const before = rows;
    await table.visit(
      connection,
      { sql: (list) => list, lead: 1 },
      () => undefined,
      (row) => {
        rows++;
        use?.(row);
      },
    );
    if (rows - before < CHUNK) break;
  }
  await connection.close();
  return rows;
}

/** No decoding, no image: what the client can read at all. */
async function bareLoop() {
  const connection = await connected();
  let rows = 0;
  for (;;) {
    const before = rows;
    const statement = await connection.prepare();
    const result = await statement.queryRaw([], {});
    for await (const block of result.blocks()) rows += block.rowCount;
    await result.close();
    await statement.close();
    if (rows - before < CHUNK) break;
  }
  await connection.close();
  return rows;
}

async function remembered(store) {
  const { db } = store;
  db.prepare('INSERT INTO remember_rule (no, tbl, rule, key) VALUES (1, ?, ?, ?)').run(
    'BENCH/LINES',
    'line',
    '["ORDNO"]',
  );
  db.prepare('INSERT INTO remember_prefix VALUES (1, ?)').run('0'.repeat(20));
  const insert = db.prepare('INSERT INTO remember_key VALUES (1, ?, 1, ?)');
  db.exec('BEGIN');
  let n = 0;
  await readLoop((row) => {
    const [d] = mapper.digest(change(row));
    const sent = Buffer.alloc(20);
    sent.writeInt32LE(d.hashA, 0);
    sent.writeInt32LE(d.hashB, 4);
    sent.writeUInt32LE(1, 8);
    sent.writeBigUInt64LE(BigInt(++n), 12);
    insert.run(Buffer.from(d.bytes.subarray(d.keyFrom, d.keyTo)), sent);
  });
  db.exec('COMMIT');
}

async function reconcile(store, dir) {
  const jobs = new ReconcileJobs(store);
  const wish = {
    table: 'BENCH/LINES',
    range: null,
    where: null,
    repair: false,
    list: false,
    against: null,
    rowsPerSecond: null,
    scheduled: false,
  };
  const job = jobs.add(wish, Date.now());
  const scopes = mapper.scopes(TABLE);
  const rules = scopes.map((scope, index) => ({ index, scope }));
  const connection = await connected();
  const run = new ReconcileRun({
    connection,
    request: request(CHUNK),
    store,
    jobs,
    jobId: job.id,
    judge: {
      scopes,
      digest: (c) => mapper.digest(c),
      json: () => null,
      keyJson: () => '{}',
      waits: () => false,
      loadLookups: async () => false,
      stored: () => null,
    },
    rules,
    source: (generation) => new Remembered(store, rules, generation, TABLE),
    watch: null,
    windows: null,
    extras: { within: null },
    metFile: join(dir, 'met'),
    notes: [],
    pause: async () => undefined,
  });
  const fates = { rowsSent: 0, filtered: 0, quarantined: 0, published: 0, known: 0 };
  for await (const unit of run.units(new AbortController().signal)) {
    store.transaction(() => {
      for (const _ of 'gone' in unit ? unit.gone() : unit.items());
      unit.commit(fates);
    });
    unit.end?.();
  }
  await connection.close();
  return jobs.get(job.id);
}

const dir = mkdtempSync(join(tmpdir(), 'ibmi-cdc-bench-'));
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 50);
const timed = async (work) => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, rate: ROWS / ((performance.now() - began) / 1000), perCpuSecond: ROWS / ((user + system) / 1e6) };
};
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
try {
  writeFileSync(join(dir, 'note'), 'state of a benchmark');
  const store = Store.open(join(dir, 's.sqlite'), STATE_SCHEMAS);
  await remembered(store);
  globalThis.gc?.();
  const rates = { bare: [], images: [], reconcile: [], cpu: [], bareCpu: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await timed(bareLoop);
    rates.bare.push(bare.rate);
    rates.bareCpu.push(bare.perCpuSecond);
    rates.images.push((await timed(() => readLoop(null))).rate);
    peak = 0;
    const { result, rate, perCpuSecond } = await timed(() => reconcile(store, dir));
    const { rows, matching, extra, different, missing } = result.figures;
    if (matching !== ROWS || rows !== ROWS || extra + different + missing !== 0)
      throw new Error(`found what is not there: ${JSON.stringify(result.figures)}`);
    rates.reconcile.push(rate);
    rates.cpu.push(perCpuSecond);
  }
  const k = (list) => Math.round(median(list) / 1000);
  console.log(
    JSON.stringify({
      rows: ROWS,
      rounds: ROUNDS,
      'reconcile rows/s': Math.round(median(rates.reconcile)),
      range: rates.reconcile.map((r) => Math.round(r)),
      'bare read loop k/s': k(rates.bare),
      'read loop with images k/s': k(rates.images),
      'k rows a second of processor time': { reconcile: k(rates.cpu), bare: k(rates.bareCpu) },
      'of the bare loop': Number((median(rates.reconcile) / median(rates.bare)).toFixed(2)),
      'of the loop with images': Number((median(rates.reconcile) / median(rates.images)).toFixed(2)),
      'peak RSS MB': Math.round(peak / 1e6),
      bars: { 'rows/s': median(rates.reconcile) >= 150_000, rss: peak < 256e6 },
    }),
  );
} finally {
  clearInterval(watch);
  server.disconnect();
  rmSync(dir, { recursive: true, force: true });
}
