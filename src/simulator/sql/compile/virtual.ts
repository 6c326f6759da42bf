/** Relations that are not files: catalog views and table functions. Rows are made by code when a cursor opens. */
import type { JobView, PartitionView } from '../../partition/contract';
import type { SqlType } from '../types/sql-type';
import type { Cell } from '../types/values';

export interface VirtualColumn {
  readonly name: string;
  readonly systemName: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly hidden?: boolean;
}

export interface FunctionParameter {
  readonly name: string;
  readonly type: SqlType;
  /** Absent: the argument is required. */
  readonly default?: Cell;
}

export interface RowContext {
  readonly partition: PartitionView;
  readonly job: JobView;
  /** Values of a table function's arguments, defaults filled in. */
  readonly args: readonly Cell[];
  /** Which arguments the statement gave. */
  readonly given: readonly boolean[];
  /** Ordinals of the columns the statement reads; others may be left out as null. */
  readonly used: ReadonlySet<number>;
  /** `V7R4M0`. */
  readonly version: string;
  /** Views look at each other. */
  readonly relations: Iterable<VirtualRelation>;
}

export interface VirtualRelation {
  readonly library: string;
  readonly name: string;
  readonly systemName?: string;
  readonly columns: readonly VirtualColumn[];
  /** Present on table functions. */
  readonly parameters?: readonly FunctionParameter[];
  /** Rows in column order. A stream may be as long as the journal: never collect it. */
  rows(context: RowContext): Iterable<readonly Cell[]>;
}

/** Columns of the generic virtual tables; a statement uses the narrowest that holds what it reads. */
export const VREL_WIDTHS = [4, 8, 16, 32, 64, 128] as const;

export function vrelName(columns: number): { readonly name: string; readonly width: number } {
  const width = VREL_WIDTHS.find((w) => w >= columns) ?? 128;
  return { name: `vrel${width}`, width };
}
