/**
 * Captures and what they caught, in the state file. A capture ends by the clock, by its size, or by the operator; one that
 * nobody ended goes on over a restart until its time, which was written down when it began.
 */
import type { Schema, Store } from '../store/store';

export const DEBUG_SCHEMA: Schema = {
  name: 'debug_capture',
  steps: [
    `CREATE TABLE debug_capture (
       id INTEGER PRIMARY KEY AUTOINCREMENT,
       kind TEXT NOT NULL CHECK (kind IN ('destination', 'table')),
       name TEXT NOT NULL,
       started_at INTEGER NOT NULL,
       until INTEGER NOT NULL,
       max_bytes INTEGER NOT NULL,
       ended TEXT,
       ended_at INTEGER,
       exchanges INTEGER NOT NULL DEFAULT 0,
       bytes INTEGER NOT NULL DEFAULT 0,
       cut INTEGER NOT NULL DEFAULT 0
     );
     CREATE TABLE debug_exchange (
       capture INTEGER NOT NULL, no INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (capture, no)
     ) WITHOUT ROWID;`,
  ],
};

interface DebugWish {
  readonly kind: 'destination' | 'table';
  /** Of the destination, or `LIB/FILE` as events have it. */
  readonly name: string;
  readonly forMs: number;
  readonly maxBytes: number;
}

export interface DebugCapture {
  readonly id: number;
  readonly kind: DebugWish['kind'];
  readonly name: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly until: number;
  readonly maxBytes: number;
  /** `time`, `size`, `stopped`; null while it runs. */
  readonly ended: DebugEnd | null;
  readonly endedAt: number | null;
  readonly exchanges: number;
  readonly bytes: number;
  /** Exchanges of which a body was cut. */
  readonly cut: number;
}

type DebugEnd = 'time' | 'size' | 'stopped';

/** What is kept of a capture stays so long after its end. */
const KEPT_MS = 24 * 3_600_000;

const COLUMNS =
  'id, kind, name, started_at AS startedAt, until, max_bytes AS maxBytes, ended, ended_at AS endedAt, exchanges, bytes, cut';

export class DebugTable {
  constructor(private readonly store: Store) {}

  start({ kind, name, forMs, maxBytes }: DebugWish, now: number): DebugCapture {
    const { lastInsertRowid } = this.store.db
      .prepare('INSERT INTO debug_capture (kind, name, started_at, until, max_bytes) VALUES (?, ?, ?, ?, ?)')
      .run(kind, name, now, now + forMs, maxBytes);
    return this.get(Number(lastInsertRowid))!;
  }

  get(id: number): DebugCapture | null {
    const row = this.store.db.prepare(`SELECT ${COLUMNS} FROM debug_capture WHERE id = ?`).get(id);
    return (row as DebugCapture | undefined) ?? null;
  }

  /** Oldest first. */
  list(): DebugCapture[] {
    return this.store.db.prepare(`SELECT ${COLUMNS} FROM debug_capture ORDER BY id`).all() as DebugCapture[];
  }

  /** Those that run; ends what has had its time. A clock set back behind the start ends one, too. */
  running(now: number): DebugCapture[] {
    const open = this.store.db
      .prepare(`SELECT ${COLUMNS} FROM debug_capture WHERE ended IS NULL ORDER BY id`)
      .all() as DebugCapture[];
    return open.filter((c) => {
      const runs = now >= c.startedAt && now < c.until;
      if (!runs) this.end(c.id, 'time', now);
      return runs;
    });
  }

  /** @returns false where it had ended */
  end(id: number, why: DebugEnd, now: number): boolean {
    return (
      this.store.db
        .prepare('UPDATE debug_capture SET ended = ?, ended_at = ? WHERE id = ? AND ended IS NULL')
        .run(why, now, id).changes > 0
    );
  }

  /** Inside a transaction. @returns false once it is full: this one was not kept, and the capture has ended */
  add(id: number, content: string, cut: boolean, now: number): boolean {
    const capture = this.get(id);
    // what was caught before the operator's word, or before the time, is part of it
    if (capture === null || capture.ended === 'size') return false;
    const bytes = Buffer.byteLength(content);
    if (capture.bytes + bytes > capture.maxBytes) {
      this.end(id, 'size', now);
      return false;
    }
    const { db } = this.store;
    db.prepare('INSERT INTO debug_exchange VALUES (?, ?, ?)').run(id, capture.exchanges + 1, content);
    db.prepare('UPDATE debug_capture SET exchanges = exchanges + 1, bytes = bytes + ?, cut = cut + ? WHERE id = ?').run(
      bytes,
      cut ? 1 : 0,
      id,
    );
    return true;
  }

  /** Contents behind a number, at most `limit`. */
  exchanges(id: number, after: number, limit: number): { readonly no: number; readonly content: string }[] {
    return this.store.db
      .prepare('SELECT no, content FROM debug_exchange WHERE capture = ? AND no > ? ORDER BY no LIMIT ?')
      .all(id, after, limit) as { no: number; content: string }[];
  }

  /** Forgets what ended a day ago. */
  purge(now: number): void {
    const old = this.store.db
      .prepare('SELECT id FROM debug_capture WHERE ended IS NOT NULL AND ended_at < ?')
      .pluck()
      .all(now - KEPT_MS) as number[];
    for (const id of old) {
      this.store.db.prepare('DELETE FROM debug_exchange WHERE capture = ?').run(id);
      this.store.db.prepare('DELETE FROM debug_capture WHERE id = ?').run(id);
    }
  }
}
