import { valueCountDiffers } from '../failures';
import type { Typed } from '../types/typed';

/** One result column; `sql` of each value is only meaningful inside the query. */
export interface QueryColumn {
  readonly name: string;
  readonly named: boolean;
  readonly value: Typed;
}

export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly QueryColumn[];
  /** Aliases whose `bad` column follows the result columns, in order. */
  readonly badAliases: readonly string[];
  readonly direct?: DirectPlan;
}

/** Result columns that are cells of one virtual relation, read row by row: they need not pass through SQLite. */
export interface DirectPlan {
  readonly slot: string;
  readonly outputs: readonly (Typed['cell'] | null)[];
  /** Nothing is left for SQLite to do. */
  readonly whole: boolean;
}

export function renamed(columns: readonly QueryColumn[], names: readonly string[]): { name: string; value: Typed }[] {
  if (names.length > 0 && names.length !== columns.length) throw valueCountDiffers();
  return columns.map((c, i) => ({ name: names[i] ?? c.name, value: c.value }));
}

/** Columns of a query as its user sees them: `cN`, without what only holds inside. */
export function outerColumns(columns: readonly QueryColumn[], alias = ''): QueryColumn[] {
  return columns.map((c, i) => ({ ...c, value: outer(c.value, `${alias === '' ? '' : `${alias}.`}c${i}`) }));
}

function outer(value: Typed, sql: string): Typed {
  return {
    sql,
    type: value.type,
    nullable: value.nullable,
    ...(value.base ? { base: value.base } : {}),
    ...(value.name ? { name: value.name } : {}),
  };
}
