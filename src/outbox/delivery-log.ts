/**
 * The delivery log: what every attempt looked like. Attempts settled in one commit share a row, those of one request also
 * its fields: `[destination, at, ms, status, events, signature, response, error, [event, attempt, outcome, ...]]`.
 */
import type { Database } from 'better-sqlite3';
import type { AttemptRecord, Settlement } from '../model/delivery';
import type { Counters } from './counters';
import type { Destinations } from './destinations';
import type { TextSeal } from './seal-text';

export interface LoggedAttempt {
  readonly event: number;
  readonly destination: string;
  readonly attempt: number;
  /** Epoch milliseconds at which it started. */
  readonly at: number;
  readonly ms: number;
  /** `delivered`, `retry` or `dead`. */
  readonly outcome: string;
  readonly status: number | null;
  /** Events in the same request. */
  readonly batch: number;
  readonly signature: string | null;
  readonly response: string | null;
  readonly error: string | null;
}

type Text = string | null;
type Request = [
  destination: number,
  at: number,
  ms: number,
  status: number | null,
  batch: number,
  signature: Text,
  response: Text,
  error: Text,
  events: (number | string)[],
];
const EVENTS = 8;
/** Numbers of one event in a request. */
const STRIDE = 3;

export class DeliveryLog {
  private readonly insert;
  private readonly select;
  private readonly oldest;
  private readonly remove;
  private requests: Request[] = [];
  private first = 0;
  private last = 0;

  constructor(
    db: Database,
    private readonly destinations: Destinations,
    private readonly counters: Counters,
    private readonly texts: TextSeal,
  ) {
    this.insert = db.prepare('INSERT INTO outbox_log (first, last, at, bytes, requests) VALUES (?, ?, ?, ?, ?)');
    this.select = db.prepare('SELECT requests FROM outbox_log WHERE last >= ? AND first <= ? ORDER BY no').pluck();
    this.oldest = db.prepare('SELECT no, at, bytes FROM outbox_log ORDER BY no LIMIT ?').raw();
    this.remove = db.prepare('DELETE FROM outbox_log WHERE no <= ?');
  }

  /** Call at the beginning of each transaction. */
  begin(): void {
    this.requests = [];
    this.first = Number.MAX_SAFE_INTEGER;
    this.last = 0;
  }

  /** Settlements come in the order of their requests, those of one request together. */
  add(record: AttemptRecord, outcome: Settlement['is'], event: number, destination: number): void {
    let request = this.requests.at(-1);
    if (request === undefined || !isSame(request, record, destination)) {
      const { at, ms, status, batch, signature, error } = record;
      const response = record.response === null ? null : this.texts.close(record.response);
      request = [destination, at, ms, status, batch, signature, response, error, []];
      this.requests.push(request);
    }
    request[EVENTS].push(event, record.attempt, outcome);
    if (event < this.first) this.first = event;
    if (event > this.last) this.last = event;
  }

  /** Writes the row; at the end of the transaction. */
  end(now: number): void {
    if (this.requests.length === 0) return;
    const text = JSON.stringify(this.requests);
    this.insert.run(this.first, this.last, now, text.length, text);
    this.counters.add('logBytes', text.length);
    this.begin();
  }

  /** Attempts at one event, oldest first. */
  attempts(event: number): LoggedAttempt[] {
    const found: LoggedAttempt[] = [];
    for (const text of this.select.all(event, event) as string[]) {
      for (const request of JSON.parse(text) as Request[]) this.collect(request, event, found);
    }
    return found;
  }

  /**
   * Removes the oldest rows: older than `before`, or as many as it takes to bring the log under `maxBytes`.
   * @returns attempts are not counted, rows are; `more` when there may be more to remove now
   */
  purge(before: number, maxBytes: number, limit: number): { removed: number; more: boolean } {
    let over = this.counters.get('logBytes') - maxBytes;
    let upTo = 0;
    let removed = 0;
    let bytes = 0;
    for (const [no, at, size] of this.oldest.all(limit) as [number, number, number][]) {
      if (over <= 0 && at >= before) break;
      upTo = no;
      removed++;
      bytes += size;
      over -= size;
    }
    if (removed > 0) {
      this.remove.run(upTo);
      this.counters.add('logBytes', -bytes);
    }
    return { removed, more: removed === limit };
  }

  private collect(request: Request, event: number, found: LoggedAttempt[]): void {
    const [no, at, ms, status, batch, signature, closed, error, events] = request;
    const response = closed === null ? null : this.texts.open(closed);
    for (let i = 0; i < events.length; i += STRIDE) {
      if (events[i] !== event) continue;
      found.push({
        event,
        destination: this.destinations.byNumber(no).name,
        attempt: events[i + 1] as number,
        at,
        ms,
        outcome: events[i + 2] as string,
        status,
        batch,
        signature,
        response,
        error,
      });
    }
  }
}

/** Only the first event of a request brings signature and response. */
function isSame([no, at, ms, status, batch]: Request, record: AttemptRecord, destination: number): boolean {
  return (
    record.batch > 1 &&
    record.signature === null &&
    record.response === null &&
    destination === no &&
    record.at === at &&
    record.ms === ms &&
    record.status === status &&
    record.batch === batch
  );
}
