/** Backfills and how far they got, in the state file: progress commits with the events, so a kill costs at most one chunk read. */
import type { Schema, Store } from '../store/store';
import type { SqlValue } from '../transport/transport';
import type { BackfillRequest } from './options';

export const BACKFILL_SCHEMA: Schema = {
  name: 'backfill',
  steps: [
    `CREATE TABLE backfill_job (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       tbl TEXT NOT NULL,
       request TEXT NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
       after TEXT,
       total INTEGER,
       rows_read INTEGER NOT NULL DEFAULT 0,
       rows_sent INTEGER NOT NULL DEFAULT 0,
       message TEXT,
       created_at INTEGER NOT NULL,
       changed_at INTEGER NOT NULL
     );
     CREATE INDEX backfill_job_state ON backfill_job (state);`,
  ],
};

export type BackfillState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** What identifies a backfill; the catalog part of the request is resolved when it runs. */
export interface BackfillWish {
  /** `LIB/TABLE` as in the config. */
  readonly table: string;
  readonly range: BackfillRequest['range'];
  readonly where: string | null;
  readonly chunkRows: number;
  readonly rowsPerSecond: number | null;
}

export interface BackfillJob {
  readonly id: number;
  readonly wish: BackfillWish;
  readonly state: BackfillState;
  /** Key values or record number of the last row dealt with. */
  readonly after: readonly SqlValue[] | null;
  readonly total: number | null;
  readonly rowsRead: number;
  /** Fewer than read where the stream had newer news of a row. */
  readonly rowsSent: number;
  readonly message: string | null;
  readonly createdAt: number;
}

interface Row {
  readonly id: number;
  readonly request: string;
  readonly state: BackfillState;
  readonly after: string | null;
  readonly total: number | null;
  readonly rows_read: number;
  readonly rows_sent: number;
  readonly message: string | null;
  readonly created_at: number;
}

export class BackfillJobs {
  constructor(private readonly store: Store) {}

  add(wish: BackfillWish, now: number): BackfillJob {
    const { lastInsertRowid } = this.store.db
      .prepare("INSERT INTO backfill_job (tbl, request, state, created_at, changed_at) VALUES (?, ?, 'waiting', ?, ?)")
      .run(wish.table, JSON.stringify(wish), now, now);
    return this.get(Number(lastInsertRowid))!;
  }

  get(id: number): BackfillJob | null {
    const row = this.store.db.prepare('SELECT * FROM backfill_job WHERE id = ?').get(id);
    return row ? jobOf(row as Row) : null;
  }

  /** Oldest first. */
  list(states: readonly BackfillState[]): BackfillJob[] {
    const rows = this.store.db
      .prepare(`SELECT * FROM backfill_job WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY id`)
      .all(...states) as Row[];
    return rows.map(jobOf);
  }

  /** The unfinished job of the very same wish, for `--resume`. */
  unfinished(wish: BackfillWish): BackfillJob | null {
    const same = JSON.stringify([wish.table, wish.range, wish.where]);
    const open = this.list(['waiting', 'running', 'failed']);
    return open.findLast((j) => JSON.stringify([j.wish.table, j.wish.range, j.wish.where]) === same) ?? null;
  }

  setState(id: number, state: BackfillState, now: number, message: string | null = null): void {
    this.store.db
      .prepare('UPDATE backfill_job SET state = ?, message = ?, changed_at = ? WHERE id = ?')
      .run(state, message, now, id);
  }

  setTotal(id: number, total: number): void {
    this.store.db.prepare('UPDATE backfill_job SET total = ? WHERE id = ?').run(total, id);
  }

  /** Call in the transaction that writes the chunk's events. */
  progress(id: number, after: readonly SqlValue[], read: number, sent: number, now: number): void {
    this.store.db
      .prepare(
        'UPDATE backfill_job SET after = ?, rows_read = rows_read + ?, rows_sent = rows_sent + ?, changed_at = ? WHERE id = ?',
      )
      .run(valuesText(after), read, sent, now, id);
  }
}

function jobOf(row: Row): BackfillJob {
  return {
    id: row.id,
    wish: JSON.parse(row.request) as BackfillWish,
    state: row.state,
    after: row.after === null ? null : valuesOf(row.after),
    total: row.total,
    rowsRead: row.rows_read,
    rowsSent: row.rows_sent,
    message: row.message,
    createdAt: row.created_at,
  };
}

function valuesText(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map((v) => (v instanceof Uint8Array ? { b: Buffer.from(v).toString('base64') } : v)));
}

function valuesOf(text: string): SqlValue[] {
  return (JSON.parse(text) as unknown[]).map((v) =>
    v !== null && typeof v === 'object' && 'b' in v ? Buffer.from(String(v.b), 'base64') : (v as SqlValue),
  );
}
