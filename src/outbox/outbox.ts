/**
 * The outbox: events not yet settled, their queue places, dead letters and delivery log, in the daemon's SQLite file.
 * Promises kept here: events and checkpoint commit together; an event that comes again meets itself; every delivery ends
 * as delivered or as a dead letter.
 */

import type { DeliveryStore, ParkedLane, PendingDelivery, PriorityClass, Settlement } from '../model/delivery';
import type { EventDraft } from '../model/event';
import type { Store } from '../store/store';
import { type Appended, Appender } from './append';
import { DeadLetters } from './dead-letters';
import { History } from './history';
import { LaneClasses } from './lane-classes';
import type { OutboxOptions } from './options';
import { PendingSizes } from './pending-size';
import { Queue } from './queue';
import { Release } from './release';
import { Requeue } from './requeue';
import { type PurgeResult, Retention } from './retention';
import { Destinations, EventReader } from './rows';
import { aesSeal } from './seal';
import { Shapes } from './shapes';
import { TableHolds } from './table-holds';

export class Outbox implements DeliveryStore {
  readonly deadLetters: DeadLetters;
  readonly history: History;
  readonly requeue: Requeue;
  readonly holds: TableHolds;
  readonly release: Release;
  readonly pending: PendingSizes;
  private readonly appender: Appender;
  private readonly queue: Queue;
  private readonly retention: Retention;

  constructor(
    readonly store: Store,
    options: OutboxOptions,
  ) {
    const now = options.now ?? Date.now;
    const seal = options.encryptionKey ? aesSeal(options.encryptionKey) : null;
    const destinations = new Destinations(store.db, options.destinations);
    const shapes = new Shapes(store.db);
    const classes = new LaneClasses(store.db);
    const reader = new EventReader(shapes, seal);
    this.holds = new TableHolds(store.db, now);
    this.appender = new Appender(store.db, destinations, shapes, classes, this.holds, seal, now);
    this.queue = new Queue(store, destinations, reader, options.log ?? true, now);
    this.requeue = new Requeue(store, destinations, classes, reader, this.holds);
    this.release = new Release(store, this.holds, this.requeue, destinations, reader, now);
    this.deadLetters = new DeadLetters(store, reader, this.requeue);
    this.pending = new PendingSizes(store, destinations);
    this.history = new History(store, destinations, reader);
    this.retention = new Retention(store, options.retention ?? {}, now);
  }

  /**
   * Writes events down with a queue place for each destination. Call it inside `Store.transaction` together with the
   * checkpoint, and hand the result to the dispatcher once the transaction has committed.
   */
  append(drafts: Iterable<EventDraft>): Appended {
    return this.store.transaction(() => this.appender.append(drafts));
  }

  /** Random name of this state file; a copy of the file has the same. */
  identity(): string {
    return this.store.db.prepare('SELECT id FROM outbox_identity').pluck().get() as string;
  }

  /** Removes a little of what is old or too much; call again soon while `more`. */
  purge(): PurgeResult {
    return this.retention.purge();
  }

  fresh(
    destination: string,
    priority: PriorityClass,
    after: number,
    records: number,
    bytes: number,
  ): PendingDelivery[] {
    return this.queue.fresh(destination, priority, after, records, bytes);
  }

  parked(destination: string, lane: string, after: number, records: number, bytes: number): PendingDelivery[] {
    return this.queue.parked(destination, lane, after, records, bytes);
  }

  parkedLanes(destination: string, after: string | null, limit: number): ParkedLane[] {
    return this.queue.parkedLanes(destination, after, limit);
  }

  settle(batch: readonly Settlement[]): void {
    this.queue.settle(batch);
  }

  lastPosition(): number {
    return this.queue.lastPosition();
  }

  foreignChanges(): number {
    return this.queue.foreignChanges();
  }
}
