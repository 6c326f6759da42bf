/**
 * Changes that wait for others of their key (`coalesce`, `parent.debounce`): one place for each rule and key.
 *
 * What was held, merged or released since `begin` is undone by the next `begin` unless `confirm` came between: the
 * transaction of the unit was rolled back then, and the same changes come again.
 */
import type { Change, RowSource } from '../../model/change';

/** News for a parent, as its event reports them. */
export interface HeldNews {
  readonly key: readonly (readonly [name: string, value: string | number | boolean | null])[];
  /** True for the parent a moved child has left: the same entry, another event. */
  readonly moved: boolean;
  /** What `changed` says, in order of first appearance. */
  readonly changed: readonly string[];
}

/** One event in the making. Never changed: a merge makes another one. */
export interface Held {
  /** What is merged with what: equal for changes that become one event. */
  readonly slot: string;
  /** Number of its place on disk; older is smaller. */
  readonly no: number;
  /** `LIB/FILE` and key of the event it becomes: what orders it among others. */
  readonly table: string;
  readonly key: string;
  /** `LIB/FILE` and rule whose change it was last. */
  readonly owner: string;
  readonly rule: string;
  readonly destinations: readonly string[];
  /** Null: until the end of the commit cycle. */
  readonly windowMs: number | null;
  /** When it was first held, milliseconds since 1970. */
  readonly since: number;
  /** Of its first change, partition's clock read as UTC, milliseconds. */
  readonly startedMs: number;
  /** The last change; without its images for news. */
  readonly last: Change;
  /** Before image of the first change. */
  readonly before: RowSource | null;
  readonly count: number;
  readonly news: HeldNews | null;
  /** Turn of its last change; turns go on where an earlier run left them. */
  readonly turn: number;
  /** May wait on disk for changes of later units; otherwise it is sent with the unit. */
  readonly keeps: boolean;
}

/** Where held changes outlive the process. Called inside the transaction that writes events and checkpoint. */
export interface HeldStore {
  load(): readonly Held[];
  write(items: readonly Held[], removed: readonly number[]): void;
}

/** More places or bytes than these are sent early: an event more, never one too few. */
const MAX_HELD = 10_000;
const MAX_BYTES = 32 << 20;

export class HeldChanges {
  private readonly slots = new Map<string, Held>();
  /** Slots by table and key of the event. */
  private readonly byKey = new Map<string, Map<string, Set<string>>>();
  private readonly undo: [slot: string, before: Held | undefined][] = [];
  private bytes = 0;
  private lastNo = 0;

  /** @param store null: nothing waits longer than its unit */
  constructor(private readonly store: HeldStore | null) {
    for (const item of store?.load() ?? []) {
      this.place(item);
      this.lastNo = Math.max(this.lastNo, item.no);
    }
  }

  get size(): number {
    return this.slots.size;
  }

  get crowded(): boolean {
    return this.slots.size > MAX_HELD || this.bytes > MAX_BYTES;
  }

  /** True if held changes may wait for later units. */
  get durable(): boolean {
    return this.store !== null;
  }

  begin(): void {
    for (let i = this.undo.length - 1; i >= 0; i--) {
      const [slot, before] = this.undo[i]!;
      this.drop(slot);
      if (before) this.place(before);
    }
    this.undo.length = 0;
  }

  confirm(): void {
    this.undo.length = 0;
  }

  get(slot: string): Held | undefined {
    return this.slots.get(slot);
  }

  /** Oldest first. */
  all(): Held[] {
    return [...this.slots.values()].sort((a, b) => a.no - b.no);
  }

  values(): Iterable<Held> {
    return this.slots.values();
  }

  /** The one held longest; there must be one. */
  oldest(): Held {
    return this.slots.values().next().value!;
  }

  nextNo(): number {
    return ++this.lastNo;
  }

  put(item: Held): void {
    this.undo.push([item.slot, this.slots.get(item.slot)]);
    const known = this.slots.get(item.slot);
    if (known) this.bytes -= sizeOf(known);
    this.place(item);
  }

  remove(item: Held): void {
    this.undo.push([item.slot, item]);
    this.drop(item.slot);
  }

  /** What becomes events of this table and key, in order of its last change. */
  of(table: string, key: () => string): Held[] {
    const keys = this.byKey.get(table);
    const slots = keys?.get(key());
    return slots ? [...slots].map((s) => this.slots.get(s)!).sort((a, b) => a.turn - b.turn || a.no - b.no) : [];
  }

  /** Writes what the unit held and released; the last thing in its transaction. */
  write(): void {
    if (this.store === null || this.undo.length === 0) return;
    const slots = new Map<string, Held | undefined>();
    for (const [slot, before] of this.undo) if (!slots.has(slot)) slots.set(slot, before);
    const items: Held[] = [];
    const removed: number[] = [];
    for (const [slot, before] of slots) {
      const now = this.slots.get(slot);
      if (before && before.no !== now?.no) removed.push(before.no);
      if (now) items.push(now);
    }
    this.store.write(items, removed);
  }

  private place(item: Held): void {
    this.slots.set(item.slot, item);
    this.bytes += sizeOf(item);
    let keys = this.byKey.get(item.table);
    if (!keys) {
      keys = new Map();
      this.byKey.set(item.table, keys);
    }
    const slots = keys.get(item.key);
    if (slots) slots.add(item.slot);
    else keys.set(item.key, new Set([item.slot]));
  }

  private drop(slot: string): void {
    const item = this.slots.get(slot);
    if (!item) return;
    this.slots.delete(slot);
    this.bytes -= sizeOf(item);
    const keys = this.byKey.get(item.table)!;
    const slots = keys.get(item.key)!;
    slots.delete(slot);
    if (slots.size === 0) keys.delete(item.key);
    if (keys.size === 0) this.byKey.delete(item.table);
  }
}

/** Two changes of one slot as one: from the first before image to the last after image, under the last position. */
export function merged(first: Held, next: Held): Held {
  const { no, since, startedMs, before, count } = first;
  const changed = [...new Set([...(first.news?.changed ?? []), ...(next.news?.changed ?? [])])];
  return {
    ...next,
    no,
    since,
    startedMs,
    before,
    count: count + next.count,
    news: next.news && { ...next.news, changed },
  };
}

function sizeOf({ before, last }: Held): number {
  return 400 + imageBytes(before) + imageBytes(last.before) + imageBytes(last.after);
}

function imageBytes(source: RowSource | null): number {
  return source?.image.length ?? 0;
}
