/** The statements of one window table. */

import { quotedName } from '../model/identifiers';
import { formatName } from '../model/position';
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import { type OrderColumn, orderBy, orderColumns, type Predicate, rowsEqual } from '../table-rows/keyset';
import { type TableRow, TableRows } from '../table-rows/table-rows';
import { allRows, type SqlConnection, type SqlValue } from '../transport/transport';
import { type RowKey, rowKey } from './keys';
import { toMs } from './local-time';
import type { WindowOptions } from './options';

export interface PartitionTime {
  /** Milliseconds of the local clock, and the same as text. */
  readonly now: number;
  readonly text: string;
  readonly zone: string;
}

/** Which rows of an order. */
export interface Bounds {
  readonly from: Predicate | null;
  readonly upper: Predicate | null;
}

export class WindowTable {
  /** Whole rows, and keys alone: both read the same way, so that a key has one text. */
  private readonly whole: TableRows;
  private readonly keysOnly: TableRows;
  private latest: RecordFormat | null = null;
  private readonly name: string;
  /** Rows of files without journal cannot be rolled back, and readers must not wait for the record locks of programs. */
  private readonly isolation: string;

  constructor(
    private readonly connection: SqlConnection,
    private readonly options: WindowOptions,
  ) {
    const { table, sqlName, columns, key, journaled } = options;
    this.name = `${quotedName(sqlName.library)}.${quotedName(sqlName.name)}`;
    const format = (of: readonly ColumnFormat[]): TableRows => new TableRows({ table: formatName(table), columns: of });
    this.whole = format(columns);
    this.keysOnly = format(key.flatMap((name) => columns.filter((c) => c.name === name)));
    this.isolation = journaled ? 'WITH CS USE CURRENTLY COMMITTED' : 'WITH UR';
  }

  /** The layout of whole rows as they were read last, before that as the catalog has it. */
  get format(): RecordFormat {
    return this.latest ?? this.whole.format;
  }

  async clock(): Promise<PartitionTime> {
    const [row] = await allRows(
      await this.connection.query(
        'SELECT CURRENT TIMESTAMP AS NOW_TS, CURRENT TIMEZONE AS NOW_TZ FROM SYSIBM.SYSDUMMY1',
      ),
    );
    const text = String(row![0]);
    return { now: toMs(text), text, zone: String(row![1]) };
  }

  /** Whole rows in an order, a page of them. */
  async rows(order: readonly string[], bounds: Bounds, signal: AbortSignal): Promise<TableRow[]> {
    const rows = await this.page(this.whole, order, bounds, signal);
    this.latest = rows[0]?.image.format ?? this.latest;
    return rows;
  }

  /** Keys in their own order, a page of them. */
  async keys(from: Predicate | null, signal: AbortSignal): Promise<RowKey[]> {
    const { key } = this.options;
    const rows = await this.page(this.keysOnly, key, { from, upper: null }, signal);
    return rows.map((row) => rowKey(this.keysOnly.values(row, key), row.image, key));
  }

  /** The key of a whole row, or its place in an order. */
  keyOf(row: TableRow, columns: readonly string[] = this.options.key): RowKey {
    return rowKey(this.values(row, columns), row.image, columns);
  }

  /** Columns of a whole row, in the exact forms of the transport. */
  values(row: TableRow, columns: readonly string[]): SqlValue[] {
    return this.whole.values(row, columns);
  }

  /** Columns by name as an order of pages. */
  order(names: readonly string[]): OrderColumn[] {
    return orderColumns(names, this.options.columns);
  }

  /** The largest value of a column; null where there is none. */
  async highest(column: string): Promise<SqlValue | null> {
    const sql = `SELECT MAX(${quotedName(column)}) AS TOP FROM ${this.name} ${this.isolation}`;
    const [row] = await allRows(await this.connection.query(sql));
    return row?.[0] ?? null;
  }

  async exists(key: readonly SqlValue[]): Promise<boolean> {
    const { sql: where, params } = rowsEqual(this.order(this.options.key), key);
    const sql = `SELECT 1 AS ONE FROM ${this.name} WHERE ${where} FETCH FIRST 1 ROWS ONLY ${this.isolation}`;
    return (await allRows(await this.connection.query(sql, params))).length > 0;
  }

  private page(rows: TableRows, order: readonly string[], bounds: Bounds, signal: AbortSignal): Promise<TableRow[]> {
    const { from, upper } = bounds;
    const bounded = [from, upper].filter((bound) => bound !== null);
    const where = bounded.map((bound) => `(${bound.sql})`).join(' AND ');
    const tail = `FROM ${this.name}${where === '' ? '' : ` WHERE ${where}`} ORDER BY ${orderBy(this.order(order))} FETCH FIRST ${this.options.pageRows} ROWS ONLY ${this.isolation}`;
    return rows.read(this.connection, {
      sql: (list) => `SELECT ${list} ${tail}`,
      params: bounded.flatMap((bound) => bound.params),
      signal,
    });
  }
}
