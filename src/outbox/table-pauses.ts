/**
 * Tables whose events wait for an operator's word, and those events: written down in the transaction that would have
 * queued them, in order, and queued when the table is resumed. Reading goes on meanwhile, and other tables are not held.
 */
import type Database from 'better-sqlite3';
import type { EventDraft } from '../model/event';
import type { Schema, Store } from '../store/store';

export const TABLE_PAUSE_SCHEMA: Schema = {
  name: 'table_pause',
  steps: [
    `CREATE TABLE table_pause (
       tbl TEXT PRIMARY KEY,
       reason TEXT NOT NULL,
       paused_at INTEGER NOT NULL,
       word TEXT NOT NULL DEFAULT 'wait' CHECK (word IN ('wait', 'resume', 'drop'))
     ) WITHOUT ROWID;
     CREATE TABLE held_draft (no INTEGER PRIMARY KEY AUTOINCREMENT, tbl TEXT NOT NULL, draft TEXT NOT NULL, body BLOB NOT NULL);
     CREATE INDEX held_draft_table ON held_draft (tbl, no);`,
  ],
};

export interface PausedTable {
  /** `LIB/FILE`. */
  readonly table: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly pausedAt: number;
  readonly word: 'wait' | 'resume' | 'drop';
  /** Events that wait. */
  readonly held: number;
}

type HeldPosition = Pick<EventDraft, 'journal'> & {
  readonly receiver: NonNullable<EventDraft['position']>['receiver'] | null;
  readonly sequence: string | null;
};

export class TablePauses {
  private paused: ReadonlySet<string> = new Set();
  private readonly tables: Database.Statement;
  private readonly insert: Database.Statement;

  constructor(private readonly store: Store) {
    this.tables = store.db.prepare('SELECT tbl FROM table_pause').pluck();
    this.insert = store.db.prepare('INSERT INTO held_draft (tbl, draft, body) VALUES (?, ?, ?)');
    this.reload();
  }

  /** At the start of each transaction: another process may have resumed a table, or the last transaction was undone. */
  reload(): void {
    this.paused = new Set(this.tables.all() as string[]);
  }

  get any(): boolean {
    return this.paused.size > 0;
  }

  pause(table: string, reason: string, now: number): void {
    this.store.db
      .prepare('INSERT OR IGNORE INTO table_pause (tbl, reason, paused_at) VALUES (?, ?, ?)')
      .run(table, reason, now);
    this.reload();
  }

  /** Lets drafts through, or holds them where their table is paused. */
  *through(drafts: Iterable<EventDraft>): Iterable<EventDraft> {
    for (const draft of drafts) {
      if (this.paused.size > 0 && this.paused.has(draft.table)) this.hold(draft);
      else yield draft;
    }
  }

  private hold(draft: EventDraft): void {
    const { body, position, ...rest } = draft;
    const held: HeldPosition & typeof rest = {
      ...rest,
      receiver: position?.receiver ?? null,
      sequence: position ? position.sequence.toString() : null,
    };
    this.insert.run(draft.table, JSON.stringify(held), body);
  }

  list(): PausedTable[] {
    return this.store.db
      .prepare(
        `SELECT tbl AS "table", reason, paused_at AS pausedAt, word,
           (SELECT count(*) FROM held_draft h WHERE h.tbl = p.tbl) AS held FROM table_pause p ORDER BY tbl`,
      )
      .all() as PausedTable[];
  }

  /** The operator's word. @returns false when the table is not paused */
  decide(table: string, word: 'resume' | 'drop'): boolean {
    return this.store.db.prepare('UPDATE table_pause SET word = ? WHERE tbl = ?').run(word, table).changes > 0;
  }

  /** The next page of a decided table's held events, removed; empty and the pause lifted once there are none. Inside a transaction. */
  release(table: string, limit: number): EventDraft[] {
    const rows = this.store.db
      .prepare('SELECT no, draft, body FROM held_draft WHERE tbl = ? ORDER BY no LIMIT ?')
      .all(table, limit) as { no: number; draft: string; body: Buffer }[];
    const last = rows.at(-1);
    if (last) this.store.db.prepare('DELETE FROM held_draft WHERE tbl = ? AND no <= ?').run(table, last.no);
    else {
      this.store.db.prepare('DELETE FROM table_pause WHERE tbl = ?').run(table);
      this.reload();
    }
    return rows.map((row) => draftOf(row.draft, row.body));
  }
}

function draftOf(text: string, body: Buffer): EventDraft {
  const { receiver, sequence, ...rest } = JSON.parse(text) as HeldPosition & Omit<EventDraft, 'body' | 'position'>;
  const position = receiver && sequence !== null ? { receiver, sequence: BigInt(sequence) } : null;
  return { ...rest, body, position };
}
