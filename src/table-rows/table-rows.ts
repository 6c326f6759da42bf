/**
 * Rows of tables read by SQL, as record images. The host server sends a column as its file stores it (untranslated, in the
 * column's own CCSID; packed, zoned and binary as they are), so the bytes are only put in their places: what a row means is
 * then decided by the very plans that decode the journal.
 *
 * A value the partition cannot map (a packed field full of blanks) comes without bytes. The statement is then run again with
 * `HEX` of those columns beside them, which says how they are stored, so that policies, codes and raw bytes are those of
 * the stream. Drivers that hand over values only (jt400, odbc) are asked for `HEX` of text and decimals from the start.
 */
import { isCoded } from '../errors/coded-error';
import type { RecordImage, RowSource } from '../model/change';
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import { computeLayout, type Layout } from '../record/layout/layout';
import { tableRowFormat } from '../record/rows/row-format';
import { RowImageBuilder } from '../record/rows/row-image';
import type { RowValue } from '../record/rows/row-reader';
import type { ColumnDescriptor, PreparedStatement, RawBlock, SqlConnection, SqlValue } from '../transport/transport';
import { ColumnValues } from './column-values';
import { BlockValues, textAt } from './raw-values';
import { isCarried, resultFormat } from './result-format';
import { asVisited, BlockVisit, type TableRow, type Visit, type VisitedRow } from './row-visit';
import { hexable, needsHex, type Selected, selectList } from './select-list';

interface RowQuery {
  /**
   * The whole statement around a select list. Columns of the caller's own (a record number) stand before the list; what is
   * in the list must not be named by ORDER BY through an alias.
   */
  sql(list: string): string;
  readonly params?: readonly SqlValue[];
  /** How many columns of its own the statement has before the list; default 0. */
  readonly lead?: number;
  /** What the columns of the list are qualified with: `T.`; default nothing. */
  readonly qualifier?: string;
  readonly signal?: AbortSignal;
}

export type { TableRow, VisitedRow } from './row-visit';

export class TableRows {
  /** Layout by the catalog: dates and times in ISO form. */
  readonly format: RecordFormat;
  private readonly layout: Layout;
  /** Columns whose hex is asked for beside them, since a value of theirs could not be mapped. */
  private readonly hexed = new Set<number>();
  /** Columns of which even the hex cannot be had. */
  private readonly lost = new Set<number>();
  /** The transport hands over values, not bytes. */
  private valuesOnly = false;
  private readonly columnValues = new ColumnValues();

  /** @param format the file's record format as the catalog has it, or some columns of it */
  constructor(format: RecordFormat) {
    this.format = tableRowFormat(format);
    this.layout = computeLayout(this.format);
  }

  /** All rows of a statement; it should bound their number itself. @throws CodedError, SqlError of the transport */
  async read(connection: SqlConnection, query: RowQuery): Promise<TableRow[]> {
    for (;;) {
      const selected = this.selected();
      const rows = await this.attempt(connection, query, selected);
      if (rows !== null) return rows;
    }
  }

  /**
   * The same rows one after the other, each good until the next one: for readings of whole tables.
   * @param begin called before the first row, again where the statement is run again: what was visited counts no more
   * @returns the last row, good until the next statement; null when there was none
   */
  async visit(
    connection: SqlConnection,
    query: RowQuery,
    begin: () => void,
    use: (row: VisitedRow) => void,
  ): Promise<TableRow | null> {
    for (;;) {
      const selected = this.selected();
      const visit: Visit = { use, last: null };
      begin();
      const rows = await this.attempt(connection, query, selected, visit);
      if (rows === null) continue;
      for (const row of rows) use(asVisited(row));
      return visit.last ?? rows.at(-1) ?? null;
    }
  }

  /** Columns of a row as values in the exact forms of the transport, text untrimmed: for keys and predicates. */
  values(row: RowSource, columns: readonly string[]): SqlValue[] {
    return this.columnValues.raw(row, columns);
  }

  /** The same as events have them, text trimmed. @param untagged CCSID of columns that the catalog calls 65535 */
  asInEvents(row: RowSource, columns: readonly string[], untagged: number | null): RowValue[] {
    return this.columnValues.asInEvents(row, columns, untagged);
  }

  private selected(): Selected[] {
    const { fields } = this.layout;
    if (this.valuesOnly) return fields.map((f) => ({ index: f.index, as: needsHex(f) ? 'hex' : 'column' }));
    return [
      ...fields.map((f) => ({ index: f.index, as: 'column' }) as const),
      ...[...this.hexed].map((index) => ({ index, as: 'hex' }) as const),
    ];
  }

  /** Null: something was learnt, and the statement must be run again. */
  private async attempt(
    connection: SqlConnection,
    query: RowQuery,
    selected: readonly Selected[],
    visit: Visit | null = null,
  ): Promise<TableRow[] | null> {
    const options = query.signal ? { signal: query.signal } : {};
    try {
      await using statement = await connection.prepare(
        query.sql(selectList(this.layout, selected, query.qualifier ?? '')),
        options,
      );
      if (statement.queryRaw) return await this.rawRows(statement, query, selected, visit);
      if (this.valuesOnly) return await this.valueRows(statement, query, selected);
      this.valuesOnly = true;
      return null;
    } catch (error) {
      // HEX of a column that cannot be mapped may itself be refused: then there are no bytes, and the rows say so
      if (this.valuesOnly || this.hexed.size === 0 || !isCoded(error) || error.family !== 'host') throw error;
      for (const index of this.hexed) this.lost.add(index);
      this.hexed.clear();
      return null;
    }
  }

  private async rawRows(
    statement: PreparedStatement,
    query: RowQuery,
    selected: readonly Selected[],
    visit: Visit | null,
  ): Promise<TableRow[] | null> {
    const lead = query.lead ?? 0;
    const options = { ...(query.signal ? { signal: query.signal } : {}), ...(visit ? VISIT_BLOCKS : {}) };
    await using result = await statement.queryRaw!(query.params ?? [], options);
    const { fields } = this.layout;
    const format = resultFormat(this.format, result.columns.slice(lead, lead + fields.length));
    const builder = new RowImageBuilder(format, visit !== null);
    const leading = result.columns.slice(0, lead);
    const values = new BlockValues(leading, 0);
    const carried = fields.map((f, c) => carriedValue(f.column, result.columns[lead + c]!, lead + c));
    const hexAt = new Map(selected.flatMap((s, i) => (s.as === 'hex' ? [[s.index, lead + i] as const] : [])));
    const rows: TableRow[] = [];
    let complete = true;
    const build = (block: RawBlock, r: number): RecordImage => {
      builder.begin();
      for (let c = 0; c < fields.length; c++) {
        const at = lead + c;
        const other = carried[c];
        if (other && !block.isNull(r, at)) builder.putValue(c, other.read(block, r)[0]!);
        else if (!block.isNull(r, at)) {
          const start = block.offset(r, at);
          builder.put(c, block.buffer, start, start + block.byteLength(r, at));
        } else if (block.isMappingError(r, at)) {
          const hex = hexAt.get(c);
          if (hex === undefined) complete = this.learn(c) && complete;
          if (hex === undefined || block.isNull(r, hex)) builder.unreadable(c);
          else putHex(builder, c, textAt(block, r, hex, result.columns[hex]!));
        }
      }
      return builder.finish();
    };
    const visiting = visit && new BlockVisit(format, result.columns, lead, build);
    for await (const block of result.blocks()) {
      if (visiting) visiting.block(block, visit, () => complete);
      else
        for (let r = 0; r < block.rowCount; r++)
          rows.push({ is: 'image', image: build(block, r), lead: values.read(block, r) });
    }
    return complete ? rows : null;
  }

  private async valueRows(
    statement: PreparedStatement,
    query: RowQuery,
    selected: readonly Selected[],
  ): Promise<TableRow[]> {
    const lead = query.lead ?? 0;
    await using result = await statement.query(query.params ?? [], query.signal ? { signal: query.signal } : {});
    const builder = new RowImageBuilder(this.format);
    const { fields } = this.layout;
    const rows: TableRow[] = [];
    for await (const block of result.blocks()) {
      for (const row of block) {
        builder.begin();
        for (const [i, { index, as }] of selected.entries()) {
          const value = row[lead + i] ?? null;
          // a driver makes null of what cannot be mapped: a column that takes no nulls gives it away
          if (value === null) {
            if (!fields[index]!.column.nullable) builder.unreadable(index);
          } else if (as === 'hex') putHex(builder, index, String(value));
          else builder.putValue(index, value);
        }
        rows.push({ is: 'image', image: builder.finish(), lead: row.slice(0, lead) });
      }
    }
    return rows;
  }

  /** False when the statement is to be run again with the hex of the column. */
  private learn(index: number): boolean {
    if (this.lost.has(index) || !hexable(this.layout.fields[index]!)) return true;
    this.hexed.add(index);
    return false;
  }
}

/** Whole tables travel in large replies: each costs a request, whatever it holds. */
const VISIT_BLOCKS = { blockBytes: 1 << 20 } as const;

/** A reader for a column that travels as another type than it has; null where its bytes are its own. */
function carriedValue(column: ColumnFormat, described: ColumnDescriptor, at: number): BlockValues | null {
  return isCarried(column, described) ? new BlockValues([described], at) : null;
}

function putHex(builder: RowImageBuilder, index: number, hex: string): void {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length * 2 === hex.length && builder.fits(index, bytes.length)) builder.put(index, bytes);
  else builder.unreadable(index);
}
