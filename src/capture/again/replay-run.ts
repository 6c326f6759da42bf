/**
 * One replay out of the journal: the stream's own reader over a store of its own, so that what a whole unit is is said once and
 * the position of the stream is never touched. Events and the place of the replay are one transaction.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isCoded } from '../../errors/coded-error';
import { isNotice, type JournalUnit, type UnitGroup } from '../../journal/cycle/unit';
import { LEDGER_SCHEMA } from '../../journal/ledger/table';
import type { ReceiverChain } from '../../journal/position/chain';
import { CHECKPOINT_SCHEMA, type Checkpoint, CheckpointTable } from '../../journal/position/checkpoint-table';
import { JournalReader } from '../../journal/reader/reader';
import type { Change, TableNotice } from '../../model/change';
import type { EventDraft, MapOutcome } from '../../model/event';
import { type Position, sameName } from '../../model/position';
import type { Outbox } from '../../outbox/outbox';
import {
  added,
  type JournalReplayWish,
  NO_FIGURES,
  type ReplayFigures,
  type ReplayPlace,
  type ReplayStretch,
} from '../../replay/options';
import { Store } from '../../store/store';
import type { SqlConnection } from '../../transport/transport';
import { moment } from '../crash-points';
import { isWhole, minimized } from '../minimized';
import { MOST_ASKS } from '../tables/mapping';
import type { TableMapping } from '../tables/table-mapping';
import type { PreparedReplay } from './prepare-replay';

type Reinstated = ReturnType<Outbox['reinstate']['queue']>;

interface ReplayRunParts {
  readonly connection: SqlConnection;
  readonly prepared: PreparedReplay;
  readonly wish: JournalReplayWish;
  readonly mapping: TableMapping;
  readonly outbox: Outbox;
  /** False counts and writes nothing. */
  readonly queues: boolean;
  /** Called in the transaction that queues the events. @returns false to give the run up */
  readonly progress: (place: ReplayPlace, figures: ReplayFigures) => boolean;
  /** Called after it has committed. */
  readonly queued: (done: Reinstated | null, entries: number) => Promise<void>;
}

type Counts = { -readonly [K in keyof ReplayFigures]: ReplayFigures[K] };

export class ReplayRun {
  private counts: Counts = { ...NO_FIGURES };
  private asks = 0;
  private chain: ReceiverChain;
  private readonly to: Pick<JournalReplayWish, 'to' | 'alsoUnrouted'>;

  /** @param figures counted by an earlier process */
  constructor(
    private readonly parts: ReplayRunParts,
    private figures: ReplayFigures,
  ) {
    this.chain = parts.prepared.chain;
    const { to, alsoUnrouted } = parts.wish;
    this.to = { to, alsoUnrouted };
  }

  /**
   * From a place on to the end, or until `signal` aborts or `progress` says no.
   * @returns whether it got to the end
   * @throws CodedError positionLost when receivers went meanwhile, host, transport, decode for a field whose policy is to stop
   */
  async run(place: ReplayPlace, signal: AbortSignal): Promise<ReplayFigures | null> {
    const { mapping, prepared } = this.parts;
    const { stretches } = prepared.scope;
    // what an earlier process held is of the formats of that place
    if (place.checkpoint)
      for (const { file } of prepared.options.tables) mapping.moveTo(file, place.checkpoint.read, this.inOrder);
    for (let i = place.stretch; i < stretches.length; i++) {
      const at = i === place.stretch ? place.checkpoint : null;
      if (!(await this.stretch(i, at, signal))) return null;
    }
    if (!(await this.end({ stretch: stretches.length, checkpoint: null }))) return null;
    return this.figures;
  }

  private async stretch(no: number, from: Checkpoint | null, signal: AbortSignal): Promise<boolean> {
    const { connection, prepared } = this.parts;
    const stretch = prepared.scope.stretches[no]!;
    using scratch = Store.open(':memory:', [CHECKPOINT_SCHEMA, LEDGER_SCHEMA]);
    if (from) new CheckpointTable(scratch).write(prepared.options.journal, from, Date.now());
    const ended = new AbortController();
    const stop = (): void => ended.abort();
    signal.addEventListener('abort', stop, { once: true });
    let atEnd = false;
    const reader = new JournalReader({
      connection,
      store: scratch,
      options: { ...prepared.options, start: stretch.start },
      // everything that can be read was
      onIdle: () => {
        atEnd = true;
        ended.abort();
      },
    });
    try {
      for await (const unit of reader.units(ended.signal)) {
        if (signal.aborted) return false;
        this.chain = reader.state().chain;
        if (!(await this.publish(unit, no, stretch))) return false;
        scratch.transaction(() => unit.commit());
        scratch.db.prepare('DELETE FROM ledger_stretch').run();
        if (this.isPast(unit.checkpoint, stretch)) return true;
      }
      return atEnd && !signal.aborted;
    } catch (error) {
      if (isCoded(error) && error.code === 'POSITION_LOST' && this.isAtEnd(reader, stretch)) return true;
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Nothing follows the last receiver of the stretch: the chain breaks behind it, which is no loss of what is in it. */
  private isAtEnd(reader: JournalReader, { last }: ReplayStretch): boolean {
    const { read, chain } = reader.state();
    return read !== null && sameName(read.receiver, last.receiver) && chain.get(last.receiver) !== null;
  }

  /** Everything of the range was read, with the end of every cycle that began in it; or the stream's position is reached. */
  private isPast({ read, resume, openCycles }: Checkpoint, { last }: ReplayStretch): boolean {
    const { ceiling } = this.parts.prepared.scope;
    if (ceiling && this.order(read, ceiling) >= 0) return true;
    return this.order(read, last) >= 0 && (openCycles.length === 0 || this.order(resume, last) > 0);
  }

  /** A receiver that is listed no more is older than one that can be read. */
  private order(a: Position, b: Position): number {
    return this.chain.compare(a, b) ?? 1;
  }

  private readonly inOrder = (a: Position, b: Position): number => this.order(a, b);

  private async publish(unit: JournalUnit, stretch: number, range: ReplayStretch): Promise<boolean> {
    const place = { stretch, checkpoint: unit.checkpoint };
    return await this.write(place, unit.entries, () => this.draftsOf(unit, range));
  }

  /** What waits for others of its key is sent at the end of the range. */
  private async end(place: ReplayPlace): Promise<boolean> {
    return await this.write(place, 0, () => this.restOf());
  }

  private *restOf(): Iterable<EventDraft> {
    const { mapping, prepared } = this.parts;
    mapping.beginUnit(false, this.asks > 0);
    for (const { file } of prepared.options.tables) yield* mapping.releaseTable(file);
    yield* mapping.endUnit();
  }

  private async write(place: ReplayPlace, entries: number, drafts: () => Iterable<EventDraft>): Promise<boolean> {
    const { mapping, outbox, queues } = this.parts;
    for (this.asks = 0; ; this.asks++) {
      this.counts = { ...NO_FIGURES, entries };
      try {
        const write = (): Written => this.writeOnce(place, drafts);
        const { done, goesOn } = queues ? outbox.store.transaction(write) : write();
        moment('replay-after-commit');
        mapping.confirm();
        this.figures = added(this.figures, this.counts);
        await this.parts.queued(done, entries);
        return goesOn;
      } catch (error) {
        if (!(error instanceof LookupsMissing)) throw error;
        await mapping.loadLookups();
      }
    }
  }

  private writeOnce(place: ReplayPlace, drafts: () => Iterable<EventDraft>): Written {
    const { mapping, outbox, queues, progress } = this.parts;
    const { counts } = this;
    let done: Reinstated | null = null;
    if (queues) {
      done = outbox.reinstate.queue(drafts(), this.to);
      counts.events = done.events;
      counts.stored = done.stored;
      counts.deliveries = done.deliveries;
    } else
      for (const draft of drafts()) {
        const { deliveries, stored } = outbox.reinstate.look(draft, this.to);
        counts.deliveries += deliveries;
        if (deliveries > 0) counts.events++;
        if (deliveries > 0 && stored) counts.stored++;
      }
    if (this.asks < MOST_ASKS && mapping.missingLookups().length > 0) throw new LookupsMissing();
    const goesOn = progress(place, added(this.figures, counts));
    moment('replay-inside-transaction');
    return { done, goesOn };
  }

  private *draftsOf(unit: JournalUnit, range: ReplayStretch): Iterable<EventDraft> {
    const { mapping } = this.parts;
    mapping.beginUnit(false, this.asks > 0);
    for (const group of unit.groups()) {
      if (!this.isWanted(group, range)) continue;
      for (const item of group.items) {
        this.counts.changes++;
        if (isNotice(item)) yield* mapping.notice(item);
        else yield* this.changeDrafts(item);
      }
    }
    yield* mapping.endUnit();
  }

  private *changeDrafts(change: Change & { readonly position: Position | null }): Iterable<EventDraft> {
    const { mapping } = this.parts;
    yield* mapping.moveTo(change.table, change.position!, this.inOrder);
    const outcome: MapOutcome = isWhole(change) ? mapping.map(change) : minimized(change);
    if (outcome.is === 'stopped') throw mapping.stopped(change, outcome);
    if (outcome.is === 'mapped') yield* outcome.events;
    else this.counts[outcome.is]++;
  }

  /** A commit cycle is taken whole or not at all: any of its changes in the range, or its commit, brings all of it. */
  private isWanted({ at, items }: UnitGroup, range: ReplayStretch): boolean {
    const { ceiling } = this.parts.prepared.scope;
    let any = this.isInRange(at, range);
    let changes = 0;
    let whole = true;
    for (const item of items) {
      changes++;
      any ||= this.isInRange(item, range);
      whole &&= isNotice(item) || item.commitCycle === 0n || this.hasBeginning(item);
      if (!any || whole) continue;
      break;
    }
    if (!any) return false;
    if (ceiling && this.order(at.position, ceiling) > 0) {
      this.counts.ahead += changes;
      return false;
    }
    if (!whole) this.counts.incomplete++;
    return whole;
  }

  /** The number of a cycle is that of its first entry. */
  private hasBeginning({ position, commitCycle }: Change): boolean {
    return this.chain.holding(position!.receiver, commitCycle) !== null;
  }

  private isInRange(
    { position, timestamp }: Pick<TableNotice, 'position' | 'timestamp'>,
    range: ReplayStretch,
  ): boolean {
    if (this.order(position, range.first) < 0 || this.order(position, range.last) > 0) return false;
    const { since, until } = this.parts.wish;
    if (since === null && until === null) return true;
    const at = Date.parse(this.parts.prepared.clock.toUtc(timestamp));
    return (since === null || at >= since) && (until === null || at < until);
  }
}

interface Written {
  readonly done: Reinstated | null;
  readonly goesOn: boolean;
}

/** Ends a transaction; never leaves this file. */
class LookupsMissing extends Error {}

/** Waits so that no more than so many entries are read in a second. */
export class ReplayPace {
  private readonly started = performance.now();
  private entries = 0;

  constructor(private readonly perSecond: number) {}

  async after(entries: number, signal: AbortSignal): Promise<void> {
    this.entries += entries;
    const due = (this.entries / this.perSecond) * 1000 - (performance.now() - this.started);
    if (due > 0) await sleep(due, undefined, { signal }).catch(() => undefined);
  }
}
