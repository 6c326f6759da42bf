/** Where entries come from, as the reading loop sees it: SQL (DISPLAY_JOURNAL) or the retrieve API. The stages behind it are the same. */
import type { Position, QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import type { ServerFilter } from '../entry/display-journal';
import type { JournalFailure } from '../entry/host-error';

/** Entries of one reply; views die when the next block is asked for. */
export interface EntryBlock {
  readonly count: number;
  entry(row: number): BlockEntry;
}

export interface WindowRange {
  readonly receiver: QualifiedName;
  /** Inclusive; null is the receiver's first entry. */
  readonly from: bigint | null;
  /** Inclusive; null is the receiver's last entry. */
  readonly to: bigint | null;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Wanted bytes of the first reply, and what the wish grows to while there is more. */
  readonly blockBytes: number;
  readonly blockBytesUpTo?: number;
}

export type CycleRange = WindowRange & { readonly from: bigint; readonly to: bigint };

/** Failures are what the partition answered: `journalFailureOf` tells what they mean. */
export interface EntrySource {
  readonly kind: 'sql' | 'api';
  /** Entries in order of their numbers, the next block asked for while the last one is worked on. A window may be empty. */
  window(range: WindowRange, filter: ServerFilter | null, options: ReadOptions): AsyncGenerator<EntryBlock>;
  /** Record entries of one commit cycle in `range`. */
  cycle(range: CycleRange, cycle: bigint, options: ReadOptions): AsyncGenerator<EntryBlock>;
  /**
   * Asks for a receiver by name, whatever the receiver directory says of it. @returns why it does not answer; null when it does
   * @throws what is no answer of the journal: a lost connection, an SQL error
   */
  probe(receiver: QualifiedName, signal: AbortSignal): Promise<JournalFailure | null>;
  /** All data of an entry that holds only a part of it (`BlockEntry.cut`); null when the partition has none. */
  wholeData(at: Position): Promise<Uint8Array | null>;
  /**
   * A look that costs less than reading: false when nothing can have come behind `at`. Present only where there is one.
   * @throws as reading does
   */
  news?(at: Position, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}
