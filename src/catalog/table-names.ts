/**
 * What the catalog made of the table names of the configuration, kept in the state file: events carry system names, and commands
 * that work without the partition must know which table a name means.
 */
import { sameIdentifier } from '../model/identifiers';
import { formatName, parseName, parseWritten, type QualifiedName } from '../model/position';
import type { Schema, Store } from '../store/store';
import type { TableFacts } from './table-facts';

export const TABLE_NAMES_SCHEMA: Schema = {
  name: 'table_names',
  steps: [
    `CREATE TABLE table_names (
       file TEXT NOT NULL PRIMARY KEY,
       written TEXT NOT NULL,
       sql_name TEXT NOT NULL
     ) WITHOUT ROWID;`,
    // the journal it was captured from last; null where it was not journaled then
    'ALTER TABLE table_names ADD COLUMN journal TEXT',
  ],
};

/** Tables no longer in the configuration stay known: their events may still be stored. */
export function rememberNames(store: Store, tables: readonly TableFacts[]): void {
  const insert = store.db.prepare(
    `INSERT INTO table_names (file, written, sql_name, journal) VALUES (?, ?, ?, ?)
     ON CONFLICT (file) DO UPDATE SET written = excluded.written, sql_name = excluded.sql_name,
       journal = coalesce(excluded.journal, journal)`,
  );
  store.transaction(() => {
    for (const { file, asked, sqlName, journal } of tables)
      insert.run(formatName(file), formatName(asked), formatName(sqlName), journal && formatName(journal.name));
  });
}

/** The journal a table was in when it was captured last. @param file as events have it */
export function journalOf(store: Store, file: QualifiedName): QualifiedName | null {
  return capturedAs(store, file)?.journal ?? null;
}

/** A table as it was captured last. @param name as the configuration or as events have it */
export function capturedAs(
  store: Store,
  name: QualifiedName,
): { readonly file: string; readonly journal: QualifiedName | null } | null {
  const sql = 'SELECT file, journal FROM table_names WHERE file = @name OR written = @name ORDER BY file = @name DESC';
  const row = store.db.prepare(sql).get({ name: formatName(name) }) as
    | { file: string; journal: string | null }
    | undefined;
  return row ? { file: row.file, journal: row.journal === null ? null : parseName(row.journal) } : null;
}

interface KnownTable {
  /** `LIB/FILE` as events have it. */
  readonly file: string;
  readonly written: string;
  readonly sqlName: string;
}

export function knownTables(store: Store): KnownTable[] {
  return store.db
    .prepare('SELECT file, written, sql_name AS sqlName FROM table_names ORDER BY file')
    .all() as KnownTable[];
}

/** True if the two names, as written or as the catalog has them, can mean one table. */
export function sameTable(a: QualifiedName, b: string): boolean {
  const other = parseWritten(b);
  return other !== null && sameIdentifier(a.library, other.library) && sameIdentifier(a.name, other.name);
}
