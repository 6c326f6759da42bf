/**
 * MINENTDTA: update images without what did not change.
 * *FLDBDY as DISPLAY_JOURNAL formats it: whole image, unchanged fields hold their default, null map `9` = not recorded.
 * *FILE cuts on bytes and cannot be read without the other image; it is here so that readers can be seen to refuse it.
 */
import type { StoredRow } from '../files/member-rows';
import { encodeDefault } from '../files/record-image';
import type { RecordLayout, Slot } from '../files/record-layout';

interface Minimized {
  readonly data: Buffer;
  readonly nulls: string | null;
}

export function minimizeOnFields(
  layout: RecordLayout,
  before: StoredRow,
  after: StoredRow,
): { before: Minimized; after: Minimized } {
  const same = layout.slots.map((s) => sameField(s, before, after));
  const cut = (row: StoredRow): Minimized => {
    const data = Buffer.from(row.image);
    for (const slot of layout.slots) if (same[slot.ordinal]) encodeDefault(data, slot);
    const nulls = layout.slots.map((s) => (same[s.ordinal] ? '9' : (row.nulls?.[s.ordinal] ?? '0'))).join('');
    return { data, nulls };
  };
  return { before: cut(before), after: cut(after) };
}

function sameField(slot: Slot, before: StoredRow, after: StoredRow): boolean {
  const from = slot.offset;
  const to = from + slot.width;
  const sameNull = (before.nulls?.[slot.ordinal] ?? '0') === (after.nulls?.[slot.ordinal] ?? '0');
  return sameNull && before.image.subarray(from, to).equals(after.image.subarray(from, to));
}

/** First differing byte to last differing byte, after a 4-byte displacement: internal form, of no use to a reader. */
export function minimizeOnBytes(
  before: StoredRow,
  after: StoredRow,
  nullable: boolean,
): { before: Minimized; after: Minimized } {
  let from = 0;
  let to = after.image.length;
  while (from < to && before.image[from] === after.image[from]) from++;
  while (to > from && before.image[to - 1] === after.image[to - 1]) to--;
  const cut = (row: StoredRow): Minimized => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(from);
    return { data: Buffer.concat([head, row.image.subarray(from, to)]), nulls: nullable ? row.nulls : null };
  };
  return { before: cut(before), after: cut(after) };
}
