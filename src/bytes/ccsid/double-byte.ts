/** EBCDIC pure double-byte pages (GRAPHIC columns), and the pair table the mixed pages share. */
import { type CcsidCodec, REPLACEMENT, Scratch, type TextProblem } from './codec';
import type { DoubleTable } from './tables';

/** Substitution character of double-byte EBCDIC. */
const DOUBLE_SUB = 0xfefe;

/** One of the five pair tables, with its inverse built on first encode. */
export class PairTable {
  readonly units: Uint16Array;
  readonly sequences: readonly string[];
  private inverse: Uint16Array | null = null;
  private inverseOfSequence: Map<string, number> | null = null;

  constructor(private readonly table: DoubleTable) {
    this.units = table.units;
    this.sequences = table.sequences;
  }

  /** Writes a sequence (two units) found under `unit` (0xD800 + index). */
  writeSequence(unit: number, out: Uint16Array, at: number): number {
    const text = this.sequences[unit - 0xd800]!;
    for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
    return at + text.length;
  }

  /** The pair of a BMP character, or 0 where the page lacks it. */
  pairOf(unit: number): number {
    if (this.inverse === null) this.invert();
    return this.inverse![unit]!;
  }

  /** The pair of two units (surrogates, or a base with its combining mark), or 0. */
  pairOfSequence(text: string): number {
    if (this.sequences.length === 0) return 0;
    if (this.inverseOfSequence === null) this.invert();
    return this.inverseOfSequence!.get(text) ?? 0;
  }

  private invert(): void {
    const inverse = new Uint16Array(65536);
    const sequences = new Map<string, number>();
    // Pairs below X'4040' mirror single bytes: decoded, never written.
    for (let pair = 0xffff; pair >= 0x4040; pair--) {
      const unit = this.units[pair]!;
      if (unit === REPLACEMENT) continue;
      if (unit >= 0xd800 && unit < 0xe000) sequences.set(this.sequences[unit - 0xd800]!, pair);
      else inverse[unit] = pair;
    }
    const oneWay = this.table.oneWay;
    for (let i = 0; i < oneWay.length; i += 2) inverse[oneWay[i]!] = oneWay[i + 1]!;
    this.inverse = inverse;
    this.inverseOfSequence = sequences;
  }
}

export class DoubleByteCodec implements CcsidCodec {
  readonly kind = 'double';
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;
  private readonly scratch = new Scratch();

  constructor(
    readonly ccsid: number,
    readonly pairs: PairTable,
  ) {}

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const out = this.scratch.of(end - start);
    return this.scratch.text(out, this.decodeInto(bytes, start, end, out));
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const units = this.pairs.units;
    let bad = 0;
    let n = 0;
    let i = start;
    for (; i + 1 < end; i += 2) {
      const unit = units[(bytes[i]! << 8) | bytes[i + 1]!]!;
      if (unit === REPLACEMENT) bad++;
      if (unit >= 0xd800 && unit < 0xe000) n = this.pairs.writeSequence(unit, out, n);
      else out[n++] = unit;
    }
    this.lastProblem = bad === 0 ? null : 'TEXT_UNDEFINED';
    if (i < end) {
      out[n++] = REPLACEMENT;
      bad++;
      this.lastProblem ??= 'TEXT_CUT_RUN';
    }
    this.lastReplacements = bad;
    return n;
  }

  encode(text: string): Buffer {
    const out = Buffer.allocUnsafe(text.length * 2);
    let n = 0;
    let bad = 0;
    for (let i = 0; i < text.length; i++) {
      const sequence = i + 1 < text.length ? this.pairs.pairOfSequence(text.slice(i, i + 2)) : 0;
      const surrogate = (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
      const pair = sequence || (surrogate ? 0 : this.pairs.pairOf(text.charCodeAt(i)));
      if (sequence !== 0 || surrogate) i++;
      if (pair === 0) bad++;
      n = out.writeUInt16BE(pair || DOUBLE_SUB, n);
    }
    this.lastReplacements = bad;
    return out.subarray(0, n);
  }
}
