/** Writing events down: each once, with one queue place for every destination it goes to. */
import type { PendingDelivery, PriorityClass, StoredEvent } from '../../model/delivery';
import type { EventDraft, Priority } from '../../model/event';
import { type Destination, type Destinations, laneOf, pendingOf } from '../destinations';
import type { StagedNotes } from '../options';
import type { EventIds } from '../pages/event-ids';
import type { PagedEvent, PageWriter } from '../pages/event-page';
import { type Pages, storedEvent } from '../pages/pages';
import type { Seal } from '../pages/seal';
import type { Shapes } from '../pages/shapes';
import type { Counters } from './counters';
import type { LaneClasses } from './lane-classes';
import type { Ready } from './ready-bitmap';
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

interface AppenderParts {
  readonly counters: Counters;
  readonly destinations: Destinations;
  readonly shapes: Shapes;
  readonly ids: EventIds;
  readonly pages: Pages;
  readonly ready: Ready;
  readonly classes: LaneClasses;
  readonly holds: TableHolds;
  readonly seal: Seal | null;
  readonly notes: StagedNotes | null;
  readonly now: () => number;
}

/** Says who is to get an event, and hears of the number it has for them, in the order of the drafts. */
interface Placing {
  wanted(draft: EventDraft): readonly string[];
  placed(draft: EventDraft, seq: number, to: readonly Destination[], known: boolean): void;
}

/** An event in the page that is being filled. */
interface Staged {
  readonly draft: EventDraft;
  readonly to: DestinationList;
  /** Hold of its table as it was then: an entry that pauses a table stops what follows it, not what came before. */
  readonly hold: number | null;
  readonly paged: PagedEvent;
  /** Of the payload in the page; -1 where it is not kept as it is. */
  readonly bodyAt: number;
}

const CLASS_OF: Readonly<Record<Priority, PriorityClass>> = { high: 0, normal: 1, low: 2 };

export class Appender {
  private readonly writer: PageWriter;
  private readonly lists = new Map<string, DestinationList>();
  private staged: Staged[] = [];
  private deliveries: PendingDelivery[] = [];
  private held: PendingDelivery[] = [];
  /** Number of the last event. */
  private seq = 0;
  private at = 0;
  private bytes = 0;
  /** Who gives out places, where the events do not get their own. */
  private placing: Placing | null = null;

  constructor(private readonly parts: AppenderParts) {
    this.writer = parts.pages.writer();
  }

  /**
   * Must run inside the transaction that also writes the checkpoint.
   * @param onRepeated learns of each draft that is not written down, before the next one is asked for
   */
  append(drafts: Iterable<EventDraft>, onRepeated?: (draft: EventDraft) => void): Appended {
    return this.write(drafts, onRepeated, null);
  }

  /**
   * Writes down what is not there yet and queues nothing: places are given out by whoever hears of the numbers. What was last
   * sent of a row is not touched: an event that is written so is older.
   */
  appendUnqueued(drafts: Iterable<EventDraft>, placing: Placing): void {
    this.write(drafts, undefined, placing);
  }

  private write(
    drafts: Iterable<EventDraft>,
    onRepeated: ((draft: EventDraft) => void) | undefined,
    placing: Placing | null,
  ): Appended {
    const { counters, ids, ready } = this.parts;
    const after = counters.last();
    this.begin(after);
    this.placing = placing;
    let repeated = 0;
    for (const draft of drafts) {
      const to = this.destinationsOf(placing === null ? draft.destinations : placing.wanted(draft));
      if (to.all.length === 0) continue;
      const fresh = ids.isNew(draft.id) ? to : this.notYet(draft, to);
      if (fresh.all.length > 0) {
        this.stage(draft, fresh);
        placing?.placed(draft, this.seq, fresh.all, false);
        continue;
      }
      repeated++;
      onRepeated?.(draft);
    }
    this.endPage();
    ids.end();
    ready.end();
    this.parts.classes.end();
    this.parts.notes?.end();
    if (this.seq > after) {
      counters.setLast(this.seq);
      counters.add('bytes', this.bytes);
      counters.add('events', this.seq - after);
    }
    return { deliveries: this.deliveries, held: this.held, after, last: this.seq, repeated };
  }

  /** The transaction before may have been rolled back: nothing of it is believed. */
  private begin(seq: number): void {
    const { classes, shapes, holds, ids, ready, now } = this.parts;
    shapes.confirm();
    holds.refresh();
    ids.begin();
    ready.begin();
    classes.begin();
    this.parts.notes?.begin();
    this.writer.clear();
    this.staged = [];
    this.deliveries = [];
    this.held = [];
    this.seq = seq;
    this.at = now();
    this.bytes = 0;
  }

  /** The same id again: only destinations that no earlier body of it went to are news. */
  private notYet(draft: EventDraft, to: DestinationList): DestinationList {
    this.endPage();
    const { ids, pages } = this.parts;
    const covered = new Set<number>();
    for (const seq of ids.find(draft.id)) {
      const made = (pages.destinationsOf(seq) ?? []).filter((no) => !covered.has(no));
      for (const no of made) covered.add(no);
      const there = this.placing === null ? [] : to.all.filter(({ no }) => made.includes(no));
      if (there.length > 0) this.placing?.placed(draft, seq, there, true);
    }
    return listOf(to.all.filter(({ no }) => !covered.has(no)));
  }

  private stage(draft: EventDraft, to: DestinationList): void {
    const { seal, shapes, ids, holds } = this.parts;
    // a row that came from no journal could not be made again, nor what several entries made together
    const keeps = to.stores || draft.position === null || draft.composed === true;
    const sealed = keeps && seal !== null;
    const paged: PagedEvent = {
      shape: shapes.of(draft, to.numbers, sealed).no,
      id: draft.id,
      key: draft.key,
      traceKey: draft.traceKey === draft.key ? null : draft.traceKey,
      time: draft.time,
      sequence: draft.position === null ? null : draft.position.sequence,
      attemptOffset: draft.attemptOffset,
      recordUrl: draft.recordUrl,
      body: sealed ? seal.close(draft.body, draft.id) : keeps ? draft.body : null,
    };
    if (!this.writer.takes(paged)) this.endPage();
    const bodyAt = this.writer.add(paged);
    this.staged.push({ draft, to, hold: holds.of(draft.table), paged, bodyAt: sealed ? -1 : bodyAt });
    this.seq++;
    this.bytes += paged.body?.length ?? 0;
    ids.add(draft.id, this.seq);
    if (this.placing === null) this.parts.notes?.staged(draft);
  }

  /** Writes the page down and queues its events; their payloads in memory are views into it, not into the journal's block. */
  private endPage(): void {
    const { staged, writer, at } = this;
    if (staged.length === 0) return;
    this.staged = [];
    const page = writer.finish();
    const first = this.seq - staged.length + 1;
    let bytes = 0;
    for (const { paged } of staged) bytes += paged.body?.length ?? 0;
    this.parts.pages.insert(first, this.seq, at, bytes, page);
    for (let i = 0; i < staged.length; i++) {
      const one = staged[i]!;
      this.queue(storedEvent(one.paged, first + i, at, this.parts.shapes, bodyOf(one, page)), one);
    }
  }

  private queue(event: StoredEvent, { draft, to, hold }: Staged): void {
    if (this.placing !== null) return;
    const { holds, classes, ready } = this.parts;
    const wanted = CLASS_OF[draft.priority];
    for (const destination of to.all) {
      if (hold !== null) {
        holds.keep(hold, event.seq, destination.no);
        this.held.push(pendingOf(event, destination, event.seq, wanted, false));
        continue;
      }
      const cls = classes.place(destination, laneOf(destination.lanes, event), event.seq, wanted);
      ready.add(destination.no, cls, event.seq);
      this.deliveries.push(pendingOf(event, destination, event.seq, cls, false));
    }
  }

  private destinationsOf(names: readonly string[]): DestinationList {
    const { destinations } = this.parts;
    const id = names.length === 1 ? names[0]! : names.join('\n');
    const known = this.lists.get(id);
    if (known) return known;
    const list = listOf([...new Set(names)].map((name) => destinations.of(name)));
    if (this.lists.size < 1000 && list.all.every((d) => destinations.isSettled(d.name))) this.lists.set(id, list);
    return list;
  }
}

function bodyOf({ draft, bodyAt }: Staged, page: Buffer): Buffer {
  return bodyAt < 0 ? Buffer.from(draft.body) : page.subarray(bodyAt, bodyAt + draft.body.length);
}

interface DestinationList {
  readonly all: readonly Destination[];
  readonly numbers: string;
  readonly stores: boolean;
}

function listOf(all: readonly Destination[]): DestinationList {
  return { all, numbers: all.map((d) => d.no).join(','), stores: all.some((d) => d.storePayload) };
}
