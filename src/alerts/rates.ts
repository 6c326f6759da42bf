/** How many events a table usually writes in an hour of the week, learnt week by week. */
import type { Store } from '../store/store';
import type { RateFact } from './conditions';

const HOUR = 3_600_000;
const HOURS_A_WEEK = 168;
/** Weeks after which the usual number is known. */
const KNOWN_AFTER = 4;
/** Below this many an hour, numbers say little. */
const FEWEST = 100;
/** No pattern is taken for steadier than this share of its mean. */
const LEAST_DEVIATION = 0.1;

interface Pattern {
  readonly weeks: number;
  readonly mean: number;
  readonly spread: number;
}

export class Rates {
  /** Totals as they were when the hour began; null before the first whole hour. */
  private before: ReadonlyMap<string, number> | null = null;
  private hour: number | null = null;
  private facts: readonly RateFact[] = [];
  private readonly get;
  private readonly set;

  constructor(private readonly store: Store) {
    this.get = store.db.prepare('SELECT weeks, mean, spread FROM alert_rate WHERE tbl = ? AND hour = ?');
    this.set = store.db.prepare('INSERT OR REPLACE INTO alert_rate VALUES (?, ?, ?, ?, ?)');
  }

  /**
   * @param totals events written since the start, by table
   * @returns what the last whole hour was, against what is usual
   */
  note(totals: ReadonlyMap<string, number>, now: number): readonly RateFact[] {
    const hour = Math.floor(now / HOUR);
    if (hour === this.hour) return this.facts;
    // the hour the daemon was started in is not whole, and neither is one that the clock jumped over
    const whole = this.before !== null && this.hour === hour - 1;
    this.facts = whole ? this.learn(this.before!, totals, hour - 1) : [];
    this.before = this.hour === null ? null : totals;
    this.hour = hour;
    return this.facts;
  }

  private learn(before: ReadonlyMap<string, number>, totals: ReadonlyMap<string, number>, hour: number): RateFact[] {
    const facts: RateFact[] = [];
    this.store.transaction(() => {
      for (const [table, total] of totals) {
        const events = total - (before.get(table) ?? 0);
        const slot = hour % HOURS_A_WEEK;
        const known = (this.get.get(table, slot) as Pattern | undefined) ?? { weeks: 0, mean: 0, spread: 0 };
        const fact = factOf(table, events, known, (hour + 1) * HOUR);
        if (fact) facts.push(fact);
        const { weeks, mean, spread } = withOne(known, events);
        this.set.run(table, slot, weeks, mean, spread);
      }
    });
    return facts;
  }
}

/** Welford's method. */
function withOne({ weeks, mean, spread }: Pattern, value: number): Pattern {
  const next = mean + (value - mean) / (weeks + 1);
  return { weeks: weeks + 1, mean: next, spread: spread + (value - mean) * (value - next) };
}

function factOf(table: string, events: number, { weeks, mean, spread }: Pattern, at: number): RateFact | null {
  if (weeks < KNOWN_AFTER || mean < FEWEST) return null;
  const deviation = Math.max(Math.sqrt(spread / (weeks - 1)), mean * LEAST_DEVIATION);
  return { table, events, usual: mean, away: (events - mean) / deviation, at };
}
