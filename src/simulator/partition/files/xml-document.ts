/**
 * XML as a column takes it: the encoding found as XML 1.0 appendix F says, the declaration left out, refused unless it is well formed.
 * What is refused, and that it is SQL20398, follows IBM's own driver tests; namespaces and document types are not looked into.
 */
import { knownCcsids, textCodec } from '../../../bytes/ccsid/registry';
import { SqlFailure } from '../../sql-session';

const UTF8 = 1208;
const UTF16 = 1200;
const LATIN1 = 819;
const EBCDIC = 37;

const NAMED: Readonly<Record<string, number>> = {
  'UTF-8': UTF8,
  'UTF-16': UTF16,
  'UTF-16BE': UTF16,
  'UTF-16LE': UTF16,
  'UCS-2': UTF16,
  'ISO-10646-UCS-2': UTF16,
  'ISO-8859-1': LATIN1,
  'US-ASCII': LATIN1,
};

const DECLARATION = /^<\?xml\s[^?]*\?>/;
const ENCODING = /\sencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/;

/** Text of a document that came as bytes. @throws SqlFailure -20398 */
export function xmlTextOf(bytes: Buffer): string {
  const [b0, b1, b2] = bytes;
  if (b0 === 0xef && b1 === 0xbb && b2 === 0xbf) return decoded(bytes.subarray(3), UTF8);
  if (b0 === 0xfe && b1 === 0xff) return decoded(bytes.subarray(2), UTF16);
  if (b0 === 0xff && b1 === 0xfe) return decoded(swapped(bytes.subarray(2)), UTF16);
  if (b0 === 0 && b1 !== 0) return decoded(bytes, UTF16);
  if (b0 !== 0 && b1 === 0) return decoded(swapped(bytes), UTF16);
  const family = b0 === 0x4c ? EBCDIC : LATIN1;
  const declared = declaredCcsid(decoded(bytes.subarray(0, 200), family));
  if (declared === UTF16) throw parsingFailed();
  return decoded(bytes, declared ?? (family === EBCDIC ? EBCDIC : UTF8));
}

function decoded(bytes: Buffer, ccsid: number): string {
  return textCodec(ccsid).decode(bytes, 0, bytes.length);
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
}

/** Null where nothing is declared. @throws SqlFailure -20398 for an encoding nobody knows */
function declaredCcsid(head: string): number | null {
  const said = ENCODING.exec(DECLARATION.exec(head)?.[0] ?? '');
  if (!said) return null;
  const name = (said[1] ?? said[2]!).toUpperCase();
  const number = Number(/^(?:IBM|CP)-?0*(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  const ccsid = NAMED[name] ?? (knownCcsids().includes(number) ? number : undefined);
  if (ccsid === undefined) throw parsingFailed();
  return ccsid;
}

/** The document without its declaration and the blanks around it. @throws SqlFailure -20398 */
export function xmlDocument(text: string): string {
  const body = text
    .replace(/^\uFEFF/, '')
    .replace(DECLARATION, '')
    .trim();
  if (!isWellFormed(body)) throw parsingFailed();
  return body;
}

const NAME = '[\\p{L}_:][\\p{L}\\p{N}._:\\-\\u00B7]*';
const ATTRIBUTE = `\\s+${NAME}\\s*=\\s*(?:"[^<"]*"|'[^<']*')`;
const PIECE = new RegExp(
  [
    `<(?<open>${NAME})(?:${ATTRIBUTE})*\\s*(?<empty>/?)>`,
    `</(?<close>${NAME})\\s*>`,
    '<!--(?:(?!--)[\\s\\S])*-->',
    '(?<cdata><!\\[CDATA\\[[\\s\\S]*?\\]\\]>)',
    '<\\?(?!xml[\\s?])[\\s\\S]*?\\?>',
    '<!DOCTYPE\\s(?:[^<>\\[\\]]|\\[[^\\]]*\\])*>',
    `(?<text>(?:[^<&]|&(?:${NAME}|#\\d+|#x[0-9A-Fa-f]+);)+)`,
  ].join('|'),
  'uy',
);

/** One root, every element closed by its own name, and nothing but blanks, comments and instructions outside it. */
function isWellFormed(body: string): boolean {
  const open: string[] = [];
  let roots = 0;
  for (let at = 0; at < body.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(body)?.groups;
    if (!piece) return false;
    const outside = open.length === 0;
    if (piece['open'] !== undefined) {
      if (outside) roots++;
      if (piece['empty'] === '') open.push(piece['open']);
    } else if (piece['close'] !== undefined) {
      if (open.pop() !== piece['close']) return false;
    } else if (outside && (piece['cdata'] !== undefined || piece['text']?.trim())) return false;
  }
  return open.length === 0 && roots === 1;
}

function parsingFailed(): SqlFailure {
  return new SqlFailure(-20398, '2200M', 'XML parsing failed.');
}
