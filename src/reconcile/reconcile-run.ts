/**
 * One reconciliation running. A table is read in key order; each chunk is compared with what was last sent of its rows. What
 * differs is no difference yet: the chunk is read once more between two watermarks of the journal, and judged in the
 * transaction that writes the result down, once the stream has passed the second one. A row the stream told of in between
 * has just been made good. Then come the keys that were sent and that the reading did not meet.
 *
 * One row is in memory at a time, and of each row of a chunk its key and its hash.
 */
import { chunkSql, countSql } from '../backfill/chunk-sql';
import type { BackfillRequest } from '../backfill/options';
import { partitionTime } from '../catalog/clock';
import { SqlError } from '../errors/coded-error';
import type { Change } from '../model/change';
import { formatName, type Position } from '../model/position';
import { HeldKeys } from '../remember/held-keys';
import type { Store } from '../store/store';
import { type TableRow, TableRows } from '../table-rows/table-rows';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';
import { Chunk, type Reading, VERDICT } from './chunk';
import { Extras, type ExtraUnit } from './extras';
import { Judgement, type RowsUnit } from './judgement';
import { MetKeys } from './met-keys';
import type { ReconcileJob, ReconcileJobs } from './reconcile-jobs';
import type { RowJudge, RowWatch } from './row-judge';
import type { JudgedRule, SentSource } from './sources';

/** SQL0802: bad data in a comparison. */
const DATA_MAPPING = -802;
/** A second reading that still does not reach the last row of the first one is made larger, so many times. */
const MOST_READINGS = 4;

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
  /** Differences can be told from changes nobody has looked at yet. */
  readonly sure: boolean;
  /** Keys that were not met are judged; `within` says which of them lie in the window read, null takes all. */
  readonly extras: { readonly within: ((rule: JudgedRule, key: Uint8Array) => boolean) | null } | null;
  /** Path of the file of the keys met. */
  readonly metFile: string;
  readonly notes: readonly string[];
  readonly now?: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export class ReconcileRun {
  private readonly table: TableRows;
  private readonly now: () => number;
  private head: Position | null = null;

  constructor(private readonly deps: ReconcileDeps) {
    this.now = deps.now ?? Date.now;
    const { request } = deps;
    const columns = request.columns.map(({ as: _, ...format }) => format);
    this.table = new TableRows({ table: formatName(request.table), columns });
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
    const { jobs, jobId, request, store } = this.deps;
    store.transaction(() => source.refresh(true));
    const first = this.newChunk(source);
    let after = job.after;
    let key = job.byNumber ? null : request.key;
    for (;;) {
      if (signal.aborted || jobs.get(jobId)?.state === 'cancelled') return;
      const started = this.now();
      const marked = met.count;
      const read = await this.read({ ...request, key }, after, first, null, met, signal);
      if (read === 'unordered') {
        // a key value cannot be read: what follows it in key order cannot be said
        jobs.restartByNumber(jobId);
        const again = this.restarted(met);
        after = again.after;
        key = null;
        continue;
      }
      if (signal.aborted) return;
      if (first.rows > 0) {
        met.flush();
        yield await this.judged({ ...request, key }, after, read.last, first, source, met, signal);
        after = read.last;
      }
      if (first.rows < request.chunkRows || met.count < marked) break;
      await this.throttle(first.rows, started, signal);
    }
    if (!signal.aborted) jobs.wasRead(jobId);
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

  /** One chunk into `into`. @param keep record numbers whose images are kept; only these rows are taken then */
  private async read(
    request: BackfillRequest,
    after: readonly SqlValue[] | null,
    into: Chunk,
    keep: ReadonlySet<number> | null,
    met: MetKeys | null,
    signal: AbortSignal,
  ): Promise<Reading | 'unordered'> {
    const { connection, judge } = this.deps;
    const occasion = this.deps.jobs.get(this.deps.jobId)!.run;
    for (let tries = 0; ; tries++) {
      const timestamp = await partitionTime(this.deps.connection);
      const keyAt = request.key?.map((name) => request.columns.findIndex((c) => c.name === name)) ?? [];
      let rows = 0;
      let unordered = false;
      const begin = (): void => {
        into.clear();
        rows = 0;
      };
      const use = (row: TableRow): void => {
        rows++;
        const { nulls } = row.image;
        if (nulls !== null && keyAt.some((i) => nulls[i] !== VALUE)) unordered = true;
        const rrn = Number(row.lead[0]);
        if (keep !== null && !keep.has(rrn)) return;
        into.add(readChange(request, row, rrn, occasion, timestamp), keep !== null, met);
      };
      const { sql, params } = chunkSql(request, after);
      try {
        const last = await this.table.visit(connection, { sql, params, lead: 1, qualifier: 'T.', signal }, begin, use);
        if (unordered) return 'unordered';
        if (tries < 2 && (await judge.loadLookups())) continue;
        return { rows, timestamp, occasion, last: last === null ? [] : this.placeOf(request, last) };
      } catch (error) {
        if (request.key !== null && error instanceof SqlError && error.sqlCode === DATA_MAPPING) return 'unordered';
        throw error;
      }
    }
  }

  /** The rows that differ are read once more, and judged in the unit's transaction. */
  private async judged(
    request: BackfillRequest,
    after: readonly SqlValue[] | null,
    last: readonly SqlValue[],
    first: Chunk,
    source: SentSource,
    met: MetKeys,
    signal: AbortSignal,
  ): Promise<RowsUnit> {
    const { deps } = this;
    source.refresh(false);
    first.compare(source);
    const suspects = new Set<number>();
    const counts = new Map<number, number>();
    for (let row = 0; row < first.rows; row++) {
      const verdict = first.verdict(row, source.any);
      if (verdict >= VERDICT.unjudged) suspects.add(first.rrns[row]!);
      else counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
    const settled = {
      rows: first.rows,
      matching: counts.get(VERDICT.matching) ?? 0,
      filtered: counts.get(VERDICT.filtered) ?? 0,
    };
    const place = { after: last, met: met.count, now: this.now };
    const parts = { ...deps, source, settled, place };
    if (suspects.size === 0 || signal.aborted) return new Judgement({ ...parts, again: null });
    const again = this.newChunk(source);
    const low = (await deps.watch?.head(signal)) ?? null;
    const watched = low && deps.watch ? deps.watch.note(low) : null;
    const reading = await this.again(request, after, again, suspects, met, signal);
    const high = watched ? await deps.watch!.head(signal) : null;
    if (high) await watched!.passed(high, signal);
    met.flush();
    return new Judgement({
      ...parts,
      place: { ...place, met: met.count },
      again: { chunk: again, suspects: suspects.size, unreached: reading.unreached, reading, watched },
    });
  }

  /** Rows that came in between may push the last ones out of the chunk: then it is read larger. */
  private async again(
    request: BackfillRequest,
    after: readonly SqlValue[] | null,
    into: Chunk,
    suspects: ReadonlySet<number>,
    met: MetKeys,
    signal: AbortSignal,
  ): Promise<Reading & { readonly unreached: boolean }> {
    let { chunkRows } = request;
    for (let n = 1; ; n++, chunkRows *= 2) {
      const reading = await this.read({ ...request, chunkRows: chunkRows + 200 }, after, into, suspects, met, signal);
      if (reading === 'unordered')
        return {
          rows: 0,
          last: [],
          timestamp: await partitionTime(this.deps.connection),
          occasion: '',
          unreached: true,
        };
      const whole = reading.rows < chunkRows + 200 || into.rows >= suspects.size;
      if (whole || n === MOST_READINGS) return { ...reading, unreached: !whole };
    }
  }

  private placeOf({ key }: BackfillRequest, row: TableRow): SqlValue[] {
    return key ? this.table.values(row, key) : [row.lead[0]!];
  }

  private async throttle(rows: number, started: number, signal: AbortSignal): Promise<void> {
    const { rowsPerSecond } = this.deps.request;
    if (rowsPerSecond === null) return;
    const wait = (rows / rowsPerSecond) * 1000 - (this.now() - started);
    if (wait > 0) await this.deps.pause(wait, signal);
  }
}

/** Mark of a field that has a value. */
const VALUE = 0x30;

function readChange(
  { table }: BackfillRequest,
  after: TableRow,
  rrn: number,
  occasion: string,
  timestamp: string,
): Change {
  return {
    op: 'read',
    mode: 'reconcile',
    table,
    member: '',
    before: null,
    after,
    journal: null,
    position: null,
    occasion,
    timestamp,
    commitCycle: 0n,
    rrn: BigInt(rrn),
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}
