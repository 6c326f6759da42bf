/**
 * What a window table was last seen to hold: key and content hash of each row, and how far it was read. The hash drops
 * rows met again in the overlap, the key separates created from updated, the sweep number finds deleted ones.
 */
import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { RecordImage } from '../model/change';
import { formatName, type QualifiedName } from '../model/position';
import type { Schema, Store } from '../store/store';
import type { SqlValue } from '../transport/transport';
import { KeptRows, type RowSeal } from './kept-rows';

export const WINDOW_SCHEMA: Schema = {
  name: 'window',
  steps: [
    `CREATE TABLE window_cursor (tbl TEXT PRIMARY KEY, cursor TEXT NOT NULL, sweep INTEGER NOT NULL) WITHOUT ROWID;
     CREATE TABLE window_row (
       tbl TEXT NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL, sweep INTEGER NOT NULL,
       PRIMARY KEY (tbl, key)
     ) WITHOUT ROWID;
     CREATE INDEX window_row_sweep ON window_row (tbl, sweep);`,
    // apart from window_row: a compare touches every row of that one
    `CREATE TABLE window_format (no INTEGER PRIMARY KEY, tbl TEXT NOT NULL, format TEXT NOT NULL, UNIQUE (tbl, format));
     CREATE TABLE window_kept (tbl TEXT NOT NULL, key TEXT NOT NULL, row BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;`,
  ],
};

/** How far a table was read. */
export interface WindowMark {
  /** False until the first pass over the whole table is complete. */
  readonly known: boolean;
  /** Keyset position inside the first pass: cursor and key values; null outside it. */
  readonly at: readonly SqlValue[] | null;
  /** Cursor values beyond which rows are news to a first look of `start: now`; null outside it. */
  readonly until: readonly SqlValue[] | null;
  /** Latest moment found in a row, milliseconds of the local clock; null for sequences and empty tables. */
  readonly latest: number | null;
  /** For sequences: [milliseconds, highest value then], oldest first, as far back as the overlap reaches. */
  readonly values: readonly (readonly [number, string])[];
  /** The clock at the last pass, and the moment until which a repeated hour must be read again. */
  readonly clock: number;
  readonly zone: string;
  readonly repeatUntil: number;
}

const UNREAD: WindowMark = {
  known: false,
  at: null,
  until: null,
  latest: null,
  values: [],
  clock: 0,
  zone: '',
  repeatUntil: 0,
};

const NOT_MET = "sweep < ? AND (sweep < ? - 1 OR substr(key, 1, 1) <> '!')";

type RowNews = 'new' | 'changed' | 'same';

export class WindowState {
  private readonly table: string;
  private readonly find: Database.Statement;
  private readonly put: Database.Statement;
  private readonly touch: Database.Statement;
  private readonly drop: Database.Statement;
  private readonly findKept: Database.Statement;
  private readonly keep: Database.Statement;
  private readonly dropKept: Database.Statement;
  private readonly rows: KeptRows | null;

  /** @param keeps last known values of the rows, sealed or not; null: keys and hashes alone, whatever was kept before goes */
  constructor(
    private readonly store: Store,
    private readonly name: QualifiedName,
    keeps: { readonly seal: RowSeal | null } | null,
  ) {
    this.table = formatName(name);
    const { db } = store;
    this.find = db.prepare('SELECT hash FROM window_row WHERE tbl = ? AND key = ?').pluck();
    this.put = db.prepare(
      'INSERT INTO window_row VALUES (?, ?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET hash = excluded.hash, sweep = excluded.sweep',
    );
    this.touch = db.prepare('UPDATE window_row SET sweep = ? WHERE tbl = ? AND key = ?');
    this.drop = db.prepare('DELETE FROM window_row WHERE tbl = ? AND key = ?');
    this.findKept = db.prepare('SELECT row FROM window_kept WHERE tbl = ? AND key = ?').pluck();
    this.keep = db.prepare(
      'INSERT INTO window_kept VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET row = excluded.row',
    );
    this.dropKept = db.prepare('DELETE FROM window_kept WHERE tbl = ? AND key = ?');
    this.rows = keeps && new KeptRows(store, this.table, keeps.seal);
    if (!keeps) db.prepare('DELETE FROM window_kept WHERE tbl = ?').run(this.table);
  }

  mark(): WindowMark {
    return markOfTable(this.store, this.name) ?? UNREAD;
  }

  setMark(mark: WindowMark): void {
    this.store.db
      .prepare('INSERT INTO window_cursor VALUES (?, ?, 0) ON CONFLICT (tbl) DO UPDATE SET cursor = excluded.cursor')
      .run(this.table, markText(mark));
  }

  sweep(): number {
    const sweep = this.store.db.prepare('SELECT sweep FROM window_cursor WHERE tbl = ?').pluck().get(this.table);
    return (sweep as number | undefined) ?? 0;
  }

  /** A new sweep: keys it does not meet are candidates for deletion. */
  startSweep(): number {
    const next = this.sweep() + 1;
    this.store.db.prepare('UPDATE window_cursor SET sweep = ? WHERE tbl = ?').run(next, this.table);
    return next;
  }

  /** What the row is to us, without changing anything. */
  news(key: string, hash: Buffer): RowNews {
    const known = this.find.get(this.table, key) as Buffer | undefined;
    if (known === undefined) return 'new';
    return known.equals(hash) ? 'same' : 'changed';
  }

  /** What was last known of a row; null where nothing is kept or it cannot be read any more. */
  lastKnown(key: string): RecordImage | null {
    const kept = this.findKept.get(this.table, key) as Buffer | undefined;
    return kept === undefined ? null : (this.rows?.unpack(kept) ?? null);
  }

  /** A row as it is now. One that is as it was is not written again. */
  remember(key: string, hash: Buffer, image: RecordImage): void {
    const same = this.news(key, hash) === 'same';
    if (!same) this.put.run(this.table, key, hash, this.sweep());
    if (this.rows && (!same || this.findKept.get(this.table, key) === undefined))
      this.keep.run(this.table, key, this.rows.pack(image));
  }

  /** One transaction for a page: each would cost a sync of its own. @returns how many of the keys are unknown */
  met(keys: readonly string[], sweep: number): number {
    return this.store.transaction(() => {
      let unknown = 0;
      for (const key of keys) if (this.touch.run(sweep, this.table, key).changes === 0) unknown++;
      return unknown;
    });
  }

  /**
   * Keys a finished sweep did not meet, a page at a time, in the order of their text from behind `after`. Those that cannot be
   * asked for (`!`) count once two sweeps in a row have not met them: a row may be written anew while keys are read.
   */
  missing(sweep: number, limit: number, after: string): string[] {
    return this.store.db
      .prepare(`SELECT key FROM window_row WHERE tbl = ? AND ${NOT_MET} AND key > ? ORDER BY key LIMIT ?`)
      .pluck()
      .all(this.table, sweep, sweep, after, limit) as string[];
  }

  countMissing(sweep: number): number {
    const count = `SELECT count(*) FROM window_row WHERE tbl = ? AND ${NOT_MET}`;
    return this.store.db.prepare(count).pluck().get(this.table, sweep, sweep) as number;
  }

  forget(key: string): void {
    this.drop.run(this.table, key);
    this.dropKept.run(this.table, key);
  }
}

/** How far a table was read; null where no look has been. */
export function markOfTable(store: Store, table: QualifiedName): WindowMark | null {
  const row = store.db.prepare('SELECT cursor FROM window_cursor WHERE tbl = ?').pluck().get(formatName(table));
  return row === undefined ? null : markOf(row as string);
}

/** How far each window table was read, and how many of its rows are known. */
export function windowMarks(store: Store): { table: string; mark: WindowMark; rows: number }[] {
  const count = store.db.prepare('SELECT count(*) FROM window_row WHERE tbl = ?').pluck();
  const tables = store.db.prepare('SELECT tbl, cursor FROM window_cursor ORDER BY tbl').all();
  return (tables as { tbl: string; cursor: string }[]).map(({ tbl, cursor }) => ({
    table: tbl,
    mark: markOf(cursor),
    rows: count.get(tbl) as number,
  }));
}

function markText({ at, until, ...mark }: WindowMark): string {
  return JSON.stringify({ ...mark, at: at && keyText(at), until: until && keyText(until) });
}

/** Older state files know no `until`, and may have the place as plain values. */
function markOf(text: string): WindowMark {
  const { at, until, ...mark } = JSON.parse(text) as Omit<WindowMark, 'at' | 'until'> & {
    readonly at: string | SqlValue[] | null;
    readonly until?: string | null;
  };
  return {
    ...mark,
    at: typeof at === 'string' ? keyValues(at) : at,
    until: until ? keyValues(until) : null,
  };
}

/** Key values as one text that can be turned back into them. */
export function keyText(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map((v) => (v instanceof Uint8Array ? { b: Buffer.from(v).toString('base64') } : v)));
}

export function keyValues(text: string): SqlValue[] {
  return (JSON.parse(text) as unknown[]).map((v) =>
    v !== null && typeof v === 'object' && 'b' in v ? Buffer.from(String(v.b), 'base64') : (v as SqlValue),
  );
}

/** 16 bytes of SHA-256 over the row as it is stored: also a change between two values that read alike is one. */
export function rowHash({ bytes, offset, length, nulls }: RecordImage): Buffer {
  const hash = createHash('sha256').update(bytes.subarray(offset, offset + length));
  return hash
    .update(nulls ?? '')
    .digest()
    .subarray(0, 16);
}
