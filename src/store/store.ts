/**
 * The one SQLite file of a daemon. Every stage that must be durable registers its tables here and writes inside
 * `transaction`, so that events, checkpoint, ledger and open commit cycles are committed together or not at all.
 */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { openSqlite } from '../sqlite';
import { notOpened, storeFault } from './faults';
import { type Found, judge, LIFE_SCHEMA } from './life';
import { look, type Purpose, stateEmpty } from './look';
import { Owner } from './owner';
import { createPrivate, narrowAll, placeOf } from './place';
import type { Schema } from './schema';

export type { Schema } from './schema';

interface StoreOptions extends Purpose {
  readonly readonly?: boolean;
}

const PAGE_BYTES = 16 * 1024;
/** The write-ahead log is carried over into the file when it has grown to this. */
const WAL_BYTES = 16 * 1024 * 1024;

/** Files this process has open: looking into one of them would let go of its locks. */
const open = new Map<string, number>();

export class Store implements Disposable {
  readonly db: Database.Database;
  /** What only the daemon that owns the file does; null for everybody else. */
  readonly owner: Owner | null = null;
  private readonly count: Database.Statement | null;
  /** What is to be done once the open transaction has committed. */
  private later: (() => void)[] = [];

  private constructor(
    db: Database.Database,
    readonly file: string,
    found: Found | null,
  ) {
    this.db = db;
    const counts = file !== IN_MEMORY && !db.readonly;
    this.count = counts ? db.prepare('UPDATE store_mark SET commits = commits + 1') : null;
    if (found !== null) this.owner = new Owner(this, found);
    if (file !== IN_MEMORY) open.set(file, (open.get(file) ?? 0) + 1);
  }

  /**
   * Opens or creates the file and brings every schema up to date.
   * @param file path, or `:memory:` for tools that keep nothing
   * @throws CodedError family `store`; family `positionLost` where a file that was used would have to be taken for new
   */
  static open(file: string, schemas: readonly Schema[], options: StoreOptions = {}): Store {
    if (file === IN_MEMORY) return Store.inMemory(schemas);
    let db: Database.Database | null = null;
    try {
      const place = placeOf(file);
      // looking into a file that this process has open would let go of its locks
      const log = (open.has(place) && existsSync(place)) || look(place, options);
      if (!existsSync(place)) create(place, schemas, options.owner ? '' : `-${process.pid}`);
      else if (!options.readonly) narrowAll(place);
      db = openSqlite(place, { readonly: options.readonly ?? false });
      settings(db, options.readonly ?? false);
      if (!hasTables(db)) throw stateEmpty(place, 'holds no tables: the log beside it is missing');
      if (!options.readonly) migrate(db, schemas);
      return new Store(db, place, options.owner ? judge(place, db, log) : null);
    } catch (cause) {
      db?.close();
      throw notOpened(file, cause);
    }
  }

  private static inMemory(schemas: readonly Schema[]): Store {
    const db = openSqlite(IN_MEMORY);
    settings(db, false);
    migrate(db, schemas);
    return new Store(db, IN_MEMORY, null);
  }

  /**
   * Runs `work` in one IMMEDIATE transaction; nested calls join the outer one.
   * @param counted false for one that may be lost with the power
   * @throws CodedError family store for what keeps the file from being written
   */
  transaction<T>(work: () => T, counted = true): T {
    const { db, owner, count } = this;
    if (db.inTransaction) return work();
    owner?.check();
    this.later = [];
    let result: T;
    try {
      result = db
        .transaction(() => {
          const done = work();
          if (counted) count?.run();
          return done;
        })
        .immediate();
      if (counted) owner?.committed();
      else owner?.committedLazily();
    } catch (error) {
      throw storeFault(this.file, error);
    }
    for (const act of this.later.splice(0)) act();
    return result;
  }

  /**
   * Has something said or counted once the open transaction has committed, and never if it is rolled back; at once where none
   * is open. It must not throw: what it follows is written down.
   */
  afterCommit(act: () => void): void {
    if (this.db.inTransaction) this.later.push(act);
    else act();
  }

  close(): void {
    if (!this.db.open) return;
    this.owner?.end();
    this.db.close();
    this.owner?.close();
    const left = (open.get(this.file) ?? 1) - 1;
    if (left > 0) open.set(this.file, left);
    else open.delete(this.file);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const IN_MEMORY = ':memory:';

/**
 * Whole or not at all: a file under its own name was never without its tables.
 * @param whose end of the name it is made under: whoever makes one at the same time must not touch it
 */
function create(place: string, schemas: readonly Schema[], whose: string): void {
  const made = `${place}.new${whose}`;
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(made + end, { force: true });
  createPrivate(made);
  const db = openSqlite(made);
  try {
    // half the cost of a block of events, as a commit writes and checks whole pages
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = MEMORY');
    migrate(db, schemas);
    // not by the first to open it, while others do
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
  syncFile(made);
  giveName(made, place);
  syncFile(dirname(place));
}

/** Never over a file that another process has made meanwhile, and may have open: that one is as good. */
function giveName(made: string, place: string): void {
  try {
    linkSync(made, place);
  } catch (error) {
    // a disk without links
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      renameSync(made, place);
      return;
    }
  }
  rmSync(made, { force: true });
}

export function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch {
    // not every system lets a folder be synchronised
  } finally {
    closeSync(fd);
  }
}

function settings(db: Database.Database, readonly: boolean): void {
  db.pragma('busy_timeout = 5000');
  if (!readonly) {
    if (db.memory) db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = WAL');
    // FULL: a committed checkpoint survives power loss. With one transaction a block it costs little; NORMAL may lose the last ones.
    db.pragma('synchronous = FULL');
    db.pragma(`wal_autocheckpoint = ${WAL_BYTES / PAGE_BYTES}`);
  }
  db.pragma('foreign_keys = ON');
}

function hasTables(db: Database.Database): boolean {
  return db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() !== undefined;
}

function migrate(db: Database.Database, schemas: readonly Schema[]): void {
  // a busy daemon beside us may hold the right to write for longer than we wait
  if (isPresent(db, schemas)) return;
  const run = db.transaction(() => {
    db.exec(
      'CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID',
    );
    const get = db.prepare('SELECT version FROM schema_version WHERE name = ?').pluck();
    const set = db.prepare(
      'INSERT INTO schema_version VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET version = excluded.version',
    );
    for (const schema of [LIFE_SCHEMA, ...schemas]) {
      const from = (get.get(schema.name) as number | undefined) ?? 0;
      if (from > schema.steps.length) throw newer(db.name, schema.name);
      for (const step of schema.steps.slice(from)) db.exec(step);
      if (from < schema.steps.length) set.run(schema.name, schema.steps.length);
    }
  });
  run.immediate();
}

/** Whether every table is there as this version knows it. */
function isPresent(db: Database.Database, schemas: readonly Schema[]): boolean {
  const versioned = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").get() !== undefined;
  if (!versioned) return false;
  const get = db.prepare('SELECT version FROM schema_version WHERE name = ?').pluck();
  return [LIFE_SCHEMA, ...schemas].every(({ name, steps }) => get.get(name) === steps.length);
}

function newer(file: string, schema: string): CodedError {
  return new CodedError({
    code: 'STORE_NEWER',
    message: `the state file ${file} was written by another, newer version of ibmi-cdc (${schema})`,
    next: 'run that version or a later one again; to go back to this one, restore the backup that was made before the upgrade',
    facts: { file, schema },
  });
}
