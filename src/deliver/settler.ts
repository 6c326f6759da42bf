/** Collects settlements and commits them together: one durable write for many, a few milliseconds late at most. */
import type { DeliveryStore, Settlement } from '../model/delivery';

const MAX_BATCH = 1000;
const MAX_DELAY_MS = 20;

export class Settler {
  private batch: Settlement[] = [];
  private timer: NodeJS.Timeout | null = null;
  private broken = false;

  constructor(
    private readonly store: DeliveryStore,
    private readonly failed: (error: unknown) => void,
  ) {}

  push(one: Settlement): void {
    this.batch.push(one);
    if (this.batch.length >= MAX_BATCH) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), MAX_DELAY_MS);
  }

  /** Commits what there is. After it, the store shows every settlement pushed so far. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.batch.length === 0 || this.broken) return;
    const batch = this.batch;
    this.batch = [];
    try {
      this.store.settle(batch);
    } catch (error) {
      // nothing of it is durable: after a restart these deliveries repeat
      this.broken = true;
      this.failed(error);
    }
  }
}
