/** Text fields as the inside of a JSON string: UTF-8, escaped. Each writer answers the new position, or an error number. */
import type { CcsidCodec } from '../../bytes/ccsid/codec';
import type { MixedByteCodec } from '../../bytes/ccsid/mixed-byte';
import type { SingleByteCodec } from '../../bytes/ccsid/single-byte';
import { errorNumber } from '../field-errors';
import type { RowPass } from './row-pass';

const UNDEFINED = errorNumber('TEXT_UNDEFINED');
const CUT = errorNumber('TEXT_CUT_RUN');
const UNPAIRED = errorNumber('TEXT_UNPAIRED_SHIFT');

/** What single-byte text is written with. */
interface PlainText {
  /** Byte to UTF-16 unit. */
  readonly units: Uint16Array;
  /** Two EBCDIC bytes to the two ASCII bytes JSON carries as they are, -1 where one of them needs more; the first byte is the low one. 128 KiB a page. */
  readonly pairs: Int16Array;
}

const tables = new WeakMap<SingleByteCodec, PlainText>();

/** One table a page, built on first use. */
function plainText(codec: SingleByteCodec): PlainText {
  let table = tables.get(codec);
  if (table === undefined) {
    const plain = Int16Array.from(codec.units, (u) => (u >= 0x20 && u < 0x7f && u !== 0x22 && u !== 0x5c ? u : -1));
    const pairs = new Int16Array(65536).fill(-1);
    for (let i = 0; i < 65536; i++) {
      const first = plain[i & 255]!;
      const second = plain[i >> 8]!;
      if (first >= 0 && second >= 0) pairs[i] = first | (second << 8);
    }
    table = { units: codec.units, pairs };
    tables.set(codec, table);
  }
  return table;
}

const SHORT_ESCAPES: Readonly<Record<number, number>> = {
  8: 0x62,
  9: 0x74,
  10: 0x6e,
  12: 0x66,
  13: 0x72,
  34: 0x22,
  92: 0x5c,
};
const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));

/** One UTF-16 unit that is no surrogate. At most 6 bytes. */
function writeUnit(w: Uint8Array, at: number, unit: number): number {
  let p = at;
  if (unit < 0x80) {
    if (unit >= 0x20 && unit !== 0x22 && unit !== 0x5c) {
      w[p++] = unit;
      return p;
    }
    w[p++] = 0x5c;
    const short = SHORT_ESCAPES[unit];
    if (short !== undefined) {
      w[p++] = short;
      return p;
    }
    w[p] = 0x75;
    w[p + 1] = 0x30;
    w[p + 2] = 0x30;
    w[p + 3] = HEX[unit >> 4]!;
    w[p + 4] = HEX[unit & 15]!;
    return p + 5;
  }
  if (unit < 0x800) {
    w[p++] = 0xc0 | (unit >> 6);
  } else {
    w[p++] = 0xe0 | (unit >> 12);
    w[p++] = 0x80 | ((unit >> 6) & 63);
  }
  w[p++] = 0x80 | (unit & 63);
  return p;
}

/** How a column of single-byte text is written; the same for all its rows. */
export class SingleText {
  readonly units: Uint16Array;
  readonly pairs: Int16Array;
  /** The byte trimmed at the end, or -1 to keep blanks. */
  readonly blank: number;

  /** @param lenient undefined bytes become U+FFFD instead of an error */
  constructor(
    codec: SingleByteCodec,
    trim: boolean,
    readonly lenient: boolean,
  ) {
    const { units, pairs } = plainText(codec);
    this.units = units;
    this.pairs = pairs;
    this.blank = trim ? codec.byteOf(0x20) : -1;
  }
}

/** Single-byte text. */
export function writeSingle(pass: RowPass, text: SingleText, start: number, stop: number, at: number): number {
  const { words, view } = pass;
  const { blank, pairs } = text;
  const end = blank < 0 ? stop : trimmed(words, start, stop, blank);
  const safe = pass.image.length - 4;
  let p = at;
  let i = start;
  while (i < end) {
    if (i <= safe) {
      // Four at a time, also beyond the end of the text: only what belongs to it is counted.
      const word = words.getInt32(i, true);
      const first = pairs[word & 0xffff]!;
      const second = pairs[word >>> 16]!;
      if ((first | second) >= 0) {
        view.setInt32(p, first | (second << 16), true);
        p += Math.min(end - i, 4);
        i += 4;
        continue;
      }
    }
    p = writeByte(pass, text, i++, p);
    if (p < 0) break;
  }
  return p;
}

/** The rare one that does not go with three others. */
function writeByte(pass: RowPass, text: SingleText, i: number, at: number): number {
  const unit = text.units[pass.image[i]!]!;
  return unit === 0xfffd && !text.lenient ? UNDEFINED : writeUnit(pass.bytes, at, unit);
}

/** Where the text ends without its trailing blanks. Words of four: the blanks in the last one are counted, not searched. */
function trimmed(words: DataView, start: number, stop: number, blank: number): number {
  const blanks = blank * 0x01010101;
  let end = stop;
  while (end > start && end >= 4) {
    const word = words.getInt32(end - 4) ^ blanks;
    if (word !== 0) {
      end -= (31 - Math.clz32(word & -word)) >> 3;
      return Math.max(end, start);
    }
    end -= 4;
  }
  while (end > start && words.getUint8(end - 1) === blank) end--;
  return Math.max(end, start);
}

/** The quick way met something it leaves to the complete one. */
export const NOT_PLAIN = -2000;

/** How a column of mixed text is written; the same for all its rows. */
export class MixedText {
  readonly pairs: Int16Array;
  /** The single byte trimmed at the end, or -1 to keep blanks. */
  readonly blank: number;

  constructor(
    readonly codec: MixedByteCodec,
    trim: boolean,
  ) {
    this.pairs = plainText(codec.single).pairs;
    this.blank = trim ? codec.single.byteOf(0x20) : -1;
  }
}

/**
 * Mixed text whose runs are paired and whose points are all defined: single bytes as above, pairs straight to UTF-8.
 * `NOT_PLAIN` for anything else, whatever has been written by then.
 */
export function writeMixed(pass: RowPass, text: MixedText, start: number, stop: number, at: number): number {
  const { image: b, words, bytes: w, view: v } = pass;
  const { codec, blank, pairs } = text;
  const end = blank < 0 ? stop : trimmed(words, start, stop, blank);
  const safe = b.length - 4;
  const double = codec.pairs.units;
  const single = codec.single.units;
  let p = at;
  let i = start;
  while (i < end) {
    if (i <= safe) {
      const word = words.getInt32(i, true);
      const first = pairs[word & 0xffff]!;
      const second = pairs[word >>> 16]!;
      if ((first | second) >= 0) {
        v.setInt32(p, first | (second << 16), true);
        p += Math.min(end - i, 4);
        i += 4;
        continue;
      }
    }
    const byte = b[i++]!;
    if (byte !== 0x0e) {
      const unit = single[byte]!;
      if (unit === 0xfffd || byte === 0x0f) return NOT_PLAIN;
      p = writeUnit(w, p, unit);
      continue;
    }
    for (;;) {
      if (i >= end) return NOT_PLAIN;
      const high = b[i]!;
      if (high === 0x0f) {
        i++;
        break;
      }
      const low = i + 1 < end ? b[i + 1]! : 0x0f;
      if (high < 0x40 || low < 0x40) return NOT_PLAIN;
      const unit = double[(high << 8) | low]!;
      i += 2;
      if (unit >= 0x800 && unit < 0xd800) {
        w[p] = 0xe0 | (unit >> 12);
        w[p + 1] = 0x80 | ((unit >> 6) & 63);
        w[p + 2] = 0x80 | (unit & 63);
        p += 3;
      } else if (unit < 0x800 || (unit >= 0xe000 && unit !== 0xfffd)) p = writeUnit(w, p, unit);
      else return NOT_PLAIN;
    }
  }
  return p;
}

/** Units a field of the hot path may have without leaving the shared buffer; longer ones get their own. */
const SHARED_UNITS = 32768;

const sharedUnits = new Uint16Array(SHARED_UNITS);

/** How a column of any other text is written. */
export interface WideText {
  readonly codec: CcsidCodec;
  /** The unit trimmed at the end, or -1. */
  readonly blank: number;
  /** What is undefined becomes U+FFFD instead of an error. */
  readonly lenient: boolean;
}

/** Text of every other codec, through UTF-16 units. */
export function writeWide(pass: RowPass, text: WideText, start: number, end: number, at: number): number {
  const { codec, blank } = text;
  const units = end - start <= SHARED_UNITS ? sharedUnits : new Uint16Array(end - start);
  let n = codec.decodeInto(pass.image, start, end, units);
  if (codec.lastProblem !== null && !text.lenient) return problemNumber(codec);
  while (n > 0 && units[n - 1] === blank) n--;
  return writeUnits(units, n, pass.bytes, at);
}

function problemNumber(codec: CcsidCodec): number {
  if (codec.lastProblem === 'TEXT_CUT_RUN') return CUT;
  return codec.lastProblem === 'TEXT_UNPAIRED_SHIFT' ? UNPAIRED : UNDEFINED;
}

function writeUnits(units: Uint16Array, count: number, w: Uint8Array, at: number): number {
  let p = at;
  for (let i = 0; i < count; i++) {
    const unit = units[i]!;
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) {
      w[p] = 0xe0 | (unit >> 12);
      w[p + 1] = 0x80 | ((unit >> 6) & 63);
      w[p + 2] = 0x80 | (unit & 63);
      p += 3;
    } else if ((unit & 0xfc00) === 0xd800 && i + 1 < count) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (units[++i]! & 0x3ff);
      w[p++] = 0xf0 | (point >> 18);
      w[p++] = 0x80 | ((point >> 12) & 63);
      w[p++] = 0x80 | ((point >> 6) & 63);
      w[p++] = 0x80 | (point & 63);
    } else p = writeUnit(w, p, unit);
  }
  return p;
}

/** Most JSON bytes one byte of text can become: a control character is `\u00xx`; a pair of bytes is at most 4 in UTF-8 x 2 units. */
export const TEXT_GROWTH = 6;
