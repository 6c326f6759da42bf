/**
 * The inside of the simulated partition as its SQL engine sees it. `Partition`, `PhysicalFile`, `Member`, `Journal`,
 * `Receiver` and `PartitionJob` implement these.
 *
 * Row tables: every member is a SQLite table `member.rowTable` = "m_<memberId>" with
 *   rrn INTEGER PRIMARY KEY, image BLOB, nulls TEXT ('0'/'1' a column, NULL when no column is nullable),
 *   bad TEXT (comma list of ordinals whose bytes are invalid, or NULL), and c0..cN, the comparable value of each field.
 * Comparable forms are those of comparable.ts. Read them freely with SQL over `partition.db`; write only through a job.
 * Never leave an iterator open on `partition.db` while a job writes: better-sqlite3 refuses; fetch in chunks.
 */
import type Database from 'better-sqlite3';
import type { CommitLevel, JobIdentity, SessionValue } from '../sql-session';
import type { Comparable } from './files/comparable';
import type {
  AccessControl,
  ColumnDef,
  FileDef,
  ForeignKeyDef,
  JournalAttributes,
  JournalImages,
  KeyDef,
  StoredReceiverStatus,
} from './files/definitions';
import type { JobLoad } from './jobs/job-load';

/** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition. */
export type LocalTimestamp = string;

export interface MemberView {
  readonly id: number;
  readonly name: string;
  readonly file: FileView;
  readonly rowTable: string;
  rowCount(): number;
  deletedCount(): number;
  readonly created: LocalTimestamp;
  readonly lastChange: LocalTimestamp;
}

interface LibraryView {
  readonly name: string;
  /** SQL name; equals `name` when short. */
  readonly longName: string;
  readonly text: string;
  readonly created: LocalTimestamp;
}

export interface FileView {
  readonly id: number;
  readonly library: string;
  /** SQL name of the library; equals `library` when short. */
  readonly schema: string;
  readonly name: string;
  /** SQL name; equals `name` when short. */
  readonly longName: string;
  readonly columns: readonly ColumnDef[];
  readonly keys: readonly KeyDef[];
  readonly foreignKeys: readonly ForeignKeyDef[];
  readonly text: string;
  readonly sqlTable: boolean;
  readonly reuseDeleted: boolean;
  /** Bytes of a record image without LOB data. */
  readonly recordLength: number;
  readonly members: readonly MemberView[];
  /** Null when not journaled. */
  readonly journal: JournalView | null;
  readonly images: JournalImages;
  readonly omitOpenClose: boolean;
  readonly journalStart: LocalTimestamp | null;
  readonly journalIdentifier: Uint8Array | null;
  readonly created: LocalTimestamp;
  readonly accessControl: AccessControl;
  /** Position of an SQL or system column name, or -1. */
  columnIndex(name: string): number;
}

export interface ReceiverView {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  /** Null before it is attached, and after its journal was deleted. */
  readonly journal: JournalView | null;
  readonly status: StoredReceiverStatus;
  /** First sequence number; 0 when empty. */
  readonly first: bigint;
  /** Last sequence number deposited, cached and hidden ones included (as the receiver's attributes say it). */
  readonly last: bigint;
  readonly entries: bigint;
  readonly attached: LocalTimestamp | null;
  readonly detached: LocalTimestamp | null;
  readonly saved: LocalTimestamp | null;
  readonly previous: ReceiverView | { readonly library: string; readonly name: string } | null;
  readonly next: ReceiverView | { readonly library: string; readonly name: string } | null;
  /** Bytes. */
  readonly size: number;
  /** Kilobytes; 0 when none was given. */
  readonly threshold: number;
  readonly pendingTransactions: number;
  readonly maxDataLength: number;
  readonly maxNullIndicators: number;
  /** Five digits: chain number and place in the chain. */
  readonly number: string;
}

export interface JournalView {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  readonly attributes: JournalAttributes;
  readonly attachedReceiver: ReceiverView;
  /** Oldest first, all chains. */
  readonly receivers: readonly ReceiverView[];
  readonly files: readonly FileView[];
  readonly created: LocalTimestamp;
}

/** One journal entry with the fields DISPLAY_JOURNAL shows. Plain data, valid for ever. */
export interface EntryRow {
  readonly receiver: ReceiverView;
  readonly sequence: bigint;
  readonly timestamp: LocalTimestamp;
  readonly code: string;
  readonly type: string;
  /** RRN for R entries, a count for others. */
  readonly rrn: number;
  readonly commitCycle: bigint;
  readonly nestedCommitLevel: number;
  readonly flag: string;
  /** One character a field, or null. */
  readonly nulls: string | null;
  readonly data: Buffer | null;
  readonly object: EntryObject;
  readonly origin: EntryOrigin;
  readonly trigger: boolean;
  readonly referential: boolean;
  readonly ignoreOnApply: boolean;
  readonly minimized: boolean;
  readonly minimizedOnField: boolean;
  /** An internal entry, shown with INCLUDE_INTERNAL only. */
  readonly internal: boolean;
}

export interface EntryObject {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  readonly member: string;
  /** file(10) library(10) member(10), blank padded; blanks when the entry has no object. */
  readonly object30: string;
  /** `*FILE`, `*JRNRCV`, ... or ''. */
  readonly objectType: string;
  /** `*QDDS` for member data, else ''. */
  readonly fileType: string;
  readonly journalIdentifier: Uint8Array | null;
}

export interface EntryOrigin {
  readonly id: number;
  readonly jobName: string;
  readonly jobUser: string;
  readonly jobNumber: string;
  readonly userName: string;
  readonly program: string;
  readonly programLibrary: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly thread: string;
  readonly systemName: string;
}

/** Arguments of DISPLAY_JOURNAL, already split; an absent one has the function's own default. */
export interface ReadRequest {
  readonly journalLibrary: string;
  readonly journalName: string;
  readonly startingReceiverLibrary?: string | null;
  /** A name, *CURRENT (default), *CURCHAIN, *CURAVLCHN or *CURSEQCHN. */
  readonly startingReceiver?: string | null;
  readonly startingTimestamp?: LocalTimestamp | null;
  readonly startingSequence?: bigint | null;
  readonly endingReceiverLibrary?: string | null;
  readonly endingReceiver?: string | null;
  readonly endingTimestamp?: LocalTimestamp | null;
  readonly endingSequence?: bigint | null;
  /** Empty or absent: all. `*CTL` and `*RCD` are understood. */
  readonly codes?: readonly string[];
  readonly types?: readonly string[];
  /** Up to 300 objects, each with a member of its own or that of the request. */
  readonly objects?: readonly { readonly library: string; readonly name: string; readonly member?: string }[];
  /** Codes whose entries are wanted whatever their object (JRNCDE with *IGNFILSLT). */
  readonly codesOfAnyObject?: readonly string[];
  readonly objectType?: string | null;
  readonly member?: string | null;
  readonly user?: string | null;
  /** Name, or number/user/name. */
  readonly job?: string | null;
  readonly program?: string | null;
  readonly commitCycle?: bigint | null;
  readonly includeInternal?: boolean;
  /** False leaves out what triggers and referential constraints deposited (DEPENT(*NONE)). */
  readonly dependent?: boolean;
  /** About how many more entries the caller has room for, asked again before each part: what finds none was read in vain. */
  readonly room?: () => number;
}

/** A row to write: values in column order (undefined = the column's default), or the raw record image. */
export type RowInput = readonly (SessionValue | undefined)[] | RawRow;

export interface RawRow {
  readonly image: Uint8Array;
  /** '0'/'1' a column; default all '0'. */
  readonly nulls?: string;
  /** LOB values by ordinal; absent = empty. */
  readonly lobs?: ReadonlyMap<number, SessionValue>;
}

export interface RowOptions {
  readonly trigger?: boolean;
  readonly referential?: boolean;
}

/** Everything one job may do. All calls are synchronous; each is atomic together with its journal entries. */
export interface JobView {
  readonly identity: JobIdentity;
  /** Ended by `end()` or an IPL; every further call fails. */
  readonly ended: boolean;
  commitLevel: CommitLevel;
  /** Program name and library recorded in entries; default QZDASOINIT in QSYS. */
  program: { name: string; library: string };
  /** User profile the job runs under; default the identity's user. */
  currentUser: string;
  readonly load: JobLoad;
  /** Returns the relative record number. Failures: SqlFailure -803, -407, -404, -406, -913, -7008, -551. */
  insertRow(member: MemberView, row: RowInput, options?: RowOptions): number;
  /** `changes` by ordinal, or the whole raw image. False when there is no such record. */
  updateRow(
    member: MemberView,
    rrn: number,
    changes: ReadonlyMap<number, SessionValue | undefined> | RawRow,
    options?: RowOptions,
  ): boolean;
  deleteRow(member: MemberView, rrn: number, options?: RowOptions): boolean;
  /**
   * Runs one statement's row operations in one SQLite transaction. If `work` throws: under commitment control its rows
   * are undone by compensating entries, without it they stay (as on Db2); the error is thrown on.
   */
  statement<T>(work: () => T): T;
  commit(): void;
  rollback(): void;
  savepoint(name: string): void;
  rollbackTo(name: string): void;
  release(name: string): void;
  /** Value of the identity column of the last insert, as IDENTITY_VAL_LOCAL(). */
  readonly lastIdentity: string | null;
  /** Open work is rolled back implicitly. Idempotent. */
  end(): void;
}

export interface PartitionView {
  readonly db: Database.Database;
  /** `S1234567`-like system name; also CURRENT SERVER. */
  readonly systemName: string;
  now(): LocalTimestamp;
  /** Minutes east of UTC, now. */
  zoneMinutes(): number;
  libraries(): readonly LibraryView[];
  /** System name of a library named either way; a name that is no library's stays as it is. */
  systemLibrary(name: string): string;
  createLibrary(name: string, text?: string): void;
  /** By system or SQL name; null if there is none. */
  file(library: string, name: string): FileView | null;
  files(library?: string): readonly FileView[];
  journal(library: string, name: string): JournalView | null;
  journals(): readonly JournalView[];
  receiver(library: string, name: string): ReceiverView | null;
  receivers(): readonly ReceiverView[];
  openJob(identity: JobIdentity): JobView;
  /** Jobs that have not ended, in the order they began. */
  activeJobs(): readonly JobView[];
  createFile(job: JobView, def: FileDef): FileView;
  /** New record format; rows are converted (`from[i]` = old ordinal of new column i, or null). Writes D CG. */
  alterFile(job: JobView, file: FileView, columns: readonly ColumnDef[], from: readonly (number | null)[]): void;
  addKey(job: JobView, file: FileView, key: KeyDef): void;
  removeKey(job: JobView, file: FileView, name: string): void;
  dropFile(job: JobView, file: FileView): void;
  /** `longName` is the SQL name; absent, it follows the system name where the two were the same. */
  renameFile(job: JobView, file: FileView, name: string, longName?: string): void;
  moveFile(job: JobView, file: FileView, library: string): void;
  /** CLRPFM and TRUNCATE: one F CR entry. Returns the number of records removed. */
  clearMember(job: JobView, member: MemberView): number;
  reorganizeMember(job: JobView, member: MemberView, allowCancel?: boolean): void;
  /** Decoded values of a record, in the session's value forms; MAPPING_ERROR never appears, see `bad`. */
  comparableOf(column: ColumnDef, value: SessionValue): Comparable;
  valueOf(column: ColumnDef, stored: Comparable): SessionValue;
  /** DISPLAY_JOURNAL: entries in order, a chunk at a time, so that others may write in between. */
  readJournal(user: string, request: ReadRequest): Generator<EntryRow[], void, void>;
  /** The same for QjoRetrieveJournalEntries: failures are the escape messages themselves. @throws CpfFailure */
  retrieveEntries(user: string, request: ReadRequest): Generator<EntryRow[], void, void>;
  /** Fails with SqlFailure -551 unless the user may do `authority` to the object and execute its library. */
  checkAuthority(user: string, object: { library: string; name: string; type: string }, authority: string): void;
  isAuthorized(user: string, object: { library: string; name: string; type: string }, authority: string): boolean;
  /** Fails with SqlFailure -913 when another job has the file to itself (ALCOBJ *EXCL). */
  checkAllocation(job: JobView, file: FileView): void;
  /** SYSTEM_STATUS_INFO.JOURNAL_CACHE_WAIT_TIME, seconds. */
  cacheWaitSeconds: number;
  close(): void;
}
