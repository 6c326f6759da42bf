/**
 * Reconciliations beside the stream: takes the jobs of the state file one after the other, oldest first, also those a killed
 * process left half done, and adds those the tables' schedules ask for. By itself, without a stream, it says nothing of rows
 * with changes that were not read yet.
 */
import type { BackfillRequest } from '../../backfill/options';
import { partitionTime } from '../../catalog/clock';
import type { TableFacts } from '../../catalog/table-facts';
import { journalOf } from '../../catalog/table-names';
import { Schedule } from '../../clock/schedule';
import type { Config, TableConfig, WindowConfig } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import { CheckpointTable } from '../../journal/position/checkpoint-table';
import { JournalHead } from '../../journal/reader/visible-head';
import { formatName, formatPosition, type Position, sameName } from '../../model/position';
import type { Outbox } from '../../outbox/outbox';
import { SortedList } from '../../reconcile/list-source';
import { open, type ReconcileWish } from '../../reconcile/options';
import { type ReconcileJob, ReconcileJobs } from '../../reconcile/reconcile-jobs';
import { ReconcileRun } from '../../reconcile/reconcile-run';
import type { RowJudge, RowWatch } from '../../reconcile/row-judge';
import { type JudgedRule, Remembered } from '../../reconcile/sources';
import type { DiskRoom } from '../../store/disk-room';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { Metrics } from '../../telemetry/metrics';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import { WindowProgress } from '../../window/window-progress';
import { Backoff } from '../backoff';
import { journalsOf } from '../journals';
import type { TableMapping } from '../tables/table-mapping';
import { tableNamed } from '../tables/table-named';
import { provedRows, resolveRequest, type StreamSource, streamWatch } from './backfill-service';
import { serveJobs } from './job-loop';
import { keyWindow } from './key-window';
import { QuietHours, standStill } from './quiet-hours';
import type { RowPublisher } from './row-publisher';
import { storedContent } from './stored-content';
import { UnreadChanges } from './unread-changes';
import { windowOptions } from './window-capture';

interface ReconcileServiceParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly mapping: TableMapping;
  readonly publisher: RowPublisher;
  /** Null: no daemon runs. */
  readonly streams: readonly StreamSource[] | null;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now?: () => number;
  readonly room?: DiskRoom;
}

const WAITING =
  'reconcile waits: rows are judged once the journal has been read up to where it was when they were read';
/** Rows of a chunk: as many as these bytes hold, within bounds. */
const CHUNK_BYTES = 4 << 20;
const MOST_ROWS = 8192;
const LEAST_ROWS = 256;

export class ReconcileService {
  private readonly jobs: ReconcileJobs;
  private readonly quiet: QuietHours;

  constructor(private readonly parts: ReconcileServiceParts) {
    this.jobs = new ReconcileJobs(parts.store);
    const { budget, timeZone } = parts.config.partition;
    this.quiet = new QuietHours(budget.quietHours, timeZone);
  }

  /** Serves jobs and schedules until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    const { jobs } = this;
    const { log, room } = this.parts;
    for (const job of jobs.latest()) this.measure(job);
    const schedules = this.schedules();
    return serveJobs(
      {
        what: 'reconcile',
        look: () => {
          for (const schedule of schedules) this.begin(schedule);
        },
        next: () => jobs.list(['running', 'waiting'])[0],
        run: (job, until) => this.runJob(job, until),
        failed: ({ id }, message) => jobs.setState(id, 'failed', Date.now(), message),
        log,
        room,
      },
      signal,
    );
  }

  private schedules(): Scheduled[] {
    return this.parts.config.tables.flatMap((table) => {
      if (table.reconcile === null) return [];
      const { schedule, repair } = table.reconcile;
      return [{ times: new Schedule(schedule), wish: scheduledWish(formatName(table.table), repair) }];
    });
  }

  /** A comparison that takes longer than its interval is not begun twice. */
  private begin({ times, wish }: Scheduled): void {
    const now = Date.now();
    if (times.take() && this.jobs.unfinished(wish, now) === null) this.jobs.add(wish, now);
  }

  /** One job to its end, or until `signal` aborts; then it goes on where it stopped. */
  async runJob(job: ReconcileJob, signal: AbortSignal, progress?: (job: ReconcileJob) => void): Promise<void> {
    const { transport, publisher, log, config } = this.parts;
    await this.standStill(job, signal);
    if (signal.aborted) return;
    await using connection = await transport.connect({ signal, role: 'reconcile' });
    await using own = await transport.connect({ signal, role: 'reconcile' });
    const { request, facts } = await this.requestOf(connection, job.wish);
    const table = await tableNamed(config, connection, job.wish.table);
    const watch = this.watchOf(table, facts, own);
    try {
      const run = new ReconcileRun(this.depsOf({ job, request, facts, table, connection, watch }));
      if (job.total === null) this.jobs.setTotal(job.id, await run.count());
      log.info({ reconcile: job.id, table: job.wish.table, total: this.jobs.get(job.id)?.total }, 'reconcile running');
      for await (const unit of run.units(signal)) {
        try {
          await publisher.publish(unit);
        } finally {
          if ('end' in unit) unit.end();
        }
        progress?.(this.jobs.get(job.id)!);
        await this.standStill(job, signal);
      }
      const after = this.jobs.get(job.id)!;
      if (after.state !== 'done') return;
      if (watch.unread !== null && watch.unread.count > 0) this.jobs.note(job.id, unreadNote(watch.unread));
      await this.report(this.jobs.get(job.id)!, facts, connection);
    } finally {
      await watch.close();
    }
  }

  /** What it found, for whoever watches the daemon. */
  private async report(job: ReconcileJob, { file }: TableFacts, connection: SqlConnection): Promise<void> {
    const { id, wish, figures, run, notes } = job;
    const { log, publisher } = this.parts;
    this.measure(job);
    const said = { reconcile: id, table: wish.table, ...figures, ...(notes.length > 0 ? { notes } : {}) };
    log[open(figures) > 0 ? 'warn' : 'info'](said, 'reconcile done');
    const { different, missing, extra, repaired, rows } = figures;
    if (!wish.scheduled || different + missing + extra === 0) return;
    const notice = {
      kind: 'reconcile.difference',
      mode: 'reconcile',
      table: file,
      member: '',
      journal: null,
      position: null,
      occasion: run,
      timestamp: await partitionTime(connection),
      user: '',
      job: '',
      program: '',
      facts: { rows, different, missing, extra, repaired },
    } as const;
    await publisher.publish({ items: () => [notice], commit: () => undefined });
  }

  private measure({ wish: { table }, figures, changedAt, state }: ReconcileJob): void {
    if (state !== 'done') return;
    const { metrics } = this.parts;
    const left = open(figures) > 0;
    for (const kind of ['different', 'missing', 'extra'] as const)
      metrics.reconcileDifferences.set({ table, kind }, left ? figures[kind] : 0);
    metrics.reconcileAge.set({ table }, changedAt / 1000);
  }

  private async requestOf(
    connection: SqlConnection,
    wish: ReconcileWish,
  ): Promise<{ request: BackfillRequest; facts: TableFacts }> {
    const { table, range, where, rowsPerSecond } = wish;
    const found = await resolveRequest(this.parts.config, connection, {
      table,
      range,
      where,
      rowsPerSecond,
      chunkRows: 1,
    });
    const bytes = found.request.columns.reduce((sum, c) => sum + Math.max(8, c.length), 0);
    const chunkRows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(CHUNK_BYTES / bytes)));
    return { ...found, request: { ...found.request, chunkRows } };
  }

  private depsOf(p: {
    readonly job: ReconcileJob;
    readonly request: BackfillRequest;
    readonly facts: TableFacts;
    readonly table: TableConfig;
    readonly connection: SqlConnection;
    readonly watch: OpenWatch;
  }): ConstructorParameters<typeof ReconcileRun>[0] {
    const { job, request, facts, table, connection, watch } = p;
    const { store, mapping, now } = this.parts;
    const judge = this.judgeOf(facts);
    const rules = judge.scopes.flatMap((scope, index): JudgedRule[] =>
      scope.keyed === null ? [] : [{ index, scope: { ...scope, keyed: scope.keyed } }],
    );
    const windowed = table.capture !== 'journal';
    const windows = windowed ? progressOf(store, table, table.capture.window, facts) : null;
    const byNumber = rules.some(({ scope }) => scope.keyed.byNumber);
    if (rules.length === 0) throw nothingToJudge(job.wish.table, judge);
    if (byNumber && (windowed || facts.members.length > 1)) throw numbersSayNothing(job.wish.table, windowed);
    const extras = extrasOf(job.wish, facts, table);
    const notes = [
      ...judge.scopes.flatMap(({ rule, unjudged }) => (unjudged === null ? [] : [`rule ${rule}: ${unjudged}`])),
      ...(windows ? [WINDOWED, ...(windows.findsDeletes ? [COMPARED] : [])] : []),
      ...(byNumber ? [BY_NUMBER] : []),
      ...('why' in extras ? [extras.why] : []),
    ];
    const list = job.wish.against === null ? null : new SortedList(job.wish.against);
    return {
      connection,
      request,
      store,
      jobs: this.jobs,
      jobId: job.id,
      judge,
      rules,
      source: (generation) => {
        const remembered = new Remembered(store, rules, generation, facts.file);
        return list === null ? remembered : list.source(namesOf(facts), rules, remembered, judge);
      },
      watch: watch.rows,
      windows,
      extras:
        'why' in extras ? null : { within: extras.column === null ? null : keyWindow(mapping, facts, job.wish.range!) },
      metFile: `${store.file}.reconcile-${job.id}`,
      notes,
      ...(now ? { now } : {}),
      pause: (ms, signal) => new Backoff().wait(ms, signal),
    };
  }

  private judgeOf({ file }: TableFacts): RowJudge {
    const { mapping, outbox } = this.parts;
    return {
      scopes: mapping.scopes(file),
      digest: (change) => mapping.digest(change),
      json: (rule) => mapping.digestJson(file, rule),
      keyJson: (rule, bytes) => mapping.keyJson(file, rule, bytes),
      waits: (rule, key) => mapping.waits(file, rule, key),
      loadLookups: async () => {
        if (!mapping.takeLacking()) return false;
        await mapping.loadLookups();
        return true;
      },
      stored: (id) => storedContent(outbox, id),
    };
  }

  private watchOf(table: TableConfig, facts: TableFacts, own: SqlConnection): OpenWatch {
    const { streams, store, config, mapping, log } = this.parts;
    const none: OpenWatch = { rows: null, unread: null, close: async () => undefined };
    if (table.capture !== 'journal') return none;
    // not journaled now: of what it wrote before there may be entries still to be read
    const journal = table.journal ?? facts.journal?.name ?? journalOf(store, facts.file);
    if (journal === null) return none;
    if (streams !== null) {
      const stream = streams.find((s) => sameName(s.journal, journal));
      if (!stream) return none;
      const head = new JournalHead(own, journal);
      const waits = (until: Position): void =>
        log.warn(
          { table: formatName(facts.file), journal: formatName(journal), until: formatPosition(until) },
          WAITING,
        );
      const watch = streamWatch(stream, head, facts.file, waits);
      return {
        rows: { ...watch, changed: 'told', unreadKey: () => false },
        unread: null,
        close: () => head.close(),
      };
    }
    const checkpoint = new CheckpointTable(store).get(journal);
    const [options] = journalsOf(config, [{ ...facts, journal: { images: 'AFTER', ...facts.journal, name: journal } }]);
    if (!checkpoint || !options) return none;
    const heldKeys = mapping.heldKeys.bind(mapping);
    const unread = new UnreadChanges({ connection: own, options, checkpoint, heldKeys });
    return { rows: unread, unread, close: () => unread.close() };
  }

  private standStill(job: ReconcileJob, signal: AbortSignal): Promise<void> {
    const { log, now } = this.parts;
    const facts = { reconcile: job.id, table: job.wish.table };
    return standStill(this.quiet, now ?? Date.now, signal, (minutes) =>
      log.info({ ...facts, minutes }, 'reconcile stands still: partition.budget.quietHours'),
    );
  }
}

interface Scheduled {
  readonly times: Schedule;
  readonly wish: ReconcileWish;
}

function scheduledWish(table: string, repair: boolean): ReconcileWish {
  return { table, range: null, where: null, repair, list: false, against: null, rowsPerSecond: null, scheduled: true };
}

interface OpenWatch {
  readonly rows: RowWatch | null;
  readonly unread: UnreadChanges | null;
  close(): Promise<void>;
}

function nothingToJudge(table: string, judge: RowJudge): CodedError {
  const why = [...new Set(judge.scopes.map((s) => s.unjudged))].join('; ');
  return new CodedError({
    code: 'RECONCILE_NOTHING',
    message: `${table}: nothing was sent that rows could be compared with: ${why}`,
    next: 'compare the table its events are about; or leave out remember: false, and what is sent from then on is remembered',
  });
}

/** One number names a row of each member, and windows do not know it. */
function numbersSayNothing(table: string, windowed: boolean): CodedError {
  const why = windowed
    ? 'is read in windows, which know no record numbers'
    : 'has several members, each with its own record numbers';
  return new CodedError({
    code: 'RECONCILE_NOTHING',
    message: `${table}: the table has no key and ${why}: its rows cannot be told apart`,
    next: `give the table a key under tables: ${table}: key: [COLUMN, ...]; what is sent from then on is remembered`,
  });
}

const BY_NUMBER =
  'the table has no key, so rows are compared by record number: after RGZPFM a row is compared with what another one had, and a place that was deleted and used again is one row that differs';
const WINDOWED =
  'the table is read in windows: rows the next look reads again (from `overlap` before the last change it found), and rows that do not say when they changed, are not judged';
const COMPARED = 'its own key compare finds keys that are gone: they are not judged';

function progressOf(store: Store, table: TableConfig, window: WindowConfig, facts: TableFacts): WindowProgress {
  return new WindowProgress(store, windowOptions(table, window, facts), window.deletes !== null);
}

function unreadNote({ count, lost }: UnreadChanges): string {
  if (lost) return 'the journal can no longer show what the stopped daemon has not read: no difference is judged';
  return `no daemon runs, and ${count} changes of the table wait to be read: their rows are not judged; \`ibmi-cdc run\` sends them`;
}

/** Which keys that were not met are judged, or why none is. */
function extrasOf(
  { range, where }: ReconcileWish,
  facts: TableFacts,
  table: TableConfig,
): { readonly column: string | null } | { readonly why: string } {
  if (facts.members.length > 1)
    return {
      why: 'the file has several members and SQL reads one: keys the table may not have any more are not judged',
    };
  if (where !== null) return { why: '--where: keys the table may not have any more are not judged' };
  if (range === null) return { column: null };
  const key = (table.key ?? facts.key?.columns ?? []).map((c) => c.toUpperCase());
  if (key.includes(range.column.toUpperCase())) return { column: range.column };
  return { why: `${range.column} is no key column: keys the table may not have any more are not judged` };
}

/** Names a receiver may have the table under. */
function namesOf({ file, sqlName, asked }: TableFacts): string[] {
  return [...new Set([file, sqlName, asked].map(formatName))];
}

/** @throws CodedError when the rows cannot be read as asked; touches nothing */
export async function provedWish(config: Config, connection: SqlConnection, wish: ReconcileWish): Promise<void> {
  const { table, range, where, rowsPerSecond } = wish;
  const asked = { table, range, where, rowsPerSecond, chunkRows: 1 };
  if (where === null) await resolveRequest(config, connection, asked);
  else await provedRows(config, connection, asked);
}
