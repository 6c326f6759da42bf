/**
 * What people wrote into the catalog about tables and columns, and how tables refer to each other. One statement each for all
 * tables. Sources: QSYS2.SYSTABLES, SYSCOLUMNS, SYSREFCST with SYSKEYCST, SYSCST; QSYS.QADBKATR for keyed files.
 */
import { formatName, type QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { answers, answersIfAvailable, integer, text, within } from './answer';

export interface TableWords {
  /** LABEL ON TABLE or TEXT of the file. */
  readonly text: string;
  /** By SQL name: COMMENT ON, else LABEL ... TEXT IS, else the column heading; '' where nothing is written. */
  readonly columns: ReadonlyMap<string, string>;
}

/** By `LIB/FILE`, system names. */
export async function readWords(
  connection: SqlConnection,
  files: readonly QualifiedName[],
): Promise<Map<string, TableWords>> {
  const where = within('SYSTEM_TABLE_SCHEMA', 'SYSTEM_TABLE_NAME', files);
  const nameOf = (row: Parameters<typeof text>[0]): string =>
    `${text(row, 'SYSTEM_TABLE_SCHEMA')}/${text(row, 'SYSTEM_TABLE_NAME')}`;
  const tables = await answers(
    connection,
    `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, TABLE_TEXT FROM QSYS2.SYSTABLES WHERE ${where.sql}`,
    where.params,
  );
  const columns = await answers(
    connection,
    `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, COLUMN_NAME, SYSTEM_COLUMN_NAME, COLUMN_HEADING, COLUMN_TEXT, LONG_COMMENT
 FROM QSYS2.SYSCOLUMNS WHERE ${where.sql}`,
    where.params,
  );
  const words = new Map<string, { text: string; columns: Map<string, string> }>();
  for (const row of tables) words.set(nameOf(row), { text: text(row, 'TABLE_TEXT').trim(), columns: new Map() });
  for (const row of columns) {
    const name = text(row, 'COLUMN_NAME');
    words.get(nameOf(row))?.columns.set(name, columnWords(row, name));
  }
  return words;
}

/** A heading that repeats the name says nothing; its lines are 20 characters wide each. */
function columnWords(row: Parameters<typeof text>[0], name: string): string {
  const said = ['COLUMN_TEXT', 'COLUMN_HEADING', 'LONG_COMMENT']
    .map((member) => text(row, member).replaceAll(/\s+/g, ' ').trim())
    .find((words) => words !== '' && words !== name && words !== text(row, 'SYSTEM_COLUMN_NAME'));
  return said ?? '';
}

/** Physical files and tables of a library that hold data, by system name; source files and catalog files are none. */
export async function readLibrary(connection: SqlConnection, library: string): Promise<QualifiedName[]> {
  const rows = await answers(
    connection,
    `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES
 WHERE (SYSTEM_TABLE_SCHEMA = ? OR TABLE_SCHEMA = ?) AND TABLE_TYPE IN ('T', 'P') AND FILE_TYPE = 'D'
 ORDER BY SYSTEM_TABLE_NAME`,
    [library.slice(0, 10), library],
  );
  return rows.map((row) => ({ library: text(row, 'SYSTEM_TABLE_SCHEMA'), name: text(row, 'SYSTEM_TABLE_NAME') }));
}

export interface ForeignKey {
  readonly name: string;
  /** SQL names. */
  readonly child: QualifiedName;
  readonly parent: QualifiedName;
  /** Columns of the child and the parent's columns they refer to, in key order. */
  readonly columns: readonly (readonly [child: string, parent: string])[];
}

/** @param tables SQL names of the children; empty where the release has no such view or the profile may not read it */
export async function readForeignKeys(
  connection: SqlConnection,
  tables: readonly QualifiedName[],
): Promise<ForeignKey[]> {
  const where = within('K.TABLE_SCHEMA', 'K.TABLE_NAME', tables);
  const rows = await answersIfAvailable(
    connection,
    `SELECT R.CONSTRAINT_NAME AS CN, K.TABLE_SCHEMA AS TS, K.TABLE_NAME AS TN, K.COLUMN_NAME AS CO, K.ORDINAL_POSITION AS OP,
 P.TABLE_SCHEMA AS PS, P.TABLE_NAME AS PN, P.COLUMN_NAME AS PC
 FROM QSYS2.SYSREFCST R
 JOIN QSYS2.SYSKEYCST K ON K.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = R.CONSTRAINT_NAME
 JOIN QSYS2.SYSKEYCST P ON P.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA AND P.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME
  AND P.ORDINAL_POSITION = K.ORDINAL_POSITION
 WHERE ${where.sql} ORDER BY 2, 3, 1, 5`,
    where.params,
  );
  const found = new Map<
    string,
    { name: string; child: QualifiedName; parent: QualifiedName; columns: [string, string][] }
  >();
  for (const row of rows ?? []) {
    const child = { library: text(row, 'TS'), name: text(row, 'TN') };
    const id = `${formatName(child)} ${text(row, 'CN')}`;
    const key = found.get(id) ?? {
      name: text(row, 'CN'),
      child,
      parent: { library: text(row, 'PS'), name: text(row, 'PN') },
      columns: [],
    };
    found.set(id, key);
    key.columns.push([text(row, 'CO'), text(row, 'PC')]);
  }
  return [...found.values()];
}

export interface KeyedTable {
  /** System names. */
  readonly file: QualifiedName;
  readonly key: readonly string[];
}

/** Tables of some libraries with the columns of their primary or unique constraint, or of their keyed access path. */
export async function readKeyedTables(connection: SqlConnection, libraries: readonly string[]): Promise<KeyedTable[]> {
  const list = libraries.map(() => '?').join(', ');
  const constraints = await answersIfAvailable(
    connection,
    `SELECT K.SYSTEM_TABLE_SCHEMA AS TS, K.SYSTEM_TABLE_NAME AS TN, K.CONSTRAINT_NAME AS CN, K.COLUMN_NAME AS CO,
 K.ORDINAL_POSITION AS OP FROM QSYS2.SYSKEYCST K
 JOIN QSYS2.SYSCST C ON C.CONSTRAINT_SCHEMA = K.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME = K.CONSTRAINT_NAME
 WHERE C.CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE') AND K.SYSTEM_TABLE_SCHEMA IN (${list}) ORDER BY 1, 2, 3, 5`,
    libraries,
  );
  const paths = await answersIfAvailable(
    connection,
    `SELECT DBKLIB AS TS, DBKFIL AS TN, '' AS CN, DBKFLD AS CO, DBKPOS AS OP FROM QSYS.QADBKATR WHERE DBKLIB IN (${list})
 ORDER BY DBKLIB, DBKFIL, DBKPOS`,
    libraries,
  );
  const keys = new Map<string, { file: QualifiedName; constraint: string; key: string[] }>();
  for (const row of [...(constraints ?? []), ...(paths ?? [])]) {
    const file = { library: text(row, 'TS'), name: text(row, 'TN') };
    const known = keys.get(formatName(file));
    if (!known) keys.set(formatName(file), { file, constraint: text(row, 'CN'), key: [text(row, 'CO')] });
    else if (known.constraint === text(row, 'CN') && (integer(row, 'OP') ?? 1) > known.key.length)
      known.key.push(text(row, 'CO'));
  }
  return [...keys.values()].map(({ file, key }) => ({ file, key }));
}
