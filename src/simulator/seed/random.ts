/** Small seeded generator (mulberry32): the same seed gives the same rows and the same day at the order desk. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 <= n < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** from <= n <= to, whole. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}

/** Whole cents as a decimal with two digits. */
export function money(cents: number): string {
  const text = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** CYYMMDD of a date, C = 0 for 19xx and 1 for 20xx, without leading zeros. */
export function cyymmdd(date: Date): string {
  const year = date.getUTCFullYear();
  return String((year - 1900) * 10000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate());
}

/** HHMMSS of a moment, without leading zeros. */
export function hhmmss(date: Date): string {
  return String(date.getUTCHours() * 10000 + date.getUTCMinutes() * 100 + date.getUTCSeconds());
}
