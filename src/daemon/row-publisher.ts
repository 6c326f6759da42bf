/** Rows read by SQL (windows, backfill) to the outbox: events and the stage's own progress in one transaction. */
import type { Dispatcher } from '../deliver/dispatcher';
import type { Change } from '../model/change';
import type { EventDraft } from '../model/event';
import { formatName } from '../model/position';
import type { Appended } from '../outbox/append';
import type { Outbox } from '../outbox/outbox';
import type { Store } from '../store/store';
import type { Metrics } from '../telemetry/metrics';
import type { Backpressure } from './backpressure';
import { countFieldErrors } from './field-metrics';
import type { Mapping } from './mapping';

/** What both stages hand over. */
export interface RowUnit {
  items(): Iterable<Change>;
  commit(): void;
}

export interface RowPublisherParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly backpressure: Backpressure;
  readonly mapping: Mapping;
  readonly metrics: Metrics;
}

export class RowPublisher {
  constructor(private readonly parts: RowPublisherParts) {}

  /** Resolves when there is room for more. @returns events written */
  async publish(unit: RowUnit): Promise<number> {
    const { dispatcher, mapping } = this.parts;
    let done = this.write(unit, true);
    if (done === null) {
      await mapping.loadLookups();
      done = this.write(unit, false);
    }
    if (done === null) return 0;
    dispatcher.offer(done.committed);
    await this.parts.backpressure.room(done.committed);
    return done.events;
  }

  /** Null when lookups must be loaded first; nothing is written then. */
  private write(unit: RowUnit, mayAsk: boolean): { committed: Appended; events: number } | null {
    const { store, outbox, mapping, metrics } = this.parts;
    try {
      const done = store.transaction(() => {
        const counter = { events: 0 };
        const committed = outbox.append(this.drafts(unit, counter));
        if (mayAsk && mapping.missingLookups().length > 0) throw new LookupsMissing();
        unit.commit();
        return { committed, events: counter.events };
      });
      countFieldErrors(mapping, metrics);
      return done;
    } catch (error) {
      if (error instanceof LookupsMissing) return null;
      throw error;
    }
  }

  private *drafts(unit: RowUnit, counter: { events: number }): Iterable<EventDraft> {
    const { mapping, metrics } = this.parts;
    mapping.beginUnit();
    for (const change of unit.items()) {
      const outcome = mapping.map(change);
      const table = formatName(change.table);
      if (outcome.is === 'mapped') {
        metrics.written(outcome.events);
        counter.events += outcome.events.length;
        yield* outcome.events;
      } else if (outcome.is === 'filtered') metrics.changesFiltered.inc({ table, rule: outcome.rule });
      else if (outcome.is === 'stopped') throw mapping.stopped(change, outcome);
      else metrics.changesQuarantined.inc({ table, code: outcome.code });
    }
    for (const draft of mapping.endUnit()) {
      metrics.written([draft]);
      counter.events++;
      yield draft;
    }
  }
}

/** Ends a transaction; never leaves this file. */
class LookupsMissing extends Error {}
