/** Commands that watch what a daemon does end when it has ended; the work stays, and is done by who comes next. */
import { Desk } from '../support/desk';

jest.setTimeout(90_000);

test.each([
  ['backfill', ['--table', 'ORDLIB/NUMBERS'], ['--resume']],
  ['reconcile', ['--table', 'ORDLIB/NUMBERS'], []],
])('%s: the daemon ends meanwhile', async (command, args, again) => {
  await using desk = await Desk.open();
  await desk.table('NUMBERS');
  for (const id of [1, 2, 3]) await desk.sql(`INSERT INTO ORDLIB.NUMBERS VALUES (${id})`);
  // no row may be read while the command is watched: quiet hours are all day
  desk.write('tables: { ORDLIB/NUMBERS: { event: number } }\n');
  const quiet = 'budget: { quietHours: ["00:00-23:59", "23:59-00:00"] }';
  desk.amend((yaml) => yaml.replace('\nstate:', `\n  ${quiet}\nstate:`));
  const daemon = await desk.start();
  const watched = desk.cli(command, ...args);
  const waits = `SELECT count(*) FROM ${command}_job`;
  await desk.until('the work is handed over', () => Number(desk.value(waits)) > 0);
  await daemon.stop();
  const { code, err } = await watched;
  expect([code, err]).toEqual([
    3,
    expect.stringMatching(/error DAEMON_ENDED: the daemon that works on .*NUMBERS has ended/),
  ]);
  desk.amend((yaml) => yaml.replace(`  ${quiet}\n`, ''));
  const done = await desk.cli(command, ...args, ...again, '--json');
  expect([done.code, JSON.parse(done.out.trim().split('\n').at(-1)!)]).toEqual([
    command === 'backfill' ? 0 : 5,
    expect.objectContaining(command === 'backfill' ? { state: 'done', published: 3 } : { rows: 3, missing: 3 }),
  ]);
});
