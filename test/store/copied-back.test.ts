/**
 * Older copies of what lies in the folder of a state file, written over what is there now: the same things on the disk with
 * older contents. Every choice of them; the daemon is stopped or was killed before.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Store } from '../../src/store/store';

const SCHEMA = { name: 'copied', steps: ['CREATE TABLE t (v INTEGER); INSERT INTO t VALUES (0);'] };
const ENDS = ['', '-wal', '.mark'] as const;
type Copy = ReadonlyMap<string, Buffer>;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-copied-'));
  file = join(folder, 's.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function copy(): Copy {
  const there = ENDS.map((end) => file + end).filter((path) => existsSync(path));
  return new Map(there.map((path) => [path, readFileSync(path)]));
}

/** Written over in place; what the copy lacks is removed. */
function over(copied: Copy, ends: readonly string[]): void {
  for (const path of ends.map((end) => file + end)) {
    const bytes = copied.get(path);
    if (bytes) writeFileSync(path, bytes);
    else rmSync(path, { force: true });
  }
  rmSync(`${file}-shm`, { force: true });
}

/** A life of three transactions. @returns what it left, as SIGKILL or a good end would */
function life(killed: boolean): Copy {
  const store = Store.open(file, [SCHEMA], { owner: true });
  store.owner!.begin(0);
  for (let n = 0; n < 3; n++) store.transaction(() => store.db.exec('UPDATE t SET v = v + 1'));
  const left = copy();
  store.close();
  if (killed) over(left, ENDS);
  return killed ? left : copy();
}

function start(): { found: string; value: number | null } {
  try {
    using store = Store.open(file, [SCHEMA], { owner: true });
    const value = store.db.prepare('SELECT v FROM t').pluck().get() as number;
    return { found: store.owner!.found, value };
  } catch (error) {
    return { found: String((error as { code?: string }).code), value: null };
  }
}

/** Every choice of at least one. */
const CHOICES = [1, 2, 3, 4, 5, 6, 7].map((bits) => ENDS.filter((_end, i) => bits & (1 << i)));

describe.each([
  ['stopped', false],
  ['killed', true],
])('the daemon was %s', (_how, killed) => {
  test.each(CHOICES.map((ends) => [ends.map((end) => `s.sqlite${end}`).join(' '), ends] as const))(
    'an older %s written over: what the file lacks is noticed',
    (_names, ends) => {
      const older = life(killed);
      const inode = statSync(file).ino;
      life(killed);
      over(older, ends);
      expect(statSync(file).ino).toBe(inode);
      const { found, value } = start();
      // six transactions were written: with fewer it is told as a copy, or refused
      if (value === 6) expect(found).toBe('same');
      else if (value === 3) expect(found).toBe('restored');
      else expect(found).toMatch(/^STATE_(CUT|FOREIGN_LOG)$/);
    },
  );
});

test('a file whose rights, name or owner alone changed is the same', () => {
  life(false);
  writeFileSync(file, readFileSync(file));
  expect(start()).toEqual({ found: 'same', value: 3 });
});
