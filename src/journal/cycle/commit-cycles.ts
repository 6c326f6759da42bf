import type { Position } from '../../model/position';
import type { CycleItem, CycleStore, SpilledCycle } from './cycle-store';
import { undoes } from './cycle-store';
import { JournalChange } from './journal-change';

interface CycleLimits {
  /** Items kept in memory over all cycles. */
  readonly items: number;
  /** Bytes of record images kept in memory over all cycles. */
  readonly bytes: number;
}

interface Cycle {
  readonly id: bigint;
  readonly first: Position;
  items: CycleItem[];
  /** Items before this index own their bytes. */
  copied: number;
  bytes: number;
  spilled: SpilledCycle | null;
  /** Of the newest entry copied; null within the block that began it. */
  news: { readonly timestamp: string; readonly job: string } | null;
}

/** The open cycle that has been silent the longest: its job may be gone, and the checkpoint waits for it. */
export interface QuietCycle {
  readonly cycle: bigint;
  readonly first: Position;
  /** Of its newest entry, clock of the partition. */
  readonly timestamp: string;
  readonly job: string;
}

/** A committed cycle on its way out: walked again where its transaction is rolled back; `done` frees what was spilled. */
export interface CommittedCycle {
  readonly id: bigint;
  readonly items: Iterable<CycleItem>;
  readonly count: number;
  done(): void;
}

export class CommitCycles {
  private readonly cycles = new Map<bigint, Cycle>();
  private items = 0;
  private bytes = 0;

  constructor(
    private readonly limits: CycleLimits,
    private readonly store: CycleStore,
    /** Called for each change that a compensation undid, and for the compensation itself. */
    private readonly undone: (change: JournalChange) => void,
  ) {}

  get openCycles(): number {
    return this.cycles.size;
  }
  get waitingItems(): number {
    return this.items;
  }

  has(cycle: bigint): boolean {
    return this.cycles.has(cycle);
  }

  openIds(): bigint[] {
    return [...this.cycles.keys()];
  }

  add(item: CycleItem, cycleId: bigint): void {
    const cycle = this.cycles.get(cycleId) ?? this.begin(cycleId, firstOf(item));
    if (item instanceof JournalChange && item.compensation && this.undo(cycle, item)) return;
    cycle.items.push(item);
    this.items++;
  }

  private begin(id: bigint, first: Position): Cycle {
    const cycle: Cycle = {
      id,
      first: { receiver: first.receiver, sequence: first.sequence },
      items: [],
      copied: 0,
      bytes: 0,
      spilled: null,
      news: null,
    };
    this.cycles.set(id, cycle);
    return cycle;
  }

  /** @returns false when there is nothing to undo: the change was made before our reading began, and stays a change */
  private undo(cycle: Cycle, compensation: JournalChange): boolean {
    // Compensations come in reverse order, so the target is nearly always the last item.
    for (let i = cycle.items.length - 1; i >= 0; i--) {
      const item = cycle.items[i]!;
      if (!(item instanceof JournalChange) || !item.sameRow(compensation)) continue;
      if (!undoes(compensation, item)) return false;
      cycle.items.splice(i, 1);
      this.items--;
      if (i < cycle.copied) {
        cycle.copied--;
        cycle.bytes -= item.copiedBytes;
        this.bytes -= item.copiedBytes;
      }
      this.undone(item);
      this.undone(compensation);
      return true;
    }
    const undone = cycle.spilled?.removeLast(compensation) ?? null;
    if (!undone) return false;
    this.undone(undone);
    this.undone(compensation);
    return true;
  }

  /** @returns null when no change of ours is in the cycle */
  commit(cycleId: bigint): CommittedCycle | null {
    const cycle = this.cycles.get(cycleId);
    if (!cycle) return null;
    this.forget(cycle);
    const { spilled, items } = cycle;
    return {
      id: cycleId,
      items: spilled ? { [Symbol.iterator]: () => chained(spilled, items) } : items,
      count: items.length + (spilled?.count ?? 0),
      done: () => spilled?.drop(),
    };
  }

  /** @returns what was dropped, so that the ledger can say so; null when no change of ours is in the cycle */
  rollback(cycleId: bigint): CommittedCycle | null {
    return this.commit(cycleId);
  }

  private forget(cycle: Cycle): void {
    this.cycles.delete(cycle.id);
    this.items -= cycle.items.length;
    this.bytes -= cycle.bytes;
  }

  /** Copies what would die with the block, and spills the largest cycles when memory is full. */
  copy(): void {
    for (const cycle of this.cycles.values()) {
      const newest = cycle.items.length > cycle.copied ? cycle.items.at(-1)! : null;
      if (newest) cycle.news = { timestamp: newest.timestamp, job: newest.job };
      for (let i = cycle.copied; i < cycle.items.length; i++) {
        const item = cycle.items[i]!;
        if (!(item instanceof JournalChange)) continue;
        item.copy();
        cycle.bytes += item.copiedBytes;
        this.bytes += item.copiedBytes;
      }
      cycle.copied = cycle.items.length;
    }
    while (this.items > this.limits.items || this.bytes > this.limits.bytes) {
      if (!this.spillLargest()) return;
    }
  }

  private spillLargest(): boolean {
    let largest: Cycle | null = null;
    for (const cycle of this.cycles.values())
      if (cycle.items.length > 0 && (!largest || cycle.bytes > largest.bytes)) largest = cycle;
    if (!largest) return false;
    largest.spilled ??= this.store.open(largest.id);
    largest.spilled.append(largest.items);
    this.items -= largest.items.length;
    this.bytes -= largest.bytes;
    largest.items = [];
    largest.copied = 0;
    largest.bytes = 0;
    return true;
  }

  quietest(): QuietCycle | null {
    let quietest: QuietCycle | null = null;
    for (const { id, first, news } of this.cycles.values())
      if (news && (!quietest || news.timestamp < quietest.timestamp)) quietest = { cycle: id, first, ...news };
    return quietest;
  }

  /** The first entry of the oldest open cycle: a restart must read from there. */
  oldest(before: (a: Position, b: Position) => boolean): Position | null {
    let oldest: Position | null = null;
    for (const { first } of this.cycles.values()) if (!oldest || before(first, oldest)) oldest = first;
    return oldest;
  }
}

/** A restart must read the before image again as well. */
function firstOf(item: CycleItem): Position {
  return (item instanceof JournalChange ? item.beforeEntry : null) ?? item.position;
}

function* chained(spilled: SpilledCycle, rest: readonly CycleItem[]): Generator<CycleItem> {
  yield* spilled.items();
  yield* rest;
}
