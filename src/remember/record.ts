/**
 * One record of the log, little endian:
 *
 *   u8 kind, u32 rule, u16 length of the key, key, and where something was sent `sent`:
 *   u64 hash of the content, u32 number of the id's prefix, tail of the id
 *
 * The tail is the sequence number of an entry (u64), or the 12 bytes that end the id of a row read by SQL.
 */

export const KIND = {
  /** Sent; the id ends in a sequence number. */
  entry: 0,
  /** Sent; the id ends in 24 hex digits. */
  row: 1,
  /** The receiver was told that the row is gone, or nobody is told of it any more. */
  gone: 2,
  /** Nothing was sent, but the row is there. */
  met: 3,
} as const;

export const HEAD = 7;
const FIXED = 12;

/** Bytes of `sent` for each kind. */
export const SENT_BYTES: readonly number[] = [FIXED + 8, FIXED + 12, 0, 0];

export const MOST_KEY_BYTES = 0xffff;

/** Id of an event out of `sent`. @param prefix 20 hex digits */
export function idOf(sent: Buffer, prefix: string): string {
  const tail =
    sent.length === FIXED + 8
      ? sent.readBigUInt64LE(FIXED).toString()
      : sent.subarray(FIXED, FIXED + 12).toString('hex');
  return `${prefix}-${tail}`;
}

export function prefixNumberOf(sent: Buffer): number {
  return sent.readUInt32LE(8);
}
