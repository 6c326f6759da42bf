import type { ParameterColumn, ResultColumn } from '../../sql-session';
import type { SqlType } from './sql-type';
import type { Typed } from './typed';

export function resultColumn(name: string, value: Typed): ResultColumn {
  const { type, nullable, base } = value;
  const column = { name, type: type.name, length: type.length, scale: type.scale, ccsid: type.ccsid, nullable };
  return base ? { ...column, base } : column;
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
