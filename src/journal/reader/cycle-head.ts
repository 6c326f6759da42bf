/** The part of a commit cycle that lies before our start: its number says where it begins. */
import { sameName } from '../../model/position';
import type { BlockEntry } from '../entry/block-entry';
import type { StartParts } from './start-position';
import { completeData, mayBeCut } from './whole-image';

/**
 * Entries of the cycle from its beginning up to `before`, each a copy that owns its bytes.
 * @throws SqlError
 */
export async function* cycleHead(
  { query, chain, options }: StartParts,
  cycle: bigint,
  before: BlockEntry,
  signal: AbortSignal,
): AsyncGenerator<BlockEntry> {
  const wish = { signal, blockBytes: options.blockBytes };
  let at = chain.holding(before.receiver, cycle);
  while (at) {
    const here = sameName(at.name, before.receiver);
    const from = at.first > cycle ? at.first : cycle;
    const to = here ? before.sequence - 1n : at.last;
    if (from <= to)
      for await (const block of query.cycle({ receiver: at.name, from, to }, cycle, wish))
        for (let row = 0; row < block.count; row++) {
          const entry = block.entry(row);
          if (mayBeCut(entry)) await completeData(query, entry);
          yield entry.copy();
        }
    if (here) break;
    const crossing = chain.after(at);
    at = crossing.is === 'next' ? crossing.receiver : null;
  }
}
