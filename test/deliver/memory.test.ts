/** A dead endpoint with everything pending, beside a healthy one: what is in memory does not grow with the backlog. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BATCH_DEFAULTS } from '../../src/deliver/options';
import { MEMORY_EVENTS } from '../../src/deliver/queue/queue-window';
import { Bench, hook, until } from './support/bench';
import { drafts } from './support/drafts';
import { Receiver } from './support/receiver';

setFlagsFromString('--expose_gc');
const gc = runInNewContext('gc') as () => void;

async function heapMb(): Promise<number> {
  gc();
  // array buffers are let go by finalizers, after the first collection
  await new Promise((done) => setImmediate(done));
  gc();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return (heapUsed + external + arrayBuffers) / 1e6;
}

test('50,000 events pending for a dead endpoint, all delivered to the healthy one, memory flat, also after a restart', async () => {
  await using good = await Receiver.start((_got, response) => response.writeHead(204).end());
  const batch = { ...BATCH_DEFAULTS, mode: 'micro' as const, maxWait: 0, maxRecords: 500 };
  const webhooks = {
    good: hook(good.url, { batch, concurrency: 4 }),
    dead: hook('http://127.0.0.1:9/', { concurrency: 8 }),
  };
  const total = 50_000;
  let delivered = 0;
  await using bench = await Bench.start({
    webhooks,
    hooks: {
      delivered: (destination) => {
        if (destination === 'good') delivered++;
        // the receiver's memory is not what is measured
        good.got.length = 0;
      },
    },
  });
  const publish = async (upTo: number, from: number): Promise<void> => {
    for (let n = from; n < upTo; n += 1000) {
      bench.publish(drafts(n, n + 1000, () => ({ destinations: ['good', 'dead'] })));
      await new Promise((done) => setImmediate(done));
    }
    await until(() => delivered === upTo, `${upTo} deliveries`, 50_000);
  };
  await publish(10_000, 0);
  const before = await heapMb();
  await publish(total, 10_000);
  expect((await heapMb()) - before).toBeLessThan(15);
  expect(bench.dispatcher.status()['dead']!.inMemory).toBeLessThanOrEqual(MEMORY_EVENTS);
  const backlog = (): number => {
    const dead = bench.outbox.history.backlog().find((b) => b.destination === 'dead')!;
    return dead.ready + dead.parked;
  };
  expect(backlog()).toBe(total);
  await bench.dispatcher.stop(100);
  const again = new Bench(bench.store, { webhooks }, null);
  await again.dispatcher.start();
  await until(() => again.dispatcher.status()['dead']!.inMemory > 0, 'the backlog to be read');
  expect((await heapMb()) - before).toBeLessThan(20);
  expect(again.dispatcher.status()['dead']!.inMemory).toBeLessThanOrEqual(MEMORY_EVENTS);
  await again.dispatcher.stop(100);
  expect(backlog()).toBe(total);
}, 120_000);
