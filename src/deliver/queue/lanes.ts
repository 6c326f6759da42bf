/**
 * Lanes of one destination: deliveries of one lane go out one after the other, lanes go out side by side.
 * Only what is soon to be sent is in memory here; the rest of a lane waits on disk (`onDisk`).
 */
import { type PendingDelivery, PRIORITY_CLASSES, type PriorityClass, type StoredEvent } from '../../model/delivery';
import { Deque } from './deque';

export interface Lane {
  readonly name: string;
  readonly queue: Deque<PendingDelivery>;
  /** Payload bytes in `queue`. */
  bytes: number;
  /** Part of a request under way. */
  busy: boolean;
  /** Deliveries of this lane are parked in the store; new ones must be parked behind them. */
  onDisk: boolean;
  /** Position after which the lane's parked deliveries have not been loaded yet. */
  loadedTo: number;
  /** Steady clock; the lane waits until then. 0 = it does not wait. */
  dueAt: number;
  /** Steady clock at which an event of the request under way is tried again; 0 = none of it is. */
  retryAt: number;
  /** Most events of a batch this lane may be part of; shrinks to find the event that spoils its batch. */
  batchLimit: number;
  /** It stands in a ring of lanes ready to go. */
  listed: boolean;
}

/** Turns of the classes when all have work: high, normal, low. The lowest always gets its turn. */
const TURNS: readonly PriorityClass[] = [0, 1, 0, 0, 1, 0, 2, 0, 1, 0];

export interface TakeLimit {
  readonly records: number;
  readonly bytes: number;
  /** At most one event of a lane in a batch, where a receiver may accept one and refuse the one before it. */
  readonly onePerLane: boolean;
  /** Only events of one group go into one request; null where all may. */
  readonly groupOf: ((event: StoredEvent) => string) | null;
}

/** Lanes of other groups that are looked at for one request. */
const LOOKED_AT = 256;

export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly ready: Record<PriorityClass, Deque<Lane>> = { 0: new Deque(), 1: new Deque(), 2: new Deque() };
  /** Deliveries in memory, those under way included, by class. */
  readonly inMemory: Record<PriorityClass, number> = { 0: 0, 1: 0, 2: 0 };
  bytesInMemory = 0;
  /** Of those, the ones not under way. */
  readonly queued: Record<PriorityClass, number> = { 0: 0, 1: 0, 2: 0 };
  /** Deliveries that could go now. */
  readyEvents = 0;
  readyBytes = 0;
  private turn = 0;

  get(name: string): Lane {
    const known = this.lanes.get(name);
    if (known) return known;
    const lane: Lane = {
      name,
      queue: new Deque(),
      bytes: 0,
      busy: false,
      onDisk: false,
      loadedTo: 0,
      dueAt: 0,
      retryAt: 0,
      batchLimit: Number.POSITIVE_INFINITY,
      listed: false,
    };
    this.lanes.set(name, lane);
    return lane;
  }

  find(name: string): Lane | undefined {
    return this.lanes.get(name);
  }

  get size(): number {
    return this.lanes.size;
  }

  all(): IterableIterator<Lane> {
    return this.lanes.values();
  }

  /** Puts a delivery at the end of its lane. */
  add(lane: Lane, delivery: PendingDelivery): void {
    const bytes = sizeOf(delivery);
    this.inMemory[delivery.priority]++;
    this.bytesInMemory += bytes;
    this.queued[delivery.priority]++;
    lane.queue.push(delivery);
    lane.bytes += bytes;
    if (!lane.busy && lane.dueAt === 0) {
      if (lane.listed) {
        this.readyEvents++;
        this.readyBytes += bytes;
      } else this.list(lane);
    }
  }

  /**
   * Deliveries for one request, in queue order; null when nothing can go. Their lanes are busy until {@link release}.
   * @param upTo nothing behind this position
   */
  take(limit: TakeLimit, upTo: number): PendingDelivery[] | null {
    const batch: PendingDelivery[] = [];
    let bytes = 0;
    let records = limit.records;
    let aside: Lane[] | null = null;
    let group: string | null = null;
    const { groupOf } = limit;
    while (batch.length < records && (groupOf === null || aside === null || aside.length < LOOKED_AT)) {
      const lane = this.nextLane();
      if (!lane) break;
      const head = lane.queue.peek()!;
      const fits = batch.length === 0 || bytes + sizeOf(head) <= limit.bytes;
      const foreign = groupOf !== null && group !== null && groupOf(head.event) !== group;
      if (head.pos > upTo || !fits || foreign || (batch.length > 0 && batch.length >= lane.batchLimit)) {
        this.unlist(lane);
        aside ??= [];
        aside.push(lane);
        if (!fits) break;
        continue;
      }
      records = Math.min(records, lane.batchLimit);
      this.unlist(lane);
      lane.busy = true;
      if (groupOf !== null) group ??= groupOf(head.event);
      const most = limit.onePerLane ? batch.length + 1 : records;
      while (batch.length < most) {
        const next = lane.queue.peek();
        if (!next || next.pos > upTo) break;
        const size = sizeOf(next);
        if (batch.length > 0 && bytes + size > limit.bytes) break;
        if (group !== null && groupOf?.(next.event) !== group) break;
        lane.queue.shift();
        lane.bytes -= size;
        this.queued[next.priority]--;
        batch.push(next);
        bytes += size;
      }
    }
    if (aside) for (const lane of aside) this.list(lane);
    if (batch.length === 0) return null;
    if (batch.length > 1) batch.sort((a, b) => a.pos - b.pos);
    return batch;
  }

  /** A delivery taken by {@link take} has left memory: settled, dead or parked. */
  drop(delivery: PendingDelivery): void {
    this.inMemory[delivery.priority]--;
    this.bytesInMemory -= sizeOf(delivery);
  }

  /** Puts deliveries of one lane back at its front, in their order. */
  putBack(lane: Lane, deliveries: readonly PendingDelivery[]): void {
    for (let i = deliveries.length - 1; i >= 0; i--) {
      lane.queue.unshift(deliveries[i]!);
      this.queued[deliveries[i]!.priority]++;
      lane.bytes += sizeOf(deliveries[i]!);
    }
  }

  /** Everything queued in memory leaves the lane; the caller parks what is not on disk yet. */
  empty(lane: Lane): PendingDelivery[] {
    if (lane.listed) this.unlist(lane);
    const out: PendingDelivery[] = [];
    for (let d = lane.queue.shift(); d; d = lane.queue.shift()) {
      this.drop(d);
      this.queued[d.priority]--;
      out.push(d);
    }
    lane.bytes = 0;
    return out;
  }

  /** The lane's request is over. Forgets the lane when it has nothing left anywhere. */
  release(lane: Lane): void {
    lane.busy = false;
    lane.retryAt = 0;
    if (lane.queue.length > 0 && lane.dueAt === 0) this.list(lane);
    else if (lane.queue.length === 0 && !lane.onDisk) this.lanes.delete(lane.name);
  }

  /** The longest waiting ready delivery, roughly. */
  oldest(): PendingDelivery | undefined {
    let found: PendingDelivery | undefined;
    for (const cls of PRIORITY_CLASSES) {
      const head = this.ready[cls].peek()?.queue.peek();
      if (head && (!found || head.event.appendedAt < found.event.appendedAt)) found = head;
    }
    return found;
  }

  private list(lane: Lane): void {
    const head = lane.queue.peek();
    if (!head || lane.listed) return;
    lane.listed = true;
    this.ready[head.priority].push(lane);
    this.count(lane, 1);
  }

  private unlist(lane: Lane): void {
    if (!lane.listed) return;
    lane.listed = false;
    this.count(lane, -1);
  }

  private count(lane: Lane, sign: 1 | -1): void {
    this.readyEvents += sign * lane.queue.length;
    this.readyBytes += sign * lane.bytes;
  }

  /** Takes a lane out of the rings by weighted turns; entries of lanes that were unlisted meanwhile are skipped. */
  private nextLane(): Lane | undefined {
    const preferred = TURNS[this.turn]!;
    this.turn = (this.turn + 1) % TURNS.length;
    return this.shift(preferred) ?? this.shift(0) ?? this.shift(1) ?? this.shift(2);
  }

  private shift(cls: PriorityClass): Lane | undefined {
    const ring = this.ready[cls];
    for (let lane = ring.shift(); lane; lane = ring.shift()) {
      if (lane.listed && lane.queue.length > 0) return lane;
    }
    return undefined;
  }
}

export function sizeOf(delivery: PendingDelivery): number {
  return delivery.event.body?.length ?? 0;
}
