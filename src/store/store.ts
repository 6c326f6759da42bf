/**
 * The one SQLite file of a daemon. Every stage that must be durable registers its tables here and writes inside
 * `transaction`, so that events, checkpoint, ledger and open commit cycles are committed together or not at all.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { notOpened, storeFault } from './faults';
import { type Found, judge, LIFE_SCHEMA, ways } from './life';
import { markPath } from './mark';
import { Owner } from './owner';
import { createPrivate, narrowAll, placeOf } from './place';
import type { Schema } from './schema';
import { walOf } from './wal';

export type { Schema } from './schema';

export interface StoreOptions {
  readonly readonly?: boolean;
  /** True for the daemon, which holds the lock: the file is compared with what is remembered of it. */
  readonly owner?: boolean;
  /** True for one who would have nothing to do with a new file. */
  readonly mustExist?: boolean;
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
      const log = look(place, options);
      if (!existsSync(place)) create(place, schemas);
      else if (!options.readonly) narrowAll(place);
      db = new Database(place, { readonly: options.readonly ?? false });
      settings(db, options.readonly ?? false);
      if (!hasTables(db)) throw empty(place, 'holds no tables: the log beside it is missing');
      if (!options.readonly) migrate(db, schemas);
      return new Store(db, place, options.owner ? judge(place, db, log) : null);
    } catch (cause) {
      db?.close();
      throw notOpened(file, cause);
    }
  }

  private static inMemory(schemas: readonly Schema[]): Store {
    const db = new Database(IN_MEMORY);
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
    try {
      const result = db
        .transaction(() => {
          const done = work();
          if (counted) count?.run();
          return done;
        })
        .immediate();
      if (counted) owner?.committed();
      return result;
    } catch (error) {
      throw storeFault(this.file, error);
    }
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
 * Before SQLite touches it: is there anything here that must not be taken for new, or mixed?
 * @returns whether a log lies beside the file
 */
function look(place: string, { owner = false, mustExist = false }: StoreOptions): boolean {
  const found = statSync(place, { throwIfNoEntry: false });
  const log = statSync(`${place}-wal`, { throwIfNoEntry: false });
  if (!found) {
    const used = existsSync(markPath(place)) || (log?.size ?? 0) > 0;
    if (mustExist || (owner && used)) throw gone(place);
    return false;
  }
  if (found.isFile() && found.size === 0) throw empty(place, 'is empty');
  if (!found.isFile() || open.has(place)) return true;
  const kind = walOf(place);
  if (kind === 'foreign') throw foreignLog(place);
  return kind !== 'none';
}

/** Whole or not at all: a file under its own name was never without its tables. */
function create(place: string, schemas: readonly Schema[]): void {
  const made = `${place}.new`;
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(made + end, { force: true });
  createPrivate(made);
  const db = new Database(made);
  try {
    // half the cost of a block of events, as a commit writes and checks whole pages
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('journal_mode = MEMORY');
    migrate(db, schemas);
  } finally {
    db.close();
  }
  syncFile(made);
  renameSync(made, place);
  syncFile(dirname(place));
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

function newer(file: string, schema: string): CodedError {
  return new CodedError({
    code: 'STORE_NEWER',
    message: `the state file ${file} was written by another, newer version of ibmi-cdc (${schema})`,
    next: 'run that version or a later one again; to go back to this one, restore the backup that was made before the upgrade',
    facts: { file, schema },
  });
}

function gone(file: string): CodedError {
  return new CodedError({
    code: 'STATE_GONE',
    message: `the state file ${file} is gone: what lies beside it says that it was in use`,
    next: `put it back or restore a backup (docs/backup.md); or begin anew, which skips what was changed since: ibmi-cdc resume --state accept`,
    facts: { file },
  });
}

function empty(file: string, what: string): CodedError {
  return new CodedError({
    code: 'STATE_EMPTY',
    message: `the state file ${file} ${what}; it is not taken for a new one`,
    next: `restore a backup (docs/backup.md); or begin anew, which skips what was changed since: ibmi-cdc resume --state accept`,
    facts: { file },
  });
}

function foreignLog(file: string): CodedError {
  return new CodedError({
    code: 'STATE_FOREIGN_LOG',
    message: `${file}-wal does not belong to ${file}: together they would be a mixture`,
    next: `if ${file} was restored over another one, the log is a leftover: ${ways(file).split('; or ')[1]}, which sets the log aside; otherwise put back the file that the log belongs to`,
    facts: { file },
  });
}
