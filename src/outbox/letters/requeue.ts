/** Queueing stored events a second time, under their own ids, at the end of the queue. */
import type { StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import { type Destinations, laneOf } from '../destinations';
import type { EventIds } from '../pages/event-ids';
import type { EventFilter } from '../pages/filter';
import type { Pages } from '../pages/pages';
import type { LaneClasses } from '../queue/lane-classes';
import type { Ready } from '../queue/ready-bitmap';
import type { Requeued } from '../queue/requeued';
import type { TableHolds } from '../queue/table-holds';

/** Events queued in one transaction. */
const STEP = 500;

interface RequeueParts {
  readonly store: Store;
  readonly destinations: Destinations;
  readonly classes: LaneClasses;
  readonly pages: Pages;
  readonly ids: EventIds;
  readonly ready: Ready;
  readonly again: Requeued;
  readonly holds: TableHolds;
}

interface ReplayOptions {
  /** Destination names; empty means those each event was made for. */
  readonly to?: readonly string[];
  /** Also to destinations of `to` that the event was not made for. */
  readonly alsoUnrouted?: boolean;
}

export class Requeue {
  constructor(private readonly parts: RequeueParts) {}

  /** Inside the caller's transaction. Where the table is held, it waits with what else is held. */
  again(seq: number, destination: number, replay = false): void {
    const { holds, pages } = this.parts;
    const event = pages.facts(seq);
    if (event === null) return;
    holds.refresh();
    const hold = holds.of(event.table);
    if (hold === null) this.put(event, destination, replay);
    else holds.keep(hold, seq, destination, replay);
  }

  /** The end of the queue, whatever is held. Inside the caller's transaction. */
  queue(seq: number, destination: number, replay: boolean): void {
    const event = this.parts.pages.facts(seq);
    if (event !== null) this.put(event, destination, replay);
  }

  private put(event: StoredEvent, destination: number, replay: boolean): void {
    const { again, classes, destinations, ready } = this.parts;
    const pos = again.place(event.seq, replay);
    const lane = laneOf(destinations.byNumber(destination).lanes, event);
    ready.begin();
    ready.add(destination, classes.place(destination, lane, pos, 1), pos);
    ready.end();
  }

  /**
   * Queues every stored event that matches, oldest first.
   * @returns deliveries queued
   */
  replay(filter: EventFilter, { to = [], alsoUnrouted = false }: ReplayOptions = {}): number {
    const { store, destinations, pages } = this.parts;
    const wanted = to.map((name) => destinations.of(name).no);
    let queued = 0;
    let after = 0;
    for (;;) {
      const step = take(pages.matching(filter, after), STEP);
      store.transaction(() => {
        for (const seq of step) {
          const targets = this.targetsOf(seq, wanted, alsoUnrouted);
          for (const no of targets) this.again(seq, no, true);
          queued += targets.length;
        }
      });
      if (step.length < STEP) return queued;
      after = step.at(-1)!;
    }
  }

  private targetsOf(seq: number, wanted: readonly number[], alsoUnrouted: boolean): readonly number[] {
    const own = this.parts.pages.destinationsOf(seq) ?? [];
    if (wanted.length === 0) return own;
    if (!alsoUnrouted) return wanted.filter((no) => own.includes(no));
    const missing = wanted.filter((no) => !own.includes(no));
    const elsewhere = missing.length > 0 ? this.otherBody(seq, missing) : [];
    return wanted.filter((no) => !elsewhere.includes(no));
  }

  /** Wanted destinations for which another body of the same event exists: that one is replayed to them, not this. */
  private otherBody(seq: number, wanted: readonly number[]): number[] {
    const { pages, ids } = this.parts;
    const event = pages.facts(seq);
    const twins = event === null ? [] : ids.find(event.id).filter((other) => other !== seq);
    return wanted.filter((no) => twins.some((twin) => pages.destinationsOf(twin)?.includes(no)));
  }
}

function take<T>(from: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const one of from) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}
