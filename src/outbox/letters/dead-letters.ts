/** Deliveries that were given up, with reason, response and attempts; an operator retries or drops them. */
import type { StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import type { EventFilter } from '../pages/filter';
import { Matcher } from '../pages/matcher';
import type { Pages } from '../pages/pages';
import type { TextSeal } from '../pages/seal-text';
import type { Requeue } from './requeue';

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

/** A letter without its event. */
interface Row {
  readonly no: number;
  readonly event: number;
  readonly destination: number;
  readonly name: string;
  readonly lane: string;
  readonly reason: string;
  readonly message: string;
  readonly status: number | null;
  readonly response: string | null;
  readonly attempts: number;
  readonly firstAt: number;
  readonly deadAt: number;
  readonly replay: number;
}

/** Letters looked at in one query. */
const STEP = 500;

export class DeadLetters {
  constructor(
    private readonly store: Store,
    private readonly pages: Pages,
    private readonly requeue: Requeue,
    private readonly texts: TextSeal,
  ) {}

  /** In order of death, after number `after`. */
  list(filter: DeadLetterFilter, after = 0, limit = 100): DeadLetter[] {
    const letters: DeadLetter[] = [];
    for (const row of this.matching(filter, after)) {
      const event = this.pages.event(row.event);
      if (event === null) continue;
      const { no, name, lane, reason, message, status, response, attempts, firstAt, deadAt } = row;
      letters.push({
        no,
        destination: name,
        lane,
        reason,
        message,
        status,
        response: response === null ? null : this.texts.open(response),
        attempts,
        firstAt,
        deadAt,
        event,
      });
      if (letters.length === limit) break;
    }
    return letters;
  }

  count(filter: DeadLetterFilter = {}): number {
    let count = 0;
    for (const _ of this.matching(filter, 0)) count++;
    return count;
  }

  /** Queues the letters again, oldest first, so that a lane keeps its order among them. Returns how many. */
  retry(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): number {
    return this.take(filter, limit, ({ event, destination, replay }) =>
      this.requeue.again(event, destination, replay === 1),
    );
  }

  /** Forgets the letters; their events go with the next purge. Returns how many. */
  drop(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): number {
    return this.take(filter, limit, () => undefined);
  }

  private take(filter: DeadLetterFilter, limit: number, use: (row: Row) => void): number {
    const remove = this.store.db.prepare('DELETE FROM outbox_dead WHERE no = ?');
    let taken = 0;
    let after = 0;
    for (;;) {
      const step: Row[] = [];
      for (const row of this.matching(filter, after)) {
        if (taken + step.length === limit || step.length === STEP) break;
        step.push(row);
      }
      this.store.transaction(() => {
        for (const row of step) {
          use(row);
          remove.run(row.no);
        }
      });
      taken += step.length;
      if (step.length < STEP) return taken;
      after = step.at(-1)!.no;
    }
  }

  private *matching(filter: DeadLetterFilter, from: number): Generator<Row> {
    const { sql, params } = ownConditions(filter);
    const { since: _since, until: _until, ...ofEvents } = filter;
    const matcher = new Matcher(ofEvents, this.store.db);
    const select = this.store.db.prepare(
      `SELECT d.no, d.event, d.destination, n.name, d.lane, d.reason, d.message, d.status, d.response, d.attempts,
         d.first_at AS firstAt, d.dead_at AS deadAt, d.replay
       FROM outbox_dead d JOIN outbox_destination n ON n.no = d.destination
       WHERE d.no > ? AND ${sql} ORDER BY d.no LIMIT ${STEP}`,
    );
    let after = from;
    for (;;) {
      const rows = select.all(after, ...params) as Row[];
      for (const row of rows) if (this.pages.matches(row.event, matcher)) yield row;
      if (rows.length < STEP) return;
      after = rows.at(-1)!.no;
    }
  }
}

/** What the letter itself decides, as SQL over `outbox_dead d` and its destination `n`. */
function ownConditions(filter: DeadLetterFilter): { sql: string; params: (string | number)[] } {
  const sql = ['1'];
  const params: (string | number)[] = [];
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
