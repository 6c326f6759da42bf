/**
 * Remembers for each rule and key what was last sent: the id of the event and a hash of the row as it was told. Written in
 * the transaction that queues the event, so that it is never ahead of what will be delivered nor behind.
 *
 * Use as the `notes` of an outbox; `forget` and `met` belong into the same transaction. Memory is bounded by one unit.
 */
import type { EventDraft } from '../model/event';
import type { HeldKey, KeyedRule } from '../model/rows/row-hold';
import type { Store } from '../store/store';
import { Fold } from './fold';
import { HEAD, KIND, MOST_KEY_BYTES, SENT_BYTES } from './record';

/** Bytes of log from which on folding does not wait for a quiet moment: some two million events. */
const MOST_LOG_BYTES = 64 * 1024 * 1024;
/** Records folded with each unit from then on, at least: more than a usual unit adds. */
const BUSY_SLICE_BYTES = 128 * 1024;
/** Records folded at a time in quiet moments. */
const SLICE_BYTES = 128 * 1024;
const PREFIX = 20;

export class Remember {
  private readonly fold: Fold;
  private readonly insert;
  private readonly generation;
  private readonly rules = new Map<KeyedRule, number>();
  private readonly prefixes = new Map<string, number>();
  /** Numbers given since the last {@link begin}: they are believed once their transaction is known to have committed. */
  private fresh = false;
  /** Counts transactions: whoever folds in quiet moments sees by it whether there was one. */
  writes = 0;
  private records = Buffer.allocUnsafe(1 << 16);
  private at = 0;
  /** Between `begin` and `end`. */
  private staging = false;
  private rule: KeyedRule | null = null;
  private ruleNo = 0;
  private prefix = '';
  private prefixNo = 0;

  constructor(private readonly store: Store) {
    const { db } = store;
    this.fold = new Fold(store);
    this.insert = db.prepare('INSERT INTO remember_log (generation, records) VALUES (?, ?)');
    this.generation = db.prepare('SELECT generation FROM remember_state').pluck();
  }

  /** Call at the beginning of each transaction: the one before may have been rolled back. */
  begin(): void {
    this.at = 0;
    this.staging = true;
    if (!this.fresh) return;
    this.fresh = false;
    this.rules.clear();
    this.prefixes.clear();
    this.rule = null;
    this.prefix = '';
  }

  /** An event that was written down. */
  staged(draft: EventDraft): void {
    const hold = draft.holds;
    if (!hold) return;
    if (hold.gone) {
      this.head(KIND.gone, hold);
      return;
    }
    const { id, position } = draft;
    if (!id.startsWith(this.prefix) || this.prefix === '') this.usePrefix(id.slice(0, PREFIX));
    if (!this.head(position === null ? KIND.row : KIND.entry, hold)) return;
    const { records: w } = this;
    let p = this.at;
    w.writeInt32LE(hold.hashA, p);
    w.writeInt32LE(hold.hashB, p + 4);
    w.writeUInt32LE(this.prefixNo, p + 8);
    p += 12;
    if (position !== null) p = w.writeBigUInt64LE(position.sequence, p);
    else p += w.write(id.slice(PREFIX + 1), p, 'hex');
    this.at = p;
  }

  /** Writes down what was staged; at the end of the transaction. */
  end(): void {
    const { at } = this;
    this.staging = false;
    if (at === 0) return;
    this.at = 0;
    this.insert.run(this.generation.get(), this.records.subarray(0, at));
    this.writes++;
    this.fold.added(at);
    if (this.fold.waiting > MOST_LOG_BYTES) this.fold.slice(Math.max(2 * at, BUSY_SLICE_BYTES));
  }

  /**
   * Takes in all there is, what this very transaction told included, so that {@link HeldKeys} sees it. Between two drafts of
   * a unit, inside its transaction.
   */
  catchUp(): void {
    this.end();
    this.fold.all();
  }

  /** Rows that are gone and of whose going nobody is told: the rule's `onDelete` is `ignore`. Inside a transaction. */
  forget(keys: readonly HeldKey[]): void {
    this.note(KIND.gone, keys);
  }

  /** Rows that are there, though nothing was sent of them now. Inside a transaction. */
  met(keys: readonly HeldKey[]): void {
    this.note(KIND.met, keys);
  }

  /** Beside events that are being staged a note keeps its place among them. */
  private note(kind: number, keys: readonly HeldKey[]): void {
    if (keys.length === 0) return;
    const alone = !this.staging;
    if (alone) this.begin();
    for (const key of keys) this.head(kind, key);
    if (alone) this.end();
  }

  /** Folds a few milliseconds' worth of the log. @returns true while there is more */
  foldSome(): boolean {
    if (this.fold.waiting === 0) return false;
    return this.store.transaction(() => this.fold.slice(SLICE_BYTES));
  }

  /** Room for a whole record is made here. False where the key is too long to be kept. */
  private head(kind: number, { of, bytes, keyFrom, keyTo }: HeldKey): boolean {
    const length = keyTo - keyFrom;
    if (length > MOST_KEY_BYTES) return false;
    if (of !== this.rule) this.useRule(of);
    const need = HEAD + length + SENT_BYTES[kind]!;
    if (this.at + need > this.records.length) this.grow(need);
    const { records: w } = this;
    let p = this.at;
    w[p++] = kind;
    w.writeUInt32LE(this.ruleNo, p);
    w.writeUInt16LE(length, p + 4);
    p += 6;
    for (let i = keyFrom; i < keyTo; i++) w[p++] = bytes[i]!;
    this.at = p;
    return true;
  }

  private grow(need: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.records.length * 2, this.at + need));
    this.records.copy(larger, 0, 0, this.at);
    this.records = larger;
  }

  private useRule(of: KeyedRule): void {
    let no = this.rules.get(of);
    if (no === undefined) {
      no = this.numberOf(of);
      this.rules.set(of, no);
      this.fresh = true;
    }
    this.rule = of;
    this.ruleNo = no;
  }

  /** A rule that names its rows by other members has other keys: what was remembered under the old ones says nothing now. */
  private numberOf({ table, rule, key }: KeyedRule): number {
    const { db } = this.store;
    const names = JSON.stringify(key);
    const known = db.prepare('SELECT no, key FROM remember_rule WHERE tbl = ? AND rule = ?').get(table, rule) as
      | { no: number; key: string }
      | undefined;
    if (known?.key === names) return known.no;
    if (known) {
      this.fold.all();
      db.prepare('DELETE FROM remember_key WHERE rule = ?').run(known.no);
      db.prepare('UPDATE remember_rule SET key = ? WHERE no = ?').run(names, known.no);
      return known.no;
    }
    const { lastInsertRowid } = db
      .prepare('INSERT INTO remember_rule (tbl, rule, key) VALUES (?, ?, ?)')
      .run(table, rule, names);
    return Number(lastInsertRowid);
  }

  private usePrefix(prefix: string): void {
    let no = this.prefixes.get(prefix);
    if (no === undefined) {
      const { db } = this.store;
      db.prepare('INSERT OR IGNORE INTO remember_prefix (prefix) VALUES (?)').run(prefix);
      no = db.prepare('SELECT no FROM remember_prefix WHERE prefix = ?').pluck().get(prefix) as number;
      this.prefixes.set(prefix, no);
      this.fresh = true;
    }
    this.prefix = prefix;
    this.prefixNo = no;
  }
}
