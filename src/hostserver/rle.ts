/**
 * Run-length compression of whole frames, parameter CP 3832 (docs/protocol.md#6.5).
 *
 *     40 bytes fixed part | u32 LL | u16 3832 | u32 expanded length | compressed LL/CPs
 *
 * Escape 1B: `1B 1B` is one literal 1B; `1B p q nn nn` is the bytes p q repeated nn times; anything else is literal.
 */
import { ByteWriter } from '../bytes/writer';
import { CodedError } from '../errors/coded-error';
import { DB_FIXED_LENGTH } from './db-frame';
import { DEFAULT_MAX_FRAME } from './framer';
import { has, ORS, REPLY_COMPRESSED } from './ors';

const CP_COMPRESSED = 0x3832;
const MARKER_LENGTH = 10;
const ESCAPE = 0x1b;
/** A repeat is worth its 5 bytes from here on; the reference encoder has the same bound. */
const MIN_REPLACED = 10;
const MAX_REPEAT = 0xffff;

const REQUEST_BITMAP_AT = 20;
const REPLY_FLAGS_AT = 24;

export function isRequestCompressed(frame: Buffer): boolean {
  return (
    frame.length >= DB_FIXED_LENGTH + MARKER_LENGTH &&
    has(frame.readUInt32BE(REQUEST_BITMAP_AT), ORS.requestCompressed) &&
    frame.readUInt16BE(DB_FIXED_LENGTH + 4) === CP_COMPRESSED
  );
}

export function isReplyCompressed(frame: Buffer): boolean {
  return (
    frame.length >= DB_FIXED_LENGTH + MARKER_LENGTH &&
    has(frame.readUInt32BE(REPLY_FLAGS_AT), REPLY_COMPRESSED) &&
    frame.readUInt16BE(DB_FIXED_LENGTH + 4) === CP_COMPRESSED
  );
}

/** The frame as it would be without compression; the compression bit stays as it travelled. @throws CodedError RLE_DATA */
export function expandFrame(frame: Buffer, maxLength = DEFAULT_MAX_FRAME): Buffer {
  const length = frame.readUInt32BE(DB_FIXED_LENGTH + 6);
  if (DB_FIXED_LENGTH + length > maxLength)
    throw rleError(`expands to ${length} bytes, more than the limit of ${maxLength}`);
  const data = expandRle(frame.subarray(DB_FIXED_LENGTH + MARKER_LENGTH), length);
  const expanded = Buffer.concat([frame.subarray(0, DB_FIXED_LENGTH), data]);
  expanded.writeUInt32BE(expanded.length, 0);
  return expanded;
}

/** The same frame compressed, or itself when that would not make it shorter. */
export function compressRequest(frame: Buffer): Buffer {
  const compressed = compressFrame(frame, 'pairs');
  if (compressed !== frame)
    compressed.writeUInt32BE(
      (compressed.readUInt32BE(REQUEST_BITMAP_AT) | ORS.requestCompressed) >>> 0,
      REQUEST_BITMAP_AT,
    );
  return compressed;
}

export function compressReply(frame: Buffer): Buffer {
  const compressed = compressFrame(frame, 'bytes');
  if (compressed !== frame)
    compressed.writeUInt32BE((compressed.readUInt32BE(REPLY_FLAGS_AT) | REPLY_COMPRESSED) >>> 0, REPLY_FLAGS_AT);
  return compressed;
}

function compressFrame(frame: Buffer, by: 'pairs' | 'bytes'): Buffer {
  const plain = frame.subarray(DB_FIXED_LENGTH);
  const data = compressRle(plain, by);
  if (data.length + MARKER_LENGTH >= plain.length) return frame;
  const marker = Buffer.alloc(MARKER_LENGTH);
  marker.writeUInt32BE(MARKER_LENGTH + data.length, 0);
  marker.writeUInt16BE(CP_COMPRESSED, 4);
  marker.writeUInt32BE(plain.length, 6);
  const compressed = Buffer.concat([frame.subarray(0, DB_FIXED_LENGTH), marker, data]);
  compressed.writeUInt32BE(compressed.length, 0);
  return compressed;
}

/** @param length bytes after expansion; more or fewer is an error */
export function expandRle(data: Buffer, length: number): Buffer {
  const out = Buffer.allocUnsafe(length);
  let to = 0;
  let at = 0;
  while (at < data.length) {
    const byte = data[at]!;
    if (byte !== ESCAPE) {
      if (to >= length) throw rleError(`has more than the ${length} bytes it announced`);
      out[to++] = byte;
      at += 1;
    } else if (data[at + 1] === ESCAPE) {
      if (to >= length) throw rleError(`has more than the ${length} bytes it announced`);
      out[to++] = ESCAPE;
      at += 2;
    } else {
      if (at + 5 > data.length) throw rleError('ends inside a repeat');
      to = repeat(out, to, data, at);
      at += 5;
    }
  }
  if (to !== length) throw rleError(`has ${to} bytes after expansion, ${length} announced`);
  return out;
}

function repeat(out: Buffer, start: number, data: Buffer, at: number): number {
  const count = data.readUInt16BE(at + 3);
  const end = start + count * 2;
  if (end > out.length) throw rleError(`has more than the ${out.length} bytes it announced`);
  const first = data[at + 1]!;
  const second = data[at + 2]!;
  if (first === second) out.fill(first, start, end);
  else {
    for (let to = start; to < end; to += 2) {
      out[to] = first;
      out[to + 1] = second;
    }
  }
  return end;
}

/**
 * @param by how what does not repeat is passed: `pairs`, as JTOpen does, so that our requests are its bytes; `bytes` finds repeats
 * that begin at any place
 */
export function compressRle(data: Buffer, by: 'pairs' | 'bytes' = 'bytes'): Buffer {
  const out = new ByteWriter(data.length + 64);
  let at = 0;
  while (at < data.length) {
    const byte = data[at]!;
    if (byte === ESCAPE) {
      out.u8(ESCAPE).u8(ESCAPE);
      at += 1;
      continue;
    }
    const count = repeatsAt(data, at);
    const replaced = count * 2 >= MIN_REPLACED;
    const passed = replaced || by === 'pairs' ? Math.max(1, count * 2) : 1;
    if (replaced)
      out
        .u8(ESCAPE)
        .u8(byte)
        .u8(data[at + 1]!)
        .u16(count);
    else out.raw(data.subarray(at, at + passed));
    at += passed;
  }
  return out.bytes();
}

/** How often the pair at `at` stands there in a row, 1 for once; 0 where a pair would hold the escape, or none is left. */
function repeatsAt(data: Buffer, at: number): number {
  const first = data[at];
  const second = data[at + 1];
  if (second === undefined || second === ESCAPE) return 0;
  let next = at + 2;
  while (next + 1 < data.length && data[next] === first && data[next + 1] === second && next - at < MAX_REPEAT * 2)
    next += 2;
  return (next - at) / 2;
}

function rleError(what: string): CodedError {
  return new CodedError({
    code: 'RLE_DATA',
    message: `a compressed frame ${what}`,
    next: 'the frame contradicts itself; run again with --trace-wire FILE and report the frame',
  });
}
