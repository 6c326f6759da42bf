/** Collects settlements and commits them together: one durable write for many, a few milliseconds late at most. */
import type { DeliveryStore, Settlement } from '../model/delivery';

const MAX_BATCH = 1000;
const MAX_DELAY_MS = 20;
const AGAIN_MS = 500;

interface SettlerHooks {
  /** True for an error that ends by itself once there is room on the disk. */
  full(error: unknown): boolean;
  failed(error: unknown): void;
  unblocked(): void;
}

export class Settler {
  private batch: Settlement[] = [];
  private timer: NodeJS.Timeout | null = null;
  private broken = false;
  /** True while nothing can be recorded for want of space: nothing more should be sent, and the store shows less than is known here. */
  blocked = false;

  constructor(
    private readonly store: DeliveryStore,
    private readonly hooks: SettlerHooks,
  ) {}

  push(one: Settlement): void {
    this.batch.push(one);
    if (this.batch.length >= MAX_BATCH && !this.blocked) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), MAX_DELAY_MS);
  }

  /** Commits what there is. After it, the store shows every settlement pushed so far, unless it is {@link blocked}. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.batch.length === 0 || this.broken) return;
    const batch = this.batch;
    this.batch = [];
    if (this.commit(batch)) this.goOn();
    else if (!this.broken) this.wait(batch);
  }

  private commit(batch: readonly Settlement[]): boolean {
    for (let again = 0; ; again++) {
      try {
        this.store.settle(batch);
        return true;
      } catch (error) {
        // a reserve may have been given up for it: once more at once
        const full = this.hooks.full(error);
        if (full && again === 0) continue;
        if (full) return false;
        // nothing of it is durable: after a restart these deliveries repeat
        this.broken = true;
        this.hooks.failed(error);
        return false;
      }
    }
  }

  /** Kept in memory, which what is under way and waits bounds; a process that ends meanwhile repeats it. */
  private wait(batch: Settlement[]): void {
    this.blocked = true;
    this.batch = [...batch, ...this.batch];
    this.timer = setTimeout(() => this.flush(), AGAIN_MS);
  }

  private goOn(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.hooks.unblocked();
  }
}
