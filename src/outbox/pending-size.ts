/** How much waits for a destination: queued, behind a failing head, or held with its table. */
import type { Store } from '../store/store';
import type { Destinations } from './rows';

export interface PendingSize {
  readonly events: number;
  /** Stored payloads; beyond {@link SAMPLE} events estimated from the oldest and newest of them. */
  readonly bytes: number;
}

/** Events whose payloads are measured at either end of the queue. */
const SAMPLE = 1000;
const TABLES = ['outbox_ready', 'outbox_parked', 'outbox_held'] as const;

export class PendingSizes {
  private readonly counts;
  private readonly samples;

  constructor(
    { db }: Store,
    private readonly destinations: Destinations,
  ) {
    this.counts = TABLES.map((t) => db.prepare(`SELECT count(*) FROM ${t} WHERE destination = ?`).pluck());
    const ends = TABLES.flatMap((t) =>
      ['ASC', 'DESC'].map((end) =>
        db
          .prepare(
            `SELECT count(*), ifnull(sum(length(e.body)), 0) FROM
               (SELECT event FROM ${t} WHERE destination = ? ORDER BY ${ORDER[t].map((c) => `${c} ${end}`).join(', ')} LIMIT ?) q
             JOIN outbox_event e ON e.seq = q.event`,
          )
          .raw(),
      ),
    );
    this.samples = ends;
  }

  /** Counts by index; a second for some ten million. */
  of(name: string): PendingSize {
    const { no } = this.destinations.of(name);
    const counts = this.counts.map((count) => count.get(no) as number);
    const bytes = counts.map((count, i) => this.bytesOf(i, no, count));
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    return { events: sum(counts), bytes: Math.round(sum(bytes)) };
  }

  private bytesOf(table: number, no: number, count: number): number {
    if (count === 0) return 0;
    const [oldest, newest] = [this.samples[2 * table]!, this.samples[2 * table + 1]!];
    const limit = count <= SAMPLE ? count : SAMPLE;
    const [n, bytes] = oldest.get(no, limit) as [number, number];
    if (count <= SAMPLE) return bytes;
    const [m, more] = newest.get(no, SAMPLE) as [number, number];
    return ((bytes + more) / (n + m)) * count;
  }
}

/** By index, so that an end is found without a sort. */
const ORDER = {
  outbox_ready: ['class', 'pos'],
  outbox_parked: ['lane', 'pos'],
  outbox_held: ['hold', 'event'],
} as const;
