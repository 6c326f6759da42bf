/** How often one caller may ask: so many requests in each minute. */
interface Window {
  readonly begun: number;
  used: number;
}

export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the whole limit is there again. */
  readonly reset: number;
}

const MINUTE_MS = 60_000;
/** Callers kept in mind; what is over is forgotten first. */
const MOST_CALLERS = 10_000;

export class RequestRate {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly steady: () => number = () => performance.now()) {}

  /** Counts one request. @param caller a token, or an address without one */
  take(caller: string, limit: number): Allowance {
    const now = this.steady();
    let window = this.windows.get(caller);
    if (!window || now - window.begun >= MINUTE_MS) {
      if (this.windows.size >= MOST_CALLERS) this.forget(now);
      window = { begun: now, used: 0 };
      this.windows.set(caller, window);
    }
    window.used++;
    return {
      allowed: window.used <= limit,
      limit,
      remaining: Math.max(0, limit - window.used),
      reset: Math.ceil((window.begun + MINUTE_MS - now) / 1000),
    };
  }

  private forget(now: number): void {
    for (const [caller, { begun }] of this.windows) if (now - begun >= MINUTE_MS) this.windows.delete(caller);
    if (this.windows.size >= MOST_CALLERS) this.windows.clear();
  }
}
