/**
 * A journal entry as the stages of this folder pass it on: header fields that every entry needs are there at once,
 * the rest is decoded when asked for. Views die with their block; `hold` makes a copy that lives on.
 */
import type { JournalEntry } from '../../model/entry';
import type { QualifiedName } from '../../model/position';
import type { CapturedTable } from '../options';

/** Interned by the reader: the same file and member is the same object, with the same `id`. */
export interface ObjectRef {
  readonly id: number;
  readonly file: QualifiedName | null;
  readonly member: string;
  /** Null when the entry's object is not one we capture. */
  readonly table: CapturedTable | null;
}

export interface BlockEntry extends JournalEntry {
  /** Journal code and entry type in one word: `RPT`, `CCM`. */
  readonly kind: string;
  readonly ref: ObjectRef;
  /** The entry's data without making a view: `bytes[dataOffset .. dataOffset + dataLength)`; length -1 for none. */
  readonly bytes: Uint8Array;
  readonly dataOffset: number;
  readonly dataLength: number;
  /** The data may be a part of what the journal has: it was cut to the length asked for, or lies behind pointers. */
  readonly cut: boolean;
  /** Place in the ledger's open stretch; -1 when it is written or was never noted. */
  slot: number;
  /** The whole record image where the block holds a cut one. */
  replaceData(data: Uint8Array): void;
  copy(): BlockEntry;
}

const EMPTY = new Uint8Array(0);

/** A copy of an entry that owns its bytes. */
export class CopiedEntry implements BlockEntry {
  readonly receiver: QualifiedName;
  readonly sequence: bigint;
  readonly timestamp: string;
  readonly kind: string;
  readonly ref: ObjectRef;
  readonly rrn: bigint;
  readonly commitCycle: bigint;
  readonly flag: string;
  readonly nulls: Uint8Array | null;
  bytes: Uint8Array;
  readonly dataOffset = 0;
  dataLength: number;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
  cut: boolean;
  slot: number;

  constructor(from: HeldFields) {
    this.receiver = from.receiver;
    this.sequence = from.sequence;
    this.timestamp = from.timestamp;
    this.kind = from.kind;
    this.ref = from.ref;
    this.rrn = from.rrn;
    this.commitCycle = from.commitCycle;
    this.flag = from.flag;
    this.nulls = from.nulls;
    this.bytes = from.bytes ?? EMPTY;
    this.dataLength = from.bytes ? from.bytes.length : -1;
    this.user = from.user;
    this.job = from.job;
    this.program = from.program;
    this.remoteAddress = from.remoteAddress;
    this.cut = from.cut ?? false;
    this.slot = from.slot;
  }

  get code(): string {
    return this.kind.charAt(0);
  }
  get type(): string {
    return this.kind.slice(1);
  }
  get object(): QualifiedName | null {
    return this.ref.file;
  }
  get member(): string {
    return this.ref.member;
  }
  get data(): Uint8Array | null {
    return this.dataLength < 0 ? null : this.bytes;
  }
  replaceData(data: Uint8Array): void {
    this.bytes = new Uint8Array(data);
    this.dataLength = data.length;
    this.cut = false;
  }

  copy(): BlockEntry {
    return this;
  }
}

interface HeldFields {
  readonly receiver: QualifiedName;
  readonly sequence: bigint;
  readonly timestamp: string;
  readonly kind: string;
  readonly ref: ObjectRef;
  readonly rrn: bigint;
  readonly commitCycle: bigint;
  readonly flag: string;
  readonly nulls: Uint8Array | null;
  /** Null for an entry without data. */
  readonly bytes: Uint8Array | null;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
  /** Left out for false. */
  readonly cut?: boolean;
  readonly slot: number;
}

/** Copies what a block entry only has views of. */
export function holdEntry(entry: BlockEntry): CopiedEntry {
  return new CopiedEntry({
    receiver: entry.receiver,
    sequence: entry.sequence,
    timestamp: entry.timestamp,
    kind: entry.kind,
    ref: entry.ref,
    rrn: entry.rrn,
    commitCycle: entry.commitCycle,
    flag: entry.flag,
    nulls: entry.nulls === null ? null : new Uint8Array(entry.nulls),
    bytes: entry.dataLength < 0 ? null : copied(entry.bytes, entry.dataOffset, entry.dataLength),
    user: entry.user,
    job: entry.job,
    program: entry.program,
    remoteAddress: entry.remoteAddress,
    cut: entry.cut,
    slot: entry.slot,
  });
}

/** Not slice(): of a Buffer that is a view, which would keep the whole block. */
function copied(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(offset, offset + length));
}

/** Interns file and member names and knows which of them are captured. Bounded: a foreign flood starts it afresh. */
export class ObjectNames {
  private readonly refs = new Map<string, ObjectRef>();
  /** Captured members are never forgotten: pairing and commit cycles compare them by identity. */
  private readonly own = new Map<string, ObjectRef>();
  private readonly captured: ReadonlyMap<string, CapturedTable>;
  private nextId = 1;
  readonly none: ObjectRef = { id: 0, file: null, member: '', table: null };

  constructor(tables: readonly CapturedTable[]) {
    this.captured = new Map(tables.map((t) => [`${t.file.library}/${t.file.name}`, t]));
  }

  /** @param text the OBJECT column: file(10), library(10), member(10) */
  ofText(text: string): ObjectRef {
    const known = this.own.get(text) ?? this.refs.get(text);
    if (known) return known;
    const file = { name: text.slice(0, 10).trimEnd(), library: text.slice(10, 20).trimEnd() };
    if (file.name === '' || file.name.startsWith('\u0000')) return this.none;
    const member = text.slice(20, 30).trimEnd();
    const configured = this.captured.get(`${file.library}/${file.name}`) ?? null;
    // D entries are about the file and name no member
    const table =
      configured && (configured.member === null || member === '' || member === configured.member) ? configured : null;
    const ref = { id: this.nextId++, file, member, table };
    if (table) this.own.set(text, ref);
    else {
      if (this.refs.size >= MAX_REFS) this.refs.clear();
      this.refs.set(text, ref);
    }
    return ref;
  }
}

const MAX_REFS = 20_000;
