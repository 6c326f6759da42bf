/** A row change over one entry, or two for an update with its before image. */
import type { Change, ChangeMode, ChangeOp, RecordImage, RowSource } from '../../model/change';
import type { Position, QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';

export class JournalChange implements Change {
  readonly mode: ChangeMode = 'stream';
  readonly occasion = '';
  private beforeRow: RowSource | null = null;
  private afterRow: RowSource | null = null;

  /**
   * @param entry the entry that gives position and header
   * @param beforeEntry the UB or BR entry of an update, when the journal has one
   * @param compensation true for BR/UR/DR: undoes an earlier change of the same row
   */
  constructor(
    readonly op: ChangeOp,
    readonly journal: QualifiedName,
    public entry: BlockEntry,
    public beforeEntry: BlockEntry | null,
    readonly compensation: boolean,
  ) {}

  get table(): QualifiedName {
    return this.entry.ref.file!;
  }
  get member(): string {
    return this.entry.ref.member;
  }
  get before(): RowSource | null {
    if (this.beforeRow) return this.beforeRow;
    const source = this.op === 'delete' ? this.entry : this.beforeEntry;
    if (!source || source.dataLength <= 0) return null;
    this.beforeRow = new EntryImage(source);
    return this.beforeRow;
  }
  get after(): RowSource | null {
    if (this.op === 'delete' || this.entry.dataLength < 0) return null;
    this.afterRow ??= new EntryImage(this.entry);
    return this.afterRow;
  }
  /** A copy, not the entry: whoever keeps a position must not keep the block alive. */
  get position(): Position {
    return { receiver: this.entry.receiver, sequence: this.entry.sequence };
  }
  get timestamp(): string {
    return this.entry.timestamp;
  }
  get commitCycle(): bigint {
    return this.entry.commitCycle;
  }
  get rrn(): bigint {
    return this.entry.rrn;
  }
  get user(): string {
    return this.entry.user;
  }
  get job(): string {
    return this.entry.job;
  }
  get program(): string {
    return this.entry.program;
  }
  get remoteAddress(): string {
    return this.entry.remoteAddress;
  }

  /** True when it changes the very row `other` changes. */
  sameRow(other: JournalChange): boolean {
    return this.entry.ref === other.entry.ref && this.entry.rrn === other.entry.rrn;
  }

  /** Copies what would die with the block; call before the next block is asked for. */
  copy(): void {
    this.entry = this.entry.copy();
    this.beforeEntry = this.beforeEntry?.copy() ?? null;
    this.beforeRow = null;
    this.afterRow = null;
  }

  /** Bytes it keeps alive once copied. */
  get copiedBytes(): number {
    return Math.max(0, this.entry.dataLength) + Math.max(0, this.beforeEntry?.dataLength ?? 0) + 400;
  }
}

/** Source and image in one: every change makes one, many make two. */
class EntryImage implements RecordImage {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly nulls: Uint8Array | null;

  constructor(entry: BlockEntry) {
    this.bytes = entry.bytes;
    this.offset = entry.dataOffset;
    this.length = Math.max(0, entry.dataLength);
    this.nulls = entry.nulls;
  }

  get is(): 'image' {
    return 'image';
  }
  get image(): RecordImage {
    return this;
  }
}
