// @ts-check
// Capture over a link with a round trip, through the real host server client: a journal of mixed tables answered with rows
// encoded beforehand (own process) behind a proxy that holds every byte back for half a round trip (own process).
// Run after `npm run build`: node scripts/bench/link.mjs [--round-trip 50] [--seconds 5] [--rounds 3] [--api | --jobs 4]
//
// By SQL, with --api by the retrieve API and one job, with --jobs by so many side by side.
//
// Printed for each block size: entries a second against (entries a block) / (round trip), which is what a client can reach that
// asks for one block at a time and has always asked for the next; the same without the delay, and entries a second of processor
// time of the capturing process: the bounds of this machine; and data calls a block, counted by the server, the most of all
// runs. The bar, 0.9, holds where those bounds are not reached.
import { captureRun } from './_capture-run.mjs';
import { child, median, option } from './_child.mjs';

const ROUND_TRIP = option('round-trip', 50);
const SECONDS = option('seconds', 5);
const ROUNDS = option('rounds', 3);
const JOBS = option('jobs', 1);
const API = process.argv.includes('--api') || JOBS > 1;
const BLOCKS = [200, 1000, 2000];
const READER = API
  ? { reader: 'api', sideBySide: JOBS > 1 ? 'always' : 'never', catchUpJobs: Math.max(2, JOBS) }
  : { reader: 'sql' };

/** One run over a fresh journal of `entries` entries, `block` of them in a block. */
async function run(entries, block, roundTrip) {
  const server = child('_journal-server.mjs', entries, block);
  const partition = await server.next();
  const proxy = child('_delay-proxy.mjs', partition.databasePort, roundTrip);
  const { port } = await proxy.next();
  const { roundTrip: measured } = await proxy.ask('ping');
  const commands = child('_delay-proxy.mjs', partition.commandPort, roundTrip);
  const { port: commandPort } = await commands.next();
  const result = await captureRun({ ...partition, databasePort: port, commandPort }, { filter: 'client', ...READER });
  const counts = await server.ask('counts');
  server.end();
  proxy.end();
  commands.end();
  if (result.stored !== partition.changes) throw new Error(`${result.stored} events of ${partition.changes}`);
  const { opens, fetches, blocks, retrieve } = counts;
  const calls = API ? (retrieve.calls * block) / retrieve.entries : (opens + fetches) / blocks;
  return { ...result, ...counts, entries, measured, calls };
}

console.log(`round trip ${ROUND_TRIP} ms, ${API ? `API, ${JOBS} jobs` : 'SQL'}, ${ROUNDS} rounds, medians`);
console.log('entries a block   entries/s   of possible       without delay   by processor time   data calls a block');
for (const block of BLOCKS) {
  const entries = Math.max(20_000, JOBS * Math.ceil((block * 1000 * SECONDS) / ROUND_TRIP));
  const delayed = [];
  const free = [];
  for (let i = 0; i < ROUNDS; i++) {
    delayed.push(await run(entries, block, ROUND_TRIP));
    free.push(await run(entries, block, 0));
  }
  const possible = (r) => (block * 1000) / r.measured;
  const calls = Math.max(...[...delayed, ...free].map((r) => r.calls)).toFixed(3);
  const whole = (of, list) => String(Math.round(median(list.map(of))));
  console.log(
    `${String(block).padEnd(17)} ${whole((r) => r.rate, delayed).padStart(7)}     ` +
      `${median(delayed.map((r) => r.rate / possible(r))).toFixed(2)} of ${whole(possible, delayed).padStart(6)}  ` +
      `${whole((r) => r.rate, free).padStart(10)} /s  ${whole((r) => r.entries / r.cpu, free).padStart(14)} /s   ${calls.padStart(12)}`,
  );
}
