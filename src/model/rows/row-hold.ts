/** What a receiver holds of a row once an event has reached it: the ground for knowing, later, which keys are out there. */

/** The rule that reports rows, and how it names them; the same object for all its events. */
export interface KeyedRule {
  /** `LIB/FILE`, system names. */
  readonly table: string;
  readonly rule: string;
  /** Names of the key members in events, in key order. Never empty: `rrn` where the table has no key. */
  readonly key: readonly string[];
  /** The table has no key: rows are known by their record number alone. */
  readonly byNumber: boolean;
}

/** The key of one row under one rule: subject text as UTF-8, except that a null member is `%N`, and a record number bare. */
export interface HeldKey {
  readonly of: KeyedRule;
  readonly bytes: Uint8Array;
  readonly keyFrom: number;
  readonly keyTo: number;
}

export interface RowHold extends HeldKey {
  /** True when the event says that the row is gone. */
  readonly gone: boolean;
  /** 64-bit hash of the row as the event has it, in two halves; both 0 where the event has only part of the row. */
  readonly hashA: number;
  readonly hashB: number;
}

/** What stands for a null member; no value gives this text, as `%` in a value is escaped to `%25`. */
export const NULL_MEMBER = '%N';
