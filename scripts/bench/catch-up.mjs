// @ts-check
// Catch-up over a journal of mixed tables, from the simulated partition itself (own process) to the committed outbox, and
// where the time goes. Run after `npm run build`: node scripts/bench/catch-up.mjs [--entries 1000000] [--rounds 2] [--sql] [--forget]
//
// Five journaled files, three of them mapped; two thirds of the entries in commit cycles, one cycle in twenty rolled back.
// The stages are timed inside one run of the reader, mappers and outbox as the daemon wires them; waiting is what the reader
// waits for the next block, the processor time of the socket included. Delivery is not part of it: see pipeline.mjs.
import { captureRun } from './_capture-run.mjs';
import { child, cpuSeconds, median, option } from './_child.mjs';

const ENTRIES = option('entries', 1_000_000);
const ROUNDS = option('rounds', 2);
// what was sent of each key is not kept (`remember: false`)
const FORGET = process.argv.includes('--forget');
const READER = process.argv.includes('--sql') ? 'sql' : 'auto';

const server = child('_mixed-partition.mjs', ENTRIES);
const partition = await server.next();
const runs = [];
for (let i = 0; i < ROUNDS; i++) {
  const before = cpuSeconds(server.pid);
  const run = await captureRun(partition, { reader: READER }, !FORGET);
  if (run.stored - partition.changes !== partition.notices)
    throw new Error(`${run.stored} events of ${partition.changes}`);
  runs.push({ ...run, partitionCpu: cpuSeconds(server.pid) - before });
}
server.end();
const of = (value) => median(runs.map(value));
const { entries } = partition;
const { events, bodyBytes } = runs[0];
console.log(`${entries} entries, ${events} events of ${bodyBytes} bytes, ${ROUNDS} rounds, medians`);
console.log(
  `catch-up       ${Math.round(of((r) => entries / r.seconds))} entries/s, ${of((r) => r.seconds).toFixed(1)} s`,
);
console.log('                                              seconds   us an entry   us an event');
const row = (name, seconds, perEvent) =>
  console.log(
    `${name.padEnd(44)} ${seconds.toFixed(2).padStart(8)} ${((seconds * 1e6) / entries).toFixed(2).padStart(13)} ${
      perEvent ? ((seconds * 1e6) / events).toFixed(2).padStart(13) : ''
    }`,
  );
row('waiting for the partition', of((r) => r.ms.wait) / 1000);
row('read: headers, pairing, cycles, ledger', of((r) => r.ms.read) / 1000);
row('decode and map', of((r) => r.ms.map) / 1000, true);
row('outbox: write events', of((r) => r.ms.outbox) / 1000, true);
row('ledger, checkpoint, commit', of((r) => r.ms.commit) / 1000);
row(
  'processor time of capture, start included',
  of((r) => r.cpu),
);
row(
  'processor time of the partition',
  of((r) => r.partitionCpu),
);
