/** A cursor over big-endian bytes. Every step checks that the bytes are there; a miss is a coded error with path and place. */
import { CodedError } from '../errors/coded-error';

export class ByteReader {
  /** Next byte to read, counted from the start of `bytes`. */
  position: number;
  readonly end: number;

  /**
   * @param what path of the structure being read, for errors: `reply 2800.3812`
   * @param end first byte that does not belong to the structure
   */
  constructor(
    readonly bytes: Buffer,
    readonly what: string,
    start = 0,
    end = bytes.length,
  ) {
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Claims `n` bytes and returns the offset of the first. @throws CodedError BYTES_SHORT */
  take(n: number): number {
    const at = this.position;
    if (n > this.end - at) throw shortOf(this.what, at, n, this.end - at);
    this.position = at + n;
    return at;
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64BE(this.take(8));
  }

  i16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }

  i32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }

  i64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  /** A view, not a copy. */
  raw(n: number): Buffer {
    const at = this.take(n);
    return this.bytes.subarray(at, at + n);
  }

  /** A view of everything left. */
  rest(): Buffer {
    return this.raw(this.remaining);
  }

  /** A reader of its own over the next `n` bytes. */
  part(n: number, name: string): ByteReader {
    const at = this.take(n);
    return new ByteReader(this.bytes, `${this.what}.${name}`, at, at + n);
  }
}

function shortOf(what: string, at: number, need: number, have: number): CodedError {
  return new CodedError({
    code: 'BYTES_SHORT',
    message: `${what} at 0x${at.toString(16).padStart(2, '0')}: need ${need} bytes, have ${Math.max(0, have)}`,
    next: 'the frame is incomplete or one of its length fields is wrong; run again with --trace-wire FILE and report the frame',
    facts: { what, at, need, have },
  });
}
