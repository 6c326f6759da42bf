/** 401 and 403 are a state of the destination: told, waited for, and over as soon as it accepts again. */
import { NO_AUTH, type WebhookOptions } from '../../../src/deliver/options';
import { Bench, hook, QUICK, until } from '../support/bench';
import { drafts, idOf } from '../support/drafts';
import { type Answer, Receiver } from '../support/receiver';

interface Note {
  readonly level: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

const probing = { failures: 5, probeEvery: 60 };

async function setup(answer: Answer, given: Partial<WebhookOptions>, perKey = 1) {
  const notes: Note[] = [];
  const receiver = await Receiver.start(answer);
  const bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { circuitBreaker: probing, ...given }) },
    hooks: { note: (level, message, facts) => notes.push({ level, message, facts }) },
  });
  const traceKey = (n: number) => ({ traceKey: `k${Math.floor(n / perKey)}` });
  return {
    notes,
    receiver,
    bench,
    traceKey,
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

test.each([401, 403])(
  '%i: no dead letter; probes; the rotated credential is looked up and everything goes out in order',
  async (status) => {
    let inHand = 'token-old';
    const auth = { ...NO_AUTH, bearer: { token: { reveal: () => inHand } } };
    await using t = await setup(
      (got, response) => response.writeHead(got.headers['authorization'] === 'Bearer token-new' ? 204 : status).end(),
      { auth, concurrency: 8 },
      10,
    );
    t.bench.publish(drafts(0, 200, t.traceKey));
    await t.receiver.until(() => t.receiver.got.length >= 12, 'probes');
    const { denied } = t.bench.dispatcher.standing()['crm']!;
    expect(denied!.why).toMatch(new RegExp(`answered ${status}: it refuses our credentials`));
    const asked = t.receiver.got.length;
    const start = performance.now();
    await until(() => performance.now() - start > 400, 'the time to pass');
    // one probe in 60 ms, never a burst
    expect(t.receiver.got.length - asked).toBeLessThanOrEqual(8);
    expect(t.bench.outbox.deadLetters.count()).toBe(0);
    inHand = 'token-new';
    await t.bench.settled();
    expect(t.bench.outbox.deadLetters.count()).toBe(0);
    expect(t.bench.dispatcher.standing()['crm']!.denied).toBeNull();
    const accepted = t.receiver.got
      .filter((g) => g.headers['authorization'] === 'Bearer token-new')
      .map((g) => g.json.data.n);
    expect([...accepted].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
    for (let k = 0; k < 20; k++) {
      const lane = accepted.filter((n) => Math.floor(n / 10) === k);
      expect(lane).toEqual([...lane].sort((a, b) => a - b));
    }
    const told = t.notes.filter((n) => /credentials|accepts events again/.test(n.message));
    expect(told.map((n) => n.level)).toEqual(['error', 'info']);
    expect(told[0]!.facts).toMatchObject({
      destination: 'crm',
      nextAttempt: expect.any(String),
      next: expect.any(String),
    });
  },
);

test('one event that is refused while others are accepted is a dead letter in the end, and stops nobody', async () => {
  await using t = await setup((got, response) => response.writeHead(got.json.id === idOf(7) ? 403 : 204).end(), {
    concurrency: 4,
    retry: { ...QUICK, schedule: [0, 20, 20, 20, 20, 20] },
  });
  t.bench.publish(drafts(0, 60, t.traceKey));
  // others go on coming, as they do
  for (let n = 60; n < 90; n++) {
    t.bench.publish(drafts(n, n + 1, t.traceKey));
    await t.receiver.until(() => t.receiver.got.some((g) => g.json.data.n === n), 'the next one');
  }
  await t.bench.settled();
  expect(t.bench.outbox.deadLetters.list({})).toMatchObject([
    { reason: 'http-403', event: { id: idOf(7) }, message: expect.stringMatching(/while it accepts other events/) },
  ]);
});

test('the only event there is to ask with is given up when the schedule has passed', async () => {
  await using t = await setup((_got, response) => response.writeHead(401).end(), {
    retry: { ...QUICK, schedule: [0, 300] },
  });
  t.bench.publish(drafts(0, 1, t.traceKey));
  await t.bench.settled();
  expect(t.receiver.got.length).toBeGreaterThan(3);
  expect(t.bench.outbox.deadLetters.list({})).toMatchObject([{ reason: 'exhausted' }]);
});

test('401 under retry.transient is a retry like any other', async () => {
  await using t = await setup((_got, response) => response.writeHead(401).end(), {
    retry: { ...QUICK, schedule: [0, 1, 1], transient: [401, 'network'] },
  });
  t.bench.publish(drafts(0, 2, t.traceKey));
  await t.bench.settled();
  expect(t.receiver.got).toHaveLength(6);
  expect(t.bench.dispatcher.standing()['crm']!.denied).toBeNull();
});

test('a destination that refuses is told once, at once, with the next attempt, and again when it accepts', async () => {
  let down = true;
  await using t = await setup((_got, response) => response.writeHead(down ? 500 : 204).end(), {
    retry: { ...QUICK, schedule: Array(40).fill(30) },
  });
  t.bench.publish(drafts(0, 5, t.traceKey));
  await t.receiver.until(() => t.receiver.got.length > 8, 'some attempts');
  const { failing } = t.bench.dispatcher.standing()['crm']!;
  expect(failing!.why).toBe('the receiver answered 500');
  down = false;
  await t.bench.settled();
  const told = t.notes.filter((n) => /does not accept|accepts events again/.test(n.message));
  expect(told.map((n) => n.level)).toEqual(['warn', 'info']);
  expect(told[0]!.facts).toMatchObject({ destination: 'crm', why: 'the receiver answered 500' });
  expect(Date.parse(String(told[0]!.facts['nextAttempt']))).toBeGreaterThan(Date.now() - 20_000);
});

test('answer times by destination, and a warning close to the timeout', async () => {
  await using t = await setup((_got, response) => setTimeout(() => response.writeHead(204).end(), 180), {
    timeouts: { connect: 1_000, response: 200 },
    concurrency: 30,
    retry: { ...QUICK, schedule: Array(60).fill(5) },
  });
  t.bench.publish(drafts(0, 30, t.traceKey));
  await t.receiver.until(() => t.receiver.got.length >= 30, 'answers');
  await until(() => (t.bench.dispatcher.standing()['crm']!.answers?.requests ?? 0) >= 20, 'twenty answers');
  const { answers } = t.bench.dispatcher.standing()['crm']!;
  expect(answers!.p50).toBeGreaterThan(150);
  expect(answers!.p95).toBeGreaterThanOrEqual(answers!.p50);
  const slow = t.notes.filter((n) => /answers slowly/.test(n.message));
  expect(slow).toHaveLength(1);
  expect(slow[0]!.facts).toMatchObject({ timeoutMs: 200, next: expect.stringMatching(/timeouts\.response/) });
});

test('one 401 for an event that has waited long for other reasons is no reason to give it up', async () => {
  await using t = await setup((_got, response, n) => response.writeHead(n <= 6 ? 429 : n === 7 ? 401 : 204).end(), {
    adaptive: false,
    retry: { ...QUICK, schedule: [0, 50, 50, 50] },
  });
  t.bench.publish(drafts(0, 6, t.traceKey));
  await t.bench.settled();
  expect(t.receiver.got).toHaveLength(13);
  expect(t.bench.outbox.deadLetters.count()).toBe(0);
});
