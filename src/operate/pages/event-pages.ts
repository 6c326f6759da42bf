/** Stored events page by page, newest first or after one, without keeping a daemon from its work. */
import type { EventFilter } from '../../outbox/pages/filter';
import type { StateFile } from '../state-file';
import { Slices } from './slices';

interface EventsWish {
  /** Numbers of events before which the newest are wanted; left out: all. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** Milliseconds after which a page is handed over, full or not; 1,500 if left out. */
  readonly longestMs?: number;
}

interface EventNumbers {
  readonly numbers: readonly number[];
  /** Where to go on; null where nothing is left. A page that ended by its time may have few events or none. */
  readonly next: number | null;
}

const LONGEST_MS = 1_500;

/** Newest first. */
export async function newestEvents(
  { outbox }: StateFile,
  filter: EventFilter,
  { before, limit, longestMs = LONGEST_MS }: EventsWish,
  signal: AbortSignal,
): Promise<EventNumbers> {
  const slices = new Slices(signal);
  const numbers: number[] = [];
  const stretch = before === undefined ? { newest: true } : { newest: true, before };
  for (const { at, found } of outbox.history.pagewise(filter, stretch)) {
    for (const seq of found) {
      if (numbers.length === limit) return { numbers, next: numbers.at(-1)! };
      numbers.push(seq);
    }
    if (slices.spent > longestMs && at > 0) return { numbers, next: at };
    await slices.step();
  }
  return { numbers, next: null };
}

/** Oldest first after one; what matches and is not there yet comes with the next call. */
export async function eventsAfter(
  { outbox }: StateFile,
  filter: EventFilter,
  after: number,
  limit: number,
  signal: AbortSignal,
): Promise<{ readonly numbers: readonly number[]; readonly upTo: number }> {
  const slices = new Slices(signal);
  const numbers: number[] = [];
  let upTo = after;
  for (const { at, found } of outbox.history.pagewise(filter, { after })) {
    for (const seq of found) {
      numbers.push(seq);
      if (numbers.length === limit) return { numbers, upTo: seq };
    }
    upTo = Math.max(upTo, at === Number.MAX_SAFE_INTEGER ? 0 : at);
    await slices.step();
  }
  return { numbers, upTo };
}
