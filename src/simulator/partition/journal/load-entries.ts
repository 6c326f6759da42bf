/** Bulk loading of journal entries: a million in seconds. Rows are not touched, so it makes histories, not states. */

import type { Member } from '../files/physical-file';
import type { Kernel } from '../kernel';
import type { Journal } from './journal';

/** One entry to load. `member` gives its object; sequence numbers are assigned in order. */
export interface BulkEntry {
  readonly code: string;
  readonly type: string;
  readonly member?: Member | null;
  readonly rrn?: number;
  /** Absolute sequence number of the cycle's C SC entry, or 'self' for that entry. */
  readonly commitCycle?: bigint | 'self';
  readonly flag?: string;
  readonly nulls?: string | null;
  readonly data?: Uint8Array | null;
}

/** Returns how many were deposited. Call inside a transaction. */
export function loadEntries(kernel: Kernel, journal: Journal, entries: Iterable<BulkEntry>): number {
  const origin = kernel.systemOrigin();
  let count = 0;
  for (const e of entries) {
    const cycle = e.commitCycle;
    journal.deposit({
      code: e.code,
      type: e.type,
      object: e.member?.objectId ?? 0,
      rrn: e.rrn ?? 0,
      ...(typeof cycle === 'bigint' ? { ccid: Number(cycle - journal.attachedReceiver.base) } : {}),
      startsCycle: cycle === 'self',
      flag: e.flag ?? '0',
      origin,
      nulls: e.nulls ?? null,
      data: e.data ?? null,
    });
    count++;
  }
  return count;
}
