/** Queue places as the outbox hands them out, for tests below the dispatcher. */

import type { ServeOptions } from '../../../src/deliver/options';
import { BATCH_DEFAULTS } from '../../../src/deliver/options';
import type { PendingDelivery, PriorityClass, StoredEvent } from '../../../src/model/delivery';
import { QUICK } from './bench';

export interface DeliveryFacts {
  readonly lane?: string;
  readonly priority?: PriorityClass;
  /** Length of the payload in bytes; null: it is not stored. */
  readonly bytes?: number | null;
  readonly type?: string;
  readonly appendedAt?: number;
  readonly parked?: boolean;
}

export function deliveryAt(pos: number, facts: DeliveryFacts = {}): PendingDelivery {
  const { lane = 'one', priority = 1, bytes = 10, type = 'order.updated', appendedAt = 0, parked = false } = facts;
  const event: StoredEvent = {
    seq: pos,
    id: `evt_${pos}`,
    type,
    version: '1',
    table: 'ORDLIB/ORDHDR',
    rule: 'order',
    key: lane,
    traceKey: lane,
    body: bytes === null ? null : Buffer.alloc(bytes, 0x78),
    attemptOffset: -1,
    contentType: 'application/json',
    time: '2026-11-21T20:44:00.123456Z',
    tombstone: false,
    recordUrl: null,
    journal: null,
    receiver: null,
    sequence: null,
    appendedAt,
  };
  const counts = { attempts: 0, charged: 0, firstAt: 0 };
  return { pos, destination: 'crm', lane, priority, event, replay: false, parked, ...counts };
}

/** How a queue is served where a test says nothing else. */
export function serveWith(given: Partial<ServeOptions> = {}): ServeOptions {
  return {
    retry: QUICK,
    concurrency: 4,
    batch: BATCH_DEFAULTS,
    rateLimit: null,
    host: null,
    adaptive: true,
    circuitBreaker: { failures: 5, probeEvery: 1_000 },
    timeout: 30_000,
    ...given,
  };
}
