/**
 * Text that remembers its bytes. A page does not define every byte, yet a field may hold any; a real partition hands such
 * bytes on as they are as long as they are not converted. Inside the simulated partition each byte that would not survive
 * decoding and encoding stands as one character U+10FF00 + byte, of the last private plane, which no text of tests uses.
 */
import { textCodec } from '../bytes/ccsid/registry';

const KEPT = 0x10ff00;
const ANY_KEPT = /\udbff[\udf00-\udfff]/;
const RUNS = /(?:\udbff[\udf00-\udfff])+/g;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;

/** Whether `text` holds bytes that are no characters of its page. */
export function hasKeptBytes(text: string): boolean {
  return text.includes('\udbff') && ANY_KEPT.test(text);
}

/** Bytes of a field to text; `encodeStored` of the result gives the very same bytes. */
export function decodeStored(ccsid: number, bytes: Uint8Array, start = 0, end = bytes.length): string {
  const codec = textCodec(ccsid);
  const text = codec.decode(bytes, start, end);
  if (survives(ccsid, text, bytes, start, end)) return text;
  let out = '';
  for (let at = start; at < end; ) {
    const next = at + pieceLength(codec.kind, bytes, at, end);
    const piece = codec.decode(bytes, at, next);
    out += survives(ccsid, piece, bytes, at, next) ? piece : kept(bytes, at, next);
    at = next;
  }
  return out;
}

/** Text to the bytes of a field of this page. */
export function encodeStored(ccsid: number, text: string): Buffer {
  const codec = textCodec(ccsid);
  if (!hasKeptBytes(text)) return codec.encode(text);
  const parts: Buffer[] = [];
  let at = 0;
  for (const run of text.matchAll(RUNS)) {
    if (run.index > at) parts.push(codec.encode(text.slice(at, run.index)));
    parts.push(Buffer.from([...run[0]].map((c) => c.codePointAt(0)! - KEPT)));
    at = run.index + run[0].length;
  }
  if (at < text.length) parts.push(codec.encode(text.slice(at)));
  return Buffer.concat(parts);
}

/** What a conversion to another page makes of bytes that are no characters: one replacement for each. */
export function withoutKeptBytes(text: string): string {
  return hasKeptBytes(text) ? text.replaceAll(/\udbff[\udf00-\udfff]/g, '\ufffd') : text;
}

function survives(ccsid: number, text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (LONE_SURROGATE.test(text) || hasKeptBytes(text)) return false;
  const again = textCodec(ccsid).encode(text);
  return again.length === end - start && again.equals(bytes.subarray(start, end));
}

function kept(bytes: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let at = start; at < end; at++) out += String.fromCodePoint(KEPT + bytes[at]!);
  return out;
}

/** How many bytes belong together at `at`: a character, a surrogate pair, or a whole run between shifts. */
function pieceLength(kind: string, bytes: Uint8Array, at: number, end: number): number {
  const left = end - at;
  switch (kind) {
    case 'double':
      return Math.min(2, left);
    case 'utf16':
      return Math.min((bytes[at]! & 0xfc) === 0xd8 && (bytes[at + 2]! & 0xfc) === 0xdc ? 4 : 2, left);
    case 'utf8':
      return Math.min(utf8Length(bytes, at, end), left);
    case 'mixed': {
      if (bytes[at] !== SHIFT_OUT) return 1;
      const close = bytes.indexOf(SHIFT_IN, at);
      return close < 0 || close >= end ? left : close + 1 - at;
    }
    default:
      return 1;
  }
}

/** Length its first byte announces, where the bytes after it go along; else 1. */
function utf8Length(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  for (let i = 1; i < length; i++) if (at + i >= end || (bytes[at + i]! & 0xc0) !== 0x80) return 1;
  return length;
}
