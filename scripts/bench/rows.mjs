// @ts-check
// Run after `npm run build`: rows/s of our client, of node-jt400 and of a plain Java program over JTOpen, all reading the same
// pre-encoded rows (24 columns, about 270 bytes) from one server in one interleaved run. Prints medians and ratios.
//
//   node scripts/bench/rows.mjs [--rows 200000] [--rounds 5] [--long]     JTOpen's part needs a JDK, and port 449 to be free
//
// --long reads ten times the rows once more and prints the peak RSS of the client process.
import { fork, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, process.env.BENCH_DIST ?? 'dist');
const HOST = '127.0.0.1';
const SQL = 'SELECT * FROM BENCH.LINES';

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const ROWS = option('rows', 200_000);
const ROUNDS = option('rounds', 5);

// ------------------------------------------------------------------------- readers, each in a process of its own

async function readOurs(ports) {
  const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));
  const transport = hostServerTransport({
    host: HOST,
    user: 'BENCH',
    password: 'bench',
    tls: 'off',
    signonPort: ports.signon,
    databasePort: ports.database,
  });
  return async () => {
    const connection = await transport.connect();
    const start = performance.now();
    const result = await connection.query(SQL);
    let rows = 0;
    for await (const block of result.blocks()) rows += block.length;
    const ms = performance.now() - start;
    await connection.close();
    return { rows, ms };
  };
}

async function readRaw(ports) {
  const { hostServerTransport } = require(join(dist, 'transport/hostserver.js'));
  const transport = hostServerTransport({
    host: HOST,
    user: 'BENCH',
    password: 'bench',
    tls: 'off',
    signonPort: ports.signon,
    databasePort: ports.database,
  });
  return async () => {
    const connection = await transport.connect();
    const statement = await connection.prepare(SQL);
    const start = performance.now();
    const result = await statement.queryRaw();
    const columns = result.columns.length;
    let rows = 0;
    let bytes = 0;
    for await (const block of result.blocks()) {
      rows += block.rowCount;
      for (let r = 0; r < block.rowCount; r++) {
        for (let c = 0; c < columns; c++) if (!block.isNull(r, c)) bytes += block.offset(r, c) & block.byteLength(r, c);
      }
    }
    const ms = performance.now() - start;
    await statement.close();
    await connection.close();
    return { rows, ms, bytes };
  };
}

async function readJt400() {
  const { pool } = require('node-jt400');
  // Its stream may close the result after the connection; all rows are here by then.
  process.on('unhandledRejection', () => undefined);
  const database = pool({ host: HOST, user: 'BENCH', password: 'bench' });
  // Of its ways to read a result this is the fastest: JSON text through the bridge, parsed here.
  return async () => {
    const start = performance.now();
    const parts = [];
    for await (const part of database.createReadStream(SQL)) parts.push(part);
    const rows = JSON.parse(Buffer.concat(parts).toString()).length;
    return { rows, ms: performance.now() - start };
  };
}

async function child(kind, ports) {
  const once = await { ours: readOurs, raw: readRaw, jt400: readJt400 }[kind](ports);
  process.on('message', async (message) => {
    if (message === 'stop') process.exit(0);
    const result = await once();
    process.send({ ...result, rss: process.resourceUsage().maxRSS * 1024 });
  });
  process.send('ready');
}

// ------------------------------------------------------------------------- the run

function reader(kind, ports) {
  const process_ = fork(fileURLToPath(import.meta.url), ['--child', kind, JSON.stringify(ports)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      process_.once('message', resolve);
      process_.once('exit', (code) => reject(new Error(`${kind} ended with ${code}`)));
    });
  return answer().then(() => ({
    run: () => {
      const result = answer();
      process_.send('run');
      return result;
    },
    stop: () => process_.send('stop'),
  }));
}

/** A Java program that reads every column with getString; answers one line a run. `properties` as in a JDBC URL. */
async function javaReader(...properties) {
  const jar = join(root, 'node_modules/node-jt400/java/lib/jt400.jar');
  const source = join(root, 'scripts/bench/JtopenRows.java');
  if (!existsSync(jar)) return null;
  const classes = mkdtempSync(join(tmpdir(), 'bench-rows-'));
  if (spawnSync('javac', ['-cp', jar, '-d', classes, source], { stdio: 'ignore' }).status !== 0) return null;
  const java = spawn('java', ['-cp', `${jar}:${classes}`, 'JtopenRows', HOST, 'BENCH', 'bench', SQL, ...properties], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]();
  return {
    run: async () => {
      java.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done) throw new Error('the Java program ended');
      const [rows, ms] = value.split(' ').map(Number);
      return { rows, ms };
    },
    stop: () => {
      java.stdin.end();
      rmSync(classes, { recursive: true, force: true });
    },
  };
}

function startServer(rows, mapper) {
  const server = fork(join(root, 'scripts/bench/_block-server.mjs'), [HOST, String(rows), String(mapper)], {
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    server.once('message', (ports) => resolve({ server, ports }));
    server.once('exit', () => reject(new Error('the server did not start')));
  });
}

const range = (numbers) =>
  ` (${[Math.min(...numbers), Math.max(...numbers)].map((n) => `${Math.round(n / 1000)}k`).join('-')})`;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

async function main() {
  let mapped = true;
  const { server, ports } = await startServer(ROWS, 449).catch(() => {
    mapped = false;
    return startServer(ROWS, 0);
  });
  const readers = { ours: await reader('ours', ports), 'ours, raw': await reader('raw', ports) };
  if (mapped) {
    readers['node-jt400'] = await reader('jt400', ports).catch(() => null);
    readers['Java JTOpen getString'] = await javaReader();
    // its default is 32 KB a block, one round trip each
    readers['the same, 512 KB blocks'] = await javaReader('block size=512');
  }
  for (const name of Object.keys(readers)) if (!readers[name]) delete readers[name];
  const rates = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  let rss = 0;
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, one] of Object.entries(readers)) {
      const { rows, ms, rss: used } = await one.run();
      if (rows !== ROWS) throw new Error(`${name} read ${rows} rows of ${ROWS}`);
      if (name === 'ours') rss = used;
      if (round >= 0) rates[name].push((rows / ms) * 1000);
    }
  }
  const result = Object.fromEntries(Object.entries(rates).map(([name, r]) => [name, median(r)]));
  console.log(
    `${ROWS} rows of ${ports.columns} columns, ${ports.rowSize} bytes; medians of ${ROUNDS} rounds, one warm-up round`,
  );
  for (const [name, rate] of Object.entries(result)) {
    console.log(
      `${name.padEnd(24)} ${Math.round(rate).toLocaleString('en').padStart(12)} rows/s${range(rates[name])}${name === 'ours' ? '' : `   ours is ${(result.ours / rate).toFixed(2)} times that, best against best ${(Math.max(...rates.ours) / Math.max(...rates[name])).toFixed(2)}`}`,
    );
  }
  console.log(`peak RSS of our client process ${Math.round(rss / 1e6)} MB`);
  if (!mapped) console.log('port 449 is taken or not allowed: JTOpen was left out');
  for (const one of Object.values(readers)) one.stop();
  server.disconnect();
  if (process.argv.includes('--long')) await long();
}

/** Ten times the rows: the peak must not follow. */
async function long() {
  const { server, ports } = await startServer(ROWS * 10, 0);
  const one = await reader('ours', ports);
  const { rows, ms, rss } = await one.run();
  console.log(
    `${rows} rows: ${Math.round((rows / ms) * 1000).toLocaleString('en')} rows/s, peak RSS ${Math.round(rss / 1e6)} MB`,
  );
  one.stop();
  server.disconnect();
}

const at = process.argv.indexOf('--child');
if (at > 0) await child(process.argv[at + 1], JSON.parse(process.argv[at + 2]));
else await main();
