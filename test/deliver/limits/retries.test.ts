/** When an event is tried again, and when no more. */
import fc from 'fast-check';
import { Pace } from '../../../src/deliver/limits/adaptive-concurrency';
import { pauseAfter } from '../../../src/deliver/limits/backoff';
import { Retries } from '../../../src/deliver/limits/retries';
import { RETRY_DEFAULTS, type RetryOptions, scheduleSpan } from '../../../src/deliver/options';
import type { Outcome } from '../../../src/deliver/sink';
import { deliveryAt, serveWith } from '../support/deliveries';

type Retry = Extract<Outcome, { is: 'retry' }>;

const retry: RetryOptions = { ...RETRY_DEFAULTS, schedule: [0, 1000, 5000, 60_000], jitter: 0, cap: 30_000 };
const AT = { probe: false, now: 1_000_000, wall: 9_000_000 };

function retriesWith({ random = 0, adaptive = true } = {}) {
  const pace = new Pace({ concurrency: 4, adaptive, cap: retry.cap });
  const options = serveWith({ retry, adaptive, circuitBreaker: { failures: 5, probeEvery: 2_000 } });
  return { pace, retries: new Retries(options, pace, () => random) };
}
const failed = (given: Partial<Retry> = {}): Retry => ({ is: 'retry', why: 'because', ...given });
/** As it is after `attempts` of them, all counted. */
const delivery = (attempts: number, firstAt = AT.wall) =>
  Object.assign(deliveryAt(1), { attempts, charged: attempts - 1, firstAt });

test('the schedule, pause by pause, within the cap, and then no more', () => {
  const { retries } = retriesWith();
  const event = Object.assign(deliveryAt(1), { firstAt: AT.wall });
  const pauses: (number | null)[] = [];
  for (let i = 0; i < 4; i++) pauses.push(retries.pauseOf(event, failed(), AT));
  expect(pauses).toEqual([1000, 5000, 30_000, null]);
  expect(event.charged).toBe(4);
});

test.each<[string, Partial<Retry>, number]>([
  ['nothing', {}, 1000],
  ['less than the schedule', { afterMs: 200 }, 1000],
  ['more', { afterMs: 9000 }, 9000],
  ['more than the cap', { afterMs: 999_000 }, 30_000],
])('the receiver asked for %s', (_name, given, pause) => {
  const event = delivery(1);
  expect(retriesWith().retries.pauseOf(event, failed(given), AT)).toBe(pause);
  expect(event.charged).toBe(1);
});

describe('attempts that are not counted', () => {
  const free = [
    ['throttled', failed({ throttled: true }), AT],
    ['a probe', failed({ endpoint: true }), { ...AT, probe: true }],
  ] as const;

  test.each(free)('%s: the schedule is not used up', (_name, outcome, moment) => {
    const { retries } = retriesWith();
    const event = delivery(2);
    expect(retries.pauseOf(event, outcome, moment)).not.toBeNull();
    expect(event.charged).toBe(1);
  });

  test.each(free)('%s: counted once the whole schedule would be over', (_name, outcome, moment) => {
    const { retries } = retriesWith();
    const span = scheduleSpan(retry);
    expect(span).toBe(36_000);
    const within = delivery(2, AT.wall - span + 1);
    retries.pauseOf(within, outcome, moment);
    expect(within.charged).toBe(1);
    const beyond = delivery(2, AT.wall - span);
    retries.pauseOf(beyond, outcome, moment);
    expect(beyond.charged).toBe(2);
  });

  test('a probe waits for the next probe, or longer when asked', () => {
    const { retries } = retriesWith();
    expect(retries.pauseOf(delivery(1), failed(), { ...AT, probe: true })).toBe(2000);
    expect(retries.pauseOf(delivery(1), failed({ afterMs: 3000 }), { ...AT, probe: true })).toBe(3000);
  });

  test('throttled: as long as the destination rests, where pacing is not adaptive as long as its attempts say', () => {
    const { retries, pace } = retriesWith();
    pace.rest(AT.now, 7000, 'x');
    expect(retries.pauseOf(delivery(1), failed({ throttled: true }), AT)).toBe(7000);
    const { retries: plain } = retriesWith({ adaptive: false });
    expect(plain.pauseOf(delivery(3), failed({ throttled: true }), AT)).toBe(2000);
    expect(plain.pauseOf(delivery(3), failed({ throttled: true, afterMs: 4000 }), AT)).toBe(4000);
  });

  test('refused credentials never use up the schedule, however long it goes on', () => {
    const { retries } = retriesWith();
    const event = delivery(2, 1);
    expect(retries.pauseOf(event, failed({ denied: true }), AT)).toBe(2000);
    expect(retries.pauseOf(event, failed({ denied: true, afterMs: 8000 }), AT)).toBe(8000);
    expect(event.charged).toBe(1);
  });
});

test('a pause is never nothing', () => {
  const options = serveWith({ retry: { ...retry, schedule: [0, 0] }, circuitBreaker: { failures: 5, probeEvery: 0 } });
  const retries = new Retries(options, new Pace({ concurrency: 1, adaptive: true, cap: 1 }), () => 0);
  for (const outcome of [failed(), failed({ denied: true })]) expect(retries.pauseOf(delivery(1), outcome, AT)).toBe(1);
});

describe('pauseAfter', () => {
  test('jitter lengthens by its share at most, never shortens, and the cap holds', () => {
    const cases = fc.record({
      pause: fc.nat(100_000),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
      cap: fc.integer({ min: 1, max: 200_000 }),
    });
    fc.assert(
      fc.property(cases, ({ pause, jitter, random, cap }) => {
        const found = pauseAfter(0, { ...retry, schedule: [pause], jitter, cap }, random)!;
        expect(Number.isInteger(found)).toBe(true);
        expect(found).toBeGreaterThanOrEqual(Math.min(cap, pause));
        expect(found).toBeLessThanOrEqual(Math.min(cap, pause * (1 + jitter) + 0.5));
      }),
    );
    expect(pauseAfter(0, { ...retry, schedule: [1000], jitter: 0.5 }, 1)).toBe(1500);
    expect(pauseAfter(1, { ...retry, schedule: [1000] }, 0)).toBeNull();
  });

  test('the span counts each pause up to the cap', () => {
    expect(scheduleSpan({ ...retry, schedule: [1, 2, 50], cap: 10 })).toBe(13);
    expect(scheduleSpan({ ...retry, schedule: [] })).toBe(0);
  });
});
