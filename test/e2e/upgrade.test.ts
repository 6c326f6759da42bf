/** A state file that version 0.1.0 left behind (fixtures/state): opened, brought up to date, and gone on with without loss. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import expected from '../../fixtures/state/0.1.0.json';
import { insertOrder, Receiver, type SeenEvent, Site } from './site';

jest.setTimeout(90_000);

const FIXTURE = join(__dirname, '../../fixtures/state/0.1.0.sqlite');
const ORDERS = expected.events.filter((e) => e.type === 'order.created');
/** The checkpoint of the file. */
const READ = 14;

const hook = (receiver: Receiver): unknown => receiver.destination['out'];
const ids = (receiver: Receiver): string[] => receiver.arrivals.map(({ event }) => event.id);
const seenBy = (receiver: Receiver, subject: string): SeenEvent[] =>
  receiver.arrivals.map(({ event }) => event).filter((e) => e.subject === subject);

test('what waits is delivered, what is dead can be retried, what is done stays done, capture and window go on', async () => {
  await using ok = await Receiver.open();
  await using refuse = await Receiver.open();
  await using down = await Receiver.open();
  await using site = await Site.open();
  const connection = await site.connect();
  await connection.execute('CREATE TABLE ORDLIB.WINTAB (ID INTEGER NOT NULL PRIMARY KEY)');
  for (const id of [1, 2, 3]) await connection.execute(`INSERT INTO ORDLIB.WINTAB VALUES (${id})`);
  // the journal of then, and one order that was written while the old daemon was down
  for (const n of [1, 2, 3]) await insertOrder(connection, `30000${n}`, 'of 0.1.0');
  await insertOrder(connection, '300004', 'between');
  mkdirSync(dirname(site.state), { recursive: true });
  copyFileSync(FIXTURE, site.state);
  site.config({
    destinations: { ok: hook(ok), refuse: hook(refuse), down: hook(down) },
    tables: {
      'ORDLIB/ORDHDR': {
        event: 'order',
        key: ['ORDNO'],
        columns: { ORDNO: 'orderNumber', REMARK: 'remark' },
        to: ['ok', 'refuse', 'down'],
      },
      'ORDLIB/WINTAB': {
        event: 'window',
        to: ['ok'],
        capture: { window: { by: ['ID'], every: '200ms', start: 'all' } },
      },
    },
  });
  const before = JSON.parse((await site.cli(['status', '--json'])).stdout);
  expect(before.journals).toMatchObject([{ read: `ORDLIB/ORDRCV0001:${READ}`, resume: `ORDLIB/ORDRCV0001:${READ}` }]);
  expect(before.destinations).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ destination: 'ok', pending: 0, deadLetters: 0 }),
      expect.objectContaining({ destination: 'refuse', pending: 0, deadLetters: 3 }),
      expect.objectContaining({ destination: 'down', pending: 3, deadLetters: 0 }),
    ]),
  );
  const child = site.start(['run']);
  await child.says(`"from":"ORDLIB/ORDRCV0001:${READ}"`);
  await down.seen(4);
  await insertOrder(connection, '300005', 'after');
  await down.seen(5);
  expect(ids(down).slice(0, 3).sort()).toEqual(ORDERS.map((e) => e.id));
  expect((await site.cli(['dlq', 'retry', '--all'])).stdout).toBe('3 dead letters queued\n');
  await refuse.seen(5);
  expect(ids(refuse)).toEqual(expect.arrayContaining(ORDERS.map((e) => e.id)));
  while (seenBy(ok, '3').length === 0 || seenBy(ok, '300005').length === 0) await ok.seen(ok.arrivals.length + 1);
  // the window knows what it had told: 3 is new
  expect(seenBy(ok, '3')[0]!.type).toBe('window.created');
  // the overlap of a window is told again after an upgrade, the journal is not
  expect(ids(ok).filter((id) => ORDERS.some((e) => e.id === id))).toEqual([]);
  for (const receiver of [ok, refuse, down])
    for (const order of ['300004', '300005']) expect(seenBy(receiver, order)).toHaveLength(1);
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);
});
