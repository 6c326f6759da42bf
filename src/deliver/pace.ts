/** Slows down when the receiver says so, and climbs back: halves the requests under way, adds one for each round of successes. */

/** Pause after a 429 or 503 without `Retry-After`, doubled while they go on. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

export class Pace {
  private limit: number;
  private until = 0;
  private throttles = 0;
  private lastCut = 0;

  constructor(
    private readonly concurrency: number,
    private readonly adaptive: boolean,
  ) {
    this.limit = concurrency;
  }

  /** Requests that may be under way now. */
  get allowed(): number {
    return this.limit | 0;
  }

  /** Milliseconds until requests may go again. */
  wait(now: number): number {
    return Math.max(0, this.until - now);
  }

  /** 429 or 503. `afterMs` is obeyed whether or not pacing is adaptive. */
  throttled(now: number, afterMs: number | undefined): void {
    if (afterMs === undefined && !this.adaptive) return;
    const pause = afterMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.throttles);
    this.until = Math.max(this.until, now + pause);
    if (!this.adaptive) return;
    // the requests under way were sent before the receiver complained: one cut for all of them
    if (now - this.lastCut < 100) return;
    this.lastCut = now;
    this.throttles = Math.min(this.throttles + 1, 10);
    this.limit = Math.max(1, this.limit / 2);
  }

  /** `X-RateLimit-Remaining: 0`: nothing more until the reset. */
  spent(now: number, resetMs: number): void {
    if (this.adaptive) this.until = Math.max(this.until, now + Math.min(resetMs, LONGEST_PAUSE_MS * 60));
  }

  succeeded(): void {
    if (this.throttles === 0) return;
    this.limit = Math.min(this.concurrency, this.limit + 1 / this.limit);
    if (this.limit >= this.concurrency) this.throttles = 0;
  }
}
