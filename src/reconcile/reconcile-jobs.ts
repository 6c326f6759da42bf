/** Reconciliations and how far they got, in the state file: progress commits with the events of a repair. */
import { newOccasion } from '../model/occasion';
import type { Schema, Store } from '../store/store';
import type { SqlValue } from '../transport/transport';
import { added, type Difference, type Figures, NO_FIGURES, type ReconcileWish } from './options';

export const RECONCILE_SCHEMA: Schema = {
  name: 'reconcile',
  steps: [
    `CREATE TABLE reconcile_job (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       run TEXT NOT NULL,
       tbl TEXT NOT NULL,
       request TEXT NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
       by_number INTEGER NOT NULL DEFAULT 0,
       after TEXT,
       met INTEGER NOT NULL DEFAULT 0,
       read INTEGER NOT NULL DEFAULT 0,
       swept TEXT,
       generation INTEGER NOT NULL DEFAULT 0,
       total INTEGER,
       figures TEXT NOT NULL,
       notes TEXT NOT NULL DEFAULT '[]',
       as_of TEXT,
       message TEXT,
       created_at INTEGER NOT NULL,
       begun_at INTEGER,
       changed_at INTEGER NOT NULL
     );
     CREATE INDEX reconcile_job_state ON reconcile_job (state);
     CREATE INDEX reconcile_job_tbl ON reconcile_job (tbl, id);
     CREATE TABLE reconcile_difference (
       job INTEGER NOT NULL, no INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (job, no)
     ) WITHOUT ROWID;`,
  ],
};

type ReconcileState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

interface AsOf {
  /** `LIB/NAME`. */
  readonly receiver: string;
  readonly sequence: string;
}

/** Where the comparison of keys the table no longer has stands. */
export interface Swept {
  /** Of the keys met: see `MetKeys.passes`. */
  readonly pass: number;
  readonly rule: number;
  /** Hex of the last key looked at. */
  readonly after: string | null;
}

export interface ReconcileJob {
  readonly id: number;
  /** Names the run in the ids of its events. */
  readonly run: string;
  readonly wish: ReconcileWish;
  readonly state: ReconcileState;
  readonly byNumber: boolean;
  /** Key values or record number of the last row dealt with. */
  readonly after: readonly SqlValue[] | null;
  /** Keys noted as met so far. */
  readonly met: number;
  /** Every row has been read; what is left are keys. */
  readonly read: boolean;
  readonly swept: Swept | null;
  /** Of what is remembered, when the run began. */
  readonly generation: number;
  readonly total: number | null;
  readonly figures: Figures;
  /** What could not be judged, in words. */
  readonly notes: readonly string[];
  readonly asOf: AsOf | null;
  readonly message: string | null;
  readonly createdAt: number;
  readonly begunAt: number | null;
  readonly changedAt: number;
}

interface Row {
  readonly id: number;
  readonly run: string;
  readonly request: string;
  readonly state: ReconcileState;
  readonly by_number: number;
  readonly after: string | null;
  readonly met: number;
  readonly read: number;
  readonly swept: string | null;
  readonly generation: number;
  readonly total: number | null;
  readonly figures: string;
  readonly notes: string;
  readonly as_of: string | null;
  readonly message: string | null;
  readonly created_at: number;
  readonly begun_at: number | null;
  readonly changed_at: number;
}

/** A run older than this is not gone on with: half of what it found would be news of another day. */
const STALE_MS = 24 * 3_600_000;

export class ReconcileJobs {
  constructor(private readonly store: Store) {}

  add(wish: ReconcileWish, now: number): ReconcileJob {
    const { lastInsertRowid } = this.store.db
      .prepare(
        "INSERT INTO reconcile_job (run, tbl, request, state, figures, created_at, changed_at) VALUES (?, ?, ?, 'waiting', ?, ?, ?)",
      )
      .run(newOccasion(), wish.table, JSON.stringify(wish), JSON.stringify(NO_FIGURES), now, now);
    return this.get(Number(lastInsertRowid))!;
  }

  get(id: number): ReconcileJob | null {
    const row = this.store.db.prepare('SELECT * FROM reconcile_job WHERE id = ?').get(id);
    return row ? jobOf(row as Row) : null;
  }

  /** Oldest first. */
  list(states: readonly ReconcileState[]): ReconcileJob[] {
    const rows = this.store.db
      .prepare(`SELECT * FROM reconcile_job WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY id`)
      .all(...states) as Row[];
    return rows.map(jobOf);
  }

  /** The last one of each table that ended, or failed. */
  latest(): ReconcileJob[] {
    const rows = this.store.db
      .prepare(
        "SELECT * FROM reconcile_job WHERE id IN (SELECT max(id) FROM reconcile_job WHERE state IN ('done', 'failed') GROUP BY tbl) ORDER BY tbl",
      )
      .all() as Row[];
    return rows.map(jobOf);
  }

  /** A killed run of the very same wish. */
  unfinished(wish: ReconcileWish, now: number): ReconcileJob | null {
    const same = (j: ReconcileJob): boolean =>
      JSON.stringify(j.wish) === JSON.stringify(wish) && now - (j.begunAt ?? j.createdAt) < STALE_MS;
    return this.list(['waiting', 'running']).findLast(same) ?? null;
  }

  setState(id: number, state: ReconcileState, now: number, message: string | null = null): void {
    this.store.db
      .prepare('UPDATE reconcile_job SET state = ?, message = ?, changed_at = ? WHERE id = ?')
      .run(state, message, now, id);
  }

  setTotal(id: number, total: number): void {
    this.store.db.prepare('UPDATE reconcile_job SET total = ? WHERE id = ?').run(total, id);
  }

  begin(id: number, generation: number, notes: readonly string[], now: number): void {
    this.store.db
      .prepare(
        "UPDATE reconcile_job SET generation = ?, notes = ?, begun_at = ?, after = NULL, met = 0, read = 0, swept = NULL, figures = ?, state = 'running' WHERE id = ?",
      )
      .run(generation, JSON.stringify(notes), now, JSON.stringify(NO_FIGURES), id);
    this.store.db.prepare('DELETE FROM reconcile_difference WHERE job = ?').run(id);
  }

  /** Begins again in the order of record numbers. */
  restartByNumber(id: number): void {
    this.store.db.prepare('UPDATE reconcile_job SET by_number = 1, begun_at = NULL WHERE id = ?').run(id);
  }

  note(id: number, note: string): void {
    const notes = this.get(id)!.notes;
    if (!notes.includes(note))
      this.store.db
        .prepare('UPDATE reconcile_job SET notes = ? WHERE id = ?')
        .run(JSON.stringify([...notes, note]), id);
  }

  /** Inside the transaction that writes the events. */
  chunk(id: number, after: readonly SqlValue[], met: number, found: Partial<Figures>, now: number): void {
    this.add1(id, found, now);
    this.store.db.prepare('UPDATE reconcile_job SET after = ?, met = ? WHERE id = ?').run(valuesText(after), met, id);
  }

  /** Every row has been read. */
  wasRead(id: number): void {
    this.store.db.prepare('UPDATE reconcile_job SET read = 1 WHERE id = ?').run(id);
  }

  /** Inside the transaction that writes the events. */
  sweep(id: number, swept: Swept, found: Partial<Figures>, now: number): void {
    this.add1(id, found, now);
    this.store.db.prepare('UPDATE reconcile_job SET swept = ? WHERE id = ?').run(JSON.stringify(swept), id);
  }

  differ(id: number, differences: readonly Difference[]): void {
    const { db } = this.store;
    let no =
      (db.prepare('SELECT max(no) FROM reconcile_difference WHERE job = ?').pluck().get(id) as number | null) ?? 0;
    const insert = db.prepare('INSERT INTO reconcile_difference VALUES (?, ?, ?)');
    for (const one of differences) insert.run(id, ++no, JSON.stringify(one));
  }

  *differences(id: number): Iterable<Difference> {
    const page = this.store.db.prepare(
      'SELECT no, content FROM reconcile_difference WHERE job = ? AND no > ? ORDER BY no LIMIT 500',
    );
    for (let after = 0; ; ) {
      const rows = page.all(id, after) as { no: number; content: string }[];
      if (rows.length === 0) return;
      for (const { content } of rows) yield JSON.parse(content) as Difference;
      after = rows.at(-1)!.no;
    }
  }

  /** They were told; nobody asks again. */
  forgetDifferences(id: number): void {
    this.store.db.prepare('DELETE FROM reconcile_difference WHERE job = ?').run(id);
  }

  finish(id: number, asOf: AsOf | null, now: number): void {
    const { db } = this.store;
    db.prepare(
      "UPDATE reconcile_job SET state = 'done', as_of = ?, changed_at = ? WHERE id = ? AND state = 'running'",
    ).run(asOf && JSON.stringify(asOf), now, id);
    // the last ones of a table are enough
    const { wish } = this.get(id)!;
    db.prepare(
      "DELETE FROM reconcile_job WHERE tbl = ? AND state IN ('done', 'failed', 'cancelled') AND id NOT IN (SELECT id FROM reconcile_job WHERE tbl = ? ORDER BY id DESC LIMIT 20)",
    ).run(wish.table, wish.table);
    db.prepare('DELETE FROM reconcile_difference WHERE job NOT IN (SELECT id FROM reconcile_job)').run();
  }

  private add1(id: number, found: Partial<Figures>, now: number): void {
    const figures = added(this.get(id)!.figures, found);
    this.store.db
      .prepare('UPDATE reconcile_job SET figures = ?, changed_at = ? WHERE id = ?')
      .run(JSON.stringify(figures), now, id);
  }
}

function jobOf(row: Row): ReconcileJob {
  return {
    id: row.id,
    run: row.run,
    wish: JSON.parse(row.request) as ReconcileWish,
    state: row.state,
    byNumber: row.by_number === 1,
    after: row.after === null ? null : valuesOf(row.after),
    met: row.met,
    read: row.read === 1,
    swept: row.swept === null ? null : (JSON.parse(row.swept) as Swept),
    generation: row.generation,
    total: row.total,
    figures: JSON.parse(row.figures) as Figures,
    notes: JSON.parse(row.notes) as string[],
    asOf: row.as_of === null ? null : (JSON.parse(row.as_of) as AsOf),
    message: row.message,
    createdAt: row.created_at,
    begunAt: row.begun_at,
    changedAt: row.changed_at,
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
