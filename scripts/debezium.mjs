#!/usr/bin/env node
// @ts-check
// Random histories read from the simulated partition by Debezium's connector for IBM i, unmodified, and by this product through the
// journal's API and through DISPLAY_JOURNAL (test/judge). Run it after any change of src/journal, src/simulator/programs or
// src/simulator/server/command:
//   node scripts/debezium.mjs [--rounds N] [--changes N] [--seed S]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    changes: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '1000' },
  },
});
const rounds = Number(values.rounds);
const first = Number(values.seed);
const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-debezium-'));
const totals = {};
const failed = [];
console.log(`${rounds} histories of ${values.changes} steps, seeds ${first} to ${first + rounds - 1}`);
try {
  for (let seed = first; seed < first + rounds; seed++) await round(seed);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const sums = Object.entries(totals).map(([what, n]) => `, ${n} ${what}`);
console.log(`${rounds} histories${sums.join('')}: ${failed.length === 0 ? 'all as the oracle says' : 'FAILED'}`);
for (const command of failed) console.log(`  again: ${command}`);
process.exit(failed.length > 0 ? 1 : 0);

async function round(seed) {
  const report = join(folder, `${seed}.jsonl`);
  const { code, stderr } = await jest({
    DEBEZIUM_SEED: String(seed),
    DEBEZIUM_CHANGES: values.changes,
    DEBEZIUM_REPORT: report,
  });
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  for (const line of lines)
    for (const [what, n] of Object.entries(JSON.parse(line))) totals[what] = (totals[what] ?? 0) + n;
  if (code !== 0) {
    process.stderr.write(stderr.replace(/^.*[✓○].*\n/gm, ''));
    failed.push(`node scripts/debezium.mjs --seed ${seed} --rounds 1 --changes ${values.changes}`);
  }
  console.log(`${seed + 1 - first} of ${rounds}${failed.length ? `, ${failed.length} failed` : ''}`);
}

function jest(env) {
  const tests = ['test/judge/debezium', 'test/judge/three-readers'];
  const args = ['node_modules/jest/bin/jest.js', ...tests, '--silent', '--maxWorkers=1'];
  const child = spawn(process.execPath, [...args, '--testTimeout=600000', '-t', 'random changes|three readers'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, stderr })));
}
