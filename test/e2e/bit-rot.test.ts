/** Letters that change on the disk are found before they are signed. */
import * as zlib from 'node:zlib';
import { rebuiltBodies } from '../../src/deliver/bodies';
import type { PendingDelivery, StoredEvent } from '../../src/model/delivery';
import { checksum, tabled } from '../../src/outbox/pages/checksum';
import { openSqlite } from '../../src/sqlite';
import type { SqlConnection } from '../../src/transport/transport';
import { insertOrder, Receiver, Site } from './site';

jest.setTimeout(90_000);

/**
 * Pending orders whose stored remark has another letter than was captured.
 * @param more called once three are written, before the daemon stops: the rest of them
 */
async function rotten(site: Site, more?: (connection: SqlConnection) => Promise<void>): Promise<void> {
  site.config({ destinations: { out: { webhook: { url: 'http://127.0.0.1:9/', signing: 'none' } } } });
  const child = site.start(['run', '--log-level', 'debug']);
  await child.says('reading journal');
  const connection = await site.connect();
  for (const n of [1, 2, 3]) await insertOrder(connection, `30000${n}`, 'as it was');
  await pending(site, 3);
  if (more) {
    await more(connection);
    await pending(site, 4);
  }
  child.kill('SIGTERM');
  await child.ended;
  const db = openSqlite(site.state);
  const change = db.prepare('UPDATE outbox_page SET data = ? WHERE first = ?');
  for (const { first, data } of db.prepare('SELECT first, data FROM outbox_page').all() as {
    first: number;
    data: Buffer;
  }[]) {
    const at = data.indexOf('as it was');
    data[at] = 'A'.charCodeAt(0);
    change.run(data, first);
  }
  db.close();
}

async function pending(site: Site, count: number): Promise<void> {
  for (;;) {
    const status = JSON.parse((await site.cli(['status', '--json'])).stdout);
    if (status.destinations[0]?.pending === count) break;
  }
}

test('altered payloads are made again from the journal', async () => {
  await using receiver = await Receiver.open();
  await using site = await Site.open();
  await rotten(site);
  site.config({ destinations: receiver.destination });
  const child = site.start(['run']);
  await child.says('reading journal');
  await site.cli(['status']);
  await receiver.seen(3);
  expect(receiver.arrivals.map(({ event }) => event.data.after?.['remark'])).toEqual(Array(3).fill('as it was'));
  expect(child.said('stored events were altered on the disk')).toBe(true);
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);
});

test('what cannot be made again is never sent: a dead letter that says why', async () => {
  const event = { id: 'a', body: null, attemptOffset: -1, damaged: true } as unknown as StoredEvent;
  const delivery = { pos: 1, event, attempts: 0, replay: false } as unknown as PendingDelivery;
  expect(await rebuiltBodies([delivery], async () => null)).toMatchObject({
    outcomes: [{ is: 'rejected', reason: 'damaged' }],
  });
});

test('altered payloads whose receiver is deleted become dead letters that can be listed and dropped, and hold up nothing', async () => {
  await using receiver = await Receiver.open();
  await using site = await Site.open();
  await rotten(site, async (connection) => {
    await connection.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
    await insertOrder(connection, '300004', 'as it was');
  });
  const connection = await site.connect();
  await connection.execute("CALL QSYS2.QCMDEXC('DLTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) DLTOPT(*IGNINQMSG)')");
  site.config({ destinations: receiver.destination });
  const child = site.start(['run']);
  await child.says('reading journal');
  await receiver.seen(1);
  while (JSON.parse((await site.cli(['status', '--json'])).stdout).destinations[0].deadLetters < 3);
  const { stdout } = await site.cli(['dlq', 'list', '--reason', 'damaged', '--json']);
  const letters = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { no: number; id: string; table: string });
  expect(letters.map(({ id, table }) => [/-1[234]$/.test(id), table])).toEqual(Array(3).fill([true, 'ORDLIB/ORDHDR']));
  expect((await site.cli(['dlq', 'show', String(letters[0]!.no)])).code).toBe(0);
  expect((await site.cli(['dlq', 'drop', '--reason', 'damaged'])).stdout).toBe('3 dead letters dropped\n');
  expect(receiver.arrivals.map(({ event }) => event.subject)).toEqual(['300004']);
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);
});

test('the checksum is the CRC-32 of everybody, with and without help of the runtime', () => {
  const data = Buffer.from('The quick brown fox jumps over the lazy dog');
  expect([checksum(data), tabled(data), zlib.crc32(data)]).toEqual(Array(3).fill(0x414fa339));
});
