/**
 * Changes of a stretch of one receiver, read again, whatever became of them when the journal was followed. Images are
 * alive while `use` runs; an update whose before image stands before the stretch comes without it.
 */
import type { QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import type { JournalChange } from '../cycle/journal-change';
import { Pairing } from '../cycle/pairing';
import { ObjectNames } from '../entry/block-entry';
import { journalFailureOf } from '../entry/host-error';
import type { JournalOptions } from '../options';
import { JournalQuery } from '../source/journal-query';
import { whole } from './read-again';

export interface ReadRange {
  readonly receiver: QualifiedName;
  /** Inclusive, an entry that exists; null is the receiver's first. */
  readonly from: bigint | null;
  /** Inclusive; null is the receiver's last. */
  readonly to: bigint | null;
}

interface RangeRead {
  /** Entries the partition showed: of our files, and a few of others. */
  readonly entries: number;
  /** Timestamp of the first one, partition's clock; null when there was none. */
  readonly oldest: string | null;
  readonly last: bigint | null;
}

const BLOCK_BYTES = 1 << 18;

/**
 * @param options only `tables` are shown to `use`
 * @returns null when the journal can no longer show the stretch
 * @throws CodedError transport or host, when the partition cannot be asked now
 */
export async function readRange(
  connection: SqlConnection,
  options: JournalOptions,
  range: ReadRange,
  signal: AbortSignal,
  use: (change: JournalChange) => void,
): Promise<RangeRead | null> {
  const query = new JournalQuery(connection, options.journal, new ObjectNames(options.tables), options.entryDataBytes);
  const pairing = new Pairing(options.journal);
  const filter = { files: options.tables.map((t) => t.file) };
  let entries = 0;
  let oldest: string | null = null;
  let last: bigint | null = null;
  try {
    for await (const block of query.window(range, filter, { signal, blockBytes: BLOCK_BYTES })) {
      for (let row = 0; row < block.count; row++) {
        const seen = block.entry(row);
        entries++;
        oldest ??= seen.timestamp;
        last = seen.sequence;
        if (seen.ref.table === null || seen.kind.charAt(0) !== 'R') continue;
        const change = pairing.next(await whole(query, seen));
        if (change) use(change);
      }
      pairing.copy();
    }
    return { entries, oldest, last };
  } catch (error) {
    const failure = journalFailureOf(error);
    if (failure === 'nothing') return { entries, oldest, last };
    if (failure === 'maybe lost' || failure === 'bad range') return null;
    throw error;
  } finally {
    await query.close();
  }
}
