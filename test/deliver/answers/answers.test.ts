/** What an answer is, and what it says of which event. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { BATCH_DEFAULTS, type RetryOptions, type WebhookOptions } from '../../../src/deliver/options';
import { Bench, hook, QUICK } from '../support/bench';
import { draft, drafts, idOf } from '../support/drafts';
import { answer, type Behave, rawReceiver } from '../support/raw-receiver';
import { Receiver } from '../support/receiver';

const ONCE = { ...QUICK, schedule: [0] };
const OK_BODY = { status: ['2xx'] as const, body: { path: 'ok', equals: true } };

/** How the one attempt at one event ended: `delivered`, or why not. */
async function attempt(behave: Behave, given: Partial<WebhookOptions> = {}) {
  await using receiver = await rawReceiver(behave);
  const timeouts = { connect: 1_000, response: 400 };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { retry: ONCE, timeouts, ...given }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  const [letter] = bench.outbox.deadLetters.list({});
  const { requests } = receiver;
  return {
    said: letter?.message ?? 'delivered',
    reason: letter?.reason,
    requests: requests.length,
    first: requests[0]!,
  };
}

describe('a whole 2xx head is an answer when nothing is asked of the body', () => {
  test.each<[string, string, 'end' | 'reset' | 'stay']>([
    ['204 with a length and a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}', 'stay'],
    ['a body that ends early', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab', 'end'],
    ['a reset in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab', 'reset'],
    ['a stall in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nab', 'stay'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'stay'],
    ['chunks that end early', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', 'end'],
    ['100 before it, unasked', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'stay'],
    [
      'interim answers of every kind before it',
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\nX-A: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 100 \r\n\r\nHTTP/1.1 204 OK\r\n\r\n',
      'stay',
    ],
  ])('%s', async (_name, bytes, then) => {
    const { said, requests } = await attempt((socket) => {
      if (then === 'end') socket.end(bytes);
      else socket.write(bytes, () => then === 'reset' && setTimeout(() => socket.resetAndDestroy(), 30));
    });
    expect({ said, requests }).toEqual({ said: 'delivered', requests: 1 });
  });

  test('whatever byte the answer is cut at, it is delivered from the end of its head on, and sent once', async () => {
    const head = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\nX-A: b\r\n\r\n';
    const bytes = `${head}{"a":1}`;
    const cuts = Array.from({ length: bytes.length }, (_, i) => i);
    await using receiver = await rawReceiver((socket, _n, { body }) => {
      const { n } = JSON.parse(Buffer.from(body, 'latin1').toString()).data;
      socket.end(bytes.slice(0, n));
    });
    const circuitBreaker = { failures: 1_000, probeEvery: 1_000 };
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { retry: ONCE, circuitBreaker }) } });
    bench.publish(cuts.map((n) => draft(n)));
    await bench.settled();
    expect(receiver.requests).toHaveLength(cuts.length);
    const dead = bench.outbox.deadLetters.list({}, 0, 1000).map((letter) => letter.event.id);
    expect(new Set(dead)).toEqual(new Set(cuts.filter((n) => n < head.length).map(idOf)));
  });
});

test('interim answers byte by byte', async () => {
  const bytes = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}';
  const { said, requests } = await attempt(
    (socket) => {
      let i = 0;
      const next = (): void => {
        if (i < bytes.length) socket.write(bytes[i++]!, () => setImmediate(next));
      };
      next();
    },
    { success: OK_BODY, timeouts: { connect: 1_000, response: 5_000 } },
  );
  expect({ said, requests }).toEqual({ said: 'delivered', requests: 1 });
});

test('a body that begins like an interim answer is a body', async () => {
  const text = 'HTTP/1.1 100 Continue\r\n\r\n';
  await using receiver = await rawReceiver((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n`, () =>
      setTimeout(() => socket.write(text), 20),
    );
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(bench.outbox.history.attempts(1)[0]!.response).toContain(text);
});

describe('nothing is sent twice within one attempt', () => {
  test.each<[string, Behave]>([
    ['a new connection that is reset', (socket) => socket.resetAndDestroy()],
    ['a new connection that is closed', (socket) => socket.end()],
    ['half a head', (socket) => socket.end('HTTP/1.1 200 OK\r\nCont')],
  ])('%s', async (_name, behave) => {
    expect((await attempt(behave)).requests).toBe(1);
  });

  test('a kept connection that was closed meanwhile is replaced; one that has begun to answer is not', async () => {
    await using receiver = await rawReceiver((socket, n) => {
      if (n === 2) socket.destroy();
      else if (n === 4) socket.end('HTTP/1.1 20');
      else socket.write(answer(204));
    });
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { retry: ONCE, concurrency: 1 }) } });
    for (const n of [1, 2, 3]) {
      bench.publish([draft(n)]);
      await bench.settled();
    }
    // the second event went out twice, the third once
    expect(receiver.requests).toHaveLength(4);
    expect(receiver.connections()).toBe(2);
    expect(bench.outbox.deadLetters.list({}).map((letter) => letter.event.id)).toEqual([idOf(3)]);
  });
});

test.each([20, 40, 63])('a head of %d KB is read', async (kilobytes) => {
  const policy = { 'content-security-policy': 'x'.repeat(kilobytes * 1024) };
  expect((await attempt((socket) => socket.write(answer(200, policy)))).said).toBe('delivered');
});

describe('what is asked of the body', () => {
  const yes = '{"ok":true}';
  const send =
    (headers: Record<string, string>, body: Buffer): Behave =>
    (socket) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 200 OK\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    };
  const coded = (coding: string, body: Buffer): Behave => send({ 'Content-Encoding': coding }, body);

  test('no coding is asked for', async () => {
    const { first } = await attempt(send({}, Buffer.from(yes)), { success: OK_BODY });
    expect(first.text).toMatch(/\r\naccept-encoding: identity\r\n/i);
  });

  test.each<[string, Behave]>([
    ['gzip', coded('gzip', gzipSync(yes))],
    ['x-gzip', coded('X-GZIP', gzipSync(yes))],
    ['deflate', coded('deflate', deflateSync(yes))],
    ['deflate without its frame', coded('deflate', deflateRawSync(yes))],
    ['br', coded('br', brotliCompressSync(yes))],
    ['two of them', coded('gzip, br', brotliCompressSync(gzipSync(yes)))],
    ['identity', coded('identity', Buffer.from(yes))],
    ['a byte order mark', send({}, Buffer.from(`\ufeff${yes}`))],
    ['UTF-16', send({}, Buffer.from(`\ufeff${yes}`, 'utf16le'))],
  ])('%s is read', async (_name, behave) => {
    expect((await attempt(behave, { success: OK_BODY })).said).toBe('delivered');
  });

  test.each<[string, Behave, RegExp]>([
    [
      'longer than the limit',
      send({}, Buffer.from(`{"ok":true,"pad":"${'x'.repeat(70_000)}"}`)),
      /longer than the 65536 bytes of maxResponseBytes/,
    ],
    ['no JSON', send({}, Buffer.from('<html>')), /is no JSON/],
    ['nothing', send({}, Buffer.alloc(0)), /is empty/],
    ['not what it says', coded('gzip', Buffer.from(yes)), /is not the gzip it says it is/],
    ['a coding nobody asked for', coded('zstd', Buffer.from(yes)), /content coding zstd/],
    ['a bomb', coded('gzip', gzipSync(Buffer.alloc(50_000_000, 0x20))), /longer than 65536 bytes when decompressed/],
    ['a bomb in a bomb', coded('gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000, 0x20)))), /when decompressed/],
    ['broken off', (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n${yes}`), /broke off/],
  ])('%s: a reason of its own, and no refusal', async (_name, behave, why) => {
    const { said, reason } = await attempt(behave, { success: OK_BODY });
    expect(said).toMatch(/^the receiver answered 200, but what it says of the event cannot be read: /);
    expect(said).toMatch(why);
    // tried as often as the schedule says
    expect(reason).toBe('exhausted');
  });

  test('a no that can be read is told as before', async () => {
    const { said } = await attempt(send({}, Buffer.from('{"ok":false}')), { success: OK_BODY });
    expect(said).toMatch(/but ok in its reply is not as success\.body expects/);
  });

  test('what was coded is readable in the delivery log', async () => {
    await using receiver = await rawReceiver(coded('gzip', gzipSync('{"note":"fine"}')));
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
    bench.publish([draft(1)]);
    await bench.settled();
    expect(bench.outbox.history.attempts(1)[0]!.response).toMatch(/\n\n\{"note":"fine"\}$/);
  });
});

describe('results of items', () => {
  interface Item {
    readonly id: string;
  }
  const batch = { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 50, maxRecords: 4, itemResults: 'results' } as const;

  /** Ids of events that are settled as delivered after one request, and how many requests there were. */
  async function results(of: (items: readonly Item[]) => unknown, retry: RetryOptions = ONCE) {
    await using receiver = await Receiver.start((got, response) => {
      response.end(JSON.stringify({ results: of(JSON.parse(got.body.toString())) }));
    });
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { batch, retry }) } });
    bench.publish(drafts(0, 4));
    await bench.settled();
    const dead = new Map(bench.outbox.deadLetters.list({}).map((letter) => [letter.event.id, letter.message]));
    return { dead, delivered: [0, 1, 2, 3].map(idOf).filter((id) => !dead.has(id)), got: receiver.got };
  }

  test('by id, whatever their order; an event the reply does not speak of is not delivered', async () => {
    const { delivered, dead } = await results((items) =>
      items
        .filter((_, i) => i !== 1)
        .map(({ id }) => ({ id, status: 200 }))
        .reverse(),
    );
    expect(delivered).toEqual([0, 2, 3].map(idOf));
    expect(dead.get(idOf(1))).toBe('the reply says nothing of this event');
  });

  test('an event left out comes again and is delivered then', async () => {
    const { dead, got } = await results(
      (items) => items.filter((_, i) => items.length === 1 || i !== 1).map(({ id }) => ({ id, status: 200 })),
      QUICK,
    );
    expect(dead.size).toBe(0);
    expect(got).toHaveLength(2);
  });

  test('by place where no result has an id and there is one for each', async () => {
    const { delivered, dead } = await results((items) => items.map((_, i) => ({ status: i === 2 ? 422 : 201 })));
    expect(delivered).toEqual([0, 1, 3].map(idOf));
    expect(dead.get(idOf(2))).toMatch(/answered 422 for this event/);
  });

  test('where some have ids, those without speak of nothing', async () => {
    const { delivered } = await results((items) =>
      items.map(({ id }, i) => (i < 2 ? { id, status: 200 } : { status: 200 })),
    );
    expect(delivered).toEqual([0, 1].map(idOf));
  });

  test.each<[string, (items: readonly Item[]) => unknown]>([
    ['fewer than events', (items) => items.slice(1).map(() => 200)],
    ['more than events', (items) => [...items, 1].map(() => 200)],
    ['ids of others', (items) => items.map((_, i) => ({ id: `x${i}`, status: 200 }))],
    [
      'two answers for one',
      (items) =>
        items.flatMap(({ id }) => [
          { id, status: 200 },
          { id, status: 500 },
        ]),
    ],
    ['numbers that are no status', (items) => items.map(() => 1)],
    ['200 and no in one breath', (items) => items.map(({ id }) => ({ id, status: 200, success: false }))],
    ['no array', () => ({ ok: true })],
  ])('%s: nothing is delivered', async (_name, of) => {
    expect((await results(of)).delivered).toEqual([]);
  });

  test('a reply longer than maxResponseBytes is read as far as items need it', async () => {
    const pad = 'x'.repeat(18_000);
    expect((await results((items) => items.map(({ id }) => ({ id, status: 200, pad })))).dead.size).toBe(0);
  });
});
