/** How late events reach each destination: what waits there, and what was delivered last. */
import { EventClock } from '../../model/event-time';
import type { Outbox } from '../../outbox/outbox';

/** What was delivered longer ago says nothing of now. */
const RECENT_MS = 60_000;

export class Lags {
  private readonly clock = new EventClock();
  private readonly last = new Map<string, { readonly at: number; readonly lagMs: number }>();

  /** An event was accepted `lagMs` after its commit. */
  delivered(destination: string, lagMs: number, now: number): void {
    this.last.set(destination, { at: now, lagMs });
  }

  /** Milliseconds since the commit of the oldest event that waits, or that was late a moment ago. */
  of(destination: string, outbox: Outbox, now: number): number {
    const last = this.last.get(destination);
    const recent = last !== undefined && now - last.at < RECENT_MS ? last.lagMs : 0;
    const time = outbox.history.oldestWaiting(destination);
    return Math.max(0, recent, time === null ? 0 : now - this.clock.ms(time));
  }
}
