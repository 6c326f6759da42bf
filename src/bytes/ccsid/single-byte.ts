/** EBCDIC single-byte pages: one table lookup a byte. */
import { type CcsidCodec, REPLACEMENT, Scratch, type TextProblem } from './codec';
import type { SingleTable } from './tables';

/** Node's slice without the argument handling of toString; absent from its public types. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

/** SUB, the substitution character of EBCDIC pages. */
const SUB = 0x3f;

export class SingleByteCodec implements CcsidCodec {
  readonly kind = 'single';
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;
  /** Byte to UTF-16 unit. */
  readonly units: Uint16Array;
  /** Byte to Latin-1 byte when every character of the page is Latin-1, else null. */
  readonly latin1: Uint8Array | null;
  private readonly scratch = new Scratch();
  private bytes = Buffer.alloc(256) as Latin1Buffer;
  private inverse: Map<number, number> | null = null;

  constructor(
    readonly ccsid: number,
    private readonly table: SingleTable,
  ) {
    this.units = table.units;
    this.latin1 = table.units.every((u) => u < 256) ? Uint8Array.from(table.units) : null;
  }

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const length = end - start;
    if (this.latin1 !== null && length <= 4096) return this.decodeLatin1(bytes, start, length, this.latin1);
    const out = this.scratch.of(length);
    return this.scratch.text(out, this.decodeInto(bytes, start, end, out));
  }

  private decodeLatin1(bytes: Uint8Array, start: number, length: number, table: Uint8Array): string {
    this.lastReplacements = 0;
    this.lastProblem = null;
    if (this.bytes.length < length) this.bytes = Buffer.alloc(4096) as Latin1Buffer;
    const out = this.bytes;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      const at = start + i;
      out[i] = table[bytes[at]!]!;
      out[i + 1] = table[bytes[at + 1]!]!;
      out[i + 2] = table[bytes[at + 2]!]!;
      out[i + 3] = table[bytes[at + 3]!]!;
    }
    for (; i < length; i++) out[i] = table[bytes[start + i]!]!;
    return out.latin1Slice(0, length);
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const units = this.units;
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
        byte = SUB;
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
