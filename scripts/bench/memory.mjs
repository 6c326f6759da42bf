// @ts-check
// Peak memory of the whole daemon, a process of its own, reading a short and a long journal of mixed tables to its end and
// delivering all of it to a webhook. Run after `npm run build`:
//
//   node scripts/bench/memory.mjs [--entries 100000] [--more 5000000] [--form single|batch]
//
// The journal is answered with rows encoded beforehand and the receiver only counts, each in its own process. Peak is the
// highest resident set (VmHWM, Linux) after the last event was settled. Bar: under 256 MB, and the same for both.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mixedConfig } from './_capture-run.mjs';
import { child, cpuSeconds, median, option, peakRss } from './_child.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(resolve(root, process.env.BENCH_DIST ?? 'dist'), 'cli/main.js');
const SIZES = [option('entries', 100_000), option('more', 5_000_000)];
const asked = process.argv.indexOf('--form');
const FORMS = asked < 0 ? ['single', 'batch'] : [process.argv[asked + 1]];
const SECRET = `whsec_${Buffer.from('a benchmark, twenty-four b').toString('base64')}`;

async function run(entries, form) {
  const server = child('_journal-server.mjs', entries);
  const partition = await server.next();
  const receiver = child('_counting-receiver.mjs');
  const { port } = await receiver.next();
  const dir = mkdtempSync(join(tmpdir(), 'bench-memory-'));
  const file = join(dir, 'ibmi-cdc.yaml');
  const webhook = {
    url: `http://127.0.0.1:${port}/`,
    signing: { standardWebhooks: { secret: '${env:BENCH_SECRET}' } },
    ...(form === 'batch' ? { batch: { mode: 'micro', maxRecords: 100, maxWait: '200ms' } } : {}),
  };
  const config = mixedConfig(partition, { destinations: { out: { webhook } }, journal: { filter: 'client' } });
  writeFileSync(file, JSON.stringify(config));
  const arrived = receiver.ask(partition.changes);
  const env = { ...process.env, BENCH_PASSWORD: partition.password, BENCH_SECRET: SECRET };
  const args = [MAIN, 'run', '-c', file, '--log-level', 'error'];
  const daemon = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const early = ended.then((code) => Promise.reject(new Error(`the daemon ended with ${code}`)));
  early.catch(() => undefined);
  const samples = [];
  const timer = setInterval(() => samples.push(currentRss(daemon.pid)), 500);
  const { ms, seen } = await Promise.race([arrived, early]);
  clearInterval(timer);
  const result = { peak: peakRss(daemon.pid), cpu: cpuSeconds(daemon.pid), samples };
  daemon.kill('SIGTERM');
  await ended;
  for (const other of [server, receiver]) other.end();
  rmSync(dir, { recursive: true, force: true });
  if (seen !== partition.changes) throw new Error(`${seen} events of ${partition.changes}`);
  return { ...result, entries: partition.entries, events: seen, rate: (partition.entries / ms) * 1000 };
}

function currentRss(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

console.log('form     entries     events   peak RSS   in first, last fifth   entries/s   processor time an event');
for (const form of FORMS) {
  for (const size of SIZES) {
    const r = await run(size, form);
    const fifth = Math.ceil(r.samples.length / 5);
    const parts = [r.samples.slice(0, fifth), r.samples.slice(-fifth)].map((part) => Math.round(median(part) ?? 0));
    console.log(
      `${form.padEnd(6)} ${String(r.entries).padStart(9)} ${String(r.events).padStart(10)} ${r.peak.toFixed(0).padStart(7)} MB ` +
        `${parts.join(', ').padStart(15)} MB ${String(Math.round(r.rate)).padStart(11)} ${((r.cpu / r.events) * 1e6).toFixed(1).padStart(15)} us`,
    );
  }
}
