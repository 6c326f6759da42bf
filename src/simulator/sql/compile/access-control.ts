/**
 * Row and column access control: permissions filter what SQL sees of a file, masks change what it shows. Record images,
 * and so journal entries, know nothing of it. Source: Db2 for i SQL reference, CREATE PERMISSION, CREATE MASK.
 */
import type { FileView } from '../../partition/contract';
import type { AccessRule } from '../../partition/files/definitions';
import { quoteName } from '../text/lexer';
import { get, list, type Node } from '../tree/ast';
import { parseText } from '../tree/parsed';
import { convert } from '../types/convert';
import { Scope, type ScopeColumn, type ScopeRelation } from '../types/scope';
import { BOOLEAN } from '../types/sql-type';
import type { Typed } from '../types/typed';
import type { CompileContext } from './context';
import type { Expressions } from './expressions';
import { columnType, fileRelation } from './file-relation';

type MakeExpressions = (context: CompileContext) => Expressions;

/** SQLite text a file is read from: its row table, or the rows its permissions let through. */
export function permittedRows(file: FileView, alias: string, context: CompileContext, make: MakeExpressions): string {
  const table = file.members[0]!.rowTable;
  const { rowControl, rules } = file.accessControl;
  if (!rowControl) return `${table} AS ${alias}`;
  const inner = context.alias('t');
  const conditions = rules
    .filter((r) => r.kind === 'R' && r.enabled)
    .map((r) => ruleValue(file, inner, r, context, make).sql);
  // without a permission no user sees anything
  const where = conditions.length === 0 ? '0' : conditions.join(' OR ');
  return `(SELECT * FROM ${table} AS ${inner} WHERE ${where}) AS ${alias}`;
}

/** The relation with masks over its columns, for the time a select list is compiled. */
export function masked(relation: ScopeRelation, context: CompileContext, make: MakeExpressions): ScopeRelation {
  const { file } = relation;
  if (!file?.accessControl.columnControl) return relation;
  const columns = relation.columns.map((c, i): ScopeColumn => {
    const column = file.columns[i]!;
    const rule = file.accessControl.rules.find((r) => r.kind === 'M' && r.enabled && r.column === column.name);
    if (!rule) return c;
    const value = (): Typed => {
      const clear = c.value();
      if (!context.projecting) return clear;
      const mask = convert(ruleValue(file, relation.alias, rule, context, make), columnType(column));
      return { ...mask, name: c.name, nullable: true, ...(clear.base ? { base: clear.base } : {}) };
    };
    return { ...c, value };
  });
  return { ...relation, columns };
}

/** A rule's text over the row under `alias`; a permission's is a condition. @throws SqlFailure for a text that is no expression of this file */
export function ruleValue(
  file: FileView,
  alias: string,
  rule: AccessRule,
  context: CompileContext,
  make: MakeExpressions,
): Typed {
  const isCondition = rule.kind === 'R';
  const target = `${quoteName(file.schema)}.${quoteName(file.longName)}`;
  const expression = isCondition ? `CASE WHEN ${rule.text} THEN 1 ELSE 0 END` : rule.text;
  const { tree, types } = parseText(`SELECT ${expression} FROM ${target}`);
  const [item] = list(get(tree, 'Query', 'body', 'Select'), 'projection');
  const inner = context.within(types);
  const scope = new Scope();
  scope.relations.push(fileRelation(file, alias, { name: rule.correlation, columns: [] }));
  const x = make(inner);
  const node: Node = get(item!, 'UnnamedExpr');
  const projecting = context.projecting;
  context.projecting = false;
  try {
    const value = x.value(node, scope);
    return isCondition ? { ...value, sql: `(${value.sql} = 1)`, type: BOOLEAN } : value;
  } finally {
    context.projecting = projecting;
  }
}
