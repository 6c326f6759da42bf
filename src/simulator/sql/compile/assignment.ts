/** Where the new value of a column comes from: a marker, the column's default, a constant, or an expression per row. */

import type { ColumnDef } from '../../partition/files/definitions';
import type { PhysicalFile } from '../../partition/files/physical-file';
import { type SessionValue, SqlFailure } from '../../sql-session';
import { columnNotInTable } from '../failures';
import { get, type Node, variant } from '../tree/ast';
import { convert } from '../types/convert';
import type { Scope } from '../types/scope';
import { decimal, digitsOf, isBytes, isExact, isLob, isText, type SqlType } from '../types/sql-type';
import { type Typed, withType } from '../types/typed';
import { bindValue, decoderOf } from '../types/values';
import type { CompileContext } from './context';
import type { Expressions } from './expressions';
import { columnType } from './file-relation';

export type AssignedCell =
  | { readonly kind: 'default' }
  | { readonly kind: 'null' }
  | { readonly kind: 'marker'; readonly marker: number; readonly type: SqlType }
  | { readonly kind: 'expression'; readonly value: Typed };

/** Of a decimal. */
const MOST_DIGITS = 63;

/** @throws SqlFailure -205 */
export function ordinalOf(file: PhysicalFile, name: string): number {
  const at = file.columns.findIndex((c) => c.name === name);
  const found = at >= 0 ? at : file.columns.findIndex((c) => c.systemName === name);
  if (found < 0) throw columnNotInTable(name, file.longName, file.library);
  return found;
}

export function cellOf(
  node: Node,
  column: ColumnDef,
  x: Expressions,
  context: CompileContext,
  scope: Scope,
): AssignedCell {
  const [kind, body] = variant(node);
  if (
    kind === 'Identifier' &&
    get(body, 'quote_style') === null &&
    String(get(body, 'value')).toUpperCase() === 'DEFAULT'
  ) {
    return { kind: 'default' };
  }
  const raw = x.raw(node, scope);
  const type = columnType(column);
  if (raw.untyped === 'null') return { kind: 'null' };
  if (typeof raw.untyped === 'number') {
    withType(raw, column.nullable ? type : { ...type, notNull: true }, context.parameters);
    return { kind: 'marker', marker: raw.untyped, type };
  }
  return { kind: 'expression', value: assigned(raw, type) };
}

/** Text keeps its own length, a number all its digits before the point: storing it says whether it fits. */
export function assigned(value: Typed, type: SqlType): Typed {
  if (isText(value.type) && isText(type)) {
    const converted = value.text === undefined && value.type.ccsid !== type.ccsid && !isLob(type);
    return converted ? { ...value, sql: `defined_text(${value.sql})` } : value;
  }
  if (isBytes(value.type) && isBytes(type)) return value;
  if (isExact(value.type) && isExact(type)) {
    const digits = digitsOf(value.type) - value.type.scale + type.scale;
    if (digits > digitsOf(type)) return convert(value, decimal(Math.min(digits, MOST_DIGITS), type.scale));
  }
  return convert(value, type);
}

export function refuseGenerated(column: ColumnDef, cell: AssignedCell): void {
  if (cell.kind === 'default' || (!column.identity?.always && !column.rowChange)) return;
  throw new SqlFailure(-798, '428C9', `Value cannot be specified for GENERATED ALWAYS column ${column.name}.`, [
    column.name,
  ]);
}

/** A parameter in the session's form of its type, checked and cut as a host variable would be. */
export function parameterValue(value: SessionValue, type: SqlType, position: number): SessionValue {
  if (value === null) return null;
  if (isText(type) && typeof value === 'string') return value;
  const raw = bindValue(value, type, position);
  return raw === null ? null : decoderOf(type)(raw);
}
