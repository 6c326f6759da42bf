/** Which stored events are meant, for `replay`, `trace`, `sample` and `dlq`. */
import { parseName } from '../model/position';

/** All given conditions must hold. */
export interface EventFilter {
  readonly id?: readonly string[] | undefined;
  readonly type?: string | undefined;
  /** `LIB/FILE`. */
  readonly table?: string | undefined;
  /** Row key or trace key. */
  readonly key?: string | undefined;
  /** Epoch milliseconds, inclusive; when the event was written down. */
  readonly since?: number | undefined;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number | undefined;
  /** `LIB/NAME`; with `fromSequence` and `toSequence`, both inclusive, a journal range. */
  readonly receiver?: string | undefined;
  readonly fromSequence?: bigint | undefined;
  readonly toSequence?: bigint | undefined;
}

/** A condition over `outbox_event e` and its `outbox_shape s`; never empty. */
export function whereOf(filter: EventFilter): { sql: string; params: (string | number)[] } {
  const sql: string[] = ['1'];
  const params: (string | number)[] = [];
  const add = (text: string, ...values: (string | number)[]): void => {
    sql.push(text);
    params.push(...values);
  };
  const sequence = (n: bigint): string => n.toString().padStart(20, '0');
  if (filter.id) add(`e.id IN (${filter.id.map(() => '?').join(', ')})`, ...filter.id);
  if (filter.type !== undefined) add('s.type = ?', filter.type);
  if (filter.table !== undefined) add('s.tbl = ?', normalName(filter.table));
  if (filter.key !== undefined) add('(e.key = ? OR e.trace_key = ?)', filter.key, filter.key);
  if (filter.since !== undefined) add('e.appended_at >= ?', filter.since);
  if (filter.until !== undefined) add('e.appended_at < ?', filter.until);
  if (filter.receiver !== undefined) add('s.receiver = ?', normalName(filter.receiver));
  if (filter.fromSequence !== undefined) add('e.sequence >= ?', sequence(filter.fromSequence));
  if (filter.toSequence !== undefined) add('e.sequence <= ?', sequence(filter.toSequence));
  return { sql: sql.join(' AND '), params };
}

/** `LIB/FILE` as stored, for a name in any case. */
export function normalName(text: string): string {
  const name = parseName(text);
  return name ? `${name.library}/${name.name}` : text;
}
