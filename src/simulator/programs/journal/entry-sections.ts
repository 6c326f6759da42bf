/** What both entry formats have in common: sections behind a header, each on a 16-byte boundary, and what they hold. */
import { textCodec } from '../../../bytes/ccsid/registry';
import type { EntryRow } from '../../partition/contract';
import { ApiRecord } from '../api-record';
import type { EntryImage } from './entry-image';

const SECTION = 16;
/** Length as five characters, then reserved: the data begin here. */
const DATA_PREFIX = 16;
const RECEIVER_SECTION = 32;

export interface EntryForm {
  readonly image: EntryImage;
  /** 0 when the data hold no pointers. */
  readonly handle: number;
  /** Bytes for null value indicators; null is the varying form. */
  readonly nullLength: number | null;
  /** The first entry of a call, or the first of its receiver. */
  readonly withReceiver: boolean;
}

/** A header of `length` bytes and the sections behind it; `at` is where the header has the displacement of each. */
export function withSections(
  length: number,
  sections: readonly { readonly at: number; readonly bytes: Buffer | null }[],
): ApiRecord {
  let end = length;
  const places = sections.map(({ bytes }) => {
    if (bytes === null) return 0;
    const place = end;
    end = Math.ceil((place + bytes.length) / SECTION) * SECTION;
    return place;
  });
  const record = new ApiRecord(end);
  for (const [i, { at, bytes }] of sections.entries()) {
    record.int(at, places[i]!);
    if (bytes) record.put(places[i]!, bytes);
  }
  return record;
}

/** Varying: how many, then the characters. Of a fixed length: the characters alone, zeros after the last field's. */
export function nullSection({ image: { nulls }, nullLength }: EntryForm): Buffer | null {
  if (nulls === null) return null;
  if (nullLength !== null) return textCodec(37).encode(nulls.padEnd(nullLength, '0').slice(0, nullLength));
  const characters = textCodec(37).encode(nulls);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(characters.length, 0);
  return Buffer.concat([count, characters]);
}

export function dataSection({ image: { data } }: EntryForm): Buffer | null {
  if (data === null) return null;
  const record = new ApiRecord(DATA_PREFIX + data.length);
  return record.digits(0, 5, data.length).put(DATA_PREFIX, data).bytes;
}

export function receiverSection({ receiver }: EntryRow): Buffer {
  const record = new ApiRecord(RECEIVER_SECTION);
  return record.text(0, 10, receiver.name).text(10, 10, receiver.library).text(20, 10, '*SYSBAS').short(30, 1).bytes;
}
