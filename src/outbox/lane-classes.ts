/** Priorities that keep the order of a lane. */
import type { Database } from 'better-sqlite3';
import type { PriorityClass } from '../model/delivery';

/**
 * Which class a delivery is queued in. A lane with anything pending stays in its class until it is empty, so an urgent
 * event never overtakes an earlier one of the same key. Costs nothing until the first event that is not of normal priority.
 */
export class LaneClasses {
  private readonly get;
  private readonly set;
  private readonly isReady;
  private readonly isParked;
  private readonly firstNormal;
  private readonly since;
  private readonly start;
  private active: number | null = null;

  constructor(db: Database) {
    this.get = db.prepare('SELECT class, pos FROM outbox_lane WHERE destination = ? AND lane = ?').raw();
    this.set = db.prepare(
      `INSERT INTO outbox_lane VALUES (?, ?, ?, ?)
       ON CONFLICT (destination, lane) DO UPDATE SET class = excluded.class, pos = excluded.pos`,
    );
    this.isReady = db.prepare('SELECT 1 FROM outbox_ready WHERE destination = ? AND class = ? AND pos = ?').pluck();
    this.isParked = db.prepare('SELECT 1 FROM outbox_parked WHERE destination = ? AND lane = ? LIMIT 1').pluck();
    this.firstNormal = db.prepare('SELECT min(pos) FROM outbox_ready WHERE destination = ? AND class = 1').pluck();
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
      const waits = this.isReady.get(destination, cls, pos) ?? this.isParked.get(destination, lane);
      return waits === undefined ? wanted : cls;
    }
    // what was queued before priorities came into use has no lane on record: do not overtake it
    const oldest = this.firstNormal.get(destination) as number | null;
    return oldest !== null && oldest < this.active! ? 1 : wanted;
  }
}
