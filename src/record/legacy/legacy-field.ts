/** A field with a legacy meaning: its bytes to a date, a time, both, or null by a sentinel. */
import type { CcsidCodec } from '../../bytes/ccsid/codec';
import { textCodec } from '../../bytes/ccsid/registry';
import type { LegacyMeaning, LegacyTimestamp } from '../../model/record-format';
import { errorNumber } from '../field-errors';
import type { Field } from '../layout/layout';
import type { RowPass } from '../write/row-pass';
import { dateField, timeField, writeIsoDate, writeIsoTime } from '../write/write-dates';
import { packedProblem, readInt, zonedProblem } from '../write/write-numbers';
import { DEFAULT_PIVOT, dateOfTimestamp, legacyDateNumber, legacyDigits, legacyTimeNumber } from './legacy';
import { type Sentinels, sentinelBytes, sentinelsOf } from './sentinels';

const LEGACY_TEXT = errorNumber('LEGACY_TEXT');
const LEGACY_RANGE = errorNumber('LEGACY_RANGE');
const TIMESTAMP_IMPOSSIBLE = errorNumber('TIMESTAMP_IMPOSSIBLE');

/** The field holds a value that means null. Below every error number. */
export const MEANS_NULL = -1000;

/** A number that carries an error: no legacy value is that low, and small numbers still add to it exactly. */
const ERROR_BASE = -(2 ** 52);

/** Bytes to the signed number, or ERROR_BASE + error number. */
type ReadNumber = (b: Uint8Array, start: number, end: number) => number;

interface LegacyField {
  readonly meaning: LegacyMeaning;
  /** What `read` answers: yyyymmdd, hhmmss, or the form's own digits for a timestamp. */
  readonly yields: 'date' | 'time' | 'timestamp';
  /** The number, an error number, or `MEANS_NULL`. */
  read(b: Uint8Array, start: number, end: number): number;
  /** ISO text without quotes; the new position, an error number, or `MEANS_NULL`. */
  write(pass: RowPass, start: number, end: number, at: number): number;
}

/** Null where the meaning does not apply to the column's type, or names nothing but sentinels. */
export function legacyField(field: Field, meaning: LegacyMeaning): LegacyField | null {
  if (field.kind === 'date' || field.kind === 'time') return nativeField(field, meaning);
  const number = numberReader(field);
  if (number === null) return null;
  const sentinels = sentinelsOf(meaning, field);
  const pivot = meaning.pivot ?? DEFAULT_PIVOT;
  const read = guarded(number, sentinels, textOf(field), (value) => {
    if (meaning.date !== undefined) return legacyDateNumber(meaning.date, value, pivot);
    if (meaning.time !== undefined) return legacyTimeNumber(meaning.time, value);
    return value >= 10 ** legacyDigits(meaning) ? LEGACY_RANGE : value;
  });
  if (meaning.date !== undefined) return { meaning, yields: 'date', read, write: dateWriter(read) };
  if (meaning.time !== undefined) return { meaning, yields: 'time', read, write: timeWriter(read) };
  if (meaning.timestamp !== undefined)
    return { meaning, yields: 'timestamp', read, write: timestampWriter(read, meaning.timestamp) };
  return null;
}

/** A real DATE or TIME column, as one half of a date and time pair. */
function nativeField(field: Field, meaning: LegacyMeaning): LegacyField {
  const sentinels = sentinelsOf(meaning, null);
  const values = sentinels.texts.map((t) => Number(t.replace(/[-:]/g, '')));
  const { date, time } = field;
  const read = (b: Uint8Array, start: number, end: number): number => {
    if (sentinelBytes(sentinels, b, start, end)) return MEANS_NULL;
    const value = date !== null ? dateField(b, start, date) : timeField(b, start, time!);
    return value >= 0 && values.includes(value) ? MEANS_NULL : value;
  };
  return date !== null
    ? { meaning, yields: 'date', read, write: dateWriter(read) }
    : { meaning, yields: 'time', read, write: timeWriter(read) };
}

function guarded(
  number: ReadNumber,
  sentinels: Sentinels,
  text: ((b: Uint8Array, start: number, end: number) => string) | null,
  convert: (value: number) => number,
): ReadNumber {
  const numbers = sentinels.numbers;
  return (b, start, end) => {
    if (sentinelBytes(sentinels, b, start, end)) return MEANS_NULL;
    if (text !== null && sentinels.texts.length > 0 && sentinels.texts.includes(text(b, start, end))) return MEANS_NULL;
    const value = number(b, start, end);
    if (value <= ERROR_BASE / 2) return value - ERROR_BASE;
    for (let i = 0; i < numbers.length; i++) if (numbers[i] === value) return MEANS_NULL;
    return value < 0 ? LEGACY_RANGE : convert(value);
  };
}

function numberReader(field: Field): ReadNumber | null {
  if (field.storage === 'lob') return null;
  switch (field.kind) {
    case 'packed':
      return (b, start, end) => packedNumber(b, start, end - start, field.column.scale);
    case 'zoned':
      return (b, start, end) => zonedNumber(b, start, end - start, field.column.scale);
    case 'integer':
      return field.column.scale === 0 ? integerNumber : null;
    case 'text':
      return characterReader(textCodec(field.column.ccsid ?? DIGITS_CCSID));
    case 'bytes':
      return untagged(field) ? characterReader(textCodec(DIGITS_CCSID)) : null;
    default:
      return null;
  }
}

/** Digits are the same in every EBCDIC page, so an untagged (65535) character field can still hold a date. */
const DIGITS_CCSID = 37;

function untagged(field: Field): boolean {
  return field.kind === 'bytes' && (field.column.type === 'CHAR' || field.column.type === 'VARCHAR');
}

function textOf(field: Field): ((b: Uint8Array, start: number, end: number) => string) | null {
  if (field.kind !== 'text' && !untagged(field)) return null;
  const codec = textCodec(field.kind === 'text' ? (field.column.ccsid ?? DIGITS_CCSID) : DIGITS_CCSID);
  return (b, start, end) => codec.decode(b, start, end).trimEnd();
}

/** Digits to a number; more than 15 significant ones, or a fraction, belong to no date or time. */
function exact(digits: (i: number) => number, count: number, scale: number, negative: boolean): number {
  let value = 0;
  for (let i = 0; i < count; i++) {
    const digit = digits(i);
    if (i >= count - scale) {
      if (digit !== 0) return ERROR_BASE + LEGACY_RANGE;
      continue;
    }
    value = value * 10 + digit;
    if (value > 1e15) return ERROR_BASE + LEGACY_RANGE;
  }
  return negative ? -value : value;
}

function packedNumber(b: Uint8Array, o: number, length: number, scale: number): number {
  const problem = packedProblem(b, o, length);
  if (problem < 0) return ERROR_BASE + problem;
  const sign = b[o + length - 1]! & 15;
  if (length <= 4 && scale === 0) {
    let value = 0;
    for (let i = o; i < o + length - 1; i++) value = value * 100 + (b[i]! >> 4) * 10 + (b[i]! & 15);
    value = value * 10 + (b[o + length - 1]! >> 4);
    return sign === 11 || sign === 13 ? -value : value;
  }
  const nibble = (i: number): number => (i & 1 ? b[o + (i >> 1)]! & 15 : b[o + (i >> 1)]! >> 4);
  return exact(nibble, length * 2 - 1, scale, sign === 11 || sign === 13);
}

function zonedNumber(b: Uint8Array, o: number, length: number, scale: number): number {
  const problem = zonedProblem(b, o, length);
  if (problem < 0) return ERROR_BASE + problem;
  const sign = b[o + length - 1]! >> 4;
  return exact((i) => b[o + i]! & 15, length, scale, sign === 11 || sign === 13);
}

function integerNumber(b: Uint8Array, start: number, end: number): number {
  if (end - start === 2) return (((b[start]! << 8) | b[start + 1]!) << 16) >> 16;
  const high = readInt(b, start);
  if (end - start === 4) return high;
  const value = high * 4294967296 + (readInt(b, start + 4) >>> 0);
  return Math.abs(value) > 1e15 ? ERROR_BASE + LEGACY_RANGE : value;
}

/** Digits of text, blanks at the end ignored; an empty field is no number. */
function characterReader(codec: CcsidCodec): ReadNumber {
  return (b, start, end) => {
    const text = codec.decode(b, start, end).trimEnd();
    if (codec.lastProblem !== null) return ERROR_BASE + errorNumber(codec.lastProblem);
    if (!/^\d{1,15}$/.test(text)) return ERROR_BASE + LEGACY_TEXT;
    return Number(text);
  };
}

type Write = LegacyField['write'];

function dateWriter(read: ReadNumber): Write {
  return (pass, start, end, at) => {
    const date = read(pass.image, start, end);
    return date < 0 ? date : writeIsoDate(pass.bytes, at, date);
  };
}

function timeWriter(read: ReadNumber): Write {
  return (pass, start, end, at) => {
    const time = read(pass.image, start, end);
    return time < 0 ? time : writeIsoTime(pass.bytes, at, time);
  };
}

function timestampWriter(read: ReadNumber, form: LegacyTimestamp): Write {
  const dateForm = dateOfTimestamp(form);
  return (pass, start, end, at) => {
    const value = read(pass.image, start, end);
    if (value < 0) return value;
    const w = pass.bytes;
    const date = legacyDateNumber(dateForm, Math.floor(value / 1000000), DEFAULT_PIVOT);
    const time = legacyTimeNumber('hhmmss', value % 1000000);
    if (date < 0 || time < 0) return TIMESTAMP_IMPOSSIBLE;
    writeIsoDate(w, at, date);
    w[at + 10] = 0x54;
    return writeIsoTime(w, at + 11, time);
  };
}
