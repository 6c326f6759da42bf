/** The operator's decision on a paused table: what was held is queued in order, or given up as dead letters; never silently. */
import type { Store } from '../../store/store';
import { type Destinations, laneOf } from '../destinations';
import type { Pages } from '../pages/pages';
import { rowSum, summedColumns } from '../pages/row-sum';
import { damaged } from '../pages/summed';
import type { HeldDelivery, TableHold, TableHolds } from '../queue/table-holds';
import type { Requeue } from './requeue';

/** Deliveries in one transaction: a running daemon writes between two of them. */
const STEP = 1000;

interface ReleaseParts {
  readonly store: Store;
  readonly holds: TableHolds;
  readonly requeue: Requeue;
  readonly destinations: Destinations;
  readonly pages: Pages;
  readonly now: () => number;
}

export class Release {
  private readonly bury;

  constructor(private readonly parts: ReleaseParts) {
    this.bury = parts.store.db.prepare(
      `INSERT INTO outbox_dead (${summedColumns('outbox_dead')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /**
   * One step; call again until `done`. A step that is never followed by another leaves the table held, with the rest.
   * @param to `queue`: the end of the queue, in the order of writing. `dead letters`: given up, reason `held`.
   */
  step(hold: TableHold, to: 'queue' | 'dead letters'): { readonly moved: number; readonly done: boolean } {
    const { store, holds, requeue } = this.parts;
    return store.transaction(() => {
      let moved = 0;
      const done = holds.take(hold, STEP, (held) => {
        moved++;
        if (to === 'dead letters') this.giveUp(held, hold);
        else requeue.queue(held.event, held.destination, held.replay === 1);
      });
      return { moved, done };
    });
  }

  private giveUp(held: HeldDelivery, hold: TableHold): void {
    const { pages, destinations, now } = this.parts;
    const event = pages.facts(held.event);
    if (event === null) throw damaged('outbox_page');
    const lane = laneOf(destinations.byNumber(held.destination).lanes, event);
    const message = `dropped by the operator: ${hold.table} was paused by ${hold.reason}`;
    const { event: seq, destination, replay } = held;
    const row = [seq, destination, lane, 'held', message, null, null, 0, 0, now(), replay];
    this.bury.run(...row, rowSum(row));
  }
}
