/** Keys and content hashes of the rows of one chunk under one rule, without an object a row. */
import type { SortedKeys } from '../remember/sent-rows';

/** What one rule says of a row. */
export const TOLD = 0;
export const FILTERED = 1;
export const REFUSED = 2;

export class ChunkDigests {
  length = 0;
  states: Uint8Array;
  hashA: Int32Array;
  hashB: Int32Array;
  private starts: Int32Array;
  private bytes = Buffer.allocUnsafe(1 << 16);
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

  add(state: number, key: Uint8Array, from: number, to: number, hashA: number, hashB: number): void {
    const i = this.length;
    if (i === this.states.length) this.grow();
    const size = to - from;
    if (this.end + size > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + size));
      this.bytes.copy(larger, 0, 0, this.end);
      this.bytes = larger;
    }
    for (let p = from, w = this.end; p < to; p++, w++) this.bytes[w] = key[p]!;
    this.starts[i] = this.end;
    this.end += size;
    this.starts[i + 1] = this.end;
    this.states[i] = state;
    this.hashA[i] = hashA;
    this.hashB[i] = hashB;
    this.length = i + 1;
    if (this.ascending && i > 0) this.ascending = this.compare(i - 1, i) <= 0;
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
    const compare = (i: number, other: Buffer): number => {
      const row = order[i]!;
      return bytes.compare(other, 0, other.length, starts[row]!, starts[row + 1]!);
    };
    return { length: this.length, at: (i) => this.key(order[i]!), compare };
  }

  private compare(a: number, b: number): number {
    const { bytes, starts } = this;
    return bytes.compare(bytes, starts[b]!, starts[b + 1]!, starts[a]!, starts[a + 1]!);
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
