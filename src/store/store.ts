/**
 * The one SQLite file of a daemon. Every stage that must be durable registers its tables here and writes inside
 * `transaction`, so that events, checkpoint, ledger and open commit cycles are committed together or not at all.
 */
import Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';

/** A stage's tables. `version` n means `steps[0..n-1]` have run. Steps are append-only. */
export interface Schema {
  readonly name: string;
  readonly steps: readonly string[];
}

/** Error `STORE_OPEN`, family store. */
export function notOpened(file: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'STORE_OPEN',
    family: 'store',
    message: `cannot open the state file ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: 'check that the folder of `state:` exists or can be made, is writable and has free space; restore the file from a copy if it is corrupt',
    facts: { file },
    cause,
  });
}

const PAGE_BYTES = 16 * 1024;
/** The write-ahead log is carried over into the file when it has grown to this. */
const WAL_BYTES = 16 * 1024 * 1024;

export class Store implements Disposable {
  readonly db: Database.Database;

  private constructor(db: Database.Database) {
    this.db = db;
  }

  /**
   * Opens or creates the file and brings every schema up to date.
   * @param file path, or `:memory:` for tools that keep nothing
   * @throws CodedError family `store`
   */
  static open(file: string, schemas: readonly Schema[], options: { readonly readonly?: boolean } = {}): Store {
    try {
      const db = new Database(file, { readonly: options.readonly ?? false });
      db.pragma('busy_timeout = 5000');
      if (!options.readonly) {
        // of a new file; half the cost of a block of events, as a commit writes and checks whole pages
        db.pragma(`page_size = ${PAGE_BYTES}`);
        db.pragma('journal_mode = WAL');
        // FULL: a committed checkpoint survives power loss. With one transaction a block it costs little; NORMAL may lose the last ones.
        db.pragma('synchronous = FULL');
        db.pragma(`wal_autocheckpoint = ${WAL_BYTES / PAGE_BYTES}`);
      }
      db.pragma('foreign_keys = ON');
      const store = new Store(db);
      if (!options.readonly) store.migrate(schemas);
      return store;
    } catch (cause) {
      throw notOpened(file, cause);
    }
  }

  private migrate(schemas: readonly Schema[]): void {
    this.db.exec(
      'CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID',
    );
    const get = this.db.prepare('SELECT version FROM schema_version WHERE name = ?').pluck();
    const set = this.db.prepare(
      'INSERT INTO schema_version VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET version = excluded.version',
    );
    this.transaction(() => {
      for (const schema of schemas) {
        const from = (get.get(schema.name) as number | undefined) ?? 0;
        if (from > schema.steps.length) throw new Error(`${schema.name} was written by another version of ibmi-cdc`);
        for (const step of schema.steps.slice(from)) this.db.exec(step);
        set.run(schema.name, schema.steps.length);
      }
    });
  }

  /** Runs `work` in one IMMEDIATE transaction; nested calls join the outer one. */
  transaction<T>(work: () => T): T {
    if (this.db.inTransaction) return work();
    return this.db.transaction(work).immediate();
  }

  close(): void {
    this.db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
