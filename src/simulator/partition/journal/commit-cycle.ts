/**
 * One commit cycle of one job: its SC entry in every journal it touches, what it takes to undo it, its savepoints.
 * Undo steps live in SQLite, so that a long cycle costs no memory and an orphan one can be resolved after a restart.
 */
import type Database from 'better-sqlite3';
import { SqlFailure } from '../../sql-session';
import type { LocalTimestamp } from '../contract';
import { ebcdicText } from '../files/ebcdic';
import { lobSuffix, splitLobSuffix } from '../files/lob-suffix';
import type { StoredRow } from '../files/member-rows';
import type { Member } from '../files/physical-file';
import { restoredRow } from '../files/row-values';
import type { RowLocks } from '../jobs/row-locks';
import type { Journal } from './journal';
import type { Receiver } from './receiver';
import { type SimulatedRowEntry, undoDeleteEntry, undoInsertEntry, undoUpdateEntries } from './row-entries';
import type { UndoLog, UndoOperation, UndoStep } from './undo-log';

export interface CycleHost {
  readonly db: Database.Database;
  readonly locks: RowLocks;
  readonly undo: UndoLog;
  now(): LocalTimestamp;
  memberById(id: number): Member | null;
}

interface Start {
  readonly journal: Journal;
  readonly receiver: Receiver;
  readonly ccid: number;
}

export class CommitCycle {
  private readonly starts = new Map<Journal, Start>();
  private steps = 0;
  private rowEntries = 0;
  private savepoints: { readonly name: string; readonly at: number }[] = [];
  /** Slots of deleted records, free once the cycle commits. */
  private readonly freed = new Map<string, { readonly member: Member; readonly rrn: number }>();

  constructor(
    readonly id: number,
    private readonly host: CycleHost,
    private readonly originFor: (journal: Journal) => number,
    /** Writes C BC the first time the job's commitment definition meets a journal. */
    private readonly begin: (journal: Journal) => void,
  ) {}

  /** Takes up a cycle whose job is gone. */
  static resume(
    id: number,
    host: CycleHost,
    starts: readonly Start[],
    originFor: (journal: Journal) => number,
  ): CommitCycle {
    const cycle = new CommitCycle(id, host, originFor, () => {});
    for (const start of starts) {
      cycle.starts.set(start.journal, start);
      start.journal.openCycles.set(id, start);
    }
    cycle.steps = host.undo.last(id);
    return cycle;
  }

  get isEmpty(): boolean {
    return this.starts.size === 0 && this.savepoints.length === 0;
  }

  get mark(): number {
    return this.steps;
  }

  get nesting(): number {
    return this.savepoints.length;
  }

  /** Relative sequence of the cycle's SC entry in this journal, writing it when the cycle is new there. */
  ccid(journal: Journal): number {
    const known = this.starts.get(journal);
    if (known) return known.ccid;
    this.begin(journal);
    const origin = this.originFor(journal);
    const ccid = journal.deposit({ code: 'C', type: 'SC', origin, startsCycle: true });
    const start: Start = { journal, receiver: journal.attachedReceiver, ccid };
    this.starts.set(journal, start);
    journal.openCycles.set(this.id, start);
    this.host.db
      .prepare('INSERT INTO open_cycle VALUES (?,?,?,?,?)')
      .run(this.id, journal.id, start.receiver.id, ccid, origin);
    return ccid;
  }

  deposit(member: Member, entry: SimulatedRowEntry): void {
    const { journal } = member.file;
    const ccid = this.ccid(journal!);
    depositRow(member, entry, ccid, this.nesting, this.originFor(journal!));
    this.rowEntries++;
  }

  remember(member: Member, op: UndoOperation, rrn: number, before: StoredRow | null): void {
    const lobs = before ? lobSuffix(member.file.layout, before.values) : null;
    const { image = null, nulls = null } = before ?? {};
    this.host.undo.add(this.id, ++this.steps, { member: member.id, op, rrn, image, nulls, lobs });
    if (op === 'D' && member.file.reuseDeleted) this.freed.set(`${member.id}:${rrn}`, { member, rrn });
  }

  commit(): void {
    for (const { journal, ccid } of this.starts.values())
      journal.deposit({
        code: 'C',
        type: 'CM',
        ccid,
        rrn: this.rowEntries,
        flag: '0',
        origin: this.originFor(journal),
      });
    for (const { member, rrn } of this.freed.values()) member.slotFreed(rrn);
    this.close();
  }

  /** @param flag `0` asked for, `2` implicit: the job or the system ended */
  rollback(flag: '0' | '2'): void {
    this.undoTo(0);
    for (const { journal, ccid } of this.starts.values())
      journal.deposit({ code: 'C', type: 'RB', ccid, rrn: this.rowEntries, flag, origin: this.originFor(journal) });
    this.close();
  }

  private close(): void {
    for (const { journal } of this.starts.values()) {
      journal.openCycles.delete(this.id);
      journal.flush();
    }
    this.host.undo.clear(this.id);
    this.host.db.prepare('DELETE FROM open_cycle WHERE cycle = ?').run(this.id);
    this.host.locks.release(this.id);
  }

  savepoint(name: string): void {
    this.savepoints.push({ name, at: this.steps });
    this.depositSavepoint('SB', name);
  }

  rollbackTo(name: string): void {
    const index = this.savepointIndex(name);
    this.undoTo(this.savepoints[index]!.at);
    this.savepoints.length = index + 1;
    this.depositSavepoint('SU', name);
  }

  release(name: string): void {
    const index = this.savepointIndex(name);
    this.depositSavepoint('SQ', name);
    this.savepoints.length = index;
  }

  private savepointIndex(name: string): number {
    const index = this.savepoints.findLastIndex((s) => s.name === name);
    if (index < 0) throw new SqlFailure(-880, '3B001', `Savepoint ${name} does not exist or is not valid.`, [name]);
    return index;
  }

  private depositSavepoint(type: 'SB' | 'SQ' | 'SU', name: string): void {
    const data = ebcdicText(name);
    for (const { journal, ccid } of this.starts.values())
      journal.deposit({ code: 'C', type, ccid, nest: this.nesting, origin: this.originFor(journal), data });
  }

  /** Writes the compensating entries of all steps after `mark`, newest first. */
  undoTo(mark: number): void {
    for (; this.steps > mark; this.steps--) this.undo(this.host.undo.take(this.id, this.steps));
  }

  private undo(step: UndoStep): void {
    const member = this.host.memberById(step.member);
    if (!member) return;
    const now = this.host.now();
    if (step.op === 'I') {
      const row = member.rows.get(step.rrn)!;
      member.rows.delete(step.rrn);
      member.rowRemoved(now);
      member.slotFreed(step.rrn);
      this.deposit(member, undoInsertEntry(member.file, { rrn: step.rrn, row }));
      return;
    }
    const { file } = member;
    const restored = restoredRow(file, step.image!, step.nulls, splitLobSuffix(file.layout, step.image!, step.lobs));
    if (step.op === 'D') {
      member.rows.insert(step.rrn, restored);
      member.rowAdded(step.rrn, now);
      this.freed.delete(`${member.id}:${step.rrn}`);
      this.deposit(member, undoDeleteEntry(file, step.rrn, restored));
      return;
    }
    const current = member.rows.get(step.rrn)!;
    member.rows.update(step.rrn, restored);
    for (const entry of undoUpdateEntries(file, step.rrn, current, restored)) this.deposit(member, entry);
  }
}

export function depositRow(member: Member, entry: SimulatedRowEntry, ccid: number, nest: number, origin: number): void {
  const { type, rrn, flag, flags, nulls, data } = entry;
  const object = member.objectId;
  member.file.journal!.deposit({ code: 'R', type, object, rrn, ccid, nest, flag, flags, origin, nulls, data });
}
