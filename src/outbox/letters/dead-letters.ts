/** Deliveries that were given up, with reason, response and attempts; an operator retries or drops them. */
import type { StoredEvent } from '../../model/delivery';
import type { Store } from '../../store/store';
import type { EventFilter } from '../pages/filter';
import { Matcher } from '../pages/matcher';
import type { Pages } from '../pages/pages';
import { checkRow } from '../pages/row-sum';
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
  readonly sum: number | null;
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
    return sum(this.retrySteps(filter, limit));
  }

  /** Forgets the letters; their events go with the next purge. Returns how many. */
  drop(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): number {
    return sum(this.dropSteps(filter, limit));
  }

  /** {@link retry} step by step, each its own transaction: others may go on between two of them. @returns letters of each */
  retrySteps(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): Generator<number> {
    return this.take(filter, limit, ({ event, destination, replay }) =>
      this.requeue.again(event, destination, replay === 1),
    );
  }

  dropSteps(filter: DeadLetterFilter, limit = Number.MAX_SAFE_INTEGER): Generator<number> {
    return this.take(filter, limit, () => undefined);
  }

  /** Only letters that are there at the beginning: one that is queued again may be back as another letter soon. */
  private *take(filter: DeadLetterFilter, limit: number, use: (row: Row) => void): Generator<number> {
    const newest = this.store.db.prepare('SELECT max(no) FROM outbox_dead').pluck().get() as number | null;
    let step: Row[] = [];
    let looked = 0;
    let left = limit;
    for (const { no, row } of this.looked(filter, 0)) {
      if (no > (newest ?? 0) || left <= step.length) break;
      if (row !== null) step.push(row);
      if (++looked < STEP) continue;
      const taken = this.takeAll(step, use);
      left -= taken;
      step = [];
      looked = 0;
      yield taken;
    }
    yield this.takeAll(step, use);
  }

  private takeAll(rows: readonly Row[], use: (row: Row) => void): number {
    const remove = this.store.db.prepare('DELETE FROM outbox_dead WHERE no = ?');
    let taken = 0;
    this.store.transaction(() => {
      for (const row of rows) {
        // someone else may have taken it since it was looked at
        if (remove.run(row.no).changes === 0) continue;
        use(row);
        taken++;
      }
    });
    return taken;
  }

  /** Letters and whether they match, one by one, after number `after`: for whoever must let others go on meanwhile. */
  *scan(filter: DeadLetterFilter, after: number): Generator<{ readonly no: number; readonly matches: boolean }> {
    for (const { no, row } of this.looked(filter, after)) yield { no, matches: row !== null };
  }

  private *matching(filter: DeadLetterFilter, from: number): Generator<Row> {
    for (const { row } of this.looked(filter, from)) if (row !== null) yield row;
  }

  /** Every letter that the filter's own conditions leave, null where its event does not match. */
  private *looked(
    filter: DeadLetterFilter,
    from: number,
  ): Generator<{ readonly no: number; readonly row: Row | null }> {
    const { sql, params } = ownConditions(filter);
    const { since: _since, until: _until, ...ofEvents } = filter;
    const matcher = new Matcher(ofEvents, this.store.db);
    const select = this.store.db.prepare(
      `SELECT d.no, d.event, d.destination, n.name, d.lane, d.reason, d.message, d.status, d.response, d.attempts,
         d.first_at AS firstAt, d.dead_at AS deadAt, d.replay, d.sum
       FROM outbox_dead d JOIN outbox_destination n ON n.no = d.destination
       WHERE d.no > ? AND ${sql} ORDER BY d.no LIMIT ${STEP}`,
    );
    let after = from;
    for (;;) {
      const rows = select.all(after, ...params) as Row[];
      for (const row of rows) checkLetter(row);
      for (const row of rows) yield { no: row.no, row: this.pages.matches(row.event, matcher) ? row : null };
      if (rows.length < STEP) return;
      after = rows.at(-1)!.no;
    }
  }
}

function checkLetter(r: Row): void {
  const { event, destination, lane, reason, message, status, response, attempts, firstAt, deadAt, replay } = r;
  const values = [event, destination, lane, reason, message, status, response, attempts, firstAt, deadAt, replay];
  checkRow('outbox_dead', [...values, r.sum]);
}

function sum(steps: Iterable<number>): number {
  let all = 0;
  for (const step of steps) all += step;
  return all;
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
