/** A physical file and its members, as the partition holds them in main storage. */
import type Database from 'better-sqlite3';
import type { FileView, LocalTimestamp, MemberView } from '../contract';
import type { Journal } from '../journal/journal';
import type { JournalEntries } from '../journal/journal-entries';
import {
  type AccessControl,
  type ColumnDef,
  type FileDef,
  type ForeignKeyDef,
  type JournalImages,
  type KeyDef,
  NO_ACCESS_CONTROL,
  type NullFill,
} from './definitions';
import { MemberRows } from './member-rows';
import { layoutOf, type RecordLayout } from './record-layout';

export class PhysicalFile implements FileView {
  library: string;
  /** What SQL calls the library; set where the file is listed. */
  schema: string;
  name: string;
  longName: string;
  columns!: readonly ColumnDef[];
  layout!: RecordLayout;
  keys: readonly KeyDef[];
  foreignKeys: readonly ForeignKeyDef[];
  text: string;
  readonly sqlTable: boolean;
  readonly reuseDeleted: boolean;
  readonly recordFormat: string;
  nullFill: NullFill;
  accessControl: AccessControl;
  readonly members: Member[] = [];
  /** Record lengths of the formats it had before. */
  formerLengths: readonly number[];
  journal: Journal | null = null;
  images: JournalImages = '*AFTER';
  omitOpenClose = false;
  journalStart: LocalTimestamp | null = null;
  journalIdentifier: Buffer | null = null;
  /** Next value of the identity column, if there is one. */
  nextIdentity: bigint | null = null;
  private indexes = new Map<string, number>();

  constructor(
    readonly id: number,
    def: FileDef,
    readonly created: LocalTimestamp,
    private readonly entries: JournalEntries,
  ) {
    this.library = def.library;
    this.schema = def.library;
    this.name = def.name;
    this.longName = def.longName ?? def.name;
    this.keys = def.keys ?? [];
    this.foreignKeys = def.foreignKeys ?? [];
    this.text = def.text ?? '';
    this.sqlTable = def.sqlTable ?? false;
    this.reuseDeleted = def.reuseDeleted ?? this.sqlTable;
    this.recordFormat = def.recordFormat ?? def.name;
    this.nullFill = def.nullFill ?? 'usual';
    this.accessControl = def.accessControl ?? NO_ACCESS_CONTROL;
    this.formerLengths = def.formerLengths ?? [];
    this.setColumns(def.columns);
  }

  setColumns(columns: readonly ColumnDef[]): void {
    this.columns = columns;
    if (this.layout) this.formerLengths = [...new Set([...this.formerLengths, this.layout.length])];
    this.layout = layoutOf(columns);
    this.indexes = new Map();
    for (const [i, c] of columns.entries()) this.indexes.set(c.systemName, i);
    for (const [i, c] of columns.entries()) this.indexes.set(c.name, i);
    const identity = columns.find((c) => c.identity)?.identity;
    this.nextIdentity = identity ? (this.nextIdentity ?? identity.start) : null;
  }

  get recordLength(): number {
    return this.layout.length;
  }

  get definition(): FileDef {
    const { library, name, longName, columns, keys, text, sqlTable, reuseDeleted, recordFormat } = this;
    const { nullFill, accessControl, foreignKeys, formerLengths } = this;
    const plain = { library, name, longName, columns, keys, text, sqlTable, reuseDeleted, recordFormat };
    return { ...plain, nullFill, accessControl, foreignKeys, formerLengths };
  }

  get uniqueKeys(): readonly KeyDef[] {
    return this.keys.filter((k) => k.unique);
  }

  columnIndex(name: string): number {
    return this.indexes.get(name) ?? -1;
  }

  /** Id of the entry object: of a member, or of the file itself. Changes with names and with the journal identifier. */
  objectId(member = ''): number {
    return this.entries.objectId({
      library: this.library,
      name: this.name,
      member,
      objectType: '*FILE',
      fileType: member === '' ? '' : '*QDDS',
      journalIdentifier: this.journalIdentifier,
    });
  }
}

export class Member implements MemberView {
  readonly rowTable: string;
  lastChange: LocalTimestamp;
  rows!: MemberRows;
  private object: number | null = null;
  private live: number | null = null;
  private free: number[] | null = null;

  constructor(
    readonly id: number,
    public name: string,
    readonly file: PhysicalFile,
    public nextRrn: number,
    readonly created: LocalTimestamp,
  ) {
    this.rowTable = `m_${id}`;
    this.lastChange = created;
  }

  /** Whether `free` has the lowest slot last; slots are used again in their order. */
  private freeInOrder = true;

  open(db: Database.Database): void {
    this.rows = new MemberRows(db, this.rowTable, this.file);
  }

  create(db: Database.Database): void {
    this.rows = MemberRows.create(db, this.rowTable, this.file);
    this.live = 0;
    this.free = [];
  }

  /** Id of the entry object of this member's entries. */
  get objectId(): number {
    this.object ??= this.file.objectId(this.name);
    return this.object;
  }

  /** A name or the journal identifier changed. */
  renamed(): void {
    this.object = null;
  }

  rowCount(): number {
    this.live ??= this.rows.count();
    return this.live;
  }

  deletedCount(): number {
    return Math.max(0, this.nextRrn - 1 - this.rowCount());
  }

  /** A slot for a new record: a deleted one if the file reuses them. Not taken until `rowAdded`. */
  slotForInsert(isHeld: (rrn: number) => boolean): { rrn: number; reused: boolean } {
    if (!this.file.reuseDeleted) return { rrn: this.nextRrn, reused: false };
    this.free ??= this.rows.freeSlots(this.nextRrn).filter((rrn) => !isHeld(rrn));
    if (!this.freeInOrder) this.free.sort((a, b) => b - a);
    this.freeInOrder = true;
    const rrn = this.free.at(-1);
    return rrn === undefined ? { rrn: this.nextRrn, reused: false } : { rrn, reused: true };
  }

  rowAdded(rrn: number, now: LocalTimestamp): void {
    if (this.free?.at(-1) === rrn) this.free.pop();
    else if (this.free !== null && rrn < this.nextRrn) this.free = this.free.filter((f) => f !== rrn);
    if (rrn >= this.nextRrn) this.nextRrn = rrn + 1;
    if (this.live !== null) this.live++;
    this.lastChange = now;
  }

  rowRemoved(now: LocalTimestamp): void {
    if (this.live !== null) this.live--;
    this.lastChange = now;
  }

  /** The slot of a deleted record may be used again: not before the delete is committed. */
  slotFreed(rrn: number): void {
    if (this.free === null) return;
    // sorted when the next slot is taken: a mass delete must not cost a sort a row
    if (rrn > (this.free.at(-1) ?? Number.POSITIVE_INFINITY)) this.freeInOrder = false;
    this.free.push(rrn);
  }

  /** Rows were replaced as a whole. */
  reset(nextRrn: number): void {
    this.nextRrn = nextRrn;
    this.live = null;
    this.free = null;
  }
}
