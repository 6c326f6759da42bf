/** A journal receiver: its place in the chain, its counters, its status. Entries themselves are in journal-entries.ts. */
import type { QualifiedName } from '../../../model/position';
import type { JournalView, LocalTimestamp, ReceiverView } from '../contract';
import type { StoredReceiverStatus } from '../files/definitions';
import { SEQUENCE_BITS } from '../files/schema';
import type { Deposit } from './journal-entries';

export interface ReceiverRow {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  readonly chain: number;
  readonly place: number;
  readonly status: StoredReceiverStatus;
  readonly base: string;
  readonly attached: string | null;
  readonly detached: string | null;
  readonly saved: string | null;
  readonly saved_last: number | null;
  readonly previous: string | null;
  readonly next: string | null;
  readonly threshold: number;
}

/** The journal a receiver belongs to, as the receiver needs it. */
interface OwningJournal extends JournalView {
  openCyclesIn(receiver: Receiver): number;
  /** @returns the entry's sequence number, relative to the receiver's base */
  deposit(entry: Deposit): number;
}

/** Bytes an entry takes beside its data, about. */
const ENTRY_OVERHEAD = 200;

export class Receiver implements ReceiverView {
  readonly id: number;
  readonly library: string;
  readonly name: string;
  chain: number;
  place: number;
  status: StoredReceiverStatus;
  /** Sequence numbers are stored less this; 0 unless the chain was started near the maximum. */
  base: bigint;
  attached: LocalTimestamp | null;
  detached: LocalTimestamp | null;
  saved: LocalTimestamp | null;
  /** Last relative sequence contained in the saved copy. */
  savedLast: number | null;
  previousName: QualifiedName | null;
  nextName: QualifiedName | null;
  threshold: number;
  /** Relative sequence numbers; first is 0 while empty. */
  firstSeq = 0;
  lastSeq = 0;
  count = 0;
  size = 0;
  maxDataLength = 0;
  maxNullIndicators = 0;
  /** Entries above this are still cached in main storage; null when none is. */
  visibleSeq: number | null = null;
  /** `id << 44`: add a relative sequence to get an entry's key. */
  readonly entryBase: bigint;

  constructor(
    row: ReceiverRow,
    readonly owner: { journal: OwningJournal | null },
  ) {
    this.id = row.id;
    this.library = row.library;
    this.name = row.name;
    this.chain = row.chain;
    this.place = row.place;
    this.status = row.status;
    this.base = BigInt(row.base);
    this.attached = row.attached;
    this.detached = row.detached;
    this.saved = row.saved;
    this.savedLast = row.saved_last;
    this.previousName = unpackName(row.previous);
    this.nextName = unpackName(row.next);
    this.threshold = row.threshold;
    this.entryBase = BigInt(row.id) << SEQUENCE_BITS;
  }

  /** One more entry: its number, bytes of data, null indicators. */
  account(seq: number, length: number, nulls: number): void {
    if (this.firstSeq === 0) this.firstSeq = seq;
    this.lastSeq = seq;
    this.count++;
    this.size += length + ENTRY_OVERHEAD;
    if (length > this.maxDataLength) this.maxDataLength = length;
    if (nulls > this.maxNullIndicators) this.maxNullIndicators = nulls;
  }

  get journal(): OwningJournal | null {
    return this.owner.journal;
  }

  get first(): bigint {
    return this.firstSeq === 0 ? 0n : this.base + BigInt(this.firstSeq);
  }

  get last(): bigint {
    return this.lastSeq === 0 ? 0n : this.base + BigInt(this.lastSeq);
  }

  /** Last relative sequence a reader can see. */
  get readableSeq(): number {
    return this.visibleSeq ?? this.lastSeq;
  }

  get entries(): bigint {
    return this.firstSeq === 0 ? 0n : BigInt(this.lastSeq - this.firstSeq + 1);
  }

  get previous(): ReceiverView | QualifiedName | null {
    return this.previousName;
  }

  get next(): ReceiverView | QualifiedName | null {
    return this.nextName;
  }

  get readable(): boolean {
    return this.status !== 'FREED' && this.status !== 'EMPTY';
  }

  get pendingTransactions(): number {
    return this.owner.journal?.openCyclesIn(this) ?? 0;
  }

  get number(): string {
    return `${String(this.chain % 100).padStart(2, '0')}${String(this.place % 1000).padStart(3, '0')}`;
  }
}

export function packName(name: QualifiedName | null): string | null {
  return name ? `${name.library}/${name.name}` : null;
}

function unpackName(text: string | null): QualifiedName | null {
  if (text === null) return null;
  const [library, name] = text.split('/');
  return { library: library!, name: name! };
}

/** `ORDRCV0001` -> `ORDRCV0002`; a name without digits gets them, a full one starts over. */
export function nextReceiverName(name: string): string {
  const m = /^(.*?)(\d+)$/.exec(name);
  if (!m) return `${name.slice(0, 6)}0001`;
  const digits = m[2]!.slice(-9);
  const stem = name.slice(0, name.length - digits.length);
  const next = String(Number(digits) + 1).padStart(digits.length, '0');
  return stem + (next.length > digits.length ? '0'.repeat(digits.length) : next);
}
