/**
 * A sample of a table's rows, counted by column: one statement a table. A file of many records is looked at in ten places by
 * record number, which the partition finds without reading the rest; the first records of a file are its oldest ones.
 */
import type { CatalogColumn } from '../catalog/column-format';
import type { TableFacts } from '../catalog/table-facts';
import { quotedName } from '../model/identifiers';
import type { RecordFormat } from '../model/record-format';
import { compileRowReader, type RowReader, type RowValue } from '../record/rows/row-reader';
import { type TableRow, TableRows } from '../table-rows/table-rows';
import type { SqlConnection } from '../transport/transport';
import type { ColumnTally } from './tally';

/** Places of a file that are looked at. */
const PLACES = 10;

/** What is too large for a sample, or says nothing of its own. */
const LEFT_OUT: readonly string[] = ['CLOB', 'BLOB', 'DBCLOB', 'XML', 'DATALINK', 'ROWID'];

export interface TableSample {
  readonly rows: number;
  /** In the order of the record format, all columns of it. */
  readonly tallies: readonly ColumnTally[];
}

/** @param most rows */
export async function sampleTable(connection: SqlConnection, facts: TableFacts, most: number): Promise<TableSample> {
  const looked = facts.columns.filter((c) => !LEFT_OUT.includes(c.format.type));
  const counters = new Map(looked.map((c) => [c, new Counter(c)]));
  if (looked.length === 0 || most === 0) return { rows: 0, tallies: facts.columns.map(none) };
  const source = new TableRows({ table: facts.format.table, columns: looked.map((c) => c.format) });
  const rows = await source.read(connection, {
    sql: (list) =>
      `SELECT ${list} FROM ${quotedName(facts.sqlName.library)}.${quotedName(facts.sqlName.name)} T${places(facts, most)}
 FETCH FIRST ${most} ROWS ONLY WITH NC`,
    qualifier: 'T.',
  });
  const readers = new WeakMap<RecordFormat, RowReader>();
  for (const row of rows) count(row, looked, [...counters.values()], readers);
  return {
    rows: rows.length,
    tallies: facts.columns.map((c) => counters.get(c)?.tally(rows.length) ?? none(c)),
  };
}

/** A condition on the record number; '' where the file is small, has several members or says nothing of its size. */
function places(facts: TableFacts, most: number): string {
  const [member] = facts.members;
  if (!member || facts.members.length > 1 || member.rows <= BigInt(most) * 2n) return '';
  const records = member.rows + member.deletedRows;
  // deleted records take room: look at as many more as there are of them
  const span = (BigInt(Math.ceil(most / PLACES)) * records) / member.rows + 1n;
  const step = records / BigInt(PLACES);
  if (span >= step) return '';
  const ranges = Array.from({ length: PLACES }, (_, i) => {
    const from = BigInt(i) * step + 1n;
    return `RRN(T) BETWEEN ${from} AND ${from + span - 1n}`;
  });
  return ` WHERE ${ranges.join(' OR ')}`;
}

function count(
  row: TableRow,
  columns: readonly CatalogColumn[],
  counters: readonly Counter[],
  readers: WeakMap<RecordFormat, RowReader>,
): void {
  const { image } = row;
  const format = image.format!;
  let reader = readers.get(format);
  if (!reader) {
    reader = compileRowReader(
      format,
      columns.map((c) => ({ column: c.format.name })),
    );
    readers.set(format, reader);
  }
  const values = reader.read(image.bytes, image.offset, image.nulls, image.offset + image.length);
  const errors = new Map(reader.errors.list(image.bytes).map((e) => [e.column, e.raw]));
  for (const [i, column] of columns.entries()) counters[i]!.add(values[i], errors.get(column.format.name));
}

class Counter {
  private readonly counts = new Map<string, number>();
  private readonly bytes: Uint8Array[] = [];
  private nulls = 0;
  private blanks = 0;
  private broken = 0;

  constructor(private readonly column: CatalogColumn) {}

  /** @param raw hex of a field that could not be decoded */
  add(value: RowValue, raw: string | undefined): void {
    if (raw !== undefined) {
      if (/^(40)+$/.test(raw)) this.blanks++;
      else this.broken++;
    } else if (value === null || value === undefined) this.nulls++;
    else if (value instanceof Uint8Array) this.bytes.push(Uint8Array.from(value));
    else this.counts.set(String(value), (this.counts.get(String(value)) ?? 0) + 1);
  }

  tally(rows: number): ColumnTally {
    const { column, counts, bytes, nulls, blanks, broken } = this;
    return { column, counts, bytes, nulls, blanks, broken, rows };
  }
}

function none(column: CatalogColumn): ColumnTally {
  return { column, counts: new Map(), bytes: [], nulls: 0, blanks: 0, broken: 0, rows: 0 };
}
