/** Never more than the capacity and what has flowed in since; never less than that either. */
import fc from 'fast-check';
import { Buckets, CELIGO_LIMIT, TokenBucket } from '../../../src/deliver/limits/token-bucket';

test('in no stretch of time more than capacity and refill, and always as soon as that allows', () => {
  const history = fc.record({
    capacity: fc.integer({ min: 1, max: 20 }),
    perSecond: fc.integer({ min: 1, max: 500 }),
    pauses: fc.array(fc.oneof(fc.constant(0), fc.nat(30), fc.nat(2000)), { minLength: 1, maxLength: 80 }),
  });
  fc.assert(
    fc.property(history, ({ capacity, perSecond, pauses }) => {
      const bucket = new TokenBucket(capacity, perSecond, 0);
      const taken: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        const wait = bucket.wait(now);
        if (wait > 0) {
          // a millisecond earlier there is none; asking takes nothing
          expect(bucket.wait(now + wait - 1)).toBeGreaterThan(0);
          now += wait;
          // halves of a token may be rounded to just under one
          if (bucket.wait(now) > 0) now += bucket.wait(now);
        }
        expect(bucket.wait(now)).toBe(0);
        bucket.take(now);
        taken.push(now);
      }
      for (let from = 0; from < taken.length; from++)
        for (let to = from; to < taken.length; to++) {
          const allowed = capacity + ((taken[to]! - taken[from]!) / 1000) * perSecond;
          expect(to - from + 1).toBeLessThanOrEqual(allowed + 1e-6);
        }
    }),
  );
});

test('idle time fills it up to the capacity, no further; a clock that goes back gives nothing', () => {
  const bucket = new TokenBucket(3, 1, 0);
  const takeAll = (now: number): number => {
    let taken = 0;
    for (; bucket.wait(now) === 0; taken++) bucket.take(now);
    return taken;
  };
  expect(takeAll(0)).toBe(3);
  expect(bucket.wait(0)).toBe(1000);
  expect(bucket.wait(250)).toBe(750);
  expect(takeAll(2_000)).toBe(2);
  expect(takeAll(3_600_000)).toBe(3);
  expect(takeAll(0)).toBe(0);
  expect(takeAll(3_601_000)).toBe(1);
});

test('requests that were under way already may take more than there is; that is paid back', () => {
  const bucket = new TokenBucket(1, 10, 0);
  for (let i = 0; i < 4; i++) bucket.take(0);
  expect(bucket.wait(0)).toBe(400);
});

describe('Buckets', () => {
  const host = { capacity: 1, refillPerSecond: 1, scope: 'host' } as const;

  test.each([
    ['shared by what goes to one host', host, 'a:1', 'a:1', true],
    ['not by two hosts', host, 'a:1', 'b:1', false],
    ['not where it is of an endpoint', { ...host, scope: 'endpoint' } as const, 'a:1', 'a:1', false],
    ['not by what has no host', host, null, null, false],
    ['never the documented one of Celigo', 'celigo' as const, 'a:1', 'a:1', false],
  ])('%s', (_name, limit, one, other, shared) => {
    const buckets = new Buckets();
    expect(buckets.for(limit, one, 0) === buckets.for(limit, other, 0)).toBe(shared);
  });

  test('no limit, no bucket; the one of Celigo has its figures', () => {
    const buckets = new Buckets();
    expect(buckets.for(null, 'a:1', 0)).toBeNull();
    const bucket = buckets.for('celigo', 'a:1', 0)!;
    for (let i = 0; i < CELIGO_LIMIT.capacity; i++) bucket.take(0);
    expect(bucket.wait(0)).toBe(Math.ceil(1000 / CELIGO_LIMIT.refillPerSecond));
    expect(CELIGO_LIMIT).toEqual({ capacity: 1000, refillPerSecond: 300 });
  });
});
