/** Receivers in any order with any of them gone: the chain against a plain model of one numbering after the other. */
import fc from 'fast-check';
import type { ReceiverFacts } from '../../src/catalog/journals';
import { ReceiverChain } from '../../src/journal/position/chain';
import { forecastLoss, secondsBetween } from '../../src/journal/position/data-loss';
import { receiver } from './support';

interface Piece {
  readonly entries: number;
  /** The numbering starts again at 1. */
  readonly reset: boolean;
  readonly state: 'kept' | 'deleted' | 'freed';
}

const piece: fc.Arbitrary<Piece> = fc.record({
  entries: fc.integer({ min: 1, max: 50 }),
  reset: fc.boolean(),
  state: fc.constantFrom('kept', 'kept', 'kept', 'deleted', 'freed'),
});

const name = (i: number): string => `R${i}`;

/** The journal as it was written, oldest first; the last receiver is the attached one and always there. */
function journal(pieces: readonly Piece[]): { all: ReceiverFacts[]; listed: ReceiverFacts[] } {
  let next = 1;
  const all = pieces.map((p, i) => {
    if (p.reset) next = 1;
    const first = next;
    next += p.entries;
    const last = i === pieces.length - 1;
    return receiver(name(i), first, next - 1, {
      ...(i > 0 ? { previous: name(i - 1) } : {}),
      ...(last ? {} : { next: name(i + 1), detached: '2024-01-02T00:00:00.000000' }),
      ...(p.state === 'freed' && !last ? { status: 'FREED' as const } : {}),
      // as the catalog has it, in whole seconds: many of them alike
      attached: '2024-01-01T00:00:00.000000',
    });
  });
  return { all, listed: all.filter((_, i) => i === pieces.length - 1 || pieces[i]!.state !== 'deleted') };
}

/** What can be read without a break up to the end. */
function readableTail(pieces: readonly Piece[], all: readonly ReceiverFacts[]): ReceiverFacts[] {
  let from = all.length - 1;
  while (from > 0 && pieces[from - 1]!.state === 'kept') from--;
  return all.slice(from);
}

const journals = fc.array(piece, { minLength: 1, maxLength: 8 });

test('what can be read without a break, and how much of it is still to come', () => {
  fc.assert(
    fc.property(journals, fc.infiniteStream(fc.nat(1000)), (pieces, dice) => {
      const { all, listed } = journal(pieces);
      const shuffled = [...listed].sort(() => (dice.next().value % 2) - 0.5);
      const chain = new ReceiverChain(shuffled);
      const tail = readableTail(pieces, all);
      expect(chain.readableChain().map((r) => r.name.name)).toEqual(tail.map((r) => r.name.name));
      expect(chain.oldestReadable()!.name).toEqual(tail[0]!.name);
      expect(chain.attached()!.name).toEqual(all.at(-1)!.name);
      for (const [i, r] of all.entries()) {
        const sequence = r.first + BigInt(dice.next().value % Number(r.last - r.first + 1n));
        const place = tail.indexOf(r);
        const rest = tail.slice(place + 1).reduce((sum, t) => sum + t.last - t.first + 1n, r.last - sequence);
        expect(chain.entriesAfter({ receiver: r.name, sequence })).toBe(place < 0 ? null : rest);
        expect(i).toBeLessThan(all.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('what follows a receiver that was read to its end', () => {
  fc.assert(
    fc.property(journals, (pieces) => {
      const { all, listed } = journal(pieces);
      const chain = new ReceiverChain(listed);
      for (const r of listed) {
        const i = all.indexOf(r);
        const crossing = chain.after(r);
        if (i === all.length - 1) expect(crossing).toEqual({ is: 'attached' });
        else {
          const next = pieces[i + 1]!;
          const there = i + 1 === all.length - 1 || next.state !== 'deleted';
          const freed = there && all[i + 1]!.status === 'FREED';
          if (!there) expect(crossing).toEqual({ is: 'gone', next: all[i + 1]!.name, why: 'deleted' });
          else if (freed) expect(crossing).toEqual({ is: 'gone', next: all[i + 1]!.name, why: 'freed' });
          else expect(crossing).toEqual({ is: 'next', receiver: all[i + 1]! });
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('the order of positions is that of writing, whatever was deleted between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ entries: fc.integer({ min: 1, max: 9 }), reset: fc.boolean() }), {
        minLength: 2,
        maxLength: 6,
      }),
      (pieces) => {
        const { all } = journal(pieces.map((p) => ({ ...p, state: 'kept' as const })));
        const chain = new ReceiverChain([...all].reverse());
        const written = all.flatMap((r) => [r.first, r.last].map((sequence) => ({ receiver: r.name, sequence })));
        for (const [i, a] of written.entries())
          for (const [j, b] of written.entries()) {
            const same = a.receiver === b.receiver && a.sequence === b.sequence;
            expect(Math.sign(chain.compare(a, b)!)).toBe(same ? 0 : Math.sign(i - j));
          }
      },
    ),
  );
});

describe('a PARTIAL receiver beside another', () => {
  const chain = (first: Partial<ReceiverFacts>, second: Partial<ReceiverFacts>) =>
    new ReceiverChain([
      { ...receiver('A', 1, 100, { next: 'B', detached: '2024-01-02T00:00:00.000000' }), ...first },
      { ...receiver('B', 101, 200, { previous: 'A' }), ...second },
    ]);

  test.each<[string, Partial<ReceiverFacts>, Partial<ReceiverFacts>, string, string[]]>([
    ['whole ones', {}, {}, 'next', ['A', 'B']],
    ['the first lacks its end', { status: 'PARTIAL', last: 90n }, {}, 'incomplete', ['B']],
    ['the first is PARTIAL and lacks nothing', { status: 'PARTIAL' }, {}, 'next', ['A', 'B']],
    ['the second lacks its beginning', {}, { status: 'PARTIAL', first: 105n }, 'incomplete', ['B']],
    ['the second is PARTIAL and begins where the first ends', {}, { status: 'PARTIAL' }, 'next', ['A', 'B']],
    // across a reset the numbers cannot tell
    ['the numbering starts again', { status: 'PARTIAL', last: 90n }, { first: 1n, last: 50n }, 'next', ['A', 'B']],
    ['the first holds nothing', { status: 'PARTIAL', first: 0n, last: 0n }, {}, 'next', ['A', 'B']],
    // no release leaves out numbers by itself; a jump without PARTIAL is no proof of a loss
    ['a jump of the numbers alone', { last: 90n }, {}, 'next', ['A', 'B']],
  ])('%s', (_, first, second, crossing, readable) => {
    const both = chain(first, second);
    expect(both.after(both.get({ library: 'ORDLIB', name: 'A' })!).is).toBe(crossing);
    expect(both.readableChain().map((r) => r.name.name)).toEqual(readable);
  });

  test('a follower that names its predecessor, where the predecessor does not name it', () => {
    const late = chain({ next: null, status: 'PARTIAL', last: 90n }, {});
    expect(late.after(late.get({ library: 'ORDLIB', name: 'A' })!).is).toBe('incomplete');
  });
});

describe('time to data loss', () => {
  const hour = (h: number): string => new Date(Date.UTC(2024, 0, 1, h)).toISOString().replace('Z', '000');
  /** One receiver an hour, 3600 entries each: one a second. The oldest of them had a predecessor once. */
  const hourly = (count: number) =>
    new ReceiverChain(
      Array.from({ length: count }, (_, i) =>
        receiver(name(i), i * 3600 + 1, (i + 1) * 3600, {
          previous: i === 0 ? 'GONE' : name(i - 1),
          attached: hour(i),
          ...(i === count - 1 ? {} : { next: name(i + 1), detached: hour(i + 1) }),
          sizeKb: 10,
        }),
      ),
    );

  test('the older the entry that is needed, the less time is left; sizes of what is needed are summed', () => {
    const chain = hourly(10);
    for (let i = 0; i < 9; i++) {
      const found = forecastLoss(
        chain,
        { receiver: { library: 'ORDLIB', name: name(i) }, sequence: BigInt(i * 3600 + 1) },
        hour(10),
        null,
      );
      // ten hours are kept, and this entry was written i hours after the first
      expect(found.retentionHours).toBe(10);
      expect(found.ageHours).toBeCloseTo(10 - i, 1);
      expect(found.hoursToLoss).toBeCloseTo(i, 1);
      expect(found.behind).toBe(BigInt((10 - i) * 3600 - 1));
      expect(found.neededKb).toBe(BigInt((10 - i) * 10));
      expect(found.writtenPerSecond).toBeCloseTo(1, 5);
    }
  });

  test.each([
    [null, 5],
    [0, 5],
    [0.5, 10],
    [0.9, 50],
    [1, null],
    [2, null],
  ])('reading %s entries a second where one is written', (read, hours) => {
    const found = forecastLoss(
      hourly(10),
      { receiver: { library: 'ORDLIB', name: name(5) }, sequence: 18_001n },
      hour(10),
      read,
    );
    if (hours === null) expect(found.hoursToLoss).toBeNull();
    else expect(found.hoursToLoss).toBeCloseTo(hours, 1);
  });

  test('a receiver that is gone, or was never there: at risk now', () => {
    const found = forecastLoss(
      hourly(3),
      { receiver: { library: 'ORDLIB', name: 'GONE' }, sequence: 1n },
      hour(3),
      null,
    );
    expect(found).toMatchObject({ behind: null, hoursToLoss: 0, neededKb: null });
  });

  test('nothing visible at all', () => {
    const found = forecastLoss(
      new ReceiverChain([]),
      { receiver: { library: 'L', name: 'R' }, sequence: 1n },
      hour(1),
      null,
    );
    expect(found).toMatchObject({ writtenPerSecond: null, behind: null, retentionHours: 0, hoursToLoss: 0 });
  });

  test('sizes that one release does not report are not guessed', () => {
    const chain = new ReceiverChain([
      receiver('R0', 1, 10, { next: 'R1', detached: hour(1), sizeKb: 5 }),
      receiver('R1', 11, 20, { previous: 'R0' }),
    ]);
    expect(
      forecastLoss(chain, { receiver: { library: 'ORDLIB', name: 'R0' }, sequence: 1n }, hour(2), null).neededKb,
    ).toBeNull();
  });

  test.each([
    ['2024-01-01T00:00:00.000000', '2024-01-01T00:00:01.999999', 1],
    ['2024-02-28T23:00:00', '2024-03-01T00:00:00', 25 * 3600],
    ['2024-01-01T00:00:01', '2024-01-01T00:00:00', -1],
  ])('%s to %s', (from, to, seconds) => {
    expect(secondsBetween(from, to)).toBe(seconds);
  });
});
