/**
 * Events packed into pages: one row of the file holds as many as fit in one page of it, so that writing an event costs a
 * copy rather than an insert. Little endian.
 *
 *   event      u32 shape, i32 attempt offset, u8 flags, u8 bytes of time, u16 0, u32 bytes of id, key, trace key,
 *              record URL; u64 sequence; id, time (Latin-1), key, trace key, record URL (UTF-8), payload up to the end
 *   page       events; u32 end of each event; u32 number of events
 */

/** What varies from event to event; what many have in common is in their shape. */
export interface PagedEvent {
  readonly shape: number;
  readonly id: string;
  readonly key: string;
  /** Null: the same as `key`. */
  readonly traceKey: string | null;
  /** UTC, to the microsecond. */
  readonly time: string;
  /** Null for rows that were not read from a journal. 0 to 2^64-1. */
  readonly sequence: bigint | null;
  readonly attemptOffset: number;
  readonly recordUrl: string | null;
  /** As stored: sealed where the shape asks for it; null where payloads are not kept. */
  readonly body: Buffer | null;
}

const HEAD = 36;
const HAS_TRACE_KEY = 1;
const HAS_URL = 2;
const HAS_SEQUENCE = 4;
const HAS_BODY = 8;
/** Bytes of the directory for one event. */
const ENTRY = 4;

/** Pages that the work buffer may be large when it is used again. */
const MOST_KEPT = 64;

/** Fills one page after the other in a buffer that is used again. */
export class PageWriter {
  private work: Buffer;
  private at = 0;
  private readonly ends: number[] = [];

  /** @param capacity bytes of a page; a larger event gets a page of its own */
  constructor(private readonly capacity: number) {
    this.work = Buffer.allocUnsafeSlow(2 * capacity);
  }

  get events(): number {
    return this.ends.length;
  }

  /** True if the event still goes into this page. An empty page takes any. */
  takes(event: PagedEvent): boolean {
    return this.ends.length === 0 || this.at + mostBytes(event) + ENTRY * (this.ends.length + 2) <= this.capacity;
  }

  /** @returns offset of the payload in the page, -1 without one */
  add(event: PagedEvent): number {
    const most = this.at + mostBytes(event) + ENTRY * (this.ends.length + 2);
    if (most > this.work.length) this.grow(most);
    const { work } = this;
    const start = this.at;
    let at = start + HEAD;
    at += work.write(event.id, at, 'latin1');
    at += work.write(event.time, at, 'latin1');
    const keyAt = at;
    at += work.write(event.key, at);
    const traceAt = at;
    if (event.traceKey !== null) at += work.write(event.traceKey, at);
    const urlAt = at;
    if (event.recordUrl !== null) at += work.write(event.recordUrl, at);
    const bodyAt = at;
    if (event.body !== null) {
      work.set(event.body, at);
      at += event.body.length;
    }
    work.writeUInt32LE(event.shape, start);
    work.writeInt32LE(event.attemptOffset, start + 4);
    work.writeUInt32LE(flagsOf(event) | (event.time.length << 8), start + 8);
    work.writeUInt32LE(event.id.length, start + 12);
    work.writeUInt32LE(traceAt - keyAt, start + 16);
    work.writeUInt32LE(urlAt - traceAt, start + 20);
    work.writeUInt32LE(bodyAt - urlAt, start + 24);
    work.writeBigUInt64LE(event.sequence ?? 0n, start + 28);
    this.at = at;
    this.ends.push(at);
    return event.body === null ? -1 : bodyAt;
  }

  /** The page in a buffer of its own, never written again; the writer is empty afterwards. */
  finish(): Buffer {
    for (const end of this.ends) this.at = this.work.writeUInt32LE(end, this.at);
    this.at = this.work.writeUInt32LE(this.ends.length, this.at);
    const page = Buffer.allocUnsafeSlow(this.at);
    this.work.copy(page, 0, 0, this.at);
    // what a large event made it grow to is not kept for the small ones
    if (this.work.length > MOST_KEPT * this.capacity) this.work = Buffer.allocUnsafeSlow(2 * this.capacity);
    this.clear();
    return page;
  }

  clear(): void {
    this.at = 0;
    this.ends.length = 0;
  }

  private grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.work.copy(larger, 0, 0, this.at);
    this.work = larger;
  }
}

/** As the page says it; -1 where it is none. */
export function eventsIn(page: Buffer): number {
  return page.length < ENTRY ? -1 : page.readUInt32LE(page.length - ENTRY);
}

/** One page, read where it lies. */
export class PageReader {
  readonly events: number;
  private readonly directory: number;

  constructor(private readonly page: Buffer) {
    this.events = page.readUInt32LE(page.length - ENTRY);
    this.directory = page.length - ENTRY * (this.events + 1);
  }

  shapeOf(index: number): number {
    return this.page.readUInt32LE(this.startOf(index));
  }

  sequenceOf(index: number): bigint | null {
    const start = this.startOf(index);
    return this.page.readUInt32LE(start + 8) & HAS_SEQUENCE ? this.page.readBigUInt64LE(start + 28) : null;
  }

  idOf(index: number): string {
    const start = this.startOf(index);
    return this.page.toString('latin1', start + HEAD, start + HEAD + this.page.readUInt32LE(start + 12));
  }

  /** Row key and trace key; null: the same as the row key. */
  keysOf(index: number): { readonly key: string; readonly traceKey: string | null } {
    const { page } = this;
    const start = this.startOf(index);
    const flags = page.readUInt32LE(start + 8);
    const keyAt = start + HEAD + page.readUInt32LE(start + 12) + ((flags >> 8) & 0xff);
    const traceAt = keyAt + page.readUInt32LE(start + 16);
    const traceEnd = traceAt + page.readUInt32LE(start + 20);
    return {
      key: page.toString('utf8', keyAt, traceAt),
      traceKey: flags & HAS_TRACE_KEY ? page.toString('utf8', traceAt, traceEnd) : null,
    };
  }

  /** @returns the event; its payload is a view into the page */
  eventOf(index: number): PagedEvent {
    const { page } = this;
    const start = this.startOf(index);
    const flags = page.readUInt32LE(start + 8);
    const timeAt = start + HEAD + page.readUInt32LE(start + 12);
    const keyAt = timeAt + ((flags >> 8) & 0xff);
    const traceAt = keyAt + page.readUInt32LE(start + 16);
    const urlAt = traceAt + page.readUInt32LE(start + 20);
    const bodyAt = urlAt + page.readUInt32LE(start + 24);
    return {
      shape: page.readUInt32LE(start),
      id: page.toString('latin1', start + HEAD, timeAt),
      key: page.toString('utf8', keyAt, traceAt),
      traceKey: flags & HAS_TRACE_KEY ? page.toString('utf8', traceAt, urlAt) : null,
      time: page.toString('latin1', timeAt, keyAt),
      sequence: flags & HAS_SEQUENCE ? page.readBigUInt64LE(start + 28) : null,
      attemptOffset: page.readInt32LE(start + 4),
      recordUrl: flags & HAS_URL ? page.toString('utf8', urlAt, bodyAt) : null,
      body: flags & HAS_BODY ? page.subarray(bodyAt, this.endOf(index)) : null,
    };
  }

  private startOf(index: number): number {
    return index === 0 ? 0 : this.endOf(index - 1);
  }

  private endOf(index: number): number {
    return this.page.readUInt32LE(this.directory + ENTRY * index);
  }
}

/** Upper bound: a UTF-16 unit becomes at most three bytes. */
function mostBytes({ id, time, key, traceKey, recordUrl, body }: PagedEvent): number {
  const text = key.length + (traceKey?.length ?? 0) + (recordUrl?.length ?? 0);
  return HEAD + id.length + time.length + 3 * text + (body?.length ?? 0);
}

function flagsOf({ traceKey, recordUrl, sequence, body }: PagedEvent): number {
  return (
    (traceKey === null ? 0 : HAS_TRACE_KEY) |
    (recordUrl === null ? 0 : HAS_URL) |
    (sequence === null ? 0 : HAS_SEQUENCE) |
    (body === null ? 0 : HAS_BODY)
  );
}
