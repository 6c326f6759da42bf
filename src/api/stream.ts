/**
 * Server-sent events: stored events as they are written, and changes of how things stand. The id of a message is the number of
 * its event, so a client that comes back with Last-Event-ID misses nothing that is still stored.
 */
import { z } from 'zod';
import { storedFilterOf } from '../operate/event-table';
import { eventsAfter } from '../operate/pages/event-pages';
import { Slices } from '../operate/pages/slices';
import type { Desk } from './desk';
import { eventFilter, flag } from './schemas/input';

/** What is watched: the filters of `/v1/events` that an event has when it is written. */
export const streamQuery = z.strictObject({
  type: eventFilter.type,
  table: eventFilter.table,
  key: eventFilter.key,
  events: flag('False: only how things stand.').optional(),
});

interface Message {
  readonly event: 'event' | 'status' | 'skipped' | 'ping';
  readonly id?: string;
  readonly data: unknown;
}

const LOOK_MS = 250;
const STATUS_MS = 5_000;
const PING_MS = 15_000;
/** Events of one look. */
const PAGE = 100;
/** A client that was away for longer is told how many it missed, and goes on from here: the list has them. */
const MOST_BEHIND = 100_000;

/**
 * Messages until the signal. Each is asked for once the one before has left: a slow client is sent less often, and nothing
 * is kept for it.
 * @param from number of the last event the client has; null begins now
 * @throws CodedError `TABLE_UNKNOWN`, before the first of them
 */
export function messages(
  desk: Desk,
  wish: z.output<typeof streamQuery>,
  from: number | null,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const { events, ...filter } = wish;
  return watched(desk, events === false ? null : storedFilterOf(desk.config, desk.state, filter), from, signal);
}

async function* watched(
  desk: Desk,
  filter: ReturnType<typeof storedFilterOf> | null,
  from: number | null,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const { state } = desk;
  const last = state.outbox.lastPosition();
  let at = from === null || from > last ? last : from;
  if (filter !== null && last - at > MOST_BEHIND) {
    at = last;
    yield { event: 'skipped', id: String(at), data: { from, to: at } };
  }
  let stood = '';
  let statusAt = Number.NEGATIVE_INFINITY;
  let sentAt = performance.now();
  while (!signal.aborted) {
    const newest = state.outbox.lastPosition();
    if (filter === null) at = newest;
    else if (newest > at) {
      const { numbers, upTo } = await eventsAfter(state, filter, at, PAGE, signal);
      const slices = new Slices(signal);
      for (const number of numbers) {
        const event = state.outbox.history.facts(number);
        await slices.step();
        if (event === null) continue;
        const { id, type, table, rule, key, traceKey, receiver, sequence, time, appendedAt } = event;
        const writtenAt = new Date(appendedAt).toISOString();
        const data = { id, type, table, rule, key, traceKey, receiver, sequence, entryAt: time, writtenAt };
        yield { event: 'event', id: String(number), data };
        sentAt = performance.now();
      }
      at = Math.max(at, numbers.length === PAGE ? upTo : newest);
      if (numbers.length === PAGE) continue;
    }
    if (performance.now() - statusAt >= STATUS_MS) {
      statusAt = performance.now();
      const brief = briefOf(desk);
      const text = JSON.stringify(brief);
      if (text !== stood) {
        stood = text;
        yield { event: 'status', data: brief };
        sentAt = performance.now();
      }
    }
    if (performance.now() - sentAt >= PING_MS) {
      sentAt = performance.now();
      yield { event: 'ping', id: String(at), data: {} };
    }
    await pause(LOOK_MS, signal);
  }
}

/** What changes of a status that someone would look at: no ages, which change always. */
function briefOf(desk: Desk) {
  const { health } = desk.running;
  const { destinations, journals, pausedTables, unseenChanges } = desk.status();
  const checks = health.health();
  return {
    ok: checks.length > 0 && checks.every((c) => c.ok),
    warnings: (health.warnings?.() ?? []).map(({ name }) => name),
    journals: journals.map(({ journal, read, behind }) => ({ journal, read, behind })),
    destinations: destinations.map(({ destination, pending, waitingLanes, held, deadLetters, disabled }) => ({
      destination,
      pending,
      waitingLanes,
      held,
      deadLetters,
      disabled: disabled !== null,
    })),
    pausedTables: pausedTables.map(({ table }) => table),
    unseenChanges: unseenChanges.map(({ table }) => table),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
