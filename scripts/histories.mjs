#!/usr/bin/env node
// Thousands of random partition histories against the oracle. Run before a release, or after any change of src/journal:
//   node scripts/histories.mjs [count] [first seed]
import { spawnSync } from 'node:child_process';

const count = Number(process.argv[2] ?? 2000);
const first = Number(process.argv[3] ?? 1_000);
const BATCH = 250;
let failed = 0;
for (let done = 0; done < count; done += BATCH) {
  const size = Math.min(BATCH, count - done);
  const run = spawnSync(
    'npx',
    ['jest', 'test/journal/histories', '--silent', '--reporters=default', '--maxWorkers=1'],
    {
      env: { ...process.env, HISTORIES: String(size), SEED: String(first + done) },
      encoding: 'utf8',
    },
  );
  if (run.status !== 0) {
    failed++;
    process.stderr.write(run.stderr.replace(/^.*✓.*\n/gm, ''));
  }
  process.stdout.write(
    `${done + size} of ${count} histories, seeds ${first} to ${first + done + size - 1}${failed ? `, ${failed} batches failed` : ''}\n`,
  );
}
process.exit(failed > 0 ? 1 : 0);
