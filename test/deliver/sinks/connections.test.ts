/** Connections of a destination, and what is under way on them. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import type { Dispatcher } from 'undici';
import { Bag, type Placed } from '../../../src/deliver/queue/swap-list';
import { type Connection, Connections } from '../../../src/deliver/sinks/webhook/dial/connections';
import { Bench, hook } from '../support/bench';
import { drafts } from '../support/drafts';

const dispatcher = (destroyed: string[], name: string) =>
  ({
    destroy: async () => {
      destroyed.push(name);
    },
  }) as unknown as Dispatcher;

test('the connection used last is taken first; never more than allowed; all of them end', async () => {
  const destroyed: string[] = [];
  let opened = 0;
  const connections = new Connections(() => dispatcher(destroyed, `c${++opened}`), 3);
  const [a, b] = [connections.take(), connections.take()];
  connections.give(a);
  connections.give(b);
  expect(connections.take()).toBe(b);
  const taken: Connection[] = [b, ...Array.from({ length: 8 }, () => connections.take())];
  expect(opened).toBe(3);
  // those that had to share are spread evenly, and each is free again only when all of its requests are through
  expect(new Set(taken).size).toBe(3);
  expect(taken.map((c) => c.requests)).toEqual(Array(9).fill(3));
  for (const connection of taken) connections.give(connection);
  expect(new Set([connections.take(), connections.take(), connections.take()]).size).toBe(3);
  expect(opened).toBe(3);
  await connections.destroy();
  expect(destroyed.sort()).toEqual(['c1', 'c2', 'c3']);
});

test('one event after the other goes over one connection, lanes side by side over one each', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.writeHead(204).end(), 1));
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    await using bench = await Bench.start({ webhooks: { crm: hook(url, { concurrency: 4 }) } });
    bench.publish(drafts(0, 30, () => ({ traceKey: 'one' })));
    await bench.settled();
    expect(sockets.size).toBe(1);
    bench.publish(drafts(30, 90));
    await bench.settled();
    expect(sockets.size).toBe(4);
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test('a bag holds what was put in and not taken out', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 200 }), (steps) => {
      const things = Array.from({ length: 21 }, (_, n): Placed & { readonly n: number } => ({ n, place: -1 }));
      const bag = new Bag<(typeof things)[number]>();
      const model = new Set<number>();
      for (const [put, n] of steps) {
        if (!put) expect(bag.remove(things[n]!)).toBe(model.delete(n));
        else if (!model.has(n)) {
          bag.add(things[n]!);
          model.add(n);
        }
        expect(new Set(bag.all().map((thing) => thing.n))).toEqual(model);
      }
    }),
  );
});
