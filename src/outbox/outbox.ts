/**
 * The outbox: events not yet settled, their queue places, dead letters and delivery log, in the daemon's SQLite file.
 * Promises kept here: events and checkpoint commit together; an event that comes again meets itself; every delivery ends
 * as delivered or as a dead letter.
 */

import type { DeliveryStore, ParkedLane, PendingDelivery, PriorityClass, Settlement } from '../model/delivery';
import type { EventDraft } from '../model/event';
import type { Store } from '../store/store';
import { Destinations } from './destinations';
import { History } from './history/history';
import { type PurgeResult, Retention } from './history/retention';
import { DeadLetters } from './letters/dead-letters';
import { Reinstate } from './letters/reinstate';
import { Release } from './letters/release';
import { Requeue } from './letters/requeue';
import type { OutboxOptions } from './options';
import { EventIds } from './pages/event-ids';
import { Pages } from './pages/pages';
import { checkTables } from './pages/row-sum';
import { aesSeal } from './pages/seal';
import { textSeal } from './pages/seal-text';
import { Shapes } from './pages/shapes';
import { damaged } from './pages/summed';
import { type Appended, Appender } from './queue/append';
import { Counters } from './queue/counters';
import { DeliveryLog } from './queue/delivery-log';
import { LaneClasses } from './queue/lane-classes';
import { PendingSizes } from './queue/pending-size';
import { Queue } from './queue/queue';
import { Ready } from './queue/ready-bitmap';
import { Requeued } from './queue/requeued';
import { TableHolds } from './queue/table-holds';

export class Outbox implements DeliveryStore {
  readonly deadLetters: DeadLetters;
  readonly history: History;
  readonly requeue: Requeue;
  readonly reinstate: Reinstate;
  readonly holds: TableHolds;
  readonly release: Release;
  readonly pending: PendingSizes;
  private readonly appender: Appender;
  private readonly queue: Queue;
  private readonly retention: Retention;
  private readonly summed: { readonly ids: EventIds; readonly ready: Ready };

  constructor(
    readonly store: Store,
    options: OutboxOptions,
  ) {
    const { db } = store;
    const now = options.now ?? Date.now;
    const seal = options.encryptionKey ? aesSeal(options.encryptionKey) : null;
    const counters = new Counters(db);
    const destinations = new Destinations(db, options.destinations);
    const shapes = new Shapes(db);
    const ids = new EventIds(db);
    const ready = new Ready(db);
    const again = new Requeued(db, counters);
    const classes = new LaneClasses(db, ready);
    const pages = new Pages(db, shapes, ids, seal, options.damaged);
    const texts = textSeal(seal);
    const log = new DeliveryLog(db, destinations, counters, texts);
    const holds = new TableHolds(db, now);
    const parts = {
      store,
      counters,
      destinations,
      shapes,
      ids,
      ready,
      again,
      classes,
      pages,
      log,
      holds,
      seal,
      texts,
      notes: options.notes ?? null,
      now,
    };
    this.holds = holds;
    this.summed = { ids, ready };
    this.appender = new Appender(parts);
    this.queue = new Queue({ ...parts, log: (options.log ?? true) ? log : null });
    this.requeue = new Requeue(parts);
    this.reinstate = new Reinstate({ ...parts, appender: this.appender });
    this.release = new Release({ ...parts, requeue: this.requeue });
    this.deadLetters = new DeadLetters(store, pages, this.requeue, texts);
    this.pending = new PendingSizes(parts);
    this.history = new History(parts);
    this.retention = new Retention({ ...parts, options: options.retention ?? {} });
  }

  /**
   * Writes events down with a queue place for each destination. Call it inside `Store.transaction` together with the
   * checkpoint, and hand the result to the dispatcher once the transaction has committed.
   * @param onRepeated learns of each draft whose id was known: it is not sent again
   */
  append(drafts: Iterable<EventDraft>, onRepeated?: (draft: EventDraft) => void): Appended {
    return this.store.transaction(() => this.appender.append(drafts, onRepeated));
  }

  /**
   * Looks at every row that says what is to be sent where, and that none of them is out of reach. Once, before anything is
   * sent: some microseconds for each delivery that waits behind another, and for each few hundred events that are stored.
   * @throws CodedError `STORE_CORRUPT`
   */
  check(): void {
    const { ids, ready } = this.summed;
    checkTables(this.store.db);
    ids.check();
    ready.check();
  }

  /** Random name of this state file; a copy of the file has the same. */
  identity(): string {
    const found = this.store.db.prepare('SELECT id, again FROM outbox_identity').raw().get() as string[] | undefined;
    if (found === undefined || found[0] !== found[1]) throw damaged('outbox_identity');
    return found[0]!;
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
