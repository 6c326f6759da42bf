/** ASCII and PC CCSIDs, which iconv-lite knows under other names. */
import iconv from 'iconv-lite';
import type { CcsidCodec, TextProblem } from './codec';

/** CCSID to iconv-lite encoding. Windows and ISO pages by their number, the rest by IBM's CCSID registry. */
const NAMES: Readonly<Record<number, string>> = {
  367: 'ascii',
  437: 'cp437',
  720: 'cp720',
  737: 'cp737',
  775: 'cp775',
  813: 'iso88597',
  819: 'iso88591',
  850: 'cp850',
  852: 'cp852',
  855: 'cp855',
  857: 'cp857',
  858: 'cp858',
  860: 'cp860',
  861: 'cp861',
  862: 'cp862',
  863: 'cp863',
  864: 'cp864',
  865: 'cp865',
  866: 'cp866',
  869: 'cp869',
  874: 'cp874',
  878: 'koi8r',
  912: 'iso88592',
  913: 'iso88593',
  914: 'iso88594',
  915: 'iso88595',
  916: 'iso88598',
  920: 'iso88599',
  923: 'iso885915',
  932: 'shiftjis',
  936: 'gbk',
  943: 'shiftjis',
  949: 'cp949',
  950: 'big5',
  954: 'eucjp',
  970: 'euckr',
  1089: 'iso88596',
  1168: 'koi8u',
  1250: 'cp1250',
  1251: 'cp1251',
  1252: 'cp1252',
  1253: 'cp1253',
  1254: 'cp1254',
  1255: 'cp1255',
  1256: 'cp1256',
  1257: 'cp1257',
  1258: 'cp1258',
  1363: 'cp949',
  1386: 'gbk',
  1392: 'gb18030',
  5346: 'cp1250',
  5347: 'cp1251',
  5348: 'cp1252',
  5349: 'cp1253',
  5350: 'cp1254',
};

export function asciiName(ccsid: number): string | null {
  return NAMES[ccsid] ?? null;
}

export function asciiCcsids(): number[] {
  return Object.keys(NAMES).map(Number);
}

export class AsciiCodec implements CcsidCodec {
  readonly kind = 'ascii';
  lastReplacements = 0;
  lastProblem: TextProblem | null = null;

  constructor(
    readonly ccsid: number,
    private readonly name: string,
  ) {}

  decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
    const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start), this.name);
    this.lastReplacements = text.includes('\ufffd') ? text.split('\ufffd').length - 1 : 0;
    this.lastProblem = this.lastReplacements === 0 ? null : 'TEXT_UNDEFINED';
    return text;
  }

  decodeInto(bytes: Uint8Array, start: number, end: number, out: Uint16Array): number {
    const text = this.decode(bytes, start, end);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    return text.length;
  }

  encode(text: string): Buffer {
    const bytes = iconv.encode(text, this.name);
    this.lastReplacements = iconv.decode(bytes, this.name) === text ? 0 : 1;
    return bytes;
  }
}
