/** Numbers and bytes as JSON bytes. Each writer answers the new position, or an error number. */
import { decodeDecfloat } from '../../bytes/decfloat';
import { errorNumber } from '../field-errors';
import type { RowPass } from './row-pass';

const PACKED_DIGIT = errorNumber('PACKED_DIGIT');
const PACKED_SIGN = errorNumber('PACKED_SIGN');
const ZONED_DIGIT = errorNumber('ZONED_DIGIT');
const ZONED_SIGN = errorNumber('ZONED_SIGN');
const BOOLEAN_VALUE = errorNumber('BOOLEAN_VALUE');

/** B and D. */
const MINUS = (1 << 11) | (1 << 13);

/** 0 if the packed bytes are valid, else the error number. */
export function packedProblem(b: Uint8Array, o: number, length: number): number {
  const last = o + length - 1;
  for (let i = o; i < last; i++) if (b[i]! >> 4 > 9 || (b[i]! & 15) > 9) return PACKED_DIGIT;
  if (b[last]! >> 4 > 9) return PACKED_DIGIT;
  return (b[last]! & 15) < 10 ? PACKED_SIGN : 0;
}

/** 0 if the zoned bytes are valid, else the error number. */
export function zonedProblem(b: Uint8Array, o: number, length: number): number {
  for (let i = 0; i < length; i++) if ((b[o + i]! & 15) > 9) return ZONED_DIGIT;
  return b[o + length - 1]! >> 4 < 10 ? ZONED_SIGN : 0;
}

/** Packed decimal of any length; `-` and digits only, no quotes. */
export function writePacked(pass: RowPass, o: number, length: number, scale: number, at: number): number {
  const { image: b, bytes: w } = pass;
  const problem = packedProblem(b, o, length);
  if (problem < 0) return problem;
  const count = length * 2 - 1;
  const point = count - scale;
  let zero = true;
  for (let i = 0; i < count && zero; i++) zero = nibble(b, o, i) === 0;
  let p = at;
  if (!zero && (MINUS >> (b[o + length - 1]! & 15)) & 1) w[p++] = 0x2d;
  if (point <= 0) w[p++] = 0x30;
  let i = 0;
  while (i < point - 1 && nibble(b, o, i) === 0) i++;
  for (; i < count; i++) {
    if (i === point) w[p++] = 0x2e;
    w[p++] = 0x30 | nibble(b, o, i);
  }
  return p;
}

function nibble(b: Uint8Array, o: number, i: number): number {
  const byte = b[o + (i >> 1)]!;
  return i & 1 ? byte & 15 : byte >> 4;
}

/** Zoned decimal of any length; `-` and digits only, no quotes. */
export function writeZoned(pass: RowPass, o: number, length: number, scale: number, at: number): number {
  const { image: b, bytes: w } = pass;
  const problem = zonedProblem(b, o, length);
  if (problem < 0) return problem;
  const point = length - scale;
  let all = 0;
  for (let i = 0; i < length; i++) all |= b[o + i]! & 15;
  let p = at;
  if (all !== 0 && (MINUS >> (b[o + length - 1]! >> 4)) & 1) w[p++] = 0x2d;
  if (point <= 0) w[p++] = 0x30;
  let i = 0;
  while (i < point - 1 && (b[o + i]! & 15) === 0) i++;
  for (; i < length; i++) {
    if (i === point) w[p++] = 0x2e;
    w[p++] = 0x30 | (b[o + i]! & 15);
  }
  return p;
}

/** A signed integer of up to 2^53. */
export function writeInteger(w: Uint8Array, at: number, value: number): number {
  let p = at;
  let v = value;
  if (v < 0) {
    w[p++] = 0x2d;
    v = -v;
  }
  if (v > 0x7fffffff) return writeAscii(w, p, String(v));
  let n = v | 0;
  const end = p + digitCount(n);
  for (let i = end - 1; i >= p; i--) {
    const tenth = (n / 10) | 0;
    w[i] = 48 + n - tenth * 10;
    n = tenth;
  }
  return end;
}

function digitCount(n: number): number {
  if (n < 10) return 1;
  if (n < 100) return 2;
  if (n < 1000) return 3;
  if (n < 10000) return 4;
  if (n < 100000) return 5;
  if (n < 1000000) return 6;
  if (n < 10000000) return 7;
  if (n < 100000000) return 8;
  return n < 1000000000 ? 9 : 10;
}

export function writeAscii(w: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) w[at + i] = text.charCodeAt(i);
  return at + text.length;
}

export function writeSmallint(b: Uint8Array, o: number, w: Uint8Array, at: number): number {
  return writeInteger(w, at, (((b[o]! << 8) | b[o + 1]!) << 16) >> 16);
}

export function readInt(b: Uint8Array, o: number): number {
  return (b[o]! << 24) | (b[o + 1]! << 16) | (b[o + 2]! << 8) | b[o + 3]!;
}

export function writeInt(b: Uint8Array, o: number, w: Uint8Array, at: number): number {
  return writeInteger(w, at, readInt(b, o));
}

export function writeBigint(b: Uint8Array, o: number, w: Uint8Array, at: number): number {
  const high = readInt(b, o);
  const value = high * 4294967296 + (readInt(b, o + 4) >>> 0);
  if (high < 0x200000 && high >= -0x200000) return writeInteger(w, at, value);
  return writeAscii(w, at, ((BigInt(high) << 32n) | BigInt(readInt(b, o + 4) >>> 0)).toString());
}

/** DDS binary with decimals: digits with a point. */
export function writeScaledInteger(pass: RowPass, o: number, length: number, scale: number, at: number): number {
  const { image: b, bytes: w } = pass;
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(b[o + i]!);
  value = BigInt.asIntN(length * 8, value);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return writeAscii(w, at, `${value < 0n ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut)}`);
}

const FLOAT = new DataView(new ArrayBuffer(8));

/** REAL or DOUBLE as a JavaScript number. */
export function readFloat(b: Uint8Array, o: number, length: number): number {
  for (let i = 0; i < length; i++) FLOAT.setUint8(i, b[o + i]!);
  return length === 4 ? FLOAT.getFloat32(0) : FLOAT.getFloat64(0);
}

/** A JSON number, or `"NaN"`, `"Infinity"`, `"-Infinity"`; a REAL with the fewest digits that give the same float back. */
export function writeFloat(b: Uint8Array, o: number, length: number, w: Uint8Array, at: number): number {
  const value = readFloat(b, o, length);
  if (!Number.isFinite(value)) return writeAscii(w, at, `"${value}"`);
  return writeAscii(w, at, String(length === 4 ? shortestReal(value) : value));
}

/** The shortest decimal that rounds to the same 32-bit float: 0.1 and not 0.10000000149011612. */
export function shortestReal(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

export function writeDecfloat(b: Uint8Array, o: number, width: 8 | 16, w: Uint8Array, at: number): number {
  return writeAscii(w, at, decodeDecfloat(b, o, width));
}

/** A zoned digit: F0 false, F1 true; X'00' and X'01' are read as well. */
export function writeBoolean(b: Uint8Array, o: number, w: Uint8Array, at: number): number {
  const byte = b[o]!;
  if (byte === 0xf1 || byte === 1) return writeAscii(w, at, 'true');
  if (byte === 0xf0 || byte === 0) return writeAscii(w, at, 'false');
  return BOOLEAN_VALUE;
}

const HEX = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));
const BASE64 = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (c) =>
  c.charCodeAt(0),
);

export function writeHex(b: Uint8Array, start: number, end: number, w: Uint8Array, at: number): number {
  let p = at;
  for (let i = start; i < end; i++) {
    w[p++] = HEX[b[i]! >> 4]!;
    w[p++] = HEX[b[i]! & 15]!;
  }
  return p;
}

export function writeBase64(b: Uint8Array, start: number, end: number, w: Uint8Array, at: number): number {
  let p = at;
  let i = start;
  for (; i + 2 < end; i += 3) {
    const x = (b[i]! << 16) | (b[i + 1]! << 8) | b[i + 2]!;
    w[p] = BASE64[x >> 18]!;
    w[p + 1] = BASE64[(x >> 12) & 63]!;
    w[p + 2] = BASE64[(x >> 6) & 63]!;
    w[p + 3] = BASE64[x & 63]!;
    p += 4;
  }
  if (i === end) return p;
  const two = i + 1 < end;
  const x = (b[i]! << 16) | (two ? b[i + 1]! << 8 : 0);
  w[p] = BASE64[x >> 18]!;
  w[p + 1] = BASE64[(x >> 12) & 63]!;
  w[p + 2] = two ? BASE64[(x >> 6) & 63]! : 0x3d;
  w[p + 3] = 0x3d;
  return p + 4;
}
