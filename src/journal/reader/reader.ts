/**
 * The reading loop of one journal: one receiver at a time, named at both ends, crossing by the chain's links.
 *
 * The cursor follows entries that were really returned, never LAST_SEQUENCE_NUMBER, which counts entries that journal
 * caching still hides. Each look begins at the last entry returned: that number is known to exist, so an idle journal
 * never provokes "sequence not found".
 */
import type { ReceiverFacts } from '../../catalog/journals';
import { bug } from '../../errors/coded-error';
import type { TableNotice } from '../../model/change';
import { formatName, type Position, type QualifiedName, sameName } from '../../model/position';
import type { Store } from '../../store/store';
import type { SqlConnection } from '../../transport/transport';
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
import type { FilterReport } from '../position/checkpoint-table';
import { type Checkpoint, CheckpointTable } from '../position/checkpoint-table';
import {
  judgePosition,
  type LossChoices,
  lossChoices,
  notAuthorized,
  positionLostError,
} from '../position/position-lost';
import { FilterChoice } from './filter-choice';
import { type EntryBlock, JournalQuery } from './journal-query';
import { ReceiverWatch, type SilentCycle, type WatchedReader } from './receiver-watch';
import { lastVisible } from './visible-head';
import { Waiter } from './waiter';

interface ReaderDeps {
  /** Not shared while the reader lives. A transport failure ends the reader; the owner makes a new one. */
  readonly connection: SqlConnection;
  readonly store: Store;
  readonly options: JournalOptions;
  /** Awaited before an entry that reports a change of layout is dealt with, and after everything before it is committed. */
  readonly relayout?: (file: QualifiedName, at: Position) => Promise<void>;
  /** Files whose record format may have changed unseen before reading goes on: it is read again at their next entry. */
  readonly stale?: readonly QualifiedName[];
  /** Called once, when the place to read from is known to be readable and before anything is read. */
  readonly onStart?: (start: ReaderStart) => void;
  /** Called whenever everything visible was read and handed on, before the pause. */
  readonly onIdle?: () => void;
  /** Both ways of leaving out foreign entries were measured. */
  readonly onFilterJudged?: (report: FilterReport, changed: boolean) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds, monotonic; what reading costs is measured by it. */
  readonly timer?: () => number;
}

export interface ReaderStart {
  /** Where reading begins; behind `read` while commit cycles are open. */
  readonly from: Position;
  /** Last entry an earlier run dealt with; null for a first start. */
  readonly read: Position | null;
  readonly openCycles: number;
}

/** What `status` and the metrics show. */
export interface ReaderState {
  readonly read: Position | null;
  readonly openCycles: number;
  readonly waitingItems: number;
  /** The open cycle that has been silent the longest, as of the last look at the partition's clock. */
  readonly quietCycle: SilentCycle | null;
  readonly entriesSeen: number;
  readonly entriesOurs: number;
  /** Where foreign entries are left out, and what was measured. */
  readonly filter: FilterReport;
  /** Entries a second while there was a backlog; null before the first. */
  readonly readPerSecond: number | null;
  readonly chain: ReceiverChain;
  readonly caughtUp: boolean;
  /** When the partition last answered a look to its end, milliseconds since 1970; null before the first. */
  readonly lookedAt: number | null;
}

interface Cursor {
  readonly receiver: QualifiedName;
  /** Inclusive start of the next look; null is the receiver's first entry. */
  from: bigint | null;
  /** Last entry returned; 0 when none of this receiver was. */
  last: bigint;
}

export class JournalReader {
  private readonly options: JournalOptions;
  private readonly journal: QualifiedName;
  private readonly query: JournalQuery;
  private readonly checkpoints: CheckpointTable;
  private readonly ledgerTable: LedgerTable;
  private readonly cycles: CommitCycles;
  private readonly guard = new DeleteGuard();
  private readonly filter: FilterChoice;
  private readonly now: () => number;
  private readonly timer: () => number;
  private ledger!: LedgerWriter;
  private processor!: EntryProcessor;
  private cursor!: Cursor;
  private windowEnd: bigint | null = null;
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
    this.query = new JournalQuery(deps.connection, options.journal, names, options.entryDataBytes);
    this.checkpoints = new CheckpointTable(store);
    this.ledgerTable = new LedgerTable(store);
    this.cycles = new CommitCycles(
      { items: options.heldEntries, bytes: options.heldEntries * 1024 },
      new CycleSpill(store, options.journal, names),
      (change) => {
        this.ledger.settle(change.entry, FATE.rolledBack);
      },
    );
    this.filter = new FilterChoice(
      options.filter,
      options.tables.map((t) => t.file),
      this.timer,
      deps.onFilterJudged,
    );
    this.waiter = new Waiter(options.pollMs, options.idlePollMs);
    const { connection } = deps;
    const { journal, checkpoints, now } = this;
    this.watch = new ReceiverWatch({ connection, journal, checkpoints, now, reader: () => this.watched() });
  }

  private get chain(): ReceiverChain {
    return this.watch.chain;
  }

  private watched(): WatchedReader | null {
    if (!this.cursor) return null;
    return { position: this.position(), quietest: this.cycles.quietest(), filter: this.filter.report(), reading: true };
  }

  state(): ReaderState {
    const { silentCycle, readPerSecond } = this.watch;
    return {
      read: this.cursor ? { receiver: this.cursor.receiver, sequence: this.cursor.last } : null,
      openCycles: this.cycles.openCycles,
      waitingItems: this.cycles.waitingItems,
      quietCycle: silentCycle && this.cycles.has(silentCycle.cycle) ? silentCycle : null,
      entriesSeen: this.processor?.seen ?? 0,
      entriesOurs: this.processor?.ours ?? 0,
      filter: this.filter.report(),
      readPerSecond,
      chain: this.chain,
      caughtUp: this.caughtUp,
      lookedAt: this.lookedAt,
    };
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
        await this.watch.whenCaughtUp(moved);
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
      this.start(written.resume, {
        read: written.read,
        openCycles: new Set(written.openCycles),
      });
      yield* this.ensureReadable(written.resume, signal);
      const stayed = this.replayed !== null;
      const read = stayed ? written.read : this.position();
      const from = stayed ? written.resume : read;
      this.deps.onStart?.({ from, read, openCycles: stayed ? written.openCycles.length : 0 });
      return;
    }
    const position = await this.initialPosition(signal);
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
    this.replayed = replay?.read ?? null;
    this.cursor = {
      receiver: resume.receiver,
      from: resume.sequence === 0n ? null : resume.sequence,
      // With a replay the first entry asked for is dealt with again: it may be the first of a cycle still open.
      last: replay ? later(0n, resume.sequence - 1n) : resume.sequence,
    };
  }
  private replayed: Position | null = null;

  private async initialPosition(signal: AbortSignal): Promise<Position> {
    const { start } = this.options;
    if (start !== 'latest' && start !== 'earliest') return start;
    if (start === 'earliest') {
      const oldest = this.chain.oldestReadable();
      if (oldest) return { receiver: oldest.name, sequence: 0n };
    }
    return this.head(signal);
  }

  private async head(signal: AbortSignal): Promise<Position> {
    const attached = this.chain.attached();
    if (!attached)
      throw notAuthorized(this.journal, this.journal, new Error('no attached receiver is visible to this profile'));
    return lastVisible(this.query, attached, signal);
  }

  /** One look at the cursor's receiver. @returns true when its end, as far as visible, was reached */
  private async *look(signal: AbortSignal): AsyncGenerator<JournalUnit, boolean> {
    const receiver = this.chain.get(this.cursor.receiver);
    if (!receiver) {
      yield* this.ensureReadable(this.position(), signal);
      return false;
    }
    const to = this.boundOf(receiver);
    const started = this.now();
    const before = this.entries;
    try {
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
    this.windowEnd = to;
    return false;
  }

  /** Inclusive end of the next window; null for "to the end of the receiver". */
  private boundOf(receiver: ReceiverFacts): bigint | null {
    const at = later(this.windowEnd ?? 0n, this.cursor.last);
    const window = BigInt(Math.min(this.options.windowEntries, this.filter.limit() ?? this.options.windowEntries));
    const to = later(at, receiver.first) + window;
    // Near the head of an attached receiver the end stays open: the numbers there may not be visible yet.
    return to + window < receiver.last ? to : null;
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
      if (this.mayBeCut(entry)) await this.completeData(entry);
      const demand = processor.process(entry);
      if (demand.is !== 'none') yield* this.meet(demand, entry, before, signal);
      if (processor.receiverChanged) {
        processor.receiverChanged = false;
        this.watch.changed();
      }
      if (this.ledger.full) yield* this.flush();
    }
    if (processor.pending.length > 0 || this.isDue()) yield* this.flush();
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

  /** A record image that fills the cast may have been cut. Foreign entries may be cut: nobody reads them. */
  private mayBeCut(entry: BlockEntry): boolean {
    return entry.ref.table !== null && entry.dataLength >= this.options.entryDataBytes;
  }

  private async completeData(entry: BlockEntry): Promise<void> {
    const whole = await this.query.wholeData({ receiver: entry.receiver, sequence: entry.sequence });
    if (whole && 'replaceData' in entry)
      (entry as BlockEntry & { replaceData(d: Uint8Array): void }).replaceData(whole);
  }

  /** The part of a commit cycle that lies before our start: its number says where it begins. */
  private async readHead(cycle: bigint, before: BlockEntry, signal: AbortSignal): Promise<void> {
    let at = this.chain.holding(before.receiver, cycle);
    while (at) {
      const here = sameName(at.name, before.receiver);
      const from = at.first > cycle ? at.first : cycle;
      const to = here ? before.sequence - 1n : at.last;
      if (from <= to)
        for await (const block of this.query.cycle({ receiver: at.name, from, to }, cycle, {
          signal,
          blockBytes: this.options.blockBytes,
        }))
          for (let row = 0; row < block.count; row++) {
            const entry = block.entry(row);
            if (this.mayBeCut(entry)) await this.completeData(entry);
            this.processor.feedHead(entry.copy());
          }
      if (here) break;
      const crossing = this.chain.after(at);
      at = crossing.is === 'next' ? crossing.receiver : null;
    }
    this.processor.headFed(cycle);
  }

  /** The receiver was read to its end: goes on to the next one, if there is one. */
  private async *cross(signal: AbortSignal): AsyncGenerator<JournalUnit, boolean> {
    let receiver = this.chain.get(this.cursor.receiver);
    if (receiver?.status === 'ATTACHED' && this.watch.current) return false;
    if (!this.watch.current || !receiver) {
      const wasDetached = receiver !== null && receiver.status !== 'ATTACHED';
      await this.watch.load();
      receiver = this.chain.get(this.cursor.receiver);
      // Entries may have been written between our look and its detachment: one more look, now that its end is final.
      if (!wasDetached) return receiver?.status !== 'ATTACHED';
    }
    if (!receiver) return true;
    const crossing = this.chain.after(receiver);
    if (crossing.is === 'attached') return false;
    if (crossing.is === 'next') {
      yield* this.enter(crossing.receiver, receiver);
      return true;
    }
    const why =
      crossing.is === 'broken'
        ? `the chain breaks after receiver ${formatName(receiver.name)}: ${formatName(crossing.after.name)} is not linked to it`
        : `the next receiver ${crossing.next ? formatName(crossing.next) : ''} is ${crossing.why}`;
    if (crossing.is === 'gone' && crossing.why === 'deleted' && crossing.next) {
      yield* this.ensureReadable({ receiver: crossing.next, sequence: 0n }, signal);
      return true;
    }
    yield* this.lost(why, signal);
    return true;
  }

  private async *enter(next: ReceiverFacts, from: ReceiverFacts): AsyncGenerator<JournalUnit> {
    // a receiver without its NR entry may end with foreign ones
    const tail = this.filtered && from.last > this.cursor.last;
    if (tail) this.noteLeftOut(from.last);
    if (tail || this.ledger.pending > 0 || this.processor.pending.length > 0) yield* this.flush();
    this.processor.copy();
    if (next.first <= from.last) this.processor.numberingReset();
    this.cursor = { receiver: next.name, from: null, last: 0n };
    this.windowEnd = null;
    if (this.replayed) {
      const passed = this.chain.compare(
        { receiver: next.name, sequence: 0n },
        { receiver: this.replayed.receiver, sequence: 0n },
      );
      if (passed !== null && passed > 0) {
        this.processor.endReplay();
        this.replayed = null;
      }
    }
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
    // A receiver that holds nothing yet, or nothing visible, has no range to ask for.
    if (now && now.status === 'ATTACHED' && this.cursor.last === 0n && failure !== 'maybe lost') return true;
    if (now && this.cursor.last === 0n && (now.last === 0n || now.first > now.last || now.entries === 0n)) return true;
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
        this.cursor = { receiver: position.receiver, from: null, last: 0n };
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
    if (this.ledger.pending > 0 || this.processor.pending.length > 0) yield* this.flush();
    this.processor.numberingReset();
    this.processor.endReplay();
    this.replayed = null;
    this.noteSkipped(from, to);
    this.cursor = { receiver: to.receiver, from: to.sequence === 0n ? null : to.sequence, last: to.sequence };
    this.windowEnd = null;
    const at = { position: to, timestamp: await this.watch.clock() };
    for (const { file } of this.options.tables) this.processor.pending.push(this.lostNotice(file, from, at, why));
    yield* this.flush(true);
  }

  /** What can be read and will not be: an audit must not find it without a fate. */
  private noteSkipped(from: Position, to: Position): void {
    for (const receiver of this.chain.readableChain()) {
      const end = sameName(receiver.name, to.receiver) ? to.sequence : receiver.last;
      const start = sameName(receiver.name, from.receiver) ? later(receiver.first, from.sequence + 1n) : receiver.first;
      this.ledger.restate(receiver.name, FATE.lost, start, end);
      if (sameName(receiver.name, to.receiver)) return;
    }
  }

  /** @param at where reading goes on, and the partition's clock now: no entry reports what is gone */
  private lostNotice(
    table: QualifiedName,
    from: Position,
    at: Pick<TableNotice, 'position' | 'timestamp'>,
    why: string,
  ): TableNotice {
    const { onPositionLost } = this.options;
    return {
      kind: 'position.lost',
      table,
      member: '',
      journal: this.journal,
      position: at.position,
      timestamp: at.timestamp,
      user: '',
      job: '',
      program: '',
      facts: {
        action: onPositionLost === 'backfill' ? 'resync' : 'none',
        alert: true,
        gap: 'here',
        policy: onPositionLost,
        from: `${formatName(from.receiver)}:${from.sequence}`,
        why,
      },
    };
  }

  private async choices(why: string, signal: AbortSignal): Promise<LossChoices> {
    const { journal, checkpoints, chain, options } = this;
    const remembered = checkpoints.lastReading(journal, this.now());
    return lossChoices({
      journal,
      position: this.lastDealtWith(),
      why,
      chain,
      latest: chain.attached() ? await this.head(signal) : null,
      tables: options.tables.length,
      clock: await this.watch.clock(),
      ...remembered,
      entriesPerSecond: this.state().readPerSecond ?? remembered.entriesPerSecond,
    });
  }

  /** What an earlier run read counts, although reading begins before it. */
  private lastDealtWith(): Position {
    return this.processor.replaying && this.replayed ? this.replayed : this.position();
  }

  private position(): Position {
    return { receiver: this.cursor.receiver, sequence: this.cursor.last };
  }

  private isDue(): boolean {
    return this.ledger.pending > 0 && this.now() - this.writtenAt >= this.options.checkpointMs;
  }

  /** Hands on what is pending, with ledger and checkpoint. Nothing is handed on while only known entries are replayed. */
  private async *flush(always = false): AsyncGenerator<JournalUnit> {
    if (this.processor.replaying && this.processor.pending.length === 0 && !always) return;
    const unit = new ReaderUnit({
      journal: this.journal,
      checkpoint: this.checkpoint(),
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

  private checkpoint(): Checkpoint {
    const read = this.position();
    const before = (a: Position, b: Position): boolean => (this.chain.compare(a, b) ?? 1) < 0;
    const cycle = this.cycles.oldest(before);
    const image = this.processor.pairing.oldest(before);
    let resume: Position = read;
    for (const p of [cycle, image]) if (p && before(p, resume)) resume = { receiver: p.receiver, sequence: p.sequence };
    return { read, resume, openCycles: this.cycles.openIds() };
  }
}

function later(a: bigint, b: bigint): bigint {
  return b > a ? b : a;
}
