/**
 * One reconciliation running. A table is read in key order; each chunk is compared with what was last sent of its rows. What
 * differs is no difference yet: the chunk is read once more between two watermarks of the journal, and judged in the
 * transaction that writes the result down, once the stream has passed the second one. A row the stream told of in between
 * has just been made good. Then come the keys that were sent and that the reading did not meet.
 *
 * One row is in memory at a time, and of each row of two chunks its key and its hash: the second one is on its way while the
 * first one is compared.
 */
import { countSql } from '../backfill/chunk-sql';
import type { BackfillRequest } from '../backfill/options';
import { partitionTime } from '../catalog/clock';
import { formatName, type Position } from '../model/position';
import { HeldKeys } from '../remember/held-keys';
import type { Store } from '../store/store';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';
import { type Again, Chunk, type Reading, VERDICT } from './chunk';
import { ChunkReader } from './chunk-reader';
import { Extras, type ExtraUnit } from './extras';
import { Judgement, type RowsUnit } from './judgement';
import { MetKeys } from './met-keys';
import type { Figures } from './options';
import type { ReconcileJob, ReconcileJobs } from './reconcile-jobs';
import type { RowJudge, RowWatch, WindowedRows } from './row-judge';
import type { JudgedRule, SentSource } from './sources';

interface ReconcileDeps {
  readonly connection: SqlConnection;
  readonly request: BackfillRequest;
  readonly store: Store;
  readonly jobs: ReconcileJobs;
  readonly jobId: number;
  readonly judge: RowJudge;
  readonly rules: readonly JudgedRule[];
  /** @param generation of what is remembered, when the run began */
  readonly source: (generation: number) => SentSource;
  /** Null: the table has no journal, and what is read is what there is. */
  readonly watch: RowWatch | null;
  /** Null: the table is not read in windows. */
  readonly windows: WindowedRows | null;
  /** Keys that were not met are judged; `within` says which of them lie in the window read, null takes all. */
  readonly extras: { readonly within: ((rule: JudgedRule, key: Uint8Array) => boolean) | null } | null;
  /** Path of the file of the keys met. */
  readonly metFile: string;
  readonly notes: readonly string[];
  readonly now?: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class ReconcileRun {
  private readonly now: () => number;
  private head: Position | null = null;

  constructor(private readonly deps: ReconcileDeps) {
    this.now = deps.now ?? Date.now;
  }

  async count(): Promise<number> {
    const { sql, params } = countSql(this.deps.request);
    const [row] = await allRows(await this.deps.connection.query(sql, params));
    return Number(row?.[0] ?? 0);
  }

  /** Units until the end; each must be committed before the next is asked for. */
  async *units(signal: AbortSignal): AsyncGenerator<RowsUnit | ExtraUnit> {
    const { jobs, jobId, deps } = { ...this.deps, deps: this.deps };
    const { job, met } = this.begun();
    using _met = met;
    const source = deps.source(job.generation);
    if (!job.read) yield* this.readings(job, source, met, signal);
    if (signal.aborted || !jobs.get(jobId)?.read) return;
    this.head = (await deps.watch?.head(signal)) ?? null;
    if (deps.extras)
      yield* new Extras({
        ...deps,
        extras: deps.extras,
        source,
        met,
        clock: () => partitionTime(this.deps.connection),
      }).units(this.head, signal);
    if (signal.aborted) return;
    const asOf = this.head && { receiver: formatName(this.head.receiver), sequence: this.head.sequence.toString() };
    deps.store.transaction(() => jobs.finish(jobId, asOf, this.now()));
    met.remove();
  }

  /** Where a killed run stopped, or the beginning. */
  private begun(): { job: ReconcileJob; met: MetKeys } {
    const { jobs, jobId, store, metFile, notes } = this.deps;
    const job = jobs.get(jobId)!;
    const met = job.begunAt === null ? null : MetKeys.open(metFile, job.met);
    if (met) {
      jobs.setState(jobId, 'running', this.now());
      return { job, met };
    }
    store.transaction(() => jobs.begin(jobId, HeldKeys.begin(store), notes, this.now()));
    return { job: jobs.get(jobId)!, met: MetKeys.open(metFile, 0)! };
  }

  private async *readings(
    job: ReconcileJob,
    source: SentSource,
    met: MetKeys,
    signal: AbortSignal,
  ): AsyncGenerator<RowsUnit> {
    const { jobs, jobId, store } = this.deps;
    store.transaction(() => source.refresh(true));
    if (!(yield* this.inOrder(job, source, met, signal))) {
      // a key value cannot be read: what follows it in key order cannot be said
      jobs.restartByNumber(jobId);
      yield* this.inOrder(this.restarted(met), source, met, signal);
    }
    if (!signal.aborted && jobs.get(jobId)?.state !== 'cancelled') jobs.wasRead(jobId);
  }

  /** All rows from where the job stands. @returns false where the order of the keys cannot be said */
  private async *inOrder(
    job: ReconcileJob,
    source: SentSource,
    met: MetKeys,
    signal: AbortSignal,
  ): AsyncGenerator<RowsUnit, boolean> {
    const { deps } = this;
    const { connection, judge } = deps;
    const request = job.byNumber ? { ...deps.request, key: null } : deps.request;
    const reader = new ChunkReader({ connection, request, judge, occasion: job.run });
    const timestamp = await partitionTime(connection);
    let [chunk, other] = [this.newChunk(source), this.newChunk(source)];
    let { after } = job;
    const read = (into: Chunk): Promise<Reading | 'unordered'> => reader.read(after, into, timestamp, signal);
    let coming: Promise<Reading | 'unordered'> | null = null;
    try {
      for (;;) {
        if (signal.aborted || deps.jobs.get(deps.jobId)?.state === 'cancelled') return true;
        const started = this.now();
        const reading: Reading | 'unordered' = await (coming ?? read(chunk));
        coming = null;
        if (reading === 'unordered') return false;
        if (signal.aborted) return true;
        const begin = after;
        const isLast = chunk.rows < request.chunkRows;
        after = reading.last;
        // the next rows travel while these are compared
        if (!isLast && request.rowsPerSecond === null) coming = handled(read(other));
        const idle = async (): Promise<void> => void (await coming);
        if (chunk.rows > 0) {
          const unit = await this.judged({ reader, begin, reading, chunk, source, met, idle }, signal);
          if (unit === null) return true;
          yield unit;
        }
        if (isLast) return true;
        if (coming === null) await this.throttle(chunk.rows, started, signal);
        [chunk, other] = [other, chunk];
      }
    } finally {
      await coming?.catch(() => undefined);
    }
  }

  private restarted(met: MetKeys): ReconcileJob {
    const { jobs, jobId, store, notes } = this.deps;
    met.clear();
    store.transaction(() => jobs.begin(jobId, HeldKeys.begin(store), notes, this.now()));
    return jobs.get(jobId)!;
  }

  private newChunk(source: SentSource): Chunk {
    return new Chunk(this.deps.rules, this.deps.judge, source.wantsRows);
  }

  /** The rows that differ are read once more, and judged in the unit's transaction. Null: `signal` aborted before all was known. */
  private async judged(read: ChunkRead, signal: AbortSignal): Promise<RowsUnit | null> {
    const { deps } = this;
    const { chunk, source, met } = read;
    source.refresh(false);
    chunk.compare(source);
    chunk.meet(met);
    met.flush();
    const { settled, suspects } = sorted(chunk, source.any);
    const place = { after: read.reading.last, met: met.count, now: this.now };
    const parts = { ...deps, source, settled, place };
    if (suspects.size === 0) return new Judgement({ ...parts, again: null });
    const again = await this.again(read, suspects, signal);
    if (signal.aborted) {
      again.watched?.end();
      return null;
    }
    again.chunk.meet(met);
    met.flush();
    return new Judgement({ ...parts, place: { ...place, met: met.count }, again });
  }

  /** A second look between two watermarks of the journal, once the stream has passed the later one. */
  private async again(read: ChunkRead, suspects: ReadonlySet<number>, signal: AbortSignal): Promise<Again> {
    const { watch, connection } = this.deps;
    // two readings at once would load each other's lookups
    await read.idle();
    const chunk = this.newChunk(read.source);
    const low = (await watch?.head(signal)) ?? null;
    const watched = low && watch ? watch.note(low) : null;
    try {
      const timestamp = await partitionTime(connection);
      const reading = await read.reader.again(read.begin, chunk, suspects, timestamp, signal);
      const high = watched ? await watch!.head(signal) : null;
      if (high) await watched!.passed(high, signal);
      return { chunk, suspects: suspects.size, unreached: reading.unreached, reading, watched };
    } catch (error) {
      watched?.end();
      throw error;
    }
  }

  private async throttle(rows: number, started: number, signal: AbortSignal): Promise<void> {
    const { rowsPerSecond } = this.deps.request;
    if (rowsPerSecond === null) return;
    const wait = (rows / rowsPerSecond) * 1000 - (this.now() - started);
    if (wait > 0) await this.deps.pause(wait, signal);
  }
}

/** A chunk as it was first read. */
interface ChunkRead {
  readonly reader: ChunkReader;
  /** Place of the row before it. */
  readonly begin: readonly SqlValue[] | null;
  readonly reading: Reading;
  readonly chunk: Chunk;
  readonly source: SentSource;
  readonly met: MetKeys;
  /** Resolves when no other chunk is on its way. */
  readonly idle: () => Promise<void>;
}

/** What is settled, and the record numbers of the rows that need a second look. */
function sorted(
  chunk: Chunk,
  any: boolean,
): { readonly settled: Pick<Figures, 'rows' | 'matching' | 'filtered'>; readonly suspects: ReadonlySet<number> } {
  const suspects = new Set<number>();
  let matching = 0;
  let filtered = 0;
  for (let row = 0; row < chunk.rows; row++) {
    const verdict = chunk.verdict(row, any);
    if (verdict === VERDICT.matching) matching++;
    else if (verdict === VERDICT.filtered) filtered++;
    else suspects.add(chunk.rrns[row]!);
  }
  return { settled: { rows: chunk.rows, matching, filtered }, suspects };
}

/** Its failure belongs to whoever awaits it; until then it must not count as unhandled. */
function handled<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
