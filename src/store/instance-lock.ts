/**
 * One daemon for one state file. The lock is an exclusive SQLite lock on a file beside it, so the operating system
 * releases it however the process ends.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { notOpened } from './store';

export class InstanceLock implements Disposable {
  private constructor(private readonly db: Database.Database) {}

  /**
   * Makes the folder of the state file where there is none.
   * @throws CodedError `STORE_IN_USE`, family store, when another process holds it; `STORE_OPEN` when it cannot be written
   */
  static acquire(stateFile: string): InstanceLock {
    const db = openLock(stateFile);
    try {
      db.pragma('busy_timeout = 0');
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE');
      return new InstanceLock(db);
    } catch (cause) {
      db.close();
      throw new CodedError({
        code: 'STORE_IN_USE',
        family: 'store',
        message: `another ibmi-cdc daemon is using the state file ${stateFile}`,
        next: 'stop it first, or give this one its own `state:` file',
        facts: { file: stateFile },
        cause,
      });
    }
  }

  /** True while another process holds it. Never writes, and holds nothing itself. */
  static isHeld(stateFile: string): boolean {
    const file = `${stateFile}.lock`;
    if (!existsSync(file)) return false;
    try {
      const db = new Database(file, { readonly: true, timeout: 0 });
      try {
        db.prepare('SELECT count(*) FROM sqlite_master').get();
        return false;
      } finally {
        db.close();
      }
    } catch (error) {
      return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
    }
  }

  [Symbol.dispose](): void {
    this.db.close();
  }
}

function openLock(stateFile: string): Database.Database {
  try {
    mkdirSync(dirname(stateFile), { recursive: true });
    return new Database(`${stateFile}.lock`);
  } catch (cause) {
    throw notOpened(stateFile, cause);
  }
}
