/**
 * Whether a backlog is read by several jobs, each in a range of its own. It is tried where one job leaves us waiting, and kept
 * where it brings half as much again; after a vain trial it rests, longer each time.
 */

/** Full replies that make one measurement. */
const SAMPLE = 4;
/** Share of the time spent standing still from which it is tried. */
const WAITING = 0.5;
/** What it must bring. */
const BETTER = 1.5;
/** Milliseconds after a vain trial, up to sixteen times that. */
const REST_MS = 600_000;
const MOST_RARITY = 16;

interface Passed {
  readonly bytes: number;
  readonly ms: number;
}

export class RangeChoice {
  private alone = { replies: 0, bytes: 0, ms: 0, waited: 0 };
  private together = { replies: 0, bytes: 0, ms: 0 };
  private notBefore = 0;
  private rarity = 1;

  /** @param timer milliseconds, monotonic */
  constructor(
    private readonly when: 'auto' | 'always' | 'never',
    private readonly jobs: number,
    private readonly timer: () => number,
  ) {}

  /** A full reply of one job. */
  one({ bytes, ms, waited }: Passed & { readonly waited: number }): void {
    if (this.alone.replies >= SAMPLE) this.alone = { replies: 0, bytes: 0, ms: 0, waited: 0 };
    const { alone } = this;
    alone.replies++;
    alone.bytes += bytes;
    alone.ms += ms;
    alone.waited += waited;
  }

  get wanted(): boolean {
    if (this.when === 'never' || this.jobs < 2) return false;
    if (this.when === 'always') return true;
    const { replies, ms, waited } = this.alone;
    return replies >= SAMPLE && waited >= WAITING * ms && this.timer() >= this.notBefore;
  }

  /** A reply of one of several. @returns false when it does not pay */
  many({ bytes, ms }: Passed): boolean {
    const { together } = this;
    together.replies++;
    together.bytes += bytes;
    together.ms += ms;
    if (together.replies < SAMPLE * this.jobs || this.when === 'always') return true;
    this.together = { replies: 0, bytes: 0, ms: 0 };
    if (together.bytes * this.alone.ms >= BETTER * this.alone.bytes * together.ms) {
      this.rarity = 1;
      return true;
    }
    this.rest();
    return false;
  }

  /** Reading goes on by one job. */
  measureAgain(): void {
    this.alone = { replies: 0, bytes: 0, ms: 0, waited: 0 };
  }

  /** It cannot be had, or brought nothing. */
  rest(): void {
    this.notBefore = this.timer() + REST_MS * this.rarity;
    this.rarity = Math.min(MOST_RARITY, this.rarity * 2);
    this.measureAgain();
    this.together = { replies: 0, bytes: 0, ms: 0 };
  }
}
