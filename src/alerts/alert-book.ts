/**
 * Alerts in the state file: which are open, since when, and what each sink has been told. A restart neither tells an alert a
 * second time nor forgets to tell its end.
 */
import type Database from 'better-sqlite3';
import type { AlertRule, AlertSeverity } from '../model/watching/alert-rules';
import type { Schema, Store } from '../store/store';
import type { Condition } from './conditions';

export const ALERT_SCHEMA: Schema = {
  name: 'alert',
  steps: [
    `
CREATE TABLE alert (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  level INTEGER NOT NULL,
  summary TEXT NOT NULL,
  next TEXT NOT NULL,
  page TEXT NOT NULL,
  since INTEGER NOT NULL,
  -- first and last time it was seen
  seen_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  until INTEGER,
  -- it has lasted as long as the rule asks
  raised_at INTEGER,
  ended_at INTEGER
);
-- one that has not ended
CREATE UNIQUE INDEX alert_open ON alert (rule, subject) WHERE ended_at IS NULL;
CREATE INDEX alert_ended ON alert (ended_at);

CREATE TABLE alert_told (
  alert INTEGER NOT NULL,
  sink TEXT NOT NULL,
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  -- that it has ended
  ended INTEGER NOT NULL,
  PRIMARY KEY (alert, sink)
) WITHOUT ROWID;

-- events of a table in an hour of the week: number of weeks, mean, sum of squared distances from it
CREATE TABLE alert_rate (
  tbl TEXT NOT NULL,
  hour INTEGER NOT NULL,
  weeks INTEGER NOT NULL,
  mean REAL NOT NULL,
  spread REAL NOT NULL,
  PRIMARY KEY (tbl, hour)
) WITHOUT ROWID;
`,
  ],
};

/** Times are epoch milliseconds. */
export interface Alert {
  readonly no: number;
  readonly rule: AlertRule;
  readonly subject: string;
  readonly severity: AlertSeverity;
  readonly level: number;
  readonly summary: string;
  readonly next: string;
  readonly page: string;
  readonly since: number;
  readonly raisedAt: number | null;
  readonly endedAt: number | null;
}

/** What a sink was told of an alert last. */
export interface Told {
  readonly level: number;
  readonly at: number;
  readonly ended: boolean;
}

/** A condition that shows no more is over after this long: a look that misses it once is no end. */
const OVER_AFTER_MS = 30_000;
/** Ended alerts stay so long for whoever looks back. */
const KEPT_MS = 30 * 86_400_000;

const COLUMNS =
  'no, rule, subject, severity, alert.level, summary, next, page, since, raised_at AS raisedAt, ended_at AS endedAt';

export class AlertBook {
  private readonly open: Database.Statement;
  private readonly insert: Database.Statement;
  private readonly update: Database.Statement;
  private readonly raise: Database.Statement;
  private readonly end: Database.Statement;
  private readonly dropUnraised: Database.Statement;
  private readonly forget: Database.Statement[];
  private readonly untold: Database.Statement;
  private readonly toldOf: Database.Statement;
  private readonly tell: Database.Statement;

  constructor(private readonly store: Store) {
    const { db } = store;
    this.open = db.prepare(
      'SELECT no, seen_at AS seenAt, level, since FROM alert WHERE rule = ? AND subject = ? AND ended_at IS NULL',
    );
    this.insert = db.prepare(
      `INSERT INTO alert (rule, subject, severity, level, summary, next, page, since, seen_at, last_at, until)
       VALUES (@rule, @subject, @severity, @level, @summary, @next, @page, @since, @now, @now, @until)`,
    );
    this.update = db.prepare(
      `UPDATE alert SET severity = @severity, level = @level, summary = @summary, next = @next, page = @page,
       since = min(since, @since), last_at = @now, until = @until WHERE no = @no`,
    );
    this.raise = db.prepare('UPDATE alert SET raised_at = ? WHERE no = ? AND raised_at IS NULL');
    this.end = db.prepare(
      `UPDATE alert SET ended_at = @now
       WHERE ended_at IS NULL AND raised_at IS NOT NULL AND last_at <= @now - ${OVER_AFTER_MS} AND coalesce(until, 0) <= @now`,
    );
    this.dropUnraised = db.prepare(
      'DELETE FROM alert WHERE ended_at IS NULL AND raised_at IS NULL AND last_at < @now AND coalesce(until, 0) <= @now',
    );
    this.forget = [
      db.prepare('DELETE FROM alert WHERE ended_at < ?'),
      db.prepare('DELETE FROM alert_told WHERE alert NOT IN (SELECT no FROM alert)'),
    ];
    this.untold = db.prepare(
      `SELECT ${COLUMNS} FROM alert JOIN alert_told ON alert = no
       WHERE sink = ? AND ended = 0 AND ended_at IS NOT NULL ORDER BY ended_at, no`,
    );
    this.toldOf = db.prepare('SELECT level, at, ended FROM alert_told WHERE alert = ? AND sink = ?');
    this.tell = db.prepare('INSERT OR REPLACE INTO alert_told VALUES (?, ?, ?, ?, ?)');
  }

  /**
   * What is wrong now, and with it what is over.
   * @param after how long a condition of the rule must hold before it is an alert, milliseconds
   */
  note(conditions: readonly Condition[], now: number, after: (rule: AlertRule) => number): void {
    this.store.transaction(() => {
      for (const condition of conditions) {
        const known = this.open.get(condition.rule, condition.subject) as { no: number; seenAt: number } | undefined;
        const no = known?.no ?? Number(this.insert.run({ ...condition, now }).lastInsertRowid);
        if (known) this.update.run({ ...condition, no, now });
        if (now - Math.min(condition.since, known?.seenAt ?? now) >= after(condition.rule)) this.raise.run(now, no);
      }
      this.dropUnraised.run({ now });
      this.end.run({ now });
      for (const statement of this.forget) statement.run(...(statement === this.forget[0] ? [now - KEPT_MS] : []));
    });
  }

  /** Raised and not ended, the worst first. */
  raised(): Alert[] {
    return this.select("raised_at IS NOT NULL AND ended_at IS NULL ORDER BY severity = 'critical' DESC, since, no");
  }

  /** Newest first. */
  ended(limit: number): Alert[] {
    return this.select(`ended_at IS NOT NULL ORDER BY ended_at DESC, no DESC LIMIT ${limit}`);
  }

  /** Ended, and the sink knows only that they were raised. */
  endUntold(sink: string): Alert[] {
    return this.untold.all(sink) as Alert[];
  }

  told(alert: number, sink: string): Told | null {
    const row = this.toldOf.get(alert, sink) as { level: number; at: number; ended: number } | undefined;
    return row === undefined ? null : { ...row, ended: row.ended === 1 };
  }

  /** A sink has accepted it. */
  wasTold(alert: Alert, sink: string, now: number): void {
    this.store.transaction(() => {
      this.tell.run(alert.no, sink, alert.level, now, alert.endedAt === null ? 0 : 1);
    });
  }

  private select(rest: string): Alert[] {
    return this.store.db.prepare(`SELECT ${COLUMNS} FROM alert WHERE ${rest}`).all() as Alert[];
  }
}
