#!/usr/bin/env node
// @ts-check
// Random tables, rows and mappings by every reader of the product (test/readers): stream, backfill, window, lookup, decode. Run it
// before a release, or after any change of src/record, src/table-rows, src/map:
//   node scripts/readers-differential.mjs [--rounds N] [--rows N] [--seed S] [--batch N]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '400' },
    rows: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1000' },
    batch: { type: 'string', default: '50' },
  },
});
const rounds = Number(values.rounds);
const first = Number(values.seed);
const size = Number(values.batch);
const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-readers-'));
const totals = { values: 0, events: 0, differences: 0 };
const failed = [];
console.log(`${rounds} tables, seeds ${first} to ${first + rounds - 1}`);
try {
  for (let done = 0; done < rounds; done += size) await batch(first + done, Math.min(size, rounds - done));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${rounds} tables, ${totals.events} events, ${totals.values} values compared: ${totals.differences} differ${failed.length === 0 ? '' : ', FAILED'}`,
);
for (const command of failed) console.log(`  again: ${command}`);
process.exit(failed.length > 0 ? 1 : 0);

async function batch(seed, count) {
  const report = join(folder, `${seed}.jsonl`);
  const { code, stderr } = await jest({ ROUNDS: count, ROWS: values.rows, SEED: seed, READERS_REPORT: report });
  const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n') : [];
  for (const line of lines) for (const [what, n] of Object.entries(JSON.parse(line))) totals[what] += n;
  if (code !== 0) {
    process.stderr.write(stderr.replace(/^.*✓.*\n/gm, ''));
    failed.push(`node scripts/readers-differential.mjs --seed ${seed} --rounds ${count} --rows ${values.rows}`);
  }
  console.log(
    `${seed + count - first} of ${rounds}, ${totals.values} values${failed.length ? `, ${failed.length} batches failed` : ''}`,
  );
}

function jest(env) {
  const args = ['node_modules/jest/bin/jest.js', 'test/readers', '--silent', '--maxWorkers=1', '--testTimeout=600000'];
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
