/** What every codec of this folder offers beyond the plain text interface: problems are counted, never thrown away. */
import type { TextCodec } from '../text-codec';

/**
 * Why bytes are not wholly text. Stable: they appear in `decodeErrors`.
 * - `TEXT_UNDEFINED`: a code point the page does not define (each becomes U+FFFD)
 * - `TEXT_CUT_RUN`: a double-byte run or character that ends in the middle, or has no shift-in
 * - `TEXT_UNPAIRED_SHIFT`: shift-in outside a run (kept as U+000F) or shift-out inside one (kept as U+000E)
 */
export type TextProblem = 'TEXT_UNDEFINED' | 'TEXT_CUT_RUN' | 'TEXT_UNPAIRED_SHIFT';

export const REPLACEMENT = 0xfffd;

/** Single = one byte a character; double = two; mixed = single with shift-out/shift-in runs of double. */
type CodecKind = 'single' | 'double' | 'mixed' | 'utf16' | 'utf8' | 'ascii';

export interface CcsidCodec extends TextCodec {
  readonly kind: CodecKind;
  /** Characters replaced by the last decode (U+FFFD) or encode (substitution character). */
  readonly lastReplacements: number;
  /** First problem of the last decode, or null. */
  readonly lastProblem: TextProblem | null;
  /**
   * Bytes [start, end) to UTF-16 units in `out` from 0; answers how many. Never more units than bytes.
   * Sets `lastReplacements` and `lastProblem`. Allocates nothing for EBCDIC and UTF-16.
   */
  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number;
}

/** Reused by `decode` of one codec; grows to the longest field seen, at most to `LIMIT` units. */
const LIMIT = 1 << 16;

/** Node's slice without the argument handling of toString; absent from its public types. */
interface Ucs2Buffer extends Buffer {
  ucs2Slice(start: number, end: number): string;
}

export class Scratch {
  private units = new Uint16Array(256);
  private view: Buffer = Buffer.from(this.units.buffer);

  /** At least `length` units; contents undefined. Longer ones than the limit are not kept. */
  of(length: number): Uint16Array {
    if (length <= this.units.length) return this.units;
    const grown = new Uint16Array(Math.min(Math.max(length, 1024), Math.max(length, LIMIT)));
    if (length <= LIMIT) {
      this.units = grown;
      this.view = Buffer.from(grown.buffer);
    }
    return grown;
  }

  text(units: Uint16Array, length: number): string {
    const view = units === this.units ? this.view : Buffer.from(units.buffer);
    return (view as Ucs2Buffer).ucs2Slice(0, length * 2);
  }
}
