/** Text into a row without an intermediate buffer: single-byte CCSIDs by a table of 65536 bytes, others by their codec. */
import { textCodec } from '../../../../bytes/ccsid/registry';
import { encodeStored, hasKeptBytes } from '../../../stored-text';

/** Writes `text` at `at` and returns the bytes used; never more than `room`: -1 means it does not fit. */
type TextWriter = (text: string, out: Buffer, at: number, room: number) => number;

const SUBSTITUTE = 0x3f;

export function textWriter(ccsid: number): TextWriter {
  const write = plainWriter(ccsid);
  return (text, out, at, room) => {
    if (!hasKeptBytes(text)) return write(text, out, at, room);
    const bytes = encodeStored(ccsid, text);
    if (bytes.length > room) return -1;
    out.set(bytes, at);
    return bytes.length;
  };
}

function plainWriter(ccsid: number): TextWriter {
  if (ccsid === 1200 || ccsid === 13488) return utf16;
  if (ccsid === 1208) return utf8;
  const codec = textCodec(ccsid);
  return codec.kind === 'single' ? singleByte(encodeTable(ccsid)) : byCodec(ccsid);
}

/** What a field of this CCSID is filled up with. */
export function blankOf(ccsid: number): Buffer {
  if (ccsid === 65535) return Buffer.from([0x40]);
  if (ccsid === 1200 || ccsid === 13488) return Buffer.from([0x00, 0x20]);
  // a pure double-byte page has an ideographic blank of its own
  return ccsid === 1208
    ? Buffer.from([0x20])
    : textCodec(ccsid).encode(textCodec(ccsid).kind === 'double' ? '\u3000' : ' ');
}

function encodeTable(ccsid: number): Uint8Array {
  const codec = textCodec(ccsid);
  const table = new Uint8Array(65536).fill(SUBSTITUTE);
  const byte = new Uint8Array(1);
  for (let b = 0; b < 256; b++) {
    byte[0] = b;
    const text = codec.decode(byte);
    // where two bytes are one character, the page says which of them is written: not always the lower one (838)
    if (text.length === 1 && text !== '\ufffd') table[text.charCodeAt(0)] = codec.encode(text)[0]!;
  }
  return table;
}

function singleByte(table: Uint8Array): TextWriter {
  return (text, out, at, room) => {
    const n = text.length;
    if (n > room) return -1;
    for (let i = 0; i < n; i++) out[at + i] = table[text.charCodeAt(i)]!;
    return n;
  };
}

function utf16(text: string, out: Buffer, at: number, room: number): number {
  const n = text.length * 2;
  if (n > room) return -1;
  for (let i = 0, to = at; i < text.length; i++, to += 2) {
    const unit = text.charCodeAt(i);
    out[to] = unit >> 8;
    out[to + 1] = unit & 0xff;
  }
  return n;
}

function utf8(text: string, out: Buffer, at: number, room: number): number {
  return Buffer.byteLength(text) > room ? -1 : out.write(text, at, 'utf8');
}

function byCodec(ccsid: number): TextWriter {
  const codec = textCodec(ccsid);
  return (text, out, at, room) => {
    const bytes = codec.encode(text);
    if (bytes.length > room) return -1;
    out.set(bytes, at);
    return bytes.length;
  };
}
