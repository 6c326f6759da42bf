/** Keys and content hashes of the rows of one chunk under one rule, without an object a row. */

import { compareKey } from '../remember/sent-page';
import type { SortedKeys } from '../remember/sent-rows';

/** What one rule says of a row. */
export const TOLD = 0;
export const FILTERED = 1;
export const REFUSED = 2;
/** Not even a key. */
export const UNREAD = 3;

/** What is written down of a row: see `RowDigest`. */
interface Digest {
  readonly bytes: Uint8Array;
  readonly keyFrom: number;
  readonly keyTo: number;
  readonly hashA: number;
  readonly hashB: number;
}

export class ChunkDigests {
  length = 0;
  states: Uint8Array;
  hashA: Int32Array;
  hashB: Int32Array;
  /** Where each begins, and the last one ends. */
  starts: Int32Array;
  /** Keys one behind the other. */
  bytes = Buffer.allocUnsafe(1 << 16);
  private end = 0;
  private ascending = true;

  constructor(rows = 1024) {
    this.states = new Uint8Array(rows);
    this.hashA = new Int32Array(rows);
    this.hashB = new Int32Array(rows);
    this.starts = new Int32Array(rows + 1);
  }

  clear(): void {
    this.length = 0;
    this.end = 0;
    this.ascending = true;
  }

  add(state: number, { bytes: key, keyFrom, keyTo, hashA, hashB }: Digest): void {
    const i = this.length;
    if (i === this.states.length) this.grow();
    const size = keyTo - keyFrom;
    if (this.end + size > this.bytes.length) this.widen(size);
    const { bytes } = this;
    let w = this.end;
    for (let p = keyFrom; p < keyTo; p++, w++) bytes[w] = key[p]!;
    this.end = w;
    this.starts[i + 1] = w;
    this.states[i] = state;
    this.hashA[i] = hashA;
    this.hashB[i] = hashB;
    this.length = i + 1;
    if (this.ascending && i > 0) this.ascending = this.compare(i - 1, i) <= 0;
  }

  /** Keys of the rows that have one. */
  meet(met: (bytes: Uint8Array, from: number, to: number) => void): void {
    const { starts } = this;
    for (let i = 0; i < this.length; i++) if (this.states[i] !== UNREAD) met(this.bytes, starts[i]!, starts[i + 1]!);
  }

  /** A view: good as long as the chunk. */
  key(i: number): Buffer {
    return this.bytes.subarray(this.starts[i]!, this.starts[i + 1]!);
  }

  /** Row indexes in byte order of their keys. */
  order(): Int32Array {
    const order = Int32Array.from({ length: this.length }, (_, i) => i);
    return this.ascending ? order : order.sort((a, b) => this.compare(a, b));
  }

  sorted(order: Int32Array): SortedKeys {
    const { bytes, starts } = this;
    return { length: this.length, bytes, start: (i) => starts[order[i]!]!, end: (i) => starts[order[i]! + 1]! };
  }

  private compare(a: number, b: number): number {
    const { bytes, starts } = this;
    return compareKey(this, a, bytes, starts[b]!, starts[b + 1]!);
  }

  private widen(by: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + by));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  private grow(): void {
    const larger = <T extends Uint8Array | Int32Array>(made: T, from: T): T => {
      made.set(from);
      return made;
    };
    const size = this.states.length * 2;
    this.states = larger(new Uint8Array(size), this.states);
    this.hashA = larger(new Int32Array(size), this.hashA);
    this.hashB = larger(new Int32Array(size), this.hashB);
    this.starts = larger(new Int32Array(size + 1), this.starts);
  }
}
