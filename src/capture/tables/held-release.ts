/**
 * Sends what has waited long enough for others of its key, whether or not anything more is read: a window ends by the
 * clock. Events leave in a transaction of their own, together with the places on disk they had.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from '../../deliver/dispatcher';
import { isCoded } from '../../errors/coded-error';
import type { EventDraft } from '../../model/event';
import type { Outbox } from '../../outbox/outbox';
import type { Appended } from '../../outbox/queue/append';
import type { Store } from '../../store/store';
import type { Metrics } from '../../telemetry/metrics';
import type { Backpressure } from '../backpressure';
import { countFieldErrors } from './field-metrics';
import { type Mapping, MOST_ASKS } from './mapping';

interface HeldReleaseParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly backpressure: Backpressure;
  readonly mapping: Mapping;
  readonly metrics: Metrics;
}

/** Between two looks at what is due. */
const LOOK_MS = 200;

/** After the partition could not be asked. */
const AGAIN_MS = 1_000;
const AWAY: ReadonlySet<string> = new Set(['transport', 'protocol', 'host']);

export class HeldRelease {
  constructor(private readonly parts: HeldReleaseParts) {}

  /** Until `signal` aborts. Nothing leaves while a destination's backlog is full: it waits on disk. */
  async run(signal: AbortSignal): Promise<void> {
    const { mapping, backpressure } = this.parts;
    while (!signal.aborted) {
      let pause = LOOK_MS;
      try {
        if (mapping.anyDue() && backpressure.full.length === 0) await this.release(() => mapping.releaseDue());
      } catch (error) {
        // what must be asked cannot be asked now: it waits on disk, and whoever reads the journal reports why
        if (!isCoded(error) || !AWAY.has(error.family)) throw error;
        pause = AGAIN_MS;
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @param make the drafts of what is to leave, in a unit of their own */
  async release(make: () => readonly EventDraft[]): Promise<void> {
    const { mapping, dispatcher, metrics } = this.parts;
    let done = this.write(make, 0);
    for (let asks = 1; done === null; asks++) {
      await mapping.loadLookups();
      done = this.write(make, asks);
    }
    countFieldErrors(mapping, metrics);
    dispatcher.offer(done);
  }

  /** Null when lookups must be loaded first; nothing is written then. */
  private write(make: () => readonly EventDraft[], asks: number): Appended | null {
    const { store, outbox, mapping, metrics } = this.parts;
    try {
      const written = store.transaction(() => {
        mapping.beginUnit(false, asks > 0);
        const drafts = [...make(), ...mapping.endUnit()];
        if (asks < MOST_ASKS && mapping.missingLookups().length > 0) throw new LookupsMissing();
        return { drafts, appended: outbox.append(drafts) };
      });
      mapping.confirm();
      for (const { table } of written.drafts) metrics.eventsWritten.inc({ table });
      return written.appended;
    } catch (error) {
      if (error instanceof LookupsMissing) return null;
      throw error;
    }
  }
}

/** Ends a transaction; never leaves this file. */
class LookupsMissing extends Error {}
