/** Taking deliveries out in order and settling them, many in one commit. */
import type { Database } from 'better-sqlite3';
import type { AttemptRecord, ParkedLane, PendingDelivery, PriorityClass, Settlement } from '../model/delivery';
import type { Store } from '../store/store';
import { lazily } from './lazily';
import {
  type Destination,
  type Destinations,
  EVENT_COLUMN_COUNT,
  EVENT_COLUMNS,
  type EventReader,
  pendingOf,
  type Row,
} from './rows';

const N = EVENT_COLUMN_COUNT;
/** What a log row costs beside its text, roughly, with its index entry. */
const LOG_ROW_BYTES = 80;

export class Queue {
  private readonly db: Database;
  private readonly readFresh;
  private readonly readParked;
  private readonly readLanes;
  private readonly deleteReady;
  private readonly deleteParked;
  private readonly deleteAgain;
  private readonly readReplay;
  private readonly park;
  private readonly insertDead;
  private readonly insertLog;
  private readonly logBytes;
  private readonly position;

  constructor(
    private readonly store: Store,
    private readonly destinations: Destinations,
    private readonly reader: EventReader,
    private readonly logs: boolean,
    private readonly now: () => number,
  ) {
    const db = store.db;
    this.db = db;
    this.readFresh = db
      .prepare(
        `SELECT ${EVENT_COLUMNS}, r.pos FROM outbox_ready r JOIN outbox_event e ON e.seq = r.event
         WHERE r.destination = ? AND r.class = ? AND r.pos > ? ORDER BY r.pos LIMIT ?`,
      )
      .raw();
    this.readParked = db
      .prepare(
        `SELECT ${EVENT_COLUMNS}, p.pos, p.class, p.attempts, p.charged, p.first_at
         FROM outbox_parked p JOIN outbox_event e ON e.seq = p.event
         WHERE p.destination = ? AND p.lane = ? AND p.pos > ? ORDER BY p.pos LIMIT ?`,
      )
      .raw();
    this.readLanes = db.prepare(
      `SELECT lane, max(due_at) AS dueAt FROM outbox_parked
         WHERE destination = ? AND lane > ? GROUP BY lane ORDER BY lane LIMIT ?`,
    );
    this.deleteReady = db.prepare('DELETE FROM outbox_ready WHERE destination = ? AND class = ? AND pos = ?');
    this.deleteParked = db.prepare('DELETE FROM outbox_parked WHERE destination = ? AND lane = ? AND pos = ?');
    this.deleteAgain = db.prepare('DELETE FROM outbox_again WHERE event = ? AND pos = ?');
    this.readReplay = db.prepare('SELECT replay FROM outbox_again WHERE event = ? AND pos = ?').pluck();
    this.park = db.prepare(
      `INSERT INTO outbox_parked (destination, lane, pos, event, class, attempts, charged, first_at, due_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (destination, lane, pos) DO UPDATE SET attempts = excluded.attempts, charged = excluded.charged,
         first_at = excluded.first_at, due_at = excluded.due_at`,
    );
    this.insertDead = db.prepare(
      `INSERT INTO outbox_dead (event, destination, lane, reason, message, status, response, attempts, first_at, dead_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.insertLog = db.prepare(
      `INSERT INTO outbox_log (event, destination, attempt, at, ms, outcome, status, batch, signature, response, error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.logBytes = db.prepare("UPDATE outbox_counter SET value = value + ? WHERE name = 'logBytes'");
    this.position = db.prepare("SELECT value FROM outbox_counter WHERE name = 'seq'").pluck();
  }

  fresh(name: string, priority: PriorityClass, after: number, records: number, bytes: number): PendingDelivery[] {
    const destination = this.destinations.of(name);
    const rows = this.readFresh.iterate(destination.no, priority, after, records) as IterableIterator<Row>;
    return takeWhileFits(rows, bytes, (row) => this.pending(row, destination, priority));
  }

  parked(name: string, lane: string, after: number, records: number, bytes: number): PendingDelivery[] {
    const destination = this.destinations.of(name);
    const rows = this.readParked.iterate(destination.no, lane, after, records) as IterableIterator<Row>;
    return takeWhileFits(rows, bytes, (row) => ({
      ...this.pending(row, destination, row[N + 1] as PriorityClass),
      lane,
      attempts: row[N + 2] as number,
      charged: row[N + 3] as number,
      firstAt: row[N + 4] as number,
      parked: true,
    }));
  }

  private pending(row: Row, destination: Destination, priority: PriorityClass): PendingDelivery {
    const event = this.reader.eventOf(row);
    const pos = row[N] as number;
    // only what was queued a second time stands elsewhere than where it was written
    const replay = pos !== event.seq && this.readReplay.get(event.seq, pos) === 1;
    return pendingOf(event, destination, pos, priority, replay);
  }

  parkedLanes(name: string, after: string | null, limit: number): ParkedLane[] {
    const no = this.destinations.of(name).no;
    // the strict lane is the empty text, which no `>` finds
    const first = after === null ? (this.readLanes.all(no, '', limit) as ParkedLane[]) : [];
    if (after !== null) return this.readLanes.all(no, after, limit) as ParkedLane[];
    const strict = this.db
      .prepare("SELECT lane, max(due_at) AS dueAt FROM outbox_parked WHERE destination = ? AND lane = '' GROUP BY lane")
      .all(no) as ParkedLane[];
    return [...strict, ...first];
  }

  settle(batch: readonly Settlement[]): void {
    lazily(this.store, () => {
      let bytes = 0;
      for (const one of batch) bytes += this.settleOne(one);
      if (bytes > 0) this.logBytes.run(bytes);
    });
  }

  lastPosition(): number {
    return this.position.get() as number;
  }

  foreignChanges(): number {
    return this.db.pragma('data_version', { simple: true }) as number;
  }

  /** Returns the bytes it added to the delivery log. */
  private settleOne(one: Settlement): number {
    const { delivery } = one;
    const destination = this.destinations.of(delivery.destination);
    if (one.is === 'park' || one.is === 'retry') {
      this.move(delivery, destination.no, one.is === 'retry' ? one.dueAt : 0);
    } else {
      this.remove(delivery, destination.no);
      if (one.is === 'dead') this.bury(one, destination.no);
    }
    return one.is === 'park' || one.record === null || !this.logs ? 0 : this.log(one.record, one, destination);
  }

  private move(d: PendingDelivery, no: number, dueAt: number): void {
    if (!d.parked && this.deleteReady.run(no, d.priority, d.pos).changes === 0) return;
    this.park.run(no, d.lane, d.pos, d.event.seq, d.priority, d.attempts, d.charged, d.firstAt, dueAt);
    d.parked = true;
  }

  private remove(d: PendingDelivery, no: number): void {
    if (d.parked) this.deleteParked.run(no, d.lane, d.pos);
    else this.deleteReady.run(no, d.priority, d.pos);
    if (d.pos !== d.event.seq) this.deleteAgain.run(d.event.seq, d.pos);
  }

  private bury(one: Extract<Settlement, { is: 'dead' }>, no: number): void {
    const d = one.delivery;
    const record = one.record;
    this.insertDead.run(
      d.event.seq,
      no,
      d.lane,
      one.reason,
      one.message,
      record?.status ?? null,
      record?.response ?? null,
      d.attempts,
      d.firstAt,
      this.now(),
    );
  }

  private log(record: AttemptRecord, one: Settlement, destination: Destination): number {
    const { signature, response, error } = record;
    this.insertLog.run(
      one.delivery.event.seq,
      destination.no,
      record.attempt,
      record.at,
      record.ms,
      one.is,
      record.status,
      record.batch,
      signature,
      response,
      error,
    );
    return LOG_ROW_BYTES + (signature?.length ?? 0) + (response?.length ?? 0) + (error?.length ?? 0);
  }
}

function takeWhileFits(
  rows: IterableIterator<Row>,
  limit: number,
  make: (row: Row) => PendingDelivery,
): PendingDelivery[] {
  const taken: PendingDelivery[] = [];
  let bytes = 0;
  for (const row of rows) {
    const delivery = make(row);
    taken.push(delivery);
    bytes += delivery.event.body?.length ?? 0;
    if (bytes >= limit) break;
  }
  return taken;
}
