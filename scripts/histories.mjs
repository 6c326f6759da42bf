#!/usr/bin/env node
// @ts-check
// Random partition histories against the oracle (test/histories). Run before a release, or after any change of src/journal:
//   node scripts/histories.mjs [--through in-process|jtopen] [--reader sql|api|mixed] [--count N] [--seed S] [--batch N]
// in-process: thousands on the simulated partition's SQL engine, the reader cut off at random; as many of a window.
// jtopen: IBM's driver writes them over the wire, the real daemon is killed with SIGKILL, a receiver verifies and compares. What
// fails leaves its configuration, its state file and all that was logged in HISTORIES_KEPT, ibmi-cdc-histories-failed by default.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const MODES = {
  'in-process': { test: 'test/histories/in-process', count: 2000, batch: 250 },
  jtopen: { test: 'test/histories/through-jtopen', count: 480, batch: 48 },
};

const { values } = parseArgs({
  options: {
    through: { type: 'string', default: 'in-process' },
    count: { type: 'string' },
    seed: { type: 'string', default: '1000' },
    reader: { type: 'string' },
    batch: { type: 'string' },
  },
});
const mode = MODES[values.through];
if (!mode) {
  console.error(`--through is "${values.through}"; expected one of ${Object.keys(MODES).join(', ')}`);
  process.exit(2);
}
const count = Number(values.count ?? mode.count);
const first = Number(values.seed);
const size = Number(values.batch ?? mode.batch);
const reader = values.reader ? { READER: values.reader } : {};
const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-histories-'));
const totals = {};
const failed = [];
console.log(`${count} histories through ${values.through}, seeds ${first} to ${first + count - 1}`);
try {
  for (let done = 0; done < count; done += size) await batch(first + done, Math.min(size, count - done));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const sums = Object.entries(totals).map(([what, n]) => `, ${n} ${what}`);
console.log(`${count} histories${sums.join('')}: ${failed.length === 0 ? 'all as the oracle says' : 'FAILED'}`);
for (const command of failed) console.log(`  again: ${command}`);
process.exit(failed.length > 0 ? 1 : 0);

async function batch(seed, histories) {
  const report = join(folder, `${seed}.jsonl`);
  const { code, stderr } = await jest({ HISTORIES: histories, SEED: seed, HISTORIES_REPORT: report, ...reader });
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  for (const line of lines) {
    for (const [what, n] of Object.entries(JSON.parse(line))) totals[what] = (totals[what] ?? 0) + n;
  }
  if (code !== 0) {
    process.stderr.write(stderr.replace(/^.*✓.*\n/gm, ''));
    const way = values.reader ? ` --reader ${values.reader}` : '';
    failed.push(`node scripts/histories.mjs --through ${values.through}${way} --seed ${seed} --count ${histories}`);
  }
  console.log(`${seed + histories - first} of ${count}${failed.length ? `, ${failed.length} batches failed` : ''}`);
}

function jest(env) {
  const args = ['node_modules/jest/bin/jest.js', mode.test, '--silent', '--maxWorkers=1'];
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, stderr })));
}
