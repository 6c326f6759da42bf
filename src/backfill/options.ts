/** One backfill: which rows of which table, and how gently. */
import type { QualifiedName } from '../model/position';
import type { ColumnFormat } from '../model/record-format';

export interface BackfillRequest {
  /** System names: what events carry. */
  readonly table: QualifiedName;
  /** SQL names: what statements use. */
  readonly sqlName: QualifiedName;
  /** With `as` where the config gives a column a legacy meaning. */
  readonly columns: readonly ColumnFormat[];
  /** Only a journaled file can be changed under commitment control. */
  readonly journaled: boolean;
  /** A unique key without nulls chunks by key; null chunks by record number. */
  readonly key: readonly string[] | null;
  /** ISO dates, both inclusive; null takes every row. */
  readonly range: { readonly column: string; readonly from: string; readonly to: string } | null;
  /** SQL condition of the operator, as written. */
  readonly where: string | null;
  readonly chunkRows: number;
  /** Rows a second at most; null is as fast as it goes. */
  readonly rowsPerSecond: number | null;
}
