/** The stored events, page by page: writing, reading by number, walking through those that match a filter. */
import type { Database } from 'better-sqlite3';
import type { StoredEvent } from '../../model/delivery';
import { checksum } from './checksum';
import { damagedEvent } from './damaged';
import type { EventIds } from './event-ids';
import { eventsIn, type PagedEvent, PageReader, PageWriter } from './event-page';
import type { EventFilter } from './filter';
import { Matcher } from './matcher';
import { noKey, type Seal } from './seal';
import type { Shapes } from './shapes';

/** Bytes that a row of `outbox_page` has beside its data, and a page of the file beside the row, with some to spare. */
const ROW_BYTES = 100;
/** Pages kept for lanes that are read event by event. */
const CACHED = 64;
/** Pages looked at in one query of a walk. */
const STEP = 64;

interface Page {
  readonly first: number;
  readonly last: number;
  /** Epoch milliseconds. */
  readonly appendedAt: number;
  readonly reader: PageReader;
  /** Altered on the disk: nothing in it is believed. */
  readonly damaged: boolean;
  readonly data: Buffer;
}

/** Which events are looked at: those after one, before one, or between the two. */
export interface PageStretch {
  readonly after?: number;
  readonly before?: number;
  /** From the newest on. */
  readonly newest?: boolean;
}

/** A page that was looked at. */
interface LookedAt {
  /** Its last event, or its first one where the newest came first: what follows begins there. */
  readonly at: number;
  /** Numbers of those that match. */
  readonly found: readonly number[];
}

const MOST = Number.MAX_SAFE_INTEGER;
/** A page without events. */
const DAMAGED = new PageReader(Buffer.alloc(4));
/** A page, its checksum; none where an older version wrote it. */
type Stored = [data: Buffer, sum: number | null];
const PLACE = 'first, last, appended_at';
type Place = [first: number, last: number, appendedAt: number];

export class Pages {
  private readonly insertPage;
  private readonly locate;
  private readonly load;
  private readonly forwards;
  private readonly backwards;
  private readonly capacity: number;
  private readonly cache = new Map<number, Page>();
  private latest: Page | null = null;
  private readonly reported = new Set<number>();

  constructor(
    private readonly db: Database,
    private readonly shapes: Shapes,
    private readonly ids: EventIds,
    private readonly seal: Seal | null,
    private readonly onDamage: (first: number, last: number) => void = () => undefined,
  ) {
    // a page of events fills a page of the file: larger ones would spread over several
    this.capacity = (db.pragma('page_size', { simple: true }) as number) - ROW_BYTES;
    this.insertPage = db.prepare(
      'INSERT INTO outbox_page (first, last, appended_at, bytes, data, sum) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.locate = db.prepare(`SELECT ${PLACE} FROM outbox_page WHERE first <= ? ORDER BY first DESC LIMIT 1`).raw();
    this.load = db.prepare('SELECT data, sum FROM outbox_page WHERE first = ?').raw();
    this.forwards = db.prepare(`SELECT ${PLACE} FROM outbox_page WHERE first > ? ORDER BY first LIMIT ${STEP}`).raw();
    this.backwards = db
      .prepare(`SELECT ${PLACE} FROM outbox_page WHERE first < ? ORDER BY first DESC LIMIT ${STEP}`)
      .raw();
  }

  writer(): PageWriter {
    return new PageWriter(this.capacity);
  }

  /** @param bytes of payloads in it */
  insert(first: number, last: number, appendedAt: number, bytes: number, data: Buffer): void {
    this.cache.delete(first);
    this.latest = null;
    this.insertPage.run(first, last, appendedAt, bytes, data, checksum(data));
  }

  /** The event with its payload in a buffer of its own, or null when there is none with that number. */
  event(seq: number): StoredEvent | null {
    const page = this.pageOf(seq);
    if (page === null) return null;
    const event = this.eventOf(page, seq - page.first);
    return event.body === null ? event : { ...event, body: Buffer.from(event.body) };
  }

  /** The event without its payload: what it is, not what it says. */
  facts(seq: number): StoredEvent | null {
    const page = this.pageOf(seq);
    return page && this.storedOf(page, seq - page.first, null);
  }

  /** Destinations an event was made for. */
  destinationsOf(seq: number): readonly number[] | null {
    const page = this.pageOf(seq);
    if (page?.damaged) return [];
    return page && this.shapes.get(page.reader.shapeOf(seq - page.first)).destinationNumbers;
  }

  journalOf(seq: number): string | null {
    const page = this.pageOf(seq);
    if (page?.damaged) return null;
    return page && this.shapes.get(page.reader.shapeOf(seq - page.first)).journal;
  }

  /** False where there is no such event any more. */
  matches(seq: number, matcher: Matcher): boolean {
    const page = this.pageOf(seq);
    if (page === null || !matcher.takesPage(page)) return false;
    return page.damaged ? matcher.anything : matcher.takes(page.reader, seq - page.first);
  }

  /** Bytes of an event's payload; 0 without one. */
  bodyBytes(seq: number): number {
    const page = this.pageOf(seq);
    return page === null || page.damaged ? 0 : (page.reader.eventOf(seq - page.first).body?.length ?? 0);
  }

  /** Payloads are views into the page: for a reader that is through with them soon. */
  view(seq: number): StoredEvent | null {
    const page = this.pageOf(seq);
    return page && this.eventOf(page, seq - page.first);
  }

  /** Numbers of the events that match, in order of writing or newest first. */
  *matching(filter: EventFilter, after = 0, newest = false): Generator<number> {
    for (const { found } of this.pagewise(filter, { after, newest })) yield* found;
  }

  /** The same page by page, also pages without any: for a reader that lets others go on between two of them. */
  *pagewise(filter: EventFilter, { after = 0, before = MOST, newest = false }: PageStretch): Generator<LookedAt> {
    const matcher = new Matcher(filter, this.db);
    const byId = filter.id && [...new Set(filter.id.flatMap((id) => this.ids.find(id)))].sort((a, b) => a - b);
    if (byId) {
      const found = byId.filter((seq) => seq > after && seq < before && this.matches(seq, matcher));
      yield { at: newest ? 0 : MOST, found: newest ? found.reverse() : found };
      return;
    }
    for (const place of this.walk(after, before, newest)) {
      const page = matcher.takesPage({ appendedAt: place[2] }) ? this.read(place) : null;
      const found: number[] = [];
      const count = page === null || page.damaged ? 0 : page.reader.events;
      for (let i = 0; i < count; i++) {
        const index = newest ? count - 1 - i : i;
        const seq = place[0] + index;
        if (seq > after && seq < before && matcher.takes(page!.reader, index)) found.push(seq);
      }
      yield { at: newest ? place[0] : place[1], found };
    }
  }

  private *walk(after: number, before: number, newest: boolean): Generator<Place> {
    const start = this.locate.get(after + 1) as Place | undefined;
    let at = newest ? before : (start?.[0] ?? after + 1) - 1;
    for (;;) {
      const places = (newest ? this.backwards : this.forwards).all(at) as Place[];
      for (const place of places) {
        if (newest ? place[1] <= after : place[0] >= before) return;
        yield place;
      }
      if (places.length < STEP) return;
      at = places.at(-1)![0];
    }
  }

  /** Null when it was purged meanwhile. */
  private read([first, last, appendedAt]: Place): Page | null {
    const found = this.load.get(first) as Stored | undefined;
    if (found === undefined) {
      this.latest = null;
      return null;
    }
    const [data] = found;
    // where only its place was altered, its events would be taken for others
    const damaged = isDamaged(found, last - first + 1);
    if (damaged) this.reportDamage(first, last);
    this.latest = { first, last, appendedAt, damaged, reader: damaged ? DAMAGED : new PageReader(data), data };
    return this.latest;
  }

  private pageOf(seq: number): Page | null {
    if (this.latest && this.latest.first <= seq && seq <= this.latest.last) return this.latest;
    const place = this.locate.get(seq) as Place | undefined;
    if (!place || place[1] < seq) return null;
    const cached = this.cache.get(place[0]);
    if (cached) this.latest = cached;
    // a large event alone on its page is not asked for twice
    else if (this.read(place) !== null && place[1] > place[0]) {
      if (this.cache.size >= CACHED) this.cache.delete(this.cache.keys().next().value!);
      this.cache.set(place[0], this.latest!);
    }
    return this.latest;
  }

  /** Once a page. */
  private reportDamage(first: number, last: number): void {
    if (this.reported.has(first)) return;
    this.reported.add(first);
    this.onDamage(first, last);
  }

  private eventOf(page: Page, index: number): StoredEvent {
    if (page.damaged) return damagedEvent(page, index, this.shapes);
    const paged = page.reader.eventOf(index);
    return storedEvent(paged, page.first + index, page.appendedAt, this.shapes, this.open(paged));
  }

  private storedOf(page: Page, index: number, body: Buffer | null): StoredEvent {
    if (page.damaged) return damagedEvent(page, index, this.shapes);
    return storedEvent(page.reader.eventOf(index), page.first + index, page.appendedAt, this.shapes, body);
  }

  private open({ id, body, shape }: PagedEvent): Buffer | null {
    if (body === null || !this.shapes.get(shape).sealed) return body;
    if (this.seal) return this.seal.open(body, id);
    throw noKey(id);
  }
}

/** Another bit also makes a text of it; and where only its place was altered, its events would be taken for others. */
function isDamaged([data, sum]: Stored, events: number): boolean {
  if (!Buffer.isBuffer(data)) return true;
  return sum !== null && (sum !== checksum(data) || eventsIn(data) !== events);
}

export function storedEvent(
  paged: PagedEvent,
  seq: number,
  appendedAt: number,
  shapes: Shapes,
  body: Buffer | null,
): StoredEvent {
  const shape = shapes.get(paged.shape);
  return {
    seq,
    id: paged.id,
    type: shape.type,
    version: shape.version,
    table: shape.table,
    rule: shape.rule,
    key: paged.key,
    traceKey: paged.traceKey ?? paged.key,
    body,
    attemptOffset: paged.attemptOffset,
    contentType: shape.contentType,
    time: paged.time,
    tombstone: shape.tombstone,
    recordUrl: paged.recordUrl,
    journal: shape.journal,
    receiver: shape.receiver,
    sequence: paged.sequence === null ? null : paged.sequence.toString(),
    appendedAt,
  };
}
