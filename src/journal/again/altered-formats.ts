/** Entries that say a record format may have changed, looked for before a stretch of a journal is read again. */
import { type Position, type QualifiedName, sameName } from '../../model/position';
import { happeningOf } from '../cycle/table-events';
import type { ReceiverChain } from '../position/chain';
import type { JournalQuery } from '../source/journal-query';
import { entriesOf } from './nearby';

export interface Part {
  readonly first: Position;
  readonly last: Position;
}

export interface AlteredFormat {
  readonly file: QualifiedName;
  /** Of the entry that says so. */
  readonly at: Position;
}

/** Each receiver of the part with the numbers of it that belong to the part; null is its own end. */
function* partsOf(
  chain: ReceiverChain,
  { first, last }: Part,
): Generator<{ receiver: QualifiedName; after: bigint; upTo: bigint | null }> {
  for (let at = chain.get(first.receiver); at; ) {
    const ends = sameName(at.name, last.receiver);
    yield {
      receiver: at.name,
      after: sameName(at.name, first.receiver) ? first.sequence - 1n : 0n,
      upTo: ends ? last.sequence : null,
    };
    if (ends) return;
    const crossing = chain.after(at);
    at = crossing.is === 'next' ? crossing.receiver : null;
  }
}

/**
 * @param query with the names of the tables that are looked for
 * @returns file and position of each, in the order of the journal
 * @throws SqlError
 */
export async function alteredFormats(
  query: JournalQuery,
  chain: ReceiverChain,
  part: Part,
  signal: AbortSignal,
): Promise<AlteredFormat[]> {
  const found: AlteredFormat[] = [];
  const filter = { files: [], only: 'formats' } as const;
  for (const { receiver, after, upTo } of partsOf(chain, part)) {
    const range = { receiver, from: null, to: null };
    for await (const { sequence, kind, ref } of entriesOf(query, range, filter, signal)) {
      if (sequence <= after || (upTo !== null && sequence > upTo) || !ref.table) continue;
      if (happeningOf(kind)?.action === 'relayout') found.push({ file: ref.table.file, at: { receiver, sequence } });
    }
  }
  return found;
}

/** Whether the part has a record of the file before a position. @throws SqlError */
export async function hasRecordBefore(
  query: JournalQuery,
  chain: ReceiverChain,
  part: Part,
  { file, at }: AlteredFormat,
  signal: AbortSignal,
): Promise<boolean> {
  const filter = { files: [file] };
  for (const { receiver, after } of partsOf(chain, { first: part.first, last: at })) {
    const range = { receiver, from: null, to: sameName(receiver, at.receiver) ? at.sequence : null };
    for await (const { sequence, kind, ref } of entriesOf(query, range, filter, signal))
      if (sequence > after && kind.charAt(0) === 'R' && ref.file && sameName(ref.file, file)) return true;
  }
  return false;
}
