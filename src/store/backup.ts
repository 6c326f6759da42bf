/** A consistent copy of a state file that a daemon has open, and a look at such a copy. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { openSqlite } from '../sqlite';
import { storeFault } from './faults';
import { markClean } from './life';
import { createPrivate } from './place';
import { type Store, syncFile } from './store';

/** Pages between two words about the progress: some megabytes. */
const STEP_PAGES = 512;

/**
 * Copies the file as it is at this moment, while others write. The copy comes under its name when it is whole.
 * @param progress from 0 to 1
 * @throws CodedError `BACKUP_EXISTS`, family config; family store for what keeps it from being written
 */
export async function backUp(store: Store, to: string, progress: (share: number) => void): Promise<string> {
  const file = resolve(to);
  if (existsSync(file)) throw exists(file);
  const made = `${file}.new`;
  for (const end of ENDS) rmSync(made + end, { force: true });
  try {
    createPrivate(made);
    await copy(store.db, made, progress);
    finish(made);
    syncFile(made);
    renameSync(made, file);
    syncFile(dirname(file));
    return file;
  } catch (cause) {
    for (const end of ENDS) rmSync(made + end, { force: true });
    throw storeFault(file, cause);
  }
}

const ENDS = ['', '-wal', '-shm', '-journal'] as const;

/** Inside one read transaction: what is written meanwhile neither gets into the copy nor makes it begin again. */
async function copy(db: Database.Database, to: string, progress: (share: number) => void): Promise<void> {
  db.exec('BEGIN');
  try {
    db.prepare('SELECT count(*) FROM store_life').get();
    await db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        if (totalPages > 0) progress(1 - remainingPages / totalPages);
        return STEP_PAGES;
      },
    });
  } finally {
    db.exec('COMMIT');
  }
}

/** In good order, without a log, and tied to no log that may lie where it is restored. */
function finish(made: string): void {
  const db = openSqlite(made);
  try {
    db.pragma('journal_mode = DELETE');
    markClean(db);
    db.pragma(`user_version = ${randomBytes(4).readUInt32BE() >>> 1}`);
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new Error(`the copy does not hold together: ${String(found)}`);
  } finally {
    db.close();
  }
}

function exists(file: string): CodedError {
  return new CodedError({
    code: 'BACKUP_EXISTS',
    message: `${file} exists already`,
    next: 'give the backup a new name, one with the date in it for example',
    facts: { file },
  });
}
