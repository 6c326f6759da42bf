// @ts-check
// How fast the simulated partition writes, loads and scans journal entries. Run after `npm run build`: node scripts/bench/simulated-journal.mjs [entries]
import { Partition } from '../../dist/simulator/partition/partition.js';
import { seedOrderLibrary } from '../../dist/simulator/seed/order-library.js';

const count = Number(process.argv[2] ?? 1_000_000);
const rounds = 3;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const perSecond = (n, ms) => Math.round(n / (ms / 1000));

function timed(work) {
  const began = performance.now();
  const n = work();
  return perSecond(n, performance.now() - began);
}

function* rows(member, image) {
  for (let i = 1; i <= count; i++) yield { code: 'R', type: 'PT', member, rrn: i, nulls: '0'.repeat(13), data: image };
}

function scan(partition) {
  let n = 0;
  for (const chunk of partition.readJournal('BENCH', { journalLibrary: 'ORDLIB', journalName: 'ORDJRN' }))
    n += chunk.length;
  return n;
}

function insertRows(partition, from) {
  const job = partition.openJob({ name: 'BENCH', user: 'BENCH', number: '000002', remoteAddress: '' });
  const lines = partition.file('ORDLIB', 'ORDLIN').members[0];
  job.commitLevel = 2;
  for (let i = 0; i < 20_000; i++) {
    job.insertRow(lines, [String(from + i), '1', 'IT-004000', '5', '1.00', '0.00', 'O', '0']);
    if (i % 5 === 4) job.commit();
  }
  job.end();
  return 20_000;
}

const results = { load: [], scan: [], insert: [] };
for (let round = 0; round < rounds; round++) {
  const partition = Partition.open();
  seedOrderLibrary(partition);
  const journal = partition.journal('ORDLIB', 'ORDJRN');
  const member = partition.file('ORDLIB', 'ORDHDR').members[0];
  const image = partition.db.prepare(`SELECT image FROM ${member.rowTable} LIMIT 1`).pluck().get();
  results.load.push(timed(() => partition.loadEntries(journal, rows(member, image))));
  results.scan.push(timed(() => scan(partition)));
  results.insert.push(timed(() => insertRows(partition, 1_000_000)));
  partition.close();
}
const line = (name, list) =>
  console.log(`${name.padEnd(44)} ${String(median(list)).padStart(9)} /s  (${list.join(', ')})`);
line(`bulk load, ${count} entries of 175 bytes`, results.load);
line('scan through DISPLAY_JOURNAL semantics', results.scan);
line('rows inserted, commit every five', results.insert);
console.log(`peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
