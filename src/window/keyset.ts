/** Predicates of keyset paging: rows after a given one, in the order of some columns. Never OFFSET. */

/** SQL-quoted only where the name needs it: `ORDNO`, `"Order No"`. */
export function quoted(name: string): string {
  return /^[A-Z#@$][A-Z0-9#@$_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export interface Predicate<V> {
  readonly sql: string;
  readonly params: readonly V[];
}

/**
 * `(c1, c2, ...) > (v1, v2, ...)`, written so that the first column bounds an index scan: Db2 for i does not always use
 * an index for row value comparisons.
 */
export function after<V>(columns: readonly string[], values: readonly V[], orEqual = false): Predicate<V> {
  const params: V[] = [];
  const compare = (i: number): string => {
    const column = quoted(columns[i]!);
    const value = values[i]!;
    params.push(value);
    if (i === columns.length - 1) return `${column} ${orEqual ? '>=' : '>'} ?`;
    params.push(value);
    return `(${column} > ? OR (${column} = ? AND ${compare(i + 1)}))`;
  };
  if (columns.length === 1) return { sql: compare(0), params };
  const bound = values[0]!;
  const rest = compare(0);
  return { sql: `${quoted(columns[0]!)} >= ? AND ${rest}`, params: [bound, ...params] };
}

/** `(c1, c2) <= (v1, v2)` over expressions instead of values. */
export function upTo(columns: readonly string[], bounds: readonly string[]): string {
  const [first, second] = columns;
  if (second === undefined) return `${quoted(first!)} <= ${bounds[0]}`;
  return `${quoted(first!)} <= ${bounds[0]} AND (${quoted(first!)} < ${bounds[0]} OR ${quoted(second)} <= ${bounds[1]})`;
}
