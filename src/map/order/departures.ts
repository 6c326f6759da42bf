/**
 * The order in which events leave mapping.
 *
 * Promise: of two events with one table and key that go to one destination, the one whose entry is older leaves first,
 * whatever waited for what. Every change has a turn; an event has the turn of its last change. Before an event leaves, what
 * is held for its key with an older turn is sent. News for parents wait for the end of their commit cycle, and everything
 * of that cycle behind them waits with them.
 */
import type { Change } from '../../model/change';
import type { EventDraft } from '../../model/event';
import { CycleQueue } from './cycle-queue';
import { type Held, HeldChanges, type HeldStore, merged } from './held';

/** Deletions of parents remembered within a cycle. */
const MAX_DELETED = 10_000;

export class Departures {
  private kept = new HeldChanges(null);
  private held = this.kept;
  private readonly queue = new CycleQueue();
  private cycle = 0n;
  private turn = 0;
  /** Latest moment the unit's changes were made, as `Held.startedMs`. */
  private latestMs = 0;
  /** Parents whose deletion has left in this cycle (or waits in the queue): turn and destinations by table and key. */
  private readonly deleted = new Map<string, { readonly turn: number; readonly destinations: readonly string[] }>();
  /** Tables whose events may have news; `LIB/FILE`. */
  readonly parents = new Set<string>();
  private out: EventDraft[] = [];

  /** @param render events of what was held; none if nothing can be made of it */
  constructor(private readonly render: (item: Held) => readonly EventDraft[]) {}

  /** From now on what is held outlives its unit. Before the first unit. */
  keepIn(store: HeldStore): void {
    this.kept = new HeldChanges(store);
    this.held = this.kept;
    for (const { turn } of this.kept.values()) this.turn = Math.max(this.turn, turn);
  }

  /** Anything that waits, or has just left. */
  get busy(): boolean {
    return this.held.size > 0 || !this.queue.empty || this.out.length > 0;
  }

  get size(): number {
    return this.kept.size;
  }

  /** True if anything is held that becomes events of this table and key. */
  waits(table: string, key: string): boolean {
    return this.kept.size > 0 && this.kept.of(table, () => key).length > 0;
  }

  /** @param alone for a unit that has no place in the stream: it neither sees nor leaves anything held */
  beginUnit(alone: boolean): void {
    this.kept.begin();
    this.held = alone ? new HeldChanges(null) : this.kept;
    this.queue.take();
    this.deleted.clear();
    this.out = [];
    this.cycle = 0n;
    this.latestMs = 0;
  }

  /** The transaction of the unit has committed. */
  confirm(): void {
    this.kept.confirm();
  }

  /** Call before the events of a change are passed on. @returns its turn */
  beginChange(change: Change): number {
    const { commitCycle, position } = change;
    // rows read by SQL have no commit cycle: what one reading finds of a parent is one event
    if (position !== null && (commitCycle === 0n || commitCycle !== this.cycle)) this.endCycle();
    this.cycle = commitCycle;
    return ++this.turn;
  }

  /** Every change outside commitment control is a cycle of its own. */
  endChange(change: Change): void {
    if (change.position !== null && change.commitCycle === 0n) this.endCycle();
  }

  /** An event of the change at hand. */
  pass(draft: EventDraft, turn: number): void {
    if (this.parents.has(draft.table)) this.noteDeletion(draft, turn);
    if (this.queue.empty) this.depart(draft, turn);
    else {
      this.queue.add(draft, turn);
      if (this.queue.full) this.flush();
    }
  }

  /** News for a parent: they wait for the end of the cycle, and then for their window if they have one. */
  news(item: Held): void {
    if (this.isDeleted(item)) return;
    this.queue.news(item);
    if (this.queue.full) this.flush();
  }

  /** Holds a change for its window, merged with what is held of its slot. */
  hold(item: Held): void {
    if (item.keeps) this.latestMs = Math.max(this.latestMs, item.startedMs);
    const known = this.held.get(item.slot);
    const span = known ? item.startedMs - known.startedMs : 0;
    if (known && span >= 0 && span <= item.windowMs!) {
      this.held.put(merged(known, item));
      return;
    }
    if (known) this.release(known);
    this.held.put({ ...item, no: this.held.nextNo() });
    while (this.held.crowded) this.release(this.held.oldest());
  }

  /** A row leaves this key: what is held for it goes first. */
  leaveKey(table: string, key: string, turn: number): void {
    for (const item of this.held.of(table, () => key)) if (item.turn < turn) this.release(item);
  }

  /** Everything held of a table: something happened to all of it. */
  releaseTable(table: string): void {
    this.endCycle();
    for (const item of this.held.all()) if (item.table === table || item.owner === table) this.release(item);
  }

  /** What has waited for its whole window. @param now milliseconds since 1970; a clock set back ends the wait */
  releaseDue(now: number): void {
    for (const item of this.held.all()) if (isDue(item, now)) this.release(item);
  }

  anyDue(now: number): boolean {
    for (const item of this.kept.values()) if (isDue(item, now)) return true;
    return false;
  }

  /** What has left since the last call. */
  take(): EventDraft[] {
    const { out } = this;
    this.out = [];
    return out;
  }

  endUnit(): EventDraft[] {
    this.endCycle();
    if (this.held.size > 0) {
      const durable = this.held.durable;
      const past = (item: Held): boolean => this.latestMs - item.startedMs > item.windowMs!;
      for (const item of this.held.all()) if (!durable || !item.keeps || past(item)) this.release(item);
    }
    if (this.held === this.kept) this.kept.write();
    return this.take();
  }

  private endCycle(): void {
    this.flush();
    if (this.deleted.size > 0) this.deleted.clear();
  }

  private flush(): void {
    if (this.queue.empty) return;
    for (const next of this.queue.take()) {
      if ('draft' in next) this.depart(next.draft, next.turn);
      else if (next.windowMs !== null) this.hold(next);
      else for (const draft of this.render(next)) this.depart(draft, next.turn);
    }
  }

  /** Nothing if it has left with another one. */
  private release(item: Held): void {
    if (this.held.get(item.slot) !== item) return;
    this.held.remove(item);
    for (const draft of this.render(item)) this.pass(draft, item.turn);
  }

  private depart(draft: EventDraft, turn: number): void {
    if (this.held.size > 0) {
      for (const item of this.held.of(draft.table, () => draft.key)) {
        if (item.turn >= turn || !meet(item.destinations, draft.destinations)) continue;
        this.held.remove(item);
        this.out.push(...this.render(item));
      }
    }
    this.out.push(draft);
  }

  private noteDeletion(draft: EventDraft, turn: number): void {
    const { tombstone, destinations } = draft;
    if (!tombstone && this.deleted.size === 0) return;
    const place = `${draft.table}\n${draft.key}`;
    if (!tombstone) this.deleted.delete(place);
    else if (this.deleted.size < MAX_DELETED) this.deleted.set(place, { turn, destinations });
  }

  /** The deletion of the parent, sent to all the same destinations in this cycle, covers its children, too. */
  private isDeleted({ table, key, turn, destinations }: Held): boolean {
    const known = this.deleted.size > 0 ? this.deleted.get(`${table}\n${key}`) : undefined;
    return known !== undefined && known.turn < turn && destinations.every((d) => known.destinations.includes(d));
  }
}

function isDue({ since, windowMs }: Held, now: number): boolean {
  return now < since || now - since >= windowMs!;
}

function meet(a: readonly string[], b: readonly string[]): boolean {
  return a === b || a.some((d) => b.includes(d));
}
