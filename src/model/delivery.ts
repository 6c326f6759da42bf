/** What the outbox and the deliver stage say to each other: one event on its way to one destination. */

/** What is sent of an event. */
export interface EventBody {
  readonly body: Buffer;
  /** Byte offset of the digit `1` of `meta.attempt`, or -1. */
  readonly attemptOffset: number;
}

/** An event as the outbox keeps it. */
export interface StoredEvent {
  /** Order of appending, 1 upwards; holes are ordinary. */
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly version: string;
  readonly table: string;
  readonly rule: string;
  readonly key: string;
  readonly traceKey: string;
  /** Null where payloads are not stored and the event has to be rebuilt from the journal. */
  readonly body: Buffer | null;
  /** Byte offset of the digit `1` of `meta.attempt`, or -1. */
  readonly attemptOffset: number;
  readonly contentType: string;
  /** UTC, when the entry was written on the partition. */
  readonly time: string;
  readonly tombstone: boolean;
  readonly recordUrl: string | null;
  /** `LIB/NAME` of journal and receiver, and decimal sequence number; null for rows that were not read from a journal. */
  readonly journal: string | null;
  readonly receiver: string | null;
  readonly sequence: string | null;
  /** Epoch milliseconds at which it was written to the outbox. */
  readonly appendedAt: number;
  /** True where the stored page was altered on the disk: there is no body, and what else is said may be wrong. */
  readonly damaged?: boolean;
}

/** 0 high, 1 normal, 2 low. */
export type PriorityClass = 0 | 1 | 2;
export const PRIORITY_CLASSES: readonly PriorityClass[] = [0, 1, 2];

/** One event for one destination, not yet settled. */
export interface PendingDelivery {
  /** Place in the destination's queue; equals `event.seq` unless the event was replayed. */
  readonly pos: number;
  readonly destination: string;
  readonly lane: string;
  readonly priority: PriorityClass;
  readonly event: StoredEvent;
  /** Asked for by `replay`: its `meta.mode` says so. */
  readonly replay: boolean;
  /** Finished attempts so far. */
  attempts: number;
  /** Attempts that counted against the retry schedule. */
  charged: number;
  /** Epoch milliseconds of the first attempt, 0 before it. */
  firstAt: number;
  /** True once its row has moved behind a failing lane head. */
  parked: boolean;
}

/** One attempt, for the delivery log. Text is already capped and free of secrets. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Epoch milliseconds at which it started. */
  readonly at: number;
  readonly ms: number;
  readonly status: number | null;
  /** Headers as sent that are the same for every request of the destination, `name: value` lines; credentials are masked. */
  readonly request?: string | null;
  /** The other headers as sent, of which most are the signature; `name: value` lines. */
  readonly signature: string | null;
  /** Response head and the first bytes of its body. */
  readonly response: string | null;
  readonly error: string | null;
  /** Events in the same request. */
  readonly batch: number;
}

export type Settlement =
  | { readonly is: 'delivered'; readonly delivery: PendingDelivery; readonly record: AttemptRecord | null }
  | {
      readonly is: 'retry';
      readonly delivery: PendingDelivery;
      readonly record: AttemptRecord | null;
      /** Epoch milliseconds of the next attempt by the wall clock. */
      readonly dueAt: number;
      /** As long as it is, in milliseconds: should the wall clock be set back, no one waits longer. */
      readonly pause?: number;
    }
  | {
      readonly is: 'dead';
      readonly delivery: PendingDelivery;
      readonly record: AttemptRecord | null;
      /** Stable word such as `refused`, `exhausted`, `too-large`. */
      readonly reason: string;
      readonly message: string;
    }
  /** Waits on disk behind the head of its lane. */
  | { readonly is: 'park'; readonly delivery: PendingDelivery };

export interface ParkedLane {
  readonly lane: string;
  /** Epoch milliseconds by the wall clock; 0 = may go on at once. */
  readonly dueAt: number;
  /** Milliseconds from when its head failed to `dueAt`; null where an older release wrote it. */
  readonly pause: number | null;
}

/** What the deliver stage needs of a durable queue. All calls are synchronous; `settle` commits once. */
export interface DeliveryStore {
  /** Never attempted deliveries of one class in queue order, after `afterPos`. */
  fresh(
    destination: string,
    priority: PriorityClass,
    afterPos: number,
    records: number,
    bytes: number,
  ): PendingDelivery[];
  /** Deliveries of one parked lane in order. */
  parked(destination: string, lane: string, afterPos: number, records: number, bytes: number): PendingDelivery[];
  /** Lanes with parked deliveries, after the given lane name in binary order. */
  parkedLanes(destination: string, afterLane: string | null, limit: number): ParkedLane[];
  settle(batch: readonly Settlement[]): void;
  /** Last position given out. */
  lastPosition(): number;
  /** Changes when another process has written to the file. */
  foreignChanges(): number;
}
