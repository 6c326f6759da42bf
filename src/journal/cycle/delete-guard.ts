/**
 * Mass-delete guard: a burst of deletes beyond the limit raises one notice that pauses the table's route. Reading goes
 * on; the operator resumes the route. Time is the partition's clock, read from the entries, so a replay judges alike.
 */
import type { MassDeleteLimit } from '../options';

interface Burst {
  /** Seconds of the partition's clock at which the count began. */
  from: number;
  deletes: number;
  tripped: boolean;
}

export class DeleteGuard {
  private readonly bursts = new Map<string, Burst>();

  /**
   * @param table `LIB/FILE`
   * @param limit of this table
   * @param timestamp of the delete entry, or of the compare that found the deletes
   * @param deletes how many at once: a compare knows them all before the first is reported
   * @returns the number of deletes when these break the limit, else null; once a burst
   */
  observe(table: string, limit: MassDeleteLimit, timestamp: string, deletes = 1): number | null {
    const now = secondsOf(timestamp);
    let burst = this.bursts.get(table);
    // A clock set back (DST, NTP) starts a new count rather than stretching the old one.
    if (!burst || now - burst.from >= limit.seconds || now < burst.from) {
      const calm = !burst || burst.deletes <= limit.deletes;
      burst = { from: now, deletes: 0, tripped: !calm && (burst?.tripped ?? false) };
      this.bursts.set(table, burst);
    }
    burst.deletes += deletes;
    if (burst.tripped || burst.deletes <= limit.deletes) return null;
    burst.tripped = true;
    return burst.deletes;
  }

  /** A unit whose transaction is rolled back is walked again: its deletes must not count twice. */
  snapshot(): ReadonlyMap<string, Burst> {
    return new Map([...this.bursts].map(([table, burst]) => [table, { ...burst }]));
  }
  restore(snapshot: ReadonlyMap<string, Burst>): void {
    this.bursts.clear();
    for (const [table, burst] of snapshot) this.bursts.set(table, { ...burst });
  }

  /** The operator's decision: the next burst is judged afresh. */
  reset(table: string): void {
    this.bursts.delete(table);
  }
}

/** Seconds since year 0 without zone; only differences matter. */
function secondsOf(timestamp: string): number {
  return Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000;
}
