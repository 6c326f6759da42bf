/**
 * Values that mean null. Numbers and texts as configured, and the special ones by name:
 * `*BLANKS` (all X'40'), `*LOVAL`, `*HIVAL` (lowest and highest value of the field: X'00..'/X'FF..' or all nines).
 */
import type { LegacyMeaning } from '../model/record-format';

export interface Sentinels {
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
  readonly blanks: boolean;
  readonly low: boolean;
  readonly high: boolean;
}

const SPECIAL: readonly string[] = ['*BLANKS', '*BLANK', '*LOVAL', '*HIVAL'];

/** @param digits of the field, for the numeric *LOVAL and *HIVAL */
export function sentinelsOf(meaning: LegacyMeaning, digits: number): Sentinels {
  const given = meaning.sentinels ?? [];
  const names = given.map((s) => (typeof s === 'string' ? s.trim().toUpperCase() : ''));
  const low = names.includes('*LOVAL');
  const high = names.includes('*HIVAL');
  // Fields are compared without their trailing blanks, and so are the texts. `*NONE` and the like are plain texts.
  const texts = given
    .filter((s, i): s is string => typeof s === 'string' && !SPECIAL.includes(names[i]!))
    .map((s) => s.trimEnd());
  const numbers = given.filter((s): s is number => typeof s === 'number');
  for (const text of texts) if (/^-?\d{1,15}$/.test(text)) numbers.push(Number(text));
  if (high && digits < 16) numbers.push(10 ** digits - 1);
  if (low && digits < 16) numbers.push(1 - 10 ** digits);
  return { numbers, texts, blanks: names.includes('*BLANKS') || names.includes('*BLANK'), low, high };
}

/** True when the bytes themselves are a configured special value. */
export function sentinelBytes(s: Sentinels, b: Uint8Array, start: number, end: number): boolean {
  if (!s.blanks && !s.low && !s.high) return false;
  return (
    (s.blanks && filled(b, start, end, 0x40)) ||
    (s.low && filled(b, start, end, 0)) ||
    (s.high && filled(b, start, end, 0xff))
  );
}

export function filled(b: Uint8Array, start: number, end: number, byte: number): boolean {
  for (let i = start; i < end; i++) if (b[i] !== byte) return false;
  return end > start;
}
