/**
 * Rows that carry their CRC-32 in their last column, `sum`: places given a second time, waiting lanes, dead letters, held
 * deliveries, and the numbers that stand for destinations and shapes. Another bit in one of them would send an event elsewhere,
 * twice or never: such a row ends the daemon with an error, as its former content is not known.
 */
import type { Database } from 'better-sqlite3';
import { checksum } from './checksum';
import { damaged } from './summed';

type RowValue = string | number | null;

/** The columns a sum is made of, in that order; numbers that the file itself gives out to dead letters and holds are not. */
const SUMMED_COLUMNS = {
  outbox_destination: ['no', 'name'],
  outbox_shape: [
    'no',
    'destinations',
    'type',
    'version',
    'tbl',
    'rule',
    'content_type',
    'tombstone',
    'sealed',
    'journal',
    'receiver',
  ],
  outbox_again: ['pos', 'event', 'replay'],
  outbox_parked: ['destination', 'lane', 'pos', 'event', 'class', 'attempts', 'charged', 'first_at', 'due_at', 'pause'],
  outbox_dead: [
    'event',
    'destination',
    'lane',
    'reason',
    'message',
    'status',
    'response',
    'attempts',
    'first_at',
    'dead_at',
    'replay',
  ],
  outbox_lane: ['destination', 'lane', 'class', 'pos'],
  outbox_lane_scope: ['destination', 'kind', 'since', 'rows', 'mixed'],
  outbox_hold: ['tbl', 'reason', 'at', 'receiver', 'sequence'],
  outbox_held: ['hold', 'event', 'destination', 'replay'],
} as const;

type SummedTable = keyof typeof SUMMED_COLUMNS;

/** Half of a pair without the other comes back from the file as one replacement character or several: neither is summed. */
const UNSURE = /[\p{Surrogate}\ufffd]/gu;

export function rowSum(values: readonly RowValue[]): number {
  let text = '';
  for (const value of values) {
    const said = typeof value === 'string' ? value.replace(UNSURE, '') : value;
    // the length before a text says where it ends
    text += typeof said === 'string' ? `${said.length}:${said},` : `${said},`;
  }
  return checksum(Buffer.from(text));
}

/** The columns of {@link SUMMED_COLUMNS} and the sum, to be read and given to {@link checkRow}. */
export function summedColumns(table: SummedTable): string {
  return `${SUMMED_COLUMNS[table].join(', ')}, sum`;
}

/**
 * @param row as {@link summedColumns} reads it; what follows the sum is not looked at. One of an older version has no sum
 * @throws CodedError `STORE_CORRUPT`
 */
export function checkRow(table: SummedTable, row: readonly RowValue[]): void {
  const columns = SUMMED_COLUMNS[table].length;
  const sum = row[columns];
  if (sum !== null && sum !== rowSum(row.slice(0, columns))) throw damaged(table);
}

/** Every row of these tables, and that their trees are whole: a row that is not found is as bad as another one. */
export function checkTables(db: Database): void {
  for (const table of Object.keys(SUMMED_COLUMNS) as SummedTable[]) {
    checkTree(db, table);
    const rows = db.prepare(`SELECT ${summedColumns(table)} FROM ${table}`).raw();
    for (const row of rows.iterate() as IterableIterator<RowValue[]>) checkRow(table, row);
  }
  checkTree(db, 'outbox_ready');
  checkTree(db, 'outbox_id');
  checkTree(db, 'outbox_counter');
  const names = db.prepare('SELECT name FROM outbox_counter').pluck().all() as string[];
  if (names.some((name) => !COUNTERS.has(name))) throw damaged('outbox_counter');
}

const COUNTERS: ReadonlySet<string> = new Set(['seq', 'bytes', 'events', 'logBytes']);

function checkTree(db: Database, table: string): void {
  if (db.pragma(`integrity_check(${table})`, { simple: true }) !== 'ok') throw damaged(table);
}
