// @ts-check
// Run by hand or at night: a million spoiled frames through every decoder of the wire (test/hostserver/fuzz.test.ts does 10,000).
//
//   node scripts/fuzz-frames.mjs [--count 1000000] [--seed N]       prints the seed; a failure names seed and frame
import { spawnSync } from 'node:child_process';

const option = (name, standard) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? standard : process.argv[at + 1];
};
const seed = option('seed', String(Date.now() % 1_000_000_000));
const count = option('count', '1000000');
console.log(`${count} frames, seed ${seed}`);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', 'test/hostserver/fuzz', '--testTimeout=3600000'],
  {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SEED: seed, FUZZ_COUNT: count },
  },
);
process.exit(status ?? 1);
