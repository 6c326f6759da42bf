/**
 * How much one call of the retrieve API asks for. The call for the next block is under way while one is worked on, so a larger
 * block helps only while we stand still for replies: then it grows, as long as more comes in the same time, and not so far that
 * a block becomes late. A long round trip leads to large blocks, a slow partition or a near one to small ones.
 */

/** Bytes: the least that is asked for, and the most. */
export const LEAST_BUFFER = 128 * 1024;
export const MOST_BUFFER = 16 * 1024 * 1024;
/** Milliseconds from one full reply to the next, beyond which the next ones ask for less. */
const SLOW = 1000;
const STEP = 2;
/** Full replies that make one measurement. */
const SAMPLE = 2;
/** Share of the time spent standing still from which a larger block is tried. */
const WAITING = 0.1;
/** What more has to come in the same time for a larger block to be kept. */
const BETTER = 1.1;
/** After a vain trial, measurements until the next one; twice as many each time, up to sixteen times. */
const REST = 32;
const MOST_RARITY = 16;

interface FullReply {
  readonly bytes: number;
  /** Milliseconds since the reply before, and how many of them nothing else was to be done. */
  readonly ms: number;
  readonly waited: number;
}

export class BufferSize {
  private wanted: number;
  private sum = { replies: 0, bytes: 0, ms: 0, waited: 0 };
  /** Bytes a millisecond at the size before, while a larger one is tried. */
  private before: number | null = null;
  private rest = 0;
  private rarity = 1;

  /** Bytes: `least` <= `first`, where it begins, <= `most`. */
  constructor(
    private readonly least = LEAST_BUFFER,
    private readonly most = MOST_BUFFER,
    first = least,
  ) {
    this.wanted = first;
  }

  get bytes(): number {
    return this.wanted;
  }

  /** A reply had no room for what comes after it. */
  full({ bytes, ms, waited }: FullReply): void {
    if (ms > SLOW && waited > ms * WAITING) {
      this.to(Math.max(this.least, this.wanted / STEP), null);
      return;
    }
    const { sum } = this;
    sum.replies++;
    sum.bytes += bytes;
    sum.ms += ms;
    sum.waited += waited;
    if (sum.replies === SAMPLE) this.settle(sum.bytes / Math.max(sum.ms, 1), sum.waited / Math.max(sum.ms, 1));
  }

  private settle(rate: number, waiting: number): void {
    const ms = this.sum.ms / SAMPLE;
    if (this.before !== null && rate < this.before * BETTER) {
      this.rest = REST * this.rarity;
      this.rarity = Math.min(MOST_RARITY, this.rarity * 2);
      this.to(Math.max(this.least, this.wanted / STEP), null);
      return;
    }
    const tried = this.before !== null;
    if (tried) this.rarity = 1;
    else if (this.rest > 0) this.rest--;
    const larger = Math.min(this.most, this.wanted * STEP);
    const worth = this.rest === 0 && waiting > WAITING && ms * STEP <= SLOW && larger > this.wanted;
    this.to(worth ? larger : this.wanted, worth ? rate : null);
  }

  private to(bytes: number, before: number | null): void {
    this.wanted = bytes;
    this.before = before;
    this.sum = { replies: 0, bytes: 0, ms: 0, waited: 0 };
  }

  /** An entry found no room at all. @returns false when there is no larger buffer */
  larger(): boolean {
    if (this.wanted >= MOST_BUFFER) return false;
    this.to(Math.min(MOST_BUFFER, this.wanted * 4), null);
    return true;
  }
}
