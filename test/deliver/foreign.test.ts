/** What another process queued is found on disk while the daemon goes on offering its own: each goes out once, in order. */
import { BATCH_DEFAULTS } from '../../src/deliver/options';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { Bench, hook } from './support/bench';
import { draft, idOf } from './support/drafts';
import { Receiver } from './support/receiver';

test('an event offered just after a replay by another process is not sent twice', async () => {
  await using receiver = await Receiver.start();
  const batch = { ...BATCH_DEFAULTS, mode: 'micro' as const, maxWait: 0 };
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { batch }) } });
  bench.publish([draft(0)]);
  await bench.settled();
  using other = Store.open(bench.store.db.name, [OUTBOX_SCHEMA]);
  const operator = new Outbox(other, { destinations: { crm: {} } });
  for (let n = 1; n <= 20; n++) {
    operator.requeue.replay({ id: [idOf(n - 1)] });
    bench.publish([draft(n)]);
    await bench.settled();
  }
  const counts = new Map<number, number>();
  for (const { body } of receiver.got) {
    for (const { data } of JSON.parse(body.toString()) as { data: { n: number } }[]) {
      counts.set(data.n, (counts.get(data.n) ?? 0) + 1);
    }
  }
  // the first and every replayed one twice, the last once
  expect([...counts].sort(([a], [b]) => a - b)).toEqual(Array.from({ length: 21 }, (_, n) => [n, n === 20 ? 1 : 2]));
});
