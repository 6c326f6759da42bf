/** When collected events may go: at once, when a batch is full or has waited long enough, or when a cron schedule says. */
import { Cron } from 'croner';
import type { BatchOptions } from '../options';
import type { Lanes } from './lanes';

interface GateParts {
  /** A scheduled moment has come. */
  opened(): void;
  lastPosition(): number;
}

export class Gate {
  /** Nothing behind this position goes; events that come after a scheduled moment wait for the next. */
  upTo = Number.POSITIVE_INFINITY;
  private readonly cron: Cron | null;

  /** The delivery the batch waits with, and since when on the steady clock. */
  private oldest = 0;
  private since = 0;

  /** @param wallNow the clock `appendedAt` was written by */
  constructor(
    private readonly options: BatchOptions,
    private readonly wallNow: () => number,
    { opened, lastPosition }: GateParts,
  ) {
    this.cron = null;
    if (options.mode !== 'scheduled' || options.schedule === null) return;
    this.upTo = 0;
    this.cron = new Cron(options.schedule, { unref: true }, () => {
      this.upTo = lastPosition();
      opened();
    });
  }

  /** Milliseconds until a batch may be taken; 0 = now. @param now steady clock */
  wait(lanes: Lanes, now: number): number {
    const { mode, maxRecords, maxBytes, maxWait } = this.options;
    if (mode !== 'micro' || lanes.readyEvents >= maxRecords || lanes.readyBytes >= maxBytes) return 0;
    const oldest = lanes.oldest();
    if (!oldest || maxWait === 0) return 0;
    if (oldest.pos !== this.oldest) {
      // how long it has waited is asked of the wall clock once, and believed within reason
      const waited = Math.min(maxWait, Math.max(0, this.wallNow() - oldest.event.appendedAt));
      [this.oldest, this.since] = [oldest.pos, now - waited];
    }
    return Math.max(0, this.since + maxWait - now);
  }

  stop(): void {
    this.cron?.stop();
  }
}
