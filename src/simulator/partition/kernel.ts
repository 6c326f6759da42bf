/** What the partition's parts share: the database, the clock, the entry store, one transaction at a time. */
import type Database from 'better-sqlite3';
import { SqlFailure } from '../sql-session';
import type { Clock } from './clock';
import type { LocalTimestamp } from './contract';
import { CpfFailure } from './failures';
import { RowLocks } from './jobs/row-locks';
import type { JournalEntries } from './journal/journal-entries';

/** Name of the job the system itself works under: IPL, recovery, receiver management. */
const SYSTEM_ORIGIN = {
  jobName: 'SCPF',
  jobUser: 'QSYS',
  jobNumber: '000000',
  userName: 'QSYS',
  program: 'QDBRCVRY',
  programLibrary: 'QSYS',
  remoteAddress: '',
  remotePort: 0,
  thread: '',
} as const;

export class Kernel {
  readonly locks = new RowLocks();

  constructor(
    readonly db: Database.Database,
    readonly clock: Clock,
    readonly entries: JournalEntries,
  ) {}

  now(): LocalTimestamp {
    return this.clock.now();
  }

  systemOrigin(): number {
    return this.entries.originId(SYSTEM_ORIGIN);
  }

  /**
   * One IMMEDIATE transaction; nested calls join. A host failure is reported after what was done is kept, as commands and
   * statements without commitment control do; anything else is a defect and rolls back, with the ids handed out.
   */
  transaction<T>(work: () => T): T {
    const { db } = this;
    if (db.inTransaction) return work();
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      const reported = error instanceof SqlFailure || error instanceof CpfFailure;
      if (db.inTransaction) db.exec(reported ? 'COMMIT' : 'ROLLBACK');
      if (!reported) this.entries.forget();
      throw error;
    }
  }

  value(name: string): string | null {
    return (
      (this.db.prepare('SELECT value FROM partition_value WHERE name = ?').pluck().get(name) as string | undefined) ??
      null
    );
  }

  setValue(name: string, value: string): void {
    this.db
      .prepare('INSERT INTO partition_value VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value')
      .run(name, value);
  }
}
