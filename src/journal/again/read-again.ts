/**
 * One change or notice, read again from its receiver: for events whose payload was not stored. The position is the one the
 * event carries, so nothing is searched; an update's before image stands a few entries earlier.
 */
import type { TableNotice } from '../../model/change';
import type { Position } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import type { JournalChange } from '../cycle/journal-change';
import { Pairing } from '../cycle/pairing';
import { happeningOf, noticeOf } from '../cycle/table-events';
import { isNotice, type UnitItem } from '../cycle/unit';
import { type BlockEntry, ObjectNames } from '../entry/block-entry';
import { journalFailureOf } from '../entry/host-error';
import type { JournalOptions } from '../options';
import { completeData, mayBeCut } from '../reader/whole-image';
import { JournalQuery } from '../source/journal-query';

/** How far before an after image its before image is looked for; hidden entries and other jobs may stand between. */
const BEFORE = [0n, 1n, 2n, 8n, 64n];

/**
 * @param use the images are its own
 * @returns what `use` returned, or null when the journal can no longer show the entry
 * @throws CodedError transport or host, when the partition cannot be asked now
 */
export async function readAgain<T>(
  connection: SqlConnection,
  options: JournalOptions,
  at: Position,
  signal: AbortSignal,
  use: (item: UnitItem) => Promise<T>,
): Promise<T | null> {
  const query = new JournalQuery(connection, options.journal, new ObjectNames(options.tables), options.entryDataBytes);
  try {
    let best: JournalChange | TableNotice | null = null;
    for (const back of BEFORE) {
      if (back >= at.sequence) break;
      const found = await itemAt(query, options, at, back, signal);
      if (found === 'gone') {
        // the very entry cannot be had: lost. A start between two entries may just be a hole
        if (back === 0n) return null;
        continue;
      }
      if (found) best = found;
      if (best && !wantsBefore(best)) break;
    }
    return best ? await use(best) : null;
  } finally {
    await query.close();
  }
}

/** True for an update that still lacks its before image; an undone update without it looks like an undone delete. */
function wantsBefore(item: JournalChange | TableNotice): boolean {
  if (isNotice(item) || item.before !== null) return false;
  return item.op === 'update' || (item.op === 'insert' && item.compensation);
}

async function itemAt(
  query: JournalQuery,
  options: JournalOptions,
  at: Position,
  back: bigint,
  signal: AbortSignal,
): Promise<JournalChange | TableNotice | 'gone' | null> {
  const pairing = new Pairing(options.journal);
  let item: JournalChange | TableNotice | null = null;
  try {
    const range = { receiver: at.receiver, from: at.sequence - back, to: at.sequence };
    for await (const block of query.window(range, null, { signal, blockBytes: 65_536 })) {
      for (let row = 0; row < block.count; row++) {
        const entry = await whole(query, block.entry(row));
        const change = entry.ref.table ? pairing.next(entry) : null;
        if (entry.sequence === at.sequence) item = change ?? notice(options, entry);
      }
      pairing.copy();
    }
    return item;
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure === 'maybe lost' || failure === 'nothing' || failure === 'bad range') return 'gone';
    throw error;
  }
}

/** Owns its bytes, and has all of them: an image that fills the cast may have been cut. */
export async function whole(query: JournalQuery, entry: BlockEntry): Promise<BlockEntry> {
  if (!mayBeCut(entry)) return entry.copy();
  // the block may be gone when the answer comes
  const held = entry.copy();
  await completeData(query, held);
  return held;
}

function notice(options: JournalOptions, entry: BlockEntry): TableNotice | null {
  const happening = happeningOf(entry.kind);
  return happening && entry.ref.file ? noticeOf(options.journal, entry, happening) : null;
}
