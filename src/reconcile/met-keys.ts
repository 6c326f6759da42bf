/**
 * Which keys a reading has met, 8 bytes each in a file beside the state file, so that a table of any size needs no more memory
 * than one pass over part of it. The state file says how many records count: what a killed process wrote beyond them does not.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { ContentHash } from '../bytes/content-hash';

const RECORD = 8;
/** Records gathered before they are written. */
const BATCH = 1 << 13;
/** Keys of one pass: with the room a hash table needs, 64 MiB. */
const PASS_KEYS = 4 << 20;

export class MetKeys implements Disposable {
  private readonly fd: number;
  private readonly batch = new Int32Array(BATCH * 2);
  private waiting = 0;
  private written: number;
  private readonly hash = new ContentHash();
  private memory: MetPass | null = null;

  private constructor(
    private readonly file: string,
    count: number,
  ) {
    this.fd = openSync(file, count === 0 ? 'w+' : 'r+', 0o600);
    this.written = count;
    ftruncateSync(this.fd, count * RECORD);
  }

  /** @param count records that count. @returns null where the file has fewer: the reading must begin again */
  static open(file: string, count: number): MetKeys | null {
    if (count > 0 && sizeOf(file) < count * RECORD) return null;
    return new MetKeys(file, count);
  }

  get count(): number {
    return this.written + this.waiting;
  }

  /** @param rule number of the rule: keys of two rules are two keys */
  add(rule: number, bytes: Uint8Array, from: number, to: number): void {
    this.hash.of(bytes, from, to);
    const at = this.waiting * 2;
    this.batch[at] = this.hash.a ^ Math.imul(rule, 0x9e3779b1);
    this.batch[at + 1] = this.hash.b;
    if (++this.waiting === BATCH) this.flush();
  }

  /** Before the transaction that says how many there are. */
  flush(): void {
    if (this.waiting === 0) return;
    writeSync(this.fd, this.batch.subarray(0, this.waiting * 2), 0, this.waiting * RECORD, this.written * RECORD);
    this.written += this.waiting;
    this.waiting = 0;
  }

  /** Begins again. */
  clear(): void {
    this.waiting = this.written = 0;
    ftruncateSync(this.fd, 0);
  }

  /** Parts into which the keys are divided, so that one fits into memory. */
  get passes(): number {
    return Math.max(1, Math.ceil(this.count / PASS_KEYS));
  }

  /** The keys of one part, in the memory of the one before. */
  pass(number: number): MetPass {
    this.flush();
    const passes = this.passes;
    this.memory ??= new MetPass(Math.ceil((this.count / passes) * 1.1) + 1024, passes);
    const pass = this.memory;
    pass.begin(number);
    const block = new Int32Array(1 << 14);
    for (let at = 0; at < this.written * RECORD; ) {
      const bytes = readSync(this.fd, block, 0, Math.min(block.byteLength, this.written * RECORD - at), at);
      if (bytes === 0) break;
      for (let p = 0; p < bytes / 4; p += 2) pass.put(block[p]!, block[p + 1]!);
      at += bytes;
    }
    return pass;
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }

  remove(): void {
    rmSync(this.file, { force: true });
  }
}

/** One part of the keys, in memory. */
class MetPass {
  /** Two halves of each key's hash side by side; both 0 is an empty place. */
  private places: Int32Array;
  private used = 0;
  private mask: number;
  private readonly hash = new ContentHash();

  private number = 0;

  /** @param keys how many are expected in a part. @param of parts */
  constructor(
    keys: number,
    private readonly of: number,
  ) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1024, keys * 1.5)));
    this.places = new Int32Array(size * 2);
    this.mask = size - 1;
  }

  /** Another part. */
  begin(number: number): void {
    this.number = number;
    if (this.used > 0) this.places.fill(0);
    this.used = 0;
  }

  put(a: number, b: number): void {
    if (!this.isOurs(b)) return;
    if (this.used * 4 > this.mask * 3) this.grow();
    this.place(a, b);
  }

  /** Null where the key is of another part. */
  has(rule: number, bytes: Uint8Array, from: number, to: number): boolean | null {
    this.hash.of(bytes, from, to);
    const b = this.hash.b;
    if (!this.isOurs(b)) return null;
    const a = this.hash.a ^ Math.imul(rule, 0x9e3779b1);
    // both 0 stands for an empty place: such a key is taken for met, by chance of one in 2^64
    if (a === 0 && b === 0) return true;
    const { places, mask } = this;
    for (let p = a & mask; ; p = (p + 1) & mask) {
      if (places[2 * p] === a && places[2 * p + 1] === b) return true;
      if (places[2 * p] === 0 && places[2 * p + 1] === 0) return false;
    }
  }

  private isOurs(b: number): boolean {
    return this.of === 1 || (b >>> 8) % this.of === this.number;
  }

  private place(a: number, b: number): void {
    const { places, mask } = this;
    for (let p = a & mask; ; p = (p + 1) & mask) {
      if (places[2 * p] === a && places[2 * p + 1] === b) return;
      if (places[2 * p] !== 0 || places[2 * p + 1] !== 0) continue;
      places[2 * p] = a;
      places[2 * p + 1] = b;
      this.used++;
      return;
    }
  }

  private grow(): void {
    const { places } = this;
    this.places = new Int32Array(places.length * 2);
    this.mask = places.length - 1;
    this.used = 0;
    for (let i = 0; i < places.length; i += 2)
      if (places[i] !== 0 || places[i + 1] !== 0) this.place(places[i]!, places[i + 1]!);
  }
}

function sizeOf(file: string): number {
  try {
    const fd = openSync(file, 'r');
    try {
      return fstatSync(fd).size;
    } finally {
      closeSync(fd);
    }
  } catch {
    return -1;
  }
}
