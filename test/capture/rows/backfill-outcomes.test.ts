/** What a backfill leaves behind: nothing when it was refused, no finding once it was given up or done again. */
import { existsSync } from 'node:fs';
import { BackfillJobs, type BackfillWish } from '../../../src/backfill/backfill-jobs';
import { resolveRequest } from '../../../src/capture/rows/backfill-service';
import { loadConfig } from '../../../src/config/load';
import { checkMapping } from '../../../src/map/plan/check';
import { Store } from '../../../src/store/store';
import { Desk } from '../../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.table('NEWS');
  await desk.sql('INSERT INTO ORDLIB.NEWS VALUES (1)');
  desk.write('tables: { ORDLIB/NEWS: { event: news } }\n');
});
afterEach(() => desk[Symbol.asyncDispose]());

const REFUSED = [
  [['--column', 'ID', '--from', '2026-01-01', '--to', '2026-01-02'], 'BACKFILL_RANGE'],
  [['--column', 'NONE', '--from', '2026-01-01', '--to', '2026-01-02'], 'BACKFILL_COLUMN'],
  [['--column', 'ID', '--from', '2026-11-30', '--to', '2026-10-01'], 'BACKFILL_RANGE'],
  [['--where', 'NOSUCH = 1'], 'BACKFILL_WHERE'],
  [['--where', 'ID = = 1'], 'BACKFILL_WHERE'],
] as const;

test('refused without a daemon: no state file', async () => {
  for (const [args, code] of REFUSED) {
    const { code: exit, err } = await desk.cli('backfill', '--table', 'ORDLIB/NEWS', ...args);
    expect(`${exit} ${err}`).toMatch(new RegExp(`^2 .*${code}`, 's'));
    expect(existsSync(desk.state)).toBe(false);
  }
  expect((await desk.cli('backfill', '--table', 'ORDLIB/OTHER')).code).toBe(2);
  expect(existsSync(desk.state)).toBe(false);
});

test('refused beside a daemon: no job', async () => {
  await desk.start();
  for (const [args, code] of REFUSED) {
    const { code: exit, err } = await desk.cli('backfill', '--table', 'ORDLIB/NEWS', ...args);
    expect(`${exit} ${err}`).toMatch(new RegExp(`^2 .*${code}`, 's'));
  }
  expect(desk.value('SELECT count(*) FROM backfill_job')).toBe(0);
});

test('a failed backfill is given up, or settled by a later one over the same rows', async () => {
  const daemon = await desk.start();
  await daemon.stop();
  const wish: BackfillWish = { table: 'ORDLIB/NEWS', range: null, where: null, chunkRows: 10, rowsPerSecond: null };
  const fail = (): void => {
    using store = Store.open(desk.state, []);
    const jobs = new BackfillJobs(store);
    jobs.setState(jobs.add(wish, Date.now()).id, 'failed', Date.now(), 'HOST: no');
  };
  const open = async (): Promise<number> => (await desk.json<{ backfills: unknown[] }>('status')).backfills.length;
  fail();
  expect(await open()).toBe(1);
  expect((await desk.cli('backfill', '--table', 'ORDLIB/NEWS', '--cancel')).out).toMatch(
    /^ORDLIB\/NEWS: 1 backfill given up/,
  );
  expect(await open()).toBe(0);
  fail();
  expect((await desk.cli('backfill', '--table', 'ORDLIB/NEWS')).code).toBe(0);
  expect(await open()).toBe(0);
});

test.each([
  ['', 'ORDJRN'],
  [', journal: ORDLIB/REMOTE', 'REMOTE'],
])('it keeps to the journal its changes are read from%s', async (rule, name) => {
  desk.write(`tables: { ORDLIB/NEWS: { event: news${rule} } }\n`);
  const env = { SIM_PASSWORD: desk.partition.password };
  const config = loadConfig(desk.config, { env, references: 'require', checkMapping });
  const wish: BackfillWish = { table: 'ORDLIB/NEWS', range: null, where: null, chunkRows: 10, rowsPerSecond: null };
  expect((await resolveRequest(config, desk.admin, wish)).journal).toEqual({ library: 'ORDLIB', name });
});

test('a backfill that runs ends after its chunk when it is cancelled', async () => {
  for (let id = 2; id <= 40; id++) await desk.sql(`INSERT INTO ORDLIB.NEWS VALUES (${id})`);
  await desk.start();
  const running = desk.json<{ state: string; rowsRead: number }>(
    'backfill',
    '--table',
    'ORDLIB/NEWS',
    '--chunk',
    '1',
    '--rate',
    '20',
  );
  await desk.until('running', () => (desk.value('SELECT max(rows_read) FROM backfill_job') as number) > 1);
  await desk.cli('backfill', '--table', 'ORDLIB/NEWS', '--cancel');
  const { state, rowsRead } = await running;
  expect(state).toBe('cancelled');
  expect(rowsRead).toBeLessThan(40);
});
