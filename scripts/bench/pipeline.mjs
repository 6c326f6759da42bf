// @ts-check
// The whole daemon, journal to 2xx. Run after `npm run build`:
//
//   node scripts/bench/pipeline.mjs [--events 200000] [--rounds 3] [--first-light] [--install]
//
// The simulated partition and the webhook receiver have processes of their own; the daemon is the command line itself,
// over TLS, with a journal of `events` order inserts waiting for it. Events a second are counted at the receiver, from
// its first request to its last event; the daemon must then have nothing pending, or the run fails. One event a request
// and batches of 100 take turns. Peak RSS is the daemon's VmHWM.
// --first-light: seconds from starting the demo to its first verified event. --install: the same, from `npm ci` in a new clone.
import { execFileSync, fork, spawn } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = (name) => require(join(root, 'dist', name));
const MAIN = join(root, 'dist/cli/main.js');

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : Number(process.argv[at + 1]);
};
const EVENTS = option('events', 200_000);
const ROUNDS = option('rounds', 3);
const SECRET = `whsec_${Buffer.from('a benchmark, twenty-four b').toString('base64')}`;
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

// ------------------------------------------------------------------------- partition and receiver, as children

async function servePartition(events) {
  const { SimulatedPartition } = dist('simulator/simulated-partition.js');
  const partition = await SimulatedPartition.start();
  const inside = partition.inside;
  const member = inside.file('ORDLIB', 'ORDHDR').members[0];
  const seed = inside.db.prepare(`SELECT image FROM ${member.rowTable} LIMIT 1`).pluck().get();
  const journal = inside.journal('ORDLIB', 'ORDJRN');
  inside.loadEntries(journal, entries(member, seed, events));
  const { host, ports, caFile, user, password } = partition;
  process.send({ host, ports, caFile, user, password, imageBytes: seed.length });
  process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
}

/** Inserts of distinct orders: ORDNO, the first field, is a packed number of seven digits. */
function* entries(member, seed, events) {
  for (let i = 1; i <= events; i++) {
    const data = Buffer.from(seed);
    data.write(`${String(i).padStart(7, '0')}f`, 0, 4, 'hex');
    yield { code: 'R', type: 'PT', member, rrn: 10_000 + i, nulls: '0'.repeat(13), data };
  }
}

/** Counts order events, alone or in a JSON array; what the journal tells of itself beside them is not counted. */
function serveReceiver() {
  let seen = 0;
  let first = 0;
  let wanted = Infinity;
  const mark = Buffer.from('"type":"order.created"');
  const server = createServer((request, response) => {
    first ||= performance.now();
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) seen++;
      response.writeHead(204).end();
      if (seen >= wanted) {
        process.send({ ms: performance.now() - first, seen });
        wanted = Infinity;
      }
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () =>
    process.send({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }),
  );
  process.on('message', (/** @type {number} */ count) => {
    seen = 0;
    first = 0;
    wanted = count;
  });
  process.on('disconnect', () => process.exit(0));
}

function child(kind, ...args) {
  const process_ = fork(fileURLToPath(import.meta.url), ['--child', kind, ...args.map(String)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return { process: process_, next: () => message(process_, kind) };
}

function message(process_, kind) {
  return new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`${kind} ended with ${code}`));
    process_.once('exit', ended);
    process_.once('message', (value) => {
      process_.off('exit', ended);
      resolve(value);
    });
  });
}

// ------------------------------------------------------------------------- one run of the daemon

function config(partition, url, batch) {
  const { host, ports, user, caFile } = partition;
  return JSON.stringify({
    version: 1,
    partition: {
      name: 'BENCH',
      host,
      port: ports.databaseTls,
      signonPort: ports.signonTls,
      user,
      password: '${env:BENCH_PASSWORD}',
      tls: { ca: caFile },
    },
    state: 'state.sqlite',
    policies: { start: 'earliest' },
    http: 'off',
    destinations: {
      out: {
        webhook: {
          url,
          signing: { standardWebhooks: { secret: '${env:BENCH_SECRET}' } },
          ...(batch ? { batch: { mode: 'micro', maxRecords: batch, maxWait: '200ms' } } : {}),
        },
      },
    },
    tables: {
      'ORDLIB/ORDHDR': {
        event: 'order',
        key: ['ORDNO'],
        columns: {
          ORDNO: 'orderNumber',
          CUSNO: 'customerNumber',
          STS: 'status',
          ORDDAT: { as: 'orderDate', date: 'cyymmdd' },
          DLVDAT: { as: 'deliveryDate', date: 'cyymmdd', sentinels: [0] },
          CURR: 'currency',
          TOTAMT: 'total',
          CUSREF: 'reference',
          REMARK: 'remark',
          CRTTS: 'createdAt',
          CHGUSR: 'changedBy',
          CHGDAT: { as: 'changedOn', date: 'cyymmdd', sentinels: [0] },
          CHGTIM: { as: 'changedTime', time: 'hhmmss' },
        },
        to: ['out'],
      },
    },
  });
}

async function runDaemon(partition, receiver, port, batch) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-pipeline-'));
  const file = join(dir, 'ibmi-cdc.yaml');
  writeFileSync(file, config(partition, `http://127.0.0.1:${port}/`, batch));
  const env = { ...process.env, BENCH_PASSWORD: partition.password, BENCH_SECRET: SECRET };
  const done = receiver.next();
  receiver.process.send(EVENTS);
  const daemon = spawn(process.execPath, [MAIN, 'run', '-c', file, '--log-level', 'error'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const died = new Promise((_, reject) =>
    daemon.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`))),
  );
  died.catch(() => undefined);
  const { ms, seen } = await Promise.race([done, died]);
  const cpu = cpuSeconds(daemon.pid);
  const rss = peakRss(daemon.pid);
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await ended;
  const status = JSON.parse(execFileSync(process.execPath, [MAIN, 'status', '--json', '-c', file], { env }).toString());
  rmSync(dir, { recursive: true, force: true });
  if (seen !== EVENTS) throw new Error(`${seen} events arrived of ${EVENTS}`);
  if (status.destinations.some((d) => d.pending > 0 || d.deadLetters > 0)) throw new Error('events are left pending');
  return { rate: (EVENTS / ms) * 1000, rss, cpu: (cpu / EVENTS) * 1e6 };
}

/** Linux only, MB; 0 elsewhere. */
function peakRss(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

/** User and system seconds of every thread so far; Linux only. */
function cpuSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

// ------------------------------------------------------------------------- first light

/** Seconds until the demo started with `command` prints its first event, which its receiver has verified. */
async function firstEvent(command, args, cwd) {
  const began = performance.now();
  const demo = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let seconds = null;
  for await (const line of createInterface({ input: demo.stdout })) {
    if (seconds === null && line.startsWith('{"event"')) seconds = (performance.now() - began) / 1000;
  }
  if (seconds === null) throw new Error('the demo printed no event');
  return seconds;
}

async function firstLight() {
  const seconds = [];
  for (let i = 0; i < 5; i++)
    seconds.push(await firstEvent(process.execPath, [MAIN, 'demo', '--seconds', '1', '--json'], root));
  console.log(`demo, start to first verified webhook: ${median(seconds).toFixed(1)} s (median of ${seconds.length})`);
}

async function install() {
  const clone = mkdtempSync(join(tmpdir(), 'bench-clone-'));
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone]);
  const began = performance.now();
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone, stdio: ['ignore', 'ignore', 'inherit'] });
  const built = (performance.now() - began) / 1000;
  const first = await firstEvent('npx', ['ibmi-cdc', 'demo', '--seconds', '1', '--json'], clone);
  console.log(
    `npm ci ${built.toFixed(0)} s (download, native modules, build) + first verified webhook ${first.toFixed(1)} s = ${(built + first).toFixed(0)} s`,
  );
  rmSync(clone, { recursive: true, force: true });
}

// ------------------------------------------------------------------------- the run

/** What one durable append costs here: outbox figures mean little without it. */
function fsyncCost() {
  const file = join(mkdtempSync(join(tmpdir(), 'bench-fsync-')), 'x');
  const fd = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = [];
  for (let i = 0; i < 500; i++) {
    const began = performance.now();
    writeSync(fd, block);
    fdatasyncSync(fd);
    times.push(performance.now() - began);
  }
  closeSync(fd);
  rmSync(join(file, '..'), { recursive: true });
  times.sort((a, b) => a - b);
  return `p50 ${Math.round(times[250] * 1000)} us, p99 ${Math.round(times[495] * 1000)} us`;
}

async function main() {
  console.log(`append of 4 KiB + fdatasync: ${fsyncCost()}`);
  const server = child('partition', EVENTS);
  const partition = await server.next();
  const receiver = child('receiver');
  const { port } = await receiver.next();
  const forms = { 'one event a request': null, 'batches of 100': 100 };
  const results = Object.fromEntries(Object.keys(forms).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, batch] of Object.entries(forms))
      results[name].push(await runDaemon(partition, receiver, port, batch));
  }
  console.log(
    `${EVENTS} journal entries with record images of ${partition.imageBytes} bytes, TLS, 13 columns mapped, medians of ${ROUNDS} rounds`,
  );
  for (const [name, list] of Object.entries(results)) {
    const rates = list.map((r) => Math.round(r.rate));
    console.log(
      `${name.padEnd(22)} ${String(median(rates)).padStart(8)} events/s (${Math.min(...rates)}-${Math.max(...rates)}), ` +
        `daemon ${median(list.map((r) => r.cpu)).toFixed(1)} us CPU an event, peak RSS ${Math.round(Math.max(...list.map((r) => r.rss)))} MB`,
    );
  }
  receiver.process.disconnect();
  server.process.disconnect();
  await firstLight();
}

const at = process.argv.indexOf('--child');
if (at > 0) {
  if (process.argv[at + 1] === 'partition') await servePartition(Number(process.argv[at + 2]));
  else serveReceiver();
} else if (process.argv.includes('--install')) await install();
else if (process.argv.includes('--first-light')) await firstLight();
else await main();
