/**
 * What can be said of a table that is looked at now and then: it is told some of the states its rows had, in their order,
 * none twice in a row, and the last one in the end.
 */
import type { Oracle } from './oracle';

export interface SeenChange {
  readonly op: string;
  readonly row: string;
  /** Null: nothing was told of it. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * @param how `exact`: each telling is news, says what it was before, and its operation is right. `repeated`: rows may be told
 *   again as they were, as a backfill does
 */
export function statesFault(
  oracle: Oracle,
  table: string,
  seen: readonly SeenChange[],
  how: 'exact' | 'repeated',
): string[] {
  const faults: string[] = [];
  const rows = new Map<string, SeenChange[]>();
  for (const change of seen.filter((c) => c.row.startsWith(`${table} `)))
    rows.set(change.row, [...(rows.get(change.row) ?? []), change]);
  for (const row of oracle.states.keys()) if (row.startsWith(`${table} `) && !rows.has(row)) rows.set(row, []);
  for (const [row, changes] of rows) {
    const fault = rowFault(oracle.states.get(row) ?? [], changes, how);
    if (fault)
      faults.push(`${row}: ${fault}; told ${JSON.stringify(changes)}, was ${JSON.stringify(oracle.states.get(row))}`);
  }
  return faults;
}

function rowFault(states: readonly (string | null)[], changes: readonly SeenChange[], how: string): string | null {
  let last: string | null = null;
  let at = 0;
  for (const { op, before, after } of changes) {
    if (after === last && how === 'exact') return `${op} tells nothing new`;
    if (how === 'exact' && op !== wanted(last, after, op)) return `${op} from ${last} to ${after}`;
    if (how === 'exact' && op !== 'read' && op !== 'insert' && before !== last)
      return `${op} says it was ${before}, not ${last}`;
    // a row that is told again as it was is no other state
    if (after !== last || at === 0) {
      const next = states.indexOf(after, at);
      if (next < 0) return `${after} was not a state any more, or never`;
      at = next + 1;
    }
    last = after;
  }
  const end = states.at(-1) ?? null;
  return last === end ? null : `ends as ${last}, is ${end}`;
}

function wanted(last: string | null, after: string | null, op: string): string {
  if (after === null) return 'delete';
  return last === null ? (op === 'read' ? 'read' : 'insert') : 'update';
}
