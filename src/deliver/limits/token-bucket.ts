/** Token bucket: `capacity` requests at once, `refillPerSecond` for ever. */
import type { RateLimit } from '../options';

/** What Celigo documents for its listeners. */
export const CELIGO_LIMIT = { capacity: 1000, refillPerSecond: 300 } as const;

export class TokenBucket {
  private tokens: number;
  private at: number;

  constructor(
    private readonly capacity: number,
    private readonly refillPerSecond: number,
    now: number,
  ) {
    this.tokens = capacity;
    this.at = now;
  }

  /** Milliseconds until one token is there; 0 = now. Takes nothing. */
  wait(now: number): number {
    this.refill(now);
    return this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) / this.refillPerSecond) * 1000);
  }

  take(now: number): void {
    this.refill(now);
    this.tokens -= 1;
  }

  private refill(now: number): void {
    if (now <= this.at) return;
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.at) / 1000) * this.refillPerSecond);
    this.at = now;
  }
}

/** Buckets of one process; those of scope `host` are shared by every destination on that host. */
export class Buckets {
  private readonly byHost = new Map<string, TokenBucket>();

  for(limit: RateLimit | null, host: string | null, now: number): TokenBucket | null {
    if (limit === null) return null;
    const { capacity, refillPerSecond } = limit === 'celigo' ? CELIGO_LIMIT : limit;
    if (limit === 'celigo' || limit.scope === 'endpoint' || host === null) {
      return new TokenBucket(capacity, refillPerSecond, now);
    }
    const shared = this.byHost.get(host) ?? new TokenBucket(capacity, refillPerSecond, now);
    this.byHost.set(host, shared);
    return shared;
  }
}
