/**
 * Circuit breaker of one destination. It opens after a row of endpoint failures over several lanes, so that one poison
 * event alone, which its own lane already holds back, never stops the others; and at once when it refuses our credentials.
 */
import type { BreakerOptions } from '../options';

export type BreakerState = 'closed' | 'half-open' | 'open';

/** A row of failures must come from at least this many lanes. */
const LANES = 3;

export class Breaker {
  private row = 0;
  private readonly lanes = new Set<string>();
  private probeAt = 0;
  private probing = false;
  state: BreakerState = 'closed';

  constructor(
    private readonly options: BreakerOptions,
    private readonly changed: (state: BreakerState) => void,
  ) {}

  /** Milliseconds until a request may go; 0 = now. */
  wait(now: number): number {
    if (this.state === 'closed') return 0;
    if (this.probing) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.probeAt - now);
  }

  /** A request is about to go. True if it is a probe. */
  start(): boolean {
    if (this.state === 'closed') return false;
    this.probing = true;
    this.to('half-open');
    return true;
  }

  succeeded(): void {
    if (this.row === 0 && this.state === 'closed') return;
    this.row = 0;
    this.lanes.clear();
    this.probing = false;
    this.to('closed');
  }

  /** A failure of the endpoint as a whole: network, timeout, 5xx. */
  failed(lane: string, now: number): void {
    this.row++;
    if (this.lanes.size < LANES) this.lanes.add(lane);
    if (this.state === 'closed' && (this.row < this.options.failures || this.lanes.size < LANES)) return;
    this.open(now);
  }

  /** Nothing of ours will be accepted until someone has mended it: only probes go. */
  open(now: number): void {
    this.probing = false;
    this.probeAt = now + this.options.probeEvery;
    this.to('open');
  }

  /** A probe ended without saying anything about the endpoint's health. */
  undecided(now: number): void {
    if (this.probing) this.open(now);
  }

  private to(state: BreakerState): void {
    if (this.state === state) return;
    this.state = state;
    this.changed(state);
  }
}
