/** How much waits for a destination: queued, behind a failing head, or held with its table. */
import { PRIORITY_CLASSES } from '../../model/delivery';
import type { Store } from '../../store/store';
import type { Destinations } from '../destinations';
import type { Pages } from '../pages/pages';
import type { Ready } from './ready-bitmap';
import type { Requeued } from './requeued';

export interface PendingSize {
  readonly events: number;
  /** Stored payloads; beyond {@link SAMPLE} events estimated from the oldest of each kind. */
  readonly bytes: number;
}

/** Events of each kind whose payloads are measured. */
const SAMPLE = 500;

interface PendingSizeParts {
  readonly store: Store;
  readonly destinations: Destinations;
  readonly pages: Pages;
  readonly ready: Ready;
  readonly again: Requeued;
}

export class PendingSizes {
  private readonly rows;

  constructor(private readonly parts: PendingSizeParts) {
    const { db } = parts.store;
    this.rows = ['outbox_parked', 'outbox_held'].map((table) => ({
      count: db.prepare(`SELECT count(*) FROM ${table} WHERE destination = ?`).pluck(),
      oldest: db.prepare(`SELECT event FROM ${table} WHERE destination = ? LIMIT ${SAMPLE}`).pluck(),
    }));
  }

  /** Counts by index; a second for some ten million that wait for a lane, no time for what is queued. */
  of(name: string): PendingSize {
    const { destinations, ready } = this.parts;
    const { no } = destinations.of(name);
    const queued = ready.count(no);
    let events = queued;
    let bytes = this.estimate(queued, this.oldestReady(no));
    for (const { count, oldest } of this.rows) {
      const waiting = count.get(no) as number;
      events += waiting;
      bytes += this.estimate(waiting, waiting === 0 ? [] : (oldest.all(no) as number[]));
    }
    return { events, bytes: Math.round(bytes) };
  }

  private oldestReady(no: number): number[] {
    const { ready, again } = this.parts;
    const events: number[] = [];
    for (const cls of PRIORITY_CLASSES) {
      for (const pos of ready.after(no, cls, 0)) {
        events.push(again.eventAt(pos) || pos);
        if (events.length === SAMPLE) return events;
      }
    }
    return events;
  }

  private estimate(count: number, sample: readonly number[]): number {
    if (sample.length === 0) return 0;
    const bytes = sample.reduce((sum, event) => sum + this.parts.pages.bodyBytes(event), 0);
    return (bytes / sample.length) * count;
  }
}
