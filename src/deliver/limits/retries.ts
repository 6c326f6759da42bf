/** When an event is tried again, and when no more. */
import type { PendingDelivery } from '../../model/delivery';
import { type ServeOptions, scheduleSpan } from '../options';
import type { Outcome } from '../sink';
import type { Pace } from './adaptive-concurrency';
import { pauseAfter } from './backoff';

export interface RetryMoment {
  /** The request was a probe of a destination known to fail. */
  readonly probe: boolean;
  /** On the steady clock. */
  readonly now: number;
  /** Epoch milliseconds by the wall clock, as `firstAt` is. */
  readonly wall: number;
}

export class Retries {
  private readonly span: number;

  constructor(
    private readonly options: ServeOptions,
    private readonly pace: Pace,
    private readonly random: () => number,
  ) {
    this.span = scheduleSpan(options.retry);
  }

  /**
   * Milliseconds until the next attempt, null when the schedule is used up; counts the attempt against it unless it is free.
   * What the receiver asked for makes a pause longer, never shorter.
   */
  pauseOf(
    delivery: PendingDelivery,
    outcome: Extract<Outcome, { is: 'retry' }>,
    { probe, now, wall }: RetryMoment,
  ): number | null {
    const { retry, circuitBreaker } = this.options;
    const asked = Math.min(outcome.afterMs ?? 0, retry.cap);
    // how long that goes on is decided where refused credentials are separated from refused events
    if (outcome.denied) return Math.max(1, circuitBreaker.probeEvery, asked);
    if ((probe || outcome.throttled) && wall - delivery.firstAt < this.span) {
      const own = probe ? circuitBreaker.probeEvery : this.pace.eventPause(now, delivery.attempts);
      return Math.max(1, own, asked);
    }
    delivery.charged++;
    const pause = pauseAfter(delivery.charged, retry, this.random());
    return pause === null ? null : Math.max(1, pause, asked);
  }
}
