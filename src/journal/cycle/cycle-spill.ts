/**
 * Open commit cycles beyond the memory bound, in a temporary table of the state file's connection: on disk, never
 * synced, gone with the process. Nothing is lost by that: the checkpoint never passes the start of an open cycle, so a
 * restart reads its entries again.
 */
import type Database from 'better-sqlite3';
import type { TableNotice } from '../../model/change';
import { formatName, type QualifiedName } from '../../model/position';
import type { Store } from '../../store/store';
import { type BlockEntry, CopiedEntry, type ObjectNames } from '../entry/block-entry';
import type { SpilledCycle } from './cycle-store';
import { type CycleItem, type CycleStore, undoes } from './cycle-store';
import { JournalChange } from './journal-change';

const TABLE = `CREATE TEMP TABLE IF NOT EXISTS cycle_spill (
  id INTEGER PRIMARY KEY,
  journal TEXT NOT NULL,
  cycle TEXT NOT NULL,
  row TEXT NOT NULL,
  head TEXT NOT NULL,
  after BLOB, after_nulls BLOB, before BLOB, before_nulls BLOB
);
CREATE INDEX IF NOT EXISTS temp.cycle_spill_row ON cycle_spill (journal, cycle, row, id);`;

interface Head {
  readonly entry?: EntryHead;
  readonly before?: EntryHead;
  readonly op?: JournalChange['op'];
  readonly compensation?: boolean;
  readonly notice?: Omit<TableNotice, 'position'> & { readonly position: [string, string, string] };
}

interface EntryHead {
  readonly receiver: QualifiedName;
  readonly sequence: string;
  readonly timestamp: string;
  readonly kind: string;
  readonly object: string;
  readonly rrn: string;
  readonly cycle: string;
  readonly flag: string;
  readonly user: string;
  readonly job: string;
  readonly program: string;
  readonly remoteAddress: string;
}

interface SpillRow {
  readonly id: number;
  readonly head: string;
  readonly after: Buffer | null;
  readonly after_nulls: Buffer | null;
  readonly before: Buffer | null;
  readonly before_nulls: Buffer | null;
}

export class CycleSpill implements CycleStore {
  private readonly journalName: string;
  private readonly insert: Database.Statement;
  private readonly page: Database.Statement;
  private readonly last: Database.Statement;
  private readonly remove: Database.Statement;
  private readonly dropAll: Database.Statement;

  constructor(
    private readonly store: Store,
    private readonly journal: QualifiedName,
    private readonly names: ObjectNames,
  ) {
    this.journalName = formatName(journal);
    const { db } = store;
    db.exec(TABLE);
    db.prepare('DELETE FROM cycle_spill WHERE journal = ?').run(this.journalName);
    this.insert = db.prepare(
      'INSERT INTO cycle_spill (journal, cycle, row, head, after, after_nulls, before, before_nulls) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    const columns = 'id, head, after, after_nulls, before, before_nulls';
    this.page = db.prepare(
      `SELECT ${columns} FROM cycle_spill WHERE id > ? AND journal = ? AND cycle = ? ORDER BY id LIMIT 500`,
    );
    this.last = db.prepare(
      `SELECT ${columns} FROM cycle_spill WHERE journal = ? AND cycle = ? AND row = ? ORDER BY id DESC LIMIT 1`,
    );
    this.remove = db.prepare('DELETE FROM cycle_spill WHERE id = ?');
    this.dropAll = db.prepare('DELETE FROM cycle_spill WHERE journal = ? AND cycle = ?');
  }

  open(cycle: bigint): SpilledCycle {
    return new Spilled(this, cycle.toString());
  }

  append(cycle: string, items: readonly CycleItem[]): void {
    this.store.transaction(() => {
      for (const item of items) this.write(cycle, item);
    });
  }

  private write(cycle: string, item: CycleItem): void {
    if (!(item instanceof JournalChange)) {
      const p = item.position;
      const notice = { ...item, position: [p.receiver.library, p.receiver.name, p.sequence.toString()] };
      this.insert.run(this.journalName, cycle, '', JSON.stringify({ notice }), null, null, null, null);
      return;
    }
    const { entry, beforeEntry } = item;
    const head: Head = {
      entry: headOf(entry),
      ...(beforeEntry ? { before: headOf(beforeEntry) } : {}),
      op: item.op,
      compensation: item.compensation,
    };
    this.insert.run(
      this.journalName,
      cycle,
      rowOf(item),
      JSON.stringify(head),
      entry.data,
      entry.nulls,
      beforeEntry?.data ?? null,
      beforeEntry?.nulls ?? null,
    );
  }

  *read(cycle: string): Iterable<CycleItem> {
    let after = 0;
    for (;;) {
      // Pages, not iterate(): the caller writes events with the same connection between two items.
      const rows = this.page.all(after, this.journalName, cycle) as SpillRow[];
      for (const row of rows) yield this.itemOf(row);
      if (rows.length === 0) return;
      after = rows.at(-1)!.id;
    }
  }

  private itemOf(row: SpillRow): CycleItem {
    const head = JSON.parse(row.head) as Head;
    if (head.notice) {
      const [library, name, sequence] = head.notice.position;
      return { ...head.notice, position: { receiver: { library, name }, sequence: BigInt(sequence) } };
    }
    const entry = this.entryOf(head.entry!, row.after, row.after_nulls);
    const before = head.before ? this.entryOf(head.before, row.before, row.before_nulls) : null;
    return new JournalChange(head.op!, this.journal, entry, before, head.compensation!);
  }

  private entryOf(head: EntryHead, bytes: Buffer | null, nulls: Buffer | null): CopiedEntry {
    const { receiver, timestamp, kind, flag, user, job, program, remoteAddress } = head;
    return new CopiedEntry({
      receiver,
      sequence: BigInt(head.sequence),
      timestamp,
      kind,
      ref: this.names.ofText(head.object),
      rrn: BigInt(head.rrn),
      commitCycle: BigInt(head.cycle),
      flag,
      nulls,
      bytes,
      user,
      job,
      program,
      remoteAddress,
      slot: -1,
    });
  }

  removeLast(cycle: string, compensation: JournalChange): JournalChange | null {
    const row = this.last.get(this.journalName, cycle, rowOf(compensation)) as SpillRow | undefined;
    if (!row) return null;
    const item = this.itemOf(row);
    if (!(item instanceof JournalChange) || !undoes(compensation, item)) return null;
    this.remove.run(row.id);
    return item;
  }

  drop(cycle: string): void {
    this.dropAll.run(this.journalName, cycle);
  }
}

class Spilled implements SpilledCycle {
  count = 0;

  constructor(
    private readonly spill: CycleSpill,
    private readonly cycle: string,
  ) {}

  append(items: readonly CycleItem[]): void {
    this.spill.append(this.cycle, items);
    this.count += items.length;
  }
  items(): Iterable<CycleItem> {
    return this.spill.read(this.cycle);
  }
  removeLast(compensation: JournalChange): JournalChange | null {
    const removed = this.spill.removeLast(this.cycle, compensation);
    if (removed) this.count--;
    return removed;
  }
  drop(): void {
    this.spill.drop(this.cycle);
  }
}

/** File, member and record number in one word. */
function rowOf(change: JournalChange): string {
  return `${objectOf(change.entry)}${change.entry.rrn}`;
}

function objectOf(entry: BlockEntry): string {
  const file = entry.ref.file!;
  return `${file.name.padEnd(10)}${file.library.padEnd(10)}${entry.ref.member.padEnd(10)}`;
}

function headOf(entry: BlockEntry): EntryHead {
  return {
    receiver: entry.receiver,
    sequence: entry.sequence.toString(),
    timestamp: entry.timestamp,
    kind: entry.kind,
    object: objectOf(entry),
    rrn: entry.rrn.toString(),
    cycle: entry.commitCycle.toString(),
    flag: entry.flag,
    user: entry.user,
    job: entry.job,
    program: entry.program,
    remoteAddress: entry.remoteAddress,
  };
}
