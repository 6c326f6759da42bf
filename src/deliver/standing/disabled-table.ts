/**
 * Destinations that said they want no more events (410), in the state file: they stay disabled over a restart, until the
 * operator lets them go on. Another process may take one out; a running dispatcher sees it.
 */
import type Database from 'better-sqlite3';
import type { Schema, Store } from '../../store/store';

export const DISABLED_SCHEMA: Schema = {
  name: 'deliver_disabled',
  steps: [
    `CREATE TABLE deliver_disabled (
       destination TEXT PRIMARY KEY,
       since INTEGER NOT NULL,
       why TEXT NOT NULL
     ) WITHOUT ROWID`,
  ],
};

export interface DisabledDestination {
  readonly destination: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** What it answered, in words. */
  readonly why: string;
}

export class DisabledTable {
  private readonly insert: Database.Statement;
  private readonly remove: Database.Statement;
  private readonly select: Database.Statement;

  constructor(
    store: Store,
    private readonly now: () => number = Date.now,
  ) {
    const { db } = store;
    this.insert = db.prepare('INSERT INTO deliver_disabled VALUES (?, ?, ?) ON CONFLICT (destination) DO NOTHING');
    this.remove = db.prepare('DELETE FROM deliver_disabled WHERE destination = ?');
    this.select = db.prepare('SELECT destination, since, why FROM deliver_disabled ORDER BY destination');
  }

  /** From here on nothing is sent there. The first reason stays. */
  disable(destination: string, why: string): void {
    this.insert.run(destination, this.now(), why);
  }

  /** The operator's decision. @returns false when it was not disabled */
  enable(destination: string): boolean {
    return this.remove.run(destination).changes > 0;
  }

  list(): DisabledDestination[] {
    return this.select.all() as DisabledDestination[];
  }

  find(destination: string): DisabledDestination | null {
    return this.list().find((d) => d.destination === destination) ?? null;
  }
}
