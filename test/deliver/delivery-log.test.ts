/** What the delivery log keeps of an attempt: enough to ask the receiver's people, nothing that opens its door. */
import { NO_AUTH } from '../../src/deliver/options';
import { serveWebhook } from '../../src/deliver/serve';
import { WebhookSink } from '../../src/deliver/sinks/webhook/webhook';
import { Bench, hook, QUICK, secret } from './support/bench';
import { draft } from './support/drafts';
import { Receiver } from './support/receiver';

test('an attempt that was not delivered has the reason, the headers and the body of the reply', async () => {
  await using receiver = await Receiver.start((_got, response, n) =>
    response
      .writeHead(n === 1 ? 503 : 422, { 'x-request-id': 'r-17', 'set-cookie': 'session=abc' })
      .end('{"error":"unknown field"}'),
  );
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { retry: { ...QUICK, schedule: [0, 5] } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  const [first, second] = bench.outbox.history.attempts(1);
  expect(first).toMatchObject({ outcome: 'retry', status: 503, error: 'the receiver answered 503' });
  expect(second).toMatchObject({ outcome: 'dead', status: 422, error: 'the receiver answered 422' });
  expect(second!.response).toMatch(/(^|\n)x-request-id: r-17\n/);
  expect(second!.response).toMatch(/\n\n\{"error":"unknown field"\}$/);
  expect(second!.response).not.toContain('session');
  expect(bench.outbox.deadLetters.list({})[0]!.response).toBe(second!.response);
});

test('a 200 that says no in its body is a retry with its reason', async () => {
  await using receiver = await Receiver.start((_got, response, n) => response.end(`{"result":{"ok":${n > 1}}}`));
  const success = { status: ['2xx'] as const, body: { path: 'result.ok', equals: true } };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { success }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(bench.outbox.history.attempts(1)).toMatchObject([
    {
      outcome: 'retry',
      status: 200,
      error: expect.stringMatching(/result\.ok in its reply is not as success\.body expects/),
    },
    { outcome: 'delivered', status: 200, error: null, response: '{"result":{"ok":true}}' },
  ]);
});

test('a receiver that echoes what it was sent does not get credentials into the log', async () => {
  await using receiver = await Receiver.start((got, response) =>
    response
      .writeHead(400, { 'x-echo': String(got.headers['authorization']) })
      .end(`${JSON.stringify(got.headers)}${got.body}`),
  );
  const auth = {
    ...NO_AUTH,
    basic: { user: 'ibmi', password: secret('geheim-1') },
    apiKey: { header: 'X-Api-Key', query: null, value: secret('geheim-2') },
    bodyToken: { path: 'myAuth.token', value: secret('geheim-3') },
  };
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { auth, headers: { 'X-Tenant-Key': secret('geheim-4') } }) },
  });
  bench.publish([draft(1)]);
  await bench.settled();
  const text = JSON.stringify([bench.outbox.history.attempts(1), bench.outbox.deadLetters.list({})[0]!.response]);
  expect(text).toContain('***');
  expect(text).not.toMatch(/geheim-\d/);
  expect(text).not.toContain(Buffer.from('ibmi:geheim-1').toString('base64'));
});

test('where payloads are not stored, what a reply says of them is not either', async () => {
  await using receiver = await Receiver.start((_got, response) =>
    response.writeHead(422, { 'x-request-id': 'r-17' }).end('{"error":"no customer Mustermann"}'),
  );
  const options = hook(receiver.url);
  const sink = new WebhookSink(options, { agent: 't', keepReplies: false });
  await using bench = await Bench.start({ sinks: { crm: { sink, options: serveWebhook(options, sink.host) } } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(bench.outbox.history.attempts(1)).toMatchObject([
    { status: 422, error: 'the receiver answered 422', response: 'x-request-id: r-17' },
  ]);
  expect(bench.outbox.deadLetters.list({})[0]!.response).toBe('x-request-id: r-17');
});
