/**
 * EBCDIC mixed pages: single bytes, with runs of pairs between shift-out X'0E' and shift-in X'0F'.
 * A fixed field may be cut inside a run: what is whole is decoded, the cut is reported as `TEXT_CUT_RUN`.
 */
import { type CcsidCodec, REPLACEMENT, Scratch, type TextProblem } from './codec';
import type { PairTable } from './double-byte';
import type { SingleByteCodec } from './single-byte';

const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;
const SUB = 0x3f;

export class MixedByteCodec implements CcsidCodec {
  readonly kind = 'mixed';
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;
  private readonly scratch = new Scratch();

  constructor(
    readonly ccsid: number,
    readonly single: SingleByteCodec,
    readonly pairs: PairTable,
  ) {}

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const out = this.scratch.of(end - start);
    return this.scratch.text(out, this.decodeInto(bytes, start, end, out));
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const units = this.single.units;
    let n = 0;
    let bad = 0;
    let problem: TextProblem | null = null;
    let i = start;
    while (i < end) {
      const byte = bytes[i++]!;
      if (byte === SHIFT_OUT) {
        this.lastReplacements = 0;
        this.lastProblem = null;
        n = this.decodeRun(bytes, i, end, out, n);
        i = this.runEnd;
        bad += this.lastReplacements;
        problem ??= this.lastProblem;
        continue;
      }
      const unit = units[byte]!;
      if (unit === REPLACEMENT) {
        bad++;
        problem ??= 'TEXT_UNDEFINED';
      } else if (byte === SHIFT_IN) problem ??= 'TEXT_UNPAIRED_SHIFT';
      out[n++] = unit;
    }
    this.lastReplacements = bad;
    this.lastProblem = problem;
    return n;
  }

  /** Where the last run stopped: after its shift-in, or the end of the field. */
  private runEnd = 0;

  private decodeRun(bytes: Uint8Array, start: number, end: number, out: Uint16Array, at: number): number {
    const pairs = this.pairs.units;
    let n = at;
    let i = start;
    while (i < end) {
      const high = bytes[i]!;
      if (high === SHIFT_IN) {
        this.runEnd = i + 1;
        return n;
      }
      if (high === SHIFT_OUT) {
        this.lastProblem ??= 'TEXT_UNPAIRED_SHIFT';
        out[n++] = SHIFT_OUT;
        i++;
        continue;
      }
      const low = i + 1 < end ? bytes[i + 1]! : SHIFT_IN;
      if (low === SHIFT_IN) {
        this.lastProblem ??= 'TEXT_CUT_RUN';
        this.lastReplacements++;
        out[n++] = REPLACEMENT;
        i++;
        continue;
      }
      const unit = high < 0x40 ? REPLACEMENT : pairs[(high << 8) | low]!;
      if (unit >= 0xd800 && unit < 0xe000) n = this.pairs.writeSequence(unit, out, n);
      else {
        if (unit === REPLACEMENT) {
          this.lastProblem ??= 'TEXT_UNDEFINED';
          this.lastReplacements++;
        }
        out[n++] = unit;
      }
      i += 2;
    }
    this.lastProblem ??= 'TEXT_CUT_RUN';
    this.runEnd = end;
    return n;
  }

  encode(text: string): Buffer {
    // Worst case: every character a run of its own, SO + pair + SI.
    const out = Buffer.allocUnsafe(text.length * 4 + 1);
    let n = 0;
    let bad = 0;
    let inRun = false;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      const sequence = i + 1 < text.length ? this.pairs.pairOfSequence(text.slice(i, i + 2)) : 0;
      const byte = sequence !== 0 ? -1 : this.single.byteOf(point);
      const pair = sequence || (byte >= 0 || point > 0xffff ? 0 : this.pairs.pairOf(point));
      if (sequence !== 0 || point > 0xffff) i++;
      if ((pair !== 0) !== inRun) {
        out[n++] = inRun ? SHIFT_IN : SHIFT_OUT;
        inRun = !inRun;
      }
      if (pair !== 0) {
        n = out.writeUInt16BE(pair, n);
        continue;
      }
      if (byte < 0) bad++;
      out[n++] = byte < 0 ? SUB : byte;
    }
    if (inRun) out[n++] = SHIFT_IN;
    this.lastReplacements = bad;
    return out.subarray(0, n);
  }
}
