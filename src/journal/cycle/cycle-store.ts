import type { TableNotice } from '../../model/change';
import type { JournalChange } from './journal-change';

export type CycleItem = JournalChange | TableNotice;

/** Where a cycle's items go when memory is full. Items come back in the order they were added. */
export interface CycleStore {
  open(cycle: bigint): SpilledCycle;
}

/** DR undoes an insert, BR+UR an update, UR alone a delete. */
export function undoes(compensation: JournalChange, change: JournalChange): boolean {
  switch (compensation.op) {
    case 'delete':
      return change.op === 'insert';
    case 'update':
      return change.op === 'update';
    default:
      return change.op === 'delete';
  }
}

export interface SpilledCycle {
  readonly count: number;
  append(items: readonly CycleItem[]): void;
  items(): Iterable<CycleItem>;
  /** Removes and returns the latest change of the compensation's row, if it is what the compensation undoes. */
  removeLast(compensation: JournalChange): JournalChange | null;
  drop(): void;
}
