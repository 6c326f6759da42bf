/**
 * Random histories, replayed by processes that are killed with SIGKILL inside and behind their transactions and go on: every
 * event of the range once, in the order of its key, as a fresh daemon and as a replay that nobody disturbed send it.
 */
import type { SqlConnection } from '../../src/transport/transport';
import { Dice, seedOf } from '../support/dice';
import { byKey, type Got, once, ReplaySite } from './site';

jest.setTimeout(240_000);

const tables = (to: string): string => `policies: { start: earliest }
tables:
  ORDLIB/MARK: { event: mark, key: [ID]${to} }
  ORDLIB/HEAD: { event: head, onDelete: delete, keyChange: deleteAndCreate${to} }
  ORDLIB/LINE:
    rules:
      - { name: line, event: line, onDelete: update${to} }
      - { name: parent, parent: { event: head, table: ORDLIB/HEAD, key: { ID: HEAD }, changed: lines, debounce: commit }${to} }
  ORDLIB/OFTEN: { event: often, onDelete: delete, coalesce: { window: 300ms }${to} }
`;

async function history(site: ReplaySite, dice: Dice, jobs: readonly SqlConnection[]): Promise<void> {
  for (let step = 0; step < 70; step++) {
    const job = dice.one(jobs);
    const [id, other] = [1 + dice.below(6), 1 + dice.below(9)];
    const statements: readonly string[] = [
      `INSERT INTO ORDLIB.HEAD VALUES (${id}, '1')`,
      `UPDATE ORDLIB.HEAD SET STS = '${dice.below(9)}' WHERE ID = ${id}`,
      `UPDATE ORDLIB.HEAD SET ID = ${other} WHERE ID = ${id}`,
      `DELETE FROM ORDLIB.HEAD WHERE ID = ${id}`,
      `INSERT INTO ORDLIB.LINE VALUES (${id}, ${other}, 0)`,
      `UPDATE ORDLIB.LINE SET QTY = QTY + 1 WHERE HEAD = ${id}`,
      `UPDATE ORDLIB.LINE SET HEAD = ${other} WHERE HEAD = ${id}`,
      `UPDATE ORDLIB.OFTEN SET N = N + 1 WHERE ID < ${other}`,
    ];
    // what is refused or locked by another job leaves no change
    if (dice.below(10) > 0) await job.execute(dice.one(statements)).catch(() => undefined);
    else await site.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)').catch(() => undefined);
    if (dice.below(3) === 0) await (dice.below(4) === 0 ? job.rollback() : job.commit());
  }
  for (const job of jobs) await job.commit();
}

async function site(dice: Dice): Promise<ReplaySite> {
  const made = await ReplaySite.open();
  await made.journaled('MARK', 'ID INTEGER NOT NULL PRIMARY KEY, N INTEGER NOT NULL');
  await made.journaled('HEAD', 'ID INTEGER NOT NULL PRIMARY KEY, STS CHAR(2) NOT NULL');
  await made.journaled('LINE', 'HEAD INTEGER NOT NULL, NO INTEGER NOT NULL, QTY INTEGER NOT NULL');
  await made.journaled('OFTEN', 'ID INTEGER NOT NULL PRIMARY KEY, N INTEGER NOT NULL');
  await made.sql('INSERT INTO ORDLIB.MARK VALUES (1, 0)');
  for (let id = 1; id < 9; id++) await made.sql(`INSERT INTO ORDLIB.OFTEN VALUES (${id}, 0)`);
  const jobs = [await made.connect(), await made.connect()];
  for (const job of jobs) await job.setAutocommit(false);
  await history(made, dice, jobs);
  for (const job of jobs) await job.close();
  return made;
}

const plain = ({ type }: Got): boolean => !type.startsWith('often.');
const RANGE = ['--changed-since', '2020-01-01T00:00:00Z', '--rate', '100000'];

test.each([1, 2, 3])('history %i', async (no) => {
  const dice = new Dice(seedOf('REPLAY_SEED') * 10 + no);
  await using made = await site(dice);
  made.write('own', { crm: '', killed: '', calm: '' }, tables(', to: [crm]'));
  const first = await made.start('own');
  await made.quiet('own');
  await first.stop();
  if (dice.below(2) === 0) made.forgetSent('own');
  const position = made.value('own', 'SELECT read_receiver || read_sequence FROM journal_checkpoint');

  const args = ['replay', ...RANGE, '--also-unrouted', '--to'];
  let kills = 0;
  for (let code: number | null = null; code !== 0; ) {
    const where = dice.one(['replay-inside-transaction', 'replay-after-commit']);
    const env = kills < 6 ? { IBMI_CDC_CRASH_AT: `${where}:${1 + dice.below(3)}` } : {};
    const ended = await made.process('own', [...args, 'killed'], env).ended;
    ({ code } = ended);
    if (code !== 0 && ended.signal !== 'SIGKILL') throw new Error(ended.stderr);
    if (ended.signal === 'SIGKILL') kills++;
  }
  expect(kills).toBeGreaterThan(2);
  expect((await made.cli('own', ...args, 'calm')).code).toBe(0);
  expect(made.value('own', 'SELECT read_receiver || read_sequence FROM journal_checkpoint')).toBe(position);
  expect(made.value('own', 'SELECT count(*) FROM replay_held')).toBe(0);

  await made.start('own');
  await made.quiet('own');
  const [killed, calm] = [made.at('own-killed'), made.at('own-calm')];
  // queued once each, however often it was killed
  expect(once(killed)).toHaveLength(killed.length);
  expect(byKey(killed)).toEqual(byKey(calm));
  expect(killed.length).toBeGreaterThan(20);
  expect(killed.every((e) => e.data.meta['mode'] === 'replay')).toBe(true);

  made.write('fresh', { all: '' }, tables(''));
  await made.start('fresh');
  await made.quiet('fresh');
  expect(byKey(killed.filter(plain))).toEqual(byKey(made.at('fresh-all').filter(plain)));
});
