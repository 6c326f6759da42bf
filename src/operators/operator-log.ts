/**
 * The operators' log: who did what, when, to what, and what came of it. A line is written as the action begins and ended once;
 * triggers of the file keep it from being changed or removed, whoever tries.
 */
import type Database from 'better-sqlite3';
import type { Schema, Store } from '../store/store';

export const OPERATOR_LOG_SCHEMA: Schema = {
  name: 'operator_log',
  steps: [
    `CREATE TABLE operator_log (
       no INTEGER PRIMARY KEY AUTOINCREMENT,
       at INTEGER NOT NULL,
       who TEXT NOT NULL,
       via TEXT NOT NULL,
       origin TEXT,
       what TEXT NOT NULL,
       scope TEXT NOT NULL,
       result TEXT,
       facts TEXT,
       ended_at INTEGER
     );
     CREATE TRIGGER operator_log_kept BEFORE DELETE ON operator_log
     BEGIN SELECT RAISE(ABORT, 'the operators'' log is append-only'); END;
     CREATE TRIGGER operator_log_ended_once BEFORE UPDATE ON operator_log
     WHEN OLD.result IS NOT NULL OR NEW.no IS NOT OLD.no OR NEW.at IS NOT OLD.at OR NEW.who IS NOT OLD.who
       OR NEW.via IS NOT OLD.via OR NEW.origin IS NOT OLD.origin OR NEW.what IS NOT OLD.what OR NEW.scope IS NOT OLD.scope
     BEGIN SELECT RAISE(ABORT, 'the operators'' log is append-only'); END;`,
  ],
};

/** Who acts: an OS user on the command line, the name of a token elsewhere. */
export interface Actor {
  readonly who: string;
  readonly via: 'cli' | 'api' | 'console';
  /** Address the request came from; null on the command line. */
  readonly from: string | null;
}

/** JSON values: names, filters, counts. Never a secret, never a row value that was not typed by the operator. */
export type Facts = Readonly<Record<string, unknown>>;

/** One line, as `audit-log` and `/v1/audit-log` show it. Times are ISO 8601, UTC. */
export interface LoggedAction {
  readonly no: number;
  readonly when: string;
  readonly who: string;
  readonly via: string;
  readonly from: string | null;
  /** `dead-letters.retry`, `table.pause`, `payload.view`... */
  readonly what: string;
  readonly scope: Facts;
  /** `begun` where it has not ended yet, or the process ended first. */
  readonly result: 'done' | 'refused' | 'failed' | 'begun';
  /** Counts of what was done, or `code` of the error. */
  readonly facts: Facts;
  readonly endedAt: string | null;
}

export interface LogFilter {
  readonly who?: string | undefined;
  /** An action, or the part before its dot. */
  readonly what?: string | undefined;
  /** Epoch milliseconds, inclusive. */
  readonly since?: number | undefined;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number | undefined;
}

interface Row {
  readonly no: number;
  readonly at: number;
  readonly who: string;
  readonly via: string;
  readonly origin: string | null;
  readonly what: string;
  readonly scope: string;
  readonly result: LoggedAction['result'] | null;
  readonly facts: string | null;
  readonly ended_at: number | null;
}

export class OperatorLog {
  private readonly insert: Database.Statement;
  private readonly update: Database.Statement;

  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {
    const { db } = store;
    this.insert = db.prepare('INSERT INTO operator_log (at, who, via, origin, what, scope) VALUES (?, ?, ?, ?, ?, ?)');
    this.update = db.prepare('UPDATE operator_log SET result = ?, facts = ?, ended_at = ? WHERE no = ?');
  }

  /** @returns the number to {@link end} it by */
  begin({ who, via, from }: Actor, what: string, scope: Facts): number {
    return this.store.transaction(() =>
      Number(this.insert.run(this.now(), who, via, from, what, JSON.stringify(scope)).lastInsertRowid),
    );
  }

  /** One that has ended already: a look, of which nothing is left undone. */
  note(actor: Actor, what: string, scope: Facts): void {
    this.store.transaction(() => this.end(this.begin(actor, what, scope), 'done', {}));
  }

  end(no: number, result: 'done' | 'refused' | 'failed', facts: Facts): void {
    this.store.transaction(() => this.update.run(result, JSON.stringify(facts), this.now(), no));
  }

  /** Oldest first after line `from`, or newest first before it. */
  list(filter: LogFilter, order: 'oldest' | 'newest', from: number | null, limit: number): LoggedAction[] {
    const { sql, params } = conditions(filter);
    const newest = order === 'newest';
    const start = from ?? (newest ? Number.MAX_SAFE_INTEGER : 0);
    const rows = this.store.db
      .prepare(
        `SELECT * FROM operator_log WHERE no ${newest ? '<' : '>'} ? ${sql} ORDER BY no ${newest ? 'DESC' : ''} LIMIT ?`,
      )
      .all(start, ...params, limit) as Row[];
    return rows.map(actionOf);
  }
}

function conditions({ who, what, since, until }: LogFilter): { sql: string; params: (string | number)[] } {
  const sql: string[] = [];
  const params: (string | number)[] = [];
  const add = (text: string, ...values: (string | number)[]): void => {
    sql.push(`AND ${text}`);
    params.push(...values);
  };
  if (who !== undefined) add('who = ?', who);
  if (what !== undefined) add("(what = ? OR substr(what, 1, length(?) + 1) = ? || '.')", what, what, what);
  if (since !== undefined) add('at >= ?', since);
  if (until !== undefined) add('at < ?', until);
  return { sql: sql.join(' '), params };
}

function actionOf(row: Row): LoggedAction {
  return {
    no: row.no,
    when: new Date(row.at).toISOString(),
    who: row.who,
    via: row.via,
    from: row.origin,
    what: row.what,
    scope: JSON.parse(row.scope) as Facts,
    result: row.result ?? 'begun',
    facts: row.facts === null ? {} : (JSON.parse(row.facts) as Facts),
    endedAt: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
  };
}
