/** A disk that is full for what follows a commit: the transaction has happened, and must not be told as one that has not. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../src/store/store';

const SCHEMA = { name: 'full', steps: ['CREATE TABLE t (n INTEGER PRIMARY KEY, v BLOB);'] };

function mounted(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0;
}

const probe = join(tmpdir(), `ibmi-cdc-full-${process.pid}`);
const may = process.getuid?.() === 0 && mounted(probe);
if (may) spawnSync('umount', [probe]);
rmSync(probe, { recursive: true, force: true });
// only root may mount a small file system: others skip this visibly; in CI a skipped test is a failure
const onSmallDisk = may ? test : test.skip;

onSmallDisk('what cannot be carried over into the file is durable in the log all the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-full-'));
  const disk = join(folder, 'disk');
  expect(mounted(disk)).toBe(true);
  try {
    using store = Store.open(join(disk, 's.sqlite'), [SCHEMA], { owner: true });
    store.owner!.begin(0);
    const insert = store.db.prepare('INSERT INTO t (v) VALUES (?)');
    // the log takes up its room on the disk, and is begun anew
    store.transaction(() => {
      for (let n = 0; n < 40; n++) insert.run(Buffer.alloc(16_000));
    });
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize, 1));
    // room in the log, none in the file, which has to grow
    expect(
      store.transaction(() => {
        for (let n = 0; n < 3; n++) insert.run(Buffer.alloc(16_000));
        return 'done';
      }),
    ).toBe('done');
    expect(store.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(43);
    rmSync(join(disk, 'ballast'));
    store.transaction(() => insert.run(Buffer.alloc(16_000)));
    expect(store.db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(44);
  } finally {
    spawnSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  }
});
