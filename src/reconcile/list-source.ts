/**
 * What a receiver says it holds, in any order and of any size: sorted by key in a SQLite file of its own, and then compared
 * key by key. Lines are JSON: `{"table":"LIB/FILE","key":{..},"id":".."}`, or `"after":{..}` instead of the id.
 */
import { createReadStream, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type Database from 'better-sqlite3';
import { CodedError } from '../errors/coded-error';
import { parseName } from '../model/position';
import { keyMembers } from '../remember/held-keys';
import { openSqlite } from '../sqlite';
import type { ChunkDigests } from './chunk-digests';
import { canonical } from './content';
import type { RowJudge } from './row-judge';
import {
  ABSENT,
  type JudgedRule,
  type KeyPage,
  type KeyTest,
  OTHER,
  type Remembered,
  SAME,
  type SentKey,
  type SentSource,
  UNKNOWN,
} from './sources';

interface Line {
  readonly table: string;
  readonly key: string;
  readonly id: string | null;
  readonly after: string | null;
}

interface Held {
  readonly id: string | null;
  readonly after: string | null;
}

/** Lines written in one transaction. */
const BATCH = 5000;
const PAGE = 2000;

/**
 * Sorts a receiver's list into `to`, which is written anew.
 * @returns lines by table, `LIB/FILE` as written
 * @throws CodedError `RECONCILE_LIST` with file and line
 */
export async function sortList(from: string, to: string): Promise<ReadonlyMap<string, number>> {
  for (const end of ['', '-journal']) rmSync(to + end, { force: true });
  const db = openSqlite(to);
  const tables = new Map<string, number>();
  try {
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('cache_size = -32768');
    db.exec(
      'CREATE TABLE line (tbl TEXT, key TEXT, no INTEGER, id TEXT, after TEXT, PRIMARY KEY (tbl, key, no)) WITHOUT ROWID',
    );
    const insert = db.prepare('INSERT INTO line VALUES (?, ?, ?, ?, ?)');
    let no = 0;
    db.exec('BEGIN');
    for await (const text of createInterface({
      input: createReadStream(from, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      no++;
      if (text.trim() === '') continue;
      const { table, key, id, after } = parsed(text, `${from} line ${no}`);
      insert.run(table, key, no, id, after);
      tables.set(table, (tables.get(table) ?? 0) + 1);
      if (no % BATCH === 0) db.exec('COMMIT; BEGIN');
    }
    db.exec('COMMIT');
    return tables;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') throw refused(from, `cannot be read: ${message}`);
    throw error;
  } finally {
    db.close();
  }
}

function parsed(text: string, place: string): Line {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw refused(place, 'is no JSON');
  }
  if (!isObject(line)) throw refused(place, 'is no JSON object');
  const { table, key, id, after } = line;
  const name = typeof table === 'string' ? parseName(table) : null;
  if (name === null) throw refused(place, '"table" is missing or not LIB/FILE');
  if (!isObject(key) || Object.keys(key).length === 0)
    throw refused(place, '"key" is missing or no object with members');
  if (id !== undefined && (typeof id !== 'string' || id === '')) throw refused(place, '"id" is no text');
  if (after !== undefined && !isObject(after)) throw refused(place, '"after" is no object');
  if ((id === undefined) === (after === undefined)) throw refused(place, 'one of "id" and "after" is expected');
  for (const [member, value] of Object.entries(key))
    if (value !== null && typeof value === 'object')
      throw refused(place, `member ${member} of "key" is no plain value`);
  return {
    table: `${name.library}/${name.name}`,
    key: keyName(Object.entries(key).map(([n, v]) => [n, v === null ? null : String(v)])),
    id: (id as string | undefined) ?? null,
    after: after === undefined ? null : canonical(after),
  };
}

function refused(place: string, what: string): CodedError {
  return new CodedError({
    code: 'RECONCILE_LIST',
    message: `--against ${place} ${what}`,
    next: 'one JSON object a line: {"table":"LIB/FILE","key":{"orderNumber":"100245"},"id":"..."}, or "after":{...} instead of "id"; key and after as the events had them',
  });
}

/** One spelling for a key, whatever the order of its members. */
function keyName(members: readonly (readonly [name: string, text: string | null])[]): string {
  return JSON.stringify([...members].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A list sorted by {@link sortList}. */
export class SortedList {
  constructor(private readonly file: string) {}

  /** @param names `LIB/FILE` the receiver may call the table */
  source(names: readonly string[], rules: readonly JudgedRule[], remembered: Remembered, judge: RowJudge): SentSource {
    return new ListedRows(this.file, names, rules, remembered, judge);
  }
}

class ListedRows implements SentSource {
  readonly any = true;
  readonly wantsRows: boolean;
  private readonly db: Database.Database;
  private readonly find;
  private readonly next;

  constructor(
    file: string,
    names: readonly string[],
    private readonly rules: readonly JudgedRule[],
    private readonly remembered: Remembered,
    private readonly judgeOf: RowJudge,
  ) {
    this.db = openSqlite(file, { readonly: true });
    const tables = names.map((n) => `'${n.replaceAll("'", "''")}'`).join(', ');
    this.find = this.db.prepare(`SELECT id, after FROM line WHERE tbl IN (${tables}) AND key = ?`);
    this.next = this.db
      .prepare(`SELECT DISTINCT key FROM line WHERE tbl IN (${tables}) AND key > ? ORDER BY key LIMIT ${PAGE}`)
      .pluck();
    const content = `SELECT 1 FROM line WHERE tbl IN (${tables}) AND after IS NOT NULL LIMIT 1`;
    this.wantsRows = this.db.prepare(content).get() !== undefined;
  }

  refresh(all: boolean): void {
    this.remembered.refresh(all);
  }

  judge(rule: JudgedRule, digests: ChunkDigests, rows: readonly (string | null)[], out: Uint8Array): void {
    const sent = new Uint8Array(digests.length);
    this.remembered.judge(rule, digests, rows, sent);
    for (let i = 0; i < digests.length; i++) {
      const key = digests.key(i);
      const held = this.held(rule, key);
      out[i] = held.length === 0 ? ABSENT : this.best(rule, key, held, sent[i]!, rows[i] ?? null);
    }
  }

  private best(rule: JudgedRule, key: Buffer, held: readonly Held[], sent: number, row: string | null): number {
    let best: number = OTHER;
    for (const { id, after } of held) {
      const one = id === null ? this.byContent(after!, row) : this.byId(rule, key, id, sent, row);
      if (one === SAME) return SAME;
      if (one === UNKNOWN) best = UNKNOWN;
    }
    return best;
  }

  private byContent(after: string, row: string | null): number {
    if (row === null) return UNKNOWN;
    return canonical(JSON.parse(row)) === after ? SAME : OTHER;
  }

  /** The receiver has the event last sent: then it has what that said. An older one it may say the same by. */
  private byId(rule: JudgedRule, key: Buffer, id: string, sent: number, row: string | null): number {
    const last = this.remembered.idOf(rule, key);
    if (last === id) return sent;
    const content = this.judgeOf.stored(id);
    if (content !== null && row !== null)
      return canonical(JSON.parse(row)) === canonical(JSON.parse(content)) ? SAME : OTHER;
    return last === null && content === null ? UNKNOWN : OTHER;
  }

  private held({ scope }: JudgedRule, key: Uint8Array): Held[] {
    const members = keyMembers(key);
    return this.find.all(keyName(scope.keyed.key.map((n, i) => [n, members[i] ?? null]))) as Held[];
  }

  page(from: KeyPage['next'], unmet: KeyTest): KeyPage {
    const names = this.next.all(from?.after ?? '') as string[];
    const keys = names
      .flatMap((name) => this.keyOf(name) ?? [])
      .filter(({ rule, bytes }) => unmet(rule.index, bytes, 0, bytes.length));
    return { keys, next: names.length < PAGE ? null : { rule: 0, after: names.at(-1)! } };
  }

  /** Under the first rule that names its rows so. */
  private keyOf(name: string): SentKey | null {
    const members = new Map(JSON.parse(name) as [string, string | null][]);
    const rule = this.rules.find(({ scope }) => {
      const { key } = scope.keyed;
      return key.length === members.size && key.every((n) => members.has(n));
    });
    if (!rule) throw otherKey(name, this.rules);
    return { rule, bytes: keyText(rule.scope.keyed.key.map((n) => members.get(n) ?? null)) };
  }

  stillThere(keys: readonly SentKey[]): readonly SentKey[] {
    return keys.filter((key) => !this.remembered.toldSince(key));
  }

  toldSince(key: SentKey): boolean {
    return this.remembered.toldSince(key);
  }

  forget(keys: readonly SentKey[]): void {
    this.remembered.forget(keys);
  }

  idOf(rule: JudgedRule, key: Buffer): string | null {
    const [one] = this.held(rule, key);
    return one?.id ?? this.remembered.idOf(rule, key);
  }

  contentOf(rule: JudgedRule, key: Buffer): string | null {
    return this.held(rule, key).find(({ after }) => after !== null)?.after ?? null;
  }
}

function keyText(members: readonly (string | null)[]): Buffer {
  return Buffer.from(
    members.map((m) => (m === null ? '%N' : m.replaceAll('%', '%25').replaceAll('/', '%2F'))).join('/'),
  );
}

function otherKey(name: string, rules: readonly JudgedRule[]): CodedError {
  const members = (JSON.parse(name) as [string, unknown][]).map(([n]) => n).join(', ');
  const ours = [...new Set(rules.map(({ scope }) => scope.keyed.key.join(', ')))].join(' or ');
  return new CodedError({
    code: 'RECONCILE_LIST',
    message: `--against: a key with the members ${members}; events of the table have ${ours}`,
    next: 'give the key as the events had it in data.key',
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
