import type { CursorValue, ResultColumn, SqlCursor } from '../../sql-session';
import type { CompiledSelect } from '../compile/compiled-select';
import { cursorNotOpen } from '../failures';
import type { Raw } from '../types/exact-form';
import type { Cell } from '../types/values';
import { decodeRow } from '../types/values';
import type { ReadConnection, SqliteRowSource } from './connection';
import { asFailure, type Work } from './work';

/** Rows taken at open: a result this small holds no connection while the client reads it. */
export const AT_OPEN = 512;

const AT_OPEN_BYTES = 1 << 20;

/** A connection held by one cursor, with what it registered there. */
export class Lease {
  private readonly sources: number[] = [];
  private ended = false;

  constructor(
    private readonly work: Work,
    readonly connection: ReadConnection,
  ) {}

  addSource(rows: SqliteRowSource): bigint {
    const id = this.connection.addSource(rows);
    this.sources.push(id);
    return BigInt(id);
  }

  /** Rows that the client has been given are work of its job. */
  charge(rows: number): void {
    this.work.job.load.charge('row', rows);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const id of this.sources) this.connection.removeSource(id);
    this.work.pool.give(this.connection);
  }
}

/** The row of the virtual relation that SQLite looks at now. */
export interface CurrentRow {
  cells: readonly Cell[];
}

function sizeOf(row: readonly CursorValue[]): number {
  let size = 0;
  for (const v of row) if (typeof v === 'string' || v instanceof Uint8Array) size += v.length;
  return size;
}

export class SelectCursor implements SqlCursor {
  readonly columns: readonly ResultColumn[];
  private readonly ahead: CursorValue[][] = [];
  private at = 0;
  private rows: Iterator<readonly Raw[]> | null;
  private open = true;
  private interruption: unknown = null;

  constructor(
    private readonly compiled: CompiledSelect,
    rows: Iterator<readonly Raw[]>,
    private readonly lease: Lease,
    private readonly current: CurrentRow,
  ) {
    this.columns = compiled.columns;
    this.rows = rows;
    for (let bytes = 0; this.ahead.length < AT_OPEN && bytes < AT_OPEN_BYTES; ) {
      const row = this.read();
      if (!row) break;
      this.ahead.push(row);
      bytes += sizeOf(row);
    }
  }

  fetch(max: number): CursorValue[][] {
    if (this.interruption) throw this.interruption;
    if (!this.open) throw cursorNotOpen();
    const out: CursorValue[][] = [];
    while (out.length < max) {
      const row = this.at < this.ahead.length ? this.ahead[this.at++]! : this.read();
      if (!row) break;
      out.push(row);
    }
    this.lease.charge(out.length);
    return out;
  }

  private read(): CursorValue[] | null {
    if (!this.rows) return null;
    let next: IteratorResult<readonly Raw[]>;
    try {
      next = this.rows.next();
    } catch (error) {
      this.rows = null;
      this.lease.end();
      throw asFailure(error);
    }
    if (!next.done) return this.decode(next.value);
    this.release();
    return null;
  }

  private decode(raw: readonly Raw[]): CursorValue[] {
    const { direct, shape } = this.compiled;
    if (!direct) return decodeRow(raw, shape);
    const row = direct.whole ? new Array<CursorValue>(direct.outputs.length) : decodeRow(raw, shape);
    const { cells } = this.current;
    for (const { at, ordinal, form } of direct.outputs) {
      const cell = cells[ordinal];
      row[at] = cell === null || cell === undefined ? null : form(cell);
    }
    return row;
  }

  /** Closed, or read to its end. */
  get finished(): boolean {
    return !this.open || !this.rows;
  }

  /** The running statement was cancelled: what is left fails with -952. */
  interrupt(failure: unknown): void {
    if (this.open && this.rows) this.interruption = failure;
    this.release();
  }

  close(): void {
    this.open = false;
    this.ahead.length = 0;
    this.at = 0;
    this.release();
  }

  private release(): void {
    const { rows } = this;
    if (!rows) return;
    this.rows = null;
    rows.return?.();
    this.lease.end();
  }
}

/** A cursor over rows that are already there. */
export class RowsCursor implements SqlCursor {
  readonly scrolls = true;
  private rows: CursorValue[][] | null;

  constructor(
    readonly columns: readonly ResultColumn[],
    rows: readonly (readonly CursorValue[])[],
  ) {
    this.rows = rows.map((r) => [...r]);
  }

  fetch(max: number): CursorValue[][] {
    if (!this.rows) throw cursorNotOpen();
    return this.rows.splice(0, max);
  }

  close(): void {
    this.rows = null;
  }
}
