/** Questions about what is remembered: which keys nobody told of, or met, since a generation began; what was last sent of a key. */
import { formatName, type QualifiedName } from '../model/position';
import { NULL_MEMBER } from '../model/rows/row-hold';
import type { Store } from '../store/store';
import { Fold } from './fold';
import { idOf, prefixNumberOf } from './record';
import { pageStatement, type SentPage } from './sent-page';

interface LastSent {
  readonly id: string;
  /** 8 bytes, little endian; all 0 where the event had only part of the row. */
  readonly hash: Buffer;
}

export class HeldKeys {
  private readonly fold: Fold;
  private readonly table: string;

  constructor(
    private readonly store: Store,
    table: QualifiedName,
  ) {
    this.fold = new Fold(store);
    this.table = formatName(table);
  }

  /** Begins a generation: keys told or met from now on carry its number or a higher one. */
  static begin(store: Store): number {
    const sql = 'UPDATE remember_state SET generation = generation + 1 RETURNING generation';
    return store.db.prepare(sql).pluck().get() as number;
  }

  /** Folds some of what was written since; call until it is false, with pauses. */
  foldSome(): boolean {
    return this.store.transaction(() => this.fold.slice(1 << 20));
  }

  /** Folds everything. Inside a transaction. */
  foldAll(): void {
    this.fold.all();
  }

  /** Rules of the table, by number. */
  rules(): { readonly no: number; readonly rule: string }[] {
    const sql = 'SELECT no, rule FROM remember_rule WHERE tbl = ? ORDER BY no';
    return this.store.db.prepare(sql).all(this.table) as { no: number; rule: string }[];
  }

  /** Keys of a rule in byte order, `limit` at a time, with the generation that last reported or met each. */
  page(rule: number, after: Buffer | null, limit: number): { readonly key: Buffer; readonly generation: number }[] {
    const sql = `SELECT key, generation FROM remember_key WHERE rule = ? AND key > ? ORDER BY key LIMIT ${limit}`;
    const first = 'SELECT key, generation FROM remember_key WHERE rule = ? ORDER BY key LIMIT ?';
    const { db } = this.store;
    return (after ? db.prepare(sql).all(rule, after) : db.prepare(first).all(rule, limit)) as never;
  }

  /** The same in few values, and only keys that nobody told of, nor met, since `generation`. @param page is filled */
  older(rule: number, after: Buffer | null, generation: number, limit: number, page: SentPage): void {
    const where = `rule = ? AND ${after ? 'key > ? AND ' : ''}generation < ? ORDER BY key LIMIT ?`;
    const bounds = after ? [after, generation, limit] : [generation, limit];
    page.fill(pageStatement(this.store.db, where).get(rule, ...bounds) as (string | null)[]);
  }

  /** Which of the keys are still older than the generation, everything written so far taken in. Inside a transaction. */
  stillOlder(rule: number, keys: readonly Buffer[], generation: number): Buffer[] {
    this.fold.all();
    const find = this.store.db.prepare('SELECT generation FROM remember_key WHERE rule = ? AND key = ?').pluck();
    return keys.filter((key) => {
      const seen = find.get(rule, key) as number | undefined;
      return seen !== undefined && seen < generation;
    });
  }

  /** The generation that last reported the key or met it; null where nothing is remembered. */
  generationOf(rule: number, key: Buffer): number | null {
    const find = this.store.db.prepare('SELECT generation FROM remember_key WHERE rule = ? AND key = ?').pluck();
    return (find.get(rule, key) as number | undefined) ?? null;
  }

  /** Forgets keys in the transaction that found them gone: reported or not. */
  drop(rule: number, keys: readonly Buffer[]): void {
    const remove = this.store.db.prepare('DELETE FROM remember_key WHERE rule = ? AND key = ?');
    for (const key of keys) remove.run(rule, key);
  }

  /** What was last sent of a key; null where nothing is remembered. Inside a transaction, or after folding. */
  lastSent(rule: number, key: Buffer): LastSent | null {
    const { db } = this.store;
    const sent = db.prepare('SELECT sent FROM remember_key WHERE rule = ? AND key = ?').pluck().get(rule, key) as
      | Buffer
      | undefined;
    if (!sent) return null;
    const prefix = db.prepare('SELECT prefix FROM remember_prefix WHERE no = ?').pluck().get(prefixNumberOf(sent));
    return { id: idOf(sent, prefix as string), hash: sent.subarray(0, 8) };
  }
}

/** Members of a key text: their texts, null for a null. */
export function keyMembers(bytes: Uint8Array): (string | null)[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('/')
    .map((t) => (t === NULL_MEMBER ? null : t.replaceAll('%2F', '/').replaceAll('%25', '%')));
}
