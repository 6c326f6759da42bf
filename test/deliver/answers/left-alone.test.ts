/** Once a head that asks for a pause has been read, no request starts: on no connection, whatever it was waiting for. */
import type { Socket } from 'node:net';
import { Bench, hook, until } from '../support/bench';
import { draft, drafts, idOf } from '../support/drafts';
import { TunnelProxy } from '../support/proxy';
import { answer, rawReceiver } from '../support/raw-receiver';

const ASKED_MS = 1_000;
/** Timers may fire a little early on a clock that is read elsewhere. */
const SLACK = 20;
const HEADS = {
  429: 'HTTP/1.1 429 Slow\r\nretry-after: 1\r\n',
  503: 'HTTP/1.1 503 Busy\r\nretry-after: 1\r\n',
  204: 'HTTP/1.1 200 Last\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1\r\n',
};
const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 30));

test.each(Object.entries(HEADS))(
  '%s whose body does not come: the others hear of it at once, and it counts once',
  async (_status, head) => {
    const sockets: Socket[] = [];
    let from = 0;
    await using receiver = await rawReceiver((socket, n) => {
      if (n > 2) return socket.write(answer(204));
      sockets.push(socket);
      return undefined;
    });
    await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { concurrency: 2 }) } });
    bench.publish(drafts(0, 6));
    await until(() => sockets.length === 2, 'two requests');
    from = performance.now();
    sockets[0]!.write(`${head}content-length: 10\r\n\r\n01234`);
    await soon();
    sockets[1]!.write(answer(204));
    await until(() => receiver.requests.length > 2, 'the end of the pause');
    expect(receiver.requests[2]!.at - from).toBeGreaterThanOrEqual(ASKED_MS - SLACK);
    await until(() => bench.pending() === 1, 'the others');
    sockets[0]!.write('56789');
    const seen = receiver.requests.length;
    await soon();
    // the pause is over when the rest of the answer comes: it does not begin anew, only the event itself waits once more
    bench.publish(drafts(6, 10));
    await bench.settled();
    const last = receiver.requests.slice(seen).map(({ body }) => JSON.parse(body).id as string);
    expect(new Set(last.slice(0, 4))).toEqual(new Set([6, 7, 8, 9].map(idOf)));
    expect(bench.outbox.deadLetters.count()).toBe(0);
  },
);

test('a request whose kept connection breaks during a pause is not repeated at once', async () => {
  let held: Socket | null = null;
  let from = Number.POSITIVE_INFINITY;
  await using receiver = await rawReceiver(async (socket, n) => {
    if (n === 2) held = socket;
    else if (n === 3) {
      from = performance.now();
      socket.write(answer(429, { 'retry-after': '1' }));
      await soon();
      held!.resetAndDestroy();
    } else socket.write(answer(204));
  });
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { concurrency: 2 }) } });
  bench.publish([draft(1)]);
  await bench.settled();
  bench.publish(drafts(2, 4));
  await bench.settled();
  expect(receiver.requests.map(({ connection }) => connection).slice(0, 3)).toEqual([1, 1, 2]);
  expect(receiver.requests[3]!.at - from).toBeGreaterThanOrEqual(ASKED_MS - SLACK);
});

test('a request whose connection is made during a pause waits, and no attempt is counted', async () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => {
    open = done;
  });
  let from = Number.POSITIVE_INFINITY;
  await using receiver = await rawReceiver(async (socket, n) => {
    if (n > 1) return socket.write(answer(204));
    from = performance.now();
    socket.write(answer(429, { 'retry-after': '1' }));
    await soon();
    return open();
  });
  await using proxy = await TunnelProxy.start((nth) => (nth === 2 ? opened : Promise.resolve()));
  const options = hook(receiver.url, { concurrency: 2, proxy: proxy.url });
  await using bench = await Bench.start({ webhooks: { crm: options } });
  bench.publish(drafts(0, 2));
  await bench.settled();
  expect(receiver.requests).toHaveLength(3);
  expect(receiver.requests[1]!.at - from).toBeGreaterThanOrEqual(ASKED_MS - SLACK);
  const attempts = [1, 2].map((pos) => bench.outbox.history.attempts(pos).map(({ outcome }) => outcome));
  expect(attempts.sort((a, b) => a.length - b.length)).toEqual([['delivered'], ['retry', 'delivered']]);
});
