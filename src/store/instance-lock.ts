/**
 * One daemon for one state file, by whatever path it is reached. The locks are exclusive SQLite locks on files of their
 * own, so the operating system releases them however the process ends: one beside the file, which also holds across
 * machines and containers that share the folder, and one named after device and inode, for a file with several names.
 */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { CodedError, isCoded } from '../errors/coded-error';
import { openSqlite } from '../sqlite';
import { notOpened } from './faults';
import { besideInode } from './own-folder';
import { keepPrivate, placeOf } from './place';

/** Whoever asks whether a daemon runs touches its lock for less than this, milliseconds: that is no second daemon. */
const GLANCE_MS = 500;

export class InstanceLock implements Disposable {
  private readonly held: Database.Database[] = [];

  private constructor(
    private readonly asked: string,
    private readonly place: string,
  ) {}

  /**
   * Makes the folder of the state file where there is none.
   * @throws CodedError family store: `STORE_IN_USE` when another process holds it, and what keeps a file from being written
   */
  static acquire(stateFile: string): InstanceLock {
    const lock = new InstanceLock(stateFile, placeFor(stateFile));
    try {
      lock.hold(`${lock.place}.lock`);
      lock.fileExists();
      return lock;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Call once the file is there: what is locked is then the file itself. */
  fileExists(): void {
    if (this.held.length > 1) return;
    const path = besideInode(this.place, '.lock');
    if (path === null) return;
    try {
      this.hold(path);
    } catch (error) {
      // a temporary folder that is full must not keep a daemon from its own disk
      if (isCoded(error) && error.code === 'STORE_IN_USE') throw error;
    }
  }

  /** True while another process holds it. Never writes, and holds nothing itself. */
  static isHeld(stateFile: string): boolean {
    if (!existsSync(dirname(stateFile))) return false;
    try {
      const file = `${placeOf(stateFile)}.lock`;
      if (!existsSync(file)) return false;
      const db = openSqlite(file, { readonly: true, timeout: 0 });
      try {
        db.prepare('SELECT count(*) FROM sqlite_master').get();
        return false;
      } finally {
        db.close();
      }
    } catch (error) {
      return isBusy(error);
    }
  }

  [Symbol.dispose](): void {
    for (const db of this.held.splice(0)) db.close();
  }

  private hold(path: string): void {
    let db: Database.Database | null = null;
    try {
      keepPrivate(path);
      db = openSqlite(path, { timeout: GLANCE_MS });
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE');
      this.held.push(db);
    } catch (cause) {
      db?.close();
      throw isBusy(cause) ? inUse(this.asked, cause) : notOpened(path, cause);
    }
  }
}

function placeFor(stateFile: string): string {
  try {
    return placeOf(stateFile);
  } catch (cause) {
    throw notOpened(stateFile, cause);
  }
}

/** By its code: the class of the error is another one where the module was loaded twice. */
function isBusy(cause: unknown): boolean {
  return String((cause as { code?: unknown } | null)?.code).startsWith('SQLITE_BUSY');
}

function inUse(stateFile: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'STORE_IN_USE',
    message: `another ibmi-cdc daemon is using the state file ${stateFile}`,
    next: 'stop it first, or give this one its own `state:` file',
    facts: { file: stateFile },
    cause,
  });
}
