/** Short forms for catalog relations: columns are written as in CREATE TABLE. */

import { columnType } from '../compile/file-relation';
import type { FunctionParameter, RowContext, VirtualColumn, VirtualRelation } from '../compile/virtual';
import { parseColumn } from '../statements/column-definition';
import { TokenStream } from '../text/token-stream';
import { parseType } from '../types/type-parser';
import type { Cell } from '../types/values';

/** `A CHAR(10) NOT NULL, LONG_NAME FOR COLUMN LONGN VARCHAR(128)`. */
export function columnsOf(text: string): VirtualColumn[] {
  const s = TokenStream.of(text);
  const taken = new Set<string>();
  const columns: VirtualColumn[] = [];
  do {
    const { column } = parseColumn(s, taken);
    taken.add(column.systemName);
    columns.push({
      name: column.name,
      systemName: column.systemName,
      type: columnType(column),
      nullable: column.nullable,
      ...(column.hidden ? { hidden: true } : {}),
    });
  } while (s.take(','));
  s.end();
  return columns;
}

/** `NAME TYPE` pairs; the defaults by name, a parameter without one is required. */
export function parametersOf(text: string, defaults: Readonly<Record<string, Cell>> = {}): FunctionParameter[] {
  const s = TokenStream.of(text);
  const parameters: FunctionParameter[] = [];
  do {
    const name = s.identifier();
    const { type } = parseType(s);
    parameters.push({ name, type, ...(name in defaults ? { default: defaults[name]! } : {}) });
  } while (s.take(','));
  s.end();
  return parameters;
}

/** One row as cells by column name; what is not named is null. */
export type NamedRow = Readonly<Record<string, Cell | undefined>>;

interface RelationOptions {
  readonly systemName?: string;
  readonly parameters?: readonly FunctionParameter[];
}

export function relation(
  library: string,
  name: string,
  columns: string,
  rows: (context: RowContext) => Iterable<NamedRow>,
  options: RelationOptions = {},
): VirtualRelation {
  const described = columnsOf(columns);
  return {
    library,
    name,
    columns: described,
    ...options,
    *rows(context) {
      for (const row of rows(context)) yield described.map((c) => row[c.name] ?? null);
    },
  };
}

/** The value of an argument as text, blanks and absence both empty. */
export function textArgument(context: RowContext, i: number): string {
  const value = context.args[i];
  return value === null || value === undefined ? '' : String(value).trim().toUpperCase();
}
