/** Queueing stored events a second time, under their own ids, at the end of the queue. */

import type { StoredEvent } from '../model/delivery';
import type { Store } from '../store/store';
import { type EventFilter, whereOf } from './filter';
import type { LaneClasses } from './lane-classes';
import { type Destinations, EVENT_COLUMNS, EVENT_FROM, type EventReader, laneOf, type Row } from './rows';
import type { TableHolds } from './table-holds';

export class Requeue {
  private readonly next;
  private readonly read;
  private readonly insertReady;
  private readonly insertAgain;
  private readonly covers;

  constructor(
    private readonly store: Store,
    private readonly destinations: Destinations,
    private readonly classes: LaneClasses,
    private readonly reader: EventReader,
    private readonly holds: TableHolds,
  ) {
    const db = store.db;
    this.next = db.prepare("UPDATE outbox_counter SET value = value + 1 WHERE name = 'seq' RETURNING value").pluck();
    // without its payload: only the lane is asked for
    this.read = db
      .prepare(`SELECT ${EVENT_COLUMNS.replace('e.body', 'NULL')} FROM outbox_event e WHERE e.seq = ?`)
      .raw();
    this.insertReady = db.prepare('INSERT INTO outbox_ready (destination, class, pos, event) VALUES (?, ?, ?, ?)');
    this.insertAgain = db.prepare('INSERT INTO outbox_again (event, pos, replay) VALUES (?, ?, ?)');
    this.covers = db
      .prepare(`SELECT 1 FROM ${EVENT_FROM} WHERE e.seq = ? AND (',' || s.destinations || ',') LIKE ?`)
      .pluck();
  }

  /** Inside the caller's transaction. Where the table is held, it waits with what else is held. */
  again(event: number, destination: number, replay = false): void {
    this.holds.refresh();
    const stored = this.stored(event);
    const hold = this.holds.of(stored.table);
    if (hold === null) this.put(stored, destination, replay);
    else this.holds.keep(hold, event, destination);
  }

  /** The end of the queue, whatever is held. Inside the caller's transaction. */
  queue(event: number, destination: number): void {
    this.put(this.stored(event), destination, false);
  }

  private put(event: StoredEvent, destination: number, replay: boolean): void {
    const pos = this.next.get() as number;
    const lane = laneOf(this.destinations.byNumber(destination).lanes, event);
    this.insertReady.run(destination, this.classes.place(destination, lane, pos, 1), pos, event.seq);
    this.insertAgain.run(event.seq, pos, replay ? 1 : 0);
  }

  private stored(event: number): StoredEvent {
    return this.reader.eventOf(this.read.get(event) as Row);
  }

  /**
   * Queues every stored event that matches, oldest first.
   * @param to destination names; empty means those each event was made for
   * @returns deliveries queued
   */
  replay(filter: EventFilter, to: readonly string[] = []): number {
    const { sql, params } = whereOf(filter);
    const page = this.store.db
      .prepare(`SELECT e.seq, s.destinations FROM ${EVENT_FROM} WHERE e.seq > ? AND ${sql} ORDER BY e.seq LIMIT 500`)
      .raw();
    const wanted = to.map((name) => this.destinations.of(name).no);
    let queued = 0;
    let after = 0;
    for (;;) {
      const rows = page.all(after, ...params) as [number, string][];
      if (rows.length === 0) return queued;
      this.store.transaction(() => {
        for (const [seq, list] of rows) {
          const own = list.split(',').map(Number);
          const missing = wanted.filter((no) => !own.includes(no));
          const elsewhere = missing.length > 0 ? this.otherVariant(seq, missing) : [];
          const targets = to.length === 0 ? own : wanted.filter((no) => !elsewhere.includes(no));
          for (const no of targets) this.again(seq, no, true);
          queued += targets.length;
        }
      });
      after = rows.at(-1)![0];
    }
  }

  /** Wanted destinations for which another body of the same event exists: that one is replayed to them, not this. */
  private otherVariant(seq: number, wanted: readonly number[]): number[] {
    const twins = this.store.db
      .prepare(`SELECT o.seq FROM outbox_event e JOIN outbox_event o ON o.id = e.id AND o.seq <> e.seq WHERE e.seq = ?`)
      .pluck()
      .all(seq) as number[];
    return wanted.filter((no) => twins.some((twin) => this.covers.get(twin, `%,${no},%`) !== undefined));
  }
}
