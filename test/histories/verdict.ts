/** Holds what a receiver was told of one history against what the oracle knows to be committed. */
import type { Committed, Oracle } from './oracle';
import type { Arrival } from './receiver';
import { type SeenChange, statesFault } from './states';

/** A history as one side knows it. */
export interface Story {
  /** `STOCK update v1 > v2`, in order, by key: tables send theirs under one trace key, but for the one that is held now and then. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  /** Tables as often as they were cleared. */
  readonly cleared: readonly string[];
  /** What is left: `STOCK 7` -> value. */
  readonly state: Readonly<Record<string, string>>;
  /** What is wrong with what cannot be told change by change: looks, repairs, backfills, lookups. */
  readonly faults: readonly string[];
}

export interface Verdict {
  readonly committed: Story;
  readonly told: Story;
}

export function verdictOf(oracle: Oracle, arrivals: readonly Arrival[]): Verdict {
  return { committed: committedStory(oracle), told: toldStory(oracle, arrivals) };
}

/** Tables of which states are told, not changes: read by a window, or with a stretch without entries. */
export function isLooked(table: string): boolean {
  return table === 'SHELF' || table === 'GAPPY';
}

/** Of a row, and from the journal: a backfill tells of rows that are there. */
export function isChange({ data }: Arrival): boolean {
  return data.op !== undefined && data.op !== 'read';
}

function committedStory({ committed, rows }: Oracle): Story {
  const changes: Record<string, string[]> = {};
  for (const { row, before, after } of committed.filter(isOfRow)) {
    if (isLooked(row.split(' ')[0]!)) continue;
    const op = after === null ? 'delete' : before === null ? 'insert' : 'update';
    push(changes, row, `${op} ${before} > ${after}`);
  }
  const cleared = committed.filter((c) => !isOfRow(c) && !isLooked(c.row)).map((c) => c.row);
  const state = [...rows].filter(([row]) => !isLooked(row.split(' ')[0]!)).sort();
  return { changes, cleared: cleared.sort(), state: Object.fromEntries(state), faults: [] };
}

function isOfRow({ row }: Committed): boolean {
  return row.includes(' ');
}

function toldStory(oracle: Oracle, arrivals: readonly Arrival[]): Story {
  const changes: Record<string, string[]> = {};
  const stream = arrivals.filter((a) => !isLooked(tableOf(a)) && (isChange(a) || a.type === 'table.cleared'));
  for (const arrival of stream.filter(isChange)) {
    const { op, before, after } = arrival.data;
    push(changes, rowOf(arrival), `${op} ${before?.VAL ?? null} > ${after?.VAL ?? null}`);
  }
  const cleared = stream.filter((a) => a.type === 'table.cleared').map(tableOf);
  return { changes, cleared: cleared.sort(), state: stateOf(stream), faults: faultsOf(oracle, arrivals) };
}

function faultsOf(oracle: Oracle, arrivals: readonly Arrival[]): string[] {
  const seen = arrivals.filter((a) => a.data.op).map(seenOf);
  return [
    ...statesFault(oracle, 'SHELF', seen, 'exact'),
    ...statesFault(oracle, 'GAPPY', seen, 'repeated'),
    ...staleReads(oracle, seen),
    ...staleNames(oracle, arrivals),
  ];
}

function seenOf(arrival: Arrival): SeenChange {
  const { op, before, after } = arrival.data;
  return { op: op!, row: rowOf(arrival), before: before?.VAL ?? null, after: after?.VAL ?? null };
}

/** A backfill beside the stream tells of a row as it was told last, or newer: never older. */
function staleReads({ states }: Oracle, seen: readonly SeenChange[]): string[] {
  const told = new Map<string, number>();
  const faults: string[] = [];
  for (const { op, row, after } of seen) {
    if (isLooked(row.split(' ')[0]!)) continue;
    const at = told.get(row) ?? 0;
    const found = (states.get(row) ?? []).indexOf(after, at);
    if (op === 'read' && found < 0) faults.push(`${row} was read as ${after}, which it was no more, or never`);
    if (op !== 'read' && found >= 0) told.set(row, found);
  }
  return faults;
}

/** What was looked up is never older than the last change told of the table it was looked up in. */
function staleNames({ states }: Oracle, arrivals: readonly Arrival[]): string[] {
  const told = new Map<string, number>();
  const faults: string[] = [];
  for (const arrival of arrivals) {
    const { op, after, key } = arrival.data;
    const name = `NAMES ${key?.ID}`;
    const known = states.get(name) ?? [];
    if (op && tableOf(arrival) === 'NAMES')
      told.set(name, Math.max(0, known.indexOf(after?.VAL ?? null, told.get(name) ?? 0)));
    if (!op || !after || tableOf(arrival) !== 'PRICED') continue;
    const at = told.get(name);
    const named = after.NAMED ?? null;
    const possible = at === undefined ? [null, ...known] : known.slice(at);
    if (!possible.includes(named))
      faults.push(`${rowOf(arrival)} ${after.VAL} is named ${named}, one of ${JSON.stringify(possible)}`);
  }
  return faults;
}

/** By journal position, for a table is cleared on another lane than its rows; deletes of a cleared table have no position. */
function stateOf(arrivals: readonly Arrival[]): Record<string, string> {
  const rows = new Map<string, string>();
  const emptied = arrivals.filter((a) => tableOf(a) === 'RELOAD' && isChange(a));
  const placed = arrivals.filter((a) => tableOf(a) !== 'RELOAD').sort(byPosition);
  for (const arrival of [...placed, ...emptied]) {
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
  return Number(BigInt(p.sequence ?? 0) - BigInt(q.sequence ?? 0));
}

function forget(rows: Map<string, string>, table: string): void {
  for (const row of [...rows.keys()]) if (row.startsWith(`${table} `)) rows.delete(row);
}

export function tableOf({ data }: Arrival): string {
  return data.meta.table.split('/')[1]!;
}

export function rowOf(arrival: Arrival): string {
  return `${tableOf(arrival)} ${arrival.data.key!.ID}`;
}

/** Under the key of the row, whichever table it is in. */
function push(changes: Record<string, string[]>, row: string, what: string): void {
  const [table, id] = row.split(' ') as [string, string];
  // others go ahead of a table that is held
  const place = table === 'NIGHTLY' ? row : id;
  const list = changes[place] ?? [];
  list.push(`${table} ${what}`);
  changes[place] = list;
}
