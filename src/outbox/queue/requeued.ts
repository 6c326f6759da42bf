/** Second places in the queue: of events that are replayed, retried as dead letters, or released with their table. */
import type { Database } from 'better-sqlite3';
import { checkRow, rowSum, summedColumns } from '../pages/row-sum';
import type { Counters } from './counters';

type Row = [pos: number, event: number, replay: number, sum: number | null];

export class Requeued {
  private readonly insert;
  private readonly delete;
  private readonly select;
  private readonly places;

  constructor(
    db: Database,
    private readonly counters: Counters,
  ) {
    this.insert = db.prepare('INSERT INTO outbox_again (pos, event, replay, sum) VALUES (?, ?, ?, ?)');
    this.delete = db.prepare('DELETE FROM outbox_again WHERE pos = ?');
    this.select = db.prepare(`SELECT ${summedColumns('outbox_again')} FROM outbox_again WHERE pos = ?`).raw();
    this.places = db.prepare('SELECT pos FROM outbox_again WHERE event = ?').pluck();
  }

  /** A new place at the end of the queue. Inside the caller's transaction. */
  place(event: number, replay: boolean): number {
    const pos = this.counters.last() + 1;
    this.counters.setLast(pos);
    const row = [pos, event, replay ? 1 : 0];
    this.insert.run(...row, rowSum(row));
    return pos;
  }

  remove(pos: number): void {
    this.delete.run(pos);
  }

  /** Number of the event that stands there; 0, which no event has, if none does. */
  eventAt(pos: number): number {
    return this.rowAt(pos)?.[1] ?? 0;
  }

  isReplay(pos: number): boolean {
    return this.rowAt(pos)?.[2] === 1;
  }

  private rowAt(pos: number): Row | undefined {
    const row = this.select.get(pos) as Row | undefined;
    if (row !== undefined) checkRow('outbox_again', row);
    return row;
  }

  placesOf(event: number): number[] {
    return this.places.all(event) as number[];
  }
}
