/** Taking deliveries out in order and settling them, many in one commit. */
import type { Database } from 'better-sqlite3';
import type { ParkedLane, PendingDelivery, PriorityClass, Settlement, StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import { type Destination, type Destinations, pendingOf } from '../destinations';
import type { Pages } from '../pages/pages';
import { checkRow, rowSum, summedColumns } from '../pages/row-sum';
import type { TextSeal } from '../pages/seal-text';
import { damaged } from '../pages/summed';
import { lazily } from './commit-without-fsync';
import type { Counters } from './counters';
import type { DeliveryLog } from './delivery-log';
import type { Ready } from './ready-bitmap';
import type { Requeued } from './requeued';

interface QueueParts {
  readonly store: Store;
  readonly destinations: Destinations;
  readonly pages: Pages;
  readonly ready: Ready;
  readonly again: Requeued;
  readonly counters: Counters;
  /** Null keeps none. */
  readonly log: DeliveryLog | null;
  readonly texts: TextSeal;
  readonly now: () => number;
}

type ParkedRow = [
  destination: number,
  lane: string,
  pos: number,
  event: number,
  cls: PriorityClass,
  attempts: number,
  charged: number,
  firstAt: number,
  dueAt: number,
  pause: number | null,
  sum: number | null,
];

const AT_ONCE = { dueAt: 0, pause: 0 };

export class Queue {
  private readonly db: Database;
  private readonly readParked;
  private readonly readLanes;
  private readonly readStrict;
  private readonly deleteParked;
  private readonly park;
  private readonly insertDead;

  constructor(private readonly parts: QueueParts) {
    const { db } = parts.store;
    this.db = db;
    this.readParked = db
      .prepare(
        `SELECT ${summedColumns('outbox_parked')} FROM outbox_parked
         WHERE destination = ? AND lane = ? AND pos > ? ORDER BY pos LIMIT ?`,
      )
      .raw();
    this.readLanes = db.prepare(
      `SELECT lane, max(due_at) AS dueAt, pause FROM outbox_parked
         WHERE destination = ? AND lane > ? GROUP BY lane ORDER BY lane LIMIT ?`,
    );
    this.readStrict = db.prepare(
      "SELECT lane, max(due_at) AS dueAt, pause FROM outbox_parked WHERE destination = ? AND lane = '' GROUP BY lane",
    );
    this.deleteParked = db.prepare('DELETE FROM outbox_parked WHERE destination = ? AND lane = ? AND pos = ?');
    this.park = db.prepare(
      `INSERT INTO outbox_parked (${summedColumns('outbox_parked')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (destination, lane, pos) DO UPDATE SET event = excluded.event, class = excluded.class,
         attempts = excluded.attempts, charged = excluded.charged, first_at = excluded.first_at,
         due_at = excluded.due_at, pause = excluded.pause, sum = excluded.sum`,
    );
    this.insertDead = db.prepare(
      `INSERT INTO outbox_dead (${summedColumns('outbox_dead')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  fresh(name: string, priority: PriorityClass, after: number, records: number, bytes: number): PendingDelivery[] {
    const { destinations, ready, pages, again } = this.parts;
    const destination = destinations.of(name);
    const taken: PendingDelivery[] = [];
    let size = 0;
    for (const pos of ready.after(destination.no, priority, after)) {
      const event = pages.view(pos) ?? pages.event(again.eventAt(pos));
      // what waits is never purged
      if (event === null) throw damaged('outbox_page');
      taken.push(this.pending(event, destination, pos, priority));
      size += event.body?.length ?? 0;
      if (taken.length >= records || size >= bytes) break;
    }
    return taken;
  }

  parked(name: string, lane: string, after: number, records: number, bytes: number): PendingDelivery[] {
    const { destinations, pages } = this.parts;
    const destination = destinations.of(name);
    const taken: PendingDelivery[] = [];
    let size = 0;
    const rows = this.readParked.all(destination.no, lane, after, records) as ParkedRow[];
    for (const row of rows) {
      checkRow('outbox_parked', row);
      const [, , pos, seq, cls, attempts, charged, firstAt] = row;
      const event = pages.event(seq);
      if (event === null) throw damaged('outbox_page');
      taken.push({ ...this.pending(event, destination, pos, cls), lane, attempts, charged, firstAt, parked: true });
      size += event.body?.length ?? 0;
      if (size >= bytes) break;
    }
    return taken;
  }

  private pending(event: StoredEvent, destination: Destination, pos: number, priority: PriorityClass): PendingDelivery {
    // only what was queued a second time stands elsewhere than where it was written
    const replay = pos !== event.seq && this.parts.again.isReplay(pos);
    return pendingOf(event, destination, pos, priority, replay);
  }

  parkedLanes(name: string, after: string | null, limit: number): ParkedLane[] {
    const { no } = this.parts.destinations.of(name);
    if (after !== null) return this.readLanes.all(no, after, limit) as ParkedLane[];
    // the strict lane is the empty text, which no `>` finds
    const strict = this.readStrict.all(no) as ParkedLane[];
    return [...strict, ...(this.readLanes.all(no, '', limit) as ParkedLane[])];
  }

  settle(batch: readonly Settlement[]): void {
    const { store, ready, log, now } = this.parts;
    lazily(store, () => {
      ready.begin();
      log?.begin();
      for (const one of batch) this.settleOne(one);
      ready.end();
      log?.end(now());
    });
  }

  lastPosition(): number {
    return this.parts.counters.last();
  }

  foreignChanges(): number {
    return this.db.pragma('data_version', { simple: true }) as number;
  }

  private settleOne(one: Settlement): void {
    const { delivery } = one;
    const { no } = this.parts.destinations.of(delivery.destination);
    if (one.is === 'retry') this.move(delivery, no, one);
    else if (one.is === 'park') this.move(delivery, no, AT_ONCE);
    else this.remove(delivery, no);
    if (one.is === 'dead') this.bury(one, no);
    if (one.is !== 'park' && one.record !== null) this.parts.log?.add(one.record, one.is, delivery.event.seq, no);
  }

  private move(d: PendingDelivery, no: number, { dueAt, pause }: { dueAt: number; pause?: number }): void {
    if (!d.parked && !this.parts.ready.take(no, d.priority, d.pos)) return;
    const row = [
      no,
      d.lane,
      d.pos,
      d.event.seq,
      d.priority,
      d.attempts,
      d.charged,
      d.firstAt,
      dueAt,
      pause === undefined ? null : Math.ceil(pause),
    ];
    this.park.run(...row, rowSum(row));
    d.parked = true;
  }

  private remove(d: PendingDelivery, no: number): void {
    if (d.parked) this.deleteParked.run(no, d.lane, d.pos);
    else this.parts.ready.take(no, d.priority, d.pos);
    if (d.pos !== d.event.seq) this.parts.again.remove(d.pos);
  }

  private bury(one: Extract<Settlement, { is: 'dead' }>, no: number): void {
    const d = one.delivery;
    const record = one.record;
    const row = [
      d.event.seq,
      no,
      d.lane,
      one.reason,
      one.message,
      record?.status ?? null,
      record?.response == null ? null : this.parts.texts.close(record.response),
      d.attempts,
      d.firstAt,
      this.parts.now(),
      d.replay ? 1 : 0,
    ];
    this.insertDead.run(...row, rowSum(row));
  }
}
