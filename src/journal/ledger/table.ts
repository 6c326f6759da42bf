/**
 * The ledger in the state file, written in the transaction that writes the events. A stretch is one row; consecutive
 * stretches of one single fate are merged, so an idle or foreign journal costs no growth.
 */
import type Database from 'better-sqlite3';
import { formatName, type Position, parseName, type QualifiedName } from '../../model/position';
import type { Schema, Store } from '../../store/store';
import { DETAIL_BASE, FATE_NAMES, type LedgerRun, type LedgerStretch, packRuns, unpackRuns } from './ledger';

export const LEDGER_SCHEMA: Schema = {
  name: 'journal_ledger',
  steps: [
    `CREATE TABLE ledger_stretch (
       id INTEGER PRIMARY KEY,
       journal TEXT NOT NULL,
       receiver TEXT NOT NULL,
       -- numbers go beyond 2^63: 20 digits with leading zeros sort as they count
       first TEXT NOT NULL,
       last TEXT NOT NULL,
       runs BLOB NOT NULL
     );
     CREATE INDEX ledger_stretch_place ON ledger_stretch (journal, receiver, last);
     CREATE TABLE ledger_fate (id INTEGER PRIMARY KEY, fate TEXT NOT NULL, detail TEXT NOT NULL, UNIQUE (fate, detail));`,
  ],
};

type DetailFate = 'filtered' | 'quarantined';

export class LedgerTable {
  private readonly insert: Database.Statement;
  private readonly previous: Database.Statement;
  private readonly extend: Database.Statement;
  private readonly newFate: Database.Statement;
  private readonly details = new Map<string, number>();
  private readonly detailNames = new Map<number, string>();

  constructor(private readonly store: Store) {
    const { db } = store;
    this.insert = db.prepare(
      'INSERT INTO ledger_stretch (journal, receiver, first, last, runs) VALUES (?, ?, ?, ?, ?)',
    );
    this.previous = db.prepare(
      'SELECT id, first, last, runs FROM ledger_stretch WHERE journal = ? AND receiver = ? ORDER BY last DESC LIMIT 1',
    );
    this.extend = db.prepare('UPDATE ledger_stretch SET last = ?, runs = ? WHERE id = ?');
    this.newFate = db.prepare('INSERT OR IGNORE INTO ledger_fate (id, fate, detail) VALUES (?, ?, ?)');
    for (const row of db.prepare('SELECT id, fate, detail FROM ledger_fate').all() as {
      id: number;
      fate: string;
      detail: string;
    }[])
      this.learn(row.id, row.fate, row.detail);
  }

  private learn(id: number, fate: string, detail: string): void {
    this.details.set(`${fate}\u0000${detail}`, id);
    this.detailNames.set(id, detail === '' ? fate : `${fate}: ${detail}`);
  }

  /** The number of a fate that has a reason: which rule filtered, which code quarantined. Beyond 60 000 they share one. */
  fateOf(fate: DetailFate, detail: string): number {
    const key = `${fate}\u0000${detail}`;
    const known = this.details.get(key);
    if (known !== undefined) return known;
    if (this.details.size > 60_000) return this.fateOf(fate, 'other');
    const id = DETAIL_BASE + this.details.size;
    this.newFate.run(id, fate, detail);
    this.learn(id, fate, detail);
    return id;
  }

  nameOf(fate: number): string {
    return FATE_NAMES[fate] ?? this.detailNames.get(fate) ?? `fate ${fate}`;
  }

  /** Call inside the transaction of the unit. */
  write(journal: QualifiedName, stretch: LedgerStretch): void {
    this.writeRuns(journal, stretch.receiver, stretch.runs());
  }

  writeRuns(journal: QualifiedName, receiver: QualifiedName, runs: readonly LedgerRun[]): void {
    if (runs.length === 0) return;
    const place = [formatName(journal), formatName(receiver)] as const;
    const first = runs[0]!;
    const last = runs.at(-1)!;
    const before = this.previous.get(...place) as { id: number; first: string; last: string; runs: Buffer } | undefined;
    if (before && before.runs.length < MERGE_BELOW && BigInt(before.last) + 1n === first.from) {
      const merged = joined(unpackRuns(BigInt(before.first), before.runs), runs);
      this.extend.run(padded(last.to), packRuns(merged), before.id);
      return;
    }
    this.insert.run(...place, padded(first.from), padded(last.to), packRuns(runs));
  }

  /** Runs that touch `[from, to]` of one receiver, in the order written: a later run overrules an earlier one. */
  runs(journal: QualifiedName, receiver: QualifiedName, from: bigint, to: bigint): LedgerRun[] {
    const rows = this.store.db
      .prepare(
        'SELECT first, runs FROM ledger_stretch WHERE journal = ? AND receiver = ? AND last >= ? AND first <= ? ORDER BY id',
      )
      .all(formatName(journal), formatName(receiver), padded(from), padded(to)) as { first: string; runs: Buffer }[];
    return rows.flatMap((row) => unpackRuns(BigInt(row.first), row.runs)).filter((r) => r.to >= from && r.from <= to);
  }

  /** Stretches of one receiver that touch `[from, to]`, the one that ends last first; for looking back a little way. */
  *newestStretches(
    journal: QualifiedName,
    receiver: QualifiedName,
    from: bigint,
    to: bigint,
  ): Generator<readonly LedgerRun[]> {
    const place = [formatName(journal), formatName(receiver), padded(from), padded(to)];
    const ids = this.store.db
      .prepare(
        'SELECT id FROM ledger_stretch WHERE journal = ? AND receiver = ? AND last >= ? AND first <= ? ORDER BY last DESC',
      )
      .pluck()
      .all(...place) as number[];
    const read = this.store.db.prepare('SELECT first, runs FROM ledger_stretch WHERE id = ?');
    for (const id of ids) {
      const row = read.get(id) as { first: string; runs: Buffer } | undefined;
      if (row) yield unpackRuns(BigInt(row.first), row.runs).filter((r) => r.to >= from && r.from <= to);
    }
  }

  /** What became of one entry in the end; null when it was never read. */
  fateAt(journal: QualifiedName, at: Position): number | null {
    return this.runs(journal, at.receiver, at.sequence, at.sequence).at(-1)?.fate ?? null;
  }

  /** Receivers of which anything was read, in the order of their first reading. */
  receivers(journal: QualifiedName): QualifiedName[] {
    const names = this.store.db
      .prepare('SELECT receiver FROM ledger_stretch WHERE journal = ? GROUP BY receiver ORDER BY min(id)')
      .pluck()
      .all(formatName(journal)) as string[];
    return names.flatMap((name) => parseName(name) ?? []);
  }
}

/** A stretch that grew to this many bytes is left alone and a new row begun. */
const MERGE_BELOW = 256;

function joined(before: readonly LedgerRun[], after: readonly LedgerRun[]): LedgerRun[] {
  const last = before.at(-1)!;
  const first = after[0]!;
  if (last.fate !== first.fate || last.to + 1n !== first.from) return [...before, ...after];
  return [...before.slice(0, -1), { fate: last.fate, from: last.from, to: first.to }, ...after.slice(1)];
}

function padded(sequence: bigint): string {
  return sequence.toString().padStart(20, '0');
}
