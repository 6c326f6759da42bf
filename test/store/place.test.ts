/** Where a state file is whatever name leads to it, who may read it, and whether it is still the one that was opened. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivate, keepPrivate, narrowAll, placeOf } from '../../src/store/place';
import { Presence } from '../../src/store/presence';
import { Store } from '../../src/store/store';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ibmi-cdc-place-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(folder, ...parts);
const rights = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const SCHEMA = { name: 'placed', steps: ['CREATE TABLE t (v INTEGER)'] };

describe('one path for every name', () => {
  test.each<[name: string, make: () => string]>([
    ['the file itself', () => at('real', 's.sqlite')],
    ['a folder that is not there yet', () => at('real', '.', '..', 'real', 's.sqlite')],
    [
      'a link to its folder',
      () => {
        mkdirSync(at('real'));
        symlinkSync(at('real'), at('link'));
        return at('link', 's.sqlite');
      },
    ],
    [
      'a link to the file, which is not there yet',
      () => {
        mkdirSync(at('real'));
        symlinkSync(at('real', 's.sqlite'), at('name.sqlite'));
        return at('name.sqlite');
      },
    ],
    [
      'a relative link over another one',
      () => {
        mkdirSync(at('real'));
        symlinkSync('real', at('folder'));
        symlinkSync(join('folder', 's.sqlite'), at('second'));
        symlinkSync('second', at('first'));
        return at('first');
      },
    ],
  ])('%s', (_, make) => {
    expect(placeOf(make())).toBe(at('real', 's.sqlite'));
    expect(statSync(at('real')).isDirectory()).toBe(true);
  });

  test('links that lead in a circle are an error, not a loop', () => {
    symlinkSync(at('b'), at('a'));
    symlinkSync(at('a'), at('b'));
    expect(() => placeOf(at('a'))).toThrow('is a link that leads in a circle');
  });

  test('the folder it makes is its owner\u2019s alone', () => {
    placeOf(at('new', 'deeper', 's.sqlite'));
    expect([rights(at('new')), rights(at('new', 'deeper'))]).toEqual(['700', '700']);
  });
});

describe('nobody else may read it', () => {
  let before: number;
  beforeEach(() => {
    before = process.umask(0);
  });
  afterEach(() => {
    process.umask(before);
  });

  test.each([0, 0o022, 0o777])('a new file is 600 under umask %i', (umask) => {
    process.umask(umask);
    createPrivate(at('f'));
    expect(rights(at('f'))).toBe('600');
    expect(() => createPrivate(at('f'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });

  test('one that is there is kept, with what it holds, and narrowed', () => {
    writeFileSync(at('f'), 'kept', { mode: 0o664 });
    keepPrivate(at('f'));
    expect([rights(at('f')), statSync(at('f')).size]).toEqual(['600', 4]);
  });

  test('what an older version left open is narrowed, whatever lies beside', () => {
    const ends = ['', '-wal', '-shm', '-journal', '.lock', '.mark', '.reserve', '.new'];
    for (const end of ends) writeFileSync(at(`s${end}`), '', { mode: 0o666 });
    writeFileSync(at('s.other'), '', { mode: 0o666 });
    chmodSync(at('s-shm'), 0o640);
    narrowAll(at('s'));
    expect(ends.map((end) => rights(at(`s${end}`)))).toEqual(ends.map(() => '600'));
    expect(rights(at('s.other'))).toBe('666');
    narrowAll(at('nothing-there'));
  });

  test('a state file and all that comes beside it, from the first byte', () => {
    const file = at('s.sqlite');
    const store = Store.open(file, [SCHEMA], { owner: true });
    store.owner!.begin(0);
    store.transaction(() => store.db.exec('INSERT INTO t VALUES (1)'));
    for (const end of ['', '-wal', '-shm', '.mark']) expect([end, rights(file + end)]).toEqual([end, '600']);
    store.close();
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});

describe('a file that was taken away', () => {
  const ENDS = ['', '-wal', '-shm'] as const;

  test.each(ENDS.flatMap((end) => [['deleted', end] as const, ['replaced', end] as const]))('%s: s%s', (what, end) => {
    const file = at('s');
    for (const each of ENDS) writeFileSync(file + each, 'x');
    const presence = new Presence(file);
    presence.check();
    renameSync(file + end, at('elsewhere'));
    if (what === 'replaced') copyFileSync(at('elsewhere'), file + end);
    const until = Date.now() + 5_000;
    const found = (): string | null => {
      for (; Date.now() < until; ) {
        try {
          presence.check();
        } catch (error) {
          return (error as { code: string }).code;
        }
      }
      return null;
    };
    expect(found()).toBe(what === 'deleted' ? 'STATE_DELETED' : 'STATE_REPLACED');
    // what was written meanwhile is lost: putting it back does not make it good
    renameSync(at('elsewhere'), file + end);
    expect(() => presence.check()).toThrow(expect.objectContaining({ family: 'store' }));
  });

  test('what was never beside it is not missed', () => {
    writeFileSync(at('s'), 'x');
    const presence = new Presence(at('s'));
    writeFileSync(at('s-wal'), 'x');
    expect(() => presence.check()).not.toThrow();
  });
});
