/**
 * The lives of a state file: one for each time a daemon opens it, under a random name. What is kept elsewhere (beside the
 * file, in Kafka) names the life it belongs to, so a copy or a restored file is recognised, and one that was used is never
 * taken for new.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { isSameThing, type RememberedFile, readMark, thingOf } from './mark';
import type { Schema } from './schema';
import { readWitness } from './witness';

export const LIFE_SCHEMA: Schema = {
  name: 'store',
  steps: [
    `
-- who this file is, how many durable transactions it has seen, and whether the last life ended in good order
CREATE TABLE store_mark (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  identity TEXT NOT NULL,
  commits INTEGER NOT NULL,
  clean INTEGER NOT NULL
);
INSERT INTO store_mark VALUES (1, lower(hex(randomblob(8))), 0, 1);

-- position: of the last event the file had when that life began. found: first, same, restored, accepted
CREATE TABLE store_life (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  incarnation TEXT NOT NULL UNIQUE,
  opened_at INTEGER NOT NULL,
  position INTEGER NOT NULL,
  found TEXT NOT NULL
);
`,
  ],
};

/** How a file was found when a daemon opened it. `restored`: a copy, or a restored backup. */
export type Found = 'first' | 'same' | 'restored' | 'accepted';

interface LifeRow {
  readonly no: number;
  readonly incarnation: string;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  /** Of the last event the file had then. */
  readonly position: number;
  readonly found: Found;
}

/** A life that has ended: events beyond `limit` are not this file's, whatever that life may have sent. */
export interface FormerLife {
  readonly incarnation: string;
  readonly limit: number;
}

const COLUMNS = 'no, incarnation, opened_at AS openedAt, position, found';
/** Lives remembered. */
const KEPT = 1000;

interface FileMark {
  readonly identity: string;
  readonly commits: number;
  readonly clean: number;
}

export function fileMark(db: Database): FileMark {
  return db.prepare('SELECT identity, commits, clean FROM store_mark').get() as FileMark;
}

/** The latest life; null before the first. */
export function lastLife(db: Database): LifeRow | null {
  return (
    (db.prepare(`SELECT ${COLUMNS} FROM store_life ORDER BY no DESC LIMIT 1`).get() as LifeRow | undefined) ?? null
  );
}

/**
 * Compares the file with what is remembered of it.
 * @param log false where there was no write-ahead log beside it
 * @throws CodedError `STATE_CUT`, family positionLost: the file has less than it had, and no command caused it
 */
export function judge(file: string, db: Database, log: boolean): Found {
  const mark = readMark(file);
  const { identity, commits, clean } = fileMark(db);
  const last = lastLife(db);
  const own = mark?.identity === identity;
  if (clean === ACCEPTED) return 'accepted';
  if (last === null) {
    if (own) throw cut(file, 'its first transactions are missing', mark);
    return mark === null && !isEarlier(file, db) ? 'first' : 'restored';
  }
  const copied = own && !isSameThing(mark.thing, thingOf(file));
  if (own && !copied && mark.incarnation === last.incarnation) {
    if (commits >= mark.commits) return isEarlier(file, db) ? 'restored' : 'same';
    throw cut(file, `it has ${commits} transactions and had ${mark.commits}`, mark);
  }
  if (clean === 0 && !log) throw cut(file, 'it was copied or left without the log beside it', mark);
  // a life that ended before it could leave its mark
  return own && !copied && isLife(db, mark.incarnation) && !isEarlier(file, db) ? 'same' : 'restored';
}

/** Value of `clean` after the operator took the file as it is. */
const ACCEPTED = 2;

export function accept(db: Database): void {
  db.prepare('UPDATE store_mark SET clean = ?').run(ACCEPTED);
}

/** For a copy that was made in good order. */
export function markClean(db: Database): void {
  db.prepare('UPDATE store_mark SET clean = 1').run();
}

/** Inside a transaction. */
export function beginLife(db: Database, found: Found, position: number, now: number): string {
  const incarnation = randomBytes(12).toString('hex');
  db.prepare('INSERT INTO store_life (incarnation, opened_at, position, found) VALUES (?, ?, ?, ?)').run(
    incarnation,
    now,
    position,
    found,
  );
  db.prepare('DELETE FROM store_life WHERE no <= (SELECT max(no) FROM store_life) - ?').run(KEPT);
  db.prepare('UPDATE store_mark SET clean = 0').run();
  return incarnation;
}

/** Lives before the present one, the latest first. */
export function formerLives(db: Database): FormerLife[] {
  const rows = db.prepare(`SELECT ${COLUMNS} FROM store_life ORDER BY no DESC`).all() as LifeRow[];
  return rows.slice(1).map(({ incarnation }, i) => ({ incarnation, limit: rows[i]!.position }));
}

/** The folder was written over with an older copy of all that is in it: only what lies outside knows of a later life. */
function isEarlier(file: string, db: Database): boolean {
  const witness = readWitness(file);
  const { identity, commits } = fileMark(db);
  if (witness?.identity !== identity) return false;
  if (!isLife(db, witness.incarnation)) return true;
  return witness.incarnation === lastLife(db)?.incarnation && commits < witness.commits;
}

function isLife(db: Database, incarnation: string): boolean {
  return db.prepare('SELECT 1 FROM store_life WHERE incarnation = ?').get(incarnation) !== undefined;
}

/** Next step of every refusal: the same two ways. */
export function ways(file: string): string {
  return `put back what is missing or restore a backup (docs/backup.md); or go on with what ${file} holds, which repeats events under the same ids: ibmi-cdc resume --state accept`;
}

export function cut(file: string, why: string, mark: RememberedFile | null): CodedError {
  return new CodedError({
    code: 'STATE_CUT',
    message: `the state file ${file} is not whole: ${why}`,
    next: ways(file),
    facts: { file, commits: mark?.commits ?? null },
  });
}
