/** Statement text to tree, and parameter types to what a describe says of them. */
import type { ParameterColumn } from '../../sql-session';
import { resultColumn } from '../compile/select';
import type { ParsedStatement } from '../run/work';
import type { SqlType } from '../types/sql-type';
import { parseStatement } from './ast';
import { rewrite } from './db2-tokens';

export function parseText(sql: string): ParsedStatement {
  const { sql: text, types, markerCount, isolation } = rewrite(sql);
  return { tree: parseStatement(text), types, markerCount, isolation };
}

/** Markers have no names; the description of a statement calls them `00001`, `00002`. */
export function markerName(index: number): string {
  return String(index + 1).padStart(5, '0');
}

export function parameterColumns(types: readonly SqlType[]): ParameterColumn[] {
  return types.map((type, i) => ({
    ...resultColumn(markerName(i), { sql: '', type, nullable: !type.notNull }),
    mode: 'in' as const,
  }));
}
