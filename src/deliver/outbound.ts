/** The bytes of one attempt. */
import type { PendingDelivery } from '../model/delivery';
import type { OutboundEvent } from './sinks/sink';

/** The event with `meta.attempt` set; on the first attempt the stored bytes are sent as they are. */
export function outbound(delivery: PendingDelivery, body: Buffer): OutboundEvent {
  const attempt = delivery.attempts + 1;
  const { event } = delivery;
  const sent = attempt === 1 || event.attemptOffset < 0 ? body : withAttempt(body, event.attemptOffset, attempt);
  return { event, body: sent, attempt, pos: delivery.pos };
}

/** Replaces the one digit at `offset` by the attempt number. */
export function withAttempt(body: Buffer, offset: number, attempt: number): Buffer {
  const digits = String(attempt);
  const out = Buffer.allocUnsafe(body.length - 1 + digits.length);
  body.copy(out, 0, 0, offset);
  out.write(digits, offset, 'latin1');
  body.copy(out, offset + digits.length, offset + 1);
  return out;
}
