/**
 * Tables without a journal, read in windows: rows whose cursor moved since the last look, less an overlap for commits
 * that came late, up to the partition's clock less a margin. Rows met again are dropped by content hash.
 *
 * The watermark is the latest moment a row told, not the clock: a look never starts later than `overlap` before the last
 * news, so an idle hour hides nothing. When the clock goes back (autumn, NTP) the overlap grows by that hour.
 */
import type { Change, RowSource } from '../model/change';
import { newOccasion } from '../model/occasion';
import { formatName } from '../model/position';
import type { RecordFormat } from '../model/record-format';
import { rowImage } from '../record/rows/row-image';
import type { Store } from '../store/store';
import { orderBy, orderColumns, type OrderColumn, type Predicate, rowsAfter, rowsEqual } from '../table-rows/keyset';
import { quotedName } from '../table-rows/select-list';
import { type TableRow, TableRows } from '../table-rows/table-rows';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';
import { type CursorSql, cursorAt, cursorSql, momentOf } from './cursor-values';
import { atLeast, upTo } from './cursor-bounds';
import { fromMs, toMs } from './local-time';
import type { WindowOptions } from './options';
import { keyText, keyValues, rowHash, type WindowMark, WindowState } from './window-state';

export interface WindowUnit {
  readonly rows: number;
  /** Synchronous, one pass, inside the store transaction. */
  items(): Iterable<Change>;
  /** Writes state and mark; inside the transaction, after the items. */
  commit(): void;
}

const HOUR = 3_600_000;

export class WindowReader {
  private readonly state: WindowState;
  private readonly cursor: CursorSql;
  private readonly table: TableRows;
  /** Cursor and key: the order of pages. */
  private readonly orderNames: readonly string[];
  private readonly order: readonly OrderColumn[];
  private readonly key: readonly OrderColumn[];
  /** Rows of files without journal cannot be rolled back, and readers must not wait for the record locks of programs. */
  private readonly isolation: string;

  constructor(
    private readonly connection: SqlConnection,
    store: Store,
    private readonly options: WindowOptions,
  ) {
    this.state = new WindowState(store, options.table);
    this.cursor = cursorSql(options);
    this.isolation = options.journaled ? 'WITH CS USE CURRENTLY COMMITTED' : 'WITH UR';
    this.table = new TableRows({ table: formatName(options.table), columns: options.columns });
    this.orderNames = [...this.cursor.columns, ...options.key.filter((k) => !this.cursor.columns.includes(k))];
    this.order = orderColumns(this.orderNames, options.columns);
    this.key = orderColumns(options.key, options.columns);
  }

  /** One look. Units come page by page; each must be committed before the next is asked for. */
  async *pass(signal: AbortSignal): AsyncGenerator<WindowUnit> {
    const clock = await this.clock();
    let mark = this.afterClock(this.state.mark(), clock);
    const first = !mark.known;
    let from = first ? this.resumed(mark) : this.lowerBound(mark, clock.now);
    for (;;) {
      if (signal.aborted) return;
      const rows = await this.page(from, signal);
      mark = this.marked(mark, rows, clock.now);
      const done = rows.length < this.options.pageRows;
      const last = rows.at(-1);
      const at = last ? this.orderValues(last) : null;
      mark = { ...mark, at: first && !done ? at : null, known: mark.known || done };
      yield this.unit(rows, mark, clock.text, first);
      if (done || !at) return;
      from = rowsAfter(this.order, at);
    }
  }

  private async clock(): Promise<{ now: number; text: string; zone: string }> {
    const [row] = await allRows(
      await this.connection.query(
        'SELECT CURRENT TIMESTAMP AS NOW_TS, CURRENT TIMEZONE AS NOW_TZ FROM SYSIBM.SYSDUMMY1',
      ),
    );
    const text = String(row![0]);
    return { now: toMs(text), text, zone: String(row![1]) };
  }

  /** A clock that went back makes an hour happen twice: rows of the second one carry moments already passed. */
  private afterClock(mark: WindowMark, clock: { now: number; zone: string }): WindowMark {
    const back = mark.clock > 0 && (clock.now < mark.clock || (mark.zone !== '' && mark.zone !== clock.zone));
    return {
      ...mark,
      clock: clock.now,
      zone: clock.zone,
      repeatUntil: back ? clock.now + 2 * HOUR + this.options.overlapMs : mark.repeatUntil,
    };
  }

  private resumed(mark: WindowMark): Predicate | null {
    return mark.at ? rowsAfter(this.order, mark.at) : null;
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

  private async page(from: Predicate | null, signal: AbortSignal): Promise<TableRow[]> {
    const bounds = [
      ...(from ? [from.sql] : []),
      ...(this.cursor.upper ? [upTo(this.cursor.columns, this.cursor.upper)] : []),
    ];
    const { sqlName, pageRows } = this.options;
    const tail = `FROM ${quotedName(sqlName.library)}.${quotedName(sqlName.name)}${
      bounds.length > 0 ? ` WHERE ${bounds.join(' AND ')}` : ''
    } ORDER BY ${orderBy(this.order)} FETCH FIRST ${pageRows} ROWS ONLY ${this.isolation}`;
    return this.table.read(this.connection, {
      sql: (list) => `SELECT ${list} ${tail}`,
      params: from?.params ?? [],
      signal,
    });
  }

  private orderValues(row: TableRow): SqlValue[] {
    return this.table.values(row, this.orderNames);
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

  private unit(rows: readonly TableRow[], mark: WindowMark, timestamp: string, first: boolean): WindowUnit {
    const { state, options, table } = this;
    const hashes = rows.map(({ image }) => rowHash(image));
    const keys = rows.map((row) => keyText(table.values(row, options.key)));
    const seen = { occasion: newOccasion(), timestamp };
    return {
      rows: rows.length,
      *items() {
        for (const [i, row] of rows.entries()) {
          const news = state.news(keys[i]!, hashes[i]!);
          if (news === 'same' || (first && options.start === 'now')) continue;
          const op = first ? 'read' : news === 'new' ? 'insert' : 'update';
          yield rowChange(options, op, row, seen);
        }
      },
      commit() {
        for (const [i, key] of keys.entries()) state.remember(key, hashes[i]!);
        state.setMark(mark);
      },
    };
  }

  /**
   * Finds deleted rows by comparing keys: every key of the table is met in pages, then those not met are looked up once
   * more, since a row may have been written again meanwhile.
   */
  async *deletes(signal: AbortSignal): AsyncGenerator<WindowUnit> {
    if (!this.state.mark().known) return;
    const sweep = this.state.startSweep();
    for (let from: Predicate | null = null; ; ) {
      if (signal.aborted) return;
      const rows = await this.keyPage(from);
      this.state.met(rows.map(keyText), sweep);
      if (rows.length < this.options.pageRows) break;
      from = rowsAfter(this.key, rows.at(-1)!);
    }
    const timestamp = (await this.clock()).text;
    for (;;) {
      const missing = this.state.missing(sweep, 200);
      if (missing.length === 0 || signal.aborted) return;
      const gone: string[] = [];
      for (const key of missing) {
        if (await this.exists(key)) this.state.met([key], sweep);
        else gone.push(key);
      }
      if (gone.length > 0) yield this.deleteUnit(gone, timestamp);
    }
  }

  private async keyPage(from: Predicate | null): Promise<SqlValue[][]> {
    const { sqlName, pageRows } = this.options;
    const names = orderBy(this.key);
    const sql = `SELECT ${names} FROM ${quotedName(sqlName.library)}.${quotedName(sqlName.name)}${
      from ? ` WHERE ${from.sql}` : ''
    } ORDER BY ${names} FETCH FIRST ${pageRows} ROWS ONLY ${this.isolation}`;
    return allRows(await this.connection.query(sql, from?.params ?? []));
  }

  private async exists(key: string): Promise<boolean> {
    const { sqlName } = this.options;
    const { sql: where, params } = rowsEqual(this.key, keyValues(key));
    const sql = `SELECT 1 AS ONE FROM ${quotedName(sqlName.library)}.${quotedName(sqlName.name)} WHERE ${where} FETCH FIRST 1 ROWS ONLY ${this.isolation}`;
    return (await allRows(await this.connection.query(sql, params))).length > 0;
  }

  private deleteUnit(keys: readonly string[], timestamp: string): WindowUnit {
    const { state, options, table } = this;
    const seen = { occasion: newOccasion(), timestamp };
    return {
      rows: keys.length,
      *items() {
        for (const key of keys)
          yield rowChange(options, 'delete', knownColumns(table.format, options.key, keyValues(key)), seen);
      },
      commit() {
        for (const key of keys) state.forget(key);
      },
    };
  }
}

/** A row of which some columns are known; the others are null. */
function knownColumns(format: RecordFormat, names: readonly string[], values: readonly SqlValue[]): RowSource {
  const row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  return { is: 'image', image: rowImage(format, row) };
}

/** A row read by SQL has no entry: no position, no job, no record number. */
function rowChange(
  options: WindowOptions,
  op: Change['op'],
  source: RowSource,
  seen: Pick<Change, 'occasion' | 'timestamp'>,
): Change {
  return {
    op,
    mode: 'window',
    table: options.table,
    member: '',
    before: op === 'delete' ? source : null,
    after: op === 'delete' ? null : source,
    journal: null,
    position: null,
    occasion: seen.occasion,
    timestamp: seen.timestamp,
    commitCycle: 0n,
    rrn: 0n,
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}

/** The moment a first look would start from if it were now; for `plan` and `status`. */
export function watermark(mark: WindowMark): string | null {
  return mark.latest === null ? (mark.values.at(-1)?.[1] ?? null) : fromMs(mark.latest);
}
