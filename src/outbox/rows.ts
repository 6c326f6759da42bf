/** Rows of the outbox as events, and the numbers that stand for destination names. */
import type Database from 'better-sqlite3';
import type { PendingDelivery, PriorityClass, StoredEvent } from '../model/delivery';
import type { LaneKind, OutboxDestination } from './options';
import { noKey, type Seal } from './seal';
import type { Shapes } from './shapes';

/** Columns of an event row, in the order {@link eventOf} takes them; `e` is the table's alias. */
export const EVENT_COLUMNS =
  'e.seq, e.id, e.shape, e.key, e.trace_key, e.time, e.sequence, e.appended_at, e.attempt_offset, e.record_url, e.body';
export const EVENT_COLUMN_COUNT = 11;

/** Where a condition on events finds its columns: `e` and, for what events have in common, `s`. */
export const EVENT_FROM = 'outbox_event e JOIN outbox_shape s ON s.no = e.shape';

export type Row = readonly (string | number | Buffer | null)[];

/** Turns rows into events: knows the shapes, and the key of sealed payloads. */
export class EventReader {
  constructor(
    private readonly shapes: Shapes,
    private readonly seal: Seal | null,
  ) {}

  eventOf(row: Row): StoredEvent {
    const shape = this.shapes.get(row[2] as number);
    const id = row[1] as string;
    const key = row[3] as string;
    const sequence = row[6] as string | null;
    return {
      seq: row[0] as number,
      id,
      type: shape.type,
      version: shape.version,
      table: shape.table,
      rule: shape.rule,
      key,
      traceKey: (row[4] as string | null) ?? key,
      body: this.open(row[10] as Buffer | null, id, shape.sealed),
      attemptOffset: row[8] as number,
      contentType: shape.contentType,
      time: row[5] as string,
      tombstone: shape.tombstone,
      recordUrl: row[9] as string | null,
      journal: shape.journal,
      receiver: shape.receiver,
      sequence: sequence === null ? null : sequence.replace(/^0+(?=.)/, ''),
      appendedAt: row[7] as number,
    };
  }

  private open(body: Buffer | null, id: string, sealed: boolean): Buffer | null {
    if (body === null || !sealed) return body;
    if (this.seal) return this.seal.open(body, id);
    throw noKey(id);
  }
}

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
    this.db.prepare('INSERT OR IGNORE INTO outbox_destination (name) VALUES (?)').run(name);
    return this.look(name)!;
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
