/** Rows read by SQL (windows, backfill) to the outbox: events and the stage's own progress in one transaction. */
import type { MetRows } from '../../backfill/backfill-run';
import type { GoneUnit } from '../../backfill/leftovers';
import type { Dispatcher } from '../../deliver/dispatcher';
import { isCoded } from '../../errors/coded-error';
import type { Change, WindowNotice } from '../../model/change';
import type { EventDraft, MapOutcome } from '../../model/event';
import { formatName } from '../../model/position';
import type { RowFates } from '../../model/rows/row-fates';
import { SetAsideTable } from '../../outbox/letters/set-aside';
import type { Outbox } from '../../outbox/outbox';
import type { Appended } from '../../outbox/queue/append';
import type { Remember } from '../../remember/remember';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { Metrics } from '../../telemetry/metrics';
import type { Backpressure } from '../backpressure';
import { countFieldErrors } from '../tables/field-metrics';
import { type Mapping, MOST_ASKS } from '../tables/mapping';

/** What both stages hand over. */
interface RowUnit {
  items(): Iterable<Change | WindowNotice>;
  /** Hears of a notice once its event is written: what follows it may have to wait for the operator. */
  noticed?(notice: WindowNotice): void;
  /** The rules that are to report a change; null or left out for all. */
  rulesOf?(change: Change): ReadonlySet<string> | null;
  /** Present where rows are to be noted as met, whatever is sent of them. */
  readonly met?: MetRows;
  commit(fates: RowFates): void;
}

interface RowPublisherParts {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly backpressure: Backpressure;
  readonly mapping: Mapping;
  readonly metrics: Metrics;
  readonly remember: Remember;
  readonly log: Logger;
}

interface Written {
  readonly committed: Appended;
  readonly events: number;
}

export class RowPublisher {
  private readonly aside: SetAsideTable;

  constructor(private readonly parts: RowPublisherParts) {
    this.aside = new SetAsideTable(parts.store.db);
  }

  /** Resolves when there is room for more. @returns events written */
  async publish(unit: RowUnit | GoneUnit): Promise<number> {
    const { dispatcher, mapping } = this.parts;
    let done = this.write(unit, 0);
    for (let asks = 1; done === null; asks++) {
      await mapping.loadLookups();
      done = this.write(unit, asks);
    }
    dispatcher.offer(done.committed);
    await this.parts.backpressure.room(done.committed);
    return done.events;
  }

  /** Null when lookups must be loaded first; nothing is written then. */
  private write(unit: RowUnit | GoneUnit, asks: number): Written | null {
    const { store, outbox, mapping, metrics } = this.parts;
    const tally = new Tally();
    try {
      const committed = store.transaction(() => {
        const appended = outbox.append(
          'gone' in unit ? this.departures(unit, tally) : this.drafts(unit, tally, asks > 0),
          (draft) => tally.wasKnown(draft),
        );
        if (asks < MOST_ASKS && mapping.missingLookups().length > 0) throw new LookupsMissing();
        unit.commit(tally.fates(appended));
        return appended;
      });
      mapping.confirm();
      this.report(tally);
      countFieldErrors(mapping, metrics);
      return { committed, events: committed.last - committed.after };
    } catch (error) {
      if (error instanceof LookupsMissing) return null;
      throw error;
    }
  }

  private *drafts(unit: RowUnit, tally: Tally, again: boolean): Iterable<EventDraft> {
    const { mapping } = this.parts;
    mapping.beginUnit(false, again);
    for (const change of unit.items()) {
      if ('kind' in change) {
        tally.notices.push({ table: formatName(change.table), kind: change.kind });
        yield* mapping.notice(change);
        unit.noticed?.(change);
        continue;
      }
      const outcome = mapping.map(change, unit.rulesOf?.(change) ?? null);
      if (change.op === 'delete') this.parts.remember.forget(mapping.takeUnsaid());
      if (unit.met) this.noteMet(change, unit.met);
      if (outcome.is === 'stopped') throw mapping.stopped(change, outcome);
      if (outcome.is !== 'mapped') {
        this.setAside(change, outcome, tally);
        continue;
      }
      const { repeated } = tally;
      yield* tally.noted(outcome.events);
      // without events of its own the row is reported by one that comes at the end of the unit
      const known = outcome.events.length > 0 && tally.repeated - repeated === outcome.events.length;
      if (!known) tally.rowsSent++;
    }
    for (const change of unit.met?.others() ?? []) this.noteMet(change, unit.met!);
    yield* tally.noted(mapping.endUnit());
  }

  private noteMet(change: Change, met: MetRows): void {
    const { mapping, remember } = this.parts;
    try {
      remember.met(mapping.heldKeys(change));
    } catch (error) {
      if (!isCoded(error) || error.family !== 'decode') throw error;
      met.unsure();
    }
  }

  private *departures(unit: GoneUnit, tally: Tally): Iterable<EventDraft> {
    const { mapping } = this.parts;
    mapping.beginUnit();
    for (const { rule, members, change } of unit.gone()) yield* tally.noted(mapping.gone(rule, members, change));
    yield* tally.noted(mapping.endUnit());
  }

  private setAside(change: Change, outcome: SetAside, tally: Tally): void {
    const table = formatName(change.table);
    const place = `rrn ${change.rrn}`;
    if (outcome.is === 'quarantined') this.aside.add(table, change.mode, outcome.code, place);
    tally.setAside(table, outcome, { mode: change.mode, place });
  }

  /** After the transaction: a unit that was rolled back is mapped again. */
  private report({ drafts, notices, aside }: Tally): void {
    const { metrics, log } = this.parts;
    for (const labels of notices) metrics.notices.inc(labels);
    for (const [table, events] of drafts) metrics.eventsWritten.inc({ table }, events);
    for (const { table, outcome, mode, place } of aside) {
      if (outcome.is === 'filtered') metrics.changesFiltered.inc({ table, rule: outcome.rule });
      else {
        const { code, column } = outcome;
        metrics.changesQuarantined.inc({ table, code });
        log.error({ table, mode, place, code, column }, 'change quarantined');
      }
    }
  }
}

type SetAside = Extract<MapOutcome, { is: 'filtered' | 'quarantined' }>;

/** What became of one unit. */
class Tally {
  readonly notices: { readonly table: string; readonly kind: string }[] = [];
  /** By table. */
  readonly drafts = new Map<string, number>();
  readonly aside: {
    readonly table: string;
    readonly outcome: SetAside;
    readonly mode: string;
    readonly place: string;
  }[] = [];
  rowsSent = 0;
  repeated = 0;

  *noted(events: Iterable<EventDraft>): Iterable<EventDraft> {
    for (const draft of events) {
      this.drafts.set(draft.table, (this.drafts.get(draft.table) ?? 0) + 1);
      yield draft;
    }
  }

  wasKnown({ table }: EventDraft): void {
    this.repeated++;
    this.drafts.set(table, this.drafts.get(table)! - 1);
  }

  setAside(table: string, outcome: SetAside, where: { readonly mode: string; readonly place: string }): void {
    this.aside.push({ table, outcome, ...where });
  }

  fates({ after, last, repeated }: Appended): RowFates {
    const filtered = this.aside.filter(({ outcome }) => outcome.is === 'filtered').length;
    return {
      rowsSent: this.rowsSent,
      filtered,
      quarantined: this.aside.length - filtered,
      published: last - after,
      known: repeated,
    };
  }
}

/** Ends a transaction; never leaves this file. */
class LookupsMissing extends Error {}
