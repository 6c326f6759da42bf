/**
 * The moments of a cron schedule, for work that may rather come too early than too late: a clock set back by a day puts off
 * nothing, one set forward skips nothing.
 */
import { Cron } from 'croner';
import { steadyNow } from './steady-clock';

export class Schedule {
  private readonly cron: Cron;
  /** By the wall clock, and as far away on the steady clock when it was looked up. */
  private next = Number.POSITIVE_INFINITY;
  private steadyNext = Number.POSITIVE_INFINITY;

  /** @param wall the clock the schedule is about, epoch milliseconds */
  constructor(
    pattern: string,
    private readonly wall: () => number = Date.now,
    private readonly steady: () => number = steadyNow,
  ) {
    this.cron = new Cron(pattern, { paused: true });
    this.lookUp();
  }

  /** True once the next moment has come, by either clock; then the one after it is looked up. */
  take(): boolean {
    if (this.wall() < this.next && this.steady() < this.steadyNext) return false;
    this.lookUp();
    return true;
  }

  private lookUp(): void {
    const now = this.wall();
    this.next = this.cron.nextRun(new Date(now))?.getTime() ?? Number.POSITIVE_INFINITY;
    this.steadyNext = this.steady() + (this.next - now);
  }
}
