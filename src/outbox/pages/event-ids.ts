/**
 * Which event an id belongs to. Ids of one rule are a prefix and the number of a journal entry, so neighbours share a row:
 * a busy journal touches few rows a commit, at their end. An id without a number at its end has a row of its own.
 * A row is a list of u16 number within the chunk, u48 event number, little endian, and its checksum.
 */
import type { Database } from 'better-sqlite3';
import { summed, unsummed } from './summed';

/** Numbers of one row: keeps a row well inside a page of the file. */
const CHUNK = 256;
const ENTRY = 8;
/** Digits that are exact as a JavaScript number. */
const MOST_DIGITS = 15;

interface Chunk {
  readonly prefix: string;
  readonly no: number;
  bytes: Buffer;
  used: number;
  /** By number within the chunk: 1 where an entry has it. */
  readonly taken: Uint8Array;
  changed: boolean;
}

export class EventIds {
  private readonly select;
  private readonly every;
  private readonly upsert;
  private readonly remove;
  /** Chunks of the transaction under way, by prefix: the one used last. */
  private readonly open = new Map<string, Chunk>();
  private latest: Chunk | null = null;

  constructor(db: Database) {
    this.select = db.prepare('SELECT events FROM outbox_id WHERE prefix = ? AND chunk = ?').pluck();
    this.every = db.prepare('SELECT prefix, chunk, events FROM outbox_id').raw();
    this.upsert = db.prepare(
      'INSERT INTO outbox_id VALUES (?, ?, ?) ON CONFLICT (prefix, chunk) DO UPDATE SET events = excluded.events',
    );
    this.remove = db.prepare('DELETE FROM outbox_id WHERE prefix = ? AND chunk = ?');
  }

  /** Call at the beginning of each transaction: the one before may have been rolled back. */
  begin(): void {
    this.open.clear();
    this.latest = null;
  }

  /** Looks at every row: one that stands in another's place is missed by who looks for it. @throws CodedError `STORE_CORRUPT` */
  check(): void {
    for (const [prefix, no, row] of this.every.iterate() as IterableIterator<[string, number, Buffer]>) {
      unsummed(row, 'outbox_id', keyOf(prefix, no));
    }
  }

  /** True when no event has the id. */
  isNew(id: string): boolean {
    const cut = cutOf(id);
    const number = numberOf(id, cut);
    return this.chunkOf(id, cut, number).taken[number % CHUNK] === 0;
  }

  /** Events with the id, in order: more than one where an event has another body for other destinations. */
  find(id: string): number[] {
    const cut = cutOf(id);
    const number = numberOf(id, cut);
    const prefix = id.slice(0, cut);
    const no = Math.floor(number / CHUNK);
    const open = this.open.get(prefix);
    const chunk = open?.no === no ? open : this.load(prefix, no);
    return entriesOf(chunk).flatMap(([slot, event]) => (slot === number % CHUNK ? [event] : []));
  }

  add(id: string, event: number): void {
    const cut = cutOf(id);
    const number = numberOf(id, cut);
    const chunk = this.chunkOf(id, cut, number);
    if (chunk.used + ENTRY > chunk.bytes.length) chunk.bytes = enlarged(chunk.bytes);
    chunk.bytes.writeUInt16LE(number % CHUNK, chunk.used);
    chunk.bytes.writeUIntLE(event, chunk.used + 2, 6);
    chunk.used += ENTRY;
    chunk.taken[number % CHUNK] = 1;
    chunk.changed = true;
  }

  /** Forgets events that are purged, given their ids. */
  drop(ids: Iterable<string>, isGone: (event: number) => boolean): void {
    let done: Chunk | null = null;
    for (const id of ids) {
      const cut = cutOf(id);
      const chunk = this.chunkOf(id, cut, numberOf(id, cut));
      // neighbours share a row: it is gone through once
      if (chunk !== done) dropFrom(chunk, isGone);
      done = chunk;
    }
  }

  /** Writes down what was added or dropped; at the end of the transaction. */
  end(): void {
    for (const chunk of this.open.values()) this.write(chunk);
    this.begin();
  }

  private chunkOf(id: string, cut: number, number: number): Chunk {
    const no = Math.floor(number / CHUNK);
    const { latest } = this;
    if (latest !== null && latest.no === no && latest.prefix.length === cut && id.startsWith(latest.prefix))
      return latest;
    const prefix = id.slice(0, cut);
    let chunk = this.open.get(prefix);
    if (chunk?.no !== no) {
      if (chunk) this.write(chunk);
      chunk = this.load(prefix, no);
      this.open.set(prefix, chunk);
    }
    this.latest = chunk;
    return chunk;
  }

  private load(prefix: string, no: number): Chunk {
    const row = this.select.get(prefix, no) as Buffer | undefined;
    const stored = row && unsummed(row, 'outbox_id', keyOf(prefix, no));
    const chunk: Chunk = {
      prefix,
      no,
      bytes: stored ?? Buffer.allocUnsafe(ENTRY),
      used: stored?.length ?? 0,
      taken: new Uint8Array(CHUNK),
      changed: false,
    };
    for (const [slot] of entriesOf(chunk)) chunk.taken[slot] = 1;
    return chunk;
  }

  private write(chunk: Chunk): void {
    if (!chunk.changed) return;
    chunk.changed = false;
    if (chunk.used === 0) this.remove.run(chunk.prefix, chunk.no);
    else
      this.upsert.run(
        chunk.prefix,
        chunk.no,
        summed(chunk.bytes.subarray(0, chunk.used), keyOf(chunk.prefix, chunk.no)),
      );
  }
}

function keyOf(prefix: string, no: number): string {
  return `${prefix} ${no}`;
}

function dropFrom(chunk: Chunk, isGone: (event: number) => boolean): void {
  const kept = entriesOf(chunk).filter(([, event]) => !isGone(event));
  if (kept.length * ENTRY === chunk.used) return;
  chunk.used = 0;
  chunk.taken.fill(0);
  for (const [slot, event] of kept) {
    chunk.used = chunk.bytes.writeUIntLE(event, chunk.bytes.writeUInt16LE(slot, chunk.used), 6);
    chunk.taken[slot] = 1;
  }
  chunk.changed = true;
}

function entriesOf({ bytes, used }: Chunk): [slot: number, event: number][] {
  const entries: [number, number][] = [];
  for (let at = 0; at < used; at += ENTRY) entries.push([bytes.readUInt16LE(at), bytes.readUIntLE(at + 2, 6)]);
  return entries;
}

function enlarged(bytes: Buffer): Buffer {
  const larger = Buffer.allocUnsafe(4 * bytes.length);
  bytes.copy(larger);
  return larger;
}

/** Where the number at the end of an id begins: no leading zero, so that prefix and number give the id back. */
function cutOf(id: string): number {
  let cut = id.length;
  while (cut > 0 && id.length - cut < MOST_DIGITS && isDigit(id.charCodeAt(cut - 1))) cut--;
  while (cut < id.length && id.charCodeAt(cut) === 0x30) cut++;
  return cut;
}

function numberOf(id: string, cut: number): number {
  let number = 0;
  for (let i = cut; i < id.length; i++) number = number * 10 + id.charCodeAt(i) - 0x30;
  return number;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
