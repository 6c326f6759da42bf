/** From an appended event to a verified, settled request. */
import { Webhook } from 'standardwebhooks';
import { Bench, hook, QUICK, SECRET } from './support/bench';
import { draft, drafts, idOf } from './support/drafts';
import { Receiver } from './support/receiver';

test('one event is posted as it is, with a signature the standardwebhooks package accepts', async () => {
  await using receiver = await Receiver.start();
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  const event = draft(1);
  bench.publish([event]);
  await receiver.until(() => receiver.got.length === 1, 'the request');
  const got = receiver.got[0]!;
  expect(got.method).toBe('POST');
  expect(got.path).toBe('/hook');
  expect(got.headers['content-type']).toBe('application/cloudevents+json');
  expect(got.headers['webhook-id']).toBe(event.id);
  expect(got.body.equals(event.body)).toBe(true);
  const verified = new Webhook(SECRET).verify(got.body.toString(), got.headers as Record<string, string>);
  expect(verified).toEqual(JSON.parse(event.body.toString()));
  await bench.settled();
  expect(bench.outbox.history.attempts(1)).toMatchObject([
    { destination: 'crm', attempt: 1, outcome: 'delivered', status: 204 },
  ]);
});

test('a failing attempt is repeated under the same id with its own number and a valid signature', async () => {
  await using receiver = await Receiver.start((_got, response, n) => response.writeHead(n < 4 ? 500 : 200).end());
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  bench.publish([draft(1)]);
  await receiver.until(() => receiver.got.length === 4, 'four attempts');
  expect(receiver.got.map((g) => g.headers['webhook-id'])).toEqual(Array(4).fill(idOf(1)));
  expect(receiver.got.map((g) => g.json.data.meta.attempt)).toEqual([1, 2, 3, 4]);
  for (const g of receiver.got) new Webhook(SECRET).verify(g.body.toString(), g.headers as Record<string, string>);
  await bench.settled();
});

test('events of one lane arrive in order, also behind failures, and other lanes go on meanwhile', async () => {
  let others = 0;
  await using receiver = await Receiver.start((got, response) => {
    const bad = got.json.subject === 'bad';
    if (!bad) others++;
    response.writeHead(bad && others < 160 ? 503 : 204).end();
  });
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { concurrency: 4, retry: { ...QUICK, schedule: Array(100).fill(10) } }) },
  });
  const keys = ['bad', 'a', 'b', 'c', 'd'];
  bench.publish(drafts(0, 200, (n) => ({ key: keys[n % 5]!, traceKey: keys[n % 5]! })));
  await bench.settled();
  for (const key of keys) {
    const seen = receiver.got.filter((g) => g.json.subject === key).map((g) => g.json.data.n as number);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
    expect(new Set(seen).size).toBe(40);
  }
  expect(receiver.got.filter((g) => g.json.subject === 'bad' && g.json.data.n === 0).length).toBeGreaterThan(1);
});

test('an event that is never accepted becomes a dead letter after its schedule, and its lane goes on', async () => {
  await using receiver = await Receiver.start((got, response) =>
    response.writeHead(got.json.data.n === 1 ? 500 : 204).end('no'),
  );
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { retry: { ...QUICK, schedule: [0, 5, 5] } }) },
  });
  bench.publish([draft(1, { traceKey: 'k' }), draft(2, { traceKey: 'k' })]);
  await bench.settled();
  expect(receiver.got.map((g) => g.json.data.n)).toEqual([1, 1, 1, 2]);
  const [letter] = bench.outbox.deadLetters.list({});
  expect(letter).toMatchObject({ destination: 'crm', reason: 'exhausted', status: 500, response: 'no', attempts: 3 });
  expect(letter?.event.id).toBe(idOf(1));
});

test('what is pending survives a restart and keeps its order', async () => {
  await using receiver = await Receiver.start((_got, response) => response.writeHead(500).end());
  await using first = Bench.open({ webhooks: { crm: hook(receiver.url) } });
  first.publish(drafts(0, 50, () => ({ traceKey: 'one' })));
  await first.dispatcher.start();
  await receiver.until(() => receiver.got.length >= 1, 'a first attempt');
  await first.dispatcher.stop(100);
  receiver.answer = (_got, response) => response.writeHead(200).end();
  receiver.got.length = 0;
  const again = new Bench(first.store, { webhooks: { crm: hook(receiver.url) } }, null);
  await again.dispatcher.start();
  await again.settled();
  expect(receiver.got.map((g) => g.json.data.n)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(receiver.got[0]!.json.data.meta.attempt).toBeGreaterThan(1);
  await again.dispatcher.stop(100);
});
