/** When collected events may go: at once, when a batch is full or has waited long enough, or when a cron schedule says. */
import { Cron } from 'croner';
import type { Lanes } from './lanes';
import type { BatchOptions } from './options';

export class Gate {
  /** Nothing behind this position goes; events that come after a scheduled moment wait for the next. */
  upTo = Number.POSITIVE_INFINITY;
  private readonly cron: Cron | null;

  constructor(
    private readonly options: BatchOptions,
    opened: () => void,
    private readonly lastPosition: () => number = () => Number.POSITIVE_INFINITY,
  ) {
    this.cron = null;
    if (options.mode !== 'scheduled' || options.schedule === null) return;
    this.upTo = 0;
    this.cron = new Cron(options.schedule, { unref: true }, () => {
      this.upTo = this.lastPosition();
      opened();
    });
  }

  /** Milliseconds until a batch may be taken; 0 = now. */
  wait(lanes: Lanes, now: number): number {
    const { mode, maxRecords, maxBytes, maxWait } = this.options;
    if (mode !== 'micro' || lanes.readyEvents >= maxRecords || lanes.readyBytes >= maxBytes) return 0;
    const oldest = lanes.oldest();
    return oldest ? Math.max(0, oldest.event.appendedAt + maxWait - now) : 0;
  }

  stop(): void {
    this.cron?.stop();
  }
}
