/** Second places in the queue: of events that are replayed, retried as dead letters, or released with their table. */
import type { Database } from 'better-sqlite3';

export class Requeued {
  private readonly next;
  private readonly insert;
  private readonly delete;
  private readonly select;
  private readonly places;

  constructor(db: Database) {
    this.next = db.prepare("UPDATE outbox_counter SET value = value + 1 WHERE name = 'seq' RETURNING value").pluck();
    this.insert = db.prepare('INSERT INTO outbox_again (pos, event, replay) VALUES (?, ?, ?)');
    this.delete = db.prepare('DELETE FROM outbox_again WHERE pos = ?');
    this.select = db.prepare('SELECT event, replay FROM outbox_again WHERE pos = ?');
    this.places = db.prepare('SELECT pos FROM outbox_again WHERE event = ?').pluck();
  }

  /** A new place at the end of the queue. Inside the caller's transaction. */
  place(event: number, replay: boolean): number {
    const pos = this.next.get() as number;
    this.insert.run(pos, event, replay ? 1 : 0);
    return pos;
  }

  remove(pos: number): void {
    this.delete.run(pos);
  }

  /** Number of the event that stands there; 0, which no event has, if none does. */
  eventAt(pos: number): number {
    return (this.select.get(pos) as { event: number } | undefined)?.event ?? 0;
  }

  isReplay(pos: number): boolean {
    return (this.select.get(pos) as { replay: number } | undefined)?.replay === 1;
  }

  placesOf(event: number): number[] {
    return this.places.all(event) as number[];
  }
}
