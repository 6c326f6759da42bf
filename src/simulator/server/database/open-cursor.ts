/** A cursor between the engine and the wire: blocks by rows or bytes, one row ahead so that the last block is known as such. */
import { FETCH, SCROLL } from '../../../hostserver/messages/database/statement';
import { type CursorPlace, type SqlCursor, SqlFailure } from '../../sql-session';
import type { LobTable } from './replies/lob-table';
import { ReplyRowEncoder, type Row, type RowBlock } from './replies/row-block';
import { type ColumnSettings, type WireColumn, wireColumn } from './replies/wire-column';

/** How much the client wants of one reply. Bytes 0 still means at least one row. */
export type BlockWish = { readonly rows: number } | { readonly bytes: number; readonly varying: boolean };

export interface CursorBlock {
  /** Null when there was no row left. */
  readonly rows: RowBlock | null;
  readonly last: boolean;
}

interface CursorOptions {
  readonly settings: ColumnSettings;
  readonly lobs: LobTable;
  readonly scrollable: number;
}

/** No reply is made longer than this, whatever is asked. */
const LARGEST_BLOCK = 8 * 1024 * 1024;
/** Rows taken from the engine at once for a block whose rows are not known in advance. */
const CHUNK = 256;
/** Rows a scrollable cursor may hold. */
const SCROLL_LIMIT = 100_000;

export class OpenCursor {
  readonly columns: readonly WireColumn[];
  private readonly encoder: ReplyRowEncoder;
  /** Rows taken from the engine and not yet sent. */
  private ahead: Row[] = [];
  private drained = false;
  private scrolled: { rows: Row[]; at: number } | null = null;
  readonly scrollable: number;
  /** Rows may be changed through it. */
  readonly updatable: boolean;
  /** The row sent last. */
  private current: Row | null = null;

  constructor(
    private readonly source: SqlCursor,
    { settings, lobs, scrollable }: CursorOptions,
  ) {
    this.columns = source.columns.map((column) => wireColumn(column, settings));
    this.encoder = new ReplyRowEncoder(this.columns, settings, lobs);
    this.scrollable = scrollable;
    this.updatable = source.changes ?? false;
  }

  get canScroll(): boolean {
    return this.scrollable >= SCROLL.asensitive && this.scrollable <= SCROLL.sensitive;
  }

  /** Where it stands, for a statement that changes the row it is on. */
  get place(): CursorPlace {
    return { cursor: this.source, row: this.current };
  }

  /** The next rows, or those a scrolling option asks for. */
  fetch(wish: BlockWish, option: number = FETCH.next, row = 0): CursorBlock {
    if (this.canScroll) return this.scroll(wish, option, row);
    if (option !== FETCH.next) throw new SqlFailure(-225, '42872', 'FETCH not valid; cursor not declared with SCROLL.');
    // rows of one that changes them come alone, whatever was asked for: it must be known on which the client stands
    if (this.updatable) return this.fixed(1);
    if ('rows' in wish) return this.fixed(this.limited(wish.rows));
    if (wish.varying && this.encoder.hasVarying) return this.varying(Math.min(wish.bytes, LARGEST_BLOCK));
    return this.fixed(Math.max(1, Math.floor(Math.min(wish.bytes, LARGEST_BLOCK) / this.perRow)));
  }

  /** All rows, taken ahead; only sensible for a result as small as what one INSERT made. */
  countRows(): number {
    this.fill(SCROLL_LIMIT);
    return this.ahead.length;
  }

  close(): void {
    this.source.close();
    this.ahead = [];
    this.drained = true;
    this.scrolled = null;
  }

  private get perRow(): number {
    return this.encoder.rowSize + this.columns.length * 2;
  }

  private limited(rows: number): number {
    return Math.max(1, Math.min(rows, Math.floor(LARGEST_BLOCK / this.perRow)));
  }

  private fixed(wanted: number): CursorBlock {
    const rows = this.take(wanted);
    this.current = rows.at(-1) ?? null;
    // one whose row may be changed stays on it: the end is where no row comes any more
    const last = this.updatable ? rows.length < wanted : this.atEnd();
    return { rows: rows.length === 0 ? null : this.encoder.fixed(rows), last };
  }

  /** As many rows as fit into `bytes`, one at least. */
  private varying(bytes: number): CursorBlock {
    let rows: Row[] = [];
    let at = 0;
    const next = (): Row | null => {
      if (at === rows.length) {
        rows = this.take(CHUNK);
        at = 0;
      }
      return rows[at++] ?? null;
    };
    const block = this.encoder.compressed(bytes, { next, putBack: () => void at-- });
    if (at < rows.length) this.ahead = rows.slice(at).concat(this.ahead);
    return { rows: block, last: block === null || this.atEnd() };
  }

  private take(wanted: number): Row[] {
    this.fill(wanted);
    return this.ahead.splice(0, wanted);
  }

  private fill(wanted: number): void {
    while (!this.drained && this.ahead.length < wanted) {
      const missing = wanted - this.ahead.length;
      const rows = this.source.fetch(missing);
      if (rows.length < missing) this.drained = true;
      this.ahead = this.ahead.length === 0 ? rows : this.ahead.concat(rows);
    }
  }

  private atEnd(): boolean {
    this.fill(1);
    return this.ahead.length === 0;
  }

  private scroll(wish: BlockWish, option: number, row: number): CursorBlock {
    const held = this.hold();
    this.current = null;
    const target = targetOf(option, row, held.at, held.rows.length);
    held.at = Math.max(0, Math.min(target, held.rows.length + 1));
    if (held.at < 1 || held.at > held.rows.length) return { rows: null, last: true };
    if (option === FETCH.beforeFirst || option === FETCH.afterLast) return { rows: null, last: false };
    const wanted =
      option !== FETCH.next
        ? 1
        : 'rows' in wish
          ? this.limited(wish.rows)
          : Math.max(1, Math.floor(wish.bytes / this.perRow));
    const rows = held.rows.slice(held.at - 1, held.at - 1 + wanted);
    held.at += rows.length - 1;
    this.current = rows.at(-1) ?? null;
    return { rows: this.encoder.fixed(rows), last: false };
  }

  private hold(): { rows: Row[]; at: number } {
    if (!this.scrolled) {
      this.fill(SCROLL_LIMIT + 1);
      const rows = this.ahead;
      if (rows.length > SCROLL_LIMIT)
        throw new SqlFailure(
          -904,
          '57011',
          `Resource limit exceeded: a scrollable cursor holds at most ${SCROLL_LIMIT} rows.`,
        );
      this.scrolled = { rows, at: 0 };
    }
    return this.scrolled;
  }
}

/** 1-based position after a fetch option; 0 is before the first row. */
function targetOf(option: number, row: number, at: number, count: number): number {
  switch (option) {
    case FETCH.previous:
      return at - 1;
    case FETCH.first:
      return 1;
    case FETCH.last:
      return count;
    case FETCH.beforeFirst:
      return 0;
    case FETCH.afterLast:
      return count + 1;
    case FETCH.current:
      return at;
    case FETCH.relative:
      return at + row;
    case FETCH.absolute:
      return row < 0 ? count + 1 + row : row;
    default:
      return at + 1;
  }
}
