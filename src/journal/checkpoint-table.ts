/**
 * The durable position of each journal, written in the transaction that writes the events (*repeat, never gap*).
 *
 * `read` is the last entry that was dealt with; `resume` is where a restart begins to read, which lies earlier while a
 * commit cycle is open. Between the two only entries of the cycles listed are new; all others were dealt with.
 */
import type Database from 'better-sqlite3';
import { formatName, type Position, parseName, type QualifiedName } from '../model/position';
import type { Schema, Store } from '../store/store';

export const CHECKPOINT_SCHEMA: Schema = {
  name: 'journal_checkpoint',
  steps: [
    `CREATE TABLE journal_checkpoint (
       journal TEXT PRIMARY KEY,
       read_receiver TEXT NOT NULL, read_sequence TEXT NOT NULL,
       resume_receiver TEXT NOT NULL, resume_sequence TEXT NOT NULL,
       open_cycles TEXT NOT NULL,
       written_at INTEGER NOT NULL
     ) WITHOUT ROWID`,
  ],
};

export interface Checkpoint {
  /** Last entry dealt with; sequence 0 when nothing of the receiver was read yet. */
  readonly read: Position;
  /** First entry a restart asks for; sequence 0 is the receiver's first. */
  readonly resume: Position;
  /** Commit cycles with changes of ours that have not ended at `read`. */
  readonly openCycles: readonly bigint[];
}

export interface WrittenCheckpoint extends Checkpoint {
  readonly journal: QualifiedName;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
}

interface Row {
  readonly journal: string;
  readonly read_receiver: string;
  readonly read_sequence: string;
  readonly resume_receiver: string;
  readonly resume_sequence: string;
  readonly open_cycles: string;
  readonly written_at: number;
}

export class CheckpointTable {
  private readonly upsert: Database.Statement;

  constructor(private readonly store: Store) {
    this.upsert = store.db.prepare(
      `INSERT INTO journal_checkpoint VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (journal) DO UPDATE SET
         read_receiver = excluded.read_receiver, read_sequence = excluded.read_sequence,
         resume_receiver = excluded.resume_receiver, resume_sequence = excluded.resume_sequence,
         open_cycles = excluded.open_cycles, written_at = excluded.written_at`,
    );
  }

  get(journal: QualifiedName): WrittenCheckpoint | null {
    const row = this.store.db.prepare('SELECT * FROM journal_checkpoint WHERE journal = ?').get(formatName(journal));
    return row ? checkpointOf(row as Row) : null;
  }

  all(): WrittenCheckpoint[] {
    return (this.store.db.prepare('SELECT * FROM journal_checkpoint ORDER BY journal').all() as Row[]).map(
      checkpointOf,
    );
  }

  /** Call inside the transaction that writes the events. */
  write(journal: QualifiedName, checkpoint: Checkpoint, now: number): void {
    this.upsert.run(
      formatName(journal),
      formatName(checkpoint.read.receiver),
      checkpoint.read.sequence.toString(),
      formatName(checkpoint.resume.receiver),
      checkpoint.resume.sequence.toString(),
      checkpoint.openCycles.join(','),
      now,
    );
  }

  /** Forgets a journal: the next start follows the configured one. For operators. */
  remove(journal: QualifiedName): void {
    this.store.db.prepare('DELETE FROM journal_checkpoint WHERE journal = ?').run(formatName(journal));
  }
}

function checkpointOf(row: Row): WrittenCheckpoint {
  return {
    journal: parseName(row.journal)!,
    read: { receiver: parseName(row.read_receiver)!, sequence: BigInt(row.read_sequence) },
    resume: { receiver: parseName(row.resume_receiver)!, sequence: BigInt(row.resume_sequence) },
    openCycles: row.open_cycles === '' ? [] : row.open_cycles.split(',').map(BigInt),
    writtenAt: row.written_at,
  };
}
