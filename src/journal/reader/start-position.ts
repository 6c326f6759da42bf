/** Where a first start begins, and where the journal ends. */
import type { Position } from '../../model/position';
import type { JournalOptions } from '../options';
import type { ReceiverChain } from '../position/chain';
import { notAuthorized } from '../position/position-lost';
import type { EntrySource } from '../source/entry-source';
import { lastVisible } from './visible-head';

export interface StartParts {
  readonly query: EntrySource;
  readonly chain: ReceiverChain;
  readonly options: JournalOptions;
}

/** @throws CodedError when no attached receiver is visible, SqlError */
export async function initialPosition(parts: StartParts, signal: AbortSignal): Promise<Position> {
  const { start } = parts.options;
  if (start !== 'latest' && start !== 'earliest') return start;
  if (start === 'earliest') {
    const oldest = parts.chain.oldestReadable();
    if (oldest) return { receiver: oldest.name, sequence: 0n };
  }
  return journalEnd(parts, signal);
}

/** The last entry that can be read now. @throws CodedError when no attached receiver is visible, SqlError */
export async function journalEnd({ query, chain, options }: StartParts, signal: AbortSignal): Promise<Position> {
  const attached = chain.attached();
  if (!attached)
    throw notAuthorized(options.journal, options.journal, new Error('no attached receiver is visible to this profile'));
  return lastVisible(query, attached, signal);
}
