/** Queueing stored events a second time, under their own ids, at the end of the queue. */
import type { StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import { type Destinations, laneOf } from '../destinations';
import type { EventIds } from '../pages/event-ids';
import type { EventFilter } from '../pages/filter';
import type { Pages } from '../pages/pages';
import { damaged } from '../pages/summed';
import type { LaneClasses } from '../queue/lane-classes';
import type { Ready } from '../queue/ready-bitmap';
import type { Requeued } from '../queue/requeued';
import type { TableHolds } from '../queue/table-holds';

/** Events queued in one transaction, and pages looked at for them. */
const STEP = 500;
const PAGES = 64;

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
    if (event === null) throw damaged('outbox_page');
    holds.refresh();
    const hold = holds.of(event.table);
    if (hold === null) this.put(event, destination, replay);
    else holds.keep(hold, seq, destination, replay);
  }

  /** The end of the queue, whatever is held. Inside the caller's transaction. */
  queue(seq: number, destination: number, replay: boolean): void {
    const event = this.parts.pages.facts(seq);
    if (event === null) throw damaged('outbox_page');
    this.put(event, destination, replay);
  }

  private put(event: StoredEvent, destination: number, replay: boolean): void {
    const { again, classes, destinations, ready } = this.parts;
    const pos = again.place(event.seq, replay);
    const to = destinations.byNumber(destination);
    ready.begin();
    classes.begin();
    ready.add(destination, classes.place(to, laneOf(to.lanes, event), pos, 1), pos);
    ready.end();
    classes.end();
  }

  /**
   * Queues every stored event that matches, oldest first.
   * @returns deliveries queued
   */
  replay(filter: EventFilter, options: ReplayOptions = {}): number {
    let queued = 0;
    for (const step of this.replaySteps(filter, options)) queued += step;
    return queued;
  }

  /** The same step by step, each its own transaction: others may go on between two of them. @returns deliveries queued by each */
  *replaySteps(filter: EventFilter, options: ReplayOptions & { readonly before?: number } = {}): Generator<number> {
    const { pages } = this.parts;
    let step: number[] = [];
    let looked = 0;
    for (const { found } of pages.pagewise(filter, options.before === undefined ? {} : { before: options.before })) {
      step.push(...found);
      looked++;
      if (step.length < STEP && looked < PAGES) continue;
      yield this.replayAll(step, options);
      step = [];
      looked = 0;
    }
    yield this.replayAll(step, options);
  }

  private replayAll(seqs: readonly number[], { to = [], alsoUnrouted = false }: ReplayOptions): number {
    if (seqs.length === 0) return 0;
    const { store, destinations } = this.parts;
    const wanted = to.map((name) => destinations.of(name).no);
    let queued = 0;
    store.transaction(() => {
      for (const seq of seqs) {
        const targets = this.targetsOf(seq, wanted, alsoUnrouted);
        for (const no of targets) this.again(seq, no, true);
        queued += targets.length;
      }
    });
    return queued;
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
