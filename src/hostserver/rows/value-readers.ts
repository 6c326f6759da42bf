/** One reader per column, made once per format: bytes to the exact value (docs/protocol.md#9.4). */
import { textCodec } from '../../bytes/ccsid/registry';
import { decodeDecfloat } from '../../bytes/decfloat';
import { decodePacked } from '../../bytes/packed';
import type { TextCodec } from '../../bytes/text-codec';
import { decodeZoned } from '../../bytes/zoned';
import { isoDate, isoTime, isoTimestamp } from './date-text';
import type { FieldLayout, TextOptions } from './layout';

/** A LOB the server keeps: the value comes with a retrieve request. */
export class LobLocator {
  constructor(
    readonly handle: number,
    readonly field: FieldLayout,
  ) {}
}

/** A value in its exact form; the forms are those of the transport interface. */
export type FinalValue = string | number | boolean | Uint8Array | null;
export type WireValue = FinalValue | LobLocator;
/** Reads the value whose bytes, length prefix aside, are [at, at + length). */
export type ValueReader = (bytes: Buffer, at: number, length: number) => WireValue;

export function valueReader(field: FieldLayout, text: TextOptions): ValueReader {
  if (field.shape === 'locator') return (bytes, at) => new LobLocator(bytes.readUInt32BE(at), field);
  const { precision, scale } = field;
  switch (field.type) {
    case 'DECIMAL':
      return packedReader(precision, scale);
    case 'NUMERIC':
      return zonedReader(precision, scale);
    case 'SMALLINT':
      return scale > 0 ? (bytes, at) => scaled(bytes.readInt16BE(at), scale) : (bytes, at) => bytes.readInt16BE(at);
    case 'INTEGER':
      return scale > 0 ? (bytes, at) => scaled(bytes.readInt32BE(at), scale) : (bytes, at) => bytes.readInt32BE(at);
    case 'BIGINT':
      return bigintText;
    case 'REAL':
      return (bytes, at) => bytes.readFloatBE(at);
    case 'DOUBLE':
      return (bytes, at) => bytes.readDoubleBE(at);
    case 'DECFLOAT':
      return field.length === 16 ? (b, at) => decodeDecfloat(b, at, 16) : (b, at) => decodeDecfloat(b, at, 8);
    case 'BOOLEAN':
      return (bytes, at) => bytes[at] !== 0xf0;
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return remembering(dateReader(field, text), field.capacity);
    default:
      return field.ccsid === null ? copyBytes : remembering(textReader(textCodec(field.ccsid)), field.capacity);
  }
}

// Decimals

/** Up to here the digits of a decimal are an exact double. */
const EXACT_DIGITS = 15;
const HUNDREDTHS = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

function packedReader(precision: number, scale: number): ValueReader {
  if (precision > EXACT_DIGITS || precision < 1 || scale < 0)
    return (bytes, at) => decodePacked(bytes, at, precision, scale);
  const last = precision >> 1;
  const form = decimalForm(scale);
  return (bytes, at) => {
    const first = bytes[at]!;
    let digits = 0;
    let odd = 0;
    for (let i = 0; i < last; i++) {
      const byte = bytes[at + i]!;
      const high = byte >> 4;
      const low = byte & 15;
      odd |= (high + 6) | (low + 6);
      digits = digits * 100 + high * 10 + low;
    }
    const byte = bytes[at + last]!;
    const high = byte >> 4;
    const sign = byte & 15;
    // A digit above 9, a sign that is none, or a digit in the unused half byte: the thorough decoder decides.
    if (((odd | (high + 6)) & 16) !== 0 || sign < 10 || ((precision & 1) === 0 && first > 15)) {
      return decodePacked(bytes, at, precision, scale);
    }
    return form(digits * 10 + high, sign === 13 || sign === 11);
  };
}

function zonedReader(precision: number, scale: number): ValueReader {
  if (precision > EXACT_DIGITS || precision < 1 || scale < 0)
    return (bytes, at) => decodeZoned(bytes, at, precision, scale);
  const form = decimalForm(scale);
  return (bytes, at) => {
    let digits = 0;
    for (let i = 0; i < precision; i++) {
      const digit = bytes[at + i]! & 15;
      if (digit > 9) return decodeZoned(bytes, at, precision, scale);
      digits = digits * 10 + digit;
    }
    const sign = bytes[at + precision - 1]! >> 4;
    if (sign < 10) return decodeZoned(bytes, at, precision, scale);
    return form(digits, sign === 13 || sign === 11);
  };
}

/** Digits to text with `scale` digits after the point; zero has no sign. */
function decimalForm(scale: number): (digits: number, negative: boolean) => string {
  if (scale === 0) return (digits, negative) => (negative && digits !== 0 ? `-${digits}` : `${digits}`);
  const power = 10 ** scale;
  return (digits, negative) => {
    const whole = Math.floor(digits / power);
    const part = digits - whole * power;
    const fraction = scale === 2 ? HUNDREDTHS[part]! : String(part).padStart(scale, '0');
    return negative && digits !== 0 ? `-${whole}.${fraction}` : `${whole}.${fraction}`;
  };
}

/** Most BIGINTs are small: two 32-bit reads are several times cheaper than one BigInt. */
function bigintText(bytes: Buffer, at: number): string {
  const high = bytes.readInt32BE(at);
  if (high >= -0x200000 && high < 0x200000) return String(high * 0x100000000 + bytes.readUInt32BE(at + 4));
  return bytes.readBigInt64BE(at).toString();
}

function scaled(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

// Text, dates, bytes

/** Longer values seldom repeat, and comparing them would cost. */
const REMEMBERED_LENGTH = 64;

type TextReader = (bytes: Buffer, at: number, length: number) => string;

/**
 * The same value often stands in the rows before: status, currency, user, job, library. Its text is made once as long as
 * the bytes stay the same, which saves the making and the memory.
 */
function remembering(reader: TextReader, capacity: number): TextReader {
  if (capacity > REMEMBERED_LENGTH) return reader;
  const before = new Uint8Array(capacity);
  let beforeLength = -1;
  let text = '';
  return (bytes, at, length) => {
    let same = length === beforeLength;
    for (let i = 0; same && i < length; i++) same = bytes[at + i] === before[i];
    if (same) return text;
    text = reader(bytes, at, length);
    for (let i = 0; i < length; i++) before[i] = bytes[at + i]!;
    beforeLength = length;
    return text;
  };
}

function textReader(codec: TextCodec): TextReader {
  return (bytes, at, length) => codec.decode(bytes, at, at + length);
}

const LATIN_T = 0x54;
const LATIN_COLON = 0x3a;
const LATIN_DOT = 0x2e;

function dateReader(field: FieldLayout, text: TextOptions): TextReader {
  const codec = textCodec(field.ccsid!);
  const latin1 = codec.kind === 'single' ? latin1Of(codec) : null;
  const decode = textReader(codec);
  if (field.type === 'TIMESTAMP') {
    if (latin1 && field.length !== 20) return patchedReader(latin1, field.length, TIMESTAMP_MARKS);
    return (bytes, at, length) => isoTimestamp(decode(bytes, at, length));
  }
  if (field.type === 'TIME') {
    if (latin1 && text.timeFormat !== 'USA' && field.length === 8) return patchedReader(latin1, 8, TIME_MARKS);
    return (bytes, at, length) => isoTime(decode(bytes, at, length), text.timeFormat);
  }
  return (bytes, at, length) => isoDate(decode(bytes, at, length), text.dateFormat);
}

/** Byte to Latin-1 byte; dates are digits and signs, which every page has there. */
function latin1Of(codec: TextCodec): Uint8Array {
  const text = codec.decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  return Uint8Array.from(text, (char) => (char.charCodeAt(0) < 256 ? char.charCodeAt(0) : 0x3f));
}

const TIME_MARKS: readonly (readonly [number, number])[] = [
  [2, LATIN_COLON],
  [5, LATIN_COLON],
];
const TIMESTAMP_MARKS: readonly (readonly [number, number])[] = [
  [10, LATIN_T],
  [13, LATIN_COLON],
  [16, LATIN_COLON],
  [19, LATIN_DOT],
];

/** Text of fixed layout whose separators are replaced on the way: one pass, one string. */
function patchedReader(latin1: Uint8Array, length: number, marks: readonly (readonly [number, number])[]): TextReader {
  const scratch = Buffer.alloc(length);
  const within = marks.filter(([place]) => place < length);
  return (bytes, at) => {
    for (let i = 0; i < length; i++) scratch[i] = latin1[bytes[at + i]!]!;
    for (const [place, mark] of within) scratch[place] = mark;
    return scratch.toString('latin1', 0, length);
  };
}

function copyBytes(bytes: Buffer, at: number, length: number): Uint8Array {
  return Buffer.from(bytes.subarray(at, at + length));
}
