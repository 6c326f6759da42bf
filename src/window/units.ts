/** What a window hands on: changes and notices in the order they are told, and the state that goes with them. */
import type { Change, RowSource, WindowNotice } from '../model/change';
import type { RecordFormat } from '../model/record-format';
import { rowImage } from '../record/rows/row-image';
import type { SqlValue } from '../transport/transport';
import type { WindowOptions } from './options';

export interface WindowUnit {
  readonly rows: number;
  /** Synchronous, one pass, inside the store transaction. */
  items(): Iterable<Change | WindowNotice>;
  /** Writes state and mark; inside the transaction, after the items. */
  commit(): void;
}

/** A row of which some columns are known; the others are null. */
export function knownColumns(format: RecordFormat, names: readonly string[], values: readonly SqlValue[]): RowSource {
  const row = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
  return { is: 'image', image: rowImage(format, row) };
}

/** Which finding a change is, and when. */
export type Seen = Pick<Change, 'occasion' | 'timestamp'>;

/** A row read by SQL has no entry: no position, no job, no record number. */
export function rowChange(options: WindowOptions, op: Change['op'], source: RowSource, seen: Seen): Change {
  return {
    op,
    mode: 'window',
    table: options.table,
    member: '',
    before: op === 'delete' ? source : null,
    after: op === 'delete' ? null : source,
    journal: null,
    position: null,
    occasion: seen.occasion,
    timestamp: seen.timestamp,
    commitCycle: 0n,
    rrn: 0n,
    user: '',
    job: '',
    program: '',
    remoteAddress: '',
  };
}

/** More deletes than the guard allows, found by one compare: the table waits for the operator before the first is sent. */
export function massDelete(options: WindowOptions, deletes: number, { occasion, timestamp }: Seen): WindowNotice {
  return {
    kind: 'table.mass-delete',
    table: options.table,
    member: '',
    journal: null,
    position: null,
    occasion,
    timestamp,
    user: '',
    job: '',
    program: '',
    facts: { action: 'pause', alert: true, deletes },
  };
}
