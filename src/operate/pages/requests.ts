/** Requests to a destination out of the delivery log, newest first, in slices. */
import type { StateFile } from '../state-file';
import { Slices } from './slices';

type Row = ReturnType<StateFile['outbox']['history']['requestsTo']> extends Generator<infer R> ? R : never;
type LoggedRequest = Row['found'][number];

/** A page is handed over after this time, full or not. */
const LONGEST_MS = 1_500;
/** Ids shown of a batch. */
const MOST_IDS = 5;

export async function newestRequests(
  state: StateFile,
  destination: string,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
  signal: AbortSignal,
) {
  const slices = new Slices(signal);
  const items: ReturnType<typeof requestOf>[] = [];
  for (const { no, found } of state.outbox.history.requestsTo(destination, before ?? null)) {
    for (const request of found) items.push(requestOf(state, request));
    // a row is shown whole: the cursor names rows
    if (items.length >= limit || slices.spent > LONGEST_MS) return { items, next: no };
    await slices.step();
  }
  return { items, next: null };
}

function requestOf({ outbox }: StateFile, { events, outcomes, batch, at, ...rest }: LoggedRequest) {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const ids = events.slice(0, MOST_IDS).flatMap((event) => outbox.history.facts(event)?.id ?? []);
  return { at: new Date(at).toISOString(), events: batch, outcomes: counts, ids, ...rest };
}
