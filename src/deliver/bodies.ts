/** Events with the bytes of this attempt; those whose payload is not stored are made again. */
import type { EventBody, PendingDelivery, StoredEvent } from '../model/delivery';
import type { Attempt } from './attempt';
import { outbound } from './attempt-body';
import type { Exchanged } from './hooks';
import type { Delivery, OutboundEvent, Outcome } from './sink';
import { worst } from './verdicts';

/** Makes the body of an event that was stored without one; null if its source is gone. */
export type Rebuild = (event: StoredEvent) => Promise<EventBody | null>;

const SOURCE_GONE: Outcome = {
  is: 'rejected',
  why: 'its payload was not stored and the journal entry it came from can no longer be read',
  reason: 'source-gone',
};
const DAMAGED: Outcome = {
  is: 'rejected',
  why: 'its page of the state file was altered on the disk, and the event cannot be made again from its journal',
  reason: 'damaged',
};

/** Null when a body has to be made again. */
export function storedBodies(batch: readonly PendingDelivery[]): OutboundEvent[] | null {
  const events: OutboundEvent[] = [];
  for (const delivery of batch) {
    if (delivery.event.body === null) return null;
    events.push(outbound(delivery, delivery.event.body));
  }
  return events;
}

/** Events with their bodies, or the outcome when one cannot be made again. */
export async function rebuiltBodies(
  batch: readonly PendingDelivery[],
  rebuild: Rebuild | null,
): Promise<OutboundEvent[] | Delivery> {
  const events: OutboundEvent[] = [];
  const outcomes: Outcome[] = [];
  for (const d of batch) {
    const { body, attemptOffset } = d.event;
    const made = body ? { body, attemptOffset } : await rebuild?.(d.event);
    if (made) {
      events.push(outbound(d, made.body, made.attemptOffset));
      outcomes.push({ is: 'retry', why: 'another event of its batch has no payload' });
    } else {
      outcomes.push(d.event.damaged ? DAMAGED : SOURCE_GONE);
    }
  }
  const exchange = { status: null, signature: null, response: null, error: 'payload not available' };
  return events.length === batch.length ? events : { outcomes, exchange };
}

/** One attempt as it is shown to who asks for all of it; nothing was sent where its events could not be made. */
export function exchangedOf(
  destination: string,
  attempt: Attempt,
  { outcomes, exchange }: Delivery,
  ms: number,
): Exchanged {
  const { at, batch, events } = attempt;
  return {
    destination,
    at,
    ms,
    outcome: worst(outcomes),
    exchange,
    events: (events ?? []).map(({ event, body, attempt: no }, i) => ({
      event,
      body,
      attempt: no,
      replay: batch[i]!.replay,
      outcome: outcomes[i]?.is ?? 'retry',
    })),
  };
}
