/**
 * Every way in gives the same event of the same row, and every event fits its published schema. Longer runs:
 * node scripts/readers-differential.mjs. `ROUNDS=200 SEED=7 npx jest test/readers` draws other tables; a failure names its seed.
 */
import { appendFileSync } from 'node:fs';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { judge } from './compare';
import { randomRound } from './round';
import { ReaderSite } from './site';

const first = Number(process.env['SEED'] ?? 1);
const count = Number(process.env['ROUNDS'] ?? 36);
/** Fewer tables in one test than would make it slow, more than would make a list of nothing but them. */
const TABLES = 5;

let partition: SimulatedPartition;
beforeAll(async () => {
  partition = await SimulatedPartition.start({ seed: false });
});
afterAll(() => partition?.stop());

let compared = 0;
const starts = Array.from({ length: Math.ceil(count / TABLES) }, (_, i) => first + i * TABLES);

test.each(starts)('tables from seed %i on, by stream, backfill, window, lookup and decode', async (start) => {
  const found: string[] = [];
  for (let seed = start; seed < Math.min(start + TABLES, first + count); seed++) {
    const round = randomRound(seed);
    await using site = await ReaderSite.open(partition, round);
    const { values, events, differences } = await judge(site, round);
    compared += values;
    found.push(...differences.map((line) => `seed ${seed}: ${line}`));
    const report = process.env['READERS_REPORT'];
    if (report) appendFileSync(report, `${JSON.stringify({ values, events, differences: differences.length })}\n`);
  }
  expect(found).toEqual([]);
});

test('that was enough to say so', () => {
  if (process.env['ROUNDS'] === undefined) expect(compared).toBeGreaterThan(20_000);
});
