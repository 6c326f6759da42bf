/**
 * How much one call of the retrieve API asks for: as much as keeps the line and the partition busy without making a block late.
 * A long round trip wants large blocks, a slow partition small ones; the time between asking and having says which.
 */

/** Bytes: where reading begins, and what it grows to at most. */
export const LEAST_BUFFER = 128 * 1024;
export const MOST_BUFFER = 16 * 1024 * 1024;
/** Milliseconds a full reply may take before the next ones ask for less, and below which they ask for more. */
const SLOW = 1000;
const FAST = 200;
const STEP = 2;

export class BufferSize {
  private wanted: number;

  /** @param least bytes, where it begins; not more than `most` */
  constructor(
    private readonly least = LEAST_BUFFER,
    private readonly most = MOST_BUFFER,
  ) {
    this.wanted = least;
  }

  get bytes(): number {
    return this.wanted;
  }

  /** A reply that was full took `ms`. */
  full(ms: number): void {
    if (ms < FAST) this.wanted = Math.min(this.most, this.wanted * STEP);
    else if (ms > SLOW) this.wanted = Math.max(this.least, this.wanted / STEP);
  }

  /** An entry found no room at all. @returns false when there is no larger buffer */
  larger(): boolean {
    if (this.wanted >= MOST_BUFFER) return false;
    this.wanted = Math.min(MOST_BUFFER, this.wanted * 4);
    return true;
  }
}
