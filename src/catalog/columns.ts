/**
 * Columns of all files at once. What the catalog leaves open of a TIMESTAMP is asked of the partition itself: the description
 * of a statement says how many digits a column has. What is not proved is listed as unknown, never guessed.
 */
import { isCoded } from '../errors/coded-error';
import { quotedName } from '../model/identifiers';
import { formatName, type QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { type Answer, answers, answersIfAvailable, text, within } from './answer';
import { type CatalogColumn, columnOf, type DistinctTypes, timestampShape, UNPROVEN_DIGITS } from './column-format';

export interface NamedFile {
  readonly file: QualifiedName;
  readonly sqlName: QualifiedName;
}

const COLUMNS = `SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, SYSTEM_COLUMN_NAME, DATA_TYPE,
 LENGTH, NUMERIC_SCALE, NUMERIC_PRECISION, IS_NULLABLE, HAS_DEFAULT, CCSID, USER_DEFINED_TYPE_SCHEMA,
 USER_DEFINED_TYPE_NAME, IS_IDENTITY, HIDDEN`;
const FORMATS = 'DATE_FORMAT, DATE_SEPARATOR, TIME_FORMAT, TIME_SEPARATOR';
const DIGITS = 'DATETIME_PRECISION';

export async function readColumns(
  connection: SqlConnection,
  found: readonly NamedFile[],
): Promise<Map<string, Columns>> {
  const where = within(
    'SYSTEM_TABLE_SCHEMA',
    'SYSTEM_TABLE_NAME',
    found.map((f) => f.file),
  );
  const tail = `WHERE ${where.sql} ORDER BY SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, ORDINAL_POSITION`;
  const ask = (list: string): Promise<Answer[] | null> =>
    answersIfAvailable(connection, `SELECT ${list} ${tail}`, where.params);
  const rows =
    (await ask(`${COLUMNS}, ${DIGITS}, ${FORMATS} FROM QSYS2.SYSCOLUMNS2`)) ??
    (await ask(`${COLUMNS}, ${DIGITS} FROM QSYS2.SYSCOLUMNS`)) ??
    (await answers(connection, `SELECT ${COLUMNS} FROM QSYS2.SYSCOLUMNS ${tail}`, where.params));
  const distinct = await readDistinctTypes(connection, rows);
  const byFile = new Map<string, Columns>();
  for (const row of rows) {
    const name = `${text(row, 'SYSTEM_TABLE_SCHEMA')}/${text(row, 'SYSTEM_TABLE_NAME')}`;
    const columns = byFile.get(name) ?? { columns: [], unknown: [] };
    byFile.set(name, columns);
    const column = columnOf(row, distinct);
    if (column) columns.columns.push(column);
    else columns.unknown.push(`${text(row, 'COLUMN_NAME')} ${text(row, 'DATA_TYPE')}`);
  }
  for (const { file, sqlName } of found) await proveTimestamps(connection, sqlName, byFile.get(formatName(file)));
  return byFile;
}

async function proveTimestamps(
  connection: SqlConnection,
  sqlName: QualifiedName,
  columns: Columns | undefined,
): Promise<void> {
  for (const [i, column] of columns?.columns.entries() ?? []) {
    if (column.format.type !== 'TIMESTAMP' || column.format.scale !== UNPROVEN_DIGITS) continue;
    const digits = await describedDigits(connection, sqlName, column.format.name);
    if (digits === null) columns!.unknown.push(`${column.format.name} TIMESTAMP of unknown precision`);
    else columns!.columns[i] = { ...column, format: { ...column.format, ...timestampShape(digits) } };
  }
}

/** From the description of a statement that is never run. Null where the transport does not describe it, or the table cannot be read. */
async function describedDigits(
  connection: SqlConnection,
  { library, name }: QualifiedName,
  column: string,
): Promise<number | null> {
  try {
    const sql = `SELECT ${quotedName(column)} FROM ${quotedName(library)}.${quotedName(name)}`;
    await using statement = await connection.prepare(sql);
    // drivers that hand over values only describe every timestamp alike
    const [described] = statement.queryRaw ? (statement.columns ?? []) : [];
    return described?.type === 'TIMESTAMP' ? described.scale : null;
  } catch (error) {
    if (isCoded(error) && error.family === 'host') return null;
    throw error;
  }
}

export interface Columns {
  readonly columns: CatalogColumn[];
  readonly unknown: string[];
}

async function readDistinctTypes(connection: SqlConnection, rows: readonly Answer[]): Promise<DistinctTypes> {
  if (!rows.some((row) => text(row, 'DATA_TYPE') === 'DISTINCT')) return new Map();
  const types = await answersIfAvailable(
    connection,
    `SELECT USER_DEFINED_TYPE_SCHEMA, USER_DEFINED_TYPE_NAME, SOURCE_TYPE, LENGTH, NUMERIC_SCALE, NUMERIC_PRECISION, CCSID
 FROM QSYS2.SYSTYPES`,
  );
  return new Map(
    (types ?? []).map((t) => [`${text(t, 'USER_DEFINED_TYPE_SCHEMA')}/${text(t, 'USER_DEFINED_TYPE_NAME')}`, t]),
  );
}
