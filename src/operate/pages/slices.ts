/** Long looks at the state file in short slices: the daemon captures and delivers between two of them. */
import { setImmediate as breath } from 'node:timers/promises';

/** Longest time between two breaths, milliseconds. */
const SLICE_MS = 5;

export class Slices {
  private readonly begun = performance.now();
  private sliceAt = this.begun;

  /** @param signal ends the look: whoever asked has gone, or the daemon stops */
  constructor(private readonly signal: AbortSignal) {}

  /** Call between two steps. @throws the reason of the signal */
  async step(): Promise<void> {
    this.signal.throwIfAborted();
    if (performance.now() - this.sliceAt < SLICE_MS) return;
    await breath();
    this.sliceAt = performance.now();
    this.signal.throwIfAborted();
  }

  /** Milliseconds since it began. */
  get spent(): number {
    return performance.now() - this.begun;
  }
}

/** Runs a generator of counts to its end, in slices. @returns their sum */
export async function sumOf(steps: Iterable<number>, signal: AbortSignal): Promise<number> {
  const slices = new Slices(signal);
  let all = 0;
  for (const step of steps) {
    all += step;
    await slices.step();
  }
  return all;
}
