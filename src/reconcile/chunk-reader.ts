/** Reads chunks of a table into digests: one statement each, one row in memory at a time. */
import { chunkSql } from '../backfill/chunk-sql';
import type { BackfillRequest } from '../backfill/options';
import { SqlError } from '../errors/coded-error';
import { formatName } from '../model/position';
import { TableRows, type VisitedRow } from '../table-rows/table-rows';
import type { SqlConnection, SqlValue } from '../transport/transport';
import type { Chunk, Reading } from './chunk';
import { ReadChange } from './read-change';
import type { RowJudge } from './row-judge';

/** SQL0802: bad data in a comparison. */
const DATA_MAPPING = -802;
/** A second reading that still does not reach the last row of the first one is made larger, so many times. */
const MOST_READINGS = 4;
/** Rows that may have come into a chunk since its first reading. */
const NEWCOMERS = 200;
/** Mark of a field that has a value. */
const VALUE = 0x30;

interface ReaderParts {
  readonly connection: SqlConnection;
  readonly request: BackfillRequest;
  readonly judge: RowJudge;
  /** Of the run: see `Change.occasion`. */
  readonly occasion: string;
}

export class ChunkReader {
  private readonly table: TableRows;
  private readonly keyAt: readonly number[];

  constructor(private readonly parts: ReaderParts) {
    const { request } = parts;
    const columns = request.columns.map(({ as: _, ...format }) => format);
    this.table = new TableRows({ table: formatName(request.table), columns });
    this.keyAt = request.key?.map((name) => request.columns.findIndex((c) => c.name === name)) ?? [];
  }

  /**
   * @param after place of the row before. @param timestamp when it is read
   * @returns `unordered`: a key value cannot be read, so what follows it in key order cannot be said
   */
  read(
    after: readonly SqlValue[] | null,
    into: Chunk,
    timestamp: string,
    signal: AbortSignal,
  ): Promise<Reading | 'unordered'> {
    return this.attempt({ after, into, keep: null, chunkRows: this.parts.request.chunkRows, timestamp, signal });
  }

  /**
   * Some of a chunk's rows once more, by their record numbers, with their images. Rows that came in between may push the last
   * ones out of the chunk: then it is read larger.
   */
  async again(
    after: readonly SqlValue[] | null,
    into: Chunk,
    keep: ReadonlySet<number>,
    timestamp: string,
    signal: AbortSignal,
  ): Promise<Reading & { readonly unreached: boolean }> {
    let { chunkRows } = this.parts.request;
    for (let n = 1; ; n++, chunkRows *= 2) {
      const rows = chunkRows + NEWCOMERS;
      const reading = await this.attempt({ after, into, keep, chunkRows: rows, timestamp, signal });
      if (reading === 'unordered') return { rows: 0, last: [], timestamp, occasion: '', unreached: true };
      const whole = reading.rows < rows || into.rows >= keep.size;
      if (whole || n === MOST_READINGS) return { ...reading, unreached: !whole };
    }
  }

  private async attempt(a: Attempt): Promise<Reading | 'unordered'> {
    const { connection, judge, request, occasion } = this.parts;
    const { sql, params } = chunkSql({ ...request, chunkRows: a.chunkRows }, a.after);
    for (let tries = 0; ; tries++) {
      const visit = new ChunkVisit(this.keyAt, new ReadChange(request.table, occasion, a.timestamp), a);
      try {
        const query = { sql, params, lead: 1, qualifier: 'T.', signal: a.signal };
        const last = await this.table.visit(connection, query, visit.begin, visit.use);
        if (visit.unordered) return 'unordered';
        if ((await judge.loadLookups()) && tries < 2) continue;
        const place = last === null ? [] : request.key ? this.table.values(last, request.key) : [last.lead[0]!];
        return { rows: visit.rows, timestamp: a.timestamp, occasion, last: place };
      } catch (error) {
        if (request.key !== null && error instanceof SqlError && error.sqlCode === DATA_MAPPING) return 'unordered';
        throw error;
      }
    }
  }
}

/** One reading of a chunk. */
interface Attempt {
  readonly after: readonly SqlValue[] | null;
  readonly into: Chunk;
  /** Record numbers of the rows that are taken, with their images; null takes all, without. */
  readonly keep: ReadonlySet<number> | null;
  readonly chunkRows: number;
  readonly timestamp: string;
  readonly signal: AbortSignal;
}

class ChunkVisit {
  rows = 0;
  unordered = false;

  constructor(
    private readonly keyAt: readonly number[],
    private readonly change: ReadChange,
    private readonly to: Pick<Attempt, 'into' | 'keep'>,
  ) {}

  readonly begin = (): void => {
    this.to.into.clear();
    this.rows = 0;
  };

  readonly use = (row: VisitedRow): void => {
    this.rows++;
    const { keyAt, change } = this;
    const { keep, into } = this.to;
    const { nulls } = row.image;
    if (nulls !== null) for (const i of keyAt) if (nulls[i] !== VALUE) this.unordered = true;
    const number = row.whole(0);
    if (keep !== null && !keep.has(number)) return;
    change.after = row;
    change.number = number;
    into.add(change, keep !== null);
  };
}
