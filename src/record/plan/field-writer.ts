/**
 * One field to JSON bytes without its quotes, as a closure: the slow, complete form that plans call for everything they do not
 * generate code for, and that row readers read values through.
 */

import type { CcsidCodec } from '../../bytes/ccsid/codec';
import { MixedByteCodec } from '../../bytes/ccsid/mixed-byte';
import { textCodec } from '../../bytes/ccsid/registry';
import { SingleByteCodec } from '../../bytes/ccsid/single-byte';
import { CodedError } from '../../errors/coded-error';
import { errorNumber } from '../field-errors';
import type { Field, Layout } from '../layout/layout';
import { legacyField, MEANS_NULL } from '../legacy/legacy-field';
import { sentinelBytes, sentinelsOf } from '../legacy/sentinels';
import { offsetText, Zone } from '../legacy/zone';
import type { RowPass } from '../write/row-pass';
import { writeDate, writeIsoDate, writeIsoTime, writeTime, writeTimestamp } from '../write/write-dates';
import {
  writeAscii,
  writeBase64,
  writeBigint,
  writeBoolean,
  writeDecfloat,
  writeFloat,
  writeHex,
  writeInt,
  writePacked,
  writeScaledInteger,
  writeSmallint,
  writeZoned,
} from '../write/write-numbers';
import {
  MixedText,
  NOT_PLAIN,
  SingleText,
  TEXT_GROWTH,
  type WideText,
  writeMixed,
  writeSingle,
  writeWide,
} from '../write/write-text';
import { fieldNamed, type JsonOutput, meaningOf } from './outputs';

/** Data bytes [start, end) of the image to JSON at `at`: the new position, an error number, or `MEANS_NULL`. */
export type Write = (pass: RowPass, start: number, end: number, at: number) => number;

export interface FieldWriter {
  readonly write: Write;
  /** Whether the JSON value stands in quotes. */
  readonly quoted: boolean;
  /** Most bytes `write` produces for data of the field's capacity. */
  readonly bound: number;
  /** Text only: the same with U+FFFD for what is undefined. */
  readonly lenient?: Write;
  /** Base64 or hex of bytes that a row reader hands out as they are. */
  readonly binary?: true;
}

const TIMESTAMP_IMPOSSIBLE = errorNumber('TIMESTAMP_IMPOSSIBLE');

export function fieldWriter(layout: Layout, field: Field, output: JsonOutput): FieldWriter {
  const meaning = meaningOf(field, output.as);
  if (meaning !== null) {
    const legacy = legacyField(field, meaning);
    if (legacy !== null && legacy.yields === 'timestamp' && output.zone !== undefined)
      return { write: zoned(legacy.write, new Zone(output.zone)), quoted: true, bound: 48 };
    if (legacy !== null) return { write: legacy.write, quoted: true, bound: 32 };
    if ((meaning.date ?? meaning.time ?? meaning.timestamp) !== undefined) throw noMeaning(layout, field);
    // the values are those of the field itself, before a zone is written behind them
    const { zone, ...local } = output;
    const plain = withSentinels(plainWriter(layout, field, local), field, meaning);
    if (field.kind !== 'timestamp' || zone === undefined) return plain;
    return { ...plain, write: zoned(plain.write, new Zone(zone)) };
  }
  return plainWriter(layout, field, output);
}

/** Sentinels on a field that keeps its own type: special values by their bytes, others by the text they decode to. */
function withSentinels(plain: FieldWriter, field: Field, meaning: NonNullable<JsonOutput['as']>): FieldWriter {
  const sentinels = sentinelsOf(meaning, field);
  const normal = normalForm(field);
  const texts = new Set([...sentinels.texts, ...sentinels.numbers.map(String)].map(normal));
  const write: Write = (pass, start, end, at) => {
    if (sentinelBytes(sentinels, pass.image, start, end)) return MEANS_NULL;
    const p = plain.write(pass, start, end, at);
    if (p < 0 || texts.size === 0 || p - at > 64) return p;
    const w = pass.bytes;
    return texts.has(normal(Buffer.from(w.buffer, w.byteOffset + at, p - at).toString('utf8'))) ? MEANS_NULL : p;
  };
  return { ...plain, write };
}

/** One spelling for values that are the same: `1.50` and `1.5`, a timestamp with and without its zeros and separators. */
function normalForm({ kind, column }: Field): (text: string) => string {
  if (kind === 'timestamp')
    return (text) => {
      const digits = text.replace(/\D/g, '');
      return digits === '' ? text : digits.padEnd(14 + column.scale, '0');
    };
  if (kind === 'text' || kind === 'bytes') return (text) => text;
  return (text) => (/^-?\d+\.\d*$/.test(text) ? text.replace(/\.?0+$/, '') : text);
}

function plainWriter(layout: Layout, field: Field, output: JsonOutput): FieldWriter {
  const { column } = field;
  const quoted = output.decimal !== 'number';
  const digits = field.width * 2 + 8;
  switch (field.kind) {
    case 'text':
      return textWriter(layout, field, output.trim ?? true);
    case 'bytes':
      return output.binary === 'hex'
        ? { write: hex, quoted: true, bound: field.capacity * 2, binary: true }
        : { write: base64, quoted: true, bound: Math.ceil(field.capacity / 3) * 4, binary: true };
    case 'packed':
      return { write: (r, s, e, at) => writePacked(r, s, e - s, column.scale, at), quoted, bound: digits };
    case 'zoned':
      return { write: (r, s, e, at) => writeZoned(r, s, e - s, column.scale, at), quoted, bound: digits };
    case 'integer':
      return integerWriter(field, quoted);
    case 'float':
      return { write: (r, s, e, at) => writeFloat(r.image, s, e - s, r.bytes, at), quoted: false, bound: 32 };
    case 'decfloat':
      return decfloatWriter(field.width as 8 | 16, quoted);
    case 'date':
      return { write: (r, s, _e, at) => writeDate(r.image, s, field.date!, r.bytes, at), quoted: true, bound: 10 };
    case 'time':
      return { write: (r, s, _e, at) => writeTime(r.image, s, field.time!, r.bytes, at), quoted: true, bound: 8 };
    case 'timestamp': {
      const write: Write = (r, s, _e, at) => writeTimestamp(r.image, s, column.scale, r.bytes, at);
      return {
        write: output.zone === undefined ? write : zoned(write, new Zone(output.zone)),
        quoted: true,
        bound: 48,
      };
    }
    case 'boolean':
      return { write: (r, s, _e, at) => writeBoolean(r.image, s, r.bytes, at), quoted: false, bound: 5 };
  }
}

const hex: Write = (r, s, e, at) => writeHex(r.image, s, e, r.bytes, at);
const base64: Write = (r, s, e, at) => writeBase64(r.image, s, e, r.bytes, at);

function integerWriter(field: Field, quotedDecimal: boolean): FieldWriter {
  const { width, column } = field;
  if (column.scale > 0)
    return {
      write: (r, s, _e, at) => writeScaledInteger(r, s, width, column.scale, at),
      quoted: quotedDecimal,
      bound: 24,
    };
  if (width === 8)
    return { write: (r, s, _e, at) => writeBigint(r.image, s, r.bytes, at), quoted: quotedDecimal, bound: 20 };
  const number = width === 2 ? writeSmallint : writeInt;
  return { write: (r, s, _e, at) => number(r.image, s, r.bytes, at), quoted: false, bound: 11 };
}

/** As a JSON number the special values still need quotes, so the writer brings its own. */
function decfloatWriter(width: 8 | 16, quoted: boolean): FieldWriter {
  if (quoted) return { write: (r, s, _e, at) => writeDecfloat(r.image, s, width, r.bytes, at), quoted, bound: 48 };
  const write: Write = ({ image, bytes: w }, s, _e, at) => {
    const end = writeDecfloat(image, s, width, w, at);
    const last = w[end - 1]!;
    if (last >= 0x30 && last <= 0x39) return end;
    return writeAscii(w, at, `"${Buffer.from(w.buffer, w.byteOffset + at, end - at).toString('latin1')}"`);
  };
  return { write, quoted: false, bound: 48 };
}

/** @throws CodedError of the registry when the column's CCSID is unknown */
export function columnCodec(layout: Layout, field: Field): CcsidCodec {
  const { ccsid } = field.column;
  if (ccsid !== null) return textCodec(ccsid);
  if (field.column.type === 'XML') return textCodec(1208);
  throw new CodedError({
    code: 'FORMAT_CCSID',
    message: `column ${field.column.name} of ${layout.format.table} is ${field.column.type} without a CCSID`,
    next: 'give the column a ccsid (65535 for bytes)',
    facts: { table: layout.format.table, column: field.column.name },
  });
}

function textWriter(layout: Layout, field: Field, trim: boolean): FieldWriter {
  const codec = columnCodec(layout, field);
  const bound = field.capacity * TEXT_GROWTH;
  if (codec instanceof SingleByteCodec) {
    const single = (lenient: boolean): Write => {
      const text = new SingleText(codec, trim, lenient);
      return (r, s, e, at) => writeSingle(r, text, s, e, at);
    };
    return { write: single(false), lenient: single(true), quoted: true, bound };
  }
  // Pure double-byte fields are padded with the ideographic space X'4040'.
  const blank = trim ? (codec.kind === 'double' ? 0x3000 : 0x20) : -1;
  const any = (lenient: boolean): Write => {
    const text: WideText = { codec, blank, lenient };
    return (r, s, e, at) => writeWide(r, text, s, e, at);
  };
  if (!(codec instanceof MixedByteCodec)) return { write: any(false), lenient: any(true), quoted: true, bound };
  const text = new MixedText(codec, trim);
  const complete = any(false);
  const write: Write = (r, s, e, at) => {
    const p = writeMixed(r, text, s, e, at);
    return p === NOT_PLAIN ? complete(r, s, e, at) : p;
  };
  return { write, lenient: any(true), quoted: true, bound };
}

/** Adds the offset of the zone to a timestamp; 24:00:00 becomes midnight of the next day, where the calendar has one. */
function zoned(write: Write, zone: Zone): Write {
  return (pass, start, end, at) => {
    const p = write(pass, start, end, at);
    if (p < 0) return p;
    const w = pass.bytes;
    const two = (i: number): number => (w[at + i]! - 48) * 10 + w[at + i + 1]! - 48;
    let date = (two(0) * 100 + two(2)) * 10000 + two(5) * 100 + two(8);
    let time = two(11) * 10000 + two(14) * 100 + two(17);
    if (time === 240000) {
      date = nextDay(date);
      if (date < 0) return TIMESTAMP_IMPOSSIBLE;
      time = 0;
      writeIsoDate(w, at, date);
      writeIsoTime(w, at + 11, 0);
    }
    return writeAscii(w, p, offsetText(zone.offsetAt(date, time)));
  };
}

/** -1 after the last day of the calendar, 9999-12-31. */
function nextDay(date: number): number {
  if (date >= 99991231) return -1;
  const day = new Date(0);
  day.setUTCFullYear(Math.trunc(date / 10000), (Math.trunc(date / 100) % 100) - 1, (date % 100) + 1);
  return day.getUTCFullYear() * 10000 + (day.getUTCMonth() + 1) * 100 + day.getUTCDate();
}

/** The time column of a date and time pair, with its own errors. */
export interface PairWriter {
  readonly timeField: Field;
  /** As `Write`, with the time at `timeStart`; `timeFailed` says whose error a negative answer is. */
  write(pass: RowPass, start: number, end: number, timeStart: number, at: number): number;
  timeFailed: boolean;
}

/** @throws CodedError when the columns do not hold a date and a time */
export function pairWriter(layout: Layout, field: Field, output: JsonOutput): PairWriter {
  const timeField = fieldNamed(layout, output.time!.column);
  if (field.storage !== 'fixed') throw noMeaning(layout, field);
  if (timeField.storage !== 'fixed') throw noMeaning(layout, timeField);
  const date = legacyField(field, meaningOf(field, output.as) ?? {});
  const time = legacyField(timeField, meaningOf(timeField, output.time!.as) ?? {});
  if (date?.yields !== 'date') throw noMeaning(layout, field);
  if (time?.yields !== 'time') throw noMeaning(layout, timeField);
  const zone = output.zone === undefined ? null : new Zone(output.zone);
  return {
    timeField,
    timeFailed: false,
    write({ image: b, bytes: w }, start, end, timeStart, at) {
      this.timeFailed = false;
      let day = date.read(b, start, end);
      if (day < 0) return day;
      let clock = time.read(b, timeStart, timeStart + timeField.width);
      if (clock < 0) {
        this.timeFailed = clock !== MEANS_NULL;
        return clock;
      }
      if (clock === 240000) {
        day = nextDay(day);
        if (day < 0) return TIMESTAMP_IMPOSSIBLE;
        clock = 0;
      }
      let p = writeIsoDate(w, at, day);
      w[p++] = 0x54;
      p = writeIsoTime(w, p, clock);
      return zone === null ? p : writeAscii(w, p, offsetText(zone.offsetAt(day, clock)));
    },
  };
}

function noMeaning(layout: Layout, field: Field): CodedError {
  return new CodedError({
    code: 'FORMAT_MEANING',
    message: `column ${field.column.name} of ${layout.format.table} (${field.column.type}) cannot be read as the date or time asked for`,
    next: 'a date, time or timestamp meaning needs a packed, zoned, integer or character column; a pair needs a date and a time',
    facts: { table: layout.format.table, column: field.column.name },
  });
}
