/**
 * A page of what is remembered, in three values: a row and two buffers for each key would cost more than everything that is done
 * with them. Hex, as SQL text may hold any byte in no other way.
 */
import type Database from 'better-sqlite3';

/** Bytes of the hash at the beginning of `sent`. */
const HASH = 8;

export class SentPage {
  length = 0;
  /** Keys one behind the other, in byte order. */
  bytes: Buffer = Buffer.alloc(0);
  /** Where each key begins, and the last one ends. */
  starts = new Int32Array(1);
  private hashes: DataView = new DataView(new ArrayBuffer(0));

  /** @param row lengths, keys and hashes as {@link pageStatement} gives them */
  fill([lengths, keys, hashes]: readonly (string | null)[]): void {
    if (lengths == null) {
      this.length = 0;
      return;
    }
    this.bytes = Buffer.from(keys ?? '', 'hex');
    const sent = Buffer.from(hashes ?? '', 'hex');
    this.hashes = new DataView(sent.buffer, sent.byteOffset, sent.length);
    this.length = sent.length / HASH;
    if (this.starts.length <= this.length) this.starts = new Int32Array(this.length * 2);
    this.place(lengths);
  }

  private place(lengths: string): void {
    const { starts } = this;
    let [i, at, n] = [0, 0, 0];
    starts[0] = 0;
    for (let p = 0; p < lengths.length; p++) {
      const c = lengths.charCodeAt(p);
      if (c !== COMMA) n = n * 10 + c - ZERO;
      else {
        at += n;
        starts[++i] = at;
        n = 0;
      }
    }
    starts[i + 1] = at + n;
  }

  hashA(i: number): number {
    return this.hashes.getInt32(i * HASH, true);
  }

  hashB(i: number): number {
    return this.hashes.getInt32(i * HASH + 4, true);
  }

  /** A view. */
  key(i: number): Buffer {
    return this.bytes.subarray(this.starts[i]!, this.starts[i + 1]!);
  }
}

const COMMA = 0x2c;
const ZERO = 0x30;

/** @param where condition over `remember_key`, ending in what bounds the page */
export function pageStatement(db: Database.Database, where: string): Database.Statement {
  return db
    .prepare(
      `SELECT group_concat(length(key), ','), group_concat(hex(key), ''), group_concat(hex(substr(sent, 1, ${HASH})), '')
       FROM (SELECT key, sent FROM remember_key WHERE ${where})`,
    )
    .raw();
}

/** Keys one behind the other: key `i` is `bytes[starts[i], starts[i + 1])`. */
interface KeyList {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
}

/** Negative where key `i` comes before `bytes[from, to)` in byte order. */
export function compareKey(list: KeyList, i: number, bytes: Uint8Array, from: number, to: number): number {
  const keys = list.bytes;
  const end = list.starts[i + 1]!;
  let p = list.starts[i]!;
  let q = from;
  for (; p < end && q < to; p++, q++) {
    const d = keys[p]! - bytes[q]!;
    if (d !== 0) return d;
  }
  return end - p - (to - q);
}
