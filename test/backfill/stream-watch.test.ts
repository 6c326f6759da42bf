/** When a stream has come far enough for a backfill: with a stream made by hand, of which every moment is known. */
import { type StreamSource, streamWatch } from '../../src/capture/rows/backfill-service';
import type { JournalHead } from '../../src/journal/reader/visible-head';
import type { Change } from '../../src/model/change';
import type { Position } from '../../src/model/position';

const at = (name: string, sequence: bigint): Position => ({ receiver: { library: 'LIB', name }, sequence });
const journal = { library: 'LIB', name: 'JRN' };
const end = new AbortController();
const { signal } = end;
afterAll(() => end.abort());

/** @param known receivers in their order; none until the directory has been read */
function madeByHand(read: Position | null, known: string[]) {
  const watchers = new Set<{ observe(change: Change): void; committed(read: Position): void }>();
  const source: StreamSource = {
    journal,
    readPosition: () => read,
    compare: (a, b) => {
      if (a.receiver.name === b.receiver.name) return Number(a.sequence - b.sequence);
      const [x, y] = [known.indexOf(a.receiver.name), known.indexOf(b.receiver.name)];
      return x < 0 || y < 0 ? null : x - y;
    },
    hurry: () => undefined,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
  const reports = (position: Position): void => {
    for (const watcher of watchers) watcher.committed(position);
  };
  return { source, reports };
}

const settled = async (waiting: Promise<void>): Promise<boolean> => {
  let done = false;
  void waiting.then(() => {
    done = true;
  });
  for (let i = 0; i < 10; i++) await Promise.resolve();
  return done;
};

test.each<[string, Position | null, Position, Position, boolean]>([
  ['what an earlier process read is enough', null, at('R1', 7n), at('R1', 7n), true],
  ['the same position again', at('R1', 7n), at('R1', 7n), at('R1', 7n), true],
  ['an entry is missing', null, at('R1', 7n), at('R1', 8n), false],
  ['a later receiver, without a single entry', at('R1', 7n), at('R2', 0n), at('R2', 0n), true],
  ['a receiver nobody has heard of yet', at('R1', 7n), at('R1', 9n), at('R9', 1n), false],
])('%s', async (_, before, reported, high, passes) => {
  const { source, reports } = madeByHand(before, ['R1', 'R2']);
  const notes = streamWatch(source, {} as JournalHead, { library: 'LIB', name: 'T' }).note(at('R1', 1n));
  const waiting = notes.passed(high, signal);
  reports(reported);
  expect(await settled(waiting)).toBe(passes);
});

test('receivers whose order becomes known while it waits', async () => {
  const known: string[] = [];
  const { source, reports } = madeByHand(at('R2', 3n), known);
  const notes = streamWatch(source, {} as JournalHead, { library: 'LIB', name: 'T' }).note(at('R1', 1n));
  const waiting = notes.passed(at('R1', 90n), signal);
  expect(await settled(waiting)).toBe(false);
  known.push('R1', 'R2');
  // nothing new came, and it says so
  reports(at('R2', 3n));
  expect(await settled(waiting)).toBe(true);
});

test('a wait that becomes long is reported, once', async () => {
  jest.useFakeTimers();
  try {
    const { source, reports } = madeByHand(null, ['R1']);
    const long: Position[] = [];
    const watch = streamWatch(source, {} as JournalHead, { library: 'LIB', name: 'T' }, (until) => long.push(until));
    const waiting = watch.note(at('R1', 1n)).passed(at('R1', 5n), signal);
    jest.advanceTimersByTime(9_999);
    expect(long).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(long).toEqual([at('R1', 5n)]);
    reports(at('R1', 5n));
    await waiting;
    const short = watch.note(at('R1', 1n)).passed(at('R1', 6n), signal);
    reports(at('R1', 6n));
    await short;
    jest.advanceTimersByTime(60_000);
    expect(long).toHaveLength(1);
  } finally {
    jest.useRealTimers();
  }
});
