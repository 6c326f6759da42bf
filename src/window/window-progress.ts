/**
 * What the windows of a table still have to read of it: whether a row lies where the next look begins, or behind, so that it will
 * find what differs; or before, where none looks again.
 */
import type { RowSource } from '../model/change';
import type { Store } from '../store/store';
import { TableRows } from '../table-rows/table-rows';
import { cursorSql, momentOf } from './cursor-values';
import type { WindowOptions } from './options';
import { markOfTable, type WindowMark } from './window-state';

const HOUR = 3_600_000;

export class WindowProgress {
  private readonly columns: readonly string[];
  private readonly rows: TableRows;

  /** @param findsDeletes keys that are gone are found by a compare of their own */
  constructor(
    private readonly store: Store,
    private readonly options: WindowOptions,
    readonly findsDeletes: boolean,
  ) {
    this.columns = cursorSql(options).columns;
    this.rows = new TableRows({ table: options.table.name, columns: options.columns });
  }

  /** The row's last change may be one that the next look finds. Inside a transaction: looks commit with their events. */
  moving(row: RowSource): boolean {
    const mark = markOfTable(this.store, this.options.table);
    if (mark === null || !mark.known) return true;
    const values = this.rows.values(row, this.columns);
    const { cursor } = this.options;
    return cursor.is === 'sequence' ? this.isAhead(values[0], mark) : this.isLate(momentOf(cursor, values), mark);
  }

  /** The next look begins `overlap` before the latest moment found. A row without a moment is met by none. */
  private isLate(moment: number | null, { clock, latest, repeatUntil }: WindowMark): boolean {
    if (moment === null || latest === null) return true;
    const repeated = clock < repeatUntil ? 2 * HOUR : 0;
    return moment >= Math.min(latest, clock) - this.options.overlapMs - repeated;
  }

  /** The next look begins with the first of the values it was left. */
  private isAhead(value: unknown, { values: [known] }: WindowMark): boolean {
    return known === undefined || value == null || wholeOf(value) >= wholeOf(known[1]);
  }
}

function wholeOf(value: unknown): bigint {
  return BigInt(String(value).split('.')[0]!);
}
