/**
 * A simulated partition: libraries, files kept as record images, journals that record what happens to them.
 * Synchronous and single-threaded; one process owns its file.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import type { JobIdentity, SessionValue } from '../sql-session';
import { type Clock, SystemClock } from './clock';
import type { EntryRow, LocalTimestamp, MemberView, PartitionView, ReadRequest } from './contract';
import { CpfFailure, rowInUse } from './failures';
import { type Comparable, decodeComparable, encodeComparable } from './files/comparable';
import type { ColumnDef, FileDef, KeyDef } from './files/definitions';
import { FileOperations } from './files/file-operations';
import { Files } from './files/files';
import { splitLobSuffix } from './files/lob-suffix';
import type { StoredRow } from './files/member-rows';
import type { Member, PhysicalFile } from './files/physical-file';
import { restoredRow } from './files/row-values';
import { lockFolder, openDatabase } from './files/schema';
import { Authority, type ObjectName } from './jobs/authority';
import { type JobHost, PartitionJob } from './jobs/job';
import { CommitCycle } from './journal/commit-cycle';
import type { Journal, JournalHost } from './journal/journal';
import { JournalEntries } from './journal/journal-entries';
import { SimulatedJournalReader } from './journal/journal-reader';
import { Journals } from './journal/journals';
import { type BulkEntry, loadEntries } from './journal/load-entries';
import type { Receiver } from './journal/receiver';
import { ReceiverMedia } from './journal/receiver-media';
import { UndoLog } from './journal/undo-log';
import { Kernel } from './kernel';

interface PartitionOptions {
  /** Folder that keeps the partition; a temporary one, removed at close, when absent. */
  readonly data?: string;
  readonly clock?: Clock;
  readonly systemName?: string;
  /** Users with all authority to everything, beside QSECOFR. */
  readonly officers?: readonly string[];
  readonly profiles?: Profiles;
}

/** User profiles, as far as commands make them: all without special authority. */
interface Profiles {
  has(name: string): boolean;
  /** @param password null for *NONE */
  set(name: string, password: string | null): void;
  remove(name: string): void;
}

const NO_PROFILES: Profiles = { has: () => false, set: () => undefined, remove: () => undefined };

export class Partition implements PartitionView {
  readonly db: Database.Database;
  readonly systemName: string;
  readonly kernel: Kernel;
  readonly fileStore: Files;
  readonly journalStore: Journals;
  readonly media: ReceiverMedia;
  readonly authority: Authority;
  readonly profiles: Profiles;
  readonly operations: FileOperations;
  cacheWaitSeconds = 30;
  /** True when the file was new: nothing in it but QSYS, QGPL and QTEMP. */
  readonly isNew: boolean;
  private readonly clock: Clock;
  private readonly reader: SimulatedJournalReader;
  private readonly jobs = new Set<PartitionJob>();
  private readonly allocations = new Map<PhysicalFile, PartitionJob>();
  private readonly lock: Database.Database;
  private readonly temporary: string | null;
  private readonly jobHost: JobHost;
  private nextCycle = 1;

  static open(options: PartitionOptions = {}): Partition {
    return new Partition(options);
  }

  private constructor(options: PartitionOptions) {
    this.temporary = options.data === undefined ? mkdtempSync(join(tmpdir(), 'ibmi-partition-')) : null;
    const folder = options.data ?? this.temporary!;
    mkdirSync(folder, { recursive: true });
    this.lock = lockFolder(folder);
    this.db = openDatabase(join(folder, 'partition.sqlite'));
    this.systemName = options.systemName ?? 'SIMULATE';
    this.clock = options.clock ?? new SystemClock();
    this.kernel = new Kernel(this.db, this.clock, new JournalEntries(this.db, this.systemName));
    this.fileStore = new Files(this.kernel);
    this.journalStore = new Journals(this.kernel, this.journalHost());
    this.media = new ReceiverMedia(this.kernel, this.journalStore);
    this.authority = new Authority(this.db);
    this.profiles = options.profiles ?? NO_PROFILES;
    for (const user of options.officers ?? []) this.authority.addOfficer(user);
    this.reader = new SimulatedJournalReader(this.journalStore, this.fileStore, this.kernel.entries, this.authority);
    this.operations = new FileOperations(this.kernel, this.fileStore, this.journalStore);
    this.jobHost = this.makeJobHost();
    this.isNew = this.kernel.value('created') === null;
    this.transaction(() => this.start());
  }

  private start(): void {
    if (this.isNew) {
      this.kernel.setValue('created', this.now());
      for (const name of ['QSYS', 'QGPL', 'QTEMP']) this.fileStore.createLibrary(name, '');
      return;
    }
    this.journalStore.load();
    this.fileStore.load((id) => this.journalStore.list.find((j) => j.id === id) ?? null);
    this.resolveOpenCycles();
  }

  private journalHost(): JournalHost {
    const self = this;
    return {
      clock: this.clock,
      entries: this.kernel.entries,
      get cacheWaitSeconds() {
        return self.cacheWaitSeconds;
      },
      filesOf: (journal) => self.fileStore.list.filter((f) => f.journal === journal),
      receiverFull: (journal) => {
        const old = journal.attachedReceiver;
        self.changeReceiver(journal, { origin: self.kernel.systemOrigin() });
        self.inheritAuthority(old, journal.attachedReceiver);
      },
    };
  }

  private makeJobHost(): JobHost {
    const { kernel, fileStore } = this;
    return {
      db: this.db,
      locks: kernel.locks,
      undo: new UndoLog(this.db),
      now: () => kernel.now(),
      memberById: (id) => fileStore.memberById(id),
      transaction: (work) => kernel.transaction(work),
      originId: (origin) => kernel.entries.originId(origin),
      newCycleId: () => this.nextCycle++,
      takeIdentity: (file) => fileStore.takeIdentity(file),
      checkAllocation: (job, file) => this.checkAllocation(job, file),
      jobEnded: (job) => {
        this.jobs.delete(job);
        for (const [file, holder] of this.allocations) if (holder === job) this.allocations.delete(file);
      },
    };
  }

  /** Records that other jobs changed and have not committed: record number to the committed version, null where there is none. */
  openRows(job: PartitionJob, view: MemberView): ReadonlyMap<number, StoredRow | null> {
    const rows = new Map<number, StoredRow | null>();
    const member = this.fileStore.memberById(view.id);
    if (!member) return rows;
    for (const { rrn, op, image, nulls, lobs } of this.jobHost.undo.others(member.id, job.openCycle)) {
      if (rows.has(rrn)) continue;
      const { file } = member;
      rows.set(rrn, op === 'I' ? null : restoredRow(file, image!, nulls, splitLobSuffix(file.layout, image!, lobs)));
    }
    return rows;
  }

  transaction<T>(work: () => T): T {
    return this.kernel.transaction(work);
  }

  now(): LocalTimestamp {
    return this.clock.now();
  }

  zoneMinutes(): number {
    return this.clock.zoneMinutes();
  }

  libraries() {
    return [...this.fileStore.libraries.values()];
  }

  createLibrary(name: string, text = ''): void {
    this.transaction(() => this.fileStore.createLibrary(name, text));
  }

  systemLibrary(name: string): string {
    return this.fileStore.systemLibrary(name);
  }

  /** CREATE SCHEMA: a library with journal QSQJRN; files made in it are journaled from the start. */
  createSchema(job: PartitionJob, name: string, longName = name): void {
    this.transaction(() => {
      this.fileStore.createLibrary(name, '', longName);
      const receiver = this.journalStore.createReceiver(name, 'QSQJRN0001');
      const journal = this.journalStore.create(name, 'QSQJRN', receiver, {}, { origin: job.origin(null) });
      this.fileStore.inherit(name, journal);
    });
  }

  file(library: string, name: string): PhysicalFile | null {
    return this.fileStore.find(library, name);
  }

  files(library?: string): readonly PhysicalFile[] {
    if (library === undefined) return this.fileStore.list;
    const system = this.systemLibrary(library);
    return this.fileStore.list.filter((f) => f.library === system);
  }

  journal(library: string, name: string): Journal | null {
    return this.journalStore.find(library, name);
  }

  journals(): readonly Journal[] {
    return this.journalStore.list;
  }

  receiver(library: string, name: string): Receiver | null {
    return this.journalStore.receiver(library, name);
  }

  receivers(): readonly Receiver[] {
    return this.journalStore.receivers;
  }

  openJob(identity: JobIdentity): PartitionJob {
    const job = new PartitionJob(identity, this.jobHost);
    this.jobs.add(job);
    return job;
  }

  activeJobs(): readonly PartitionJob[] {
    return [...this.jobs];
  }

  createFile(job: PartitionJob, def: FileDef): PhysicalFile {
    return this.transaction(() => this.operations.create(job, def));
  }

  alterFile(
    job: PartitionJob,
    file: PhysicalFile,
    columns: readonly ColumnDef[],
    from: readonly (number | null)[],
  ): void {
    this.transaction(() => this.operations.alter(job, file, columns, from));
  }

  addKey(job: PartitionJob, file: PhysicalFile, key: KeyDef): void {
    this.transaction(() => this.operations.addKey(job, file, key));
  }

  removeKey(job: PartitionJob, file: PhysicalFile, name: string): void {
    this.transaction(() => this.operations.removeKey(job, file, name));
  }

  dropFile(job: PartitionJob, file: PhysicalFile): void {
    const { library, name } = file;
    this.transaction(() => this.operations.drop(job, file));
    this.authority.forget({ library, name, type: '*FILE' });
  }

  renameFile(job: PartitionJob, file: PhysicalFile, name: string, longName?: string): void {
    this.transaction(() => this.operations.rename(job, file, file.library, name, longName));
  }

  moveFile(job: PartitionJob, file: PhysicalFile, library: string): void {
    this.transaction(() => this.operations.rename(job, file, library, file.name));
  }

  clearMember(job: PartitionJob, member: Member): number {
    return this.transaction(() => this.operations.clear(job, member));
  }

  reorganizeMember(job: PartitionJob, member: Member, allowCancel = false): void {
    this.transaction(() => this.operations.reorganize(job, member, allowCancel));
  }

  changeReceiver(journal: Journal, change: Parameters<Journals['changeReceiver']>[1]): Receiver {
    return this.transaction(() => {
      const old = journal.attachedReceiver;
      const next = this.journalStore.changeReceiver(journal, change);
      this.inheritAuthority(old, next);
      return next;
    });
  }

  /** A generated receiver carries the authorities of the one it follows. */
  private inheritAuthority(old: Receiver, next: Receiver): void {
    const name = (r: Receiver): ObjectName => ({ library: r.library, name: r.name, type: '*JRNRCV' });
    this.authority.copy(name(old), name(next));
  }

  /** Journal attributes decide what entries say of their origin; jobs work it out anew. */
  forgetOrigins(): void {
    for (const job of this.jobs) job.forgetOrigins();
  }

  /** ALCOBJ *EXCL: until DLCOBJ or the job's end no other job can use the file. @throws CpfFailure CPF1002 */
  allocate(job: PartitionJob, file: PhysicalFile): void {
    const holder = this.allocations.get(file);
    if (holder && holder !== job) throw new CpfFailure('CPF1002', `Cannot allocate object ${file.name}.`);
    this.allocations.set(file, job);
  }

  deallocate(job: PartitionJob, file: PhysicalFile): void {
    if (this.allocations.get(file) === job) this.allocations.delete(file);
  }

  /** @throws SqlFailure -913 when another job has the file to itself */
  checkAllocation(job: PartitionJob, file: PhysicalFile): void {
    const holder = this.allocations.get(file);
    if (holder && holder !== job) throw rowInUse(file.library, file.name);
  }

  comparableOf(column: ColumnDef, value: SessionValue): Comparable {
    return encodeComparable(column, value);
  }

  valueOf(column: ColumnDef, stored: Comparable): SessionValue {
    return decodeComparable(column, stored);
  }

  readJournal(user: string, request: ReadRequest): Generator<EntryRow[], void, void> {
    return this.reader.read(user, request);
  }

  retrieveEntries(user: string, request: ReadRequest): Generator<EntryRow[], void, void> {
    return this.reader.retrieve(user, request);
  }

  /** Deposits many entries at once, without touching rows; for benchmarks and long-history tests. */
  loadEntries(journal: Journal, entries: Iterable<BulkEntry>): number {
    return this.transaction(() => loadEntries(this.kernel, journal, entries));
  }

  checkAuthority(user: string, object: ObjectName, authority: string): void {
    this.authority.checkSql(user, object, authority);
  }

  isAuthorized(user: string, object: ObjectName, authority: string): boolean {
    return this.authority.allowsWithLibrary(user, object, authority);
  }

  /**
   * Initial program load: every job is gone, open cycles are rolled back implicitly, each journal gets J IN (or IA) and,
   * unless it is managed by users or has *MAXOPT3, a new receiver that starts at 1 again.
   */
  ipl(o: { readonly abnormal?: boolean } = {}): void {
    for (const job of [...this.jobs]) job.abandon();
    this.transaction(() => {
      this.resolveOpenCycles();
      const origin = this.kernel.systemOrigin();
      for (const journal of this.journalStore.list) {
        journal.flush();
        journal.deposit({ code: 'J', type: o.abnormal ? 'IA' : 'IN', origin });
        const { manageReceivers, receiverSize } = journal.attributes;
        if (manageReceivers === '*SYSTEM' && receiverSize !== '*MAXOPT3')
          this.changeReceiver(journal, { reset: true, origin });
      }
    });
  }

  private resolveOpenCycles(): void {
    const rows = this.db.prepare('SELECT * FROM open_cycle ORDER BY cycle DESC').all() as OpenCycleRow[];
    const origins = new Map(rows.map((r) => [r.journal, r.origin]));
    for (const id of new Set(rows.map((r) => r.cycle))) {
      const starts = rows.filter((r) => r.cycle === id).flatMap((r) => this.startOf(r));
      const cycle = CommitCycle.resume(id, this.jobHost, starts, (journal) => origins.get(journal.id)!);
      cycle.rollback('2');
    }
    const last = this.db.prepare('SELECT coalesce(max(cycle), 0) FROM undo_step').pluck().get() as number;
    this.nextCycle = Math.max(this.nextCycle, last + 1);
  }

  private startOf(row: OpenCycleRow) {
    const journal = this.journalStore.list.find((j) => j.id === row.journal);
    if (!journal) return [];
    const receiver = journal.receivers.find((r) => r.id === row.receiver) ?? journal.attachedReceiver;
    return [{ journal, receiver, ccid: row.ccid }];
  }

  /** Ends every job and closes the file; a temporary one is removed. */
  close(): void {
    if (!this.db.open) return;
    for (const job of [...this.jobs]) job.end();
    this.transaction(() => {
      for (const file of this.fileStore.list) for (const member of file.members) this.fileStore.storeMember(member);
    });
    this.halt();
    if (this.temporary) rmSync(this.temporary, { recursive: true, force: true });
  }

  /** The plug is pulled: nothing is ended, nothing tidied. The next `open` of the folder finds open cycles and resolves them. */
  halt(): void {
    this.db.close();
    this.lock.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

interface OpenCycleRow {
  readonly cycle: number;
  readonly journal: number;
  readonly receiver: number;
  readonly ccid: number;
  readonly origin: number;
}
