/** Looking back: stored events, their attempts, and where each delivery stands. For `trace`, `sample`, `status` and `audit`. */
import { PRIORITY_CLASSES, type PriorityClass, type StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import type { Destinations } from '../destinations';
import type { EventFilter } from '../pages/filter';
import type { PageStretch, Pages } from '../pages/pages';
import type { DeliveryLog, LoggedAttempt } from '../queue/delivery-log';
import type { Ready } from '../queue/ready-bitmap';
import type { Requeued } from '../queue/requeued';

interface DeliveryState {
  readonly destination: string;
  /** `delivered` means settled and no dead letter; `held` that its table is paused. */
  readonly state: 'delivered' | 'pending' | 'waiting' | 'held' | 'dead';
  readonly attempts: number;
  /** Epoch milliseconds of the next attempt of a waiting one. */
  readonly dueAt: number | null;
}

interface Backlog {
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

/** Events of one journal that have not reached every destination yet. */
export interface Unsettled {
  readonly pending: number;
  readonly deadLetters: number;
}

interface HistoryParts {
  readonly store: Store;
  readonly destinations: Destinations;
  readonly pages: Pages;
  readonly ready: Ready;
  readonly again: Requeued;
  readonly log: DeliveryLog;
}

export class History {
  constructor(private readonly parts: HistoryParts) {}

  /** `LIB/FILE` of every table that ever had an event here. */
  tables(): string[] {
    return this.parts.store.db.prepare('SELECT DISTINCT tbl FROM outbox_shape ORDER BY tbl').pluck().all() as string[];
  }

  /** Oldest first after `after`, or newest first with `newest`. */
  events(filter: EventFilter, page: { after?: number; limit?: number; newest?: boolean } = {}): StoredEvent[] {
    const { pages } = this.parts;
    const limit = page.limit ?? 100;
    const events: StoredEvent[] = [];
    for (const seq of pages.matching(filter, page.after ?? 0, page.newest ?? false)) {
      const event = pages.event(seq);
      if (event !== null) events.push(event);
      if (events.length === limit) break;
    }
    return events;
  }

  /**
   * Numbers of the events that match, page by page, also pages without any: for whoever must not keep the daemon from its
   * work. What was stored or removed meanwhile may be in it or not.
   */
  pagewise(filter: EventFilter, stretch: PageStretch): ReturnType<Pages['pagewise']> {
    return this.parts.pages.pagewise(filter, stretch);
  }

  /** Null where there is none of that number any more. */
  event(seq: number): StoredEvent | null {
    return this.parts.pages.event(seq);
  }

  /** The event without its payload. */
  facts(seq: number): StoredEvent | null {
    return this.parts.pages.facts(seq);
  }

  attempts(seq: number): LoggedAttempt[] {
    return this.parts.log.attempts(seq);
  }

  /** Requests to a destination, newest first: see {@link DeliveryLog.requestsTo}. */
  requestsTo(destination: string, before: number | null): ReturnType<DeliveryLog['requestsTo']> {
    return this.parts.log.requestsTo(destination, before);
  }

  /**
   * One line for every destination the event was made for or queued to.
   * @param attempts its own, where whoever asks has them already
   */
  states(seq: number, attempts = this.attempts(seq)): DeliveryState[] {
    const { pages, destinations, again } = this.parts;
    const made = pages.destinationsOf(seq);
    if (made === null) return [];
    const places = [seq, ...again.placesOf(seq)];
    const states: DeliveryState[] = [];
    for (const { no, name } of destinations.all()) {
      const tried = attempts.filter((a) => a.destination === name).map((a) => a.attempt);
      const state = this.stateOf(seq, no, name, places) ?? {
        destination: name,
        state: 'delivered',
        attempts: Math.max(0, ...tried),
        dueAt: null,
      };
      if (made.includes(no) || state.state !== 'delivered') states.push(state);
    }
    return states;
  }

  /** Counts by index only; reads no payload. */
  backlog(): Backlog[] {
    const { store, destinations, ready, pages } = this.parts;
    const { db } = store;
    const parked = db.prepare(
      'SELECT count(*) AS n, count(DISTINCT lane) AS lanes, min(event) AS event FROM outbox_parked WHERE destination = ?',
    );
    const held = db.prepare('SELECT count(*) AS n, min(event) AS event FROM outbox_held WHERE destination = ?');
    const dead = db.prepare('SELECT count(*) FROM outbox_dead WHERE destination = ?').pluck();
    return destinations.all().map(({ no, name }) => {
      const waiting = parked.get(no) as { n: number; lanes: number; event: number | null };
      const kept = held.get(no) as { n: number; event: number | null };
      const heads = PRIORITY_CLASSES.map((cls) => this.firstReady(no, cls));
      const events = [...heads, waiting.event, kept.event].filter((e): e is number => e !== null);
      return {
        destination: name,
        ready: ready.count(no),
        parked: waiting.n,
        parkedLanes: waiting.lanes,
        held: kept.n,
        dead: dead.get(no) as number,
        oldestAt: events.length === 0 ? null : (pages.facts(Math.min(...events))?.appendedAt ?? null),
      };
    });
  }

  /** Commit time (ISO 8601) of the oldest event that could be delivered and is not; null where none waits. */
  oldestWaiting(name: string): string | null {
    const { store, destinations, pages } = this.parts;
    const destination = destinations.find(name);
    if (destination === null) return null;
    const { no } = destination;
    const parked = store.db.prepare('SELECT min(event) FROM outbox_parked WHERE destination = ?').pluck().get(no);
    const heads = [...PRIORITY_CLASSES.map((cls) => this.firstReady(no, cls)), parked as number | null];
    const events = heads.filter((event) => event !== null);
    return events.length === 0 ? null : (pages.facts(Math.min(...events))?.time ?? null);
  }

  /** Dead letters of a destination. */
  deadLetters(name: string): number {
    const { store, destinations } = this.parts;
    const no = destinations.find(name)?.no ?? 0;
    return store.db.prepare('SELECT count(*) FROM outbox_dead WHERE destination = ?').pluck().get(no) as number;
  }

  /** Deliveries of events written after one, by destination. */
  queuedAfter(seq: number): Map<string, number> {
    const { destinations, pages } = this.parts;
    const names = new Map(destinations.all().map(({ no, name }) => [no, name]));
    const counts = new Map<string, number>();
    for (const event of pages.matching({}, seq)) {
      for (const no of pages.destinationsOf(event) ?? []) {
        const name = names.get(no)!;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** Reads what waits, not what was delivered. @param journal `LIB/NAME` */
  unsettled(journal: string): Unsettled {
    const { store, destinations, ready, again, pages } = this.parts;
    const pending = new Set<number>();
    for (const { no } of destinations.all()) {
      for (const cls of PRIORITY_CLASSES) {
        for (const pos of ready.after(no, cls, 0)) pending.add(again.eventAt(pos) || pos);
      }
    }
    const rest = store.db.prepare('SELECT event FROM outbox_parked UNION SELECT event FROM outbox_held').pluck();
    for (const event of rest.iterate() as IterableIterator<number>) pending.add(event);
    const dead = store.db.prepare('SELECT DISTINCT event FROM outbox_dead ORDER BY event').pluck().all() as number[];
    const ours = (events: readonly number[]): number => events.filter((e) => pages.journalOf(e) === journal).length;
    return { pending: ours([...pending].sort((a, b) => a - b)), deadLetters: ours(dead) };
  }

  private firstReady(no: number, cls: PriorityClass): number | null {
    const { ready, again } = this.parts;
    const pos = ready.first(no, cls);
    return pos === null ? null : again.eventAt(pos) || pos;
  }

  /** Null when it is delivered. */
  private stateOf(seq: number, no: number, name: string, places: readonly number[]): DeliveryState | null {
    const { store, ready } = this.parts;
    const { db } = store;
    const waiting = db
      .prepare('SELECT attempts, due_at FROM outbox_parked WHERE event = ? AND destination = ? LIMIT 1')
      .raw()
      .get(seq, no) as [number, number] | undefined;
    if (waiting) return { destination: name, state: 'waiting', attempts: waiting[0], dueAt: waiting[1] || null };
    if (places.some((pos) => PRIORITY_CLASSES.some((cls) => ready.has(no, cls, pos)))) {
      return { destination: name, state: 'pending', attempts: 0, dueAt: null };
    }
    const held = db.prepare('SELECT 1 FROM outbox_held WHERE event = ? AND destination = ? LIMIT 1').get(seq, no);
    if (held) return { destination: name, state: 'held', attempts: 0, dueAt: null };
    const dead = db
      .prepare('SELECT attempts FROM outbox_dead WHERE event = ? AND destination = ? LIMIT 1')
      .pluck()
      .get(seq, no) as number | undefined;
    return dead === undefined ? null : { destination: name, state: 'dead', attempts: dead, dueAt: null };
  }
}
