/** The numbers that stand for destination names, and the lanes of each. */
import type Database from 'better-sqlite3';
import type { PendingDelivery, PriorityClass, StoredEvent } from '../model/delivery';
import type { LaneKind, OutboxDestination } from './options';
import { rowSum } from './pages/row-sum';

/** The lane of an event at a destination. One strict lane is the empty name. */
export function laneOf(kind: LaneKind, event: { readonly table: string; readonly traceKey: string }): string {
  return kind === 'key' ? event.traceKey : kind === 'table' ? event.table : '';
}

export function pendingOf(
  event: StoredEvent,
  destination: Destination,
  pos: number,
  priority: PriorityClass,
  replay: boolean,
): PendingDelivery {
  return {
    pos,
    destination: destination.name,
    lane: laneOf(destination.lanes, event),
    priority,
    event,
    replay,
    attempts: 0,
    charged: 0,
    firstAt: 0,
    parked: false,
  };
}

export interface Destination {
  readonly no: number;
  readonly name: string;
  readonly lanes: LaneKind;
  readonly storePayload: boolean;
}

/** Names to numbers, kept in the file so that rows stay small and outlive the configuration that named them. */
export class Destinations {
  private readonly byName = new Map<string, Destination>();

  constructor(
    private readonly db: Database.Database,
    private readonly configured: Readonly<Record<string, OutboxDestination>>,
  ) {
    if (db.readonly) for (const { name } of this.all()) this.byName.set(name, this.look(name)!);
    else for (const name of Object.keys(configured)) this.byName.set(name, this.register(name));
  }

  /** Number of a destination, given out on first use. */
  of(name: string): Destination {
    // an unconfigured name is not cached: its registration may be rolled back with the caller's transaction
    return this.byName.get(name) ?? this.register(name);
  }

  /** True for configured names, whose numbers cannot be rolled back. */
  isSettled(name: string): boolean {
    return this.byName.has(name);
  }

  /** @param no of a destination that has been given out */
  byNumber(no: number): Destination {
    for (const known of this.byName.values()) if (known.no === no) return known;
    const name = this.db.prepare('SELECT name FROM outbox_destination WHERE no = ?').pluck().get(no) as string;
    return this.of(name);
  }

  /** Null if it never had events. */
  find(name: string): Destination | null {
    return this.byName.get(name) ?? this.look(name);
  }

  /** Every destination that is configured or ever had events. */
  all(): { readonly no: number; readonly name: string }[] {
    return this.db.prepare('SELECT no, name FROM outbox_destination ORDER BY no').all() as {
      no: number;
      name: string;
    }[];
  }

  private register(name: string): Destination {
    const done = this.db.prepare('INSERT OR IGNORE INTO outbox_destination (name) VALUES (?)').run(name);
    const found = this.look(name)!;
    if (done.changes > 0) {
      const sign = this.db.prepare('UPDATE outbox_destination SET sum = ? WHERE no = ?');
      sign.run(rowSum([found.no, name]), found.no);
    }
    return found;
  }

  private look(name: string): Destination | null {
    const no = this.db.prepare('SELECT no FROM outbox_destination WHERE name = ?').pluck().get(name) as
      | number
      | undefined;
    if (no === undefined) return null;
    const options = this.configured[name];
    return { no, name, lanes: options?.lanes ?? 'key', storePayload: options?.storePayload ?? true };
  }
}
