/** Looking back: stored events, their attempts, and where each delivery stands. For `trace`, `sample`, `status` and `audit`. */
import type { StoredEvent } from '../model/delivery';
import type { Store } from '../store/store';
import { type EventFilter, whereOf } from './filter';
import { type Destinations, EVENT_COLUMNS, EVENT_FROM, type EventReader, type Row } from './rows';

export interface LoggedAttempt {
  readonly event: number;
  readonly destination: string;
  readonly attempt: number;
  readonly at: number;
  readonly ms: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly batch: number;
  readonly signature: string | null;
  readonly response: string | null;
  readonly error: string | null;
}

export interface DeliveryState {
  readonly destination: string;
  /** `delivered` means settled and no dead letter; `held` that its table is paused. */
  readonly state: 'delivered' | 'pending' | 'waiting' | 'held' | 'dead';
  readonly attempts: number;
  /** Epoch milliseconds of the next attempt of a waiting one. */
  readonly dueAt: number | null;
}

export interface Backlog {
  readonly destination: string;
  readonly ready: number;
  readonly parked: number;
  readonly parkedLanes: number;
  /** Of paused tables. */
  readonly held: number;
  readonly dead: number;
  /** Epoch milliseconds at which the oldest pending event was written down. */
  readonly oldestAt: number | null;
}

export class History {
  constructor(
    private readonly store: Store,
    private readonly destinations: Destinations,
    private readonly reader: EventReader,
  ) {}

  /** Oldest first after `after`, or newest first with `newest`. */
  events(filter: EventFilter, page: { after?: number; limit?: number; newest?: boolean } = {}): StoredEvent[] {
    const { sql, params } = whereOf(filter);
    const order = page.newest ? 'DESC' : 'ASC';
    const rows = this.store.db
      .prepare(`SELECT ${EVENT_COLUMNS} FROM ${EVENT_FROM} WHERE e.seq > ? AND ${sql} ORDER BY e.seq ${order} LIMIT ?`)
      .raw()
      .all(page.after ?? 0, ...params, page.limit ?? 100) as Row[];
    return rows.map((row) => this.reader.eventOf(row));
  }

  attempts(seq: number): LoggedAttempt[] {
    return this.store.db
      .prepare(
        `SELECT l.event, n.name AS destination, l.attempt, l.at, l.ms, l.outcome, l.status, l.batch, l.error,
           ifnull(l.signature, f.signature) AS signature, ifnull(l.response, f.response) AS response
         FROM outbox_log l JOIN outbox_destination n ON n.no = l.destination
         -- the first row of a batch speaks for the request
         LEFT JOIN outbox_log f ON l.batch > 1 AND f.no = (SELECT max(x.no) FROM outbox_log x
           WHERE x.no BETWEEN l.no - l.batch AND l.no AND x.at = l.at AND x.destination = l.destination
             AND x.signature IS NOT NULL)
         WHERE l.event = ? ORDER BY l.no`,
      )
      .all(seq) as LoggedAttempt[];
  }

  /** One line for every destination the event was made for or queued to. */
  states(seq: number): DeliveryState[] {
    const db = this.store.db;
    const list = db.prepare(`SELECT s.destinations FROM ${EVENT_FROM} WHERE e.seq = ?`).pluck().get(seq) as
      | string
      | undefined;
    if (list === undefined) return [];
    const made = new Set(list.split(',').map(Number));
    const places = db.prepare('SELECT pos FROM outbox_again WHERE event = ?').pluck().all(seq) as number[];
    const states: DeliveryState[] = [];
    for (const { no, name } of this.destinations.all()) {
      const state = this.stateOf(seq, no, name, [seq, ...places]);
      if (made.has(no) || state.state !== 'delivered') states.push(state);
    }
    return states;
  }

  /** Counts by index only; reads no payload. */
  backlog(): Backlog[] {
    const db = this.store.db;
    const ready = db.prepare('SELECT count(*) FROM outbox_ready WHERE destination = ?').pluck();
    const parked = db.prepare(
      'SELECT count(*) AS n, count(DISTINCT lane) AS lanes, min(event) AS event FROM outbox_parked WHERE destination = ?',
    );
    const held = new Map(
      db.prepare('SELECT destination, count(*) FROM outbox_held GROUP BY destination').raw().all() as [
        number,
        number,
      ][],
    );
    const oldestHeld = db.prepare('SELECT min(event) FROM outbox_held WHERE destination = ?').pluck();
    const dead = db.prepare('SELECT count(*) FROM outbox_dead WHERE destination = ?').pluck();
    const first = db
      .prepare('SELECT event FROM outbox_ready WHERE destination = ? AND class = ? ORDER BY pos LIMIT 1')
      .pluck();
    const at = db.prepare('SELECT appended_at FROM outbox_event WHERE seq = ?').pluck();
    return this.destinations.all().map(({ no, name }) => {
      const waiting = parked.get(no) as { n: number; lanes: number; event: number | null };
      const heads = [0, 1, 2].map((cls) => first.get(no, cls) as number | undefined);
      const kept = held.has(no) ? (oldestHeld.get(no) as number) : null;
      const events = [...heads, waiting.event, kept].filter((e): e is number => e !== undefined && e !== null);
      return {
        destination: name,
        ready: ready.get(no) as number,
        parked: waiting.n,
        parkedLanes: waiting.lanes,
        held: held.get(no) ?? 0,
        dead: dead.get(no) as number,
        oldestAt: events.length === 0 ? null : (at.get(Math.min(...events)) as number),
      };
    });
  }

  private stateOf(seq: number, no: number, name: string, places: readonly number[]): DeliveryState {
    const db = this.store.db;
    const waiting = db
      .prepare('SELECT attempts, due_at FROM outbox_parked WHERE event = ? AND destination = ? LIMIT 1')
      .raw()
      .get(seq, no) as [number, number] | undefined;
    if (waiting) return { destination: name, state: 'waiting', attempts: waiting[0], dueAt: waiting[1] || null };
    const ready = db.prepare(
      'SELECT 1 FROM outbox_ready WHERE destination = ? AND class IN (0, 1, 2) AND pos = ? AND event = ?',
    );
    if (places.some((pos) => ready.get(no, pos, seq) !== undefined)) {
      return { destination: name, state: 'pending', attempts: 0, dueAt: null };
    }
    const held = db.prepare('SELECT 1 FROM outbox_held WHERE event = ? AND destination = ? LIMIT 1').get(seq, no);
    if (held) return { destination: name, state: 'held', attempts: 0, dueAt: null };
    const dead = db
      .prepare('SELECT attempts FROM outbox_dead WHERE event = ? AND destination = ? LIMIT 1')
      .pluck()
      .get(seq, no) as number | undefined;
    if (dead !== undefined) return { destination: name, state: 'dead', attempts: dead, dueAt: null };
    const attempts = db
      .prepare('SELECT max(attempt) FROM outbox_log WHERE event = ? AND destination = ?')
      .pluck()
      .get(seq, no) as number | null;
    return { destination: name, state: 'delivered', attempts: attempts ?? 0, dueAt: null };
  }
}
