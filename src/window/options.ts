/** What the window stage wants to know of one table. */
import type { QualifiedName } from '../model/position';
import type { ColumnFormat, LegacyDate } from '../model/record-format';

/** How rows say when they changed. */
export type WindowCursor =
  /** A TIMESTAMP column, such as a ROW CHANGE TIMESTAMP. */
  | { readonly is: 'timestamp'; readonly column: string }
  /** An identity or other growing number. Finds inserts, and updates only where they renew the number. */
  | { readonly is: 'sequence'; readonly column: string }
  /** A legacy date column, with or without its time of day. */
  | {
      readonly is: 'legacy';
      readonly date: string;
      readonly dateForm: LegacyDate;
      readonly time: string | null;
      readonly timeForm: 'hhmmss' | 'hhmm';
    };

export interface WindowOptions {
  /** System names: what events carry. */
  readonly table: QualifiedName;
  /** SQL names: what statements use. */
  readonly sqlName: QualifiedName;
  readonly columns: readonly ColumnFormat[];
  /** A journaled file can be changed under commitment control: its rows are read as committed last. */
  readonly journaled: boolean;
  readonly key: readonly string[];
  readonly cursor: WindowCursor;
  readonly everyMs: number;
  /** How far back each read starts: the longest transaction, and then some. */
  readonly overlapMs: number;
  /** How far behind the partition's clock each read ends. */
  readonly marginMs: number;
  readonly pageRows: number;
  /** `now`: rows there at the first read are taken as known; `all`: each becomes one change of op read. */
  readonly start: 'now' | 'all';
  /** What is kept of each row: its last known values, or its key and a hash of its content. */
  readonly remember: 'row' | 'key';
}
