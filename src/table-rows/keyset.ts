/**
 * Keyset paging: the rows that follow a given one in the order of some columns. The one place that says it, so that no reader of
 * rows skips or repeats one, whatever its key holds. Never OFFSET.
 *
 * Db2 for i sorts nulls behind every value, while `>` and `=` are never true of one: each comparison spells nulls out. A column
 * that cannot be null is compared plainly, and the first one bounds an index scan: Db2 for i does not always use an index
 * for row value comparisons or for OR.
 */

import { quotedName } from '../model/identifiers';
import type { SqlValue } from '../transport/transport';

export interface OrderColumn {
  /** SQL text: a quoted name, with its correlation name where there is one, or an expression such as `RRN(T)`. */
  readonly sql: string;
  readonly nullable: boolean;
}

export interface Predicate {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** `A`, `B` as `"A"`, `"B"`; with the correlation name `T` as `T."A"`. */
export function orderColumns(
  names: readonly string[],
  formats: readonly { readonly name: string; readonly nullable: boolean }[],
  correlation = '',
): OrderColumn[] {
  const prefix = correlation === '' ? '' : `${correlation}.`;
  return names.map((name) => ({
    sql: `${prefix}${quotedName(name)}`,
    // what the catalog does not know may be null
    nullable: formats.find((f) => f.name === name)?.nullable ?? true,
  }));
}

export function orderBy(columns: readonly OrderColumn[]): string {
  return columns.map((c) => c.sql).join(', ');
}

/** `(c1, c2, ...) > (v1, v2, ...)` where null is greater than every value. At least one column. */
export function rowsAfter(columns: readonly OrderColumn[], values: readonly SqlValue[]): Predicate {
  const first = columns[0]!;
  const value = values[0] ?? null;
  const rest = follows(columns, values, 0);
  if (columns.length === 1 || first.nullable || value === null) return rest;
  return { sql: `${first.sql} >= ? AND ${rest.sql}`, params: [value, ...rest.params] };
}

/** Null-safe equality: the rows whose columns hold exactly these values. */
export function rowsEqual(columns: readonly OrderColumn[], values: readonly SqlValue[]): Predicate {
  const params: SqlValue[] = [];
  const parts = columns.map(({ sql }, i) => equal(sql, values[i] ?? null, params));
  return { sql: parts.join(' AND '), params };
}

function follows(columns: readonly OrderColumn[], values: readonly SqlValue[], i: number): Predicate {
  const { sql, nullable } = columns[i]!;
  const value = values[i] ?? null;
  const isLast = i === columns.length - 1;
  if (value === null) {
    // no value lies behind null
    if (isLast) return { sql: '1 = 0', params: [] };
    const deeper = follows(columns, values, i + 1);
    return { sql: `(${sql} IS NULL AND ${deeper.sql})`, params: deeper.params };
  }
  const behind = nullable ? `${sql} > ? OR ${sql} IS NULL` : `${sql} > ?`;
  if (isLast) return { sql: nullable ? `(${behind})` : behind, params: [value] };
  const deeper = follows(columns, values, i + 1);
  return { sql: `(${behind} OR (${sql} = ? AND ${deeper.sql}))`, params: [value, value, ...deeper.params] };
}

function equal(sql: string, value: SqlValue, params: SqlValue[]): string {
  if (value === null) return `${sql} IS NULL`;
  params.push(value);
  return `${sql} = ?`;
}
