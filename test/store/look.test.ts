/**
 * What lies where a state file should be, and what each of those who come makes of it: the daemon, a command beside it, one that
 * would have nothing to do with a new file. The files are written by SQLite alone, or by hand.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../src/sqlite';
import { backUp } from '../../src/store/backup';
import { Store } from '../../src/store/store';
import { walOf } from '../../src/store/log/wal';

const SCHEMA = { name: 'looked', steps: ['CREATE TABLE t (v INTEGER)'] };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-look-'));
  file = join(folder, 's.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A life that ended well. */
function lived(path = file): void {
  using store = Store.open(path, [SCHEMA], { owner: true });
  store.owner!.begin(0);
  store.transaction(() => store.db.exec('INSERT INTO t VALUES (1)'));
}

/** Its files as they lie there while it lives. */
function killed(path = file): void {
  const store = Store.open(path, [SCHEMA], { owner: true });
  store.owner!.begin(0);
  store.transaction(() => store.db.exec('INSERT INTO t VALUES (1)'));
  for (const end of ['', '-wal', '.mark']) copyFileSync(path + end, `${path}.kept${end}`);
  store.close();
  for (const end of ['', '-wal', '.mark']) copyFileSync(`${path}.kept${end}`, path + end);
  rmSync(`${path}-shm`, { force: true });
}

/** Another state file, of an installation of its own. */
function another(): string {
  const path = join(folder, 'other', 's.sqlite');
  mkdirSync(join(folder, 'other'));
  killed(path);
  return path;
}

/** How the file was found, or that it was opened, with its rows; or the code of the refusal. */
type Opened = string;

function open(purpose: Parameters<typeof Store.open>[2]): Opened {
  try {
    using store = Store.open(file, [SCHEMA], purpose);
    const rows = store.db.prepare('SELECT count(*) FROM t').pluck().get() as number;
    return store.owner ? `${store.owner.found}, ${rows}` : `open, ${rows}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code ?? message;
  }
}

const CASES: readonly (readonly [name: string, make: () => void, owner: Opened, must: Opened, beside: Opened])[] = [
  ['nothing', () => undefined, 'first, 0', 'STATE_GONE', 'open, 0'],
  ['a file that was closed', () => lived(), 'same, 1', 'open, 1', 'open, 1'],
  ['a file whose daemon was killed', () => killed(), 'same, 1', 'open, 1', 'open, 1'],
  ['an empty file', () => writeFileSync(file, ''), 'STATE_EMPTY', 'STATE_EMPTY', 'STATE_EMPTY'],
  [
    'an empty file with the mark of one that was used',
    () => {
      lived();
      truncateSync(file);
    },
    'STATE_EMPTY',
    'STATE_EMPTY',
    'STATE_EMPTY',
  ],
  [
    'no file, but the mark of one',
    () => {
      lived();
      rmSync(file);
    },
    'STATE_GONE',
    'STATE_GONE',
    'STATE_GONE',
  ],
  [
    'no file, but a log',
    () => {
      killed();
      rmSync(file);
      rmSync(`${file}.mark`);
    },
    'STATE_GONE',
    'STATE_GONE',
    'STATE_GONE',
  ],
  [
    'a text file',
    () => writeFileSync(file, 'state: of affairs\n'.repeat(100)),
    'STORE_NOT_A_DATABASE',
    'STORE_NOT_A_DATABASE',
    'STORE_NOT_A_DATABASE',
  ],
  ['a folder', () => mkdirSync(file), 'STORE_OPEN', 'STORE_OPEN', 'STORE_OPEN'],
  [
    'a log of another file',
    () => {
      lived();
      copyFileSync(`${another()}-wal`, `${file}-wal`);
    },
    'STATE_FOREIGN_LOG',
    'STATE_FOREIGN_LOG',
    'STATE_FOREIGN_LOG',
  ],
  // the first transactions of a life are carried over at once
  [
    'a file whose log was taken away',
    () => {
      killed();
      rmSync(`${file}-wal`);
    },
    'same, 1',
    'open, 1',
    'open, 1',
  ],
];

describe.each(CASES)('%s', (_, make, owner, must, beside) => {
  test('to the daemon', () => {
    make();
    expect(open({ owner: true })).toBe(owner);
  });

  test('to a command that would have nothing to do with a new file', () => {
    make();
    expect(open({ mustExist: true })).toBe(must);
    // and nothing is left behind of the look
    if (must === 'STATE_GONE') expect(existsSync(file)).toBe(false);
  });

  test('to any other command', () => {
    make();
    expect(open({})).toBe(beside);
  });
});

describe('a log and the file beside it', () => {
  test('none, one that nobody has tied, its own, and that of another', () => {
    expect(walOf(file)).toBe('none');
    writeFileSync(`${file}-wal`, Buffer.alloc(40));
    expect(walOf(file)).toBe('none');
    rmSync(`${file}-wal`);
    // SQLite alone: nothing in this log says a number of ours
    const db = openSqlite(file);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t (v INTEGER)');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.exec('INSERT INTO t VALUES (1)');
    for (const end of ['', '-wal']) copyFileSync(file + end, join(folder, `plain${end}`));
    db.close();
    expect(walOf(join(folder, 'plain'))).toBe('untied');
    const other = another();
    expect(walOf(other)).toBe('tied');
    copyFileSync(`${other}-wal`, join(folder, 'plain-wal'));
    expect(walOf(join(folder, 'plain'))).toBe('foreign');
  });
});

describe('a copy beside a running daemon', () => {
  test('is whole, stands alone, is known as a copy, and takes no name that is taken', async () => {
    const store = Store.open(file, [SCHEMA], { owner: true });
    store.owner!.begin(0);
    store.transaction(() =>
      store.db.exec(
        'WITH RECURSIVE n (v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM n WHERE v < 5000) INSERT INTO t SELECT v FROM n',
      ),
    );
    const copy = join(folder, 'copy.sqlite');
    const shares: number[] = [];
    await backUp(store, copy, (share) => shares.push(share));
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite']);
    const db = openSqlite(copy, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*), sum(v) FROM t').raw().get()).toEqual([5000, 12_502_500]);
    db.close();
    await expect(backUp(store, copy, () => undefined)).rejects.toMatchObject({ code: 'BACKUP_EXISTS' });
    store.transaction(() => store.db.exec('INSERT INTO t VALUES (0)'));
    store.close();
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    copyFileSync(copy, file);
    expect(open({ owner: true })).toBe('restored, 5000');
  });
});
