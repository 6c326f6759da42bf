/** Requests under way at once, and pauses, out of what a receiver answers. */
import fc from 'fast-check';
import { Pace } from '../../../src/deliver/limits/adaptive-concurrency';

const options = { concurrency: 32, adaptive: true, cap: 86_400_000 };
const ASKED = 'it asked for it in Retry-After';
const OWN = 'it answered 429 or 503';

describe('adaptive', () => {
  test('every complaint halves what may be under way, down to one, and doubles the pause, up to a minute', () => {
    const pace = new Pace(options);
    expect(pace.allowed).toBe(32);
    const seen: [number, number][] = [];
    for (let i = 1; i <= 12; i++) {
      const now = i * 100_000;
      pace.throttled(now, undefined);
      seen.push([pace.allowed, pace.wait(now)]);
    }
    expect(seen).toEqual([
      [16, 500],
      [8, 1000],
      [4, 2000],
      [2, 4000],
      [1, 8000],
      [1, 16_000],
      [1, 32_000],
      ...Array(5).fill([1, 60_000]),
    ]);
  });

  test('those that were under way together are one complaint', () => {
    const pace = new Pace(options);
    for (let i = 0; i < 32; i++) pace.throttled(1000 + i, undefined);
    expect(pace.allowed).toBe(16);
    pace.throttled(1099, undefined);
    expect(pace.allowed).toBe(16);
    pace.throttled(1100, undefined);
    expect(pace.allowed).toBe(8);
  });

  test('climbs by one for each round of successes, and starts its pauses anew at the top', () => {
    const pace = new Pace({ ...options, concurrency: 4 });
    pace.throttled(1000, undefined);
    pace.throttled(2000, undefined);
    expect(pace.allowed).toBe(1);
    const climb: number[] = [];
    for (let i = 0; i < 12; i++) {
      pace.succeeded();
      climb.push(pace.allowed);
    }
    // one at 1, two at 2, three at 3, and a few more because a share of one is added each time
    expect(climb).toEqual([2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4]);
    pace.throttled(9000, undefined);
    expect([pace.allowed, pace.wait(9000)]).toEqual([2, 500]);
  });

  test('a success before any complaint changes nothing', () => {
    const pace = new Pace(options);
    for (let i = 0; i < 100; i++) pace.succeeded();
    expect(pace.allowed).toBe(32);
  });
});

describe('what it asked for', () => {
  test.each([
    ['longer than our own pause', true, 30_000, 30_000, ASKED],
    ['shorter: our own', true, 100, 500, OWN],
    ['zero: our own', true, 0, 500, OWN],
    ['more than the cap', true, 100_000_000, 86_400_000, ASKED],
    ['also where pacing is not adaptive', false, 30_000, 30_000, ASKED],
  ])('%s', (_name, adaptive, asked, wait, why) => {
    const pace = new Pace({ ...options, adaptive });
    pace.throttled(1000, asked);
    expect(pace.wait(1000)).toBe(wait);
    expect(pace.paced(1000)).toEqual({ until: 1000 + wait, why });
    expect(pace.paced(1000 + wait)).toBeNull();
    expect(pace.wait(1000 + wait + 1)).toBe(0);
    expect(pace.allowed).toBe(adaptive ? 16 : 32);
  });

  test('not adaptive and nothing asked: no pause of the destination, one of the event', () => {
    const pace = new Pace({ ...options, adaptive: false });
    pace.throttled(1000, undefined);
    expect(pace.wait(1000)).toBe(0);
    expect(pace.paced(1000)).toBeNull();
    expect([1, 2, 3, 11, 40].map((attempts) => pace.eventPause(1000, attempts))).toEqual([
      500, 1000, 2000, 60_000, 60_000,
    ]);
    pace.rest(1000, 90_000, 'x');
    expect(pace.eventPause(1000, 1)).toBe(90_000);
  });

  test('adaptive: an event waits as long as all do, and never no time at all', () => {
    const pace = new Pace(options);
    expect(pace.eventPause(1000, 5)).toBe(1);
    pace.throttled(1000, 7000);
    expect(pace.eventPause(1000, 5)).toBe(7000);
  });
});

test('a budget that is spent is believed for an hour at most, and only where pacing is adaptive', () => {
  const pace = new Pace(options);
  pace.spent(0, 10_000);
  expect(pace.paced(0)).toEqual({ until: 10_000, why: 'its X-RateLimit headers say that nothing is left' });
  pace.spent(0, 999_999_999);
  expect(pace.wait(0)).toBe(3_600_000);
  const other = new Pace({ ...options, adaptive: false });
  other.spent(0, 10_000);
  expect(other.wait(0)).toBe(0);
});

test('a pause under way never becomes shorter, and keeps its reason', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(5000)), { minLength: 1 }), (rests) => {
      const pace = new Pace(options);
      let [now, until, why] = [0, 0, ''];
      for (const [i, [pass, pause]] of rests.entries()) {
        now += pass;
        pace.rest(now, pause, `r${i}`);
        if (now + pause > until) [until, why] = [now + pause, `r${i}`];
        expect(pace.wait(now)).toBe(Math.max(0, until - now));
        expect(pace.paced(now)).toEqual(until > now ? { until, why } : null);
      }
    }),
  );
});
