/**
 * Values that mean null. Numbers and texts as configured, and the special ones by name: `*BLANKS` (all X'40'), `*LOVAL`, `*HIVAL`
 * (the lowest and highest value of the field: X'00..' and X'FF..' of text, all nines of packed and zoned digits, the end of the
 * range of binary integers).
 */
import type { LegacyMeaning } from '../../model/record-format';
import type { Field } from '../layout/layout';

export interface Sentinels {
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  readonly blanks: boolean;
  readonly low: boolean;
  readonly high: boolean;
  /** Which end of the field's range the bytes are. */
  readonly end: EndOf;
}

/** 1 highest, -1 lowest, 0 neither. */
type EndOf = (b: Uint8Array, start: number, end: number) => -1 | 0 | 1;

const SPECIAL: readonly string[] = ['*BLANKS', '*BLANK', '*LOVAL', '*HIVAL'];

/** @param field null where the field is no number and no text */
export function sentinelsOf(
  meaning: LegacyMeaning,
  field: Pick<Field, 'kind' | 'column' | 'capacity'> | null,
): Sentinels {
  const given = meaning.sentinels ?? [];
  const names = given.map((s) => (typeof s === 'string' ? s.trim().toUpperCase() : ''));
  // Fields are compared without their trailing blanks, and so are the texts. `*NONE` and the like are plain texts.
  const texts = given
    .filter((s, i): s is string => typeof s === 'string' && !SPECIAL.includes(names[i]!))
    .map((s) => s.trimEnd());
  const numbers = given.filter((s): s is number => typeof s === 'number');
  for (const text of texts) if (/^-?\d{1,15}$/.test(text)) numbers.push(Number(text));
  // digits kept as text end in nines
  const digits = field?.kind === 'text' || field?.kind === 'bytes' ? field.capacity : 99;
  if (names.includes('*HIVAL') && digits < 16) numbers.push(10 ** digits - 1);
  return {
    numbers,
    texts,
    blanks: names.includes('*BLANKS') || names.includes('*BLANK'),
    low: names.includes('*LOVAL'),
    high: names.includes('*HIVAL'),
    end: endOf(field),
  };
}

/** True when the bytes themselves are a configured special value. */
export function sentinelBytes(s: Sentinels, b: Uint8Array, start: number, end: number): boolean {
  if (!s.blanks && !s.low && !s.high) return false;
  if (s.blanks && filled(b, start, end, 0x40)) return true;
  if (!s.low && !s.high) return false;
  const at = s.end(b, start, end);
  return at === 0 ? false : at < 0 ? s.low : s.high;
}

function endOf(field: Pick<Field, 'kind' | 'column' | 'capacity'> | null): EndOf {
  switch (field?.kind) {
    case 'integer':
      return integerEnd;
    case 'packed': {
      // an even number of digits leaves the first nibble to a zero
      const first = field.column.length % 2 === 0 ? 0x09 : 0x99;
      return (b, start, end) => fillEnd(b, start, end) || packedEnd(b, start, end, first);
    }
    case 'zoned':
      return (b, start, end) => fillEnd(b, start, end) || zonedEnd(b, start, end);
    default:
      return fillEnd;
  }
}

function fillEnd(b: Uint8Array, start: number, end: number): -1 | 0 | 1 {
  return filled(b, start, end, 0) ? -1 : filled(b, start, end, 0xff) ? 1 : 0;
}

/** Zero and -1 are values like any other here. */
function integerEnd(b: Uint8Array, start: number, end: number): -1 | 0 | 1 {
  if (b[start] === 0x7f && filled(b, start + 1, end, 0xff)) return 1;
  return b[start] === 0x80 && filled(b, start + 1, end, 0) ? -1 : 0;
}

function packedEnd(b: Uint8Array, start: number, end: number, first: number): -1 | 0 | 1 {
  const last = end - 1;
  const lead = last === start ? (first & 0x0f) === 9 : b[start] === first;
  if (!lead || b[last]! >> 4 !== 9) return 0;
  for (let i = start + 1; i < last; i++) if (b[i] !== 0x99) return 0;
  return signOf(b[last]! & 15);
}

function zonedEnd(b: Uint8Array, start: number, end: number): -1 | 0 | 1 {
  const last = end - 1;
  if ((b[last]! & 15) !== 9) return 0;
  for (let i = start; i < last; i++) if (b[i] !== 0xf9) return 0;
  return signOf(b[last]! >> 4);
}

function signOf(nibble: number): -1 | 0 | 1 {
  if (nibble === 0x0d || nibble === 0x0b) return -1;
  return nibble > 9 ? 1 : 0;
}

export function filled(b: Uint8Array, start: number, end: number, byte: number): boolean {
  for (let i = start; i < end; i++) if (b[i] !== byte) return false;
  return end > start;
}
