/** What mapping makes of a change: events with their body bytes, or the reason why there is none. */

import type { ErrorCode } from '../errors/codes';
import type { FieldErrorCode } from '../errors/codes/fields';
import type { Position, QualifiedName } from './position';
import type { RowHold } from './rows/row-hold';

/** Larger is more urgent; weighted by delivery so that low never starves. */
export type Priority = 'high' | 'normal' | 'low';

/** First character of the key of a notice, before the name of its table. A key of rows may begin with it too. */
export const NOTICE_MARK = '*';

export function isNoticeKey(key: string): boolean {
  return key.startsWith(NOTICE_MARK);
}

/** Content type of a draft that is nothing but the end of a key, for destinations that keep the last record of each. */
export const TOMBSTONE_TYPE = 'application/vnd.ibmi-cdc.tombstone';

/** One event, ready for the outbox. `body` is a view into a chunk that is never written again. */
export interface EventDraft {
  /** Deterministic: the same entry under the same rule gives the same id for ever. Characters `[0-9A-Za-z_-]`. */
  readonly id: string;
  /** `order.updated`. */
  readonly type: string;
  /** Event version of the rule, `"1"` unless configured. */
  readonly version: string;
  /** `LIB/FILE`. */
  readonly table: string;
  /** Which rule made it: unique within the table, part of the id. */
  readonly rule: string;
  /** Key values joined by `/`, masked where the rule masks; the CloudEvents subject. */
  readonly key: string;
  /** Orders delivery: events with one trace key keep their order. Equals `key` unless the rule has a template. */
  readonly traceKey: string;
  readonly destinations: readonly string[];
  readonly priority: Priority;
  /** The whole envelope, JSON, UTF-8. */
  readonly body: Buffer;
  /**
   * Byte offset in `body` of the digit `1` that is `meta.attempt`, or -1 if the body carries no attempt.
   * Delivery replaces that one byte by the attempt number's digits; nothing else of the body ever changes.
   */
  readonly attemptOffset: number;
  /** `application/cloudevents+json` or `application/json`. */
  readonly contentType: string;
  /** UTC, `2026-11-21T20:44:00.123456Z`: when the entry was written on the partition. */
  readonly time: string;
  /** Null for rows that were not read from a journal. */
  readonly journal: QualifiedName | null;
  readonly position: Position | null;
  /** True for the deletion of a key: Kafka sinks may follow it with a tombstone. */
  readonly tombstone: boolean;
  readonly recordUrl: string | null;
  /** Fields that could not be decoded; counted, and listed in the body. */
  readonly decodeErrors: number;
  /** True if it is made of several entries: none of them can make it again alone, so its body is always stored. */
  readonly composed?: boolean;
  /** What a receiver holds of the row from then on; null or absent for events about no row of their own, or without a key. */
  readonly holds?: RowHold | null;
}

/** Fields of one column that could not be decoded, counted once a change however many rules met them. */
export interface FieldErrorCount {
  /** `LIB/FILE`. */
  readonly table: string;
  readonly column: string;
  /** `PACKED_DIGIT`... */
  readonly code: FieldErrorCode;
  readonly count: number;
}

/** Ledger outcome of one change under all rules of its table. */
export type MapOutcome =
  | { readonly is: 'mapped'; readonly events: readonly EventDraft[] }
  /** No rule wanted it; `rule` names the clause that said no, e.g. `order:whenChanged` or `order:onDelete`. */
  | { readonly is: 'filtered'; readonly rule: string }
  /** The row cannot be published as it is (field policy `quarantine-row`, layout mismatch); keep the bytes aside. */
  | { readonly is: 'quarantined'; readonly code: ErrorCode; readonly message: string; readonly column: string | null }
  /** Field policy `stop`: the table must not go on. */
  | { readonly is: 'stopped'; readonly code: ErrorCode; readonly message: string; readonly column: string | null };
