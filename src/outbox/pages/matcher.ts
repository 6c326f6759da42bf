/** An event filter made ready for a walk through pages: what a page or a shape already decides is not asked of each event. */
import type { Database } from 'better-sqlite3';
import type { PageReader } from './event-page';
import { type EventFilter, normalName } from './filter';

export class Matcher {
  /** Shapes that fit; null: all of them. */
  private readonly shapes: ReadonlySet<number> | null;
  private readonly ids: ReadonlySet<string> | null;
  /** True where nothing is asked of an event but when it was written: what was altered on the disk can answer that. */
  readonly anything: boolean;

  constructor(
    private readonly filter: EventFilter,
    db: Database,
  ) {
    this.shapes = shapesOf(filter, db);
    this.ids = filter.id ? new Set(filter.id) : null;
    const { fromSequence, toSequence, key } = filter;
    this.anything =
      this.shapes === null && this.ids === null && [fromSequence, toSequence, key].every((v) => v === undefined);
  }

  /** False when none of its events can match: they were all written at the same time. */
  takesPage({ appendedAt }: { readonly appendedAt: number }): boolean {
    const { since, until } = this.filter;
    if (this.shapes?.size === 0) return false;
    return (since === undefined || appendedAt >= since) && (until === undefined || appendedAt < until);
  }

  takes(page: PageReader, index: number): boolean {
    if (this.shapes !== null && !this.shapes.has(page.shapeOf(index))) return false;
    if (this.ids !== null && !this.ids.has(page.idOf(index))) return false;
    return this.takesSequence(page, index) && this.takesKey(page, index);
  }

  private takesSequence(page: PageReader, index: number): boolean {
    const { fromSequence: from, toSequence: to } = this.filter;
    if (from === undefined && to === undefined) return true;
    const sequence = page.sequenceOf(index);
    return sequence !== null && (from === undefined || sequence >= from) && (to === undefined || sequence <= to);
  }

  private takesKey(page: PageReader, index: number): boolean {
    const wanted = this.filter.key;
    if (wanted === undefined) return true;
    const { key, traceKey } = page.keysOf(index);
    return key === wanted || traceKey === wanted;
  }
}

function shapesOf({ type, table, receiver }: EventFilter, db: Database): Set<number> | null {
  const sql: string[] = [];
  const params: string[] = [];
  const add = (condition: string, value: string): void => {
    sql.push(condition);
    params.push(value);
  };
  if (type !== undefined) add('type = ?', type);
  if (table !== undefined) add('tbl = ?', normalName(table));
  if (receiver !== undefined) add('receiver = ?', normalName(receiver));
  if (sql.length === 0) return null;
  const select = db.prepare(`SELECT no FROM outbox_shape WHERE ${sql.join(' AND ')}`).pluck();
  return new Set(select.all(...params) as number[]);
}
