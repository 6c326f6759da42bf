/**
 * What of a destination's queue is in memory: takes what is offered, reads pages of the store after a restart or an
 * overflow, sets lanes aside that have to wait and brings them back when they are due.
 */

import { remaining } from '../../clock/steady-clock';
import { type DeliveryStore, type PendingDelivery, PRIORITY_CLASSES, type PriorityClass } from '../../model/delivery';
import type { DeliveryHooks } from '../hooks';
import type { ServeOptions } from '../options';
import type { Settler } from '../settler';
import { DueHeap } from './due-heap';
import { type Lane, Lanes } from './lanes';

/**
 * Deliveries of one class in memory, and payload bytes of all: what is under way, and as much again three times over, so that
 * the next batches are ready when those return. Beyond it they wait on disk.
 */
export const MEMORY_EVENTS = 4096;
const MOST_HELD_EVENTS = 20_000;
export const MEMORY_BYTES = 16 * 1024 * 1024;
/** One lane may have this many in memory once memory is half full, so that a slow lane does not crowd out the others. */
const LANE_EVENTS = 64;
/** Lanes that wait, known in memory. With more, nothing new is taken until some have gone on. */
const WAITING_LANES = 50_000;
const PAGE = 512;
/** A lane that cannot be read for want of space. */
const AGAIN_MS = 500;

interface IntakeParts {
  readonly name: string;
  readonly options: ServeOptions;
  readonly store: DeliveryStore;
  readonly settler: Settler;
  readonly hooks: Pick<DeliveryHooks, 'fatal'>;
  /** Wall clock. */
  readonly now: () => number;
  readonly steady: () => number;
}

export class Intake {
  readonly lanes = new Lanes();
  /** Lanes that wait for their next attempt. */
  waiting = 0;
  private readonly due = new DueHeap();
  /** The file could not be read: nothing more is taken from it. */
  private broken = false;
  private readonly mostInMemory: number;
  /** Everything of the class up to here is in memory, parked or settled. */
  private readonly readTo: Record<PriorityClass, number> = { 0: 0, 1: 0, 2: 0 };
  private readonly caughtUp: Record<PriorityClass, boolean> = { 0: false, 1: false, 2: false };

  constructor(private readonly parts: IntakeParts) {
    const { concurrency, batch } = parts.options;
    const underWay = concurrency * (batch.mode === 'event' ? 1 : batch.maxRecords);
    this.mostInMemory = Math.min(MOST_HELD_EVENTS, Math.max(MEMORY_EVENTS, 4 * underWay));
  }

  /** Events in memory, those under way included. */
  get inMemory(): number {
    const { inMemory } = this.lanes;
    return inMemory[0] + inMemory[1] + inMemory[2];
  }

  /** A delivery just committed, in order. What does not fit stays on disk. */
  offer(delivery: PendingDelivery): void {
    const cls = delivery.priority;
    // looking for what another process wrote has read it from disk already
    if (delivery.pos <= this.readTo[cls]) return;
    if (!this.caughtUp[cls] || !this.hasRoom(cls)) {
      this.caughtUp[cls] = false;
      return;
    }
    this.readTo[cls] = delivery.pos;
    this.admit(delivery);
  }

  /** Something may be on disk that was not offered. */
  behind(): void {
    for (const cls of PRIORITY_CLASSES) this.caughtUp[cls] = false;
  }

  /** True when there is something to read and room for it. */
  wants(): boolean {
    if (this.broken) return false;
    for (const cls of PRIORITY_CLASSES) {
      if (!this.caughtUp[cls] && this.lanes.queued[cls] < this.mostInMemory / 2 && this.hasRoom(cls)) return true;
    }
    return false;
  }

  /** Steady clock at which a lane falls due that there is room for; Infinity if none. */
  nextDue(): number {
    return this.fits(1) ? this.due.next() : Number.POSITIVE_INFINITY;
  }

  /** The lane's head failed: all of it waits on disk until then. */
  delay(lane: Lane, dueAt: number): void {
    for (const delivery of this.lanes.empty(lane)) {
      if (!delivery.parked) this.parts.settler.push({ is: 'park', delivery });
    }
    if (lane.dueAt === 0) this.waiting++;
    lane.onDisk = true;
    lane.loadedTo = 0;
    lane.dueAt = dueAt;
    this.lanes.release(lane);
    this.due.add(dueAt, lane.name);
  }

  /** The lane's request is over: next event, from disk where the rest of the lane is. */
  goOn(lane: Lane): void {
    if (lane.onDisk && lane.queue.length === 0 && !this.load(lane)) return;
    this.lanes.release(lane);
  }

  /** @returns false when the disk is full, and what it shows is not what is known, or it cannot be read: the lane waits */
  private load(lane: Lane): boolean {
    const { store, settler, name, steady } = this.parts;
    settler.flush();
    if (settler.blocked) {
      this.delay(lane, steady() + AGAIN_MS);
      return false;
    }
    const page = this.read(() => store.parked(name, lane.name, lane.loadedTo, LANE_EVENTS / 2, MEMORY_BYTES / 16));
    if (page === null) {
      this.delay(lane, steady() + AGAIN_MS);
      return false;
    }
    if (page.length === 0) lane.onDisk = false;
    for (const delivery of page) {
      lane.loadedTo = delivery.pos;
      this.lanes.add(lane, delivery);
    }
    return true;
  }

  /**
   * Brings back lanes whose pause is over.
   * @param probing with the circuit not closed: one lane whatever its pause, to probe with
   */
  wakeLanes(now: number, probing: boolean): void {
    while (this.fits(1) && (this.due.next() <= now || (probing && this.due.size > 0 && this.lanes.readyEvents === 0))) {
      const { at, name } = this.due.take()!;
      const lane = this.lanes.find(name);
      if (lane && lane.dueAt > 0 && lane.dueAt === at) this.wake(lane);
    }
  }

  private wake(lane: Lane): void {
    lane.dueAt = 0;
    this.waiting--;
    if (this.load(lane)) this.lanes.release(lane);
  }

  loadWaiting(): void {
    const { store, name, now, steady, options } = this.parts;
    const [wall, start] = [now(), steady()];
    let after: string | null = null;
    for (;;) {
      const page = store.parkedLanes(name, after, 1000);
      if (page.length === 0) return;
      for (const { lane: laneName, dueAt, pause } of page) {
        const lane = this.lanes.get(laneName);
        lane.onDisk = true;
        lane.dueAt = start + remaining(dueAt, pause ?? options.retry.cap, wall);
        this.waiting++;
        this.due.add(lane.dueAt, laneName);
        after = laneName;
      }
    }
  }

  private admit(delivery: PendingDelivery): void {
    const lane = this.lanes.get(delivery.lane);
    const crowded =
      lane.queue.length >= LANE_EVENTS &&
      this.lanes.size > 1 &&
      this.lanes.inMemory[delivery.priority] > this.mostInMemory / 2;
    if (lane.onDisk || crowded) {
      lane.onDisk = true;
      this.parts.settler.push({ is: 'park', delivery });
    } else this.lanes.add(lane, delivery);
  }

  private hasRoom(cls: PriorityClass): boolean {
    return this.fits(cls) && this.waiting < WAITING_LANES;
  }

  private fits(cls: PriorityClass): boolean {
    return this.lanes.inMemory[cls] < this.mostInMemory && this.lanes.bytesInMemory < MEMORY_BYTES;
  }

  /** Reads one page of each class that has room. */
  pull(): void {
    const { store, settler, name } = this.parts;
    for (const cls of PRIORITY_CLASSES) {
      if (this.caughtUp[cls] || !this.hasRoom(cls)) continue;
      // what has been settled or parked in memory must be so on disk before the page is read
      settler.flush();
      if (settler.blocked) return;
      const page = this.read(() => store.fresh(name, cls, this.readTo[cls], PAGE, MEMORY_BYTES / 4));
      if (page === null) return;
      for (const delivery of page) {
        this.readTo[cls] = delivery.pos;
        this.admit(delivery);
      }
      if (page.length === 0) this.caughtUp[cls] = true;
    }
  }

  /** Null when the file cannot be read, which ends more than this destination. */
  private read(look: () => PendingDelivery[]): PendingDelivery[] | null {
    try {
      return look();
    } catch (error) {
      const { fatal } = this.parts.hooks;
      if (!fatal) throw error;
      this.broken = true;
      fatal(error);
      return null;
    }
  }

  /** The receiver proves to have everything up to a position: settle it without sending. */
  settleProved(upTo: number): void {
    const { store, settler, name } = this.parts;
    const settle = (read: (after: number) => PendingDelivery[]): void => {
      for (let after = 0; ; ) {
        const page = read(after).filter((d) => d.pos <= upTo);
        if (page.length === 0) return;
        for (const delivery of page) settler.push({ is: 'delivered', delivery, record: null });
        after = page.at(-1)!.pos;
      }
    };
    for (const { lane } of store.parkedLanes(name, null, 1000)) {
      settle((after) => store.parked(name, lane, after, PAGE, MEMORY_BYTES));
    }
    for (const cls of PRIORITY_CLASSES) settle((after) => store.fresh(name, cls, after, PAGE, MEMORY_BYTES));
    settler.flush();
  }

  /** The endpoint is back: lanes that failed with it need not wait out their pauses. */
  releaseAll(now: number): void {
    for (const lane of this.lanes.all()) {
      if (lane.dueAt <= now) continue;
      lane.dueAt = now;
      this.due.add(now, lane.name);
    }
  }
}
