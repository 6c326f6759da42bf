// @ts-check
// A long run of mutated requests against the simulated partition's servers: node scripts/fuzz-server.mjs [frames] [seed]
// Run it nightly, or with a seed to repeat a failure.
import { spawnSync } from 'node:child_process';

const frames = process.argv[2] ?? '1000000';
const seed = process.argv[3] ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(`${frames} mutated requests, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', 'test/simulator/server/fuzz', '--testTimeout=7200000'],
  { stdio: 'inherit', env: { ...process.env, FUZZ_FRAMES: frames, FUZZ_SEED: seed } },
);
process.exit(status ?? 1);
