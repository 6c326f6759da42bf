/** Priorities that keep the order of a lane. */
import type { Database } from 'better-sqlite3';
import type { PriorityClass } from '../../model/delivery';
import type { Ready } from './ready-bitmap';

/**
 * Which class a delivery is queued in. A lane with anything pending stays in its class until it is empty, so an urgent
 * event never overtakes an earlier one of the same key. Costs nothing until the first event that is not of normal priority.
 */
export class LaneClasses {
  private readonly get;
  private readonly set;
  private readonly isParked;
  private readonly since;
  private readonly start;
  private active: number | null = null;
  /** Destinations with nothing left from before priorities came into use. */
  private readonly past = new Set<number>();

  constructor(
    db: Database,
    private readonly ready: Ready,
  ) {
    this.get = db.prepare('SELECT class, pos FROM outbox_lane WHERE destination = ? AND lane = ?').raw();
    this.set = db.prepare(
      `INSERT INTO outbox_lane VALUES (?, ?, ?, ?)
       ON CONFLICT (destination, lane) DO UPDATE SET class = excluded.class, pos = excluded.pos`,
    );
    this.isParked = db.prepare('SELECT 1 FROM outbox_parked WHERE destination = ? AND lane = ? LIMIT 1').pluck();
    this.since = db.prepare("SELECT value FROM outbox_counter WHERE name = 'priorities'").pluck();
    this.start = db.prepare("INSERT OR IGNORE INTO outbox_counter VALUES ('priorities', ?)");
    this.active = (this.since.get() as number | undefined) ?? null;
  }

  place(destination: number, lane: string, pos: number, wanted: PriorityClass): PriorityClass {
    if (this.active === null) {
      if (wanted === 1) return 1;
      this.start.run(pos);
      this.active = pos;
    }
    const cls = this.classOf(destination, lane, wanted);
    this.set.run(destination, lane, cls, pos);
    return cls;
  }

  private classOf(destination: number, lane: string, wanted: PriorityClass): PriorityClass {
    const last = this.get.get(destination, lane) as [PriorityClass, number] | undefined;
    if (last) {
      const [cls, pos] = last;
      const waits = this.ready.has(destination, cls, pos) || this.isParked.get(destination, lane) !== undefined;
      return waits ? cls : wanted;
    }
    // what was queued before priorities came into use has no lane on record: do not overtake it
    return this.hasOlder(destination) ? 1 : wanted;
  }

  private hasOlder(destination: number): boolean {
    if (this.past.has(destination)) return false;
    this.ready.flush();
    const oldest = this.ready.first(destination, 1);
    if (oldest !== null && oldest < this.active!) return true;
    this.past.add(destination);
    return false;
  }
}
