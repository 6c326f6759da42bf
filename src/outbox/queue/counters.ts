/** Running totals of the outbox. */
import type { Database } from 'better-sqlite3';
import { damaged } from '../pages/summed';

/** Stored payload bytes and events; bytes of the delivery log. What depends on them is what is deleted when, of what is settled. */
type Counter = 'bytes' | 'events' | 'logBytes';

export class Counters {
  private readonly select;
  private readonly selectTwice;
  private readonly updateLast;
  private readonly increase;

  constructor(db: Database) {
    this.select = db.prepare('SELECT value FROM outbox_counter WHERE name = ?').pluck();
    this.selectTwice = db.prepare('SELECT value, again FROM outbox_counter WHERE name = ?').raw();
    this.updateLast = db.prepare("UPDATE outbox_counter SET value = @value, again = @value WHERE name = 'seq'");
    this.increase = db.prepare('UPDATE outbox_counter SET value = value + ? WHERE name = ?');
  }

  get(name: Counter): number {
    return this.select.get(name) as number;
  }

  /** The last number given to an event or a place. @throws CodedError `STORE_CORRUPT` */
  last(): number {
    const found = this.selectTwice.get('seq') as [value: number, again: number] | undefined;
    if (found === undefined || found[0] !== found[1]) throw damaged('outbox_counter');
    return found[0];
  }

  setLast(value: number): void {
    this.updateLast.run({ value });
  }

  add(name: Counter, by: number): void {
    this.increase.run(by, name);
  }
}
