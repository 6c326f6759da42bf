/** Tables of the partition's SQLite file. Row tables "m_<memberId>" come and go with members (member-rows.ts). */
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { CodedError } from '../../../errors/coded-error';
import { openSqlite } from '../../../sqlite';

/** Sequence numbers are kept relative to their receiver's base, so that 20-digit ones fit beside the receiver id. */
export const SEQUENCE_BITS = 44n;
export const SEQUENCE_MASK = (1n << SEQUENCE_BITS) - 1n;

const DDL = `
CREATE TABLE IF NOT EXISTS partition_value (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS library (
  name TEXT PRIMARY KEY, text TEXT NOT NULL, created TEXT NOT NULL, inherit_journal INTEGER, long_name TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY, library TEXT NOT NULL, name TEXT NOT NULL, def TEXT NOT NULL, created TEXT NOT NULL,
  journal INTEGER, images TEXT NOT NULL, omit_open_close INTEGER NOT NULL, journal_start TEXT, jid BLOB, identity TEXT,
  UNIQUE (library, name));
CREATE TABLE IF NOT EXISTS member (
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL, name TEXT NOT NULL, next_rrn INTEGER NOT NULL, created TEXT NOT NULL,
  last_change TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal (
  id INTEGER PRIMARY KEY, library TEXT NOT NULL, name TEXT NOT NULL, attributes TEXT NOT NULL, created TEXT NOT NULL,
  UNIQUE (library, name));
CREATE TABLE IF NOT EXISTS receiver (
  id INTEGER PRIMARY KEY, library TEXT NOT NULL, name TEXT NOT NULL, journal INTEGER, chain INTEGER NOT NULL,
  place INTEGER NOT NULL, status TEXT NOT NULL, base TEXT NOT NULL, attached TEXT, detached TEXT, saved TEXT,
  saved_last INTEGER, previous TEXT, next TEXT, threshold INTEGER NOT NULL,
  first_seq INTEGER, last_seq INTEGER, deleted INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX IF NOT EXISTS receiver_name ON receiver (library, name) WHERE deleted = 0;
CREATE TABLE IF NOT EXISTS entry_object (
  id INTEGER PRIMARY KEY, library TEXT NOT NULL, name TEXT NOT NULL, member TEXT NOT NULL, object_type TEXT NOT NULL,
  file_type TEXT NOT NULL, jid BLOB);
CREATE TABLE IF NOT EXISTS entry_origin (
  id INTEGER PRIMARY KEY, job_name TEXT, job_user TEXT, job_number TEXT, user_name TEXT, program TEXT,
  program_library TEXT, remote_address TEXT, remote_port INTEGER, thread TEXT, system TEXT);
-- id = receiver << 44 | (sequence - receiver.base); flags: 1 trigger 2 referential 4 ignore 8 minimized 16 on fields 32 internal
CREATE TABLE IF NOT EXISTS journal_entry (
  id INTEGER PRIMARY KEY, ts TEXT NOT NULL, code TEXT NOT NULL, type TEXT NOT NULL, object INTEGER NOT NULL,
  rrn INTEGER NOT NULL, ccid INTEGER NOT NULL, nest INTEGER NOT NULL, flag TEXT NOT NULL, flags INTEGER NOT NULL,
  origin INTEGER NOT NULL, nulls TEXT, data BLOB);
CREATE TABLE IF NOT EXISTS open_cycle (
  cycle INTEGER NOT NULL, journal INTEGER NOT NULL, receiver INTEGER NOT NULL, ccid INTEGER NOT NULL,
  origin INTEGER NOT NULL, PRIMARY KEY (cycle, journal)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS undo_step (
  cycle INTEGER NOT NULL, n INTEGER NOT NULL, member INTEGER NOT NULL, op TEXT NOT NULL, rrn INTEGER NOT NULL,
  image BLOB, nulls TEXT, lobs BLOB, PRIMARY KEY (cycle, n)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS authority (
  library TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, user TEXT NOT NULL, rights TEXT NOT NULL,
  PRIMARY KEY (library, name, type, user)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS saved_object (
  library TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, saved TEXT NOT NULL, def TEXT NOT NULL,
  PRIMARY KEY (library, name, type)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS saved_row (
  library TEXT NOT NULL, name TEXT NOT NULL, member TEXT NOT NULL, rrn INTEGER NOT NULL, image BLOB NOT NULL,
  nulls TEXT, lobs BLOB, PRIMARY KEY (library, name, member, rrn));
CREATE TABLE IF NOT EXISTS saved_entry (
  receiver INTEGER NOT NULL, id INTEGER PRIMARY KEY, ts TEXT, code TEXT, type TEXT, object INTEGER, rrn INTEGER,
  ccid INTEGER, nest INTEGER, flag TEXT, flags INTEGER, origin INTEGER, nulls TEXT, data BLOB);
CREATE INDEX IF NOT EXISTS saved_entry_receiver ON saved_entry (receiver);
`;

/** Opens the partition's file. A killed process keeps all it committed; a power cut may cost the last moments: it is a simulator. */
export function openDatabase(file: string): Database.Database {
  const db = openSqlite(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -32768');
  db.pragma('wal_autocheckpoint = 4000');
  db.exec(DDL);
  // a folder kept from before schemas had names of their own, or entries systems
  addColumn(db, 'library', 'long_name');
  addColumn(db, 'entry_origin', 'system');
  return db;
}

function addColumn(db: Database.Database, table: string, column: string): void {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table);
  if (!columns.includes(column)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`);
}

/**
 * One process owns a partition: its main storage knows what the file does not. The lock dies with the process.
 * @throws CodedError family `config` when another process has it
 */
export function lockFolder(folder: string): Database.Database {
  const lock = openSqlite(join(folder, 'partition.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new CodedError({
      code: 'SIMULATE_DATA_IN_USE',
      message: `another simulated partition is running on ${folder}`,
      next: 'stop it, or give this one a --data folder of its own',
      facts: { folder },
    });
  }
}
