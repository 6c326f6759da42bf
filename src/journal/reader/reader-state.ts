/** What a reader is made of, and what it says of itself. */

import type { Position, QualifiedName } from '../../model/position';
import type { Store } from '../../store/store';
import type { ProgramConnection } from '../../transport/programs';
import type { SqlConnection } from '../../transport/transport';
import type { CommitCycles } from '../cycle/commit-cycles';
import type { EntryProcessor } from '../cycle/entry-processor';
import type { JournalOptions } from '../options';
import type { ReceiverChain } from '../position/chain';
import type { FilterReport, ReadWay } from '../position/checkpoint-table';
import type { FilterChoice } from './filter-choice';
import type { ReadCursor } from './read-cursor';
import type { ReceiverWatch, SilentCycle } from './receiver-watch';

export interface ReaderDeps {
  /** Not shared while the reader lives. A transport failure ends the reader; the owner makes a new one. */
  readonly connection: SqlConnection;
  /** Entries are read by the retrieve API over it; the reader closes it. Left out: by SQL over `connection`. */
  readonly programs?: ProgramConnection;
  /** Why so; for `status`. */
  readonly way?: ReadWay;
  readonly store: Store;
  readonly options: JournalOptions;
  /** Awaited before an entry that reports a change of layout is dealt with, and after everything before it is committed. */
  readonly relayout?: (file: QualifiedName, at: Position) => Promise<void>;
  /** Files whose record format may have changed unseen before reading goes on: it is read again at their next entry. */
  readonly stale?: readonly QualifiedName[];
  /** Called once, when the place to read from is known to be readable and before anything is read. */
  readonly onStart?: (start: ReaderStart) => void;
  /** Called whenever everything visible was read and handed on, before the pause. */
  readonly onIdle?: () => void;
  /** Both ways of leaving out foreign entries were measured. */
  readonly onFilterJudged?: (report: FilterReport, changed: boolean) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds, monotonic; what reading costs is measured by it. */
  readonly timer?: () => number;
}

export interface ReaderStart {
  /** Where reading begins; behind `read` while commit cycles are open. */
  readonly from: Position;
  /** Last entry an earlier run dealt with; null for a first start. */
  readonly read: Position | null;
  readonly openCycles: number;
}

/** What `status` and the metrics show. */
export interface ReaderState {
  readonly read: Position | null;
  readonly openCycles: number;
  readonly waitingItems: number;
  /** The open cycle that has been silent the longest, as of the last look at the partition's clock. */
  readonly quietCycle: SilentCycle | null;
  readonly entriesSeen: number;
  readonly entriesOurs: number;
  /** Where foreign entries are left out, and what was measured. */
  readonly filter: FilterReport;
  /** Entries a second while there was a backlog; null before the first. */
  readonly readPerSecond: number | null;
  readonly chain: ReceiverChain;
  readonly caughtUp: boolean;
  /** When the partition last answered a look to its end, milliseconds since 1970; null before the first. */
  readonly lookedAt: number | null;
}

interface StateParts {
  /** Absent before reading has begun. */
  readonly cursor: ReadCursor | undefined;
  readonly processor: EntryProcessor | undefined;
  readonly cycles: CommitCycles;
  readonly filter: FilterChoice;
  readonly watch: ReceiverWatch;
}

export function readerState(
  { cursor, processor, cycles, filter, watch }: StateParts,
  moments: Pick<ReaderState, 'caughtUp' | 'lookedAt'>,
): ReaderState {
  const { silentCycle, readPerSecond } = watch;
  return {
    read: cursor?.position() ?? null,
    openCycles: cycles.openCycles,
    waitingItems: cycles.waitingItems,
    quietCycle: silentCycle && cycles.has(silentCycle.cycle) ? silentCycle : null,
    entriesSeen: processor?.seen ?? 0,
    entriesOurs: processor?.ours ?? 0,
    filter: filter.report(),
    readPerSecond,
    chain: watch.chain,
    ...moments,
  };
}
