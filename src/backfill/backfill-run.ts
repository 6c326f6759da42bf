/**
 * One backfill running: chunks are read between two watermarks of the journal and handed out when the stream has passed
 * the second one, less the rows the stream published in between. So a backfilled row never overwrites a newer change.
 *
 * The watermarks are positions read from the journal itself; nothing is written on the partition.
 */

import { partitionClock } from '../catalog/clock';
import { pause } from '../clock/pause';
import { SqlError } from '../errors/coded-error';
import type { Change } from '../model/change';
import { formatName } from '../model/position';
import type { RowFates } from '../model/rows/row-fates';
import { HeldKeys } from '../remember/held-keys';
import type { Store } from '../store/store';
import { type TableRow, TableRows } from '../table-rows/table-rows';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';
import type { BackfillJob, BackfillJobs } from './backfill-jobs';
import { chunkSql, countSql } from './chunk-sql';
import { type GoneUnit, Leftovers } from './leftovers';
import type { BackfillRequest } from './options';
import type { PublishedRows, StreamWatch } from './stream-notes';

/** SQL0802: bad data in a comparison. */
const DATA_MAPPING = -802;

interface BackfillUnit {
  readonly rows: number;
  items(): Iterable<Change>;
  /** Present where the run wants to know which keys there are. */
  readonly met?: MetRows;
  /** Writes the job's progress; inside the transaction, after the items. */
  commit(fates: RowFates): void;
}

/** Rows that are there, whatever is sent of them. */
export interface MetRows {
  /** Rows beside the items: the stream has reported them. */
  others(): Iterable<Change>;
  /** The key of a row cannot be read. */
  unsure(): void;
}

interface BackfillDeps {
  readonly connection: SqlConnection;
  readonly request: BackfillRequest;
  readonly jobs: BackfillJobs;
  readonly jobId: number;
  /** Null: no stream is running, so none can be overtaken. */
  readonly stream: StreamWatch | null;
  /** Where what is remembered lies, if rows deleted unseen are to be reported; the whole table must be read then. */
  readonly store?: Store | null;
  readonly now?: () => number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** @throws CodedError BACKFILL_RANGE (config), SqlError */
export async function countRows(connection: SqlConnection, request: BackfillRequest): Promise<number> {
  const { sql, params } = countSql(request);
  const [row] = await allRows(await connection.query(sql, params));
  return Number(row?.[0] ?? 0);
}

export class BackfillRun {
  private readonly now: () => number;
  private readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  private readonly table: TableRows;

  constructor(private readonly deps: BackfillDeps) {
    this.now = deps.now ?? Date.now;
    this.pause = deps.pause ?? pause;
    const { request } = deps;
    // what the config says of a column is for the rules to apply, each its own
    const columns = request.columns.map(({ as: _, ...format }) => format);
    this.table = new TableRows({ table: formatName(request.table), columns });
  }

  /** Rows that would be read; touches nothing. */
  count(): Promise<number> {
    return countRows(this.deps.connection, this.deps.request);
  }

  /** Units until the last chunk; each must be committed before the next is asked for. */
  async *units(signal: AbortSignal): AsyncGenerator<BackfillUnit | GoneUnit> {
    const { jobs, jobId, request } = this.deps;
    const job = this.begun();
    let after = job?.after ?? null;
    let key = job?.byNumber ? null : request.key;
    const occasion = job?.run ?? '';
    jobs.setState(jobId, 'running', this.now());
    for (;;) {
      if (signal.aborted || jobs.get(jobId)?.state === 'cancelled') return;
      const started = this.now();
      const chunk = await this.inOrder({ ...request, key }, after, signal);
      if (chunk === null) {
        jobs.restartByNumber(jobId, this.now());
        key = null;
        after = null;
        continue;
      }
      try {
        if (chunk.rows.length > 0) {
          after = chunk.last;
          yield this.unit(chunk, after, occasion);
        }
      } finally {
        chunk.published?.end();
      }
      if (chunk.rows.length < request.chunkRows) break;
      await this.throttle(chunk.rows.length, started, signal);
    }
    yield* this.leftovers(signal);
    if (!signal.aborted) jobs.finish(jobId, this.now());
  }

  private begun(): BackfillJob | null {
    const { jobs, jobId, store } = this.deps;
    const job = jobs.get(jobId);
    if (!job || job.begunAt !== null) return job;
    if (store) store.transaction(() => jobs.begin(jobId, HeldKeys.begin(store), this.now()));
    else jobs.begin(jobId, 0, this.now());
    return jobs.get(jobId);
  }

  private async *leftovers(signal: AbortSignal): AsyncGenerator<GoneUnit> {
    const { store, jobs, jobId, stream, request } = this.deps;
    if (!store || signal.aborted) return;
    const clock = (): Promise<string> => this.clock();
    yield* new Leftovers({ store, jobs, jobId, stream, table: request.table, clock }).units(signal);
  }

  /** Null where a key value cannot be read (bad decimal data): what follows it in key order cannot be said. */
  private async inOrder(
    request: BackfillRequest,
    after: readonly SqlValue[] | null,
    signal: AbortSignal,
  ): Promise<Chunk | null> {
    try {
      const chunk = await this.chunk(request, after, signal);
      const unsure = request.key !== null && chunk.rows.some((row) => this.placeOf(request, row).includes(null));
      if (unsure) chunk.published?.end();
      return unsure ? null : chunk;
    } catch (error) {
      if (request.key !== null && error instanceof SqlError && error.sqlCode === DATA_MAPPING) return null;
      throw error;
    }
  }

  private async chunk(
    request: BackfillRequest,
    after: readonly SqlValue[] | null,
    signal: AbortSignal,
  ): Promise<Chunk> {
    const { stream, connection } = this.deps;
    const low = stream ? await stream.head(signal) : null;
    const published = low && stream ? stream.note(low) : null;
    try {
      const timestamp = await this.clock();
      const { sql, params } = chunkSql(request, after);
      const rows = await this.table.read(connection, { sql, params, lead: 1, qualifier: 'T.', signal });
      const high = published ? await stream!.head(signal) : null;
      if (high) await published!.passed(high, signal);
      return { rows, published, timestamp, last: this.placeOf(request, rows.at(-1)) };
    } catch (error) {
      published?.end();
      throw error;
    }
  }

  /** The partition's, just before the rows are read: that is the time of their events. */
  private clock(): Promise<string> {
    return partitionClock(this.deps.connection);
  }

  private placeOf({ key }: BackfillRequest, row: TableRow | undefined): SqlValue[] {
    if (!row) return [];
    return key ? this.table.values(row, key) : [row.lead[0]!];
  }

  private unit(chunk: Chunk, after: readonly SqlValue[], occasion: string): BackfillUnit {
    const { request, jobs, jobId } = this.deps;
    const { now } = this;
    const seen = { occasion, timestamp: chunk.timestamp };
    // asked inside the transaction: until then the stream goes on, and what it has sent is newer than what was read
    const newer = (row: TableRow): boolean => chunk.published?.touched(rrnOf(row)) ?? false;
    const met: MetRows = {
      *others() {
        for (const row of chunk.rows) if (newer(row)) yield readChange(request, row, seen);
      },
      unsure: () => jobs.setUnsure(jobId),
    };
    return {
      rows: chunk.rows.length,
      ...(this.deps.store ? { met } : {}),
      *items() {
        for (const row of chunk.rows) if (!newer(row)) yield readChange(request, row, seen);
      },
      commit(fates) {
        const read = chunk.rows.length;
        jobs.progress(jobId, after, { ...fates, read, newer: chunk.rows.filter(newer).length }, now());
      },
    };
  }

  private async throttle(rows: number, started: number, signal: AbortSignal): Promise<void> {
    const { rowsPerSecond } = this.deps.request;
    if (rowsPerSecond === null) return;
    const wait = (rows / rowsPerSecond) * 1000 - (this.now() - started);
    if (wait > 0) await this.pause(wait, signal);
  }
}

interface Chunk {
  readonly rows: readonly TableRow[];
  /** What the stream has sent since just before the rows were read; noted until the unit is written. */
  readonly published: PublishedRows | null;
  /** `YYYY-MM-DDTHH:MM:SS.ffffff`, local clock of the partition. */
  readonly timestamp: string;
  readonly last: SqlValue[];
}

function rrnOf({ lead }: TableRow): bigint {
  return BigInt(String(lead[0] ?? '0').split('.')[0]!);
}

function readChange(request: BackfillRequest, row: TableRow, seen: Pick<Change, 'occasion' | 'timestamp'>): Change {
  return {
    op: 'read',
    mode: 'backfill',
    table: request.table,
    member: '',
    before: null,
    after: row,
    journal: null,
    position: null,
    occasion: seen.occasion,
    timestamp: seen.timestamp,
    commitCycle: 0n,
    rrn: rrnOf(row),
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}
