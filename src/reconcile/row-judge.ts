/** What a reconciliation needs of mapping, stored events and the stream. */
import type { ErrorCode } from '../errors/codes';
import type { RowDigest, RuleScope } from '../map/event/row-digest';
import type { Change, RowSource } from '../model/change';
import type { Position } from '../model/position';

/** The rules of the table. */
export interface RowJudge {
  readonly scopes: readonly RuleScope[];
  /** Digests by rule, good until the next call; the code of what keeps the whole row from being told. */
  digest(change: Change): readonly (RowDigest | null)[] | ErrorCode;
  /** JSON of the row last digested under a rule. */
  json(rule: number): string | null;
  /** The key object as events of a rule have it. */
  keyJson(rule: number, key: Uint8Array): string;
  /** A change of the row waits for others of its key. */
  waits(rule: number, key: Uint8Array): boolean;
  /** Answers digests lacked are loaded. @returns false when none was missing */
  loadLookups(): Promise<boolean>;
  /** The content a stored event has, as a JSON object; null where it is not stored any more, or cannot be read. */
  stored(id: string): string | null;
}

/** How the run learns of changes the receivers were not told of, or have just been told of. */
export interface RowWatch {
  /** What a change of the row means: the stream has told of it, or it is still to be read and nothing can be said. */
  readonly changed: 'told' | 'unread';
  /** The journal's last readable position now. */
  head(signal: AbortSignal): Promise<Position | null>;
  /** Begins noting changes of the table from `low` on; ends with `end`. */
  note(low: Position): WatchedRows;
  /** A change that is still to be read is about this key. */
  unreadKey(rule: string, key: Uint8Array): boolean;
}

/** What windows have read of a table that is not captured from a journal. */
export interface WindowedRows {
  /** The row's last change may be one that the next look finds. Inside a transaction. */
  moving(row: RowSource): boolean;
  /** Keys that are gone are found by a compare of their own. */
  readonly findsDeletes: boolean;
}

export interface WatchedRows {
  /** Resolves when everything up to `high` is known. */
  passed(high: Position, signal: AbortSignal): Promise<void>;
  touched(rrn: bigint): boolean;
  end(): void;
}
