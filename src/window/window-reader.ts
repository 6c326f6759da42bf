/**
 * Tables without a journal, read in windows: rows whose cursor moved since the last look, less an overlap for commits
 * that came late, up to the partition's clock less a margin. Rows met again are dropped by content hash.
 *
 * The watermark is the latest moment found in a row, not the clock: a look never starts later than `overlap` before the last
 * news, so an idle hour hides nothing. When the clock goes back (autumn, NTP) the overlap grows by that hour.
 */
import type { RecordImage } from '../model/change';
import { newOccasion } from '../model/occasion';
import { formatId } from '../record/layout/format-history';
import type { Store } from '../store/store';
import { type Predicate, rowsAfter } from '../table-rows/keyset';
import type { TableRow } from '../table-rows/table-rows';
import type { SqlConnection, SqlValue } from '../transport/transport';
import { atLeast, atMost, upTo } from './cursor-bounds';
import { type CursorSql, cursorAt, cursorSql, momentOf } from './cursor-values';
import type { RowSeal } from './kept-rows';
import { type DeleteLimit, KeyCompare } from './key-compare';
import { isAsked, nextPage } from './keys';
import { fromMs } from './local-time';
import type { WindowOptions } from './options';
import { holdSame, keyImage, relaid } from './row-images';
import { rowChange, type WindowUnit } from './units';
import { keyValues, rowHash, type WindowMark, WindowState } from './window-state';
import { type Bounds, type PartitionTime, WindowTable } from './window-table';

const HOUR = 3_600_000;

interface WindowTools {
  /** The mass-delete guard; none if left out. */
  readonly limit?: DeleteLimit;
  /** Encryption of remembered rows; none if left out. */
  readonly seal?: RowSeal | null;
}

export class WindowReader {
  private readonly state: WindowState;
  private readonly cursor: CursorSql;
  private readonly table: WindowTable;
  /** Cursor and key: the order of pages. */
  private readonly order: readonly string[];
  private readonly compare: KeyCompare;

  constructor(
    connection: SqlConnection,
    store: Store,
    private readonly options: WindowOptions,
    { limit = () => null, seal = null }: WindowTools = {},
  ) {
    this.state = new WindowState(store, options.table, options.remember === 'row' ? { seal } : null);
    this.cursor = cursorSql(options);
    this.table = new WindowTable(connection, options);
    this.order = [...this.cursor.columns, ...options.key.filter((k) => !this.cursor.columns.includes(k))];
    const { table, state } = this;
    this.compare = new KeyCompare({
      table,
      state,
      options,
      limit,
      unitOf: (rows, timestamp) => this.unit(rows, null, timestamp, false),
      deleted: (keys, timestamp) => this.deleteUnit(keys, timestamp),
    });
  }

  /** One look. Units come page by page; each must be committed before the next is asked for. */
  async *pass(signal: AbortSignal): AsyncGenerator<WindowUnit> {
    const clock = await this.table.clock();
    let mark = this.afterClock(this.state.mark(), clock);
    const first = !mark.known;
    if (first && mark.until === null && this.options.start === 'now') {
      mark = { ...mark, until: await this.beginning(clock.now) };
      // nothing is there yet: whatever comes is news
      if (mark.until === null) return yield this.unit([], { ...mark, known: true }, clock.text, first);
    }
    let from = first ? this.resumed(mark) : this.lowerBound(mark, clock.now);
    let last: readonly SqlValue[] | null = null;
    for (;;) {
      if (signal.aborted) return;
      const rows = await this.page({ from, upper: this.upper(mark) }, signal);
      mark = this.marked(mark, rows, clock.now);
      const done = rows.length < this.options.pageRows;
      const places = rows.map((row) => this.table.keyOf(row, this.order));
      const at: readonly SqlValue[] | null = done ? null : nextPage(this.options, places, last);
      mark = { ...mark, at: first ? at : null, known: mark.known || done, until: done ? null : mark.until };
      yield this.unit(rows, mark, clock.text, first);
      if (at === null) return;
      from = rowsAfter(this.table.order(this.order), at);
      last = at;
    }
  }

  /** A clock that went back makes an hour happen twice: rows of the second one carry moments already passed. */
  private afterClock(mark: WindowMark, clock: PartitionTime): WindowMark {
    const back = mark.clock > 0 && (clock.now < mark.clock || (mark.zone !== '' && mark.zone !== clock.zone));
    return {
      ...mark,
      clock: clock.now,
      zone: clock.zone,
      repeatUntil: back ? clock.now + 2 * HOUR + this.options.overlapMs : mark.repeatUntil,
    };
  }

  private resumed(mark: WindowMark): Predicate | null {
    return mark.at ? rowsAfter(this.table.order(this.order), mark.at) : null;
  }

  private lowerBound(mark: WindowMark, now: number): Predicate | null {
    const { cursor, overlapMs } = this.options;
    if (cursor.is === 'sequence') {
      const known = mark.values[0];
      return known ? atLeast(this.cursor.columns, [known[1]]) : null;
    }
    if (mark.latest === null) return null;
    const repeat = now < mark.repeatUntil ? 2 * HOUR : 0;
    const from = Math.min(mark.latest, now) - overlapMs - repeat;
    return atLeast(this.cursor.columns, cursorAt(cursor, this.options, from));
  }

  /** The cursor as it is now, which the rows that are there do not pass; null where no row is. */
  private async beginning(now: number): Promise<readonly SqlValue[] | null> {
    const { cursor, marginMs } = this.options;
    if (cursor.is !== 'sequence') return cursorAt(cursor, this.options, now - marginMs);
    const highest = await this.table.highest(cursor.column);
    return highest === null ? null : [highest];
  }

  /** A first look of `start: now` ends where it began: what is written meanwhile is news of the next one. */
  private upper(mark: WindowMark): Predicate | null {
    const { columns, upper } = this.cursor;
    if (mark.until !== null) return atMost(columns, mark.until);
    return upper && { sql: upTo(columns, upper), params: [] };
  }

  private page(bounds: Bounds, signal: AbortSignal): Promise<TableRow[]> {
    return this.table.rows(this.order, bounds, signal);
  }

  private marked(mark: WindowMark, rows: readonly TableRow[], now: number): WindowMark {
    const { cursor, overlapMs } = this.options;
    const { columns } = this.cursor;
    if (cursor.is === 'sequence') {
      const last = rows.at(-1);
      const [top] = last ? this.table.values(last, columns) : [null];
      const values =
        top === null || top === undefined ? [...mark.values] : [...mark.values, [now, String(top)] as const];
      // Keep one value older than the overlap: it is where the next look starts.
      while (values.length > 1 && values[1]![0] <= now - overlapMs) values.shift();
      return { ...mark, values: values.length > 200 ? values.filter((_, i) => i === 0 || i % 2 === 0) : values };
    }
    let latest = mark.latest;
    for (const row of rows) {
      const moment = momentOf(cursor, this.table.values(row, columns));
      if (moment !== null && (latest === null || moment > latest)) latest = moment;
    }
    return { ...mark, latest };
  }

  /** @param mark how far the table is read with these rows; null: they were met out of order */
  private unit(rows: readonly TableRow[], mark: WindowMark | null, timestamp: string, first: boolean): WindowUnit {
    const { state, options, table } = this;
    const hashes = rows.map(({ image }) => rowHash(image));
    const keys = rows.map((row) => table.keyOf(row).text);
    const seen = { occasion: newOccasion(), timestamp };
    return {
      rows: rows.length,
      *items() {
        for (const [i, { image }] of rows.entries()) {
          const news = state.news(keys[i]!, hashes[i]!);
          if (news === 'same' || (first && news === 'new' && options.start === 'now')) continue;
          // a first look takes pages, and lives: a row it met in one may come again, changed, in another
          const op = news === 'changed' ? 'update' : first ? 'read' : 'insert';
          const known = op === 'update' ? state.lastKnown(keys[i]!) : null;
          if (known && isOnlyAltered(known, image)) continue;
          yield rowChange(options, op, { before: known && relaid(known, image.format!), after: image }, seen);
        }
      },
      commit() {
        for (const [i, key] of keys.entries()) state.remember(key, hashes[i]!, rows[i]!.image);
        if (mark) state.setMark(mark);
      },
    };
  }

  /** What the cursor does not show: see {@link KeyCompare}. */
  deletes(signal: AbortSignal): AsyncGenerator<WindowUnit> {
    return this.compare.units(signal);
  }

  private deleteUnit(keys: readonly string[], timestamp: string): WindowUnit {
    const { state, options, table } = this;
    const seen = { occasion: newOccasion(), timestamp };
    return {
      rows: keys.length,
      *items() {
        for (const key of keys) {
          const known = state.lastKnown(key);
          // one that cannot be asked for has no values either: its columns are reported as far as they are kept
          const values = isAsked(key) ? keyValues(key) : [];
          const before = known ? relaid(known, table.format) : keyImage(table.format, options.key, values);
          yield rowChange(options, 'delete', { before, after: null }, seen);
        }
      },
      commit() {
        for (const key of keys) state.forget(key);
      },
    };
  }
}

/** The file has another layout than when the row was met last, and the row holds what it held. */
function isOnlyAltered(known: RecordImage, now: RecordImage): boolean {
  return formatId(known.format!) !== formatId(now.format!) && holdSame(known, now);
}

/** The moment a first look would start from if it were now; for `plan` and `status`. */
export function watermark(mark: WindowMark): string | null {
  return mark.latest === null ? (mark.values.at(-1)?.[1] ?? null) : fromMs(mark.latest);
}
