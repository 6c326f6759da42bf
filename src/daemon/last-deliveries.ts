/**
 * A lost position needs a decision, and what was captured before the loss does not: it is delivered before the daemon
 * ends, for a while.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CodedError } from '../errors/coded-error';
import { counted } from '../model/counted';
import type { Outbox } from '../outbox/outbox';
import type { Logger } from '../telemetry/logger';

interface LastDeliveriesParts {
  readonly outbox: Outbox;
  readonly log: Logger;
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Longest wait, milliseconds. */
  readonly limitMs?: number;
  /** Longest wait without any delivery, unless a retry is due within the limit: a dead destination is not waited for. */
  readonly stillMs?: number;
}

const LOOK_MS = 100;
const LANES_LOOKED_AT = 1000;

/** Resolves when nothing deliverable is left, nothing moves any more, or the time is up. */
export async function deliverWhatIsSafe(error: CodedError, parts: LastDeliveriesParts): Promise<void> {
  const { outbox, log, signal, limitMs = 60_000, stillMs = 10_000 } = parts;
  const began = performance.now();
  let open = openDeliveries(outbox);
  const { code, next } = error;
  log.error(
    { code, next, pending: open },
    `${error.message}; what was captured before is delivered, then the daemon ends`,
  );
  let movedAt = began;
  for (let left = limitMs; open > 0 && left > 0 && !signal.aborted; left = limitMs - (performance.now() - began)) {
    const started = performance.now();
    if (started - movedAt > stillMs && soonestRetry(outbox) > Date.now() + left) break;
    const now = openDeliveries(outbox);
    if (now !== open) movedAt = performance.now();
    open = now;
    // counting millions takes a while, and delivery stands still meanwhile
    const pause = Math.max(LOOK_MS, 20 * (performance.now() - started));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  if (open === 0) log.info({ seconds }, 'everything that was captured is delivered');
  else log.warn({ pending: open, seconds }, `${counted(open, 'delivery', 'deliveries')} left for the next start`);
}

/** Epoch milliseconds; Infinity where nothing waits for a retry. */
function soonestRetry(outbox: Outbox): number {
  const due = outbox.history
    .backlog()
    .filter(({ parked }) => parked > 0)
    .flatMap(({ destination }) => outbox.parkedLanes(destination, null, LANES_LOOKED_AT).map((lane) => lane.dueAt));
  // what could have been tried again long ago belongs to a destination that stands
  return Math.min(Infinity, ...due.filter((at) => at > Date.now()));
}

function openDeliveries({ history }: Outbox): number {
  return history.backlog().reduce((sum, { ready, parked }) => sum + ready + parked, 0);
}
