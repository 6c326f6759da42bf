/**
 * Events made of the journal once more, queued as replays: what the outbox has is queued a second time as it is stored, what
 * it no longer has, or never had for a destination, is written down first. Either way the place says that it is a replay,
 * and the stored body is the one that the stream would have sent.
 */
import type { EventDraft } from '../../model/event';
import type { Store } from '../../store/store';
import { type Destination, type Destinations, laneOf } from '../destinations';
import type { EventIds } from '../pages/event-ids';
import type { Pages } from '../pages/pages';
import type { Appender } from '../queue/append';
import type { LaneClasses } from '../queue/lane-classes';
import type { Ready } from '../queue/ready-bitmap';
import type { Requeued } from '../queue/requeued';
import type { TableHolds } from '../queue/table-holds';

interface ReinstateParts {
  readonly store: Store;
  readonly appender: Appender;
  readonly destinations: Destinations;
  readonly classes: LaneClasses;
  readonly pages: Pages;
  readonly ids: EventIds;
  readonly ready: Ready;
  readonly again: Requeued;
  readonly holds: TableHolds;
}

interface ReinstateWish {
  /** Destination names; empty means those each rule leads to. */
  readonly to: readonly string[];
  /** Also to destinations of `to` that the rule does not lead to. */
  readonly alsoUnrouted: boolean;
}

interface Reinstated {
  readonly events: number;
  /** Of these, stored already for every destination wanted. */
  readonly stored: number;
  readonly deliveries: number;
  /** What was queued, for whoever watches how much waits. */
  readonly queued: readonly { readonly destination: string; readonly event: { readonly body: Buffer } }[];
}

interface Place {
  readonly draft: EventDraft;
  readonly seq: number;
  readonly to: readonly Destination[];
}

export class Reinstate {
  constructor(private readonly parts: ReinstateParts) {}

  /** Inside the transaction that says how far the replay got. Hand nothing to delivery before it has committed. */
  queue(drafts: Iterable<EventDraft>, wish: ReinstateWish): Reinstated {
    return this.parts.store.transaction(() => {
      const places: Place[] = [];
      const fresh = new Set<string>();
      let events = 0;
      this.parts.appender.appendUnqueued(drafts, {
        wanted: (draft) => {
          const destinations = wantedOf(draft, wish);
          if (destinations.length > 0) events++;
          return destinations;
        },
        placed: (draft, seq, to, known) => {
          if (!known) fresh.add(draft.id);
          places.push({ draft, seq, to });
        },
      });
      return { events, stored: events - fresh.size, ...this.place(places) };
    });
  }

  /** What {@link queue} would do; writes nothing. */
  look(draft: EventDraft, wish: ReinstateWish): { readonly deliveries: number; readonly stored: boolean } {
    const { ids, pages, destinations } = this.parts;
    const wanted = wantedOf(draft, wish);
    ids.begin();
    const has = new Set(ids.find(draft.id).flatMap((seq) => pages.destinationsOf(seq) ?? []));
    const numbers = wanted.map((name) => destinations.find(name)?.no);
    return { deliveries: wanted.length, stored: numbers.every((no) => no !== undefined && has.has(no)) };
  }

  private place(places: readonly Place[]): Pick<Reinstated, 'deliveries' | 'queued'> {
    const { again, classes, holds, ready } = this.parts;
    const queued: { destination: string; event: { body: Buffer } }[] = [];
    ready.begin();
    classes.begin();
    for (const { draft, seq, to } of places) {
      const hold = holds.of(draft.table);
      for (const destination of to) {
        queued.push({ destination: destination.name, event: draft });
        if (hold !== null) {
          holds.keep(hold, seq, destination.no, true);
          continue;
        }
        const pos = again.place(seq, true);
        ready.add(destination.no, classes.place(destination, laneOf(destination.lanes, draft), pos, 1), pos);
      }
    }
    ready.end();
    classes.end();
    return { deliveries: queued.length, queued };
  }
}

function wantedOf({ destinations }: EventDraft, { to, alsoUnrouted }: ReinstateWish): readonly string[] {
  if (to.length === 0) return destinations;
  return alsoUnrouted ? to : to.filter((name) => destinations.includes(name));
}
