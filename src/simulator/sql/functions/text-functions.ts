/** String, byte and date functions that SQLite has not, or has with another meaning than Db2. */
import { padCharacter } from '../../partition/files/comparable';
import { withoutKeptBytes } from '../../stored-text';
import { argumentNotValid, badCast } from '../failures';
import { decodeText, encodeText } from '../types/byte-text';
import type { Raw } from '../types/exact-form';
import type { ScalarFunction } from './exact-functions';

function cutUtf8(text: string, bytes: number): string {
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
  // LPAD and RPAD: what is longer is cut at its end
  pad_text: (x, n, fill, side) => {
    const [text, width] = [[...String(x)], Number(n)];
    const missing = Math.max(0, width - text.length);
    const filling = [...String(fill).repeat(missing)].slice(0, missing);
    return (side === 'L' ? [...filling, ...text] : [...text, ...filling]).slice(0, width).join('');
  },
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
function realText(value: number): string {
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
