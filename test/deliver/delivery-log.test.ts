/** What the delivery log keeps of an attempt: enough to ask the receiver's people, nothing that opens its door. */
import { BATCH_DEFAULTS, NO_AUTH } from '../../src/deliver/options';
import { serveWebhook } from '../../src/deliver/queue/queue-policy';
import { WebhookSink } from '../../src/deliver/sinks/webhook/webhook';
import { Bench, hook, QUICK, secret } from './support/bench';
import { draft, drafts, idOf } from './support/drafts';
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

test('delivered attempts have all headers of the request, credentials masked, and those of the reply', async () => {
  await using receiver = await Receiver.start((_got, response) =>
    response.writeHead(200, { 'x-request-id': 'r-18', server: 'nginx', 'set-cookie': 'session=abc' }).end('done'),
  );
  const auth = {
    ...NO_AUTH,
    bearer: { token: secret('geheim-1') },
    apiKey: { header: 'X-Api-Key', query: null, value: secret('geheim-2') },
  };
  const headers = {
    'X-Tenant': { ...secret('tenant-7'), literal: true },
    'X-Auth-Token': { ...secret('geheim-3'), literal: true },
    'X-Looked-Up': secret('geheim-4'),
  };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth, headers }) } });
  bench.publish(drafts(1, 4));
  await bench.settled();
  for (const seq of [1, 2, 3]) {
    const [attempt] = bench.outbox.history.attempts(seq);
    const { headers: sent } = receiver.got.find((g) => g.headers['webhook-id'] === idOf(seq))!;
    const logged = Object.fromEntries(
      `${attempt!.request}\n${attempt!.signature}`.split('\n').map((line) => line.split(': ')),
    );
    // what the HTTP client adds by itself is no header of ours
    const ours = Object.keys(sent).filter((name) => !['host', 'connection', 'content-length'].includes(name));
    expect(Object.keys(logged).sort()).toEqual(ours.sort());
    const masked = { authorization: 'Bearer ***', 'x-api-key': '***', 'x-auth-token': '***', 'x-looked-up': '***' };
    expect(logged).toEqual({ ...Object.fromEntries(ours.map((name) => [name, sent[name]])), ...masked });
    expect(logged['x-tenant']).toBe('tenant-7');
    expect(logged['webhook-event-version']).toBe('1');
    expect(attempt).toMatchObject({
      outcome: 'delivered',
      error: null,
      response: 'x-request-id: r-18\nserver: nginx\n\ndone',
    });
  }
});

test('the log of a reply is bounded, and a secret at its edge is not cut in two', async () => {
  const head = `x-note: ${'h'.repeat(1_010)}`;
  await using receiver = await Receiver.start((_got, response) =>
    response
      .writeHead(422, { 'x-note': `${'h'.repeat(1_010)}geheim-12345` })
      .end(`${'b'.repeat(2_040)}geheim-12345${'c'.repeat(60_000)}`),
  );
  const auth = { ...NO_AUTH, bearer: { token: secret('geheim-12345') } };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth }) } });
  bench.publish(drafts(1, 2));
  await bench.settled();
  const { response } = bench.outbox.history.attempts(1)[0]!;
  expect(response!.length).toBeLessThanOrEqual(1_024 + 2 + 2_048);
  expect(response).toContain(head);
  expect(response).not.toContain('geheim');
});

test.each(['/hooks/T0AB12CD/x7Yp3Qk9Lm2', '/in?sig=Zk81hFq02Lx'])(
  'the path %s of the URL is not shown where a receiver echoes it',
  async (path) => {
    await using receiver = await Receiver.start((got, response) =>
      response
        .writeHead(404, { 'x-path': got.path })
        .end(JSON.stringify({ error: `Cannot POST ${got.path}`, url: got.path.replaceAll('/', '\\/') })),
    );
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url.replace('/hook', path)) } });
    bench.publish(drafts(1, 2));
    await bench.settled();
    const [letter] = bench.outbox.deadLetters.list({});
    expect(letter!.response).toContain('***');
    expect(letter!.response).not.toMatch(/x7Yp3Qk9Lm2|Zk81hFq02Lx/);
  },
);

test('a batch has the version of its events, where it is one', async () => {
  await using receiver = await Receiver.start();
  const batch = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 20, maxRecords: 2 } as const;
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { batch, concurrency: 1 }) } });
  bench.publish([
    draft(1, { version: '2' }),
    draft(2, { version: '2' }),
    draft(3, { version: '2' }),
    draft(4, { version: '3' }),
  ]);
  await bench.settled();
  expect(receiver.got.map((g) => g.headers['webhook-event-version'])).toEqual(['2', undefined]);
});
