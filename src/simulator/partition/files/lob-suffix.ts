/**
 * LOB data as DISPLAY_JOURNAL appends it after the image: for each LOB column in order 16 x X'D8' and the bytes, the
 * separator also for null and empty ones. Split by the lengths in the slots, never by searching the separator.
 */
import { decodeStored } from '../../stored-text';
import { type Comparable, isBytes } from './comparable';
import { fieldBytes } from './record-image';
import { LOB_SLOT, type RecordLayout } from './record-layout';

const SEPARATOR = Buffer.alloc(16, 0xd8);

/** Empty when the format has no LOB. */
export function lobSuffix(layout: RecordLayout, values: readonly Comparable[]): Buffer | null {
  if (layout.lobs.length === 0) return null;
  const parts: Buffer[] = [];
  for (const ordinal of layout.lobs) {
    const value = values[ordinal] ?? null;
    parts.push(SEPARATOR);
    if (value !== null) parts.push(fieldBytes(layout.slots[ordinal]!.column, value));
  }
  return Buffer.concat(parts);
}

export function splitLobSuffix(layout: RecordLayout, image: Buffer, suffix: Buffer | null): Map<number, Comparable> {
  const lobs = new Map<number, Comparable>();
  if (!suffix) return lobs;
  let at = 0;
  for (const ordinal of layout.lobs) {
    const { column, offset, width } = layout.slots[ordinal]!;
    const length = image.readInt32BE(offset + width - LOB_SLOT + 1) * (column.type === 'DBCLOB' ? 2 : 1);
    at += SEPARATOR.length;
    const bytes = Buffer.from(suffix.subarray(at, at + length));
    lobs.set(ordinal, isBytes(column) ? bytes : decodeStored(column.ccsid ?? 1208, bytes));
    at += length;
  }
  return lobs;
}
