// @ts-check
// The two ways of reading a journal, from the same simulated partition (own process) to the committed outbox, one after the
// other in every round. Run after `npm run build`: node scripts/bench/readers.mjs [--entries 200000] [--rounds 3] [--round-trip 0] [--prepared] [--reading]
//
// Mixed tables as in catch-up.mjs. The partition is JavaScript and makes every reply while it is asked: it bounds both ways,
// and the ratio printed is of the whole, partition included. With --prepared the replies of both are encoded beforehand, so
// that the client is what is measured, mapping and outbox included; with --reading it goes no further than the reader, its
// ledger and its checkpoint. With a round trip, every byte is held back for half of it.
import { captureRun } from './_capture-run.mjs';
import { child, cpuSeconds, median, option } from './_child.mjs';
import { readingRun } from './_reading-run.mjs';

const ENTRIES = option('entries', 200_000);
const ROUNDS = option('rounds', 3);
const ROUND_TRIP = option('round-trip', 0);

const PREPARED = process.argv.includes('--prepared');
const READING = process.argv.includes('--reading');

const server = child(PREPARED ? '_journal-server.mjs' : '_mixed-partition.mjs', ENTRIES);
const partition = await server.next();
/** Of each mapped table: created, and journaling started; replies that were encoded beforehand have only changes. */
const notices = partition.notices ?? 0;
if (PREPARED) console.log(`${partition.compared} prepared replies of the API are the partition's, byte for byte`);
const proxies = [];
/** @param {number} port */
async function far(port) {
  if (ROUND_TRIP === 0) return port;
  const proxy = child('_delay-proxy.mjs', port, ROUND_TRIP);
  proxies.push(proxy);
  return (await proxy.next()).port;
}
const place = {
  ...partition,
  databasePort: await far(partition.databasePort),
  commandPort: await far(partition.commandPort),
};
const runs = { sql: [], api: [] };
for (let i = 0; i < ROUNDS; i++) {
  for (const reader of ['sql', 'api']) {
    const before = cpuSeconds(server.pid);
    const run = READING
      ? await readingRun(place, { reader, filter: 'client' })
      : await captureRun(place, { reader, filter: 'client' });
    const made = 'changes' in run ? run.changes : run.stored - notices;
    if (made !== partition.changes) throw new Error(`${reader}: ${made} events of ${partition.changes}`);
    runs[reader].push({ ...run, partitionCpu: cpuSeconds(server.pid) - before });
  }
}
server.end();
for (const proxy of proxies) proxy.end();
const { entries } = partition;
console.log(`${entries} entries, ${partition.changes} events, ${ROUNDS} rounds, medians, round trip ${ROUND_TRIP} ms`);
const of = (reader, value) => median(runs[reader].map(value));
for (const reader of ['sql', 'api'])
  console.log(
    `${reader}  ${Math.round(of(reader, (r) => entries / r.seconds))} entries/s; processor time an entry: ` +
      `${of(reader, (r) => (r.cpu * 1e6) / entries).toFixed(2)} us for capture, ` +
      `${of(reader, (r) => (r.partitionCpu * 1e6) / entries).toFixed(2)} us for the partition`,
  );
const ratio = (value) => median(runs.api.map((r, i) => value(runs.sql[i]) / value(r))).toFixed(2);
console.log(`api over sql ${ratio((r) => r.seconds)}, by processor time of capture ${ratio((r) => r.cpu)}`);
