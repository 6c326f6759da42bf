// @ts-check
// Start of the daemon with many mapped tables: from the start of the process until it reads the journal, and the statements
// it gives the partition up to the first one that reads the journal; what it holds in memory then, and at most until then, beside
// a bare Node that does nothing. Run after `npm run build`: node scripts/bench/start.mjs [--rounds 3]
//
// The simulated partition is a process of its own and holds 500 journaled files of twenty columns in one library. Statements
// are counted where they are prepared. Bars: under 5 s with 500 tables, and as many statements as with five.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { child, cpuSeconds, median, option, peakRss } from './_child.mjs';
import { dist } from './_mixed-journal.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(resolve(root, process.env.BENCH_DIST ?? 'dist'), 'cli/main.js');
const FILES = 500;
const SIZES = [5, 50, FILES];
const ROUNDS = option('rounds', 3);
const nameOf = (i) => `T${String(i + 1).padStart(4, '0')}`;

// ------------------------------------------------------------------------- the partition, a child

async function servePartition() {
  const { SimulatedPartition } = dist('simulator/simulated-partition.js');
  const { runCommand } = dist('simulator/partition/cl/run.js');
  const { column } = dist('simulator/partition/files/definitions.js');
  const partition = await SimulatedPartition.start();
  const { inside, engine } = partition;
  const job = inside.openJob({ name: 'BENCH', user: 'QPGMR', number: '000009', remoteAddress: '' });
  const columns = [
    column('KEYNO', 'DECIMAL', 9),
    ...Array.from({ length: 9 }, (_, i) => column(`TXT${i}`, 'CHAR', 20)),
    ...Array.from({ length: 7 }, (_, i) => column(`AMT${i}`, 'DECIMAL', 11, { scale: 2 })),
    column('CHGDAT', 'DECIMAL', 7),
    column('CHGTIM', 'NUMERIC', 6),
    column('CRTTS', 'TIMESTAMP', 26, { scale: 6 }),
  ];
  inside.transaction(() => {
    runCommand(inside, job, 'CRTLIB LIB(MANYLIB)');
    for (let i = 0; i < FILES; i++) {
      const name = nameOf(i);
      const keys = [{ name: `${name}_PK`, kind: 'primary', unique: true, columns: ['KEYNO'] }];
      inside.createFile(job, { library: 'MANYLIB', name, text: name, recordFormat: `${name}R`, columns, keys });
      runCommand(inside, job, `STRJRNPF FILE(MANYLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`);
    }
  });
  job.end();
  let statements = [];
  const openSession = engine.openSession.bind(engine);
  engine.openSession = (identity) => {
    const session = openSession(identity);
    const prepare = session.prepare.bind(session);
    session.prepare = (sql) => {
      statements.push(sql);
      return prepare(sql);
    };
    return session;
  };
  process.on('message', () => {
    process.send(statements);
    statements = [];
  });
  process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
  const { host, ports, caFile, user, password } = partition;
  process.send({ host, ports, caFile, user, password });
}

// ------------------------------------------------------------------------- one start

function config(partition, count) {
  const { host, ports, user, caFile } = partition;
  const table = (i) => [
    `MANYLIB/${nameOf(i)}`,
    { event: `thing${i}`, columns: { KEYNO: 'number', TXT0: 'name', AMT0: 'amount', CRTTS: 'createdAt' }, to: ['out'] },
  ];
  return JSON.stringify({
    version: 1,
    partition: {
      ...{ name: 'BENCH', host, user, password: '${env:BENCH_PASSWORD}', tls: { ca: caFile } },
      ...{ port: ports.databaseTls, signonPort: ports.signonTls },
    },
    state: 'state.sqlite',
    http: 'off',
    destinations: { out: { stdout: {} } },
    tables: Object.fromEntries(Array.from({ length: count }, (_, i) => table(i))),
  });
}

/** Milliseconds until the log says that the journal is being read. */
async function start(partition, server, count) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-start-'));
  const file = join(dir, 'ibmi-cdc.yaml');
  writeFileSync(file, config(partition, count));
  await server.ask('statements');
  const busy = cpuSeconds(server.pid);
  const began = performance.now();
  const daemon = spawn(process.execPath, [MAIN, 'run', '-c', file, '--log-level', 'info'], {
    env: { ...process.env, BENCH_PASSWORD: partition.password },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = [];
  let ms = null;
  for await (const line of createInterface({ input: daemon.stderr })) {
    said.push(line);
    if (!line.includes('reading journal')) continue;
    ms = performance.now() - began;
    break;
  }
  if (ms === null) throw new Error(`the daemon did not start:\n${said.join('\n')}`);
  const cpu = cpuSeconds(daemon.pid);
  const [rss, peak] = [currentRss(daemon.pid), peakRss(daemon.pid)];
  const partitionCpu = cpuSeconds(server.pid) - busy;
  const asked = await server.ask('statements');
  // the partition may have been asked more since the line was logged
  const statements = asked.slice(0, asked.findIndex((sql) => sql.includes('DISPLAY_JOURNAL')) + 1);
  const ended = new Promise((done) => daemon.once('exit', done));
  daemon.kill('SIGTERM');
  await ended;
  rmSync(dir, { recursive: true, force: true });
  return { ms, cpu, rss, peak, partitionCpu, statements };
}

/** Resident set, MB; Linux only, 0 elsewhere. */
function currentRss(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

/** What a Node costs that only says it is there. */
async function bareNode() {
  const began = performance.now();
  const bare = spawn(process.execPath, ['-e', 'process.stdin.resume();console.log(1)'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await new Promise((said) => bare.stdout.once('data', said));
  const found = { ms: performance.now() - began, rss: currentRss(bare.pid) };
  bare.stdin.end();
  await new Promise((ended) => bare.once('exit', ended));
  return found;
}

async function main() {
  const server = child('start.mjs', '--partition');
  const partition = await server.next();
  const runs = new Map(SIZES.map((size) => [size, []]));
  for (let i = 0; i < ROUNDS; i++) for (const size of SIZES) runs.get(size).push(await start(partition, server, size));
  console.log(`start of process to reading the journal, TLS, medians of ${ROUNDS} rounds`);
  console.log('tables   seconds (range)      processor time: daemon, partition   statements');
  for (const [size, list] of runs) {
    const seconds = list.map((r) => r.ms / 1000);
    const counts = [...new Set(list.map((r) => r.statements.length))].join(', ');
    console.log(
      `${String(size).padStart(6)} ${median(seconds).toFixed(2).padStart(9)} (${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)}) ` +
        `${median(list.map((r) => r.cpu))
          .toFixed(2)
          .padStart(17)} s ${median(list.map((r) => r.partitionCpu))
          .toFixed(2)
          .padStart(6)} s ${counts.padStart(15)}`,
    );
  }
  console.log('tables   RSS when the journal is read (range)   highest until then');
  for (const [size, list] of runs) {
    const rss = list.map((r) => r.rss);
    const range = `${Math.min(...rss).toFixed(0)}-${Math.max(...rss).toFixed(0)}`;
    console.log(
      `${String(size).padStart(6)} ${median(rss).toFixed(0).padStart(9)} MB (${range}) ${median(list.map((r) => r.peak))
        .toFixed(0)
        .padStart(22)} MB`,
    );
  }
  const bare = [];
  for (let i = 0; i < ROUNDS; i++) bare.push(await bareNode());
  const seconds = (median(bare.map((r) => r.ms)) / 1000).toFixed(2);
  console.log(`bare Node ${process.version}: ${seconds} s, RSS ${median(bare.map((r) => r.rss)).toFixed(0)} MB`);
  server.end();
}

if (process.argv.includes('--partition')) await servePartition();
else await main();
