/**
 * How each destination stands, in the state file: for `status`, which is another process, and for the next run, which must
 * not ask a receiver sooner than it was asked to.
 */
import type Database from 'better-sqlite3';
import type { Schema, Store } from '../../store/store';
import type { DestinationStanding } from './standing';

export const STANDING_SCHEMA: Schema = {
  name: 'deliver_standing',
  steps: [
    `CREATE TABLE deliver_standing (
       destination TEXT PRIMARY KEY,
       at INTEGER NOT NULL,
       facts TEXT NOT NULL
     ) WITHOUT ROWID`,
  ],
};

export interface StoredStanding extends DestinationStanding {
  readonly destination: string;
  /** Epoch milliseconds at which it was written down. */
  readonly at: number;
}

export class StandingTable {
  private readonly upsert: Database.Statement;
  private readonly select: Database.Statement;

  constructor(
    store: Store,
    private readonly now: () => number = Date.now,
  ) {
    const { db } = store;
    this.upsert = db.prepare(
      `INSERT INTO deliver_standing VALUES (?, ?, ?)
       ON CONFLICT (destination) DO UPDATE SET at = excluded.at, facts = excluded.facts`,
    );
    this.select = db.prepare('SELECT destination, at, facts FROM deliver_standing ORDER BY destination');
  }

  put(destination: string, standing: DestinationStanding): void {
    this.upsert.run(destination, this.now(), JSON.stringify(standing));
  }

  list(): StoredStanding[] {
    const rows = this.select.all() as { destination: string; at: number; facts: string }[];
    return rows.map(({ destination, at, facts }) => ({
      destination,
      at,
      ...(JSON.parse(facts) as DestinationStanding),
    }));
  }
}
