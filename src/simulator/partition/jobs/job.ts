/** One server job inside the partition: row operations with their journal entries, commitment control. */
import type { CommitLevel, JobIdentity, SessionValue } from '../../sql-session';
import type { EntryOrigin, JobView, RawRow, RowInput, RowOptions } from '../contract';
import { jobEnded, notValidForOperation } from '../failures';
import type { StoredRow } from '../files/member-rows';
import type { Member, PhysicalFile } from '../files/physical-file';
import { changedRow, newRow } from '../files/row-values';
import { CommitCycle, type CycleHost, depositRow } from '../journal/commit-cycle';
import type { Journal } from '../journal/journal';
import { deleteEntry, insertEntry, keepsBefore, type SimulatedRowEntry, updateEntries } from '../journal/row-entries';
import { JobLoad } from './job-load';

export interface JobHost extends CycleHost {
  transaction<T>(work: () => T): T;
  originId(origin: Omit<EntryOrigin, 'id' | 'systemName'>): number;
  newCycleId(): number;
  takeIdentity(file: PhysicalFile): bigint;
  checkAllocation(job: PartitionJob, file: PhysicalFile): void;
  jobEnded(job: PartitionJob): void;
}

export class PartitionJob implements JobView {
  ended = false;
  commitLevel: CommitLevel = 0;
  lastIdentity: string | null = null;
  readonly load = new JobLoad();
  private cycle: CommitCycle | null = null;
  private readonly begun = new Set<Journal>();
  private readonly opened = new Set<Member>();
  private readonly origins = new Map<Journal | null, number>();
  private programName = { name: 'QZDASOINIT', library: 'QSYS' };
  private profile: string;

  constructor(
    readonly identity: JobIdentity,
    private readonly host: JobHost,
  ) {
    this.profile = identity.profile ?? identity.user;
  }

  get program(): { name: string; library: string } {
    return this.programName;
  }

  set program(program: { name: string; library: string }) {
    this.programName = program;
    this.origins.clear();
  }

  get currentUser(): string {
    return this.profile;
  }

  set currentUser(user: string) {
    this.profile = user;
    this.origins.clear();
  }

  /** Number of the commit cycle it has open; null when none is. */
  get openCycle(): number | null {
    return this.cycle?.id ?? null;
  }

  insertRow(member: Member, row: RowInput, options: RowOptions = {}): number {
    return this.operation(member, (cycle) => {
      const { file } = member;
      const stored = newRow(file, row, this.fillContext(file));
      this.host.locks.checkKeys(member, stored.values, cycle?.id ?? null);
      const { rrn, reused } = member.slotForInsert((slot) => this.host.locks.isHeld(member, slot));
      member.rows.insert(rrn, stored);
      member.rowAdded(rrn, this.host.now());
      this.hold(cycle, member, rrn, null, stored);
      if (file.journal) {
        cycle?.remember(member, 'I', rrn, null);
        this.journalRow(cycle, member, [insertEntry(file, { rrn, row: stored }, reused, options)]);
      }
      return rrn;
    });
  }

  updateRow(
    member: Member,
    rrn: number,
    changes: ReadonlyMap<number, SessionValue | undefined> | RawRow,
    options: RowOptions = {},
  ): boolean {
    return this.operation(member, (cycle) => {
      const { file } = member;
      this.host.locks.checkRecord(member, rrn, cycle?.id ?? null);
      const before = member.rows.get(rrn);
      if (!before) return false;
      const after = changedRow(file, before, changes, this.fillContext(file));
      this.host.locks.checkKeys(member, after.values, cycle?.id ?? null);
      member.rows.update(rrn, after);
      this.hold(cycle, member, rrn, before, after);
      const keep = keepsBefore(file, cycle !== null);
      if (file.journal) {
        cycle?.remember(member, 'U', rrn, before);
        this.journalRow(cycle, member, updateEntries(file, { rrn, row: before }, after, keep, options));
      }
      return true;
    });
  }

  deleteRow(member: Member, rrn: number, options: RowOptions = {}): boolean {
    return this.operation(member, (cycle) => {
      const { file } = member;
      this.host.locks.checkRecord(member, rrn, cycle?.id ?? null);
      const before = member.rows.get(rrn);
      if (!before) return false;
      member.rows.delete(rrn);
      member.rowRemoved(this.host.now());
      this.hold(cycle, member, rrn, before, null);
      const keep = keepsBefore(file, cycle !== null);
      if (file.journal) {
        cycle?.remember(member, 'D', rrn, before);
        this.journalRow(cycle, member, [deleteEntry(file, { rrn, row: before }, keep, options)]);
      }
      if (!cycle) member.slotFreed(rrn);
      return true;
    });
  }

  statement<T>(work: () => T): T {
    this.checkAlive();
    const failed: { error: unknown }[] = [];
    const result = this.host.transaction(() => {
      const mark = this.cycle?.mark ?? 0;
      try {
        return work();
      } catch (error) {
        if (this.commitLevel !== 0) this.cycle?.undoTo(mark);
        failed.push({ error });
        return undefined as T;
      }
    });
    if (failed[0]) throw failed[0].error;
    return result;
  }

  commit(): void {
    this.endCycle((cycle) => cycle.commit());
  }

  rollback(): void {
    this.endCycle((cycle) => cycle.rollback('0'));
  }

  savepoint(name: string): void {
    this.checkAlive();
    this.cycle ??= this.newCycle();
    const cycle = this.cycle;
    this.host.transaction(() => cycle.savepoint(name));
  }

  rollbackTo(name: string): void {
    this.withCycle((cycle) => cycle.rollbackTo(name));
  }

  release(name: string): void {
    this.withCycle((cycle) => cycle.release(name));
  }

  end(): void {
    if (this.ended) return;
    this.host.transaction(() => {
      this.cycle?.rollback('2');
      for (const member of this.opened) this.depositOpenClose(member, 'CL');
      for (const journal of this.begun) journal.deposit({ code: 'C', type: 'EC', origin: this.origin(journal) });
      for (const journal of this.begun) journal.flush();
      for (const member of this.opened) member.file.journal?.flush();
    });
    this.abandon();
  }

  /** The system ended under the job: nothing is written here, recovery does it. */
  abandon(): void {
    this.ended = true;
    this.cycle = null;
    this.host.jobEnded(this);
  }

  /** Id of what the job's entries say of their origin, less what the journal does not record. */
  origin(journal: Journal | null): number {
    const known = this.origins.get(journal);
    if (known !== undefined) return known;
    const keeps = (what: string, value: string) =>
      !journal || journal.attributes.fixedLengthData.includes(what) ? value : '*OMITTED';
    const { identity } = this;
    const [address, port] = identity.remoteAddress.split('%');
    const id = this.host.originId({
      jobName: keeps('*JOB', identity.name),
      jobUser: keeps('*JOB', identity.user),
      jobNumber: keeps('*JOB', identity.number),
      userName: keeps('*USR', this.profile),
      program: keeps('*PGM', this.programName.name),
      programLibrary: keeps('*PGMLIB', this.programName.library),
      remoteAddress: keeps('*RMTADR', address ?? ''),
      remotePort: Number(port ?? 0),
      thread: '',
    });
    this.origins.set(journal, id);
    return id;
  }

  /** Journal attributes changed. */
  forgetOrigins(): void {
    this.origins.clear();
  }

  private operation<T>(member: Member, work: (cycle: CommitCycle | null) => T): T {
    this.checkAlive();
    this.host.checkAllocation(this, member.file);
    return this.host.transaction(() => {
      const cycle = this.cycleFor(member.file);
      this.open(member);
      return work(cycle);
    });
  }

  private cycleFor(file: PhysicalFile): CommitCycle | null {
    if (this.commitLevel === 0) return null;
    if (!file.journal) throw notValidForOperation(file.library, file.name, 3);
    this.cycle ??= this.newCycle();
    return this.cycle;
  }

  private newCycle(): CommitCycle {
    return new CommitCycle(
      this.host.newCycleId(),
      this.host,
      (journal) => this.origin(journal),
      (journal) => {
        if (this.begun.has(journal)) return;
        this.begun.add(journal);
        journal.deposit({ code: 'C', type: 'BC', origin: this.origin(journal) });
      },
    );
  }

  private open(member: Member): void {
    if (this.opened.has(member)) return;
    this.opened.add(member);
    this.depositOpenClose(member, 'OP');
  }

  private depositOpenClose(member: Member, type: 'OP' | 'CL'): void {
    const { journal, omitOpenClose } = member.file;
    if (!journal || omitOpenClose) return;
    journal.deposit({ code: 'F', type, object: member.objectId, origin: this.origin(journal) });
  }

  private journalRow(cycle: CommitCycle | null, member: Member, entries: readonly SimulatedRowEntry[]): void {
    const { journal } = member.file;
    for (const entry of entries)
      if (cycle) cycle.deposit(member, entry);
      else depositRow(member, entry, 0, 0, this.origin(journal));
  }

  private hold(
    cycle: CommitCycle | null,
    member: Member,
    rrn: number,
    before: StoredRow | null,
    after: StoredRow | null,
  ): void {
    if (!cycle) return;
    const { locks } = this.host;
    locks.holdRecord(member, rrn, cycle.id);
    if (before) locks.holdKeys(member, before.values, cycle.id);
    if (after) locks.holdKeys(member, after.values, cycle.id);
  }

  private fillContext(file: PhysicalFile) {
    return {
      now: this.host.now(),
      user: this.profile,
      nextIdentity: () => {
        const value = this.host.takeIdentity(file);
        this.lastIdentity = value.toString();
        return value;
      },
    };
  }

  private endCycle(work: (cycle: CommitCycle) => void): void {
    this.checkAlive();
    const { cycle } = this;
    if (!cycle) return;
    this.host.transaction(() => work(cycle));
    this.cycle = null;
  }

  private withCycle(work: (cycle: CommitCycle) => void): void {
    this.checkAlive();
    this.cycle ??= this.newCycle();
    const { cycle } = this;
    this.host.transaction(() => work(cycle));
  }

  private checkAlive(): void {
    if (this.ended) throw jobEnded();
  }
}
