/** What a receiver says about pace may make a pause longer, never shorter; seen from the receiver's side. */
import fc from 'fast-check';
import { httpDate } from '../../../src/deliver/sinks/webhook/answer/hints';
import { Bench, hook, QUICK, until } from '../support/bench';
import { draft } from '../support/drafts';
import { answer, rawReceiver } from '../support/raw-receiver';

const OWN_PAUSE = 400;
const FLOOR = 500;
/** Timers may fire a little early on a clock that is read elsewhere. */
const SLACK = 10;
const SLOW = { ...QUICK, jitter: 0, schedule: Array(40).fill(OWN_PAUSE), cap: 60_000 };
const dates = (ms: number): string => new Date(ms).toUTCString();

interface Hint {
  readonly headers: Readonly<Record<string, string>>;
  /** How long it asks to wait, by construction; 0 for what is no hint. */
  readonly ms: number;
}

const none = (text: string): Hint => ({ headers: { 'retry-after': text }, ms: 0 });
const NO_HINTS = [
  '2.5',
  '0.1',
  '-3',
  '+5',
  '5s',
  '1e1',
  '0x10',
  '120, 120',
  ' ',
  'soon',
  '1 1',
  'NaN',
  '2026-12-24',
  '3,5',
];

const hints: fc.Arbitrary<Hint> = fc.oneof(
  fc.constant({ headers: {}, ms: 0 }),
  fc.constantFrom(...NO_HINTS).map(none),
  fc.integer({ min: 0, max: 2 }).map((s) => ({ headers: { 'retry-after': String(s) }, ms: s * 1000 })),
  fc
    .string({ maxLength: 8, unit: 'grapheme-ascii' })
    .filter((s) => !/^\s*\d+\s*$/.test(s))
    .map(none),
  // by the receiver's own clock, which may be years off
  fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: -5, max: 2 })).map(([clock, s]) => ({
    headers: { date: dates(clock * 1000), 'retry-after': dates((clock + s) * 1000) },
    ms: Math.max(0, s * 1000),
  })),
  fc
    .tuple(fc.integer({ min: 1_000_000_001, max: 2_000_000_000 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([clock, s, inMs]) => ({
      headers: {
        date: dates(clock * 1000),
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': inMs ? `${(clock + s) * 1000}` : `${clock + s}`,
      },
      ms: Math.max(0, s * 1000),
    })),
);

const replies = fc.array(fc.tuple(fc.constantFrom(429, 503, 500, 502, 408, 425), hints), {
  minLength: 8,
  maxLength: 8,
});

test('no endpoint is asked sooner than its hints, the schedule and the floor allow, whatever it answers', async () => {
  const scripts = fc.sample(replies, { numRuns: 120, seed: Number(process.env['SEED'] ?? 11) });
  const answered = scripts.map((): number[] => []);
  const asked = scripts.map((): number[] => []);
  await using receiver = await rawReceiver((socket, _n, { path, at }) => {
    const i = Number(path.slice(1));
    asked[i]!.push(at);
    const [status, { headers }] = scripts[i]![(asked[i]!.length - 1) % 8]!;
    answered[i]!.push(performance.now());
    socket.write(answer(status, headers));
  });
  const names = scripts.map((_, i) => `d${i}`);
  const circuitBreaker = { failures: 1000, probeEvery: 30_000 };
  await using bench = await Bench.start({
    webhooks: Object.fromEntries(
      names.map((name, i) => [name, hook(`${receiver.url}${i}`, { retry: SLOW, concurrency: 2, circuitBreaker })]),
    ),
  });
  bench.publish([draft(1, { destinations: names })]);
  const start = performance.now();
  await until(() => performance.now() - start > 6_000, 'six seconds of it', 10_000);
  for (const [i, script] of scripts.entries()) {
    for (let n = 1; n < asked[i]!.length; n++) {
      const [status, { headers, ms }] = script[(n - 1) % 8]!;
      const throttled = status === 429;
      const least = Math.max(ms, throttled ? FLOOR : OWN_PAUSE) - SLACK;
      const waited = asked[i]![n]! - answered[i]![n - 1]!;
      if (waited < least) throw new Error(`${status} ${JSON.stringify(headers)}: asked again after ${waited} ms`);
    }
    // by the window: six seconds hold fifteen pauses of 400 ms
    expect(asked[i]!.length).toBeLessThanOrEqual(16);
    expect(asked[i]!.length).toBeGreaterThan(1);
  }
});

test.each(['0', '-1', '2.5', dates(0)])(
  '429 with Retry-After %s does not make a busy loop without adaptive pacing either',
  async (text) => {
    await using receiver = await rawReceiver((socket) => socket.write(answer(429, { 'retry-after': text })));
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { adaptive: false, retry: SLOW }) } });
    bench.publish([draft(1)]);
    const start = performance.now();
    await until(() => performance.now() - start > 1_700, 'the time to pass');
    // at 0, 0.5 and 1.5 s
    expect(receiver.requests.length).toBeLessThanOrEqual(3);
  },
);

test('a hint longer than the schedule is obeyed by the event it is given for', async () => {
  await using receiver = await rawReceiver((socket, n) =>
    socket.write(n === 1 ? answer(500, { 'retry-after': '1' }) : answer(204)),
  );
  const retry = { ...QUICK, schedule: [0, 20] };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { retry }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.requests[1]!.at - receiver.requests[0]!.at).toBeGreaterThanOrEqual(1_000 - SLACK);
});

test('a budget renewed in a year is not waited for that long, and what it is waited for is shown', async () => {
  const far = Math.floor(Date.now() / 1000) + 365 * 86_400;
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(far) };
  await using receiver = await rawReceiver((socket) => socket.write(answer(204, headers)));
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { concurrency: 1 }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  const { paced } = bench.dispatcher.standing()['crm']!;
  expect(paced!.until - Date.now()).toBeGreaterThan(3_500_000);
  expect(paced!.until - Date.now()).toBeLessThanOrEqual(3_600_000);
  expect(paced!.why).toMatch(/X-RateLimit/);
});

describe('HTTP dates', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['Thu Feb 29 23:59:60 2024', '2024-02-29T23:59:59.000Z'],
    ['Saturday, 21-Nov-26 00:00:00 GMT', '2026-11-21T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(new Date(httpDate(text)!).toISOString()).toBe(expected);
  });

  test.each([
    '2.5',
    '2026-11-21T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Nov 6 1994',
    '',
  ])('%j is none', (text) => {
    expect(httpDate(text)).toBeNull();
  });
});
