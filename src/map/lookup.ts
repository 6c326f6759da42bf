/**
 * Lookups with a bounded cache. Mapping itself never waits: before a block is mapped the caller asks which answers are
 * missing ({@link LookupCache.missing}), fetches them in one statement each, and hands them in.
 */
import { formatName, type QualifiedName } from '../model/position';
import type { LookupOptions } from './options';

export type { ParentAnswer, ParentLoader, ParentQuestion } from './parent-rows';

type Answer = string | number | boolean | null;

/** One question to a reference table. */
export interface LookupQuestion {
  readonly lookup: string;
  readonly table: QualifiedName;
  readonly keyColumn: string;
  readonly valueColumn: string;
  readonly key: string;
}

/** Whoever can ask the partition: `SELECT value FROM table WHERE key IN (...)`. Keys without a row are left out. */
export type LookupLoader = (questions: readonly LookupQuestion[]) => Promise<ReadonlyMap<string, Answer>>;

interface Entry {
  readonly value: Answer;
  readonly until: number;
}

/** Longer values are no key of anything: they would only be remembered. */
const MAX_KEY = 2000;

/** A table that changes faster than it can be asked is answered as it was a moment ago. */
const MOST_TRIES = 20;

export class LookupCache {
  private readonly entries = new Map<string, Map<string, Entry>>();
  private readonly wanted = new Map<string, LookupQuestion>();
  /** Questions that had no fresh answer, so far. */
  misses = 0;
  /** Changes of tables that are looked things up in, so far. */
  private changes = 0;

  constructor(
    private readonly lookups: Readonly<Record<string, LookupOptions>>,
    private readonly now: () => number,
  ) {
    for (const [name, o] of Object.entries(lookups)) if (o.is === 'table') this.entries.set(name, new Map());
  }

  /** The answer, or the lookup's `otherwise`. A miss is noted and answered by {@link load}. */
  get(name: string, key: string): Answer {
    const o = this.lookups[name];
    if (!o) return null;
    if (o.is === 'values') return Object.hasOwn(o.values, key) ? o.values[key]! : o.otherwise;
    if (key.length > MAX_KEY) return o.otherwise;
    const entry = this.entries.get(name)!.get(key);
    if (entry && entry.until > this.now()) return entry.value ?? o.otherwise;
    this.misses++;
    this.wanted.set(`${name}\u0000${key}`, {
      lookup: name,
      table: o.table,
      keyColumn: o.key,
      valueColumn: o.value,
      key,
    });
    // a stale answer is better than none when the partition cannot be asked
    return entry?.value ?? o.otherwise;
  }

  /** Questions asked since the last load that had no fresh answer. */
  missing(): LookupQuestion[] {
    return [...this.wanted.values()];
  }

  /** Fetches what is missing, one call a lookup; a key without a row is remembered as such. */
  async load(loader: LookupLoader): Promise<void> {
    const questioned = new Set(this.missing().map((q) => q.lookup));
    for (const name of questioned) await this.ask(name, loader);
  }

  /** An answer that was on its way while its table changed may be from before: it is asked for again. */
  private async ask(name: string, loader: LookupLoader): Promise<void> {
    const questions = this.missing().filter((q) => q.lookup === name);
    for (let tries = 0; ; tries++) {
      const { changes } = this;
      const answers = await loader(questions);
      const stale = changes !== this.changes;
      if (stale && tries < MOST_TRIES) continue;
      for (const q of questions) this.put(name, q.key, answers.get(q.key) ?? null, stale);
      return;
    }
  }

  /** @param stale good for once: it is asked for again by the next unit */
  put(name: string, key: string, value: Answer, stale = false): void {
    const o = this.lookups[name];
    const entries = this.entries.get(name);
    if (!entries || o?.is !== 'table') return;
    this.wanted.delete(`${name}\u0000${key}`);
    entries.delete(key);
    // a Map keeps the order of insertion: the first is the oldest
    if (entries.size >= o.max) entries.delete(entries.keys().next().value!);
    entries.set(key, { value, until: this.now() + (stale ? 0 : o.ttl) });
  }

  /** `LIB/TABLE` of every table whose changes make answers stale. */
  tables(): string[] {
    return Object.values(this.lookups).flatMap((o) =>
      o.is === 'table' && o.refreshOnChange ? [formatName(o.table)] : [],
    );
  }

  /** Forgets what was read from a table that has just changed. */
  tableChanged(table: string): void {
    this.changes++;
    for (const [name, o] of Object.entries(this.lookups)) {
      if (o.is === 'table' && o.refreshOnChange && formatName(o.table) === table) this.entries.get(name)!.clear();
    }
  }
}
