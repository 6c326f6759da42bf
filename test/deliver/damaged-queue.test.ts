/** A queue that is damaged on the disk while events wait in it: the daemon is told to end, and no event is passed over. */
import { isCoded } from '../../src/errors/coded-error';
import { openSqlite } from '../../src/sqlite';
import { Bench, hook, until } from './support/bench';
import { draft } from './support/drafts';
import { Receiver } from './support/receiver';

/** What the daemon is told by deliveries that were left on the disk, after `damage` was done to them. */
async function toldOf(damage: string, retried = false): Promise<{ code: string; sent: number }> {
  await using receiver = await Receiver.start();
  await using before = Bench.open({ webhooks: { crm: hook('http://127.0.0.1:9/') } });
  before.store.transaction(() => before.outbox.append([draft(1), draft(2), draft(3)]));
  const { outbox } = before;
  if (retried) {
    const record = { attempt: 1, at: 1, ms: 1, status: 503, signature: null, response: null, error: null, batch: 1 };
    const waiting = outbox.fresh('crm', 1, 0, 10, 1e6);
    outbox.settle(waiting.map((delivery) => ({ is: 'retry', delivery, record, dueAt: 1, pause: 1 })));
  }
  const file = before.store.db.name;
  before.store.db.pragma('wal_checkpoint(TRUNCATE)');
  const db = openSqlite(file);
  db.exec(damage);
  db.close();
  const told: unknown[] = [];
  const hooks = { fatal: (error: unknown) => void told.push(error) };
  await using bench = Bench.open({ file, webhooks: { crm: hook(receiver.url) }, hooks });
  await bench.dispatcher.start();
  await until(() => told.length > 0, 'a word of the damage', 5_000);
  return { code: isCoded(told[0]) ? told[0].code : String(told[0]), sent: receiver.got.length };
}

test('a place whose event is gone is not passed over', async () => {
  expect(await toldOf('DELETE FROM outbox_page')).toEqual({ code: 'STORE_CORRUPT', sent: 0 });
});

test('a place that was altered is not believed', async () => {
  const damage = "UPDATE outbox_ready SET bits = CAST(x'00' || substr(bits, 2) AS BLOB)";
  expect(await toldOf(damage)).toEqual({ code: 'STORE_CORRUPT', sent: 0 });
});

test.each([
  ['another event', 'UPDATE outbox_parked SET event = CASE event WHEN 1 THEN 2 ELSE 1 END'],
  ['another number of attempts', 'UPDATE outbox_parked SET attempts = attempts + 8'],
  ['an event that is gone', 'DELETE FROM outbox_page'],
])('a delivery that waits for its next attempt with %s is not sent', async (_what, damage) => {
  expect(await toldOf(damage, true)).toEqual({ code: 'STORE_CORRUPT', sent: 0 });
});
