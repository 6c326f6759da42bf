/** Long looks at a state file: in slices, page by page, with nothing twice and nothing left out. */

import { countLetters, lettersPage, retryLetters } from '../../src/operate/dlq/dlq';
import { eventsAfter, newestEvents } from '../../src/operate/pages/event-pages';
import { countEvents, replay } from '../../src/operate/replay';
import { waitingFor } from '../../src/operate/resume/stopped';
import type { EventFilter } from '../../src/outbox/pages/filter';
import { LeftState } from './support';

const NEVER = new AbortController().signal;
const EVENTS = 30_000;

/** Every tenth event is of key A, in commits of a thousand. */
function filled(): LeftState {
  const left = new LeftState();
  for (let at = 0; at < EVENTS; at += 1_000)
    left.append(
      ...Array.from({ length: 1_000 }, (_, i) => ({
        id: `evt_${at + i}`,
        key: (at + i) % 10 === 0 ? 'A' : `k${at + i}`,
        destinations: ['crm'],
      })),
    );
  return left;
}

async function walked(left: LeftState, filter: EventFilter, limit: number, longestMs?: number): Promise<number[]> {
  const seen: number[] = [];
  let before: number | undefined;
  for (;;) {
    const wish = {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(longestMs === undefined ? {} : { longestMs }),
    };
    const { numbers, next } = await newestEvents(left.state, filter, wish, NEVER);
    seen.push(...numbers);
    if (next === null) return seen;
    before = next;
  }
}

let left: LeftState;
beforeAll(() => {
  left = filled();
});
afterAll(() => left[Symbol.dispose]());

test.each([
  ['in pages of seven', 7, undefined],
  ['in pages that end by their time, most of them empty', 1_000, -1],
])('all that match, newest first, each once: %s', async (_, limit, longestMs) => {
  const all = [...left.state.outbox.history.pagewise({ key: 'A' }, {})].flatMap(({ found }) => found);
  expect(all).toHaveLength(EVENTS / 10);
  expect(await walked(left, { key: 'A' }, limit, longestMs)).toEqual([...all].reverse());
});

test('oldest first behind one, as a stream goes on', async () => {
  const all = [...left.state.outbox.history.pagewise({ key: 'A' }, {})].flatMap(({ found }) => found);
  const seen: number[] = [];
  for (let at = 0; ; ) {
    const { numbers, upTo } = await eventsAfter(left.state, { key: 'A' }, at, 100, NEVER);
    seen.push(...numbers);
    if (numbers.length < 100) {
      expect(upTo).toBeGreaterThanOrEqual(EVENTS);
      break;
    }
    at = upTo;
  }
  expect(seen).toEqual(all);
});

test('others have their turn while everything is looked through, and a caller who has gone ends it', async () => {
  let turns = 0;
  let looking = true;
  const turn = (): void => {
    turns++;
    if (looking) setImmediate(turn);
  };
  setImmediate(turn);
  for (let i = 0; i < 20; i++)
    expect(await countEvents(left.config, left.state, { key: 'A' }, NEVER)).toBe(EVENTS / 10);
  looking = false;
  // twenty looks at 30,000 events: a turn after each five milliseconds of them
  expect(turns).toBeGreaterThan(5);
  const gone = AbortSignal.abort();
  await expect(countEvents(left.config, left.state, { key: 'A' }, gone)).rejects.toThrow();
  await expect(newestEvents(left.state, { key: 'none' }, { limit: 10 }, gone)).rejects.toThrow();
});

test('a replay takes what is stored as it begins, and not what is captured meanwhile', async () => {
  const before = waitingFor(left.state.outbox, 'crm');
  const replaying = replay(left.config, left.state, { key: 'A' }, NEVER);
  left.append({ id: 'evt_meanwhile', key: 'A', destinations: ['crm'] });
  expect(await replaying).toEqual({ queued: EVENTS / 10 });
  expect(waitingFor(left.state.outbox, 'crm')).toBe(before + EVENTS / 10 + 1);
});

test('dead letters: counted, paged and queued again, those of the beginning', async () => {
  using dead = new LeftState();
  dead.append(
    ...Array.from({ length: 25 }, (_, i) => ({
      key: i % 5 === 0 ? 'A' : `k${i}`,
      id: `evt_${i}`,
      destinations: ['crm'],
    })),
  );
  dead.refuseAll('crm');
  const { config, state } = dead;
  expect(await countLetters(config, state, { key: 'A' }, NEVER)).toBe(5);
  const seen: string[] = [];
  for (let after = 0; ; ) {
    const { items, next } = await lettersPage(config, state, { key: 'A', after, limit: 2 }, NEVER);
    seen.push(...items.map(({ id }) => id));
    if (next === null) break;
    after = next;
  }
  expect(seen).toEqual(['evt_0', 'evt_5', 'evt_10', 'evt_15', 'evt_20']);
  expect(await retryLetters(config, state, { key: 'A' }, NEVER)).toEqual({ queued: 5 });
  expect(await countLetters(config, state, { all: true }, NEVER)).toBe(20);
});
