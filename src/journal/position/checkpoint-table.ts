/**
 * The durable position of each journal, written in the transaction that writes the events (*repeat, never gap*).
 *
 * `read` is the last entry that was dealt with; `resume` is where a restart begins to read, which lies earlier while a
 * commit cycle is open. Between the two only entries of the cycles listed are new; all others were dealt with.
 */
import type Database from 'better-sqlite3';
import { formatName, type Position, parseName, type QualifiedName } from '../../model/position';
import type { Schema, Store } from '../../store/store';

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
    `CREATE TABLE journal_outlook (
       journal TEXT PRIMARY KEY, behind TEXT NOT NULL, hours_to_loss REAL, retention_hours REAL NOT NULL,
       written_per_second REAL, read_per_second REAL, server_filter INTEGER NOT NULL, seen_at INTEGER NOT NULL
     ) WITHOUT ROWID`,
    'ALTER TABLE journal_outlook ADD COLUMN filter TEXT',
    // receivers as they were listed: once one is deleted, nobody else knows when it was written
    `CREATE TABLE journal_receiver (
       journal TEXT NOT NULL, receiver TEXT NOT NULL, attached TEXT NOT NULL, detached TEXT,
       PRIMARY KEY (journal, receiver)
     ) WITHOUT ROWID`,
    'ALTER TABLE journal_outlook ADD COLUMN way TEXT',
  ],
};

/** How a journal stood when its receivers were last looked at; for `status` and the metrics. */
export interface Outlook {
  readonly journal: QualifiedName;
  /** Entries between our position and the end of the journal; null when its receiver could not be read any more. */
  readonly behind: bigint | null;
  /** Hours until what we still need may be deleted; null when nothing is in danger. */
  readonly hoursToLoss: number | null;
  /** Hours of history the partition keeps. */
  readonly retentionHours: number;
  readonly writtenPerSecond: number | null;
  readonly readPerSecond: number | null;
  /** Where entries of foreign files are left out, and what it was measured to cost; null as an older version wrote it. */
  readonly filter: FilterReport | null;
  /** How entries are read, and why so; null as an older version wrote it. */
  readonly way: ReadWay | null;
  /** Milliseconds since 1970. */
  readonly seenAt: number;
}

/** A receiver as it was listed last; `LIB/NAME`, local clock of the partition, null while it was attached. */
export interface SeenReceiver {
  readonly receiver: string;
  readonly attached: string;
  readonly detached: string | null;
}

export interface ReadWay {
  readonly reader: 'sql' | 'api';
  /** `configured`, `it answers`, or what kept `auto` from the API. */
  readonly because: string;
}

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

interface OutlookRow {
  readonly behind: string;
  readonly hours_to_loss: number | null;
  readonly retention_hours: number;
  readonly written_per_second: number | null;
  readonly read_per_second: number | null;
  readonly seen_at: number;
  readonly filter: string | null;
  readonly way: string | null;
}

export class CheckpointTable {
  private readonly upsert: Database.Statement;
  private seen: Database.Statement | null = null;

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

  /** How fast the journal was read, and seconds since it was read last; nulls when neither is known. @param now milliseconds since 1970 */
  lastReading(
    journal: QualifiedName,
    now: number,
  ): { readonly entriesPerSecond: number | null; readonly silentSeconds: number | null } {
    const written = this.get(journal);
    return {
      entriesPerSecond: this.outlook(journal)?.readPerSecond ?? null,
      silentSeconds: written && (now - written.writtenAt) / 1000,
    };
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

  setOutlook(o: Outlook): void {
    this.store.db
      .prepare('INSERT OR REPLACE INTO journal_outlook VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        formatName(o.journal),
        o.behind?.toString() ?? '',
        o.hoursToLoss,
        o.retentionHours,
        o.writtenPerSecond,
        o.readPerSecond,
        o.filter?.place === 'server' ? 1 : 0,
        o.seenAt,
        o.filter === null ? null : JSON.stringify(o.filter),
        o.way === null ? null : JSON.stringify(o.way),
      );
  }

  /** When the receivers were last looked at, milliseconds since 1970; 0 before. Asked twice a second. */
  seenAt(journal: QualifiedName): number {
    this.seen ??= this.store.db.prepare('SELECT seen_at FROM journal_outlook WHERE journal = ?').pluck();
    return (this.seen.get(formatName(journal)) as number | undefined) ?? 0;
  }

  /** Null before the receivers were first looked at. */
  outlook(journal: QualifiedName): Outlook | null {
    const row = this.store.db.prepare('SELECT * FROM journal_outlook WHERE journal = ?').get(formatName(journal)) as
      | OutlookRow
      | undefined;
    if (!row) return null;
    return {
      journal,
      behind: row.behind === '' ? null : BigInt(row.behind),
      hoursToLoss: row.hours_to_loss,
      retentionHours: row.retention_hours,
      writtenPerSecond: row.written_per_second,
      readPerSecond: row.read_per_second,
      filter: row.filter === null ? null : (JSON.parse(row.filter) as FilterReport),
      way: row.way === null ? null : (JSON.parse(row.way) as ReadWay),
      seenAt: row.seen_at,
    };
  }

  /** Keeps what the partition lists; a name that is used again stands for the newer receiver. */
  noteReceivers(journal: QualifiedName, receivers: readonly SeenReceiver[]): void {
    const put = this.store.db.prepare('INSERT OR REPLACE INTO journal_receiver VALUES (?, ?, ?, ?)');
    const known = new Map(this.receiversSeen(journal).map((s) => [s.receiver, s]));
    const news = receivers.filter((r) => {
      const before = known.get(r.receiver);
      return before?.attached !== r.attached || before.detached !== r.detached;
    });
    if (news.length === 0) return;
    this.store.transaction(() => {
      for (const { receiver, attached, detached } of news) put.run(formatName(journal), receiver, attached, detached);
    });
  }

  /** In the order they were attached. */
  receiversSeen(journal: QualifiedName): SeenReceiver[] {
    return this.store.db
      .prepare('SELECT receiver, attached, detached FROM journal_receiver WHERE journal = ? ORDER BY attached')
      .all(formatName(journal)) as SeenReceiver[];
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

export type FilterPlace = 'client' | 'server';

/** What one way of reading was last measured to cost. */
export interface ReadCost {
  /** Sequence numbers passed, and entries that came back. */
  readonly numbers: number;
  readonly entries: number;
  /** Replies of the partition. */
  readonly calls: number;
  /** Waiting for replies and dealing with them, without the time mapping and writing took. */
  readonly ms: number;
}

export interface FilterReport {
  readonly place: FilterPlace;
  /** `default`: not measured yet. `tables`: the list is too long for the server. */
  readonly because: 'measured' | 'default' | 'configured' | 'tables';
  readonly client: ReadCost | null;
  readonly server: ReadCost | null;
}
