/**
 * Every way in gives the same event of the same row. Longer runs: node scripts/readers-differential.mjs
 * `ROUNDS=200 SEED=7 npx jest test/readers` draws other tables; a failure names its seed.
 */
import { appendFileSync } from 'node:fs';
import { judge } from './compare';
import { randomRound } from './round';
import { ReaderSite } from './site';

const first = Number(process.env['SEED'] ?? 1);
const count = Number(process.env['ROUNDS'] ?? 30);
const seeds = Array.from({ length: count }, (_, i) => first + i);

test.each(seeds)('table %i by stream, backfill, window, lookup and decode', async (seed) => {
  const round = randomRound(seed);
  await using site = await ReaderSite.open(round);
  const { values, events, differences } = await judge(site, round);
  const report = process.env['READERS_REPORT'];
  if (report) appendFileSync(report, `${JSON.stringify({ values, events, differences: differences.length })}\n`);
  expect(differences).toEqual([]);
});
