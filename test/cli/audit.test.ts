/** `audit` as scripts use it: exit codes for proved, not proved and holes. */
import { openSqlite } from '../../src/sqlite';
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.table('STOCK');
  desk.write(`policies: { start: earliest }
tables: { ORDLIB/STOCK: { event: stock } }
`);
});
afterEach(() => desk[Symbol.asyncDispose]());

test('0 proved, 0 with what is not proved named, 5 for that with --strict, 5 for a hole, 2 for a range that is none', async () => {
  const daemon = await desk.start();
  await desk.sql('INSERT INTO ORDLIB.STOCK VALUES (1)');
  await desk.until('first', () => desk.events('stock').length === 1);
  const first = desk.value('SELECT read_receiver FROM journal_checkpoint') as string;
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await desk.sql('INSERT INTO ORDLIB.STOCK VALUES (2)');
  await desk.until('second', () => desk.events('stock').length === 2);
  const second = desk.value('SELECT read_receiver FROM journal_checkpoint') as string;
  expect(await desk.cli('audit', '--strict')).toMatchObject({
    code: 0,
    out: expect.stringContaining('complete: every'),
  });
  await daemon.stop();

  await desk.cl(`DLTJRNRCV JRNRCV(${first}) DLTOPT(*IGNINQMSG)`);
  const unproved = await desk.cli('audit');
  expect(unproved.code).toBe(0);
  expect(unproved.out).toContain(`NOT PROVED  receiver ${first} is deleted`);
  expect(unproved.out).toContain('no hole in what the partition still shows; 1 receiver not proved');
  expect(await desk.cli('audit', '--strict')).toMatchObject({ code: 5 });
  expect(await desk.json('audit')).toMatchObject({
    complete: true,
    proved: false,
    notProved: [{ receiver: first, why: 'deleted' }],
    holes: [],
  });
  expect(await desk.cli('audit', '--from', `${second}:1`, '--strict')).toMatchObject({ code: 0 });

  const db = openSqlite(desk.state);
  db.prepare('DELETE FROM ledger_stretch WHERE receiver = ?').run(second);
  db.close();
  const hole = await desk.cli('audit');
  expect(hole.code).toBe(5);
  expect(hole.out).toMatch(new RegExp(`HOLE {2}${second}:\\d+ to \\d+: \\d+ entries without a fate`));
  expect(await desk.json('audit')).toMatchObject({ complete: false, holes: [{ receiver: second, why: 'no fate' }] });

  expect((await desk.cli('audit', '--from', 'ORDLIB/NOWHERE:1')).code).toBe(2);
  expect((await desk.cli('audit', '--from', 'ORDLIB')).code).toBe(2);
});

test('a journal nothing was read from yet has no holes', async () => {
  desk.write('tables: { ORDLIB/STOCK: { event: stock } }\n');
  const daemon = await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  await desk.until('written', () => desk.value('SELECT count(*) FROM journal_checkpoint') === 1);
  await daemon.stop();
  expect(await desk.cli('audit')).toMatchObject({ code: 0, out: expect.stringContaining('0 entries') });
});
