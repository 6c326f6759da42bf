/** A reader of format RJNE0200 for tests: from IBM's description of the fields, sharing nothing with partition or product. */
import { textCodec } from '../../src/bytes/ccsid/registry';

export interface ReadEntry {
  readonly sequence: bigint;
  readonly code: string;
  readonly type: string;
  readonly rrn: bigint;
  readonly cycle: bigint;
  /** Null when the entry has none. */
  readonly nulls: string | null;
  readonly data: Buffer;
  readonly object: string;
  readonly user: string;
  readonly flags: number;
  readonly handle: number;
  /** Hexadecimal *DTS. */
  readonly dts: string;
  /** Named in the first entry and at a change only. */
  readonly receiver: string | null;
}

export interface ReadBlock {
  readonly bytes: number;
  readonly entries: readonly ReadEntry[];
  readonly continuation: { readonly receiver: string; readonly library: string; readonly sequence: bigint } | null;
}

export function text(data: Buffer, at: number, length: number): string {
  return textCodec(37)
    .decode(data.subarray(at, at + length))
    .trimEnd();
}

/** @throws when a displacement leads out of the structure, or a section lies off its boundary */
export function readEntries(block: Buffer): ReadBlock {
  const bytes = block.readInt32BE(0);
  const count = block.readInt32BE(8);
  const entries: ReadEntry[] = [];
  let at = block.readInt32BE(4);
  for (let i = 0; i < count; i++) {
    entries.push(readEntry(block, at));
    const next = block.readUInt32BE(at);
    if ((next === 0) !== (i === count - 1)) throw new Error(`entry ${i} of ${count}: next is ${next}`);
    at += next;
  }
  const more = text(block, 12, 1) === '1';
  const sequence = more ? BigInt(text(block, 33, 20)) : 0n;
  return {
    bytes,
    entries,
    continuation: more ? { receiver: text(block, 13, 10), library: text(block, 23, 10), sequence } : null,
  };
}

function readEntry(block: Buffer, at: number): ReadEntry {
  const section = (field: number): number => {
    const displacement = block.readUInt32BE(at + field);
    if (displacement % 16 !== 0) throw new Error(`a section begins ${displacement} bytes into its entry`);
    return displacement === 0 ? 0 : at + displacement;
  };
  if (at % 16 !== 0) throw new Error(`an entry begins at ${at}`);
  const nullsAt = section(4);
  const dataAt = section(8);
  const receiverAt = section(20);
  const nullCount = nullsAt === 0 ? 0 : block.readUInt32BE(nullsAt);
  const length = dataAt === 0 ? 0 : Number(text(block, dataAt, 5));
  return {
    sequence: block.readBigUInt64BE(at + 24),
    dts: block.subarray(at + 32, at + 40).toString('hex'),
    rrn: block.readBigUInt64BE(at + 56),
    cycle: block.readBigUInt64BE(at + 64),
    handle: block.readUInt32BE(at + 72),
    code: text(block, at + 98, 1),
    type: text(block, at + 99, 2),
    object: textCodec(37).decode(block.subarray(at + 157, at + 187)),
    user: text(block, at + 187, 10),
    flags: block[at + 218]!,
    nulls: nullsAt === 0 ? null : textCodec(37).decode(block.subarray(nullsAt + 4, nullsAt + 4 + nullCount)),
    data: dataAt === 0 ? Buffer.alloc(0) : Buffer.from(block.subarray(dataAt + 16, dataAt + 16 + length)),
    receiver: receiverAt === 0 ? null : text(block, receiverAt, 10),
  };
}

/** Hexadecimal selection structure of records `key, data`. */
export function selectionRecords(...records: readonly (readonly [key: number, data: string])[]): string {
  const number = (value: number): string => value.toString(16).padStart(8, '0');
  const parts = records.map(
    ([key, data]) => number(12 + data.length / 2) + number(key) + number(data.length / 2) + data,
  );
  return number(records.length) + parts.join('');
}
