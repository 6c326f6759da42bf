/** Writing events down: each once, with one queue place for every destination it goes to. */
import type Database from 'better-sqlite3';
import type { PendingDelivery, PriorityClass, StoredEvent } from '../model/delivery';
import type { EventDraft, Priority } from '../model/event';
import type { LaneClasses } from './lane-classes';
import { type Destination, type Destinations, laneOf, pendingOf } from './rows';
import type { Seal } from './seal';
import type { Shapes } from './shapes';
import type { TableHolds } from './table-holds';

export interface Appended {
  /** Newly queued deliveries in queue order; offer them to the dispatcher after the transaction has committed. */
  readonly deliveries: readonly PendingDelivery[];
  /** Deliveries kept back because their table is paused; never to be offered. */
  readonly held: readonly PendingDelivery[];
  /** Positions taken: `after` < pos <= `last`; equal when nothing was new. */
  readonly after: number;
  readonly last: number;
  /** Drafts that were already known by their id. */
  readonly repeated: number;
}

export const CLASS_OF: Readonly<Record<Priority, PriorityClass>> = { high: 0, normal: 1, low: 2 };

export class Appender {
  private readonly insertEvent;
  private readonly insertOther;
  private readonly insertReady;
  private readonly getCounter;
  private readonly setCounter;
  private readonly addCounter;
  private readonly coveredBy;
  private readonly lists = new Map<string, DestinationList>();

  constructor(
    db: Database.Database,
    private readonly destinations: Destinations,
    private readonly shapes: Shapes,
    private readonly classes: LaneClasses,
    private readonly holds: TableHolds,
    private readonly seal: Seal | null,
    private readonly now: () => number,
  ) {
    this.insertEvent = db.prepare(insertEvent("''"));
    this.insertOther = db.prepare(insertEvent('?'));
    this.insertReady = db.prepare('INSERT INTO outbox_ready (destination, class, pos, event) VALUES (?, ?, ?, ?)');
    this.getCounter = db.prepare('SELECT value FROM outbox_counter WHERE name = ?').pluck();
    this.setCounter = db.prepare('UPDATE outbox_counter SET value = ? WHERE name = ?');
    this.addCounter = db.prepare('UPDATE outbox_counter SET value = value + ? WHERE name = ?');
    this.coveredBy = db
      .prepare('SELECT s.destinations FROM outbox_event e JOIN outbox_shape s ON s.no = e.shape WHERE e.id = ?')
      .pluck();
  }

  /** Must run inside the transaction that also writes the checkpoint. */
  append(drafts: Iterable<EventDraft>): Appended {
    this.shapes.confirm();
    this.holds.refresh();
    const deliveries: PendingDelivery[] = [];
    const held: PendingDelivery[] = [];
    const after = this.getCounter.get('seq') as number;
    const at = this.now();
    let seq = after;
    let bytes = 0;
    let repeated = 0;
    for (const draft of drafts) {
      const to = this.destinationsOf(draft.destinations);
      if (to.all.length === 0) continue;
      const event = this.insert(draft, seq + 1, at, to, null) ?? this.insertVariant(draft, seq + 1, at, to);
      if (event === null) {
        repeated++;
        continue;
      }
      seq++;
      bytes += event.to.stores || draft.position === null ? draft.body.length : 0;
      const hold = this.holds.of(draft.table);
      for (const destination of event.to.all) {
        if (hold === null) deliveries.push(this.queue(event.stored, destination, draft));
        else held.push(this.keep(hold, event.stored, destination, draft));
      }
    }
    if (seq > after) {
      this.setCounter.run(seq, 'seq');
      this.addCounter.run(bytes, 'bytes');
      this.addCounter.run(seq - after, 'events');
    }
    return { deliveries, held, after, last: seq, repeated };
  }

  private queue(event: StoredEvent, destination: Destination, draft: EventDraft): PendingDelivery {
    const lane = laneOf(destination.lanes, event);
    const cls = this.classes.place(destination.no, lane, event.seq, CLASS_OF[draft.priority]);
    this.insertReady.run(destination.no, cls, event.seq, event.seq);
    return pendingOf(event, destination, event.seq, cls, false);
  }

  private keep(hold: number, event: StoredEvent, destination: Destination, draft: EventDraft): PendingDelivery {
    this.holds.keep(hold, event.seq, destination.no);
    return pendingOf(event, destination, event.seq, CLASS_OF[draft.priority], false);
  }

  /** The same id again: only destinations that no earlier body of it went to are news. */
  private insertVariant(draft: EventDraft, seq: number, at: number, to: DestinationList) {
    const covered = new Set((this.coveredBy.all(draft.id) as string[]).flatMap((list) => list.split(',')));
    const fresh = listOf(to.all.filter((d) => !covered.has(String(d.no))));
    return fresh.all.length === 0 ? null : this.insert(draft, seq, at, fresh, fresh.numbers);
  }

  private insert(draft: EventDraft, seq: number, at: number, to: DestinationList, variant: string | null) {
    // a row that came from no journal could not be made again
    const kept = to.stores || draft.position === null ? (this.seal?.close(draft.body, draft.id) ?? draft.body) : null;
    const shape = this.shapes.of(draft, to.numbers, kept !== null && this.seal !== null);
    const sequence = draft.position === null ? null : draft.position.sequence.toString();
    const values = [
      shape.no,
      draft.key,
      draft.traceKey === draft.key ? null : draft.traceKey,
      draft.time,
      sequence === null ? null : sequence.padStart(20, '0'),
      at,
      draft.attemptOffset,
      draft.recordUrl,
      kept,
    ];
    const done =
      variant === null
        ? this.insertEvent.run(seq, draft.id, ...values)
        : this.insertOther.run(seq, draft.id, variant, ...values);
    if (done.changes === 0) return null;
    const stored: StoredEvent = {
      seq,
      id: draft.id,
      type: draft.type,
      version: draft.version,
      table: draft.table,
      rule: draft.rule,
      key: draft.key,
      traceKey: draft.traceKey,
      // the draft's bytes may be a view into a journal block
      body: Buffer.from(draft.body),
      attemptOffset: draft.attemptOffset,
      contentType: draft.contentType,
      time: draft.time,
      tombstone: draft.tombstone,
      recordUrl: draft.recordUrl,
      journal: shape.journal,
      receiver: shape.receiver,
      sequence,
      appendedAt: at,
    };
    return { stored, to };
  }

  private destinationsOf(names: readonly string[]): DestinationList {
    const id = names.length === 1 ? names[0]! : names.join('\n');
    const known = this.lists.get(id);
    if (known) return known;
    const list = listOf([...new Set(names)].map((name) => this.destinations.of(name)));
    if (this.lists.size < 1000 && list.all.every((d) => this.destinations.isSettled(d.name))) this.lists.set(id, list);
    return list;
  }
}

interface DestinationList {
  readonly all: readonly Destination[];
  readonly numbers: string;
  readonly stores: boolean;
}

function listOf(all: readonly Destination[]): DestinationList {
  return { all, numbers: all.map((d) => d.no).join(','), stores: all.some((d) => d.storePayload) };
}

function insertEvent(variant: string): string {
  return `INSERT INTO outbox_event (seq, id, variant, shape, key, trace_key, time, sequence, appended_at, attempt_offset,
    record_url, body) VALUES (?, ?, ${variant}, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, variant) DO NOTHING`;
}
