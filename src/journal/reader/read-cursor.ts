/** Where reading stands in one receiver, and how far the next window goes. */
import type { ReceiverFacts } from '../../catalog/journals';
import type { Position, QualifiedName } from '../../model/position';

/** Numbers: a window asks the partition for a call or two more than its entries need. */
const LEAST_WINDOW = 20_000;

export class ReadCursor {
  /** End of the window read last; a bounded window that returned nothing new is followed by one that reaches further. */
  reached: bigint | null = null;

  private constructor(
    readonly receiver: QualifiedName,
    /** Inclusive start of the next look; null is the receiver's first entry. */
    public from: bigint | null,
    /** Last entry returned; 0 when none of this receiver was. */
    public last: bigint,
  ) {}

  /** Behind the entry at `position`; sequence 0 is before the receiver's first. */
  static at({ receiver, sequence }: Position): ReadCursor {
    return new ReadCursor(receiver, sequence === 0n ? null : sequence, sequence);
  }

  position(): Position {
    return { receiver: this.receiver, sequence: this.last };
  }

  /** A quarter of what is left, so that a backlog is read in windows with an end, at most `most` numbers. */
  quarter(receiver: ReceiverFacts, most: number): number {
    const left = receiver.last - later(receiver.first, this.last);
    return Math.min(most, Math.max(LEAST_WINDOW, Math.ceil(Number(left) / 4)));
  }

  /** Inclusive end of the next window of `entries` numbers; null for "to the end of the receiver". */
  windowEnd(receiver: ReceiverFacts, entries: number): bigint | null {
    const at = later(this.reached ?? 0n, this.last);
    const window = BigInt(entries);
    const to = later(at, receiver.first) + window;
    // Near the head of an attached receiver the end stays open: the numbers there may not be visible yet.
    return to + window < receiver.last ? to : null;
  }
}

export function later(a: bigint, b: bigint): bigint {
  return b > a ? b : a;
}
