/**
 * Which EBCDIC page the bytes of a CCSID 65535 column are written in. Letters, digits and blanks stand at the same places in all
 * of them; the national ones differ in some fourteen places, and there the right page gives letters between letters where a
 * wrong one gives brackets and signs.
 */
import { textCodec } from '../bytes/ccsid/registry';
import { type CcsidGuess, CLAIM, grouped, percent } from './model';

/** Pages of Latin text, the usual ones first. */
const PAGES: readonly number[] = [37, 273, 297, 284, 280, 278, 277, 285, 871, 500, 870, 1025, 875, 424, 420];

/** Fewest values with a letter that make text of bytes. */
const LEAST_TEXTS = 5;

/** @param usual CCSIDs of the other text columns, the most frequent first: of equals the one that its file has */
export function guessCcsid(values: readonly Uint8Array[], usual: readonly number[]): CcsidGuess | null {
  const filled = values.filter((v) => v.some((b) => b !== 0x40 && b !== 0));
  const text = filled.filter(isText);
  if (text.length < LEAST_TEXTS || text.length / filled.length < CLAIM) return null;
  const pages = [...new Set([...usual.filter((c) => PAGES.includes(c)), ...PAGES])];
  let best = { ccsid: pages[0]!, score: Number.NEGATIVE_INFINITY };
  for (const ccsid of pages) {
    const score = scoreOf(text, ccsid);
    if (score > best.score + 1e-9) best = { ccsid, score };
  }
  return {
    kind: 'ccsid',
    ccsid: best.ccsid,
    share: text.length / filled.length,
    evidence: `${percent(text.length, filled.length)} of ${grouped(filled.length)} values read as EBCDIC text, like CCSID ${best.ccsid}`,
  };
}

/** No control characters, and letters or digits where EBCDIC has them. */
function isText(value: Uint8Array): boolean {
  let plain = 0;
  for (const b of value) {
    if (b < 0x40 || b === 0xff) return false;
    if (b === 0x40 || isInvariant(b)) plain++;
  }
  return plain * 2 >= value.length;
}

/** A to Z, a to z, 0 to 9: the same in every Latin EBCDIC page. */
function isInvariant(b: number): boolean {
  const low = b & 0x0f;
  switch (b & 0xf0) {
    case 0x80:
    case 0x90:
    case 0xc0:
    case 0xd0:
      return low >= 1 && low <= 9;
    case 0xa0:
    case 0xe0:
      return low >= 2 && low <= 9;
    case 0xf0:
      return low <= 9;
    default:
      return false;
  }
}

/** Letters beside letters count for a page, signs beside letters against it. */
function scoreOf(values: readonly Uint8Array[], ccsid: number): number {
  const codec = textCodec(ccsid);
  let score = 0;
  for (const value of values) {
    let text: string;
    try {
      text = codec.decode(value, 0, value.length);
    } catch {
      score -= value.length;
      continue;
    }
    if (text.length !== value.length) continue;
    for (let i = 0; i < value.length; i++) {
      if (value[i] === 0x40 || isInvariant(value[i]!)) continue;
      const beside = isLetter(text[i - 1]) || isLetter(text[i + 1]);
      if (isLetter(text[i])) score += beside ? 1 : 0.25;
      else if (/[.,;:'"()/&\-+*%@#!?=]/.test(text[i]!)) score += /[.,\-/&' ]/.test(text[i]!) ? 0.25 : 0;
      else score -= beside ? 1 : 0.25;
    }
  }
  return score;
}

function isLetter(c: string | undefined): boolean {
  return c !== undefined && /\p{L}/u.test(c);
}
