/** Tokens of the HTTP API, in the state file: name, role and hash. The token itself is seen once, by whoever makes it. */
import { createHash, randomBytes } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Schema, Store } from '../store/store';
import type { Role } from './role';

export const TOKEN_SCHEMA: Schema = {
  name: 'operator_token',
  steps: [
    `CREATE TABLE operator_token (
       name TEXT PRIMARY KEY,
       role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
       hash BLOB NOT NULL UNIQUE,
       created_at INTEGER NOT NULL,
       expires_at INTEGER,
       used_at INTEGER
     ) WITHOUT ROWID`,
  ],
};

/** Times are epoch milliseconds. */
export interface ApiToken {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  /** To within ten minutes; null: never. */
  readonly usedAt: number | null;
}

const COLUMNS = 'name, role, created_at AS createdAt, expires_at AS expiresAt, used_at AS usedAt';
/** Use is written down this often at most: a look at the state must not cost a commit each time. */
const USED_MS = 600_000;
/** So that a scanner of repositories and logs can know one. */
const PREFIX = 'icdc_';

export class Tokens {
  private readonly select: Database.Statement;
  private readonly byHash: Database.Statement;
  private readonly insert: Database.Statement;
  private readonly remove: Database.Statement;
  private readonly touch: Database.Statement;

  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {
    const { db } = store;
    this.select = db.prepare(`SELECT ${COLUMNS} FROM operator_token ORDER BY name`);
    this.byHash = db.prepare(`SELECT ${COLUMNS} FROM operator_token WHERE hash = ?`);
    this.insert = db.prepare(
      'INSERT INTO operator_token (name, role, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.remove = db.prepare('DELETE FROM operator_token WHERE name = ?');
    this.touch = db.prepare('UPDATE operator_token SET used_at = ? WHERE name = ?');
  }

  /** @returns the token, which nobody can show again; null when the name is taken */
  create(name: string, role: Role, expiresAt: number | null): string | null {
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    const { changes } = this.insert.run(name, role, hashOf(token), this.now(), expiresAt);
    return changes > 0 ? token : null;
  }

  /** By name. */
  list(): ApiToken[] {
    return this.select.all() as ApiToken[];
  }

  /** Counts from the next request on. @returns false when there is none of that name */
  revoke(name: string): boolean {
    return this.remove.run(name).changes > 0;
  }

  /** Whose token it is; null where it is nobody's or its time is over. */
  find(token: string): ApiToken | null {
    // 256 random bits: looked up by their hash, no time that a comparison takes says anything of them
    const found = this.byHash.get(hashOf(token)) as ApiToken | undefined;
    return found && this.isValid(found) ? found : null;
  }

  /** As it is now: revoked and expired ones are null. */
  named(name: string): ApiToken | null {
    return this.list().find((t) => t.name === name && this.isValid(t)) ?? null;
  }

  /** It was presented. */
  used({ name, usedAt }: ApiToken): void {
    const now = this.now();
    if (usedAt !== null && now - usedAt < USED_MS && now >= usedAt) return;
    // whether it was used may be lost with the power
    this.store.transaction(() => this.touch.run(now, name), false);
  }

  private isValid({ expiresAt }: ApiToken): boolean {
    return expiresAt === null || expiresAt > this.now();
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
