/** Appends big-endian values to a growing buffer. Values out of range are a bug of the caller, not of the peer. */
export class ByteWriter {
  private buffer: Buffer;
  private used = 0;

  constructor(capacity = 256) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.used;
  }

  private room(n: number): number {
    const at = this.used;
    const needed = at + n;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.used = needed;
    return at;
  }

  u8(value: number): this {
    const at = this.room(1);
    this.buffer.writeUInt8(value, at);
    return this;
  }

  u16(value: number): this {
    const at = this.room(2);
    this.buffer.writeUInt16BE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.room(4);
    this.buffer.writeUInt32BE(value, at);
    return this;
  }

  u64(value: bigint): this {
    const at = this.room(8);
    this.buffer.writeBigUInt64BE(value, at);
    return this;
  }

  i16(value: number): this {
    const at = this.room(2);
    this.buffer.writeInt16BE(value, at);
    return this;
  }

  i32(value: number): this {
    const at = this.room(4);
    this.buffer.writeInt32BE(value, at);
    return this;
  }

  i64(value: bigint): this {
    const at = this.room(8);
    this.buffer.writeBigInt64BE(value, at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.room(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  fill(n: number, byte = 0): this {
    const at = this.room(n);
    this.buffer.fill(byte, at, at + n);
    return this;
  }

  /** Overwrites a u32 written earlier: lengths that are known only afterwards. */
  setU32(at: number, value: number): this {
    this.buffer.writeUInt32BE(value, at);
    return this;
  }

  setU16(at: number, value: number): this {
    this.buffer.writeUInt16BE(value, at);
    return this;
  }

  /** The bytes written so far; a view that later writes may overwrite. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.used);
  }
}
