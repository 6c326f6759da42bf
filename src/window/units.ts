/** What a window hands on: changes and notices in the order they are sent, and the state that goes with them. */
import type { Change, RecordImage, WindowNotice } from '../model/change';
import type { WindowOptions } from './options';

export interface WindowUnit {
  readonly rows: number;
  /** Synchronous, one pass, inside the store transaction. */
  items(): Iterable<Change | WindowNotice>;
  /** Writes state and mark; inside the transaction, after the items. */
  commit(): void;
}

/** Which finding a change is, and when. */
type Seen = Pick<Change, 'occasion' | 'timestamp'>;

/** As the row was last known, and as it is. */
interface Sides {
  readonly before: RecordImage | null;
  readonly after: RecordImage | null;
}

/** A row read by SQL has no entry: no position, no job, no record number. */
export function rowChange(options: WindowOptions, op: Change['op'], sides: Sides, seen: Seen): Change {
  return {
    op,
    mode: 'window',
    table: options.table,
    member: '',
    before: sides.before && { is: 'image', image: sides.before },
    after: sides.after && { is: 'image', image: sides.after },
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
