/** What is written down when a policy goes on behind a position that is lost. */
import type { TableNotice } from '../../model/change';
import { formatName, type Position, sameName } from '../../model/position';
import { FATE } from '../ledger/ledger';
import type { LedgerWriter } from '../ledger/writer';
import type { JournalOptions } from '../options';
import type { ReceiverChain } from '../position/chain';
import { type LossChoices, type LossFacts, lossChoices } from '../position/position-lost';
import { later } from './read-cursor';
import type { ReceiverWatch } from './receiver-watch';
import { journalEnd, type StartParts } from './start-position';

/** What can be read and will not be: an audit must not find it without a fate. */
export function noteSkipped(chain: ReceiverChain, ledger: LedgerWriter, from: Position, to: Position): void {
  for (const receiver of chain.readableChain()) {
    const end = sameName(receiver.name, to.receiver) ? to.sequence : receiver.last;
    const start = sameName(receiver.name, from.receiver) ? later(receiver.first, from.sequence + 1n) : receiver.first;
    ledger.restate(receiver.name, FATE.lost, start, end);
    if (sameName(receiver.name, to.receiver)) return;
  }
}

interface Loss {
  /** The last entry that was dealt with. */
  readonly from: Position;
  /** Where reading goes on, and the partition's clock now: no entry reports what is gone. */
  readonly at: Pick<TableNotice, 'position' | 'timestamp'>;
  readonly why: string;
}

/** One notice for each captured table. */
export function lostNotices(options: JournalOptions, { from, at, why }: Loss): TableNotice[] {
  const { journal, onPositionLost, tables } = options;
  return tables.map(({ file }) => ({
    kind: 'position.lost',
    table: file,
    member: '',
    journal,
    position: at.position,
    timestamp: at.timestamp,
    user: '',
    job: '',
    program: '',
    facts: {
      action: onPositionLost === 'backfill' ? 'resync' : 'none',
      alert: true,
      gap: 'here',
      policy: onPositionLost,
      from: `${formatName(from.receiver)}:${from.sequence}`,
      why,
    },
  }));
}

/** What the operator may choose from. @throws SqlError */
export async function choicesAfterLoss(
  parts: StartParts,
  watch: ReceiverWatch,
  facts: Pick<LossFacts, 'position' | 'why' | 'silentSeconds' | 'entriesPerSecond'>,
  signal: AbortSignal,
): Promise<LossChoices> {
  const { chain, options } = parts;
  return lossChoices({
    ...facts,
    journal: options.journal,
    chain,
    latest: chain.attached() ? await journalEnd(parts, signal) : null,
    tables: options.tables.length,
    clock: await watch.clock(),
    entriesPerSecond: watch.readPerSecond ?? facts.entriesPerSecond,
  });
}
