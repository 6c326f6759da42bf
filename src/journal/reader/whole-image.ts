/** Record images of which the block holds only a part. */
import type { BlockEntry } from '../entry/block-entry';
import type { EntrySource } from '../source/entry-source';

/** Foreign entries may be cut: they are not read. */
export function mayBeCut(entry: BlockEntry): boolean {
  return entry.ref.table !== null && entry.cut;
}

export async function completeData(source: Pick<EntrySource, 'wholeData'>, entry: BlockEntry): Promise<void> {
  const data = await source.wholeData({ receiver: entry.receiver, sequence: entry.sequence });
  if (data) entry.replaceData(data);
}
