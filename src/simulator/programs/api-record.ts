/** A structure that an API returns: fields at fixed places, characters EBCDIC and blank padded, numbers big-endian. */
import { textCodec } from '../../bytes/ccsid/registry';

const EBCDIC = textCodec(37);
const BLANK = 0x40;

export class ApiRecord {
  readonly bytes: Buffer;

  constructor(length: number) {
    this.bytes = Buffer.alloc(length);
  }

  text(at: number, length: number, value: string): this {
    this.bytes.fill(BLANK, at, at + length);
    EBCDIC.encode(value.slice(0, length)).copy(this.bytes, at, 0, length);
    return this;
  }

  int(at: number, value: number): this {
    this.bytes.writeInt32BE(Math.min(value, 0x7fffffff), at);
    return this;
  }

  short(at: number, value: number): this {
    this.bytes.writeUInt16BE(value, at);
    return this;
  }

  /** Digits, zeros in front: CHAR(20) and zoned(20) of positive numbers are the same bytes. */
  digits(at: number, length: number, value: bigint | number): this {
    return this.text(at, length, String(value).padStart(length, '0'));
  }

  put(at: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, at);
    return this;
  }
}

/** `2026-03-01T12:13:14.000000` as CYYMMDDHHMMSS; zeros where there is none. */
export function cymd(timestamp: string | null): string {
  if (timestamp === null) return '0'.repeat(13);
  const [, year, rest] = /^(\d{4})(.{15})/.exec(timestamp)!;
  const digits = rest!.replaceAll(/\D/g, '');
  return `${Number(year) >= 2000 ? 1 : 0}${year!.slice(2)}${digits}`;
}
