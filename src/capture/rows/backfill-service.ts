/**
 * Backfills beside the stream: takes the jobs of the state file one after the other, oldest first, also those a killed
 * process left half done. Where the table's journal is being read, chunks are reconciled with what the stream publishes.
 */
import { type BackfillJob, BackfillJobs, type BackfillWish } from '../../backfill/backfill-jobs';
import { BackfillRun, countRows } from '../../backfill/backfill-run';
import type { BackfillRequest } from '../../backfill/options';
import { figuresOf } from '../../backfill/progress';
import { StreamNotes, type StreamWatch } from '../../backfill/stream-notes';
import { readTables } from '../../catalog/catalog';
import { columnNamed, hasLayout, type TableFacts } from '../../catalog/table-facts';
import { journalOf } from '../../catalog/table-names';
import type { Config, TableConfig } from '../../config/config';
import { CodedError, SqlError } from '../../errors/coded-error';
import { GapTable } from '../../journal/position/gap-table';
import { JournalHead } from '../../journal/reader/visible-head';
import type { Change } from '../../model/change';
import { entryFor } from '../../model/identifiers';
import { formatName, formatPosition, type Position, type QualifiedName, sameName } from '../../model/position';
import type { ColumnFormat } from '../../model/record-format';
import type { DiskRoom } from '../../store/disk-room';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { SqlConnection, SqlTransport } from '../../transport/transport';
import { tableNamed } from '../tables/table-named';
import { serveJobs } from './job-loop';
import { QuietHours, standStill } from './quiet-hours';
import type { RowPublisher } from './row-publisher';

/** A journal being read in this process, as a backfill sees it. */
export interface StreamSource {
  readonly journal: QualifiedName;
  /** Position of the last committed unit, and the order of positions; null before the first unit. */
  readPosition(): Position | null;
  compare(a: Position, b: Position): number | null;
  /** Has the position reached handed on soon. */
  hurry(): void;
  /** Every change published and every unit committed from now on, until the returned function is called. */
  watch(watcher: { observe(change: Change): void; committed(read: Position): void }): () => void;
}

interface BackfillServiceParts {
  readonly config: Config;
  readonly transport: SqlTransport;
  readonly store: Store;
  readonly publisher: RowPublisher;
  readonly streams: readonly StreamSource[];
  readonly log: Logger;
  readonly now?: () => number;
  /** Left out where a full disk ends it. */
  readonly room?: DiskRoom;
}

/** A stream that needs longer to read what was already there is busy, or stands still for a reason of its own. */
const PATIENCE_MS = 10_000;
const WAITING = 'backfill waits: rows are sent once the journal has been read up to where it was when they were read';

export class BackfillService {
  private readonly jobs: BackfillJobs;
  private readonly gaps: GapTable;
  private readonly quiet: QuietHours;

  constructor(private readonly parts: BackfillServiceParts) {
    this.jobs = new BackfillJobs(parts.store);
    this.gaps = new GapTable(parts.store);
    const { budget, timeZone } = parts.config.partition;
    this.quiet = new QuietHours(budget.quietHours, timeZone);
  }

  /** Serves jobs until `signal` aborts. */
  run(signal: AbortSignal): Promise<void> {
    const { jobs } = this;
    const { log, room } = this.parts;
    return serveJobs(
      {
        what: 'backfill',
        next: () => jobs.list(['running', 'waiting'])[0],
        run: (job, until) => this.runJob(job, until),
        failed: ({ id }, message) => jobs.setState(id, 'failed', Date.now(), message),
        log,
        room,
      },
      signal,
    );
  }

  /** One job to its end, or until `signal` aborts; then it goes on where it stopped. */
  async runJob(job: BackfillJob, signal: AbortSignal, progress?: (job: BackfillJob) => void): Promise<void> {
    const { transport, publisher, log, config } = this.parts;
    await this.standStill(job, signal);
    if (signal.aborted) return;
    await using connection = await transport.connect({ signal, role: 'backfill' });
    const { request, facts, ...resolved } = await resolveRequest(config, connection, job.wish);
    // not journaled now: of what it wrote before there may be entries still to be read
    const journal = resolved.journal ?? journalOf(this.parts.store, facts.file);
    const stream = this.parts.streams.find((s) => journal && sameName(s.journal, journal)) ?? null;
    const head = stream ? new JournalHead(connection, stream.journal) : null;
    const waits = (until: Position): void =>
      log.warn(
        { backfill: job.id, journal: stream && formatName(stream.journal), until: formatPosition(until) },
        WAITING,
      );
    const run = new BackfillRun({
      connection,
      request,
      jobs: this.jobs,
      jobId: job.id,
      stream: stream && head ? streamWatch(stream, head, request.table, waits) : null,
      store: this.reportsGone(job, facts) ? this.parts.store : null,
    });
    if (job.total === null) this.jobs.setTotal(job.id, await run.count());
    log.info({ backfill: job.id, table: job.wish.table, total: this.jobs.get(job.id)?.total }, 'backfill running');
    for await (const unit of run.units(signal)) {
      await publisher.publish(unit);
      progress?.(this.jobs.get(job.id)!);
      await this.standStill(job, signal);
    }
    await head?.close();
    const after = this.jobs.get(job.id)!;
    if (after.state !== 'done') return;
    this.settleGap(after, facts);
    log.info({ backfill: job.id, ...figuresOf(after) }, 'backfill done');
  }

  /**
   * Whether rows that receivers have and the table has not are reported as deleted: after a reading of the whole table of
   * which something is remembered. SQL reads one member of a file; rows of others would seem to be gone. What goes out of a
   * window table its key compare reports: without a stream it is not known what happened to a row between its reading and now.
   */
  private reportsGone({ wish }: BackfillJob, facts: TableFacts): boolean {
    if (wish.range !== null || wish.where !== null || facts.members.length > 1 || facts.journal === null) return false;
    const table = this.parts.config.tables.find((t) => formatName(t.table) === formatName(facts.asked));
    return table?.remember === true && table.capture === 'journal';
  }

  /** Nothing is left unseen of a table that was read whole after it was journaled again. */
  private settleGap({ wish, begunAt }: BackfillJob, { file }: TableFacts): void {
    if (wish.range !== null || wish.where !== null) return;
    const table = formatName(file);
    if (this.gaps.readWhole(table, begunAt ?? 0))
      this.parts.log.info({ table }, 'changes not seen: settled by the backfill');
  }

  private standStill(job: BackfillJob, signal: AbortSignal): Promise<void> {
    const { log, now } = this.parts;
    const facts = { backfill: job.id, table: job.wish.table };
    return standStill(this.quiet, now ?? Date.now, signal, (minutes) =>
      log.info({ ...facts, minutes }, 'backfill stands still: partition.budget.quietHours'),
    );
  }
}

/** @param waits called when the stream has not come to a position after {@link PATIENCE_MS} */
export function streamWatch(
  stream: StreamSource,
  head: JournalHead,
  table: QualifiedName,
  waits: (until: Position) => void = () => undefined,
): StreamWatch {
  return {
    head: (signal) => head.position(signal),
    note: () => {
      const notes = new StreamNotes(
        table,
        stream.readPosition(),
        (a, b) => stream.compare(a, b),
        () => stop(),
      );
      const stop = stream.watch(notes);
      stream.hurry();
      return {
        passed: async (high, signal) => {
          stream.hurry();
          const timer = setTimeout(() => waits(high), PATIENCE_MS);
          try {
            await notes.passed(high, signal);
          } finally {
            clearTimeout(timer);
          }
        },
        touched: (rrn) => notes.touched(rrn),
        end: () => notes.end(),
      };
    },
  };
}

/**
 * Proves that a wish can be run, before anything is written of it: table, column and range, and the operator's condition by
 * counting the rows it is true of.
 * @returns rows that would be read
 * @throws CodedError BACKFILL_TABLE, BACKFILL_COLUMN, BACKFILL_RANGE, BACKFILL_WHERE (config)
 */
export async function provedRows(config: Config, connection: SqlConnection, wish: BackfillWish): Promise<number> {
  const { request } = await resolveRequest(config, connection, wish);
  try {
    return await countRows(connection, request);
  } catch (error) {
    if (wish.where === null || !(error instanceof SqlError) || !WRONG_CONDITION.has(error.sqlCode)) throw error;
    throw new CodedError({
      code: 'BACKFILL_WHERE',
      message: `the partition refuses the condition of --where: ${error.message}`,
      next: `it stands in SELECT ... FROM ${wish.table.replace('/', '.')} T WHERE (...); try it with \`ibmi-cdc sql\``,
      cause: error,
    });
  }
}

/** Syntax, names, and types that do not go together: mistakes of whoever wrote it. */
const WRONG_CONDITION = new Set([
  -10, -84, -104, -171, -180, -181, -182, -199, -203, -205, -206, -301, -401, -408, -418, -420, -440,
]);

/**
 * The wish resolved against config and catalog.
 * @throws CodedError BACKFILL_TABLE, BACKFILL_COLUMN (config)
 */
export async function resolveRequest(
  config: Config,
  connection: SqlConnection,
  wish: BackfillWish,
): Promise<ResolvedWish> {
  const table = await tableNamed(config, connection, wish.table, 'BACKFILL_TABLE');
  const [facts] = await readTables(connection, [table.table]);
  if (!facts || !hasLayout(facts))
    throw new CodedError({
      code: 'BACKFILL_TABLE',
      message: facts?.reason ?? `${wish.table} is not on the partition`,
      next: '`ibmi-cdc plan` shows every table',
    });
  const columns = facts.columns.map((c) => withMeaning(c.format, c.systemName, table));
  const wanted = wish.range?.column;
  const column = wanted ? columnNamed(facts, wanted) : undefined;
  if (wanted && !column)
    throw new CodedError({
      code: 'BACKFILL_COLUMN',
      message: `${wish.table} has no column ${wanted}`,
      next: `its columns are: ${columns.map((c) => c.name).join(', ')}`,
    });
  const request: BackfillRequest = {
    table: facts.file,
    sqlName: facts.sqlName,
    columns,
    journaled: facts.journal !== null,
    key: pagingKey(facts),
    range: wish.range && column ? { ...wish.range, column: column.format.name } : null,
    where: wish.where,
    chunkRows: wish.chunkRows,
    rowsPerSecond: wish.rowsPerSecond,
  };
  return { request, facts, journal: table.journal ?? facts.journal?.name ?? null };
}

interface ResolvedWish {
  readonly request: BackfillRequest;
  readonly facts: TableFacts;
  /** The one its changes are read from, if they are read at all. */
  readonly journal: QualifiedName | null;
}

/**
 * The key to read by, if it is sure to name one row: a keyset over duplicates would skip rows, the record number never does. An
 * access path need not be unique, and whether a key with nulls is depends on how it was made.
 */
function pagingKey({ key, columns }: TableFacts): readonly string[] | null {
  if (!key || key.source === 'access path') return null;
  const sure = key.columns.every((name) => columns.find((c) => c.format.name === name)?.format.nullable === false);
  return sure ? key.columns : null;
}

/** The legacy meaning any rule of the table gives the column. */
function withMeaning(format: ColumnFormat, systemName: string, table: TableConfig): ColumnFormat {
  for (const rule of table.rules) {
    const meaning = (entryFor(rule.columns, format.name) ?? entryFor(rule.columns, systemName))?.meaning;
    if (meaning) return { ...format, as: meaning };
  }
  return format;
}
