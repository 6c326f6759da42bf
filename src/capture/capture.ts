/**
 * One journal from its reader to the outbox: each unit becomes events, ledger and checkpoint in one transaction, and only
 * then is offered to delivery. A broken connection is opened again with growing pauses; a refused sign-on never is.
 */

import { BackfillJobs } from '../backfill/backfill-jobs';
import type { ClearedPolicy } from '../config/config';
import type { Dispatcher } from '../deliver/dispatcher';
import { isCoded } from '../errors/coded-error';
import { isNotice, type JournalUnit } from '../journal/cycle/unit';
import type { JournalOptions } from '../journal/options';
import { CheckpointTable, type Outlook } from '../journal/position/checkpoint-table';
import { GapTable } from '../journal/position/gap-table';
import { JournalReader } from '../journal/reader/reader';
import type { ReaderState } from '../journal/reader/reader-state';
import type { WatchedReader } from '../journal/reader/receiver-watch';
import type { Change, TableNotice } from '../model/change';
import type { EventDraft, MapOutcome } from '../model/event';
import { formatName, formatPosition, type Position, type QualifiedName } from '../model/position';
import { SetAsideTable } from '../outbox/letters/set-aside';
import type { Outbox } from '../outbox/outbox';
import type { Appended } from '../outbox/queue/append';
import type { Remember } from '../remember/remember';
import type { DiskRoom } from '../store/disk-room';
import type { Store } from '../store/store';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';
import type { SqlTransport } from '../transport/transport';
import { Backoff } from './backoff';
import type { Backpressure } from './backpressure';
import { CaptureLog } from './capture-log';
import { moment } from './crash-points';
import { isWhole, MINIMIZED, minimized } from './minimized';
import { ReadingWay } from './reading-way';
import { ClearedKeys } from './tables/cleared-keys';
import { committedLog, type UnitLog } from './tables/committed-log';
import { countFieldErrors } from './tables/field-metrics';
import type { HeldRelease } from './tables/held-release';
import { type Mapping, MOST_ASKS } from './tables/mapping';
import { TableGaps, type UnseenChangesPolicy } from './tables/table-gaps';
import { TablePauses } from './tables/table-pauses';
import { UnitFigures } from './unit-figures';

interface CaptureParts {
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly dispatcher: Dispatcher;
  readonly backpressure: Backpressure;
  readonly room: DiskRoom;
  readonly mapping: Mapping;
  readonly held: HeldRelease;
  readonly schemaDrift: 'continue' | 'warn' | 'pause';
  /** What a cleared file means, by `LIB/FILE`. */
  readonly cleared: ReadonlyMap<string, ClearedPolicy>;
  readonly unseenChanges: UnseenChangesPolicy;
  /** Milliseconds without news after which an open commit cycle is reported. */
  readonly orphanCycleMs: number;
  readonly options: JournalOptions;
  readonly metrics: Metrics;
  readonly remember: Remember;
  readonly log: Logger;
}

/** What `/healthz` and `status` show. Milliseconds since 1970. */
interface CaptureState {
  readonly journal: QualifiedName;
  readonly connected: boolean;
  /** When the position last moved, or the journal last proved to hold nothing new; null before the first. */
  readonly provedAt: number | null;
  readonly reader: ReaderState | null;
  /** What keeps it from reading, if anything does. */
  readonly trouble: string | null;
}

/** A backfill that must not overtake the stream. */
interface CaptureWatcher {
  observe(change: Change): void;
  /** Everything up to there has been dealt with, by this process or by one before it; reported again while nothing comes. */
  committed(read: Position): void;
}

export class JournalCapture {
  private reader: JournalReader | null = null;
  private committedRead: Position | null = null;
  private readonly watchers = new Set<CaptureWatcher>();
  private provedAt: number | null = null;
  private trouble: string | null = null;
  private connected = false;
  private everConnected = false;
  private readonly asked = new Set<string>();
  private asks = 0;
  private readonly figures = new UnitFigures();
  private readonly name: string;
  private readonly log: Logger;
  /** For what is in a unit. */
  private readonly unitLog: UnitLog;
  private readonly said: CaptureLog;
  private readonly way: ReadingWay;
  private readonly pauses: TablePauses;
  private readonly gaps: TableGaps;
  private readonly cleared: ClearedKeys;
  private readonly aside: SetAsideTable;

  constructor(private readonly parts: CaptureParts) {
    this.name = formatName(parts.options.journal);
    this.log = parts.log.child({ journal: this.name });
    this.said = new CaptureLog(this.log, this.name, parts.orphanCycleMs);
    this.way = new ReadingWay(parts.options, (way) => this.said.way(way));
    const { outbox, options, schemaDrift, cleared, store, unseenChanges: policy, mapping, remember } = parts;
    const { holds } = outbox;
    const log = committedLog(store, this.log);
    this.unitLog = log;
    this.cleared = new ClearedKeys({ store, mapping, remember, cleared, log });
    const files = options.tables.map((t) => t.file);
    this.pauses = new TablePauses({ holds, tables: files, schemaDrift, cleared, log });
    const { tables } = options;
    this.aside = new SetAsideTable(store.db);
    const read = new CheckpointTable(store).get(options.journal)?.read ?? null;
    const parted = { gaps: new GapTable(store), holds, jobs: new BackfillJobs(store), tables, policy, read, log };
    // what it finds settled and what follows from that are one
    this.gaps = store.transaction(() => new TableGaps(parted));
  }

  state(): CaptureState {
    return {
      journal: this.parts.options.journal,
      connected: this.connected,
      provedAt: latest(this.provedAt, this.reader?.state().lookedAt ?? null),
      reader: this.reader?.state() ?? null,
      trouble: this.trouble ?? this.fullText(),
    };
  }

  private fullText(): string | null {
    const { full } = this.parts.backpressure;
    return full.length === 0 ? null : `the backlog of ${full.join(', ')} is full`;
  }

  get journal(): QualifiedName {
    return this.parts.options.journal;
  }

  /** Up to where everything has been dealt with; null before it is known that reading can go on from there. */
  readPosition(): Position | null {
    return this.committedRead;
  }

  compare(a: Position, b: Position): number | null {
    return this.reader?.state().chain.compare(a, b) ?? null;
  }

  /** False while a full backlog or the partition keeps it from reading. */
  get reading(): boolean {
    return this.connected && this.trouble === null && this.parts.backpressure.full.length === 0;
  }

  /** Where it stands, whether or not it reads. */
  watched(): WatchedReader | null {
    const reader = this.reader?.state() ?? null;
    const position = reader?.read ?? new CheckpointTable(this.parts.store).get(this.journal)?.read ?? null;
    return position && { position, quietest: null, filter: reader?.filter ?? null, way: null, reading: this.reading };
  }

  /** Distance to the journal's end and to data loss, as of the last look at the receivers. */
  outlook(): Outlook | null {
    return new CheckpointTable(this.parts.store).outlook(this.parts.options.journal);
  }

  hurry(): void {
    this.reader?.hurry();
  }

  /** Reports every change published and every unit committed, until the returned function is called. */
  watch(watcher: CaptureWatcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /**
   * Reads until `signal` aborts.
   * @throws CodedError what no new connection can mend: signOn, positionLost, store, config, decode, bug
   */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      try {
        await this.session(signal, backoff);
      } catch (error) {
        if (signal.aborted) return;
        if (this.parts.room.met(error)) {
          this.trouble = 'the disk of the state file is full';
          await this.parts.room.room(signal);
          continue;
        }
        if (this.way.gaveUp(error)) continue;
        if (!this.canTryAgain(error)) throw error;
        const ms = backoff.nextMs();
        this.trouble = this.said.trouble(error, { waitMs: Math.round(ms), attempt: backoff.count }, this.trouble);
        await backoff.wait(ms, signal);
      }
    }
  }

  private async session(signal: AbortSignal, backoff: Backoff): Promise<void> {
    const { transport, store, options } = this.parts;
    const connection = await transport.connect({ signal, role: 'journal' });
    try {
      const way = await this.way.choose(connection, signal);
      this.connected = true;
      this.everConnected = true;
      const reader = new JournalReader({
        connection,
        ...way,
        store,
        options,
        stale: this.gaps.stale(),
        relayout: (file: QualifiedName, at: Position) => this.relayout(file, at),
        onStart: (start) => {
          this.said.start(start, options.tables.length);
          // nothing may come after it for days: who waits for the stream must know that it is there already
          if (start.read) this.dealtWith(start.read);
        },
        onIdle: () => {
          this.said.quietCycle(this.reader?.state().quietCycle ?? null);
          // the order of receivers may have become known since
          if (this.committedRead) this.dealtWith(this.committedRead);
        },
        onFilterJudged: (report, changed) => this.said.filter(report, changed),
      });
      this.reader = reader;
      for await (const unit of reader.units(signal)) {
        await this.parts.room.room(signal);
        if (signal.aborted) return;
        const written = await this.publish(unit);
        backoff.succeeded();
        this.trouble = null;
        this.provedAt = Date.now();
        await this.parts.backpressure.room(written);
      }
    } finally {
      this.connected = false;
      await connection.close().catch(() => undefined);
    }
  }

  /** Events, ledger and checkpoint in one transaction; delivery sees it afterwards. */
  private async publish(unit: JournalUnit): Promise<Appended> {
    const { dispatcher, metrics } = this.parts;
    // the next burst of deletes is judged afresh
    for (const table of this.pauses.released()) this.reader?.resumed(table);
    moment('before-commit');
    const committed = await this.write(unit);
    moment('after-commit');
    this.dealtWith(unit.checkpoint.read);
    metrics.entriesRead.inc({ journal: this.name }, unit.entries);
    dispatcher.offer(committed);
    moment('after-offer');
    return committed;
  }

  private dealtWith(read: Position): void {
    this.committedRead = read;
    for (const watcher of this.watchers) watcher.committed(read);
  }

  /** Rolls back and writes again where the partition had to be asked first: a layout once a table, lookups until they are there. */
  private async write(unit: JournalUnit): Promise<Appended> {
    const { mapping } = this.parts;
    this.asked.clear();
    this.asks = 0;
    for (;;) {
      try {
        return this.writeOnce(unit);
      } catch (error) {
        if (!(error instanceof AskPartition)) throw error;
        if (error.table) await this.relayout(error.table, error.at);
        else await mapping.loadLookups();
      }
    }
  }

  /** What was held of the file was written with the format it has until now. */
  private async relayout(file: QualifiedName, at: Position | null): Promise<void> {
    const { mapping, held } = this.parts;
    await held.release(() => mapping.releaseTable(file));
    await mapping.relayout(file, at);
  }

  private writeOnce(unit: JournalUnit): Appended {
    const { store, outbox, mapping, metrics } = this.parts;
    const committed = store.transaction(() => {
      const appended = outbox.append(this.draftsOf(unit), ({ table }) => this.figures.event(table, -1));
      if (mapping.missingLookups().length > 0 && this.asks++ < MOST_ASKS) throw new AskPartition(null, null);
      unit.commit();
      moment('inside-transaction');
      return appended;
    });
    this.figures.count(metrics);
    mapping.confirm();
    // at once: another stage may begin a unit of its own with this mapping before the journal goes on
    countFieldErrors(mapping, metrics);
    return committed;
  }

  /** True once a unit for each question. */
  private firstTime(question: string): boolean {
    if (this.asked.has(question)) return false;
    this.asked.add(question);
    return true;
  }

  /** Walks the unit once; each draft is written down before the next change is mapped. */
  private *draftsOf(unit: JournalUnit): Iterable<EventDraft> {
    const { mapping } = this.parts;
    mapping.beginUnit(false, this.asks > 0);
    this.figures.begin();
    this.gaps.refresh();
    for (const item of unit.items()) {
      if (isNotice(item)) {
        // the notice itself still goes out: it is the alert
        yield* this.noticeDrafts(item);
        for (const draft of this.cleared.drafts(item)) yield this.counted(draft);
        this.pauses.heed(item);
        this.gaps.heed(item);
        continue;
      }
      const drafts = this.changeDrafts(item, unit);
      for (let i = 0; i < drafts.length; i++) yield this.counted(drafts[i]!);
    }
    for (const draft of mapping.endUnit()) yield this.counted(draft);
  }

  private counted(draft: EventDraft): EventDraft {
    this.figures.event(draft.table);
    return draft;
  }

  private changeDrafts(change: Change, unit: JournalUnit): readonly EventDraft[] {
    for (const watcher of this.watchers) watcher.observe(change);
    this.gaps.sawChange(change);
    const { mapping, remember } = this.parts;
    const outcome = isWhole(change) ? mapping.map(change) : minimized(change);
    if (change.op === 'delete') remember.forget(mapping.takeUnsaid());
    if (outcome.is === 'mapped') return outcome.events;
    if (outcome.is === 'filtered') {
      unit.note(change, 'filtered', outcome.rule);
      this.figures.filteredBy(outcome.rule, formatName(change.table));
    } else {
      this.setAside(change, unit, outcome);
    }
    return [];
  }

  private setAside(
    change: Change,
    unit: JournalUnit,
    outcome: Extract<MapOutcome, { is: 'quarantined' | 'stopped' }>,
  ): void {
    const table = formatName(change.table);
    const at = change.position ? formatPosition(change.position) : '';
    if (outcome.is === 'stopped') throw this.parts.mapping.stopped(change, outcome);
    if (outcome.code === MINIMIZED) {
      this.said.minimized(table, at);
      this.noteAside(change, unit, outcome.code, at);
      return;
    }
    // the file may have been altered without an entry we saw: its format is read again once before the entry is set aside
    if (outcome.code.startsWith('LAYOUT_') && this.firstTime(table))
      throw new AskPartition(change.table, change.position);
    this.noteAside(change, unit, outcome.code, at);
    this.unitLog.error({ table, position: at, code: outcome.code, column: outcome.column }, 'change quarantined');
  }

  private noteAside(change: Change, unit: JournalUnit, code: string, at: string): void {
    const table = formatName(change.table);
    unit.note(change, 'quarantined', code);
    this.aside.add(table, change.mode, code, at);
    this.figures.add((metrics) => metrics.changesQuarantined.inc({ table, code }));
  }

  private noticeDrafts(notice: TableNotice): readonly EventDraft[] {
    const table = formatName(notice.table);
    this.figures.add((metrics) => metrics.notices.inc({ table, kind: notice.kind }));
    if (notice.kind === 'schema.changed') this.figures.add((metrics) => metrics.schemaChanges.inc({ table }));
    this.unitLog[this.pauses.level(notice)](
      { table, kind: notice.kind, position: formatPosition(notice.position) },
      'table notice',
    );
    return this.parts.mapping.notice(notice);
  }

  private canTryAgain(error: unknown): boolean {
    if (!isCoded(error)) return false;
    // a partition that was never reached is a mistake in the configuration more often than an outage
    if (!this.everConnected) return false;
    return error.family === 'transport' || error.family === 'protocol' || error.family === 'host';
  }
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Ends a transaction because the partition must be asked before the unit can be written. Not an error: never leaves this file. */
class AskPartition extends Error {
  constructor(
    readonly table: QualifiedName | null,
    readonly at: Position | null,
  ) {
    super('ask the partition');
  }
}
