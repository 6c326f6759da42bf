/** Whether a state file is in use does not depend on which copy of the SQLite module asks. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InstanceLock } from '../../src/store/instance-lock';
import { isMountedAlone } from '../../src/store/place';
import { Store } from '../../src/store/store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function another(): typeof InstanceLock {
  let loaded: typeof InstanceLock | null = null;
  jest.isolateModules(() => {
    loaded = (jest.requireActual('../../src/store/instance-lock') as { InstanceLock: typeof InstanceLock })
      .InstanceLock;
  });
  return loaded!;
}

test('whichever copy of the module asks: in use is told as in use', () => {
  const file = join(folder, 'state.sqlite');
  // the class of SQLite's errors is that of the copy that was loaded first
  const copies = [InstanceLock, another()];
  for (const mine of copies)
    for (const other of copies) {
      using _held = mine.acquire(file);
      expect(other.isHeld(file)).toBe(true);
      expect(() => other.acquire(file)).toThrow(expect.objectContaining({ code: 'STORE_IN_USE' }));
    }
  expect(InstanceLock.isHeld(file)).toBe(false);
});

function bound(from: string, to: string): boolean {
  return spawnSync('mount', ['--bind', from, to]).status === 0;
}

const [probe, shown] = ['a', 'b'].map((name) => join(tmpdir(), `ibmi-cdc-bind-${process.pid}-${name}`));
for (const made of [probe!, shown!]) mkdirSync(made);
const may = process.getuid?.() === 0 && bound(probe!, shown!);
if (may) spawnSync('umount', [shown!]);
for (const made of [probe!, shown!]) rmSync(made, { recursive: true });
// only root may mount: others skip this visibly, and are left with the links of test/e2e/state-file.test.ts
const onMounts = may ? test : test.skip;

onMounts.each(['the folder', 'the file alone'])('%s reached through a bind mount: in use is told as in use', (what) => {
  const [here, there] = ['here', 'there'].map((name) => join(folder, name)) as [string, string];
  for (const made of [here, there]) mkdirSync(made);
  const file = join(here, 'state.sqlite');
  writeFileSync(file, '');
  const other = join(there, what === 'the folder' ? 'state.sqlite' : 'other.sqlite');
  if (what !== 'the folder') writeFileSync(other, '');
  const mounted = what === 'the folder' ? [here, there] : [file, other];
  expect(bound(mounted[0]!, mounted[1]!)).toBe(true);
  try {
    using _held = InstanceLock.acquire(file);
    expect(() => InstanceLock.acquire(other)).toThrow(expect.objectContaining({ code: 'STORE_IN_USE' }));
  } finally {
    spawnSync('umount', [mounted[1]!]);
  }
});

test('a file that is mounted by itself is told from one in a mounted folder', () => {
  const mounts = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '42 27 254:0 /srv/s.sqlite /data/my\\040state.sqlite rw,relatime - ext4 /dev/vda rw',
    '43 27 254:0 /srv /other rw,relatime - ext4 /dev/vda rw',
  ].join('\n');
  const alone = ['/data/my state.sqlite', '/other/s.sqlite', '/data/my', '/other'];
  expect(alone.map((file) => isMountedAlone(file, mounts))).toEqual([true, false, false, true]);
  expect(isMountedAlone('/data/my state.sqlite', '')).toBe(false);
});

onMounts('a daemon does not begin with a file that is mounted by itself; others may look at it', () => {
  const [file, other] = ['state.sqlite', 'mounted.sqlite'].map((name) => join(folder, name)) as [string, string];
  const schema = { name: 't', steps: ['CREATE TABLE t (a)'] };
  Store.open(file, [schema]).close();
  writeFileSync(other, '');
  expect(bound(file, other)).toBe(true);
  const link = join(folder, 'link.sqlite');
  symlinkSync(other, link);
  try {
    for (const path of [other, link]) {
      expect(() => Store.open(path, [schema], { owner: true })).toThrow(
        expect.objectContaining({ code: 'STATE_MOUNTED', family: 'store' }),
      );
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('mounted'))).toEqual(['mounted.sqlite']);
    using looked = Store.open(other, [schema], { readonly: true });
    expect(looked.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(0);
  } finally {
    spawnSync('umount', [other]);
  }
  using own = Store.open(file, [schema], { owner: true });
  expect(own.owner).not.toBeNull();
});
