/**
 * The last entry of the attached receiver that can be read now. LAST_SEQUENCE_NUMBER may lie beyond it (journal
 * caching), and asking from a number that is not visible fails, so the look starts there and steps back in doubling
 * strides until something answers.
 */
import { type ReceiverFacts, readReceivers } from '../../catalog/journals';
import type { Position, QualifiedName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';
import { ObjectNames } from '../entry/block-entry';
import { journalFailureOf } from '../entry/host-error';
import type { EntrySource } from '../source/entry-source';
import { JournalQuery } from '../source/journal-query';

export async function lastVisible(query: EntrySource, receiver: ReceiverFacts, signal: AbortSignal): Promise<Position> {
  for (let back = 0n; ; back = back === 0n ? 1n : back * 2n) {
    const from = receiver.last - back;
    const beyond = from <= receiver.first;
    try {
      let sequence: bigint | null = null;
      const range = { receiver: receiver.name, from: beyond ? null : from, to: null };
      for await (const block of query.window(range, null, { signal, blockBytes: 65_536 }))
        if (block.count > 0) sequence = block.entry(block.count - 1).sequence;
      if (sequence !== null) return { receiver: receiver.name, sequence };
    } catch (error) {
      const failure = journalFailureOf(error);
      if (failure === 'other' || failure === 'not authorized') throw error;
    }
    // An attached receiver without a single visible entry: everything in it is still to come.
    if (beyond) return { receiver: receiver.name, sequence: 0n };
  }
}

/** Asks for the journal's last readable position over any connection; null when no attached receiver is visible. */
export class JournalHead {
  private readonly query: JournalQuery;

  constructor(
    private readonly connection: SqlConnection,
    private readonly journal: QualifiedName,
  ) {
    this.query = new JournalQuery(connection, journal, new ObjectNames([]), 1);
  }

  async position(signal: AbortSignal): Promise<Position | null> {
    const receivers = await readReceivers(this.connection, this.journal);
    const attached = receivers.find((r) => r.status === 'ATTACHED');
    return attached ? lastVisible(this.query, attached, signal) : null;
  }

  close(): Promise<void> {
    return this.query.close();
  }
}
