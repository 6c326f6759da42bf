/** Rows of the outbox as events, and the numbers that stand for destination names. */
import type Database from 'better-sqlite3';
import type { PendingDelivery, PriorityClass, StoredEvent } from '../model/delivery';
import type { LaneKind, OutboxDestination } from './options';
import type { Seal } from './seal';

/** Columns of `outbox_event` in the order {@link EventRow} has them; `e` is the table's alias. */
export const EVENT_COLUMNS = [
  'seq',
  'id',
  'type',
  'version',
  'tbl',
  'rule',
  'key',
  'trace_key',
  'time',
  'content_type',
  'journal',
  'receiver',
  'sequence',
  'appended_at',
  'attempt_offset',
  'tombstone',
  'record_url',
  'sealed',
  'body',
]
  .map((name) => `e.${name}`)
  .join(', ');

export const EVENT_COLUMN_COUNT = 19;

export type Row = readonly (string | number | Buffer | null)[];

export function eventOf(row: Row, seal: Seal | null): StoredEvent {
  const [seq, id, type, version, table, rule, key, traceKey, time, contentType] = row as [number, ...string[]];
  const body = row[18] as Buffer | null;
  const sequence = row[12] as string | null;
  return {
    seq,
    id: id!,
    type: type!,
    version: version!,
    table: table!,
    rule: rule!,
    key: key!,
    traceKey: traceKey ?? key!,
    time: time!,
    contentType: contentType!,
    journal: row[10] as string | null,
    receiver: row[11] as string | null,
    sequence: sequence === null ? null : sequence.replace(/^0+(?=.)/, ''),
    appendedAt: row[13] as number,
    attemptOffset: row[14] as number,
    tombstone: row[15] === 1,
    recordUrl: row[16] as string | null,
    body: body !== null && row[17] === 1 ? seal!.open(body, id!) : body,
  };
}

/** The lane of an event at a destination. One strict lane is the empty name. */
export function laneOf(kind: LaneKind, event: { readonly table: string; readonly traceKey: string }): string {
  return kind === 'traceKey' ? event.traceKey : kind === 'table' ? event.table : '';
}

export function pendingOf(
  event: StoredEvent,
  destination: Destination,
  pos: number,
  priority: PriorityClass,
): PendingDelivery {
  return {
    pos,
    destination: destination.name,
    lane: laneOf(destination.lanes, event),
    priority,
    event,
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
    return { no, name, lanes: options?.lanes ?? 'traceKey', storePayload: options?.storePayload ?? true };
  }
}
