// @ts-check
// A long differential run: JTOpen, our own client and what was written must agree, on random tables, rows and statements.
// Run it before a release, or with a seed to repeat a failure: node scripts/differential.mjs [rounds] [seed]
import { spawnSync } from 'node:child_process';

const rounds = process.argv[2] ?? '200';
const seed = process.argv[3] ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(`differential run: ${rounds} rounds for each driver, seed ${seed}`);
const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', 'test/judge/differential'], {
  stdio: 'inherit',
  env: { ...process.env, DIFFERENTIAL_ROUNDS: rounds, DIFFERENTIAL_SEED: seed },
});
process.exit(status ?? 1);
