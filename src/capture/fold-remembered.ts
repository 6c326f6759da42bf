/** Folds what is remembered of keys into its table in quiet moments, so that capture under load pays for the log alone. */
import type { Remember } from '../remember/remember';
import { Backoff } from './backoff';

/** Milliseconds without an event that count as a quiet moment. */
const QUIET_MS = 250;

export class FoldRemembered {
  constructor(private readonly remember: Remember) {}

  async run(signal: AbortSignal): Promise<void> {
    const pause = new Backoff();
    let seen = -1;
    while (!signal.aborted) {
      if (seen === this.remember.writes && this.remember.foldSome()) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      seen = this.remember.writes;
      await pause.wait(QUIET_MS, signal);
    }
  }
}
