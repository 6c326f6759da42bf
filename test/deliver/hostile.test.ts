/** A receiver that behaves badly: nothing lost, order per lane kept, every request ends. */

import type { Socket } from 'node:net';
import { Dice, seedOf } from '../support/dice';
import { Bench, hook, QUICK, until } from './support/bench';
import { draft, drafts, idOf } from './support/drafts';
import { rawReceiver } from './support/raw-receiver';
import { type Got, Receiver } from './support/receiver';

const PATIENT = { ...QUICK, schedule: Array(60).fill(15), cap: 60_000 };

const OK = 'HTTP/1.1 204 No Content\r\n\r\n';
const MISBEHAVIOURS: [string, (socket: Socket) => void, RegExp][] = [
  ['reset after the request', (s) => s.resetAndDestroy(), /reset|closed|socket|ECONNRESET/i],
  ['closed without an answer', (s) => s.end(), /closed|socket|reset/i],
  ['half a status line', (s) => s.end('HTTP/1.1 2'), /.+/],
  ['no HTTP at all', (s) => s.end('hello\r\n\r\n'), /.+/],
  ['a stall before the head', () => undefined, /within 150 ms|timeout/i],
  ['half a head, then nothing', (s) => s.write('HTTP/1.1 200 OK\r\ncontent-le'), /within 150 ms|timeout/i],
  ['a head that drips', (s) => drip(s), /within 150 ms|timeout/i],
  ['a body longer than announced', (s) => s.end('HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nabcdef'), /.+/],
];

function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket.write('x-drip: 1\r\n'), 10);
  socket.on('close', () => clearInterval(timer));
}

test.each(MISBEHAVIOURS)(
  '%s: tried again, then delivered; the log says what happened',
  async (_name, misbehave, error) => {
    await using receiver = await rawReceiver((socket, n) => (n <= 3 ? misbehave(socket) : socket.write(OK)));
    const timeouts = { connect: 1000, response: 150 };
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { timeouts, retry: PATIENT }) } });
    bench.publish(drafts(0, 3, () => ({ traceKey: 'k' })));
    await bench.settled();
    expect(bench.outbox.deadLetters.count()).toBe(0);
    const [first] = bench.outbox.history.attempts(1);
    expect(first!.outcome).toBe('retry');
    expect(first!.error ?? `status ${first!.status}`).toMatch(error);
  },
);

test('200 after the timeout: the event comes again under the same id', async () => {
  const late: (() => void)[] = [];
  await using receiver = await Receiver.start((_got, response, n) => {
    if (n === 1) late.push(() => response.writeHead(200).end());
    else response.writeHead(200).end();
  });
  const timeouts = { connect: 1000, response: 100 };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { timeouts, retry: PATIENT }) } });
  bench.publish([draft(1)]);
  await receiver.until(() => receiver.got.length === 2, 'the repeat');
  for (const answer of late) answer();
  await bench.settled();
  expect(receiver.got.map((g) => g.headers['webhook-id'])).toEqual([idOf(1), idOf(1)]);
});

test('429 with Retry-After holds the whole endpoint that long and uses up no attempt', async () => {
  await using receiver = await Receiver.start((_got, response, n) => {
    if (n <= 2) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.writeHead(204).end();
  });
  const retry = { ...QUICK, schedule: [0, 10_000] };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { retry, concurrency: 1 }) } });
  bench.publish(drafts(0, 5));
  await bench.settled();
  const at = receiver.got.map((g) => g.at);
  expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(990);
  expect(at[2]! - at[1]!).toBeGreaterThanOrEqual(990);
  expect(bench.outbox.deadLetters.count()).toBe(0);
});

test('a date in Retry-After is understood', async () => {
  await using receiver = await Receiver.start((_got, response, n) => {
    if (n === 1) response.writeHead(503, { 'retry-after': new Date(Date.now() + 2000).toUTCString() }).end();
    else response.writeHead(204).end();
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(receiver.got[1]!.at - receiver.got[0]!.at).toBeGreaterThanOrEqual(900);
});

test('X-RateLimit-Remaining: 0 waits for the reset', async () => {
  await using receiver = await Receiver.start((_got, response, n) => {
    response.writeHead(204, n === 1 ? { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' } : {}).end();
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { concurrency: 1 }) } });
  bench.publish(drafts(0, 3));
  await bench.settled();
  expect(receiver.got[1]!.at - receiver.got[0]!.at).toBeGreaterThanOrEqual(990);
});

test.each([301, 302, 307, 308])('%i is never followed, and is a dead letter', async (status) => {
  await using elsewhere = await Receiver.start();
  await using receiver = await Receiver.start((_got, response) => {
    response.writeHead(status, { location: elsewhere.url }).end();
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(elsewhere.got).toHaveLength(0);
  expect(bench.outbox.deadLetters.list({})[0]).toMatchObject({ reason: `http-${status}`, attempts: 1 });
});

test('a huge reply is cut, not read', async () => {
  let written = 0;
  await using receiver = await Receiver.start((_got, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(65_536, 0x61);
    const more = (): void => {
      while (written < 200_000_000 && !response.destroyed && response.write(chunk)) written += chunk.length;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { maxResponseBytes: 1000 }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  expect(written).toBeLessThan(50_000_000);
  expect(bench.outbox.history.attempts(1)[0]!.response!.length).toBeLessThanOrEqual(1000);
});

test('a burst of 500 at everything opens the circuit; probes find the way back; nothing is lost, order is kept', async () => {
  let down = true;
  await using receiver = await Receiver.start((_got, response) => response.writeHead(down ? 500 : 204).end());
  const states: number[] = [];
  await using bench = await Bench.start({
    webhooks: {
      crm: hook(receiver.url, { retry: PATIENT, concurrency: 8, circuitBreaker: { failures: 10, probeEvery: 30 } }),
    },
    hooks: { breaker: (_destination, state) => states.push(state) },
  });
  bench.publish(drafts(0, 500, (n) => ({ traceKey: `k${n % 20}` })));
  await until(() => states.includes(2), 'the circuit to open');
  const before = receiver.got.length;
  await receiver.until(() => receiver.got.length >= before + 3, 'three probes');
  // a closed endpoint is asked now and then, not by every lane
  expect(receiver.got.length).toBeLessThan(100);
  down = false;
  await bench.settled();
  expect(states.at(-1)).toBe(0);
  expectEachOnceAndInOrder(receiver.got.slice(-500), 500);
  expect(bench.outbox.deadLetters.count()).toBe(0);
});

test('410 stops the destination, keeps everything, and goes on when told', async () => {
  let gone = true;
  await using receiver = await Receiver.start((_got, response) => response.writeHead(gone ? 410 : 204).end());
  let disabled = '';
  await using bench = await Bench.start({
    webhooks: { crm: hook(receiver.url, { concurrency: 1 }) },
    hooks: {
      disabled: (_destination, why) => {
        disabled = why;
      },
    },
  });
  bench.publish(drafts(0, 10, () => ({ traceKey: 'k' })));
  await until(() => disabled !== '', 'the destination to be disabled');
  expect(receiver.got).toHaveLength(1);
  expect(bench.pending()).toBe(10);
  expect(bench.dispatcher.status()['crm']!.state).toBe('disabled');
  gone = false;
  bench.dispatcher.resume('crm');
  await bench.settled();
  expect(receiver.got.slice(1).map((g) => g.json.data.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('random failures of every kind: nothing lost, order per lane, repeats under the same id', async () => {
  const seed = seedOf('SEED');
  const dice = new Dice(seed);
  const accepted: Got[] = [];
  await using receiver = await Receiver.start((got, response) => {
    const way = dice.next();
    if (way < 0.1) return void response.socket?.destroy();
    if (way < 0.25) return void response.writeHead(dice.one([500, 502, 429, 408])).end();
    if (way < 0.3) return undefined;
    accepted.push(got);
    if (way < 0.35) return void response.socket?.destroy();
    return void response.writeHead(200).end();
  });
  const timeouts = { connect: 1000, response: 60 };
  const options = {
    timeouts,
    retry: PATIENT,
    concurrency: 16,
    circuitBreaker: { failures: 20, probeEvery: 20 },
    adaptive: false,
  };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, options) } });
  for (let n = 0; n < 600; n += 50) bench.publish(drafts(n, n + 50, (i) => ({ traceKey: `k${i % 30}` })));
  await bench.settled(50_000).catch((error) => {
    throw new Error(`seed ${seed}: ${error}`);
  });
  if (bench.outbox.deadLetters.count() > 0) throw new Error(`seed ${seed}: dead letters`);
  expectEachOnceAndInOrder(accepted, 600);
});

/** Repeats allowed: the first appearances of each key must be in order. */
function expectEachOnceAndInOrder(got: readonly Got[], total: number): void {
  const newest = new Map<string, number>();
  const seen = new Set<number>();
  for (const { json } of got) {
    const { n } = json.data;
    if (seen.has(n)) continue;
    const key = `${n % (total === 500 ? 20 : 30)}`;
    expect(n).toBeGreaterThan(newest.get(key) ?? -1);
    newest.set(key, n);
    seen.add(n);
  }
  expect(seen.size).toBe(total);
}
