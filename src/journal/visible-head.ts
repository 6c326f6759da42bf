/**
 * The last entry of the attached receiver that can be read now. LAST_SEQUENCE_NUMBER may lie beyond it (journal
 * caching), and asking from a number that is not visible fails, so the look starts there and steps back in doubling
 * strides until something answers.
 */
import type { ReceiverFacts } from '../catalog/journals';
import type { Position } from '../model/position';
import { journalFailureOf } from './host-error';
import type { JournalQuery } from './journal-query';

export async function lastVisible(
  query: JournalQuery,
  receiver: ReceiverFacts,
  signal: AbortSignal,
): Promise<Position> {
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
