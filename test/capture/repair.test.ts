/**
 * After a backfill of the whole table the receiver's copy is the table: rows that went back to what they were, rows that came
 * and rows that went while nothing was seen. Judged by a receiver's copy against a SELECT.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CopyReceiver } from '../support/copy-receiver';
import { Desk } from '../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
let receiver: CopyReceiver;
beforeEach(async () => {
  desk = await Desk.open();
  receiver = await CopyReceiver.open();
  await desk.sql('CREATE TABLE ORDLIB.ABA (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(1) NOT NULL)');
  await journal();
  for (const id of [1, 2, 3, 4]) await desk.sql(`INSERT INTO ORDLIB.ABA VALUES (${id}, 'A')`);
});
afterEach(async () => {
  await desk[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const journal = () => desk.cl('STRJRNPF FILE(ORDLIB/ABA) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');

function write(policies: string, table = 'onDelete: delete'): void {
  desk.write(`policies: { ${policies} }
tables: { ORDLIB/ABA: { event: aba, ${table}, to: [out] } }
`);
  const webhook = `out: { webhook: { url: "${receiver.url}", signing: none } }`;
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('out: { stdout: {} }', webhook));
}

async function rows(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const result = await desk.admin.query('SELECT ID, V FROM ORDLIB.ABA ORDER BY ID');
  for await (const block of result.blocks())
    for (const [id, v] of block) found[`{"ID":${id}}`] = { ID: Number(id), V: String(v).trim() };
  return found;
}

const equal = async (): Promise<boolean> => JSON.stringify(receiver.copy('aba')) === JSON.stringify(await rows());

/** The stream: everything read once, then row 1 goes from A to B. */
async function beginning(): Promise<void> {
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'B' WHERE ID = 1");
  await desk.until('B', () => JSON.stringify(receiver.copy('aba')).includes('"B"'));
  expect(receiver.copy('aba')).toEqual(await rows());
}

/** What nobody sees: 1 goes back to A, 2 goes away, 5 comes, 3 goes and comes back. */
async function unseen(): Promise<void> {
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'A' WHERE ID = 1");
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID IN (2, 3)');
  await desk.sql("INSERT INTO ORDLIB.ABA VALUES (5, 'A')");
  await desk.sql("INSERT INTO ORDLIB.ABA VALUES (3, 'C')");
}

async function settled(): Promise<void> {
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  await desk.until('delivered', () => desk.value("SELECT count(*) FROM backfill_job WHERE state <> 'done'") === 0);
  const end = Date.now() + 20_000;
  while (!(await equal()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(receiver.copy('aba')).toEqual(await rows());
}

test('journaling ended and began again, unseenChanges: backfill', async () => {
  write('unseenChanges: backfill');
  await desk.start();
  await beginning();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await unseen();
  await journal();
  await settled();
  const gone = receiver.events.filter((e) => e.type === 'aba.deleted');
  expect(gone.map((e) => [e.subject, e.data.meta.mode, e.data.before, e.data.after])).toEqual([
    ['2', 'backfill', null, null],
  ]); // prettier-ignore
  expect(gone[0]!.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  // and once told, it is not told again
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  expect(receiver.events.filter((e) => e.type === 'aba.deleted')).toHaveLength(1);
});

test('a lost position, positionLost: backfill', async () => {
  write('positionLost: backfill');
  const daemon = await desk.start();
  await beginning();
  await daemon.stop();
  const name = desk.value('SELECT read_receiver FROM journal_checkpoint') as string;
  await unseen();
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await desk.cl(`DLTJRNRCV JRNRCV(${name}) DLTOPT(*IGNINQMSG)`);
  await desk.start();
  await settled();
});

test('an operator’s backfill without a daemon, and one through the daemon', async () => {
  write('unseenChanges: alert');
  let daemon = await desk.start();
  await beginning();
  await daemon.stop();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await unseen();
  await journal();
  const alone = await desk.json('backfill', '--table', 'ORDLIB/ABA');
  expect(alone).toMatchObject({ state: 'done', rowsRead: 4, published: 5, deleted: 1, pending: 0 });
  expect(receiver.copy('aba')).toEqual(await rows());
  daemon = await desk.start();
  await desk.until('the gap is seen', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  expect((await desk.cli('backfill', '--table', 'ORDLIB/ABA')).out).toContain('4 rows read, 4 published\n');
  await settled();
});

test('a backfill after a restart, while nothing comes into the journal', async () => {
  write('unseenChanges: alert');
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  // the journal was read to its end, and nothing is added to it from here on
  await daemon.stop();
  await desk.start();
  const again = desk.cli('backfill', '--table', 'ORDLIB/ABA');
  await desk.until('done', () => desk.value("SELECT count(*) FROM backfill_job WHERE state = 'done'") === 2);
  expect((await again).out).toContain('4 rows read, 4 published\n');
});

test('a deletion that stands for an update, and one nobody is told of', async () => {
  write('unseenChanges: backfill', 'onDelete: { update: { set: { V: gone } } }');
  const daemon = await desk.start();
  await beginning();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID = 2');
  await journal();
  await desk.until('told', () => receiver.events.some((e) => e.subject === '2' && e.data.after?.['V'] === 'gone'));
  await daemon.stop();

  write('unseenChanges: backfill', 'onDelete: ignore');
  await desk.start();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID = 3');
  await journal();
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID = 4');
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  await desk.until('one key left', () => held() === 1);
  expect(receiver.events.filter((e) => e.type === 'aba.deleted')).toEqual([]);
});

/** Keys remembered, whether folded or still in the log. */
const held = (): unknown =>
  desk.value(
    'SELECT CASE WHEN (SELECT count(*) FROM remember_log) > 0 THEN -1 ELSE (SELECT count(*) FROM remember_key) END',
  );

test('remember: false keeps nothing and tells of no deletion', async () => {
  write('unseenChanges: backfill', 'onDelete: delete, remember: false');
  await desk.start();
  await beginning();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID = 2');
  await journal();
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  expect(desk.value('SELECT count(*) FROM remember_key')).toBe(0);
  expect(desk.value('SELECT count(*) FROM remember_log')).toBe(0);
  expect(receiver.events.filter((e) => e.type === 'aba.deleted')).toEqual([]);
});
