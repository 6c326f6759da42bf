/** Waiting for a condition that many things may bring about: whoever changes something rings, whoever waits looks again. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Looks at once, and again whenever it rings. @throws Error with the text of `what` after `ms` milliseconds */
  until(condition: () => boolean, ms: number, what: () => string): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`after ${ms} ms: ${what()}`));
      }, ms);
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
    });
  }
}
