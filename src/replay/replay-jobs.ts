/** Replays out of the journal and how far they got, in the state file: progress commits with what was queued. */
import type Database from 'better-sqlite3';
import { formatPosition, type Position, parseName } from '../model/position';
import type { Schema, Store } from '../store/store';
import { type JournalReplayWish, NO_FIGURES, type ReplayFigures, type ReplayPlace, type ReplayScope } from './options';

export const REPLAY_SCHEMA: Schema = {
  name: 'journal_replay',
  steps: [
    `CREATE TABLE replay_job (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       journal TEXT NOT NULL,
       request TEXT NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
       scope TEXT,
       place TEXT,
       figures TEXT NOT NULL,
       message TEXT,
       created_at INTEGER NOT NULL,
       changed_at INTEGER NOT NULL
     );
     CREATE INDEX replay_job_state ON replay_job (state);
     CREATE TABLE replay_held (no INTEGER PRIMARY KEY, sealed INTEGER NOT NULL, content BLOB NOT NULL);`,
  ],
};

type ReplayState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

export interface ReplayJob {
  readonly id: number;
  readonly wish: JournalReplayWish;
  readonly state: ReplayState;
  /** Found out when it began: a run that goes on keeps to it. Null before. */
  readonly scope: ReplayScope | null;
  readonly place: ReplayPlace;
  readonly figures: ReplayFigures;
  readonly message: string | null;
  readonly createdAt: number;
}

interface Row {
  readonly id: number;
  readonly request: string;
  readonly state: ReplayState;
  readonly scope: string | null;
  readonly place: string | null;
  readonly figures: string;
  readonly message: string | null;
  readonly created_at: number;
}

export class ReplayJobs {
  /** By the states asked for: a daemon asks every second. */
  private readonly lists = new Map<string, Database.Statement>();

  constructor(private readonly store: Store) {}

  add(wish: JournalReplayWish, now: number): ReplayJob {
    const { lastInsertRowid } = this.store.db
      .prepare(
        "INSERT INTO replay_job (journal, request, state, figures, created_at, changed_at) VALUES (?, ?, 'waiting', ?, ?, ?)",
      )
      .run(wish.journal, JSON.stringify(wish), JSON.stringify(NO_FIGURES), now, now);
    return this.get(Number(lastInsertRowid))!;
  }

  get(id: number): ReplayJob | null {
    const row = this.store.db.prepare('SELECT * FROM replay_job WHERE id = ?').get(id);
    return row ? jobOf(row as Row) : null;
  }

  /** Oldest first. */
  list(states: readonly ReplayState[]): ReplayJob[] {
    const places = states.map(() => '?').join(', ');
    let select = this.lists.get(places);
    if (!select) {
      select = this.store.db.prepare(`SELECT * FROM replay_job WHERE state IN (${places}) ORDER BY id`);
      this.lists.set(places, select);
    }
    return (select.all(...states) as Row[]).map(jobOf);
  }

  /** The unfinished job of the very same wish: the same command goes on with it. */
  unfinished(wish: JournalReplayWish): ReplayJob | null {
    const text = JSON.stringify(wish);
    return this.list(['waiting', 'running', 'failed']).findLast((j) => JSON.stringify(j.wish) === text) ?? null;
  }

  setState(id: number, state: ReplayState, now: number, message: string | null = null): void {
    this.store.db
      .prepare('UPDATE replay_job SET state = ?, message = ?, changed_at = ? WHERE id = ?')
      .run(state, message, now, id);
  }

  /** Gives up what is not done; a running one ends after its unit. @returns how many */
  cancel(now: number): number {
    return this.store.db
      .prepare(
        "UPDATE replay_job SET state = 'cancelled', changed_at = ? WHERE state IN ('waiting', 'running', 'failed')",
      )
      .run(now).changes;
  }

  /** The run begins: what an unfinished one held is forgotten, and that one will begin anew. */
  begin(id: number, scope: ReplayScope, now: number): void {
    this.store.transaction(() => {
      this.store.db.prepare('DELETE FROM replay_held').run();
      this.store.db
        .prepare("UPDATE replay_job SET place = NULL, figures = ? WHERE id <> ? AND state IN ('running', 'failed')")
        .run(JSON.stringify(NO_FIGURES), id);
      this.store.db
        .prepare("UPDATE replay_job SET state = 'running', scope = ?, changed_at = ? WHERE id = ?")
        .run(JSON.stringify(scope, withPositions), now, id);
    });
  }

  /** Call in the transaction that queues the events. */
  progress(id: number, place: ReplayPlace, figures: ReplayFigures, now: number): void {
    this.store.db
      .prepare('UPDATE replay_job SET place = ?, figures = ?, changed_at = ? WHERE id = ?')
      .run(JSON.stringify(place, withPositions), JSON.stringify(figures), now, id);
  }
}

function jobOf(row: Row): ReplayJob {
  return {
    id: row.id,
    wish: JSON.parse(row.request) as JournalReplayWish,
    state: row.state,
    scope: row.scope === null ? null : (JSON.parse(row.scope, asPositions) as ReplayScope),
    place: row.place === null ? { stretch: 0, checkpoint: null } : (JSON.parse(row.place, asPositions) as ReplayPlace),
    figures: JSON.parse(row.figures) as ReplayFigures,
    message: row.message,
    createdAt: row.created_at,
  };
}

/** Positions as `{"at":"LIB/RECEIVER:1"}`, other numbers of a journal as `{"n":"1"}`. */
function withPositions(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { n: value.toString() };
  return isPosition(value) ? { at: formatPosition(value) } : value;
}

function isPosition(value: unknown): value is Position {
  return typeof value === 'object' && value !== null && 'receiver' in value && 'sequence' in value;
}

function asPositions(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('n' in value) return BigInt(String(value.n));
  if (!('at' in value) || typeof value.at !== 'string') return value;
  const cut = value.at.lastIndexOf(':');
  return { receiver: parseName(value.at.slice(0, cut))!, sequence: BigInt(value.at.slice(cut + 1)) };
}
