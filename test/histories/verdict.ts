/** Holds what a receiver was told of one history against what the oracle knows to be committed. */
import type { Committed, Oracle } from './oracle';
import type { Arrival } from './receiver';

/** A history as one side knows it. */
export interface Story {
  /** `STOCK update v1 > v2`, in order, by key: both tables send theirs under one trace key. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  /** Tables as often as they were cleared. */
  readonly cleared: readonly string[];
  /** What is left: `STOCK 7` -> value. */
  readonly state: Readonly<Record<string, string>>;
}

export interface Verdict {
  readonly committed: Story;
  readonly told: Story;
}

export function verdictOf(oracle: Oracle, arrivals: readonly Arrival[]): Verdict {
  return { committed: committedStory(oracle), told: toldStory(arrivals) };
}

function committedStory({ committed, rows }: Oracle): Story {
  const changes: Record<string, string[]> = {};
  for (const { row, before, after } of committed.filter(isOfRow)) {
    const op = before === null ? 'insert' : after === null ? 'delete' : 'update';
    push(changes, row, `${op} ${before} > ${after}`);
  }
  const cleared = committed.filter((c) => !isOfRow(c)).map((c) => c.row);
  return { changes, cleared: cleared.sort(), state: Object.fromEntries([...rows].sort()) };
}

function isOfRow({ row }: Committed): boolean {
  return row.includes(' ');
}

function toldStory(arrivals: readonly Arrival[]): Story {
  const changes: Record<string, string[]> = {};
  for (const arrival of arrivals) {
    const { op, before, after } = arrival.data;
    if (op) push(changes, rowOf(arrival), `${op} ${before?.VAL ?? null} > ${after?.VAL ?? null}`);
  }
  const cleared = arrivals.filter((a) => a.type === 'table.cleared').map(tableOf);
  return { changes, cleared: cleared.sort(), state: stateOf(arrivals) };
}

/** By journal position, for a table is cleared on another lane than its rows. */
function stateOf(arrivals: readonly Arrival[]): Record<string, string> {
  const rows = new Map<string, string>();
  for (const arrival of [...arrivals].sort(byPosition)) {
    const { op, after } = arrival.data;
    if (arrival.type === 'table.cleared') forget(rows, tableOf(arrival));
    else if (op && after) rows.set(rowOf(arrival), after.VAL);
    else if (op) rows.delete(rowOf(arrival));
  }
  return Object.fromEntries([...rows].sort());
}

/** Receivers are named in the order they were attached. */
function byPosition(a: Arrival, b: Arrival): number {
  const [p, q] = [a.data.meta, b.data.meta];
  if (p.receiver !== q.receiver) return p.receiver < q.receiver ? -1 : 1;
  return Number(BigInt(p.sequence) - BigInt(q.sequence));
}

function forget(rows: Map<string, string>, table: string): void {
  for (const row of [...rows.keys()]) if (row.startsWith(`${table} `)) rows.delete(row);
}

function tableOf({ data }: Arrival): string {
  return data.meta.table.split('/')[1]!;
}

function rowOf(arrival: Arrival): string {
  return `${tableOf(arrival)} ${arrival.data.key!.ID}`;
}

/** Under the key of the row, whichever table it is in. */
function push(changes: Record<string, string[]>, row: string, what: string): void {
  const [table, id] = row.split(' ') as [string, string];
  const list = changes[id] ?? [];
  list.push(`${table} ${what}`);
  changes[id] = list;
}
