/** Batches, schedules, pace, priorities, fan-out: how a queue is served. */
import { Webhook } from 'standardwebhooks';
import { pauseAfter } from '../../src/deliver/limits/backoff';
import { Buckets, TokenBucket } from '../../src/deliver/limits/token-bucket';
import { BATCH_DEFAULTS, RETRY_DEFAULTS, scheduleSpan } from '../../src/deliver/options';
import { Outbox } from '../../src/outbox/outbox';
import { Store } from '../../src/store/store';
import { Bench, hook, QUICK, SECRET, until } from './support/bench';
import { draft, drafts, idOf } from './support/drafts';
import { Receiver } from './support/receiver';

const micro = (given: Partial<typeof BATCH_DEFAULTS> = {}) => ({
  ...BATCH_DEFAULTS,
  mode: 'micro' as const,
  maxWait: 50,
  ...given,
});
type Event = { id: string; subject: string; data: { n: number } };
const eventsOf = (body: Buffer): Event[] => JSON.parse(body.toString()) as Event[];

test('micro batches: a JSON array in order, signed once, full or after the wait', async () => {
  await using receiver = await Receiver.start();
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { concurrency: 1, batch: micro({ maxRecords: 40 }) }) },
  });
  const start = Date.now();
  bench.publish(drafts(0, 100));
  await bench.settled();
  expect(receiver.got.map((g) => eventsOf(g.body).length)).toEqual([40, 40, 20]);
  expect(receiver.got.flatMap((g) => eventsOf(g.body).map((e) => e.data.n))).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
  for (const got of receiver.got) {
    expect(got.headers['content-type']).toBe('application/cloudevents-batch+json');
    new Webhook(SECRET).verify(got.body.toString(), got.headers as Record<string, string>);
  }
  expect(new Set(receiver.got.map((g) => g.headers['webhook-id'])).size).toBe(3);
  expect(receiver.got[2]!.at - start).toBeGreaterThanOrEqual(48);
  const [attempt] = bench.outbox.history.attempts(30);
  expect(attempt).toMatchObject({ batch: 40, signature: expect.stringContaining('webhook-signature: v1,') });
});

test('batches are full while the backlog is read from disk, however many are under way', async () => {
  await using receiver = await Receiver.start((_got, response) => setTimeout(() => response.writeHead(204).end(), 5));
  const batch = micro({ maxWait: 0, maxRecords: 300 });
  await using bench = Bench.open({ webhooks: { crm: hook(receiver.url, { concurrency: 8, batch }) } });
  bench.publish(drafts(0, 9_000));
  await bench.dispatcher.start();
  await bench.settled();
  expect(receiver.got.map((g) => eventsOf(g.body).length)).toEqual(Array(30).fill(300));
});

test('micro batches: bytes end a batch too', async () => {
  await using receiver = await Receiver.start();
  const one = draft(0).body.length;
  const batch = micro({ maxRecords: 1000, maxBytes: one * 5 });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { concurrency: 1, batch }) } });
  bench.publish(drafts(0, 20));
  await bench.settled();
  expect(Math.max(...receiver.got.map((g) => eventsOf(g.body).length))).toBeLessThanOrEqual(5);
});

test('a batch that is refused is halved until the event that spoils it stands alone', async () => {
  await using receiver = await Receiver.start((got, response) => {
    response.writeHead(eventsOf(got.body).some((e) => e.data.n === 37) ? 422 : 204).end();
  });
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { batch: micro({ maxRecords: 50 }) }) },
  });
  bench.publish(drafts(0, 100));
  await bench.settled();
  expect(bench.outbox.deadLetters.list({}).map((l) => [l.event.id, l.reason])).toEqual([[idOf(37), 'http-422']]);
  const delivered = new Set(
    receiver.got
      .filter((g) => !eventsOf(g.body).some((e) => e.data.n === 37))
      .flatMap((g) => eventsOf(g.body).map((e) => e.data.n)),
  );
  expect(delivered.size).toBe(99);
});

test('a transient failure of a batch is repeated in smaller ones, in order', async () => {
  let failures = 3;
  await using receiver = await Receiver.start((_got, response) => response.writeHead(failures-- > 0 ? 500 : 204).end());
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { concurrency: 1, batch: micro({ maxRecords: 16 }) }) },
  });
  bench.publish(drafts(0, 16, () => ({ traceKey: 'one' })));
  await bench.settled();
  const accepted = receiver.got.slice(3).flatMap((g) => eventsOf(g.body).map((e) => e.data.n));
  expect(accepted).toEqual(Array.from({ length: 16 }, (_, i) => i));
});

const ITEM_REPLIES: [string, (events: Event[]) => unknown, string][] = [
  [
    'objects with a status',
    (events) => ({ items: events.map((e) => ({ status: e.data.n === 3 ? 422 : 200 })) }),
    'items',
  ],
  ['plain numbers at the root', (events) => events.map((e) => (e.data.n === 3 ? 400 : 200)), ''],
  [
    'by id, in another order',
    (events) => ({ r: [...events].reverse().map((e) => ({ id: e.id, success: e.data.n !== 3 })) }),
    'r',
  ],
  [
    'celigo: statusCode and errors',
    (events) => events.map((e) => (e.data.n === 3 ? { statusCode: 422, errors: [{}] } : { statusCode: 200 })),
    '',
  ],
];
test.each(ITEM_REPLIES)('per-item results, %s', async (_name, reply, itemResults) => {
  await using receiver = await Receiver.start((got, response) =>
    response.writeHead(200).end(JSON.stringify(reply(eventsOf(got.body)))),
  );
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { batch: micro({ itemResults }) }) } });
  bench.publish(drafts(0, 6));
  await bench.settled();
  expect(bench.outbox.deadLetters.list({}).map((l) => l.event.id)).toEqual([idOf(3)]);
  expect(receiver.got).toHaveLength(1);
});

test('per-item results: what is transient for one event is repeated for it alone', async () => {
  const seen: number[][] = [];
  await using receiver = await Receiver.start((got, response) => {
    const events = eventsOf(got.body);
    seen.push(events.map((e) => e.data.n));
    const first = seen.length === 1;
    response.writeHead(207).end(JSON.stringify(events.map((e) => (first && e.data.n === 2 ? 503 : 200))));
  });
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { batch: micro({ itemResults: '' }) }) },
  });
  bench.publish(drafts(0, 4));
  await bench.settled();
  expect(seen).toEqual([[0, 1, 2, 3], [2]]);
});

test('a condition on the body of a 2xx: an error inside is a retry', async () => {
  await using receiver = await Receiver.start((_got, response, n) => {
    response.writeHead(200).end(n < 3 ? '{"result":{"ok":false}}' : '{"result":{"ok":true}}');
  });
  const success = { status: ['2xx' as const], body: { path: 'result.ok', equals: true } };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { success }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got).toHaveLength(3);
});

test('only listed 2xx are success, and a free set of transient codes is obeyed', async () => {
  await using receiver = await Receiver.start((_got, response, n) =>
    response.writeHead(n === 1 ? 404 : n === 2 ? 202 : 204).end(),
  );
  const success = { status: [204], body: null };
  const retry = { ...QUICK, transient: [404, 202] };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { success, retry }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got).toHaveLength(3);
});

test('a cron schedule: nothing before the moment, everything up to it at the moment, later events at the next', async () => {
  await using receiver = await Receiver.start();
  const batch = { ...BATCH_DEFAULTS, mode: 'scheduled' as const, schedule: '*/2 * * * * *', maxRecords: 100 };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { batch }) } });
  // begin just after a moment, so that the two publications fall between two moments
  await until(() => Date.now() % 2000 > 100 && Date.now() % 2000 < 600, 'the beginning of a period');
  bench.publish(drafts(0, 30));
  bench.publish(drafts(30, 50));
  expect(receiver.got).toHaveLength(0);
  await receiver.until(() => receiver.got.length > 0, 'the moment');
  expect(receiver.got[0]!.at % 2000).toBeLessThan(900);
  await bench.settled();
  expect(receiver.got.flatMap((g) => eventsOf(g.body).map((e) => e.data.n))).toHaveLength(50);
});

test('fan-out: one event, two destinations, a dead one never holds the other', async () => {
  await using good = await Receiver.start();
  await using bad = await Receiver.start((_got, response) => response.writeHead(500).end());
  await using bench = await Bench.start({
    webhooks: { good: hook(good.url), bad: hook(bad.url, { retry: { ...QUICK, schedule: [0, 60_000] } }) },
  });
  bench.publish(drafts(0, 300, () => ({ destinations: ['good', 'bad'] })));
  await good.until(() => good.got.length === 300, 'the good one');
  await until(
    () => bench.outbox.history.backlog().find((b) => b.destination === 'good')!.ready === 0,
    'its settlement',
  );
  const [dead] = bench.outbox.history.backlog().filter((b) => b.destination === 'bad');
  expect(dead!.ready + dead!.parked).toBe(300);
});

test('urgent events overtake the backlog of other keys, never their own, and the backlog still moves', async () => {
  const arrived: { key: string; n: number }[] = [];
  await using receiver = await Receiver.start((got, response) => {
    arrived.push({ key: got.json.subject, n: got.json.data.n });
    setTimeout(() => response.writeHead(204).end(), 1);
  });
  await using bench = Bench.open({ webhooks: { crm: hook(receiver.url, { concurrency: 2 }) } });
  bench.publish(drafts(0, 400, (n) => ({ key: `low${n % 50}`, traceKey: `low${n % 50}`, priority: 'low' })));
  bench.publish(drafts(400, 440, (n) => ({ key: `hot${n % 10}`, traceKey: `hot${n % 10}`, priority: 'high' })));
  bench.publish([draft(440, { key: 'low0', traceKey: 'low0', priority: 'high' })]);
  await bench.dispatcher.start();
  await bench.settled();
  const lastHot = arrived.map((a) => a.key.startsWith('hot')).lastIndexOf(true);
  expect(lastHot).toBeLessThan(150);
  expect(arrived.slice(0, lastHot).some((a) => a.key.startsWith('low'))).toBe(true);
  const own = arrived.filter((a) => a.key === 'low0').map((a) => a.n);
  expect(own).toEqual([...own].sort((a, b) => a - b));
  expect(own.at(-1)).toBe(440);
});

test.each([
  ['table', (n: number) => ({ table: `ORDLIB/T${n % 2}`, traceKey: `k${n}` }), (n: number) => n % 2],
  ['strict', (n: number) => ({ traceKey: `k${n}` }), () => 0],
] as const)('lanes by %s', async (lanes, given, laneOf) => {
  await using receiver = await Receiver.start((_got, response, n) => response.writeHead(n % 7 === 0 ? 500 : 204).end());
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url) },
    outbox: { destinations: { crm: { lanes } } },
  });
  bench.publish(drafts(0, 60, given));
  await bench.settled();
  for (const lane of [0, 1]) {
    const seen = receiver.got.map((g) => g.json.data.n).filter((n) => laneOf(n) === lane);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  }
});

test('payloads that are not stored are made again for a retry; when that is not possible the letter says so', async () => {
  await using receiver = await Receiver.start((_got, response, n) => response.writeHead(n <= 2 ? 500 : 204).end());
  // made again by another configuration: the attempt stands elsewhere in it
  const { body, attemptOffset } = draft(1);
  const longer = { body: Buffer.concat([Buffer.from('   '), body]), attemptOffset: attemptOffset + 3 };
  const bodies = new Map([[idOf(1), longer]]);
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { concurrency: 1 }) },
    outbox: { destinations: { crm: { storePayload: false } } },
    parts: { rebuild: async (event) => bodies.get(event.id) ?? null },
  });
  bench.publish([draft(1), draft(2)]);
  await bench.settled();
  expect(bench.store.db.prepare('SELECT sum(bytes) FROM outbox_page').pluck().get()).toBe(0);
  expect(receiver.got.at(-1)!.json.data).toMatchObject({ n: 1, meta: { attempt: 2 } });
  expect(bench.outbox.deadLetters.list({})).toMatchObject([{ reason: 'source-gone' }]);
});

test('replay and dead letter retry of another process are taken up by a running daemon, under the same id', async () => {
  let down = true;
  await using receiver = await Receiver.start((_got, response) => response.writeHead(down ? 400 : 204).end());
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  bench.publish(drafts(0, 5));
  await bench.settled();
  expect(bench.outbox.deadLetters.count()).toBe(5);
  down = false;
  using other = Store.open(bench.store.db.name, []);
  const cli = new Outbox(other, { destinations: { crm: {} } });
  expect(cli.deadLetters.retry({ destination: 'crm' })).toBe(5);
  await receiver.until(() => receiver.got.length === 10, 'the retried letters');
  expect(cli.requeue.replay({ id: [idOf(2)] })).toBe(1);
  await receiver.until(() => receiver.got.length === 11, 'the replayed event');
  expect(receiver.got[10]!.headers['webhook-id']).toBe(idOf(2));
  const told = receiver.got.slice(9).map((got) => got.json.data);
  expect(told).toMatchObject([{ meta: { mode: 'stream' } }, { meta: { mode: 'replay', attempt: 1 } }]);
  await bench.settled();
});

test('token bucket: capacity at once, then the refill, and one bucket for a host', () => {
  const bucket = new TokenBucket(1000, 300, 0);
  for (let i = 0; i < 1000; i++) bucket.take(0);
  expect(bucket.wait(0)).toBe(4);
  let taken = 0;
  for (let now = 0; now <= 10_000; now++) for (; bucket.wait(now) === 0; taken++) bucket.take(now);
  expect(Math.abs(taken - 3000)).toBeLessThanOrEqual(1);
  const buckets = new Buckets();
  const limit = { capacity: 1, refillPerSecond: 1, scope: 'host' } as const;
  expect(buckets.for(limit, 'a:1', 0)).toBe(buckets.for(limit, 'a:1', 0));
  expect(buckets.for(limit, 'a:1', 0)).not.toBe(buckets.for(limit, 'b:1', 0));
  expect(buckets.for('celigo', 'a:1', 0)).not.toBe(buckets.for('celigo', 'a:1', 0));
});

test('a rate limit is kept', async () => {
  await using receiver = await Receiver.start();
  const rateLimit = { capacity: 5, refillPerSecond: 50, scope: 'endpoint' } as const;
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { rateLimit }) } });
  const start = Date.now();
  bench.publish(drafts(0, 30));
  await bench.settled();
  expect(Date.now() - start).toBeGreaterThanOrEqual(480);
});

test('the ten steps of Standard Webhooks, jitter that only lengthens, a cap', () => {
  const seconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  expect(seconds.map((_, i) => pauseAfter(i + 1, RETRY_DEFAULTS, 0)! / 1000)).toEqual(seconds);
  expect(pauseAfter(10, RETRY_DEFAULTS, 0)).toBeNull();
  expect(pauseAfter(2, RETRY_DEFAULTS, 1)).toBe(360_000);
  expect(pauseAfter(9, { ...RETRY_DEFAULTS, cap: 1000 }, 1)).toBe(1000);
  expect(scheduleSpan(RETRY_DEFAULTS)).toBe((75 * 3600 + 35 * 60 + 5) * 1000);
});
