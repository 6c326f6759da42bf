// @ts-check
// An idle system: how long a single change takes from its commit on the partition to the receiver, and what a daemon costs
// that has nothing to do. Run after `npm run build`:
//
//   node scripts/bench/idle.mjs [--poll 200] [--defaults] [--sql] [--samples 300] [--long 8] [--seconds 60]
//
// Partition, receiver and daemon are processes of their own; the daemon is the command line, over TLS. Changes come at random
// moments two to four intervals apart, so that every one meets a journal that was quiet. Bar: one poll interval and 10 ms at
// p99, which here includes delivery. After thirty quiet looks the interval grows to `maxPollInterval` (five intervals here):
// `--long` changes are made only then. `--defaults` leaves the intervals to the daemon; `--sql` has it read by SQL. Idle cost is the processor time of the daemon with the default intervals (1 s, 5 s)
// over `--seconds`, 5 s after its first event. Bar: under 0.5 % of a core.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { child, cpuSeconds, option } from './_child.mjs';
import { dist, MIXED_TABLES } from './_mixed-journal.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(resolve(root, process.env.BENCH_DIST ?? 'dist'), 'cli/main.js');
const POLL = option('poll', 200);
const SAMPLES = option('samples', 300);
const LONG = option('long', 8);
const SECONDS = option('seconds', 60);
const DEFAULTS = process.argv.includes('--defaults');
const READER = process.argv.includes('--sql') ? 'sql' : 'auto';
const QUIET_LOOKS = 30;
/** Milliseconds on a clock that all processes of the machine share. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

async function servePartition() {
  const { SimulatedPartition } = dist('simulator/simulated-partition.js');
  const partition = await SimulatedPartition.start();
  const { inside } = partition;
  const job = inside.openJob({ name: 'ORDENTRY', user: 'ANNA', number: '004711', remoteAddress: '' });
  job.commitLevel = 2;
  const header = inside.file('ORDLIB', 'ORDHDR').members[0];
  let stock = 0;
  process.on('message', () => {
    job.updateRow(header, 1, new Map([[2, String(10 + (stock++ % 80))]]));
    job.commit();
    process.send(now());
  });
  process.on('disconnect', () => partition.stop().then(() => process.exit(0)));
  const { host, ports, caFile, user, password } = partition;
  process.send({ host, ports, caFile, user, password });
}

let arrive = (/** @type {number} */ _at) => undefined;
function serveReceiver() {
  const server = createServer((request, response) => {
    const at = now();
    request.resume();
    request.on('end', () => {
      response.writeHead(204).end();
      arrive(at);
    });
  });
  server.keepAliveTimeout = 600_000;
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** @param journal reader, and intervals that are not the defaults */
function startDaemon(partition, url, journal) {
  const { host, ports, user, caFile } = partition;
  const dir = mkdtempSync(join(tmpdir(), 'bench-idle-'));
  const file = join(dir, 'ibmi-cdc.yaml');
  const config = {
    version: 1,
    partition: {
      ...{ name: 'BENCH', host, user, password: '${env:BENCH_PASSWORD}', tls: { ca: caFile } },
      ...{ port: ports.databaseTls, signonPort: ports.signonTls, commandPort: ports.remoteCommandTls },
    },
    state: 'state.sqlite',
    ...{ journal, http: 'off' },
    destinations: {
      out: { webhook: { url, signing: { standardWebhooks: { secret: '${env:BENCH_SECRET}' } } } },
    },
    tables: Object.fromEntries(Object.entries(MIXED_TABLES).map(([name, t]) => [name, { ...t, to: ['out'] }])),
  };
  writeFileSync(file, JSON.stringify(config));
  const secret = `whsec_${Buffer.from('a benchmark, twenty-four b').toString('base64')}`;
  const daemon = spawn(process.execPath, [MAIN, 'run', '-c', file, '--log-level', 'error'], {
    env: { ...process.env, BENCH_PASSWORD: partition.password, BENCH_SECRET: secret },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((done) => daemon.once('exit', done));
  return {
    pid: daemon.pid,
    stop: async () => {
      daemon.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Milliseconds from commit to receiver. */
async function change(server) {
  const arrived = new Promise((done) => {
    arrive = done;
  });
  const committed = await server.ask('change');
  return (await arrived) - committed;
}

async function untilReading(server) {
  // a start from the journal's end may come after the first change: one is made until one arrives
  for (;;) {
    const first = await Promise.race([change(server), sleep(2000, null)]);
    if (first !== null) return;
  }
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);

async function latency(server, partition, url) {
  const intervals = { reader: READER, pollInterval: `${POLL}ms`, maxPollInterval: `${POLL * 5}ms` };
  const daemon = startDaemon(partition, url, DEFAULTS ? { reader: READER } : intervals);
  await untilReading(server);
  const lateness = [];
  const measure = async (count, pause) => {
    const times = [];
    for (let i = 0; i < count; i++) {
      const ms = pause();
      const began = now();
      await sleep(ms);
      lateness.push(now() - began - ms);
      times.push(await change(server));
    }
    return times.sort((a, b) => a - b);
  };
  const soon = await measure(SAMPLES, () => POLL * (2 + 2 * Math.random()));
  const late = await measure(LONG, () => POLL * (QUIET_LOOKS + 10 + 5 * Math.random()));
  await daemon.stop();
  console.log(
    `commit to receiver, ${DEFAULTS ? 'default' : `${POLL} ms poll`} interval, reader ${READER}, ${SAMPLES} samples`,
  );
  console.log(`  p50 ${at(soon, 0.5)} ms, p90 ${at(soon, 0.9)} ms, p99 ${at(soon, 0.99)} ms, most ${at(soon, 1)} ms`);
  if (!DEFAULTS) console.log(`  p99 is the interval and ${(Number(at(soon, 0.99)) - POLL).toFixed(1)} ms (bar 10)`);
  lateness.sort((a, b) => a - b);
  console.log(
    `  a bare timer of this machine meanwhile: p50 ${at(lateness, 0.5)} ms late, p99 ${at(lateness, 0.99)} ms`,
  );
  if (LONG > 0) console.log(`  after long quiet, interval ${POLL * 5} ms: most ${at(late, 1)} ms of ${LONG} samples`);
}

async function cost(server, partition, url) {
  const daemon = startDaemon(partition, url, { reader: READER });
  await untilReading(server);
  await sleep(5000);
  const before = cpuSeconds(daemon.pid);
  const partitionBefore = cpuSeconds(server.pid);
  await sleep(SECONDS * 1000);
  const used = cpuSeconds(daemon.pid) - before;
  const share = ((used * 100) / SECONDS).toFixed(2);
  console.log(`idle daemon: ${used.toFixed(2)} s of processor time in ${SECONDS} s, ${share} % of a core (bar 0.5)`);
  console.log(`  the simulated partition meanwhile: ${(cpuSeconds(server.pid) - partitionBefore).toFixed(2)} s`);
  await daemon.stop();
}

async function main() {
  const server = child('idle.mjs', '--partition');
  const partition = await server.next();
  const receiver = await serveReceiver();
  const url = `http://127.0.0.1:${receiver.address().port}/`;
  if (SAMPLES > 0) await latency(server, partition, url);
  if (SECONDS > 0) await cost(server, partition, url);
  receiver.closeAllConnections();
  receiver.close();
  server.end();
}

if (process.argv.includes('--partition')) await servePartition();
else await main();
