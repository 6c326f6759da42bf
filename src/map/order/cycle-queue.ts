/**
 * Events of one commit cycle from the first news for a parent on: they leave when the cycle ends, each at the place of
 * its entry. News take the place of the last child change, so one event for a parent is enough, and it neither overtakes
 * nor is overtaken by another event of the cycle.
 */
import type { EventDraft } from '../../model/event';
import { type Held, merged } from './held';

/** A longer queue leaves early: a parent may be reported twice in a cycle of more events than this. */
const MAX_QUEUED = 10_000;

interface Queued {
  readonly turn: number;
  readonly draft: EventDraft;
}

export class CycleQueue {
  private items = new Map<string | number, Held | Queued>();
  private serial = 0;

  get empty(): boolean {
    return this.items.size === 0;
  }

  get full(): boolean {
    return this.items.size > MAX_QUEUED;
  }

  add(draft: EventDraft, turn: number): void {
    this.items.set(this.serial++, { draft, turn });
  }

  /** The last change of a child stands for all of them, in its place. */
  news(item: Held): void {
    const known = this.items.get(item.slot) as Held | undefined;
    if (known) this.items.delete(item.slot);
    this.items.set(item.slot, known ? merged(known, item) : item);
  }

  /** By turn: what was held longer than the cycle goes before what it met here. */
  take(): (Held | Queued)[] {
    const items = [...this.items.values()];
    this.items = new Map();
    this.serial = 0;
    return items.sort((a, b) => a.turn - b.turn);
  }
}
