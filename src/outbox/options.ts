/** What the outbox needs to know. Sizes in bytes, ages in days. */

import type { EventDraft } from '../model/event';

/** Which events keep their order: those of one trace key, of one table, or all of them. */
export type LaneKind = 'key' | 'table' | 'strict';

export interface OutboxDestination {
  readonly lanes?: LaneKind;
  /** False keeps no body for events that go only to such destinations; a retry then rebuilds them from the journal. Default true. */
  readonly storePayload?: boolean;
}

export interface RetentionOptions {
  /** Settled events stay this long for `replay`, `trace` and `sample`. Default 30. */
  readonly days?: number;
  /** Cap of settled payloads; the oldest go first, pending ones never. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Dead letters. Default 90. */
  readonly deadLetterDays?: number;
  /** Delivery log. Default 30. */
  readonly logDays?: number;
  /** Cap of the delivery log, approximately. Default 512 MiB. */
  readonly logMaxBytes?: number;
}

/** Hears of every event that is written down, inside its transaction. */
export interface StagedNotes {
  begin(): void;
  staged(draft: EventDraft): void;
  end(): void;
}

export interface OutboxOptions {
  readonly destinations: Readonly<Record<string, OutboxDestination>>;
  readonly retention?: RetentionOptions;
  /** 32-byte key of AES-256-GCM for payload columns; absent means plain. */
  readonly encryptionKey?: Buffer;
  /** False writes no delivery log. Default true. */
  readonly log?: boolean;
  readonly notes?: StagedNotes;
  readonly now?: () => number;
  /** Called with stored events, first to last, that were altered on the disk. */
  readonly damaged?: (first: number, last: number) => void;
}

export const RETENTION_DEFAULTS: Required<RetentionOptions> = {
  days: 30,
  maxBytes: 1024 ** 3,
  deadLetterDays: 90,
  logDays: 30,
  logMaxBytes: 512 * 1024 ** 2,
};
