/** Backfills and how far they got, in the state file: progress commits with the events, so a kill costs at most one chunk read. */
import { newOccasion } from '../model/occasion';
import type { RowFates } from '../model/rows/row-fates';
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
    // what a run of an earlier version has not sent yet goes out under a run of its own
    `ALTER TABLE backfill_job ADD COLUMN run TEXT NOT NULL DEFAULT '';
     UPDATE backfill_job SET run = lower(hex(randomblob(12)));
     ALTER TABLE backfill_job ADD COLUMN rows_newer INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN rows_filtered INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN rows_quarantined INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN published INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN by_number INTEGER NOT NULL DEFAULT 0;
     UPDATE backfill_job SET rows_newer = rows_read - rows_sent, published = rows_sent;`,
    // generation of what is remembered when the run began; 0 before
    `ALTER TABLE backfill_job ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE backfill_job ADD COLUMN rows_gone INTEGER NOT NULL DEFAULT 0;`,
    `ALTER TABLE backfill_job ADD COLUMN begun_at INTEGER;
     UPDATE backfill_job SET begun_at = created_at WHERE rows_read > 0;`,
  ],
};

type BackfillState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

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
  /** Names the run in the ids of its events: resumed it stays the same, another job has another. */
  readonly run: string;
  readonly wish: BackfillWish;
  readonly state: BackfillState;
  /** Key values or record number of the last row dealt with. */
  readonly after: readonly SqlValue[] | null;
  /** Chunked by record number although the table has a key: see {@link BackfillJobs.restartByNumber}. */
  readonly byNumber: boolean;
  readonly total: number | null;
  readonly rowsRead: number;
  /** Rows reported by an event. The others: */
  readonly rowsSent: number;
  /** the stream had newer news of the row, */
  readonly rowsNewer: number;
  /** no rule wanted it, */
  readonly rowsFiltered: number;
  /** or it cannot be published as it is. */
  readonly rowsQuarantined: number;
  /** Rows the table has no more though the receivers do: reported as deletions, where the rule reports them. */
  readonly rowsGone: number;
  /** Keys remembered with a lower number were neither reported nor met since the run began; 0 while it has not. */
  readonly generation: number;
  /** The key of a row could not be read: what was not met cannot be said. */
  readonly unsure: boolean;
  /** Events queued: more than rows where several rules report a row, fewer where one event stands for several. */
  readonly published: number;
  /** Events not queued because they were before: see `RowFates.known`. */
  readonly known: number;
  readonly message: string | null;
  readonly createdAt: number;
  /** When its first row was about to be read: what was seen of the table from then on is in it. Null before. */
  readonly begunAt: number | null;
}

interface Row {
  readonly id: number;
  readonly run: string;
  readonly request: string;
  readonly state: BackfillState;
  readonly after: string | null;
  readonly by_number: number;
  readonly total: number | null;
  readonly rows_read: number;
  readonly rows_sent: number;
  readonly rows_newer: number;
  readonly rows_filtered: number;
  readonly rows_quarantined: number;
  readonly published: number;
  readonly known: number;
  readonly message: string | null;
  readonly created_at: number;
  readonly begun_at: number | null;
  readonly generation: number;
  readonly unsure: number;
  readonly rows_gone: number;
}

export class BackfillJobs {
  constructor(private readonly store: Store) {}

  add(wish: BackfillWish, now: number): BackfillJob {
    const { lastInsertRowid } = this.store.db
      .prepare(
        "INSERT INTO backfill_job (tbl, request, state, run, created_at, changed_at) VALUES (?, ?, 'waiting', ?, ?, ?)",
      )
      .run(wish.table, JSON.stringify(wish), newOccasion(), now, now);
    return this.get(Number(lastInsertRowid))!;
  }

  /** Gives up what is not done of a table: waiting, failed, or running, which then ends after its chunk. @returns how many */
  cancel(table: string, now: number): number {
    return this.store.db
      .prepare(
        "UPDATE backfill_job SET state = 'cancelled', changed_at = ? WHERE tbl = ? AND state IN ('waiting', 'running', 'failed')",
      )
      .run(now, table).changes;
  }

  /** Gives up one that is not done. @returns false when it is done or given up already */
  cancelOne(id: number, now: number): boolean {
    return (
      this.store.db
        .prepare(
          "UPDATE backfill_job SET state = 'cancelled', changed_at = ? WHERE id = ? AND state IN ('waiting', 'running', 'failed')",
        )
        .run(now, id).changes > 0
    );
  }

  /** The rows of a failed job were read by a later one of the same wish: it is no finding any more. */
  private settle({ id, wish }: BackfillJob, now: number): void {
    for (const failed of this.list(['failed']))
      if (failed.id < id && sameRows(failed.wish, wish)) this.setState(failed.id, 'cancelled', now);
  }

  /** The last chunk is written. Does nothing to a job that was cancelled meanwhile. */
  finish(id: number, now: number): void {
    const job = this.get(id);
    if (job?.state !== 'running') return;
    this.store.transaction(() => {
      this.setState(id, 'done', now);
      this.settle(job, now);
    });
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
    return this.list(['waiting', 'running', 'failed']).findLast((j) => sameRows(j.wish, wish)) ?? null;
  }

  setState(id: number, state: BackfillState, now: number, message: string | null = null): void {
    this.store.db
      .prepare('UPDATE backfill_job SET state = ?, message = ?, changed_at = ? WHERE id = ?')
      .run(state, message, now, id);
  }

  setTotal(id: number, total: number): void {
    this.store.db.prepare('UPDATE backfill_job SET total = ? WHERE id = ?').run(total, id);
  }

  /** The run begins, with this generation of what is remembered; 0 where nothing is. */
  begin(id: number, generation: number, now: number): void {
    this.store.db.prepare('UPDATE backfill_job SET generation = ?, begun_at = ? WHERE id = ?').run(generation, now, id);
  }

  setUnsure(id: number): void {
    this.store.db.prepare('UPDATE backfill_job SET unsure = 1 WHERE id = ?').run(id);
  }

  /** Call in the transaction that writes the events. */
  noteGone(id: number, rows: number, published: number): void {
    this.store.db
      .prepare('UPDATE backfill_job SET rows_gone = rows_gone + ?, published = published + ? WHERE id = ?')
      .run(rows, published, id);
  }

  /** Begins again in the order of record numbers. Rows sent already meet their own ids: the run is the same. */
  restartByNumber(id: number, now: number): void {
    this.store.db
      .prepare('UPDATE backfill_job SET by_number = 1, after = NULL, changed_at = ? WHERE id = ?')
      .run(now, id);
  }

  /** Call in the transaction that writes the chunk's events. */
  progress(id: number, after: readonly SqlValue[], chunk: ChunkFates, now: number): void {
    this.store.db
      .prepare(
        `UPDATE backfill_job SET after = @after, changed_at = @now, rows_read = rows_read + @read,
           rows_sent = rows_sent + @rowsSent, rows_newer = rows_newer + @newer,
           rows_filtered = rows_filtered + @filtered, rows_quarantined = rows_quarantined + @quarantined,
           published = published + @published, known = known + @known WHERE id = @id`,
      )
      .run({ id, after: valuesText(after), now, ...chunk });
  }
}

/** What became of the rows of one chunk. */
interface ChunkFates extends RowFates {
  readonly read: number;
  readonly newer: number;
}

function sameRows(a: BackfillWish, b: BackfillWish): boolean {
  return JSON.stringify([a.table, a.range, a.where]) === JSON.stringify([b.table, b.range, b.where]);
}

function jobOf(row: Row): BackfillJob {
  return {
    id: row.id,
    run: row.run,
    wish: JSON.parse(row.request) as BackfillWish,
    state: row.state,
    after: row.after === null ? null : valuesOf(row.after),
    byNumber: row.by_number === 1,
    total: row.total,
    rowsRead: row.rows_read,
    rowsSent: row.rows_sent,
    rowsNewer: row.rows_newer,
    rowsFiltered: row.rows_filtered,
    rowsQuarantined: row.rows_quarantined,
    published: row.published,
    rowsGone: row.rows_gone,
    generation: row.generation,
    unsure: row.unsure === 1,
    known: row.known,
    message: row.message,
    createdAt: row.created_at,
    begunAt: row.begun_at,
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
