/** Deliveries that were given up, with reason, response and attempts; an operator retries or drops them. */
import type { StoredEvent } from '../model/delivery';
import type { Store } from '../store/store';
import { type EventFilter, whereOf } from './filter';
import type { Requeue } from './requeue';
import { EVENT_COLUMN_COUNT, EVENT_COLUMNS, type EventReader, type Row } from './rows';

export interface DeadLetter {
  /** Number to name it by in `dlq show`, `retry` and `drop`. */
  readonly no: number;
  readonly destination: string;
  readonly lane: string;
  readonly reason: string;
  readonly message: string;
  readonly status: number | null;
  readonly response: string | null;
  readonly attempts: number;
  /** Epoch milliseconds; 0 = it was never attempted. */
  readonly firstAt: number;
  readonly deadAt: number;
  readonly event: StoredEvent;
}

/** All given conditions must hold. `since` and `until` look at the time of death. */
export interface DeadLetterFilter extends EventFilter {
  readonly no?: readonly number[];
  readonly destination?: string;
  readonly reason?: string;
}

export class DeadLetters {
  constructor(
    private readonly store: Store,
    private readonly reader: EventReader,
    private readonly requeue: Requeue,
  ) {}

  /** In order of death, after number `after`. */
  list(filter: DeadLetterFilter, after = 0, limit = 100): DeadLetter[] {
    const { sql, params } = this.where(filter);
    const rows = this.store.db
      .prepare(
        `SELECT ${EVENT_COLUMNS}, d.no, n.name, d.lane, d.reason, d.message, d.status, d.response, d.attempts,
           d.first_at, d.dead_at
         FROM outbox_dead d JOIN outbox_event e ON e.seq = d.event JOIN outbox_shape s ON s.no = e.shape
         JOIN outbox_destination n ON n.no = d.destination
         WHERE d.no > ? AND ${sql} ORDER BY d.no LIMIT ?`,
      )
      .raw()
      .all(after, ...params, limit) as Row[];
    return rows.map((row) => this.letterOf(row));
  }

  count(filter: DeadLetterFilter = {}): number {
    const { sql, params } = this.where(filter);
    return this.store.db
      .prepare(
        `SELECT count(*) FROM outbox_dead d JOIN outbox_event e ON e.seq = d.event
         JOIN outbox_shape s ON s.no = e.shape JOIN outbox_destination n ON n.no = d.destination WHERE ${sql}`,
      )
      .pluck()
      .get(...params) as number;
  }

  /** Queues the letters again, oldest first, so that a lane keeps its order among them. Returns how many. */
  retry(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): number {
    return this.take(filter, limit, (event, destination) => this.requeue.again(event, destination));
  }

  /** Forgets the letters; their events go with the next purge. Returns how many. */
  drop(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): number {
    return this.take(filter, limit, () => undefined);
  }

  private take(filter: DeadLetterFilter, limit: number, use: (event: number, destination: number) => void): number {
    const { sql, params } = this.where(filter);
    const select = this.store.db
      .prepare(
        `SELECT d.no, d.event, d.destination FROM outbox_dead d JOIN outbox_event e ON e.seq = d.event
         JOIN outbox_shape s ON s.no = e.shape JOIN outbox_destination n ON n.no = d.destination WHERE d.no > ? AND ${sql} ORDER BY d.no LIMIT ?`,
      )
      .raw();
    const remove = this.store.db.prepare('DELETE FROM outbox_dead WHERE no = ?');
    let taken = 0;
    let after = 0;
    while (taken < limit) {
      const page = select.all(after, ...params, Math.min(500, limit - taken)) as [number, number, number][];
      if (page.length === 0) break;
      this.store.transaction(() => {
        for (const [no, event, destination] of page) {
          use(event, destination);
          remove.run(no);
        }
      });
      after = page.at(-1)![0];
      taken += page.length;
    }
    return taken;
  }

  private where(filter: DeadLetterFilter): { sql: string; params: (string | number)[] } {
    const base = whereOf({ ...filter, since: undefined, until: undefined });
    const sql = [base.sql];
    const params = [...base.params];
    const add = (text: string, ...values: (string | number)[]): void => {
      sql.push(text);
      params.push(...values);
    };
    if (filter.no) add(`d.no IN (${filter.no.map(() => '?').join(', ')})`, ...filter.no);
    if (filter.destination !== undefined) add('n.name = ?', filter.destination);
    if (filter.reason !== undefined) add('d.reason = ?', filter.reason);
    if (filter.since !== undefined) add('d.dead_at >= ?', filter.since);
    if (filter.until !== undefined) add('d.dead_at < ?', filter.until);
    return { sql: sql.join(' AND '), params };
  }

  private letterOf(row: Row): DeadLetter {
    const [no, destination, lane, reason, message, status, response, attempts, firstAt, deadAt] =
      row.slice(EVENT_COLUMN_COUNT);
    return {
      no: no as number,
      destination: destination as string,
      lane: lane as string,
      reason: reason as string,
      message: message as string,
      status: status as number | null,
      response: response as string | null,
      attempts: attempts as number,
      firstAt: firstAt as number,
      deadAt: deadAt as number,
      event: this.reader.eventOf(row),
    };
  }
}
