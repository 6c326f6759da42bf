/**
 * Slows down when the receiver asks for it, and climbs back: halves the requests under way, adds one for each round of successes.
 * What a receiver asks for only ever makes a pause longer: one that answers `Retry-After: 0` to everything is still asked
 * no faster than one that says nothing.
 */

/** Pause after a 429 or 503 at least, doubled while they go on. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** A budget that is spent is believed to be renewed within this. */
const LONGEST_RESET_MS = 3_600_000;

interface PaceOptions {
  readonly concurrency: number;
  readonly adaptive: boolean;
  /** Longest pause a receiver may ask for, milliseconds. */
  readonly cap: number;
}

/** Until when a receiver is not asked, and what it said to bring that about. */
export interface Paced {
  /** On the clock of the caller, milliseconds. */
  readonly until: number;
  readonly why: string;
}

export class Pace {
  private limit: number;
  private until = 0;
  private why = '';
  private throttles = 0;
  private lastCut = 0;

  constructor(private readonly options: PaceOptions) {
    this.limit = options.concurrency;
  }

  /** Requests that may be under way now. */
  get allowed(): number {
    return this.limit | 0;
  }

  /** Milliseconds until requests may go again. */
  wait(now: number): number {
    return Math.max(0, this.until - now);
  }

  /** Null when requests may go. */
  paced(now: number): Paced | null {
    return this.until > now ? { until: this.until, why: this.why } : null;
  }

  /** 429 or 503. `afterMs` is obeyed whether or not pacing is adaptive. */
  throttled(now: number, afterMs: number | undefined): void {
    const { adaptive, cap } = this.options;
    const own = adaptive ? pauseAfter(this.throttles) : 0;
    const asked = Math.min(cap, afterMs ?? 0);
    this.rest(now, Math.max(own, asked), asked > own ? 'it asked for it in Retry-After' : 'it answered 429 or 503');
    // the requests under way were sent before the receiver complained: one cut for all of them
    if (!adaptive || now - this.lastCut < 100) return;
    this.lastCut = now;
    this.throttles = Math.min(this.throttles + 1, 10);
    this.limit = Math.max(1, this.limit / 2);
  }

  /**
   * How long a throttled event waits by itself, milliseconds: where pacing is not adaptive the others go on.
   * @param attempts at it so far, from 1
   */
  eventPause(now: number, attempts: number): number {
    return Math.max(this.wait(now), this.options.adaptive ? 1 : pauseAfter(Math.min(10, attempts - 1)));
  }

  /** `X-RateLimit-Remaining: 0`: nothing more until the reset. */
  spent(now: number, resetMs: number): void {
    if (this.options.adaptive) {
      this.rest(now, Math.min(resetMs, LONGEST_RESET_MS), 'its X-RateLimit headers say that nothing is left');
    }
  }

  succeeded(): void {
    if (this.throttles === 0) return;
    this.limit = Math.min(this.options.concurrency, this.limit + 1 / this.limit);
    if (this.limit >= this.options.concurrency) this.throttles = 0;
  }

  /** A pause that is under way already never becomes shorter. */
  rest(now: number, pause: number, why: string): void {
    if (now + pause <= this.until) return;
    this.until = now + pause;
    this.why = why;
  }
}

function pauseAfter(throttles: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** throttles);
}
