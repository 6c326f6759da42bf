/**
 * The newest record image of each of some rows, out of the journal: the one behind which no entry of the row stands. Read
 * backwards in growing stretches until there are enough.
 */
import { isWhole } from '../../capture/minimized';
import { readReceivers } from '../../catalog/journals';
import { readRange } from '../../journal/again/read-range';
import type { JournalOptions } from '../../journal/options';
import { ReceiverChain } from '../../journal/position/chain';
import { JournalHead } from '../../journal/reader/visible-head';
import type { Change } from '../../model/change';
import { type Position, sameName } from '../../model/position';
import type { SqlConnection } from '../../transport/transport';

export interface NewestImage {
  readonly rrn: bigint;
  readonly bytes: Buffer;
  /** As `RecordImage.nulls`. */
  readonly nulls: Buffer | null;
}

interface NewestImages {
  /** Newest last. */
  readonly images: readonly NewestImage[];
  /** Up to where the journal was read; null where it has no readable receiver. */
  readonly last: Position | null;
}

/** Entries of the first stretch; each next one is four times as long. */
const FIRST_STRETCH = 4096n;
/** Longest stretch: further back nothing is looked for. */
const LAST_STRETCH = 1n << 20n;
/** Bytes of images held at most. */
const MOST_BYTES = 64 << 20;

/** @param options of the journal, with the one table. @param rows images wanted */
export async function newestImages(
  connection: SqlConnection,
  options: JournalOptions,
  rows: number,
  signal: AbortSignal,
): Promise<NewestImages> {
  const top = new JournalHead(connection, options.journal);
  try {
    const head = await top.position(signal);
    if (head === null) return { images: [], last: null };
    for (let stretch = FIRST_STRETCH; ; stretch *= 4n) {
      const { images, whole } = await stretchOf(connection, options, { head, stretch, rows, signal });
      if (images.length >= rows || whole || stretch >= LAST_STRETCH) return { images, last: head };
    }
  } finally {
    await top.close();
  }
}

/** Record numbers with entries behind a position, up to the journal's end now; null where its receiver cannot be read any more. */
export async function touchedSince(
  connection: SqlConnection,
  options: JournalOptions,
  since: Position,
  signal: AbortSignal,
): Promise<ReadonlySet<bigint> | null> {
  const top = new JournalHead(connection, options.journal);
  try {
    const head = await top.position(signal);
    const touched = new Set<bigint>();
    if (head === null) return touched;
    const see = (change: Change): void => {
      const { position } = change;
      const old = position && sameName(position.receiver, since.receiver) && position.sequence <= since.sequence;
      if (!old) touched.add(change.rrn);
    };
    const chain = new ReceiverChain(await readReceivers(connection, options.journal)).readableChain();
    const first = chain.findIndex((r) => sameName(r.name, since.receiver));
    if (first < 0) return null;
    for (const [i, receiver] of chain.slice(first).entries()) {
      const from = i === 0 && since.sequence > 0n ? since.sequence : null;
      const to = sameName(receiver.name, head.receiver) ? head.sequence : null;
      if (to !== 0n) await readRange(connection, options, { receiver: receiver.name, from, to }, signal, see);
    }
    return touched;
  } finally {
    await top.close();
  }
}

interface Stretch {
  readonly head: Position;
  readonly stretch: bigint;
  readonly rows: number;
  readonly signal: AbortSignal;
}

async function stretchOf(
  connection: SqlConnection,
  options: JournalOptions,
  { head, stretch, rows, signal }: Stretch,
): Promise<{ readonly images: readonly NewestImage[]; readonly whole: boolean }> {
  const newest = new Map<bigint, NewestImage | null>();
  let bytes = 0;
  const see = (change: Change): void => {
    const { rrn, after } = change;
    // a later entry of the row, whatever it holds, takes the place of an earlier one
    newest.delete(rrn);
    if (change.op === 'delete' || after === null || !isWhole(change) || bytes > MOST_BYTES) {
      newest.set(rrn, null);
      return;
    }
    const { image } = after;
    bytes += image.length;
    newest.set(rrn, {
      rrn,
      bytes: Buffer.from(image.bytes.subarray(image.offset, image.offset + image.length)),
      nulls: image.nulls && Buffer.from(image.nulls),
    });
  };
  const chain = new ReceiverChain(await readReceivers(connection, options.journal)).readableChain();
  const parts: { readonly receiver: Position['receiver']; readonly from: bigint | null; readonly to: bigint | null }[] =
    [];
  let left = stretch;
  let whole = true;
  for (const receiver of [...chain].reverse()) {
    const attached = sameName(receiver.name, head.receiver);
    const last = attached ? head.sequence : receiver.last;
    if (last === 0n) continue;
    const from = last - left + 1n > receiver.first ? last - left + 1n : null;
    parts.unshift({ receiver: receiver.name, from, to: attached ? last : null });
    left -= last - receiver.first + 1n;
    if (from !== null || left <= 0n) {
      whole = from === null && receiver === chain[0];
      break;
    }
  }
  for (const range of parts) await readRange(connection, options, range, signal, see);
  const images = [...newest.values()].filter((i): i is NewestImage => i !== null);
  return { images: images.slice(-rows), whole };
}
