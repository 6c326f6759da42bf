/** The way of docs/backup.md: a copy beside a running daemon, a look at it, and the restore. */
import { copyFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { insertOrder, type SeenEvent, Site } from './site';

jest.setTimeout(90_000);

function events(text: string): SeenEvent[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as SeenEvent);
}

test('copied beside a running daemon, checked, restored: repeats under the same ids, nothing is lost', async () => {
  await using site = await Site.open();
  site.config();
  const connection = await site.connect();
  const child = site.start(['run']);
  await child.says('reading journal');
  await insertOrder(connection, '300001', null);
  await child.says('"subject":"300001"');
  const copy = join(site.dir, 'copy.sqlite');
  const made = await site.cli(['backup', copy, '--json']);
  expect([made.code, JSON.parse(made.stdout)]).toMatchObject([0, { file: copy, state: site.state }]);
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  const twice = await site.cli(['backup', copy]);
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringMatching(/^error BACKUP_EXISTS/)]);
  await insertOrder(connection, '300002', null);
  await child.says('"subject":"300002"');
  const checked = await site.cli(['backup', '--check', copy, '--json']);
  expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([
    0,
    {
      whole: true,
      events: 1,
      journals: [{ journal: 'ORDLIB/ORDJRN', receivers: 'present', behind: expect.stringMatching(/^[1-9]\d*$/) }],
      destinations: [{ destination: 'out', pending: 0, deadLetters: 0, repeats: 1 }],
    },
  ]);
  child.kill('SIGTERM');
  const first = events((await child.ended).stdout);
  for (const end of ['', '-wal', '-shm']) rmSync(site.state + end, { force: true });
  copyFileSync(copy, site.state);
  const again = site.start(['run']);
  await again.says('"subject":"300002"');
  expect(again.said('the state file is a copy or was restored')).toBe(true);
  again.kill('SIGTERM');
  const second = events((await again.ended).stdout);
  expect(second.map((e) => [e.subject, e.id])).toEqual([['300002', first[1]!.id]]);
});

test('a receiver that the copy needs is gone: a finding', async () => {
  await using site = await Site.open();
  site.config();
  const connection = await site.connect();
  const child = site.start(['run']);
  await child.says('reading journal');
  await insertOrder(connection, '300001', null);
  await child.says('"subject":"300001"');
  const copy = join(site.dir, 'copy.sqlite');
  expect((await site.cli(['backup', copy])).code).toBe(0);
  await connection.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
  await connection.execute("CALL QSYS2.QCMDEXC('DLTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) DLTOPT(*IGNINQMSG)')");
  const checked = await site.cli(['backup', '--check', copy]);
  expect([checked.code, checked.stdout]).toEqual([5, expect.stringContaining('RECEIVER GONE')]);
});
