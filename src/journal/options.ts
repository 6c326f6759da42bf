/** What the journal stage wants to know. The config maps onto these; nothing here is optional by the time it arrives. */
import type { Position, QualifiedName } from '../model/position';

/** What to do when entries between the checkpoint and the oldest readable one are proved gone. */
type PositionLostPolicy = 'stop' | 'earliest' | 'latest' | 'backfill';

export interface CapturedTable {
  /** System names, as entries carry them. */
  readonly file: QualifiedName;
  /** Publish at once, without waiting for the commit; compensating entries are published too. */
  readonly uncommitted: boolean;
  /** The one member captured; null captures every member. */
  readonly member: string | null;
  /** A burst of deletes beyond it raises `table.mass-delete`; null is no guard. */
  readonly massDelete: MassDeleteLimit | null;
}

/** Mass-delete guard: more than `deletes` within `seconds` of the partition's clock. */
export interface MassDeleteLimit {
  readonly deletes: number;
  readonly seconds: number;
}

export interface JournalOptions {
  readonly journal: QualifiedName;
  readonly tables: readonly CapturedTable[];
  /** Where a journal without checkpoint starts: after its last entry, at its oldest readable one, or after a position. */
  readonly start: 'latest' | 'earliest' | Position;
  readonly onPositionLost: PositionLostPolicy;
  /** Milliseconds between two looks at an idle journal; null for what suits the way of reading. By SQL, IBM advises against less than 1000. */
  readonly pollMs: number | null;
  /** What the interval grows to while nothing arrives; null as above. */
  readonly idlePollMs: number | null;
  /** Wanted bytes of one reply when there is a backlog. */
  readonly blockBytes: number;
  /** Sequence numbers asked for by one statement at most. */
  readonly windowEntries: number;
  /** Bytes of entry data a row carries; longer data is read again as a BLOB. 1..32000. */
  readonly entryDataBytes: number;
  /** Longest time a read position stays unwritten while every entry is filtered. */
  readonly checkpointMs: number;
  /** Entries of open commit cycles kept in memory; more spill to the state file. */
  readonly heldEntries: number;
  /** How entries are read; `auto` takes the API where it answers. */
  readonly reader: 'auto' | 'api' | 'sql';
  /** By the API: whether a backlog is read by several jobs, each in a range of its own; `auto` does where that was measured to pay. */
  readonly sideBySide: 'auto' | 'always' | 'never';
  /** How many they are. */
  readonly catchUpJobs: number;
  /** Where entries of foreign files are left out; `auto` chooses by measured cost. */
  readonly filter: 'auto' | 'client' | 'server';
}

const JOURNAL_DEFAULTS = {
  start: 'latest',
  onPositionLost: 'stop',
  pollMs: null,
  idlePollMs: null,
  blockBytes: 1 << 20,
  windowEntries: 1_000_000,
  entryDataBytes: 32_000,
  checkpointMs: 5000,
  heldEntries: 50_000,
  reader: 'auto',
  sideBySide: 'auto',
  catchUpJobs: 4,
  filter: 'auto',
} as const satisfies Omit<JournalOptions, 'journal' | 'tables'>;

/** Fills in the defaults. */
export function journalOptions(
  given: Partial<JournalOptions> & Pick<JournalOptions, 'journal' | 'tables'>,
): JournalOptions {
  return { ...JOURNAL_DEFAULTS, ...given };
}
