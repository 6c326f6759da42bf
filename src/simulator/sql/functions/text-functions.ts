/** String, byte and date functions that SQLite has not, or has with another meaning than Db2. */
import { padCharacter } from '../../partition/files/comparable';
import { decodeStored, encodeStored, withoutKeptBytes } from '../../stored-text';
import { argumentNotValid, badCast, badDateTime, badDateTimeValue } from '../failures';
import type { Raw, ScalarFunction } from './exact-functions';

/** Text to stored bytes in a CCSID; 65535 keeps what a Latin page can carry. */
export function encodeText(text: string, ccsid: number): Buffer {
  return ccsid === 65535 ? Buffer.from(text, 'latin1') : encodeStored(ccsid, text);
}

export function decodeText(bytes: Uint8Array, ccsid: number): string {
  return ccsid === 65535 ? Buffer.from(bytes).toString('latin1') : decodeStored(ccsid, bytes);
}

export function cutUtf8(text: string, bytes: number): string {
  const all = Buffer.from(text, 'utf8');
  if (all.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && (all[end]! & 0xc0) === 0x80) end--;
  return all.toString('utf8', 0, end);
}

const ASTRAL = /[\ud800-\udfff]/;

function codePoints(text: string): number {
  return ASTRAL.test(text) ? [...text].length : text.length;
}

/** As SQLite's substr: characters from `start`, 1 the first, a negative one counted from the end. */
function textPart(text: string, start: number, length?: number): string {
  const all = ASTRAL.test(text) ? [...text] : text;
  const from = start < 0 ? Math.max(0, all.length + start) : Math.max(0, start - 1);
  const part = all.slice(from, length === undefined ? undefined : Math.max(from, from + length));
  return typeof part === 'string' ? part : part.join('');
}

const TRANSLATE_NOTHING = '';

export const TEXT_FUNCTIONS: Record<string, ScalarFunction> = {
  pad: (x, n, blank) => String(x).padEnd(Number(n), String(blank)),
  byte_pad: (x, n, ccsid) => padCharacter({ length: Number(n), ccsid: Number(ccsid) }, String(x)),
  utf8_cut: (x, n) => cutUtf8(String(x), Number(n)),
  utf8_length: (x) => BigInt(Buffer.byteLength(String(x))),
  // SQLite's own end at U+0000
  text_cut: (x, n) => textPart(String(x), 1, Number(n)),
  text_part: (x, start, n) => textPart(String(x), Number(start), n === undefined ? undefined : Number(n)),
  text_length: (x) => BigInt(codePoints(String(x))),
  defined_text: (x) => withoutKeptBytes(String(x)),
  to_bytes: (x, ccsid) => encodeText(String(x), Number(ccsid)),
  from_bytes: (x, ccsid) => decodeText(bytes(x!), Number(ccsid)),
  b_fixed: (x, n, fill) => {
    const source = bytes(x!);
    if (source.length >= Number(n)) return source.subarray(0, Number(n));
    return Buffer.concat([source, Buffer.alloc(Number(n) - source.length, Number(fill))]);
  },
  b_concat: (a, b) => Buffer.concat([bytes(a!), bytes(b!)]),
  b_hex: (x) => bytes(x!).toString('hex').toUpperCase(),
  ux: (x) => Buffer.from(String(x), 'hex').swap16().toString('utf16le'),
  upper_u: (x) => String(x).toUpperCase(),
  lower_u: (x) => String(x).toLowerCase(),
  strip: (x, c, side) => strip(String(x), String(c), String(side)),
  locate: (needle, hay, start) => {
    const at = String(hay).indexOf(String(needle), Math.max(0, Number(start) - 1));
    return BigInt(at + 1);
  },
  b_locate: (needle, hay) => BigInt(bytes(hay!).indexOf(bytes(needle!)) + 1),
  repeat_text: (x, n) => String(x).repeat(Math.max(0, Number(n))),
  insert_text: (x, at, n, part) => {
    const s = String(x);
    const from = Number(at) - 1;
    if (from < 0 || Number(n) < 0) throw argumentNotValid(2, 'INSERT');
    return s.slice(0, from) + String(part) + s.slice(from + Number(n));
  },
  translate_text: (x, to, from, fill) => translate(String(x), String(to), String(from), String(fill)),
  sub_check: (start, length) => {
    if (Number(length) < 0) throw argumentNotValid(3, 'SUBSTRING');
    if (Number(start) < 1) throw argumentNotValid(2, 'SUBSTRING');
    return length!;
  },
  like_text: (x, pattern, sign) => (isLike(String(x), String(pattern), String(sign)) ? 1n : 0n),
  to_bool: (x) => {
    const text = typeof x === 'string' ? x.trim().toUpperCase() : x;
    if (text === 'TRUE' || text === 'T' || text === 'YES' || text === 'Y' || text === '1' || text === 'ON') return 1n;
    if (text === 'FALSE' || text === 'F' || text === 'NO' || text === 'N' || text === '0' || text === 'OFF') return 0n;
    if (typeof text === 'string') throw badCast();
    return Number(x) === 0 ? 0n : 1n;
  },
  r_char: (x) => realText(Number(x)),
  fround: (x) => Math.fround(Number(x)),
};

function bytes(value: Raw): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(String(value), 'latin1');
}

/** `1.5E0`: mantissa and exponent as Db2 writes floats. */
export function realText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

function strip(text: string, character: string, side: string): string {
  const c = character === TRANSLATE_NOTHING ? ' ' : character[0]!;
  let from = 0;
  let to = text.length;
  if (side !== 'T') while (from < to && text[from] === c) from++;
  if (side !== 'L') while (to > from && text[to - 1] === c) to--;
  return text.slice(from, to);
}

function translate(text: string, to: string, from: string, fill: string): string {
  const target = to.padEnd(from.length, fill[0] ?? ' ');
  return [...text].map((c) => (from.includes(c) ? target[from.indexOf(c)]! : c)).join('');
}

const ANY_RUN = 0;
const ANY_ONE = 1;

/** `%` any run, `_` one character, case counts, the escape character frees the next one. */
function likeParts(pattern: string, escapeSign: string): (string | typeof ANY_RUN | typeof ANY_ONE)[] {
  const parts: (string | typeof ANY_RUN | typeof ANY_ONE)[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!;
    if (escapeSign !== '' && c === escapeSign && i + 1 < characters.length) parts.push(characters[++i]!);
    else if (c === '%') {
      if (parts[parts.length - 1] !== ANY_RUN) parts.push(ANY_RUN);
    } else parts.push(c === '_' ? ANY_ONE : c);
  }
  return parts;
}

/** Goes back to the last `%` only, so the time is at most text times pattern. */
function isLike(text: string, pattern: string, escapeSign: string): boolean {
  const parts = likeParts(pattern, escapeSign);
  const characters = [...text];
  let at = 0;
  let part = 0;
  let run = -1;
  let resume = 0;
  while (at < characters.length) {
    const p = parts[part];
    if (p === ANY_RUN) {
      run = part++;
      resume = at;
    } else if (part < parts.length && (p === ANY_ONE || p === characters[at])) {
      part++;
      at++;
    } else if (run >= 0) {
      part = run + 1;
      at = ++resume;
    } else return false;
  }
  while (parts[part] === ANY_RUN) part++;
  return part === parts.length;
}

const DATE_FORMS: readonly (readonly [RegExp, (m: RegExpExecArray) => [string, string, string]])[] = [
  [/^(\d{4})-(\d{1,2})-(\d{1,2})$/, (m) => [m[1]!, m[2]!, m[3]!]],
  [/^(\d{1,2})\/(\d{1,2})\/(\d{4})$/, (m) => [m[3]!, m[1]!, m[2]!]],
  [/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, (m) => [m[3]!, m[2]!, m[1]!]],
  [/^(\d{4})(\d\d)(\d\d)$/, (m) => [m[1]!, m[2]!, m[3]!]],
  [/^(\d{1,2})\/(\d{1,2})\/(\d\d)$/, (m) => [century(m[3]!), m[1]!, m[2]!]],
];

function century(yy: string): string {
  return `${Number(yy) < 40 ? 20 : 19}${yy}`;
}

/** Any date string Db2 takes, or a timestamp's date, to `2024-02-29`. */
export function isoDate(text: string): string {
  const t = text.trim();
  const stamp = /^(\d{4}-\d\d-\d\d)[-T ]\d/.exec(t);
  for (const [form, order] of DATE_FORMS) {
    const m = form.exec(stamp ? stamp[1]! : t);
    if (m) return checkedDate(...order(m));
  }
  const julian = /^(\d{4})(\d{3})$/.exec(t);
  if (julian) return new Date(Date.UTC(Number(julian[1]), 0, Number(julian[2]))).toISOString().slice(0, 10);
  throw badDateTime();
}

function checkedDate(year: string, month: string, day: string): string {
  const iso = `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (!isRealDate(Number(year), Number(month), Number(day))) throw badDateTimeValue();
  return iso;
}

export function isRealDate(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  return day <= daysInMonth(year, month);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `13.30.05`, `13:30:05`, `13:30`, `1:30 PM`, or a timestamp's time, to `13:30:05`. */
export function isoTime(text: string): string {
  const t = text.trim();
  const stamp = /^\d{4}-\d\d-\d\d[-T ](.*)$/.exec(t);
  const m = /^(\d{1,2})[.:](\d\d)(?:[.:](\d\d))?(?:[.,]\d+)?\s*([AP]M)?$/i.exec(stamp ? stamp[1]! : t);
  if (!m) throw badDateTime();
  let hour = Number(m[1]);
  const half = m[4]?.toUpperCase();
  if (half === 'PM' && hour < 12) hour += 12;
  if (half === 'AM' && hour === 12) hour = 0;
  const [minute, second] = [Number(m[2]), Number(m[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) throw badDateTimeValue();
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** Any timestamp string Db2 takes to `2024-02-29T13:30:05.123456` with `scale` fractional digits. */
export function isoTimestamp(text: string, scale: number): string {
  const t = text.trim();
  const compact = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d*)$/.exec(t);
  const normal = compact
    ? `${compact[1]}-${compact[2]}-${compact[3]}-${compact[4]}.${compact[5]}.${compact[6]}${compact[7] ? `.${compact[7]}` : ''}`
    : t;
  const m = /^(\d{4}-\d{1,2}-\d{1,2})(?:[-T ](\d{1,2}[.:]\d\d(?:[.:]\d\d)?)(?:[.,](\d{0,12}))?)?Z?$/.exec(normal);
  if (!m) return `${isoDate(t)}T00:00:00${fraction('', scale)}`;
  return `${isoDate(m[1]!)}T${m[2] ? isoTime(m[2]) : '00:00:00'}${fraction(m[3] ?? '', scale)}`;
}

function fraction(digits: string, scale: number): string {
  return scale === 0 ? '' : `.${digits.slice(0, scale).padEnd(scale, '0')}`;
}

export function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** Same instant with another number of fractional digits, cut. */
export function scaleTimestamp(iso: string, scale: number): string {
  return `${iso.slice(0, 19)}${fraction(iso.slice(20), scale)}`;
}
