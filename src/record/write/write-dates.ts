/** DATE, TIME, TIMESTAMP fields as ISO text bytes, without quotes. Each writer answers the new position, or an error number. */
import {
  BAD_TEXT,
  type DateSpec,
  readDate,
  readTime,
  readTimestampDate,
  readTimestampTime,
  type TimeSpec,
  timestampShape,
} from '../../bytes/date-time';
import { errorNumber } from '../field-errors';

const DATE_TEXT = errorNumber('DATE_TEXT');
const DATE_IMPOSSIBLE = errorNumber('DATE_IMPOSSIBLE');
const TIME_TEXT = errorNumber('TIME_TEXT');
const TIME_IMPOSSIBLE = errorNumber('TIME_IMPOSSIBLE');
const TIMESTAMP_TEXT = errorNumber('TIMESTAMP_TEXT');
const TIMESTAMP_IMPOSSIBLE = errorNumber('TIMESTAMP_IMPOSSIBLE');

function pair(w: Uint8Array, p: number, value: number): void {
  const tens = (value / 10) | 0;
  w[p] = 48 + tens;
  w[p + 1] = 48 + value - tens * 10;
}

/** yyyymmdd as `2024-02-29`. */
export function writeIsoDate(w: Uint8Array, p: number, date: number): number {
  const year = (date / 10000) | 0;
  const century = (year / 100) | 0;
  const rest = date - year * 10000;
  const month = (rest / 100) | 0;
  pair(w, p, century);
  pair(w, p + 2, year - century * 100);
  w[p + 4] = 0x2d;
  pair(w, p + 5, month);
  w[p + 7] = 0x2d;
  pair(w, p + 8, rest - month * 100);
  return p + 10;
}

/** hhmmss as `23:59:59`. */
export function writeIsoTime(w: Uint8Array, p: number, time: number): number {
  const hour = (time / 10000) | 0;
  const rest = time - hour * 10000;
  const minute = (rest / 100) | 0;
  pair(w, p, hour);
  w[p + 2] = 0x3a;
  pair(w, p + 3, minute);
  w[p + 5] = 0x3a;
  pair(w, p + 6, rest - minute * 100);
  return p + 8;
}

export function dateField(b: Uint8Array, o: number, spec: DateSpec): number {
  const date = readDate(b, o, spec);
  return date >= 0 ? date : date === BAD_TEXT ? DATE_TEXT : DATE_IMPOSSIBLE;
}

export function timeField(b: Uint8Array, o: number, spec: TimeSpec): number {
  const time = readTime(b, o, spec);
  return time >= 0 ? time : time === BAD_TEXT ? TIME_TEXT : TIME_IMPOSSIBLE;
}

export function writeDate(b: Uint8Array, o: number, spec: DateSpec, w: Uint8Array, p: number): number {
  const date = dateField(b, o, spec);
  return date < 0 ? date : writeIsoDate(w, p, date);
}

export function writeTime(b: Uint8Array, o: number, spec: TimeSpec, w: Uint8Array, p: number): number {
  const time = timeField(b, o, spec);
  return time < 0 ? time : writeIsoTime(w, p, time);
}

/** `yyyy-mm-ddThh:mm:ss.ffffff`, as many digits as the scale. */
export function writeTimestamp(b: Uint8Array, o: number, scale: number, w: Uint8Array, p: number): number {
  if (!timestampShape(b, o, scale)) return TIMESTAMP_TEXT;
  const date = readTimestampDate(b, o);
  if (date < 0) return date === BAD_TEXT ? TIMESTAMP_TEXT : TIMESTAMP_IMPOSSIBLE;
  const time = readTimestampTime(b, o, scale);
  if (time < 0) return time === BAD_TEXT ? TIMESTAMP_TEXT : TIMESTAMP_IMPOSSIBLE;
  writeIsoDate(w, p, date);
  w[p + 10] = 0x54;
  writeIsoTime(w, p + 11, time);
  if (scale === 0) return p + 19;
  w[p + 19] = 0x2e;
  for (let i = 20; i < 20 + scale; i++) w[p + i] = b[o + i]! & 0x3f;
  return p + 20 + scale;
}
