/** Gives back what entries with data behind pointers hold, one call each, when nothing else is asked for. */
import type { ApiBlock } from '../entry/api-block';
import type { JournalCalls } from './journal-calls';

/** Milliseconds for giving back pointers at the end. */
const LAST_MOMENT_MS = 1_000;

export class PointerReturn {
  private giving: Promise<void> = Promise.resolve();
  /** No more is given back. */
  private over = false;

  /** In the background: what is read next does not wait for it, as calls run in the order they were made. @param calls of the job that holds them */
  give({ handles }: ApiBlock, calls: JournalCalls): void {
    if (handles.length === 0) return;
    this.giving = this.giving.then(async () => {
      // one that the partition knows no more was given back with its job
      for (const handle of handles) if (!this.over) await calls.release(handle).catch(() => undefined);
    });
  }

  /** What is not given back within a moment goes with the job. */
  async finish(): Promise<void> {
    const enough = setTimeout(() => {
      this.over = true;
    }, LAST_MOMENT_MS);
    await this.giving;
    clearTimeout(enough);
  }
}
