/** Bounds of a look by its cursor. A null cursor holds no moment: no bound is true of it, and rows without one are left to the key compare. */

import { quotedName } from '../model/identifiers';
import type { Predicate } from '../table-rows/keyset';
import type { SqlValue } from '../transport/transport';

/** `(c1, c2) >= (v1, v2)`, written so that the first column bounds an index scan. */
export function atLeast(columns: readonly string[], values: readonly SqlValue[]): Predicate {
  const [first, second] = columns.map(quotedName);
  const [a, b] = values;
  if (second === undefined) return { sql: `${first} >= ?`, params: [a!] };
  return { sql: `${first} >= ? AND (${first} > ? OR ${second} >= ?)`, params: [a!, a!, b!] };
}

/** `(c1, c2) <= (v1, v2)`. */
export function atMost(columns: readonly string[], values: readonly SqlValue[]): Predicate {
  const [first, second] = columns.map(quotedName);
  const [a, b] = values;
  if (second === undefined) return { sql: `${first} <= ?`, params: [a!] };
  return { sql: `${first} <= ? AND (${first} < ? OR ${second} <= ?)`, params: [a!, a!, b!] };
}

/** `(c1, c2) <= (v1, v2)` over expressions instead of values. */
export function upTo(columns: readonly string[], bounds: readonly string[]): string {
  const [first, second] = columns.map(quotedName);
  if (second === undefined) return `${first} <= ${bounds[0]}`;
  return `${first} <= ${bounds[0]} AND (${first} < ${bounds[0]} OR ${second} <= ${bounds[1]})`;
}
