/**
 * HMAC with a key prepared once: two one-shot hashes over what is gathered in one buffer cost two thirds of a fresh
 * `createHmac`, and leave nothing behind to collect. RFC 2104 section 2.
 */
import { createHash, createHmac, hash, type KeyObject } from 'node:crypto';

export type MacAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512';
type MacEncoding = 'hex' | 'base64' | 'base64url';

const BLOCK: Readonly<Record<MacAlgorithm, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };
/** Above this, copying what is signed costs more than it saves. */
const GATHERED = 16_384;

export class PreparedMac {
  private readonly block: number;
  /** The inner pad, then room for what is signed. */
  private readonly inner: Buffer;
  /** The outer pad, then room for the inner digest. */
  private readonly outer: Buffer;

  constructor(
    private readonly algorithm: MacAlgorithm,
    private readonly key: KeyObject,
  ) {
    this.block = BLOCK[algorithm];
    this.inner = Buffer.alloc(this.block + GATHERED, 0x36);
    this.outer = Buffer.alloc(this.block + hash(algorithm, '', 'buffer').length, 0x5c);
    const raw = key.export();
    const bytes = raw.length > this.block ? createHash(algorithm).update(raw).digest() : raw;
    for (const [i, byte] of bytes.entries()) {
      this.inner[i]! ^= byte;
      this.outer[i]! ^= byte;
    }
  }

  /** @param parts one after the other; texts as UTF-8 */
  digest(parts: readonly (string | Buffer)[], encoding: MacEncoding): string {
    const end = this.gather(parts);
    if (end < 0) return this.streamed(parts, encoding);
    // a text of one character a byte carries the inner digest cheaper than a Buffer of its own
    this.outer.write(hash(this.algorithm, this.inner.subarray(0, end), 'binary'), this.block, 'latin1');
    return hash(this.algorithm, this.outer, encoding);
  }

  /** Returns where it ends in `inner`, -1 if it is too long. */
  private gather(parts: readonly (string | Buffer)[]): number {
    const { inner } = this;
    let end = this.block;
    for (const part of parts) {
      // three bytes are the most a UTF-16 unit takes in UTF-8
      const most = typeof part === 'string' ? part.length * 3 : part.length;
      if (end + most > inner.length) return -1;
      end += typeof part === 'string' ? inner.write(part, end) : part.copy(inner, end);
    }
    return end;
  }

  private streamed(parts: readonly (string | Buffer)[], encoding: MacEncoding): string {
    const mac = createHmac(this.algorithm, this.key);
    for (const part of parts) mac.update(part);
    return mac.digest(encoding);
  }
}
