/** Entries that exist near a number or a moment: a statement may only begin at one that does. */
import type { ReceiverFacts } from '../../catalog/journals';
import type { Position, QualifiedName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import type { ServerFilter } from '../entry/display-journal';
import { journalFailureOf } from '../entry/host-error';
import type { JournalQuery } from '../source/journal-query';

/** Numbers looked at around one that has no entry: entries of the system are hidden here and there. */
const AROUND = [0n, 1n, 2n, 3n, 8n, 32n, 128n];
/** Entries that are read rather than searched. */
const NEAR = 2_000n;

/** Entries of a window, one by one; none where the receiver holds nothing to show. Each dies with the next. */
export async function* entriesOf(
  query: JournalQuery,
  range: { readonly receiver: QualifiedName; readonly from: null; readonly to: bigint | null },
  filter: ServerFilter | null,
  signal: AbortSignal,
): AsyncGenerator<BlockEntry> {
  try {
    for await (const block of query.window(range, filter, { signal, blockBytes: 65_536 }))
      for (let row = 0; row < block.count; row++) yield block.entry(row);
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure !== 'nothing' && failure !== 'bad range') throw error;
  }
}

/** @returns the sequence number and local time of an entry, or null when the partition shows none there */
async function entryAt(
  query: JournalQuery,
  { receiver, sequence }: Position,
  signal: AbortSignal,
): Promise<Pick<BlockEntry, 'sequence' | 'timestamp'> | null> {
  try {
    const range = { receiver, from: sequence, to: sequence };
    for await (const block of query.window(range, null, { signal, blockBytes: 4096 })) {
      if (block.count === 0) continue;
      const { sequence: found, timestamp } = block.entry(0);
      return { sequence: found, timestamp };
    }
    return null;
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure === 'nothing' || failure === 'bad range' || failure === 'maybe lost') return null;
    throw error;
  }
}

/**
 * Where a reader may begin so that it reads everything behind `at`: an entry that exists at or before it, or sequence 0 for
 * the receiver's first.
 */
export async function startBefore(query: JournalQuery, at: Position, signal: AbortSignal): Promise<Position> {
  for (const back of AROUND) {
    const sequence = at.sequence - back;
    if (sequence < 1n) break;
    if (await entryAt(query, { receiver: at.receiver, sequence }, signal)) return { receiver: at.receiver, sequence };
  }
  return { receiver: at.receiver, sequence: 0n };
}

/**
 * The numbers between which a moment lies: everything up to `before` is older, everything from `after` on is not. Found by
 * halving, so `isBefore` must allow for a clock that was set back; both bounds are those of the receiver where nothing nearer is sure.
 * @param isBefore of the local time of an entry
 */
export async function around(
  query: JournalQuery,
  receiver: ReceiverFacts,
  isBefore: (local: string) => boolean,
  signal: AbortSignal,
): Promise<{ readonly before: bigint; readonly after: bigint }> {
  let before = receiver.first - 1n;
  let after = receiver.last + 1n;
  while (after - before > NEAR) {
    const middle = before + (after - before) / 2n;
    let found: Pick<BlockEntry, 'sequence' | 'timestamp'> | null = null;
    for (const on of AROUND) {
      found = await entryAt(query, { receiver: receiver.name, sequence: middle + on }, signal);
      if (found) break;
    }
    if (!found || found.sequence >= after) break;
    if (isBefore(found.timestamp)) before = found.sequence;
    else after = found.sequence;
  }
  return { before, after };
}
