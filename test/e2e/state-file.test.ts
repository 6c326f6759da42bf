/** The state file as an operator meets it: rights, names, copies, and what becomes of it when somebody touches it. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '../../src/sqlite';
import type { CliProcess } from '../support/daemon-process';
import { insertOrder, type SeenEvent, Site } from './site';

jest.setTimeout(60_000);

/** More than the transactions that are carried over into the file one by one. */
const ORDERS = 24;

function subjects(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as SeenEvent).subject);
}

async function daemon(site: Site): Promise<CliProcess> {
  const child = site.start(['run']);
  await child.says('reading journal');
  return child;
}

function replace(file: string): void {
  copyFileSync(file, `${file}.copy`);
  renameSync(`${file}.copy`, file);
}

function empty(...files: string[]): void {
  for (const file of files) truncateSync(file, 0);
}

/** A file that has delivered orders, the last of them in its log alone, and was left by SIGKILL. */
async function used(site: Site): Promise<string[]> {
  const child = await daemon(site);
  const connection = await site.connect();
  for (let n = 0; n < ORDERS; n++) {
    await insertOrder(connection, String(310_000 + n), null);
    await child.says(`"subject":"${310_000 + n}"`);
  }
  child.kill('SIGKILL');
  return subjects((await child.ended).stdout);
}

test('whatever the umask, what lies on the disk is for the owner alone', async () => {
  await using site = await Site.open();
  site.config();
  const before = process.umask(0);
  const trace = join(site.dir, 'wire.txt');
  try {
    const child = site.start(['run', '--trace-wire', trace]);
    await child.says('reading journal');
    const folder = join(site.dir, 'state');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    expect(modes.length).toBeGreaterThan(4);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    expect(statSync(trace).mode & 0o777).toBe(0o600);
    child.kill('SIGTERM');
    await child.ended;
    // what an older version left open is closed
    chmodSync(site.state, 0o644);
    const again = await daemon(site);
    expect(statSync(site.state).mode & 0o777).toBe(0o600);
    expect(statSync(`${site.state}-wal`).mode & 0o777).toBe(0o600);
    again.kill('SIGTERM');
    await again.ended;
  } finally {
    process.umask(before);
  }
});

test.each([
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
])('two daemons, one file, the second by %s: refused', async (_name, link) => {
  await using site = await Site.open();
  site.config();
  const first = await daemon(site);
  link(site.state, join(site.dir, 'other.sqlite'));
  site.config({ rest: { state: 'other.sqlite' } });
  const second = await site.cli(['run', '--log-level', 'fatal']);
  expect(second.stderr).toMatch(/^error STORE_IN_USE/);
  expect(second.code).toBe(3);
  first.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
});

test.each([
  ['deleted', 'STATE_DELETED', (file: string) => rmSync(file)],
  ['replaced', 'STATE_REPLACED', (file: string) => replace(file)],
  ['left without its log', 'STATE_DELETED', (file: string) => rmSync(`${file}-wal`)],
])('%s under a running daemon: it stops and says so', async (_what, code, touch) => {
  await using site = await Site.open();
  site.config();
  const child = await daemon(site);
  touch(site.state);
  const ended = await child.ended;
  expect(ended.stderr).toContain(`error ${code}`);
  expect(ended.code).toBe(3);
});

test('deleted with all that SQLite has beside it: the next start does not begin anew by itself', async () => {
  await using site = await Site.open();
  site.config();
  const child = await daemon(site);
  for (const end of ['', '-wal', '-shm']) rmSync(site.state + end);
  await child.ended;
  await insertOrder(await site.connect(), '300001', null);
  const next = await site.cli(['run', '--log-level', 'fatal']);
  expect(next.stderr).toMatch(/^error STATE_GONE/);
  expect(next.code).toBe(4);
  expect((await site.cli(['resume', '--state', 'accept'])).stdout).toContain('begins anew');
  const anew = await daemon(site);
  anew.kill('SIGTERM');
  expect((await anew.ended).code).toBe(0);
});

test.each([
  ['the log is lost', 'STATE_CUT', (file: string) => rmSync(`${file}-wal`)],
  ['the log is empty', 'STATE_CUT', (file: string) => truncateSync(`${file}-wal`, 0)],
  [
    'the log is cut',
    'STATE_CUT',
    (file: string) => truncateSync(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size * 0.6)),
  ],
  ['the file is cut to nothing', 'STATE_EMPTY', (file: string) => truncateSync(file, 0)],
  ['file and log are cut to nothing', 'STATE_EMPTY', (file: string) => empty(file, `${file}-wal`)],
  [
    'it was moved elsewhere without its log',
    'STATE_CUT',
    (file: string) => {
      copyFileSync(file, `${file}.copy`);
      for (const end of ['', '-wal', '-shm', '.mark', '.lock']) rmSync(file + end, { force: true });
      renameSync(`${file}.copy`, file);
    },
  ],
])('%s: refused, never taken for new; accepted, nothing is lost', async (_what, code, harm) => {
  await using site = await Site.open();
  site.config();
  const sent = await used(site);
  harm(site.state);
  await insertOrder(await site.connect(), '300002', null);
  const refused = await site.cli(['run', '--log-level', 'fatal']);
  expect(refused.stderr).toMatch(new RegExp(`^error ${code}`));
  expect(refused.stderr).toContain('resume --state accept');
  expect(refused.code).toBe(4);
  if (code === 'STATE_EMPTY') return;
  expect((await site.cli(['resume', '--state', 'accept'])).code).toBe(0);
  const child = site.start(['run']);
  await child.says('"subject":"300002"');
  child.kill('SIGTERM');
  const ended = await child.ended;
  expect(ended.code).toBe(0);
  const again = subjects(ended.stdout);
  expect(again).toContain(String(310_000 + ORDERS - 1));
  expect([...new Set([...sent, ...again])]).toHaveLength(ORDERS + 1);
});

test('a log that any tool has put into the file after a crash is no loss', async () => {
  await using site = await Site.open();
  site.config();
  await used(site);
  const tool = openSqlite(site.state);
  tool.prepare('SELECT count(*) FROM outbox_page').get();
  tool.close();
  expect(existsSync(`${site.state}-wal`)).toBe(false);
  await insertOrder(await site.connect(), '300002', null);
  const child = site.start(['run']);
  await child.says('"subject":"300002"');
  expect(child.said('copy or was restored')).toBe(false);
  child.kill('SIGTERM');
  expect((await child.ended).code).toBe(0);
});

test('a copy restored over a file whose log was left: refused as a mixture', async () => {
  await using site = await Site.open();
  site.config();
  await used(site);
  const first = await daemon(site);
  first.kill('SIGTERM');
  await first.ended;
  copyFileSync(site.state, join(site.dir, 'backup'));
  const second = await daemon(site);
  await insertOrder(await site.connect(), '300002', null);
  await second.says('"subject":"300002"');
  second.kill('SIGKILL');
  await second.ended;
  copyFileSync(join(site.dir, 'backup'), site.state);
  const mixed = await site.cli(['run', '--log-level', 'fatal']);
  expect(mixed.stderr).toMatch(/^error STATE_FOREIGN_LOG/);
  expect(mixed.code).toBe(4);
  expect((await site.cli(['status'])).stderr).toContain('STATE_FOREIGN_LOG');
  expect((await site.cli(['resume', '--state', 'accept', '--json'])).stdout).toContain('goes on with the file');
  const last = site.start(['run']);
  await last.says('"subject":"300002"');
  last.kill('SIGTERM');
  expect((await last.ended).code).toBe(0);
});

test('an older copy is recognised; its events repeat under the same ids, and it is said', async () => {
  await using site = await Site.open();
  site.config();
  const connection = await site.connect();
  const first = await daemon(site);
  await insertOrder(connection, '300001', null);
  await first.says('"subject":"300001"');
  first.kill('SIGTERM');
  await first.ended;
  copyFileSync(site.state, join(site.dir, 'backup'));
  const second = await daemon(site);
  await insertOrder(connection, '300002', null);
  await second.says('"subject":"300002"');
  second.kill('SIGTERM');
  const once = JSON.parse((await second.ended).stdout.trim()) as SeenEvent;
  copyFileSync(join(site.dir, 'backup'), site.state);
  const third = site.start(['run']);
  await third.says('"subject":"300002"');
  expect(third.said('the state file is a copy or was restored')).toBe(true);
  const status = JSON.parse((await site.cli(['status', '--json'])).stdout);
  expect(status.state).toMatchObject({ found: 'restored', fullSince: null });
  expect((await site.cli(['status'])).stdout).toContain('RESTORED');
  third.kill('SIGTERM');
  const repeated = JSON.parse((await third.ended).stdout.trim()) as SeenEvent;
  expect(repeated.id).toBe(once.id);
});
