/** What events are made of beside rows: constant text kept as bytes, and whole numbers written as digits. */
import type { JsonSink } from '../../record/write/json-sink';
import { writeAscii, writeInteger } from '../../record/write/write-numbers';

/** Room a block needs beyond its length: it is stored by whole words. */
const BLOCK_SLACK = 8;

/**
 * Text that is written again and again. Kept as doubles, eight bytes to a store: UTF-8 never holds the two bytes that begin a
 * NaN (7F or FF beside F0-FF), so no store changes a bit.
 */
export class Block {
  readonly length: number;
  private readonly words: Float64Array;

  constructor(text: string) {
    const bytes = Buffer.from(text, 'utf8');
    this.length = bytes.length;
    const padded = new Uint8Array((bytes.length + 7) & ~7);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    this.words = new Float64Array(padded.length >> 3);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getFloat64(i * 8, true);
  }

  /** @returns the position behind it; up to {@link BLOCK_SLACK} bytes from there on hold rubbish */
  write(view: DataView, at: number): number {
    const { words } = this;
    for (let i = 0, p = at; i < words.length; i++, p += 8) view.setFloat64(p, words[i]!, true);
    return at + this.length;
  }

  /** Appends it, making room first. */
  append(sink: JsonSink): void {
    sink.reserve(this.length + BLOCK_SLACK);
    sink.at = this.write(sink.view, sink.at);
  }
}

const BILLION = 1_000_000_000;

/** Decimal digits of unsigned 64-bit numbers, without a text in between. */
export class Digits {
  private readonly scratch = new DataView(new ArrayBuffer(8));
  private high = 0;
  private low = 0;
  private whole = 0n;

  /** @param n 0..2^64-1. @returns false for 0 */
  load(n: bigint): boolean {
    this.scratch.setBigUint64(0, n);
    this.high = this.scratch.getUint32(0);
    this.low = this.scratch.getUint32(4);
    this.whole = n;
    return (this.high | this.low) !== 0;
  }

  /** Writes the number last loaded, at most 20 bytes. */
  write(w: Uint8Array, at: number): number {
    // beyond 2^53 a double would round
    if (this.high >= 0x200000) return writeAscii(w, at, this.whole.toString());
    return writeNatural(w, at, this.high * 4294967296 + this.low);
  }
}

function writeNatural(w: Uint8Array, at: number, value: number): number {
  if (value <= 0x7fffffff) return writeInteger(w, at, value);
  const upper = Math.floor(value / BILLION);
  let rest = (value - upper * BILLION) | 0;
  const end = writeNatural(w, at, upper) + 9;
  for (let i = end - 1; i >= end - 9; i--) {
    const tenth = (rest / 10) | 0;
    w[i] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}

/** Short runs: a call to the runtime would cost more than the loop. @returns the position behind the copy */
export function copyBytes(from: Uint8Array, start: number, end: number, w: Uint8Array, at: number): number {
  let p = at;
  for (let i = start; i < end; i++) w[p++] = from[i]!;
  return p;
}
