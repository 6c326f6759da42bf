/**
 * The catalog read for all mapped tables at once: a constant number of statements, whatever the number of tables.
 *
 * Sources: QSYS2.SYSTABLES, SYSCOLUMNS2 (SYSCOLUMNS before 7.3 TR11 / 7.4 TR5), SYSTYPES, JOURNALED_OBJECTS
 * (OBJECT_STATISTICS, one call a library, before it existed), SYSCST/SYSKEYCST, SYSINDEXES/SYSKEYS, QSYS.QADBKATR,
 * SYSPARTITIONSTAT. All names given to services are system names.
 */
import { SqlError } from '../errors/coded-error';
import { spellingsOf } from '../model/identifiers';
import { formatName, ordinaryTable, type QualifiedName } from '../model/position';
import type { SqlConnection } from '../transport/transport';
import { type Answer, answers, answersIfAvailable, big, text, within } from './answer';
import type { CatalogColumn } from './column-format';
import { type Columns, type NamedFile, readColumns } from './columns';
import type { TableFacts, TableJournal, TableKey, TableMember, TableState } from './table-facts';

/** What the catalog says of all files that were found, by name. */
interface Read {
  readonly columns: ReadonlyMap<string, Columns>;
  readonly journals: ReadonlyMap<string, TableJournal>;
  readonly keys: ReadonlyMap<string, TableKey>;
  /** Null where the server does not list members. */
  readonly members: ReadonlyMap<string, TableMember[]> | null;
}

/** @returns one fact sheet for each asked name, in the order asked, missing tables included */
export async function readTables(connection: SqlConnection, asked: readonly QualifiedName[]): Promise<TableFacts[]> {
  if (asked.length === 0) return [];
  const files = resolveNames(asked, await readNames(connection, asked));
  const found = [...files.values()].filter((file): file is NamedFile => file !== null);
  if (found.length === 0) return asked.map((name) => absent(name));
  const read: Read = {
    columns: await readColumns(connection, found),
    journals: await readFileJournals(connection, found),
    keys: await readKeys(connection, found),
    members: await readMembers(connection, found),
  };
  return asked.map((name) => {
    const file = files.get(formatName(name));
    if (!file) return absent(name);
    return factsOf(name, file, read);
  });
}

/** A system name has ten characters at most; a longer one can only be an SQL name, and its marker would not hold it. */
const SYSTEM_NAME = 10;

/** Every spelling under which a name of the configuration may be in the catalog, the most exact first. */
function spellings({ library, name }: QualifiedName): QualifiedName[] {
  return spellingsOf(name).flatMap((n) => spellingsOf(library).map((l) => ({ library: l, name: n })));
}

/** By both names: a short SQL name need not be the system name (`FOR SYSTEM NAME`). */
async function readNames(connection: SqlConnection, asked: readonly QualifiedName[]): Promise<Answer[]> {
  const spelled = asked.flatMap(spellings);
  const short = spelled.filter((n) => n.name.length <= SYSTEM_NAME && n.library.length <= SYSTEM_NAME);
  const conditions = [
    ...(short.length > 0 ? [within('SYSTEM_TABLE_SCHEMA', 'SYSTEM_TABLE_NAME', short)] : []),
    within('TABLE_SCHEMA', 'TABLE_NAME', spelled),
  ];
  return answers(
    connection,
    `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ROW_LENGTH
 FROM QSYS2.SYSTABLES WHERE ${conditions.map((c) => `(${c.sql})`).join(' OR ')}`,
    conditions.flatMap((c) => c.params),
  );
}

/**
 * The exact spelling before the folded one; where one table's SQL name is another one's system name, the system name wins: it is
 * what entries carry.
 */
function resolveNames(asked: readonly QualifiedName[], rows: readonly Answer[]): Map<string, NamedFile | null> {
  const byName = new Map<string, NamedFile>();
  const found = rows.map((row) => ({
    file: { library: text(row, 'SYSTEM_TABLE_SCHEMA'), name: text(row, 'SYSTEM_TABLE_NAME') },
    sqlName: { library: text(row, 'TABLE_SCHEMA'), name: text(row, 'TABLE_NAME') },
  }));
  for (const table of found) {
    byName.set(placeOf(table.sqlName), table);
    byName.set(placeOf({ library: table.file.library, name: table.sqlName.name }), table);
  }
  for (const table of found) byName.set(placeOf(table.file), table);
  const named = (name: QualifiedName): NamedFile | null => {
    for (const spelling of spellings(name)) {
      const table = byName.get(placeOf(spelling));
      if (table) return table;
    }
    return null;
  };
  return new Map(asked.map((name) => [formatName(name), named(name)]));
}

/** Catalog names may hold any character, a slash too. */
function placeOf({ library, name }: QualifiedName): string {
  return JSON.stringify([library, name]);
}

async function readFileJournals(
  connection: SqlConnection,
  found: readonly NamedFile[],
): Promise<Map<string, TableJournal>> {
  const files = found.map((f) => f.file);
  const where = within('OBJECT_LIBRARY', 'OBJECT_NAME', files);
  const rows =
    (await answersIfAvailable(
      connection,
      `SELECT OBJECT_LIBRARY, OBJECT_NAME, JOURNAL_LIBRARY, JOURNAL_NAME, JOURNAL_IMAGES FROM QSYS2.JOURNALED_OBJECTS
 WHERE OBJECT_TYPE = '*FILE' AND ${where.sql}`,
      where.params,
    )) ?? (await readObjectStatistics(connection, files));
  return new Map(
    rows
      .filter((row) => text(row, 'JOURNAL_NAME') !== '')
      .map((row) => [
        `${text(row, 'OBJECT_LIBRARY')}/${text(row, 'OBJECT_NAME')}`,
        {
          name: { library: text(row, 'JOURNAL_LIBRARY'), name: text(row, 'JOURNAL_NAME') },
          images: text(row, 'JOURNAL_IMAGES').includes('BOTH') ? 'BOTH' : 'AFTER',
        },
      ]),
  );
}

/** One call a library, so still independent of the number of tables. */
async function readObjectStatistics(connection: SqlConnection, files: readonly QualifiedName[]): Promise<Answer[]> {
  const rows: Answer[] = [];
  for (const library of new Set(files.map((f) => f.library))) {
    const found = await answers(
      connection,
      `SELECT OBJNAME AS OBJECT_NAME, JOURNAL_LIBRARY, JOURNAL_NAME, JOURNAL_IMAGES, JOURNALED
 FROM TABLE(QSYS2.OBJECT_STATISTICS(?, '*FILE')) X WHERE JOURNALED = 'YES'`,
      [library],
    );
    rows.push(...found.map((row) => new Map([...row, ['OBJECT_LIBRARY', library]])));
  }
  return rows;
}

async function readKeys(connection: SqlConnection, found: readonly NamedFile[]): Promise<Map<string, TableKey>> {
  const names = found.map((f) => f.sqlName);
  const keys = new Map<string, { rank: number; name: string; source: TableKey['source']; columns: string[] }>();
  const offer = (table: string, rank: number, name: string, source: TableKey['source'], column: string): void => {
    const known = keys.get(table);
    if (known && known.name === name) known.columns.push(column);
    else if (!known || rank < known.rank) keys.set(table, { rank, name, source, columns: [column] });
  };
  const constraints = within('K.TABLE_SCHEMA', 'K.TABLE_NAME', names);
  for (const row of (await answersIfAvailable(
    connection,
    `SELECT K.TABLE_SCHEMA AS TS, K.TABLE_NAME AS TN, K.CONSTRAINT_NAME AS CN, C.CONSTRAINT_TYPE AS CT, K.COLUMN_NAME AS CO, K.ORDINAL_POSITION AS OP
 FROM QSYS2.SYSKEYCST K JOIN QSYS2.SYSCST C ON C.CONSTRAINT_SCHEMA = K.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME = K.CONSTRAINT_NAME
 WHERE C.CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE') AND ${constraints.sql} ORDER BY 1, 2, 4, 3, 6`,
    constraints.params,
  )) ?? []) {
    const primary = text(row, 'CT') === 'PRIMARY KEY';
    offer(
      `${text(row, 'TS')}/${text(row, 'TN')}`,
      primary ? 0 : 1,
      `constraint ${text(row, 'CN')}`,
      primary ? 'primary key' : 'unique constraint',
      text(row, 'CO'),
    );
  }
  const indexes = within('I.TABLE_SCHEMA', 'I.TABLE_NAME', names);
  for (const row of (await answersIfAvailable(
    connection,
    `SELECT I.TABLE_SCHEMA AS TS, I.TABLE_NAME AS TN, I.INDEX_SCHEMA AS IX, I.INDEX_NAME AS CN, K.COLUMN_NAME AS CO, K.ORDINAL_POSITION AS OP
 FROM QSYS2.SYSINDEXES I JOIN QSYS2.SYSKEYS K ON K.INDEX_SCHEMA = I.INDEX_SCHEMA AND K.INDEX_NAME = I.INDEX_NAME
 WHERE I.IS_UNIQUE = 'U' AND ${indexes.sql} ORDER BY 1, 2, 3, 4, 6`,
    indexes.params,
  )) ?? [])
    offer(
      `${text(row, 'TS')}/${text(row, 'TN')}`,
      2,
      `index ${text(row, 'IX')}/${text(row, 'CN')}`,
      'unique index',
      text(row, 'CO'),
    );
  await offerAccessPaths(connection, found, offer);
  return new Map([...keys].map(([table, key]) => [table, { columns: key.columns, source: key.source }]));
}

/** Keyed DDS files. QADBKATR has system names; many profiles may not read it, then the config must name the key. */
async function offerAccessPaths(
  connection: SqlConnection,
  found: readonly NamedFile[],
  offer: (table: string, rank: number, name: string, source: TableKey['source'], column: string) => void,
): Promise<void> {
  const where = within(
    'DBKLIB',
    'DBKFIL',
    found.map((f) => f.file),
  );
  const sqlNames = new Map(found.map((f) => [formatName(f.file), formatName(f.sqlName)]));
  const rows = await answersIfAvailable(
    connection,
    `SELECT DBKLIB, DBKFIL, DBKFLD, DBKPOS FROM QSYS.QADBKATR WHERE ${where.sql} ORDER BY DBKLIB, DBKFIL, DBKPOS`,
    where.params,
  );
  for (const row of rows ?? []) {
    const table = sqlNames.get(`${text(row, 'DBKLIB')}/${text(row, 'DBKFIL')}`);
    if (table) offer(table, 3, 'access path', 'access path', text(row, 'DBKFLD'));
  }
}

async function readMembers(
  connection: SqlConnection,
  found: readonly NamedFile[],
): Promise<Map<string, TableMember[]> | null> {
  const where = within(
    'SYSTEM_TABLE_SCHEMA',
    'SYSTEM_TABLE_NAME',
    found.map((f) => f.file),
  );
  const rows = await answersIfAvailable(
    connection,
    `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, SYSTEM_TABLE_MEMBER, NUMBER_ROWS, NUMBER_DELETED_ROWS
 FROM QSYS2.SYSPARTITIONSTAT WHERE ${where.sql}`,
    where.params,
  );
  if (rows === null) return null;
  const byFile = new Map<string, TableMember[]>();
  for (const row of rows) {
    const name = `${text(row, 'SYSTEM_TABLE_SCHEMA')}/${text(row, 'SYSTEM_TABLE_NAME')}`;
    const list = byFile.get(name) ?? [];
    byFile.set(name, list);
    list.push({
      name: text(row, 'SYSTEM_TABLE_MEMBER'),
      rows: big(row, 'NUMBER_ROWS') ?? 0n,
      deletedRows: big(row, 'NUMBER_DELETED_ROWS') ?? 0n,
    });
  }
  return byFile;
}

function absent(asked: QualifiedName): TableFacts {
  return {
    asked,
    file: ordinaryTable(asked),
    sqlName: ordinaryTable(asked),
    state: 'missing',
    reason: `no table ${formatName(asked)} is visible to this profile`,
    columns: [],
    format: { table: formatName(asked), columns: [] },
    key: null,
    journal: null,
    members: [],
  };
}

function factsOf(asked: QualifiedName, named: NamedFile, { columns, journals, keys, members }: Read): TableFacts {
  const name = formatName(named.file);
  const layout = columns.get(name) ?? { columns: [], unknown: [] };
  const journal = journals.get(name) ?? null;
  const memberList = members?.get(name) ?? [];
  const { state, reason } = stateOf(name, layout, journal, members !== null && memberList.length === 0);
  return {
    asked,
    ...named,
    state,
    reason,
    columns: layout.columns,
    format: { table: name, columns: layout.columns.map((c) => c.format) },
    key: sqlKey(keys.get(formatName(named.sqlName)) ?? null, layout.columns),
    journal,
    members: memberList,
  };
}

function stateOf(
  name: string,
  layout: Columns,
  journal: TableJournal | null,
  noMember: boolean,
): { state: TableState; reason: string } {
  if (layout.unknown.length > 0)
    return {
      state: 'layout unknown',
      reason: `${name} has columns whose layout the catalog does not say: ${layout.unknown.join(', ')}`,
    };
  if (layout.columns.length === 0) return { state: 'layout unknown', reason: `the catalog lists no column of ${name}` };
  if (noMember) return { state: 'no member', reason: `${name} has no member` };
  if (!journal) return { state: 'not journaled', reason: `${name} is not journaled` };
  return { state: 'ok', reason: '' };
}

/** Access paths name columns by system name; keys are always given in SQL names. */
function sqlKey(key: TableKey | null, columns: readonly CatalogColumn[]): TableKey | null {
  if (!key) return null;
  const sql = key.columns.map(
    (name) => columns.find((c) => c.format.name === name || c.systemName === name)?.format.name,
  );
  return sql.every((name): name is string => name !== undefined) ? { columns: sql, source: key.source } : null;
}

/** Whether an SQL error on a table says "not authorised" or "in use", which are states of that table and of no other. */
export function stateOfFailure(error: unknown): TableState | null {
  if (!(error instanceof SqlError)) return null;
  if ([-551, -552, -567].includes(error.sqlCode)) return 'unauthorised';
  if ([-913, -911].includes(error.sqlCode)) return 'locked';
  if ([-204].includes(error.sqlCode)) return 'missing';
  return null;
}
