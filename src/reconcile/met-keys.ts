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
  private readonly batch = Buffer.allocUnsafe(BATCH * RECORD);
  private waiting = 0;
  private written: number;
  private readonly hash = new ContentHash();

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
    const at = this.waiting * RECORD;
    this.batch.writeInt32LE(this.hash.a ^ Math.imul(rule, 0x9e3779b1), at);
    this.batch.writeInt32LE(this.hash.b, at + 4);
    if (++this.waiting === BATCH) this.flush();
  }

  /** Before the transaction that says how many there are. */
  flush(): void {
    if (this.waiting === 0) return;
    writeSync(this.fd, this.batch, 0, this.waiting * RECORD, this.written * RECORD);
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

  /** The keys of one part. */
  pass(number: number): MetPass {
    this.flush();
    const passes = this.passes;
    const pass = new MetPass(Math.ceil((this.count / passes) * 1.1) + 1024, number, passes);
    const block = Buffer.allocUnsafe(1 << 16);
    for (let at = 0; at < this.written * RECORD; ) {
      const bytes = readSync(this.fd, block, 0, Math.min(block.length, this.written * RECORD - at), at);
      if (bytes === 0) break;
      for (let p = 0; p < bytes; p += RECORD) pass.put(block.readInt32LE(p), block.readInt32LE(p + 4));
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
  private a: Int32Array;
  private b: Int32Array;
  private used = 0;
  private mask: number;
  private readonly hash = new ContentHash();

  constructor(
    keys: number,
    private readonly number: number,
    private readonly of: number,
  ) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(1024, keys * 1.5)));
    this.a = new Int32Array(size);
    this.b = new Int32Array(size);
    this.mask = size - 1;
  }

  put(a: number, b: number): void {
    if (!this.isOurs(b)) return;
    if (this.used * 4 > this.mask * 3) this.grow();
    this.place(a, b);
  }

  /** Null where the key is of another part. */
  has(rule: number, bytes: Uint8Array): boolean | null {
    this.hash.of(bytes, 0, bytes.length);
    const b = this.hash.b;
    if (!this.isOurs(b)) return null;
    const a = this.hash.a ^ Math.imul(rule, 0x9e3779b1);
    // both 0 stands for an empty place: such a key is taken for met, by chance of one in 2^64
    if (a === 0 && b === 0) return true;
    for (let p = a & this.mask; ; p = (p + 1) & this.mask) {
      if (this.a[p] === 0 && this.b[p] === 0) return false;
      if (this.a[p] === a && this.b[p] === b) return true;
    }
  }

  private isOurs(b: number): boolean {
    return this.of === 1 || (b >>> 8) % this.of === this.number;
  }

  private place(a: number, b: number): void {
    for (let p = a & this.mask; ; p = (p + 1) & this.mask) {
      if (this.a[p] === a && this.b[p] === b) return;
      if (this.a[p] !== 0 || this.b[p] !== 0) continue;
      this.a[p] = a;
      this.b[p] = b;
      this.used++;
      return;
    }
  }

  private grow(): void {
    const [a, b] = [this.a, this.b];
    this.a = new Int32Array(a.length * 2);
    this.b = new Int32Array(a.length * 2);
    this.mask = a.length * 2 - 1;
    this.used = 0;
    for (let i = 0; i < a.length; i++) if (a[i] !== 0 || b[i] !== 0) this.place(a[i]!, b[i]!);
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
