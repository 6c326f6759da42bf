/**
 * The reading loop of one journal: one receiver at a time, named at both ends, crossing by the chain's links.
 *
 * The cursor follows entries that were really returned, never LAST_SEQUENCE_NUMBER, which counts entries that journal
 * caching still hides. Each look begins at the last entry returned: that number is known to exist, so an idle journal
 * never provokes "sequence not found".
 */
import type { ReceiverFacts } from '../../catalog/journals';
import { bug } from '../../errors/coded-error';
import { formatName, type Position, type QualifiedName, sameName } from '../../model/position';
import { checkpointOf } from '../cycle/checkpoint';
import { CommitCycles } from '../cycle/commit-cycles';
import { CycleSpill } from '../cycle/cycle-spill';
import { DeleteGuard } from '../cycle/delete-guard';
import { type Demand, EntryProcessor } from '../cycle/entry-processor';
import { type JournalUnit, ReaderUnit } from '../cycle/unit';
import { type BlockEntry, ObjectNames } from '../entry/block-entry';
import { journalFailureOf } from '../entry/host-error';
import { FATE } from '../ledger/ledger';
import { LedgerTable } from '../ledger/table';
import { LedgerWriter } from '../ledger/writer';
import type { JournalOptions } from '../options';
import type { ReceiverChain } from '../position/chain';
import { CheckpointTable } from '../position/checkpoint-table';
import { judgePosition, type LossChoices, notAuthorized, positionLostError } from '../position/position-lost';
import type { EntryBlock, EntrySource } from '../source/entry-source';
import { afterReceiver, isEmpty } from './crossing';
import { cycleHead } from './cycle-head';
import type { FilterChoice } from './filter-choice';
import { choicesAfterLoss, lostNotices, noteSkipped } from './lost-position';
import { later, ReadCursor } from './read-cursor';
import { type ReaderDeps, type ReaderState, readerState } from './reader-state';
import { ReceiverWatch, type WatchedReader } from './receiver-watch';
import { initialPosition, type StartParts } from './start-position';
import type { Waiter } from './waiter';
import { waysOf } from './ways';
import { completeData, mayBeCut } from './whole-image';

export class JournalReader {
  private readonly options: JournalOptions;
  private readonly journal: QualifiedName;
  private readonly query: EntrySource;
  private readonly checkpoints: CheckpointTable;
  private readonly ledgerTable: LedgerTable;
  private readonly cycles: CommitCycles;
  private readonly guard = new DeleteGuard();
  private readonly filter: FilterChoice;
  private readonly now: () => number;
  private readonly timer: () => number;
  private ledger!: LedgerWriter;
  private processor!: EntryProcessor;
  private cursor!: ReadCursor;
  /** Whether the running window is filtered by the server; the choice may change while it runs. */
  private filtered = false;
  /** The last look reached the end and found nothing. */
  private quiet = false;
  private entries = 0;
  /** Spent by whoever takes the units, which is no cost of reading. */
  private downstreamMs = 0;
  private writtenAt = 0;
  private caughtUp = false;
  private lookedAt: number | null = null;
  private readonly waiter: Waiter;
  private readonly watch: ReceiverWatch;

  constructor(private readonly deps: ReaderDeps) {
    const { options, store } = deps;
    this.options = options;
    this.journal = options.journal;
    this.now = deps.now ?? Date.now;
    this.timer = deps.timer ?? (() => performance.now());
    const names = new ObjectNames(options.tables);
    const { source, filter, waiter } = waysOf(deps, names, this.timer, () => this.chain.attached()?.name ?? null);
    this.query = source;
    this.filter = filter;
    this.waiter = waiter;
    this.checkpoints = new CheckpointTable(store);
    this.ledgerTable = new LedgerTable(store);
    this.cycles = new CommitCycles(
      { items: options.heldEntries, bytes: options.heldEntries * 1024 },
      new CycleSpill(store, options.journal, names),
      (change) => {
        this.ledger.settle(change.entry, FATE.rolledBack);
      },
    );
    const { connection } = deps;
    const { journal, checkpoints, now } = this;
    this.watch = new ReceiverWatch({ connection, journal, checkpoints, now, reader: () => this.watched() });
  }

  private get chain(): ReceiverChain {
    return this.watch.chain;
  }

  private watched(): WatchedReader | null {
    if (!this.cursor) return null;
    return {
      position: this.cursor.position(),
      quietest: this.cycles.quietest(),
      filter: this.filter.report(),
      way: this.deps.way ?? null,
      reading: true,
    };
  }

  state(): ReaderState {
    const { cursor, processor, cycles, filter, watch, caughtUp, lookedAt } = this;
    return readerState({ cursor, processor, cycles, filter, watch }, { caughtUp, lookedAt });
  }

  /** The operator resumed a table that a burst of deletes had paused: the next burst is judged afresh. */
  resumed(file: QualifiedName): void {
    this.guard.reset(formatName(file));
  }

  /** Looks now, and hands on the position reached without waiting for the checkpoint interval: a backfill waits for it. */
  hurry(): void {
    this.writtenAt = 0;
    this.waiter.wake();
  }

  /** Lets the next look happen now instead of at the end of the poll interval. */
  wake(): void {
    this.waiter.wake();
  }

  /**
   * Units in order until `signal` aborts. Each must be committed before the next is asked for.
   * @throws CodedError family positionLost (policy stop), host, transport; the reader is finished then
   */
  async *units(signal: AbortSignal): AsyncGenerator<JournalUnit, void, void> {
    try {
      yield* this.begin(signal);
      while (!signal.aborted) {
        const before = this.cursor.last;
        const receiver = this.cursor.receiver;
        const complete = yield* this.look(signal);
        if (signal.aborted) return;
        this.lookedAt = this.now();
        const moved = this.cursor.last !== before || this.cursor.receiver !== receiver;
        this.quiet = complete && !moved;
        if (complete && (yield* this.cross(signal))) continue;
        if (!complete) {
          await this.watch.whileBusy();
          continue;
        }
        this.caughtUp = true;
        if (this.isDue()) yield* this.flush();
        await this.watch.whenCaughtUp(moved, this.query.kind === 'api');
        this.deps.onIdle?.();
        await this.waiter.wait(moved, signal);
      }
    } finally {
      await this.query.close();
    }
  }

  /** Finds the starting point and makes it durable. */
  private async *begin(signal: AbortSignal): AsyncGenerator<JournalUnit> {
    await this.watch.load();
    const written = this.checkpoints.get(this.journal);
    if (written) {
      this.start(written.resume, { read: written.read, openCycles: new Set(written.openCycles) });
      yield* this.ensureReadable(written.resume, signal);
      const stayed = this.processor.replayed !== null;
      const read = stayed ? written.read : this.position();
      const from = stayed ? written.resume : read;
      this.deps.onStart?.({ from, read, openCycles: stayed ? written.openCycles.length : 0 });
      return;
    }
    const position = await initialPosition(this.startParts(), signal);
    this.start(position, null);
    if (this.options.start !== 'latest' && this.options.start !== 'earliest')
      yield* this.ensureReadable(position, signal);
    this.deps.onStart?.({ from: this.position(), read: null, openCycles: 0 });
    yield* this.flush(true);
  }

  private start(resume: Position, replay: { read: Position; openCycles: ReadonlySet<bigint> } | null): void {
    this.ledger = new LedgerWriter(this.journal, this.ledgerTable, replay?.read.receiver ?? resume.receiver);
    this.processor = new EntryProcessor(this.journal, this.cycles, this.ledger, {
      replay,
      headsUpTo: replay ? replay.read.sequence : resume.sequence,
      stale: this.deps.stale ?? [],
    });
    this.cursor = ReadCursor.at(resume);
    // With a replay the first entry asked for is dealt with again: it may be the first of a cycle still open.
    if (replay) this.cursor.last = later(0n, resume.sequence - 1n);
  }

  /** One look at the cursor's receiver. @returns true when its end, as far as visible, was reached */
  private async *look(signal: AbortSignal): AsyncGenerator<JournalUnit, boolean> {
    const receiver = this.chain.get(this.cursor.receiver);
    if (!receiver) {
      yield* this.ensureReadable(this.position(), signal);
      return false;
    }
    const { windowEntries } = this.options;
    const most = Math.min(windowEntries, this.filter.limit() ?? windowEntries);
    // by the API a window costs next to nothing, and several jobs read only what has an end
    const to = this.cursor.windowEnd(receiver, this.query.kind === 'api' ? this.cursor.quarter(receiver, most) : most);
    const started = this.now();
    const before = this.entries;
    try {
      if (this.quiet && (await this.query.news?.(this.position(), signal)) === false) return true;
      const blockBytes =
        this.caughtUp && to === null ? Math.min(65_536, this.options.blockBytes) : this.options.blockBytes;
      const range = { receiver: this.cursor.receiver, from: this.cursor.from, to };
      const chosen = this.filter.current();
      // what the server leaves out at the end is passed by a look at all of it, once nothing else comes
      const filter = this.quiet && to === null ? null : chosen;
      this.filtered = filter !== null;
      let since = this.timer() - this.downstreamMs;
      const wish = { signal, blockBytes, blockBytesUpTo: this.options.blockBytes };
      for await (const block of this.query.window(range, filter, wish)) {
        const { last } = this.cursor;
        const { ours } = this.processor;
        yield* this.consume(block, signal);
        if (signal.aborted) return false;
        const at = this.timer() - this.downstreamMs;
        const numbers = last === 0n ? block.count : Number(this.cursor.last - last);
        const cost = { numbers, entries: block.count, ours: this.processor.ours - ours, ms: at - since };
        if (filter === chosen && this.filter.observe(cost)) return false;
        since = at;
      }
    } catch (error) {
      if (signal.aborted) return false;
      return yield* this.failed(error, receiver, signal);
    }
    this.watch.measure(this.entries - before, this.now() - started);
    if (to === null) return true;
    // A bounded window that returned nothing new is followed by one that reaches further, not by itself.
    this.cursor.reached = to;
    return false;
  }

  private async *consume(block: EntryBlock, signal: AbortSignal): AsyncGenerator<JournalUnit> {
    const { processor, cursor } = this;
    for (let row = 0; row < block.count; row++) {
      const entry = block.entry(row);
      if (entry.sequence <= cursor.last) continue;
      if (this.filtered) this.noteLeftOut(entry.sequence - 1n);
      const before = cursor.last;
      cursor.last = entry.sequence;
      cursor.from = entry.sequence;
      this.entries++;
      this.caughtUp = false;
      // an await or a generator for every entry would cost more than reading it
      if (mayBeCut(entry)) await completeData(this.query, entry);
      const demand = processor.process(entry);
      if (demand.is !== 'none') yield* this.meet(demand, entry, before, signal);
      if (this.ledger.full) yield* this.flush();
    }
    if (processor.hasPending || this.isDue()) yield* this.flush();
    processor.copy();
  }

  /** Numbers up to `to` that the server's filter did not return. */
  private noteLeftOut(to: bigint): void {
    const { receiver, last } = this.cursor;
    const from = last > 0n ? last + 1n : (this.chain.get(receiver)?.first ?? to + 1n);
    this.ledger.noteSpan(from, to, FATE.notOursByServer);
  }

  /** What an entry asks for before it is dealt with. @param before sequence of the entry before it */
  private async *meet(
    demand: Demand,
    entry: BlockEntry,
    before: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<JournalUnit> {
    for (let next = demand; next.is !== 'none'; next = this.processor.process(entry)) {
      if (next.is === 'receiver changed') return this.watch.changed();
      if (next.is === 'cycle head') await this.readHead(next.cycle, entry, signal);
      else {
        // the checkpoint must not pass an entry that was not dealt with
        this.cursor.last = before;
        yield* this.flush();
        this.cursor.last = entry.sequence;
        await this.deps.relayout?.(next.file, next.at);
      }
    }
  }

  private async readHead(cycle: bigint, before: BlockEntry, signal: AbortSignal): Promise<void> {
    const { query, chain, options, processor } = this;
    for await (const entry of cycleHead({ query, chain, options }, cycle, before, signal)) processor.feedHead(entry);
    processor.headFed(cycle);
  }

  /** The receiver was read to its end: goes on to the next one, if there is one. */
  private async *cross(signal: AbortSignal): AsyncGenerator<JournalUnit, boolean> {
    const next = await afterReceiver(this.watch, this.cursor.receiver);
    switch (next.is) {
      case 'look again':
        return next.now;
      case 'enter':
        yield* this.enter(next.receiver, next.from);
        return true;
      case 'judge':
        yield* this.ensureReadable({ receiver: next.receiver, sequence: 0n }, signal);
        return true;
      case 'lost':
        yield* this.lost(next.why, signal);
        return true;
    }
  }

  private async *enter(next: ReceiverFacts, from: ReceiverFacts): AsyncGenerator<JournalUnit> {
    // a receiver without its NR entry may end with foreign ones
    const tail = this.filtered && from.last > this.cursor.last;
    if (tail) this.noteLeftOut(from.last);
    if (tail || this.ledger.pending > 0 || this.processor.hasPending) yield* this.flush();
    this.processor.copy();
    if (next.first <= from.last) this.processor.numberingReset();
    this.cursor = ReadCursor.at({ receiver: next.name, sequence: 0n });
    const { replayed } = this.processor;
    const before = replayed && { receiver: replayed.receiver, sequence: 0n };
    if (before && (this.chain.compare(this.position(), before) ?? 0) > 0) this.processor.endReplay();
    if (!this.processor.replaying) yield* this.flush();
  }

  /** A look failed: authority, our own range, or a position to be judged. Anything else is the owner's. */
  private async *failed(
    error: unknown,
    receiver: ReceiverFacts,
    signal: AbortSignal,
  ): AsyncGenerator<JournalUnit, boolean> {
    const failure = journalFailureOf(error);
    if (failure === 'nothing') return true;
    if (failure === 'not authorized') throw notAuthorized(this.journal, receiver.name, error);
    if (failure !== 'bad range' && failure !== 'maybe lost') throw error;
    await this.watch.load();
    const now = this.chain.get(receiver.name);
    if (now && this.cursor.last === 0n && isEmpty(now, failure)) return true;
    yield* this.ensureReadable(this.position(), signal);
    if (now && sameName(now.name, this.cursor.receiver)) {
      // Not lost, so the range was ours: once more from the last entry returned, after a pause.
      await this.waiter.wait(false, signal);
    }
    return false;
  }

  /** Returns when the position can be read, or after a policy moved the cursor. */
  private async *ensureReadable(position: Position, signal: AbortSignal): AsyncGenerator<JournalUnit> {
    await this.watch.load();
    const verdict = await judgePosition(position, this.chain, () => this.query.probe(position.receiver, signal));
    if (verdict.is === 'readable') {
      if (!sameName(position.receiver, this.cursor.receiver))
        this.cursor = ReadCursor.at({ receiver: position.receiver, sequence: 0n });
      return;
    }
    if (verdict.is === 'not authorized') throw notAuthorized(this.journal, position.receiver, null);
    if (verdict.is === 'lost') return yield* this.lost(verdict.why, signal);
    await this.waiter.wait(false, signal);
  }

  /** Proved lost: the policy decides. */
  private async *lost(why: string, signal: AbortSignal): AsyncGenerator<JournalUnit> {
    const from = this.lastDealtWith();
    const choices = await this.choices(why, signal);
    const { onPositionLost } = this.options;
    const to = onPositionLost === 'earliest' ? choices.earliest?.from : choices.latest;
    if (onPositionLost === 'stop' || !to) throw positionLostError(choices);
    if (this.ledger.pending > 0 || this.processor.hasPending) yield* this.flush();
    this.processor.numberingReset();
    this.processor.endReplay();
    noteSkipped(this.chain, this.ledger, from, to);
    this.cursor = ReadCursor.at(to);
    const at = { position: to, timestamp: await this.watch.clock() };
    for (const notice of lostNotices(this.options, { from, at, why })) this.processor.announce(notice);
    yield* this.flush(true);
  }

  private async choices(why: string, signal: AbortSignal): Promise<LossChoices> {
    const remembered = this.checkpoints.lastReading(this.journal, this.now());
    const facts = { ...remembered, position: this.lastDealtWith(), why };
    return choicesAfterLoss(this.startParts(), this.watch, facts, signal);
  }

  /** What an earlier run read counts, although reading begins before it. */
  private lastDealtWith(): Position {
    return this.processor.replayed ?? this.position();
  }

  private position(): Position {
    return this.cursor.position();
  }

  private startParts(): StartParts {
    const { query, chain, options } = this;
    return { query, chain, options };
  }

  private isDue(): boolean {
    return this.ledger.pending > 0 && this.now() - this.writtenAt >= this.options.checkpointMs;
  }

  /** Hands on what is pending, with ledger and checkpoint. Nothing is handed on while only known entries are replayed. */
  private async *flush(always = false): AsyncGenerator<JournalUnit> {
    if (this.processor.replaying && !this.processor.hasPending && !always) return;
    const unit = new ReaderUnit({
      journal: this.journal,
      checkpoint: checkpointOf(this.chain, this.position(), this.cycles, this.processor.pairing),
      entries: this.entries,
      caughtUp: this.caughtUp,
      pending: this.processor.takePending(),
      ledger: this.ledger,
      checkpoints: this.checkpoints,
      guard: this.guard,
      now: this.now,
    });
    this.entries = 0;
    const handed = this.timer();
    yield unit;
    this.downstreamMs += this.timer() - handed;
    if (!unit.committed) throw bug('a journal unit was not committed before the next one was asked for');
    this.writtenAt = this.now();
  }
}
