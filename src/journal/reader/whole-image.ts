/** Record images longer than the cast that the journal is read with. */
import type { BlockEntry } from '../entry/block-entry';
import type { JournalOptions } from '../options';
import type { JournalQuery } from './journal-query';

/** A record image that fills the cast may have been cut. Foreign entries may be cut: they are not read. */
export function mayBeCut(entry: BlockEntry, options: Pick<JournalOptions, 'entryDataBytes'>): boolean {
  return entry.ref.table !== null && entry.dataLength >= options.entryDataBytes;
}

export async function completeData(query: JournalQuery, entry: BlockEntry): Promise<void> {
  const data = await query.wholeData({ receiver: entry.receiver, sequence: entry.sequence });
  if (data) entry.replaceData(data);
}
