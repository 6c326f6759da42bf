/**
 * Changes that could not be reported, counted in the transaction that passed them by: a change no event reports must be seen by
 * whoever asks for the status, today and after a restart. No row values.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { Schema } from '../../store/store';

export const SET_ASIDE_SCHEMA: Schema = {
  name: 'set_aside',
  steps: [
    `CREATE TABLE set_aside (
       tbl TEXT NOT NULL,
       mode TEXT NOT NULL,
       code TEXT NOT NULL,
       count INTEGER NOT NULL,
       first_at INTEGER NOT NULL,
       last_at INTEGER NOT NULL,
       last_place TEXT NOT NULL,
       PRIMARY KEY (tbl, mode, code)
     ) WITHOUT ROWID;`,
  ],
};

/** One kind of change set aside. */
interface SetAside {
  /** `LIB/FILE`. */
  readonly table: string;
  /** `stream`, `window`, `backfill`. */
  readonly mode: string;
  /** `MAP_FAILED`, `LAYOUT_IMAGE`, the code of a field error. */
  readonly code: string;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Position of the last one, `LIB/RCV:number`, or the record number of its row, `rrn 12`. */
  readonly lastPlace: string;
}

export class SetAsideTable {
  private upsert: Statement | null = null;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** Call inside the transaction that passes the change by. */
  add(table: string, mode: string, code: string, place: string): void {
    const now = this.now();
    this.upsert ??= this.db.prepare(
      `INSERT INTO set_aside (tbl, mode, code, count, first_at, last_at, last_place) VALUES (?, ?, ?, 1, ?, ?, ?)
       ON CONFLICT (tbl, mode, code) DO UPDATE SET count = count + 1, last_at = excluded.last_at, last_place = excluded.last_place`,
    );
    this.upsert.run(table, mode, code, now, now, place);
  }

  list(): SetAside[] {
    return this.db
      .prepare(
        `SELECT tbl AS "table", mode, code, count, first_at AS firstAt, last_at AS lastAt, last_place AS lastPlace
         FROM set_aside ORDER BY tbl, mode, code`,
      )
      .all() as SetAside[];
  }
}
