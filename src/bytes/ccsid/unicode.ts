/** Unicode CCSIDs: UTF-16BE (1200), UCS-2 (13488), UTF-16LE (1202), UTF-8 (1208). */
import { isUtf8 } from 'node:buffer';
import { type CcsidCodec, REPLACEMENT, Scratch, type TextProblem } from './codec';

export class Utf16Codec implements CcsidCodec {
  readonly kind = 'utf16';
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;
  private readonly scratch = new Scratch();

  constructor(readonly ccsid: number) {}

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const out = this.scratch.of(end - start);
    return this.scratch.text(out, this.decodeInto(bytes, start, end, out));
  }

  /** A surrogate without its partner becomes U+FFFD. UCS-2 fields do hold pairs, so 13488 is read the same way. */
  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    let n = 0;
    let bad = 0;
    let problem: TextProblem | null = null;
    let i = start;
    for (; i + 1 < end; i += 2) {
      let unit = (bytes[i]! << 8) | bytes[i + 1]!;
      if ((unit & 0xf800) === 0xd800) {
        const next = i + 3 < end ? (bytes[i + 2]! << 8) | bytes[i + 3]! : 0;
        if (unit < 0xdc00 && (next & 0xfc00) === 0xdc00) {
          out[n++] = unit;
          unit = next;
          i += 2;
        } else {
          // A high surrogate at the very end is a character cut in two, not a wrong one.
          problem ??= unit < 0xdc00 && i + 3 >= end ? 'TEXT_CUT_RUN' : 'TEXT_UNDEFINED';
          unit = REPLACEMENT;
          bad++;
        }
      }
      out[n++] = unit;
    }
    if (i < end) {
      out[n++] = REPLACEMENT;
      bad++;
      problem ??= 'TEXT_CUT_RUN';
    }
    this.lastReplacements = bad;
    this.lastProblem = problem;
    return n;
  }

  encode(text: string): Buffer {
    this.lastReplacements = 0;
    return Buffer.from(text, 'utf16le').swap16();
  }
}

/** The same with the low byte first, as PCs write it. */
export class Utf16LittleCodec extends Utf16Codec {
  override decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const swapped = Buffer.from(bytes.subarray(start, end));
    swapped.subarray(0, swapped.length & ~1).swap16();
    return super.decodeInto(swapped, 0, swapped.length, out);
  }

  override encode(text: string): Buffer {
    this.lastReplacements = 0;
    return Buffer.from(text, 'utf16le');
  }
}

export class Utf8Codec implements CcsidCodec {
  readonly kind = 'utf8';
  readonly ccsid = 1208;
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
    const text = view.toString('utf8');
    this.lastReplacements = 0;
    this.lastProblem = null;
    if (!isUtf8(view)) {
      this.lastReplacements = text.split('\ufffd').length - 1;
      this.lastProblem = cutAtEnd(view) ? 'TEXT_CUT_RUN' : 'TEXT_UNDEFINED';
    }
    return text;
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const text = this.decode(bytes, start, end);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    return text.length;
  }

  encode(text: string): Buffer {
    this.lastReplacements = 0;
    return Buffer.from(text, 'utf8');
  }
}

/** True when all but an unfinished last character is valid. */
function cutAtEnd(bytes: Buffer): boolean {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const lead = bytes[bytes.length - back]!;
    if (lead < 0xc2 || lead > 0xf4) continue;
    const needed = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return needed > back && isUtf8(bytes.subarray(0, bytes.length - back));
  }
  return false;
}
