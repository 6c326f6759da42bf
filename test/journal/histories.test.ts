/**
 * Model-based: random histories against the oracle. HISTORIES and SEED widen the search; scripts/histories.mjs runs
 * thousands.
 */
import { readReceivers } from '../../src/catalog/journals';
import { auditJournal } from '../../src/journal/audit';
import { ReceiverChain } from '../../src/journal/chain';
import { LedgerTable } from '../../src/journal/ledger-table';
import { runHistory } from './history';
import { APPJRN } from './world';

const HISTORIES = Number(process.env['HISTORIES'] ?? 30);
const SEED = Number(process.env['SEED'] ?? 1);

test.each(Array.from({ length: HISTORIES }, (_, i) => SEED + i))('history %d', async (seed) => {
  const { committed, published, world } = await runHistory(seed, 140);
  try {
    expect({ seed, changes: published }).toEqual({ seed, changes: committed });
    // and the ledger can prove it
    const connection = world.connect('READER');
    const chain = new ReceiverChain(await readReceivers(connection, APPJRN));
    const to = world.checkpoint()!.read;
    const from = { receiver: chain.receivers[0]!.name, sequence: 1n };
    const report = await auditJournal(connection, APPJRN, chain, new LedgerTable(world.store), { from, to });
    expect(report.holes).toEqual([]);
    expect(report.entries).toBeGreaterThan(0);
    expect(world.checkpoint()!.openCycles).toEqual([]);
  } finally {
    world[Symbol.dispose]();
  }
});
