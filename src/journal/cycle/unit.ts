/**
 * What one turn of the reader hands on: row changes and notices in the order they are to be published, and the ledger
 * and checkpoint that go with them.
 *
 * Use: open a store transaction, walk `items()`, write what mapping makes of each, say with `note` what it did not
 * publish, call `commit()`, end the transaction. Images are views: they die when the next unit is asked for.
 */
import type { Change, TableNotice } from '../../model/change';
import { formatName, type Position, type QualifiedName } from '../../model/position';
import { FATE } from '../ledger/ledger';
import type { LedgerWriter } from '../ledger/writer';
import type { Checkpoint, CheckpointTable } from '../position/checkpoint-table';
import type { CommittedCycle } from './commit-cycles';
import type { CycleItem } from './cycle-store';
import type { DeleteGuard } from './delete-guard';
import { JournalChange } from './journal-change';

export type UnitItem = Change | TableNotice;

export function isNotice(item: UnitItem): item is TableNotice {
  return 'kind' in item;
}

export interface JournalUnit {
  readonly journal: QualifiedName;
  readonly checkpoint: Checkpoint;
  /** Journal entries this unit accounts for. */
  readonly entries: number;
  /** True when nothing more was to be had when it was read. */
  readonly caughtUp: boolean;
  /** Synchronous; walked again after a rolled back transaction. A long commit cycle is read back from disk while you walk. */
  items(): Iterable<UnitItem>;
  /** The same without what a burst of deletes raises, with where each took effect. */
  groups(): Iterable<UnitGroup>;
  /** A change that became no event, and why: the rule that said no, or the code it is set aside under. */
  note(change: Change, fate: 'filtered' | 'quarantined', detail: string): void;
  /** Writes ledger and checkpoint; inside the transaction, after the items. */
  commit(): void;
}

/** Where changes took effect: the entry itself, or the one that committed its cycle. */
export interface Effect {
  readonly position: Position;
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition. */
  readonly timestamp: string;
}

export type Pending = CycleItem | { readonly cycle: CommittedCycle; readonly at: Effect };

/** What took effect at once: one change or notice, or all of a commit cycle. Walked as often as wanted while the unit lives. */
export interface UnitGroup {
  readonly at: Effect;
  readonly items: Iterable<CycleItem>;
}

interface UnitParts {
  readonly journal: QualifiedName;
  readonly checkpoint: Checkpoint;
  readonly entries: number;
  readonly caughtUp: boolean;
  readonly pending: readonly Pending[];
  readonly ledger: LedgerWriter;
  readonly checkpoints: CheckpointTable;
  readonly guard: DeleteGuard;
  readonly now: () => number;
}

export class ReaderUnit implements JournalUnit {
  readonly journal: QualifiedName;
  readonly checkpoint: Checkpoint;
  readonly entries: number;
  readonly caughtUp: boolean;
  committed = false;
  private bursts: ReturnType<DeleteGuard['snapshot']> | null = null;

  constructor(private readonly parts: UnitParts) {
    this.journal = parts.journal;
    this.checkpoint = parts.checkpoint;
    this.entries = parts.entries;
    this.caughtUp = parts.caughtUp;
  }

  get empty(): boolean {
    return this.parts.pending.length === 0;
  }

  items(): Iterable<UnitItem> {
    const { guard, pending } = this.parts;
    this.bursts ??= guard.snapshot();
    guard.restore(this.bursts);
    // a generator costs each item more than a place in a list; what lies on disk must not be made into one
    if (pending.some((p) => 'cycle' in p && !Array.isArray(p.cycle.items))) return this.walk();
    const items: UnitItem[] = [];
    for (const next of pending) {
      if ('cycle' in next) for (const item of next.cycle.items) this.append(item, true, items);
      else this.append(next, false, items);
    }
    return items;
  }

  *groups(): Iterable<UnitGroup> {
    for (const next of this.parts.pending)
      yield 'cycle' in next ? { at: next.at, items: next.cycle.items } : { at: next, items: [next] };
  }

  private *walk(): Iterable<UnitItem> {
    for (const next of this.parts.pending) {
      const held = 'cycle' in next;
      for (const item of held ? next.cycle.items : [next]) {
        const items: UnitItem[] = [];
        this.append(item, held, items);
        yield* items;
      }
    }
  }

  /** Appends the item, with a notice before it where a delete breaks the limit. @param held until its commit cycle ended */
  private append(item: CycleItem, held: boolean, items: UnitItem[]): void {
    if (item instanceof JournalChange) {
      if (held) this.parts.ledger.settle(item.entry, FATE.published);
      if (item.op === 'delete') this.guard(item, items);
    }
    items.push(item);
  }

  private guard(item: JournalChange, items: UnitItem[]): void {
    const limit = item.entry.ref.table?.massDelete;
    if (!limit) return;
    const deletes = this.parts.guard.observe(formatName(item.table), limit, item.timestamp);
    if (deletes !== null) items.push(massDelete(item, deletes));
  }

  note(change: Change, fate: 'filtered' | 'quarantined', detail: string): void {
    if (change instanceof JournalChange) this.parts.ledger.settleAs(change.entry, fate, detail);
  }

  commit(): void {
    const { ledger, checkpoints, pending, journal, checkpoint } = this.parts;
    for (const p of pending) if ('cycle' in p) p.cycle.done();
    ledger.flush(checkpoint.read.receiver);
    checkpoints.write(journal, checkpoint, this.parts.now());
    this.committed = true;
  }
}

function massDelete(change: JournalChange, deletes: number): TableNotice {
  return {
    kind: 'table.mass-delete',
    table: change.table,
    member: change.member,
    journal: change.journal,
    position: change.position,
    timestamp: change.timestamp,
    user: change.user,
    job: change.job,
    program: change.program,
    facts: { action: 'pause', alert: true, deletes },
  };
}
