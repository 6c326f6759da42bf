/**
 * Answers 401 and 403: nearly always the destination's state (a credential was rotated or withdrawn), sometimes the fault of
 * one event (a firewall that dislikes its text). They are separated by what happens to the others: an event that is refused again
 * although one sent after its first refusal was accepted is refused for what it is.
 */

/** Refusals of one event, others being accepted, after which it is a dead letter. */
const STRIKES = 3;
/** More events than this are not remembered: those that are forgotten only wait longer. */
const REMEMBERED = 10_000;

interface Denied {
  readonly first: number;
  at: number;
  strikes: number;
}

/** `too long`: an event that has been refused for as long as its retries would have taken, nothing else being accepted. */
export type DenialOf = 'destination' | 'event' | 'event for good' | 'too long';

export class Denials {
  private readonly events = new Map<number, Denied>();
  private acceptedAt = Number.NEGATIVE_INFINITY;
  private deniedAt = Number.NEGATIVE_INFINITY;

  /** @param span of the schedule of retries, milliseconds */
  constructor(private readonly span: number) {}

  /** A request was accepted. @param startedAt when it was sent, on the clock of `denied` */
  accepted(startedAt: number): void {
    this.acceptedAt = Math.max(this.acceptedAt, startedAt);
  }

  /** True when a request that was sent then says nothing about credentials refused since. */
  outdated(startedAt: number): boolean {
    return startedAt <= this.deniedAt;
  }

  /** @param positions of the events of the request, in their queue */
  denied(positions: readonly number[], now: number): DenialOf {
    let of: DenialOf = 'destination';
    for (const pos of positions) {
      const known = this.events.get(pos);
      if (known && this.acceptedAt > known.at) {
        // in a batch it is not known which one it is: smaller batches will show it
        if (positions.length === 1) known.strikes++;
        of = known.strikes >= STRIKES ? 'event for good' : 'event';
      } else if (known && positions.length === 1 && now - known.first >= this.span) of = 'too long';
      if (known) known.at = now;
      else this.remember(pos, now);
    }
    if (of === 'destination' || of === 'too long') this.deniedAt = now;
    return of;
  }

  /** The event has left the queue. */
  forget(pos: number): void {
    if (this.events.size > 0) this.events.delete(pos);
  }

  private remember(pos: number, at: number): void {
    if (this.events.size >= REMEMBERED) this.events.delete(this.events.keys().next().value!);
    this.events.set(pos, { first: at, at, strikes: 1 });
  }
}
