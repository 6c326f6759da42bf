/**
 * The delivery log: what every attempt looked like. Attempts settled in one commit share a row, those of one request also
 * its fields: `[destination, at, ms, status, events, signature, response, error, [event, attempt, outcome, ...], request]`,
 * where `request` is a text or, where an earlier one of the row has the same, the number of the earlier one.
 */
import type { Database } from 'better-sqlite3';
import type { AttemptRecord, Settlement } from '../../model/delivery';
import type { Destinations } from '../destinations';
import type { TextSeal } from '../pages/seal-text';
import type { Counters } from './counters';

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
  /** Headers as sent that are the same for every request, credentials masked. */
  readonly request: string | null;
  /** The other headers as sent, of which most are the signature. */
  readonly signature: string | null;
  readonly response: string | null;
  readonly error: string | null;
}

/** One request with what came of each of its events. */
interface LoggedRequest extends Omit<LoggedAttempt, 'event' | 'destination' | 'attempt' | 'outcome'> {
  readonly events: readonly number[];
  readonly outcomes: readonly string[];
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
  request?: Text | number,
];
const EVENTS = 8;
const SENT = 9;
/** Numbers of one event in a request. */
const STRIDE = 3;

export class DeliveryLog {
  private readonly insert;
  private readonly select;
  private readonly oldest;
  private readonly newest;
  private readonly remove;
  private requests: Request[] = [];
  /** Texts the row has, and the request that has each. */
  private sent: string[] = [];
  private sentBy: number[] = [];
  private first = 0;
  private last = 0;
  /** The row read last. */
  private latest: { readonly text: string; readonly requests: readonly Request[] } | null = null;

  constructor(
    db: Database,
    private readonly destinations: Destinations,
    private readonly counters: Counters,
    private readonly texts: TextSeal,
  ) {
    this.insert = db.prepare('INSERT INTO outbox_log (first, last, at, bytes, requests) VALUES (?, ?, ?, ?, ?)');
    this.select = db.prepare('SELECT requests FROM outbox_log WHERE last >= ? AND first <= ? ORDER BY no').pluck();
    this.oldest = db.prepare('SELECT no, at, bytes FROM outbox_log ORDER BY no LIMIT ?').raw();
    this.newest = db.prepare('SELECT no, requests FROM outbox_log WHERE no < ? ORDER BY no DESC LIMIT 1').raw();
    this.remove = db.prepare('DELETE FROM outbox_log WHERE no <= ?');
  }

  /** Call at the beginning of each transaction. */
  begin(): void {
    this.requests = [];
    this.sent = [];
    this.sentBy = [];
    this.first = Number.MAX_SAFE_INTEGER;
    this.last = 0;
  }

  /** Settlements come in the order of their requests, those of one request together. */
  add(record: AttemptRecord, outcome: Settlement['is'], event: number, destination: number): void {
    let request = this.requests.at(-1);
    if (request === undefined || !isSame(request, record, destination)) {
      const { at, ms, status, batch, signature, error } = record;
      const response = record.response === null ? null : this.texts.close(record.response);
      const sent = this.sentOf(record.request ?? null);
      request = [destination, at, ms, status, batch, signature, response, error, [], sent];
      this.requests.push(request);
    }
    request[EVENTS].push(event, record.attempt, outcome);
    if (event < this.first) this.first = event;
    if (event > this.last) this.last = event;
  }

  /** Requests of one destination mostly have the same text, so a row has it once. */
  private sentOf(text: string | null): Text | number {
    if (text === null) return null;
    const known = this.sent.indexOf(text);
    if (known >= 0) return this.sentBy[known]!;
    this.sent.push(text);
    this.sentBy.push(this.requests.length);
    return text;
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
      const requests = this.parsed(text);
      for (const request of requests) this.collect(request, sentWith(requests, request), event, found);
    }
    return found;
  }

  /**
   * Requests to one destination, newest first, row by row: what was settled in one commit shares a row, and one without any
   * comes as an empty list.
   * @param before number of a row; null begins at the newest
   */
  *requestsTo(
    destination: string,
    before: number | null,
  ): Generator<{ readonly no: number; readonly found: LoggedRequest[] }> {
    const wanted = this.destinations.all().find(({ name }) => name === destination)?.no;
    for (let no = before ?? Number.MAX_SAFE_INTEGER; wanted !== undefined; ) {
      const row = this.newest.get(no) as [number, string] | undefined;
      if (row === undefined) return;
      no = row[0];
      const all = this.parsed(row[1]);
      const mine = all.filter(([to]) => to === wanted).map((request) => this.logged(request, sentWith(all, request)));
      yield { no, found: mine.reverse() };
    }
  }

  private logged([, at, ms, status, batch, signature, closed, error, events]: Request, request: Text): LoggedRequest {
    const response = closed === null ? null : this.texts.open(closed);
    const outcomes = events.filter((_, i) => i % STRIDE === 2).map(String);
    const numbers = events.filter((_, i) => i % STRIDE === 0).map(Number);
    return { at, ms, status, batch, signature, response, error, request, outcomes, events: numbers };
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
    // row by row: mostly the first is to stay
    for (const [no, at, size] of this.oldest.iterate(limit) as IterableIterator<[number, number, number]>) {
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

  /** Neighbours are in one row, and whoever looks at a page of events looks at neighbours. */
  private parsed(text: string): readonly Request[] {
    if (this.latest?.text !== text) this.latest = { text, requests: JSON.parse(text) as Request[] };
    return this.latest.requests;
  }

  private collect(request: Request, sent: Text, event: number, found: LoggedAttempt[]): void {
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
        request: sent,
        signature,
        response,
        error,
      });
    }
  }
}

function sentWith(requests: readonly Request[], request: Request): Text {
  const sent = request[SENT] ?? null;
  return typeof sent === 'number' ? ((requests[sent]?.[SENT] as Text | undefined) ?? null) : sent;
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
