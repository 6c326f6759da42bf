import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { LatencyHistogram } from '../../src/telemetry/latency-histogram';

const BUCKETS = [0.001, 0.1, 1, 60];

test('what it tells is what the histogram of prom-client tells', async () => {
  const seen = fc.tuple(
    fc.constantFrom('crm', 'lake'),
    fc.oneof(fc.constantFrom(0, 0.001, 0.1, 1, 60), fc.double({ min: 0, max: 100, noNaN: true })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(seen, { maxLength: 50 }), async (values) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const common = { name: 'latency_seconds', help: 'How long' };
      const mine = new LatencyHistogram({ ...common, label: 'to', buckets: BUCKETS, registry: ours });
      const judge = new Histogram({ ...common, labelNames: ['to'], buckets: BUCKETS, registers: [theirs] });
      for (const [to, seconds] of values) {
        mine.saw(to, seconds);
        judge.observe({ to }, seconds);
      }
      expect((await ours.metrics()).split('\n').sort()).toEqual((await theirs.metrics()).split('\n').sort());
      expect(await ours.metrics()).toBe(await ours.metrics());
    }),
  );
});
