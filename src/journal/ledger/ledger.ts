/**
 * The zero-drop ledger: for every sequence number that a receiver showed us, what became of it, as runs of equal fate.
 *
 * A run never spans a number that was not seen: a hole in the numbers is a hole in the ledger, and only the partition
 * can say whether it is a real one. Runs of a stretch are packed into one blob: fate, gap before, count, all varints.
 */
import type { QualifiedName } from '../../model/position';

/** Fixed fates; rules and reasons get numbers of their own from {@link DETAIL_BASE} up. */
export const FATE = {
  /** Handed to mapping and made into events. */
  published: 1,
  /** C and J entries, and whatever else steers reading. */
  control: 2,
  /** Entries of files that are not captured. */
  notOurs: 3,
  /** The same, left out by the server's filter. */
  notOursByServer: 4,
  /** In a commit cycle that was open when this was written: see the cycle's own fate. */
  held: 5,
  rolledBack: 6,
  /** Reported as a table notice. */
  notice: 7,
  /** Before image, or header entry: counted with the entry it belongs to. */
  partner: 8,
  /** Entry of a captured file that changes no row (IL, OP, CL...). */
  noChange: 9,
  /** Proved gone before it could be read, by decision of the policy. */
  lost: 10,
} as const;

export const FATE_NAMES: Readonly<Record<number, string>> = {
  1: 'published',
  2: 'control',
  3: 'not ours',
  4: 'not ours (left out by the server)',
  5: 'waiting in an open commit cycle',
  6: 'rolled back',
  7: 'notice',
  8: 'partner of another entry',
  9: 'no change',
  10: 'lost',
};

export const DETAIL_BASE = 64;

export interface LedgerRun {
  readonly fate: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** One stretch of one receiver being filled; flush it before it is full. */
export class LedgerStretch {
  /** Bounds memory between two checkpoints. */
  static readonly CAPACITY = 65_536;

  private readonly fates = new Uint16Array(LedgerStretch.CAPACITY);
  /** Offset from the stretch's first number: exact up to 2^53, and a receiver's span is far smaller. */
  private readonly offsets = new Float64Array(LedgerStretch.CAPACITY);
  private size = 0;
  private base = 0n;

  constructor(private owner: QualifiedName) {}

  get receiver(): QualifiedName {
    return this.owner;
  }

  /** Empties it for the next one: its room is most of what a stretch costs. */
  restart(receiver: QualifiedName): void {
    this.owner = receiver;
    this.size = 0;
    this.spans.length = 0;
  }

  get count(): number {
    return this.size;
  }
  get full(): boolean {
    return this.size >= LedgerStretch.CAPACITY - 1;
  }

  /** @returns the slot, for {@link set} */
  note(sequence: bigint, fate: number): number {
    if (this.size === 0) this.base = sequence;
    const slot = this.size++;
    this.offsets[slot] = Number(sequence - this.base);
    this.fates[slot] = fate;
    return slot;
  }

  set(slot: number, fate: number): void {
    this.fates[slot] = fate;
  }

  /** A run of numbers that were not returned because the server was asked to leave them out. */
  noteSpan(from: bigint, to: bigint, fate: number): void {
    if (to < from) return;
    this.spans.push({ fate, from, to });
  }
  private readonly spans: LedgerRun[] = [];

  runs(): LedgerRun[] {
    const runs: { fate: number; from: bigint; to: bigint }[] = [];
    let start = 0;
    for (let i = 1; i <= this.size; i++) {
      if (i < this.size && this.fates[i] === this.fates[start] && this.offsets[i] === this.offsets[i - 1]! + 1)
        continue;
      runs.push({
        fate: this.fates[start]!,
        from: this.base + BigInt(this.offsets[start]!),
        to: this.base + BigInt(this.offsets[i - 1]!),
      });
      start = i;
    }
    return this.spans.length === 0
      ? runs
      : [...runs, ...this.spans].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  }
}

/** Packs runs of one stretch. `first` is the first run's number and stands beside the blob. */
export function packRuns(runs: readonly LedgerRun[]): Uint8Array {
  const bytes: number[] = [];
  let next = runs[0]?.from ?? 0n;
  for (const run of runs) {
    smallVarint(bytes, run.fate);
    varint(bytes, run.from - next);
    varint(bytes, run.to - run.from);
    next = run.to + 1n;
  }
  return Uint8Array.from(bytes);
}

export function unpackRuns(first: bigint, blob: Uint8Array): LedgerRun[] {
  const runs: LedgerRun[] = [];
  const at = { i: 0 };
  let next = first;
  while (at.i < blob.length) {
    const fate = Number(readVarint(blob, at));
    const from = next + readVarint(blob, at);
    const to = from + readVarint(blob, at);
    runs.push({ fate, from, to });
    next = to + 1n;
  }
  return runs;
}

function varint(into: number[], value: bigint): void {
  if (value <= SMALL) {
    smallVarint(into, Number(value));
    return;
  }
  let rest = value;
  while (rest >= 0x80n) {
    into.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  into.push(Number(rest));
}

/** Nearly all gaps and counts: arithmetic of bigints costs many times as much. */
const SMALL = 0x7fffffffn;

function smallVarint(into: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) into.push((rest & 0x7f) | 0x80);
  into.push(rest);
}

function readVarint(from: Uint8Array, at: { i: number }): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = from[at.i++];
    if (byte === undefined) throw new RangeError('ledger run ends inside a number');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
