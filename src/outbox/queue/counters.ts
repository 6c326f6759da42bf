/** Running totals of the outbox. */
import type { Database } from 'better-sqlite3';

/** Last number given to an event or a second queue place; stored payload bytes and events; bytes of the delivery log. */
type Counter = 'seq' | 'bytes' | 'events' | 'logBytes';

export class Counters {
  private readonly select;
  private readonly update;
  private readonly increase;

  constructor(db: Database) {
    this.select = db.prepare('SELECT value FROM outbox_counter WHERE name = ?').pluck();
    this.update = db.prepare('UPDATE outbox_counter SET value = ? WHERE name = ?');
    this.increase = db.prepare('UPDATE outbox_counter SET value = value + ? WHERE name = ?');
  }

  get(name: Counter): number {
    return this.select.get(name) as number;
  }

  set(name: Counter, value: number): void {
    this.update.run(value, name);
  }

  add(name: Counter, by: number): void {
    this.increase.run(by, name);
  }
}
