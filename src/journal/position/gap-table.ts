/**
 * Tables whose rows changed, or may have changed, without entries: since when, whether it goes on, and until a backfill or
 * the operator's decision settles it. Written in the transaction that writes the event reporting it.
 */
import type Database from 'better-sqlite3';
import { formatName, type Position, parseName, type QualifiedName } from '../../model/position';
import type { Schema, Store } from '../../store/store';

export const GAP_SCHEMA: Schema = {
  name: 'journal_gap',
  steps: [
    `CREATE TABLE journal_gap (
       tbl TEXT PRIMARY KEY,
       journal TEXT NOT NULL,
       kind TEXT NOT NULL,
       receiver TEXT NOT NULL, sequence TEXT NOT NULL,
       -- 1 while nothing of the table is journaled under its name
       open INTEGER NOT NULL,
       until_receiver TEXT, until_sequence TEXT,
       -- 1 when the operator knows of an open one
       accepted INTEGER NOT NULL,
       seen_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
     ) WITHOUT ROWID`,
  ],
};

/** Kind of the gap of a table that a daemon had to leave out, and no notice reported. */
export const NOT_CAPTURED = 'table.not-captured';

export interface TableGap {
  /** `LIB/FILE`, system names. */
  readonly table: string;
  readonly journal: QualifiedName;
  /** Kind of the notice that reported it, such as `journaling.ended`, or {@link NOT_CAPTURED}. */
  readonly kind: string;
  readonly from: Position;
  /** Where entries of the table came again; null while none do. */
  readonly until: Position | null;
  readonly accepted: boolean;
  /** Milliseconds since 1970: first seen, last changed. */
  readonly seenAt: number;
  readonly changedAt: number;
}

interface GapNews {
  readonly table: string;
  readonly journal: QualifiedName;
  readonly kind: string;
  readonly at: Position;
}

interface Row {
  readonly tbl: string;
  readonly journal: string;
  readonly kind: string;
  readonly receiver: string;
  readonly sequence: string;
  readonly open: number;
  readonly until_receiver: string | null;
  readonly until_sequence: string | null;
  readonly accepted: number;
  readonly seen_at: number;
  readonly changed_at: number;
}

export class GapTable {
  private readonly put: Database.Statement;
  private readonly close: Database.Statement;
  private readonly select: Database.Statement;
  private readonly selectOpen: Database.Statement;

  constructor(store: Store) {
    const { db } = store;
    // The first place stays. What came last says what mends it, but a member that goes with its file says nothing new.
    this.put = db.prepare(
      `INSERT INTO journal_gap VALUES (@table, @journal, @kind, @receiver, @sequence, @open, @untilReceiver, @untilSequence, 0, @now, @now)
       ON CONFLICT (tbl) DO UPDATE SET
         kind = CASE WHEN open = 1 AND (excluded.open = 0 OR excluded.kind LIKE 'member.%') THEN kind ELSE excluded.kind END,
         until_receiver = CASE WHEN open = 1 OR excluded.open = 1 THEN NULL ELSE excluded.until_receiver END,
         until_sequence = CASE WHEN open = 1 OR excluded.open = 1 THEN NULL ELSE excluded.until_sequence END,
         open = max(open, excluded.open), accepted = 0, changed_at = excluded.changed_at`,
    );
    this.close = db.prepare(
      `UPDATE journal_gap SET open = 0, until_receiver = ?, until_sequence = ?, accepted = 0, changed_at = ?
       WHERE tbl = ? AND open = 1`,
    );
    this.select = db.prepare('SELECT * FROM journal_gap ORDER BY tbl');
    this.selectOpen = db.prepare('SELECT tbl FROM journal_gap WHERE open = 1').pluck();
    this.removeSettled = db.prepare('DELETE FROM journal_gap WHERE tbl = ? AND open = 0 AND changed_at <= ?');
    this.accept = db.prepare('UPDATE journal_gap SET accepted = 1 WHERE tbl = ? AND open = 1');
  }
  private readonly removeSettled: Database.Statement;
  private readonly accept: Database.Statement;

  /** From here on nothing of the table is seen. */
  opens({ table, journal, kind, at }: GapNews, now: number): void {
    this.write({ table, journal, kind, at, open: 1, until: null }, now);
  }

  /** Rows changed without entries at one place, or up to `until`. */
  here({ until, ...gap }: GapNews & { readonly until?: Position }, now: number): void {
    this.write({ ...gap, open: 0, until: until ?? gap.at }, now);
  }

  private write(gap: GapNews & { readonly open: 0 | 1; readonly until: Position | null }, now: number): void {
    this.put.run({
      table: gap.table,
      journal: formatName(gap.journal),
      kind: gap.kind,
      receiver: formatName(gap.at.receiver),
      sequence: gap.at.sequence.toString(),
      open: gap.open,
      untilReceiver: gap.until ? formatName(gap.until.receiver) : null,
      untilSequence: gap.until ? gap.until.sequence.toString() : null,
      now,
    });
  }

  /** Entries of the table come again. @returns false when nothing was open */
  ends(table: string, at: Position, now: number): boolean {
    return this.close.run(formatName(at.receiver), at.sequence.toString(), now, table).changes > 0;
  }

  /** Tables of which nothing is seen now. */
  open(): string[] {
    return this.selectOpen.all() as string[];
  }

  /** What is neither settled nor accepted yet. */
  list(): TableGap[] {
    return (this.select.all() as Row[]).map(gapOf).filter((gap) => !gap.accepted);
  }

  find(table: string): TableGap | null {
    return this.list().find((gap) => gap.table === table) ?? null;
  }

  /**
   * Every row of the table was read by something that began at `since`.
   * @returns false when the gap goes on, or ended only later
   */
  readWhole(table: string, since: number): boolean {
    return this.removeSettled.run(table, since).changes > 0;
  }

  /** The operator knows. An open one is remembered, out of sight: the record format may change unseen. */
  acknowledge(table: string): void {
    if (this.accept.run(table).changes === 0) this.removeSettled.run(table, Number.MAX_SAFE_INTEGER);
  }
}

function gapOf(row: Row): TableGap {
  const at = (receiver: string, sequence: string): Position => ({
    receiver: parseName(receiver)!,
    sequence: BigInt(sequence),
  });
  return {
    table: row.tbl,
    journal: parseName(row.journal)!,
    kind: row.kind,
    from: at(row.receiver, row.sequence),
    until: row.open === 1 || row.until_receiver === null ? null : at(row.until_receiver, row.until_sequence!),
    accepted: row.accepted === 1,
    seenAt: row.seen_at,
    changedAt: row.changed_at,
  };
}
