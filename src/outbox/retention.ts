/** Purging what is settled, by age and by size, a little at a time. What is pending or a dead letter is never purged. */
import type { Store } from '../store/store';
import { RETENTION_DEFAULTS, type RetentionOptions } from './options';

const DAY_MS = 86_400_000;
/** Rows looked at in one transaction; about a millisecond of work. */
const STEP = 500;

export interface PurgeResult {
  readonly events: number;
  readonly logRows: number;
  /** True when the step limit stopped it and there is more to do now. */
  readonly more: boolean;
}

export class Retention {
  private readonly limits: Required<RetentionOptions>;
  private readonly counter;
  private readonly add;
  private readonly candidates;
  private readonly remove;
  private readonly oldLog;
  private readonly removeLog;
  private readonly removeLanes;
  /** Events before it have been looked at in this round and are still needed. */
  private cursor = 0;

  constructor(
    private readonly store: Store,
    options: RetentionOptions,
    private readonly now: () => number,
  ) {
    this.limits = { ...RETENTION_DEFAULTS, ...options };
    const db = store.db;
    this.counter = db.prepare('SELECT value FROM outbox_counter WHERE name = ?').pluck();
    this.add = db.prepare('UPDATE outbox_counter SET value = value + ? WHERE name = ?');
    this.candidates = db
      .prepare(
        `SELECT e.seq, e.size, e.appended_at, NOT (
           EXISTS (SELECT 1 FROM outbox_destination n CROSS JOIN outbox_ready r
                   WHERE r.destination = n.no AND r.class IN (0, 1, 2) AND r.pos = e.seq)
           OR EXISTS (SELECT 1 FROM outbox_parked p WHERE p.event = e.seq)
           OR EXISTS (SELECT 1 FROM outbox_dead d WHERE d.event = e.seq)
           OR EXISTS (SELECT 1 FROM outbox_again a WHERE a.event = e.seq)) AS settled
         FROM outbox_event e WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
      )
      .raw();
    this.remove = db.prepare('DELETE FROM outbox_event WHERE seq = ?');
    this.oldLog = db
      .prepare(
        `SELECT no, at, ${80} + ifnull(length(signature), 0) + ifnull(length(response), 0) + ifnull(length(error), 0)
         FROM outbox_log ORDER BY no LIMIT ?`,
      )
      .raw();
    this.removeLog = db.prepare('DELETE FROM outbox_log WHERE no <= ?');
    this.removeLanes = db.prepare(
      `DELETE FROM outbox_lane WHERE pos < (SELECT min(seq) FROM outbox_event) AND NOT EXISTS
         (SELECT 1 FROM outbox_parked p WHERE p.destination = outbox_lane.destination AND p.lane = outbox_lane.lane)`,
    );
  }

  /** One small step; call again soon while `more`. */
  purge(): PurgeResult {
    return this.store.transaction(() => {
      const events = this.purgeEvents();
      const log = this.purgeLog();
      return { events: events.removed, logRows: log.removed, more: events.more || log.more };
    });
  }

  private purgeEvents(): { removed: number; more: boolean } {
    let over = (this.counter.get('bytes') as number) - this.limits.maxBytes;
    const cutoff = this.now() - this.limits.days * DAY_MS;
    const rows = this.candidates.all(this.cursor, STEP) as [number, number, number, number][];
    let removed = 0;
    let bytes = 0;
    for (const [seq, size, at, settled] of rows) {
      if (over <= 0 && at >= cutoff) {
        // everything later is younger: begin again from the oldest next time
        this.cursor = 0;
        return this.finish(removed, bytes, false);
      }
      this.cursor = seq;
      if (settled === 0) continue;
      this.remove.run(seq);
      removed++;
      bytes += size;
      over -= size;
    }
    const more = rows.length === STEP;
    if (!more) this.cursor = 0;
    return this.finish(removed, bytes, more);
  }

  private finish(removed: number, bytes: number, more: boolean): { removed: number; more: boolean } {
    if (removed > 0) {
      this.add.run(-bytes, 'bytes');
      this.add.run(-removed, 'events');
      if (!more && this.counter.get('priorities') !== undefined) this.removeLanes.run();
    }
    return { removed, more };
  }

  private purgeLog(): { removed: number; more: boolean } {
    let over = (this.counter.get('logBytes') as number) - this.limits.logMaxBytes;
    const cutoff = this.now() - this.limits.logDays * DAY_MS;
    let last = 0;
    let bytes = 0;
    let removed = 0;
    const rows = this.oldLog.all(STEP) as [number, number, number][];
    for (const [no, at, size] of rows) {
      if (over <= 0 && at >= cutoff) break;
      last = no;
      bytes += size;
      over -= size;
      removed++;
    }
    if (removed > 0) {
      this.removeLog.run(last);
      this.add.run(-bytes, 'logBytes');
    }
    return { removed, more: removed === STEP };
  }
}
