/** What open commit cycles would have to undo, in SQLite: no memory for long ones, and they outlive the process. */
import type Database from 'better-sqlite3';

/** Undo an insert, an update, a delete. */
export type UndoOperation = 'I' | 'U' | 'D';

export interface UndoStep {
  readonly member: number;
  readonly op: UndoOperation;
  readonly rrn: number;
  /** Before-image; null for an insert. */
  readonly image: Buffer | null;
  readonly nulls: string | null;
  readonly lobs: Buffer | null;
}

export class UndoLog {
  private readonly insert: Database.Statement;
  private readonly select: Database.Statement;
  private readonly removeOne: Database.Statement;
  private readonly removeAll: Database.Statement;
  private readonly highest: Database.Statement;
  private readonly ofMember: Database.Statement;

  constructor(db: Database.Database) {
    this.insert = db.prepare('INSERT INTO undo_step VALUES (?,?,?,?,?,?,?,?)');
    this.select = db.prepare('SELECT * FROM undo_step WHERE cycle = ? AND n = ?');
    this.removeOne = db.prepare('DELETE FROM undo_step WHERE cycle = ? AND n = ?');
    this.removeAll = db.prepare('DELETE FROM undo_step WHERE cycle = ?');
    this.ofMember = db.prepare('SELECT * FROM undo_step WHERE member = ? AND cycle <> ? ORDER BY cycle, n');
    this.highest = db.prepare('SELECT coalesce(max(n), 0) FROM undo_step WHERE cycle = ?').pluck();
  }

  add(cycle: number, n: number, s: UndoStep): void {
    this.insert.run(cycle, n, s.member, s.op, s.rrn, s.image, s.nulls, s.lobs);
  }

  take(cycle: number, n: number): UndoStep {
    const step = this.select.get(cycle, n) as UndoStep;
    this.removeOne.run(cycle, n);
    return step;
  }

  /** Steps of other cycles on one member: the first of each record has its committed version. */
  others(member: number, cycle: number | null): UndoStep[] {
    return this.ofMember.all(member, cycle ?? -1) as UndoStep[];
  }

  last(cycle: number): number {
    return this.highest.get(cycle) as number;
  }

  clear(cycle: number): void {
    this.removeAll.run(cycle);
  }
}
