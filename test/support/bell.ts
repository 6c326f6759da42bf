/** Waiting for a condition that many things may bring about: whoever changes something rings, whoever waits looks again. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    for (const wake of [...this.waiting]) wake();
  }

  /** Looks at once, and again whenever it rings. @returns false when the condition still does not hold after `ms` */
  until(condition: () => boolean, ms: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (holds: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(holds);
      };
      const look = (): void => {
        if (condition()) end(true);
      };
      const timer = setTimeout(() => end(false), ms);
      this.waiting.add(look);
    });
  }
}
