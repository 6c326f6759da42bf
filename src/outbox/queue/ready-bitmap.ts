/**
 * Queue places that were never attempted, as bitmaps: queueing and settling set and clear a bit, and a commit writes a
 * row for every thousand places it touched.
 */
import type { Database } from 'better-sqlite3';
import type { PriorityClass } from '../../model/delivery';
import { summed, unsummed } from '../pages/summed';

/** Places of one chunk. */
const PLACES = 1024;
const BYTES = PLACES / 8;
/** Chunks read at once. */
const STEP = 4;

interface Chunk {
  readonly destination: number;
  readonly cls: PriorityClass;
  readonly no: number;
  readonly bits: Buffer;
  changed: boolean;
}

type Row = [destination: number, cls: PriorityClass, no: number, bits: Buffer];

export class Ready {
  private readonly select;
  private readonly following;
  private readonly upsert;
  private readonly remove;
  private readonly between;
  private readonly all;
  private readonly every;
  /** Chunks of the transaction under way. */
  private readonly open = new Map<string, Chunk>();
  private latest: Chunk | null = null;

  constructor(db: Database) {
    this.select = db.prepare('SELECT bits FROM outbox_ready WHERE destination = ? AND class = ? AND chunk = ?').pluck();
    this.following = db
      .prepare(
        `SELECT chunk, bits FROM outbox_ready WHERE destination = ? AND class = ? AND chunk >= ?
         ORDER BY chunk LIMIT ${STEP}`,
      )
      .raw();
    this.upsert = db.prepare(
      `INSERT INTO outbox_ready VALUES (?, ?, ?, ?)
       ON CONFLICT (destination, class, chunk) DO UPDATE SET bits = excluded.bits`,
    );
    this.remove = db.prepare('DELETE FROM outbox_ready WHERE destination = ? AND class = ? AND chunk = ?');
    this.between = db
      .prepare(
        `SELECT r.destination, r.class, r.chunk, r.bits FROM outbox_destination n CROSS JOIN outbox_ready r
         WHERE r.destination = n.no AND r.class IN (0, 1, 2) AND r.chunk BETWEEN ? AND ?`,
      )
      .raw();
    this.all = db.prepare('SELECT destination, class, chunk, bits FROM outbox_ready WHERE destination = ?').raw();
    this.every = db.prepare('SELECT destination, class, chunk, bits FROM outbox_ready').raw();
  }

  /** Call at the beginning of each transaction: the one before may have been rolled back. */
  begin(): void {
    this.open.clear();
    this.latest = null;
  }

  add(destination: number, cls: PriorityClass, pos: number): void {
    const chunk = this.chunkOf(destination, cls, pos);
    const bit = pos % PLACES;
    chunk.bits[bit >> 3]! |= 1 << (bit & 7);
    chunk.changed = true;
  }

  /** @returns false when the place was not ready */
  take(destination: number, cls: PriorityClass, pos: number): boolean {
    const chunk = this.chunkOf(destination, cls, pos);
    if (!isSet(chunk.bits, pos % PLACES)) return false;
    const bit = pos % PLACES;
    chunk.bits[bit >> 3]! &= ~(1 << (bit & 7));
    chunk.changed = true;
    return true;
  }

  has(destination: number, cls: PriorityClass, pos: number): boolean {
    const no = Math.floor(pos / PLACES);
    const bits = this.open.get(keyOf(destination, cls, no))?.bits ?? this.load(destination, cls, no);
    return bits !== null && isSet(bits, pos % PLACES);
  }

  /** Writes down what was changed; at the end of the transaction. */
  end(): void {
    this.flush();
    this.begin();
  }

  /** Writes down what was changed so far: before {@link after} or {@link first} in the same transaction. */
  flush(): void {
    for (const chunk of this.open.values()) {
      if (!chunk.changed) continue;
      chunk.changed = false;
      const { destination, cls, no, bits } = chunk;
      if (isEmpty(bits)) this.remove.run(destination, cls, no);
      else this.upsert.run(destination, cls, no, summed(bits, keyOf(destination, cls, no)));
    }
  }

  /** Places after `after`, in order. */
  *after(destination: number, cls: PriorityClass, after: number): Generator<number> {
    let from = after + 1;
    for (;;) {
      const rows = this.following.all(destination, cls, Math.floor(from / PLACES)) as [number, Buffer][];
      for (const [no, row] of rows) yield* placesOf(no, bitsOf(row, destination, cls, no), from);
      if (rows.length < STEP) return;
      from = (rows.at(-1)![0] + 1) * PLACES;
    }
  }

  /** The oldest place, or null. */
  first(destination: number, cls: PriorityClass): number | null {
    for (const pos of this.after(destination, cls, 0)) return pos;
    return null;
  }

  /** Places of any destination from `from` to `to`, both inclusive. */
  placesBetween(from: number, to: number): number[] {
    const rows = this.between.all(Math.floor(from / PLACES), Math.floor(to / PLACES)) as Row[];
    return rows.flatMap(([destination, cls, no, row]) =>
      [...placesOf(no, bitsOf(row, destination, cls, no), from)].filter((pos) => pos <= to),
    );
  }

  count(destination: number): number {
    let count = 0;
    for (const [, cls, no, row] of this.all.iterate(destination) as IterableIterator<Row>) {
      count += ones(bitsOf(row, destination, cls, no));
    }
    return count;
  }

  /** Looks at every row: one that stands in another's place is missed by who looks for it. @throws CodedError `STORE_CORRUPT` */
  check(): void {
    for (const row of this.every.iterate() as IterableIterator<Row>) bitsOf(row[3], row[0], row[1], row[2]);
  }

  private load(destination: number, cls: PriorityClass, no: number): Buffer | null {
    const row = this.select.get(destination, cls, no) as Buffer | undefined;
    return row ? bitsOf(row, destination, cls, no) : null;
  }

  private chunkOf(destination: number, cls: PriorityClass, pos: number): Chunk {
    const no = Math.floor(pos / PLACES);
    const { latest } = this;
    if (latest !== null && latest.no === no && latest.destination === destination && latest.cls === cls) return latest;
    const key = keyOf(destination, cls, no);
    let chunk = this.open.get(key);
    if (!chunk) {
      const bits = this.load(destination, cls, no) ?? Buffer.alloc(BYTES);
      chunk = { destination, cls, no, bits, changed: false };
      this.open.set(key, chunk);
    }
    this.latest = chunk;
    return chunk;
  }
}

function bitsOf(row: Buffer, destination: number, cls: PriorityClass, no: number): Buffer {
  return unsummed(row, 'outbox_ready', keyOf(destination, cls, no));
}

function keyOf(destination: number, cls: PriorityClass, no: number): string {
  return `${destination} ${cls} ${no}`;
}

function* placesOf(no: number, bits: Buffer, from: number): Generator<number> {
  for (let byte = 0; byte < BYTES; byte++) {
    if (bits[byte] === 0) continue;
    for (let bit = 0; bit < 8; bit++) {
      const pos = no * PLACES + 8 * byte + bit;
      if (pos >= from && isSet(bits, 8 * byte + bit)) yield pos;
    }
  }
}

function isSet(bits: Buffer, bit: number): boolean {
  return (bits[bit >> 3]! & (1 << (bit & 7))) !== 0;
}

function isEmpty(bits: Buffer): boolean {
  return bits.every((byte) => byte === 0);
}

function ones(bits: Buffer): number {
  let count = 0;
  for (const byte of bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
