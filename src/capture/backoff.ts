/** Waiting between attempts to reach the partition again: doubling, with jitter, capped; starts over after a success. */
import { pause } from '../clock/pause';

export class Backoff {
  private attempts = 0;

  constructor(
    private readonly firstMs = 500,
    private readonly capMs = 60_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** How many waits in a row; 0 after a success. */
  get count(): number {
    return this.attempts;
  }

  succeeded(): void {
    this.attempts = 0;
  }

  /** Full jitter over the upper half, so that several readers do not return in step. */
  nextMs(): number {
    const full = Math.min(this.capMs, this.firstMs * 2 ** this.attempts);
    this.attempts++;
    return full / 2 + (full / 2) * this.random();
  }

  /** Returns early, without an error, when `signal` aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    await pause(ms, signal);
  }
}
