/** The pause between two looks: short after news, growing while nothing comes, cut short by a wake-up or an abort. */
export class Waiter {
  private idle = 0;
  private wakeUp: (() => void) | null = null;

  constructor(
    private readonly pollMs: number,
    private readonly idlePollMs: number,
  ) {}

  async wait(news: boolean, signal: AbortSignal): Promise<void> {
    this.idle = news ? 0 : this.idle + 1;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wakeUp = null;
        resolve();
      };
      const timer = setTimeout(done, this.interval());
      signal.addEventListener('abort', done, { once: true });
      this.wakeUp = done;
    });
  }

  wake(): void {
    this.idle = 0;
    this.wakeUp?.();
  }

  /** Thirty quiet looks before the interval grows: a person watching sees changes at the configured pace. */
  private interval(): number {
    const doublings = Math.max(0, this.idle - 30);
    return Math.min(Math.max(this.pollMs, this.idlePollMs), this.pollMs * 2 ** Math.min(doublings, 16));
  }
}
