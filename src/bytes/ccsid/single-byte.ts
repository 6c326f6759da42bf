/** Single-byte pages, EBCDIC and others: one table lookup a byte. */
import { latin1 } from '../latin1';
import { type CcsidCodec, REPLACEMENT, Scratch, type TextProblem } from './codec';
import type { SingleTable } from './tables';

/** Longest text decoded through the one-byte buffer. */
const LATIN1_LIMIT = 4096;

/** SUB, the substitution character of EBCDIC pages, and of the others. */
const SUB = 0x3f;
const ASCII_SUB = 0x1a;

export class SingleByteCodec implements CcsidCodec {
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;
  /** Byte to UTF-16 unit. */
  readonly units: Uint16Array;
  /** Byte to Latin-1 byte when every character of the page is Latin-1, else null. */
  readonly latin1: Uint8Array | null;
  /** Pages such as those with the euro sign, where nearly every field is Latin-1 all the same. */
  private readonly mostlyLatin1: boolean;
  /** Whether every byte is a character. */
  private readonly complete: boolean;
  private readonly sub: number;
  private readonly scratch = new Scratch();
  private bytes = Buffer.alloc(256);
  private inverse: Map<number, number> | null = null;

  constructor(
    readonly ccsid: number,
    private readonly table: SingleTable,
    readonly kind: 'single' | 'ascii' = 'single',
  ) {
    this.sub = kind === 'ascii' ? ASCII_SUB : SUB;
    this.units = table.units;
    this.complete = !table.units.includes(REPLACEMENT);
    this.mostlyLatin1 = table.units.filter((u) => u > 255).length <= 16;
    this.latin1 = table.units.every((u) => u < 256) ? Uint8Array.from(table.units) : null;
  }

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const length = end - start;
    if (this.mostlyLatin1 && length <= LATIN1_LIMIT && this.narrow(bytes, start, length)) {
      this.lastReplacements = 0;
      this.lastProblem = null;
      return latin1(this.bytes, 0, length);
    }
    const out = this.scratch.of(length);
    return this.scratch.text(out, this.decodeInto(bytes, start, end, out));
  }

  /** Translates to Latin-1 bytes; false when a character of these bytes is another one. */
  private narrow(bytes: Uint8Array, start: number, length: number): boolean {
    if (this.bytes.length < length) this.bytes = Buffer.alloc(LATIN1_LIMIT);
    const out = this.bytes;
    const units = this.units;
    let all = 0;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      const at = start + i;
      const a = units[bytes[at]!]!;
      const b = units[bytes[at + 1]!]!;
      const c = units[bytes[at + 2]!]!;
      const d = units[bytes[at + 3]!]!;
      // Storing in bytes keeps the low half; whether that was all of it is asked once, at the end.
      out[i] = a;
      out[i + 1] = b;
      out[i + 2] = c;
      out[i + 3] = d;
      all |= a | b | c | d;
    }
    for (; i < length; i++) {
      const unit = units[bytes[start + i]!]!;
      out[i] = unit;
      all |= unit;
    }
    return all < 256;
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const units = this.units;
    if (this.complete) {
      const length = end - start;
      let i = 0;
      for (; i + 4 <= length; i += 4) {
        const at = start + i;
        out[i] = units[bytes[at]!]!;
        out[i + 1] = units[bytes[at + 1]!]!;
        out[i + 2] = units[bytes[at + 2]!]!;
        out[i + 3] = units[bytes[at + 3]!]!;
      }
      for (; i < length; i++) out[i] = units[bytes[start + i]!]!;
      this.lastReplacements = 0;
      this.lastProblem = null;
      return length;
    }
    let bad = 0;
    let n = 0;
    for (let i = start; i < end; i++) {
      const unit = units[bytes[i]!]!;
      if (unit === REPLACEMENT) bad++;
      out[n++] = unit;
    }
    this.lastReplacements = bad;
    this.lastProblem = bad === 0 ? null : 'TEXT_UNDEFINED';
    return n;
  }

  encode(text: string): Buffer {
    const out = Buffer.allocUnsafe(text.length);
    let n = 0;
    let bad = 0;
    for (const char of text) {
      let byte = this.byteOf(char.codePointAt(0)!);
      if (byte < 0) {
        byte = this.sub;
        bad++;
      }
      out[n++] = byte;
    }
    this.lastReplacements = bad;
    return out.subarray(0, n);
  }

  /** The byte of one character, or -1 where the page lacks it. */
  byteOf(point: number): number {
    this.inverse ??= invert(this.table);
    return this.inverse.get(point) ?? -1;
  }
}

function invert(table: SingleTable): Map<number, number> {
  const inverse = new Map<number, number>();
  table.units.forEach((unit, byte) => {
    if (unit !== REPLACEMENT && !inverse.has(unit)) inverse.set(unit, byte);
  });
  for (const [unit, byte] of table.preferences) inverse.set(unit, byte);
  return inverse;
}
