/** Purging what is settled, by age and by size, a little at a time. What is pending is never purged. */
import type { Store } from '../store/store';
import { lazily } from './lazily';
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
  private readonly next;
  private readonly range;
  private readonly removeRange;
  private readonly needed;
  private readonly firstDead;
  private readonly removeDead;
  private readonly oldLog;
  private readonly firstLog;
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
    this.next = db.prepare('SELECT seq, appended_at FROM outbox_event WHERE seq > ? ORDER BY seq LIMIT 1').raw();
    this.range = db
      .prepare('SELECT seq, ifnull(length(body), 0), appended_at FROM outbox_event WHERE seq > ? ORDER BY seq LIMIT ?')
      .raw();
    this.removeRange = db.prepare('DELETE FROM outbox_event WHERE seq BETWEEN ? AND ?');
    this.needed = db
      .prepare(
        `SELECT r.pos FROM outbox_destination n CROSS JOIN outbox_ready r
           WHERE r.destination = n.no AND r.class IN (0, 1, 2) AND r.pos BETWEEN @from AND @to
         UNION SELECT event FROM outbox_parked WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_held WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_dead WHERE event BETWEEN @from AND @to
         UNION SELECT event FROM outbox_again WHERE event BETWEEN @from AND @to ORDER BY 1`,
      )
      .pluck();
    this.firstDead = db.prepare('SELECT dead_at FROM outbox_dead ORDER BY no LIMIT 1').pluck();
    this.removeDead = db.prepare(
      'DELETE FROM outbox_dead WHERE no IN (SELECT no FROM outbox_dead WHERE dead_at < ? ORDER BY no LIMIT ?)',
    );
    this.oldLog = db
      .prepare(
        `SELECT no, at, ${80} + ifnull(length(signature), 0) + ifnull(length(response), 0) + ifnull(length(error), 0)
         FROM outbox_log ORDER BY no LIMIT ?`,
      )
      .raw();
    this.firstLog = db.prepare('SELECT at FROM outbox_log ORDER BY no LIMIT 1').pluck();
    this.removeLog = db.prepare('DELETE FROM outbox_log WHERE no <= ?');
    this.removeLanes = db.prepare(
      `DELETE FROM outbox_lane WHERE pos < (SELECT min(seq) FROM outbox_event) AND NOT EXISTS
         (SELECT 1 FROM outbox_parked p WHERE p.destination = outbox_lane.destination AND p.lane = outbox_lane.lane)`,
    );
  }

  /** One small step; call again soon while `more`. */
  purge(): PurgeResult {
    return lazily(this.store, () => {
      const events = this.purgeEvents();
      const log = this.purgeLog();
      this.purgeDead();
      return { events: events.removed, logRows: log.removed, more: events.more || log.more };
    });
  }

  private purgeEvents(): { removed: number; more: boolean } {
    let over = (this.counter.get('bytes') as number) - this.limits.maxBytes;
    const cutoff = this.now() - this.limits.days * DAY_MS;
    const oldest = this.next.get(this.cursor) as [number, number] | undefined;
    if (!oldest || (over <= 0 && oldest[1] >= cutoff)) {
      // what was passed over as still needed is looked at again next time
      this.cursor = 0;
      return this.finish(0, 0, false);
    }
    const rows = this.range.all(this.cursor, STEP) as [number, number, number][];
    const last = rows.at(-1)![0];
    const needed = this.needed.all({ from: rows[0]![0], to: last }) as number[];
    const keep = new Set(needed);
    let removed = 0;
    let bytes = 0;
    let from = rows[0]![0];
    let to = from - 1;
    const flush = (): void => {
      if (to >= from) this.removeRange.run(from, to);
    };
    for (const [seq, size, at] of rows) {
      if (over <= 0 && at >= cutoff) {
        flush();
        this.cursor = 0;
        return this.finish(removed, bytes, false);
      }
      this.cursor = seq;
      if (keep.has(seq)) {
        flush();
        from = seq + 1;
      } else {
        removed++;
        bytes += size;
        over -= size;
      }
      to = seq;
    }
    flush();
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

  private purgeDead(): void {
    const oldest = this.firstDead.get() as number | undefined;
    const cutoff = this.now() - this.limits.deadLetterDays * DAY_MS;
    if (oldest !== undefined && oldest < cutoff) this.removeDead.run(cutoff, STEP);
  }

  private purgeLog(): { removed: number; more: boolean } {
    let over = (this.counter.get('logBytes') as number) - this.limits.logMaxBytes;
    const cutoff = this.now() - this.limits.logDays * DAY_MS;
    let last = 0;
    let bytes = 0;
    let removed = 0;
    const oldest = this.firstLog.get() as number | undefined;
    if (oldest === undefined || (over <= 0 && oldest >= cutoff)) return { removed: 0, more: false };
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
