/** The bytes of one attempt. */
import type { PendingDelivery } from '../model/delivery';
import type { OutboundEvent } from './sink';

const MODE = Buffer.from('"meta":{"mode":"');
const REPLAY = Buffer.from('replay');

/**
 * The event with `meta.attempt` set, and `meta.mode` for a replay; otherwise the first attempt sends the stored bytes as they are.
 * @param offset of the attempt's digit: a body that was made again may have it elsewhere than the one that was not stored
 */
export function outbound(
  delivery: PendingDelivery,
  body: Buffer,
  offset = delivery.event.attemptOffset,
): OutboundEvent {
  const attempt = delivery.attempts + 1;
  const { event } = delivery;
  const sent = attempt === 1 || offset < 0 ? body : withAttempt(body, offset, attempt);
  const numbered = delivery.replay && offset >= 0 ? withReplay(sent, offset) : sent;
  return { event, body: numbered, attempt, pos: delivery.pos };
}

/** Says `replay` where the event said how it was captured. @param before offset inside `meta`, behind its mode */
export function withReplay(body: Buffer, before: number): Buffer {
  const found = body.lastIndexOf(MODE, before);
  if (found < 0) return body;
  const from = found + MODE.length;
  return Buffer.concat([body.subarray(0, from), REPLAY, body.subarray(body.indexOf('"', from))]);
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
