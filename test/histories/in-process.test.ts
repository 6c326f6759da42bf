/**
 * Model-based: random histories against the oracle. HISTORIES and SEED widen the search; scripts/histories.mjs runs
 * thousands.
 */
import { readReceivers } from '../../src/catalog/journals';
import { auditJournal } from '../../src/journal/ledger/audit';
import { LedgerTable } from '../../src/journal/ledger/table';
import { ReceiverChain } from '../../src/journal/position/chain';
import { APPJRN, type JournalWorld } from '../journal/world';
import { HISTORY_READERS, runInProcess } from './in-process';
import { report } from './report';
import { runWindowInProcess } from './window-in-process';

const HISTORIES = Number(process.env['HISTORIES'] ?? 30);
const SEED = Number(process.env['SEED'] ?? 1);

const READER = process.env['READER'];
const readers = HISTORY_READERS.filter((reader) => !READER || reader === READER);
const seeds = Array.from({ length: HISTORIES }, (_, i) => SEED + i);

test.each(readers.flatMap((reader) => seeds.map((seed) => [seed, reader] as const)))(
  'history %d by %s',
  async (seed, reader) => {
    using run = await runInProcess(seed, 140, reader);
    expect({ seed, changes: run.published }).toEqual({ seed, changes: run.committed });
    await expectProof(run.world);
    report(run.counts);
  },
);

test.each(READER ? [] : seeds)('history %d of a window', async (seed) => {
  const { faults, told, counts } = await runWindowInProcess(seed, 100);
  expect({ seed, faults }).toEqual({ seed, faults: [] });
  expect(told).toBeGreaterThan(0);
  report(counts);
});

/** The ledger can account for every entry read, and no commit cycle is left open. */
async function expectProof(world: JournalWorld): Promise<void> {
  const connection = world.connect('READER');
  const chain = new ReceiverChain(await readReceivers(connection, APPJRN));
  const to = world.checkpoint()!.read;
  const from = { receiver: chain.receivers[0]!.name, sequence: 1n };
  const report = await auditJournal(connection, APPJRN, chain, new LedgerTable(world.store), { from, to });
  expect(report.holes).toEqual([]);
  expect(report.entries).toBeGreaterThan(0);
  expect(world.checkpoint()!.openCycles).toEqual([]);
}
