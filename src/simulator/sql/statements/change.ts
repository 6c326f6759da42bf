/** Searched UPDATE and DELETE: SQLite finds the records, the job changes them one by one and journals each. */
import type { PhysicalFile } from '../../partition/files/physical-file';
import type { ExecuteOutcome, SessionValue } from '../../sql-session';
import { permittedRows } from '../compile/access-control';
import { type AssignedCell, assigned, cellOf, ordinalOf, parameterValue, refuseGenerated } from '../compile/assignment';
import { type CompiledSelect, finishSelect } from '../compile/compiled-select';
import { CompileContext } from '../compile/context';
import { columnType, fileRelation } from '../compile/file-relation';
import type { JobNames } from '../compile/names';
import { Queries } from '../compile/query';
import { noRow, tokenNotValid, unsupported, valueCountDiffers } from '../failures';
import { allRows, isCurrent } from '../rows/select';
import { guarded, type Work } from '../rows/work';
import { get, identifier, list, type Node, nameParts, variant } from '../tree/ast';
import type { ParsedStatement } from '../tree/parsed';
import { Scope } from '../types/scope';
import { BIGINT, type SqlType } from '../types/sql-type';
import { expression, StatementParameters, type Typed } from '../types/typed';

export interface CompiledChange {
  readonly parameters: readonly SqlType[];
  isCurrent(work: Work): boolean;
  execute(work: Work, params: readonly SessionValue[]): ExecuteOutcome;
}

export interface Target {
  readonly file: PhysicalFile;
  readonly scope: Scope;
  readonly from: string;
  readonly alias: string;
}

export function compileUpdate(names: JobNames, parsed: ParsedStatement): CompiledChange {
  const node = get(parsed.tree, 'Update');
  const context = new CompileContext(names, new StatementParameters(parsed.markerCount), parsed.types);
  const queries = new Queries(context);
  const target = targetOf(get(node, 'table', 'relation'), names, context, '*UPD');
  const cells = assignments(list(node, 'assignments'), target, queries, context);
  const finder = rowFinder(target, get(node, 'selection'), [...cells.values()], queries, context);
  return {
    parameters: finder.parameters,
    isCurrent: (work) => isCurrent(work, finder),
    execute: (work, params) => runUpdate(work, target.file, cells, finder, params),
  };
}

export function compileDelete(names: JobNames, parsed: ParsedStatement): CompiledChange {
  const node = get(parsed.tree, 'Delete');
  const context = new CompileContext(names, new StatementParameters(parsed.markerCount), parsed.types);
  const queries = new Queries(context);
  const [, from] = variant(get(node, 'from'));
  const target = targetOf(get(from, 0, 'relation'), names, context, '*DLT');
  const finder = rowFinder(target, get(node, 'selection'), [], queries, context);
  return {
    parameters: finder.parameters,
    isCurrent: (work) => isCurrent(work, finder),
    execute: (work, params) => runDelete(work, target.file, finder, params),
  };
}

export function targetOf(relation: Node, names: JobNames, context: CompileContext, authority: string): Target {
  const [kind, body] = variant(relation);
  if (kind !== 'Table') throw unsupported('this target of a change');
  const parts = nameParts(get(body, 'name'));
  const file = names.fileFor(parts.length > 1 ? parts[parts.length - 2]! : null, parts[parts.length - 1]!, authority);
  const aliasNode = get(body, 'alias', 'name');
  const alias = context.alias('t');
  const scope = new Scope();
  scope.relations.push(
    fileRelation(file, alias, { name: aliasNode === null ? null : identifier(aliasNode), columns: [] }),
  );
  context.files.add(file);
  const from = permittedRows(file, alias, context, (inner) => new Queries(inner).expressions);
  return { file, scope, alias, from };
}

/** New values by column ordinal. */
export function assignments(
  nodes: readonly Node[],
  target: Target,
  queries: Queries,
  context: CompileContext,
): Map<number, AssignedCell> {
  const cells = new Map<number, AssignedCell>();
  const set = (name: string, cell: AssignedCell) => {
    const ordinal = ordinalOf(target.file, name);
    refuseGenerated(target.file.columns[ordinal]!, cell);
    if (cells.has(ordinal)) throw tokenNotValid(name);
    cells.set(ordinal, cell);
  };
  for (const node of nodes) {
    const [kind, body] = variant(get(node, 'target'));
    const value = get(node, 'value');
    if (kind === 'ColumnName') {
      const name = lastPart(body);
      const column = target.file.columns[ordinalOf(target.file, name)]!;
      set(name, cellOf(value, column, queries.expressions, context, target.scope));
    } else {
      const names = (body as readonly Node[]).map(lastPart);
      rowAssignment(names, value, target, queries, context).forEach((cell, i) => {
        set(names[i]!, cell);
      });
    }
  }
  return cells;
}

/** `(A, B) = (1, 2)` or `(A, B) = (SELECT ..)`. */
function rowAssignment(
  names: readonly string[],
  value: Node,
  target: Target,
  queries: Queries,
  context: CompileContext,
): AssignedCell[] {
  const [kind, body] = variant(value);
  const columns = names.map((n) => target.file.columns[ordinalOf(target.file, n)]!);
  if (kind === 'Tuple') {
    const nodes = body as readonly Node[];
    if (nodes.length !== names.length) throw valueCountDiffers();
    return nodes.map((n, i) => cellOf(n, columns[i]!, queries.expressions, context, target.scope));
  }
  if (kind !== 'Subquery') throw unsupported('this assignment');
  const query = queries.subquery(body, target.scope);
  if (query.columns.length !== names.length) throw valueCountDiffers();
  return query.columns.map((c, i) => {
    const picked = { ...expression(`(SELECT c${i} FROM (${query.sql}))`, c.type) };
    return { kind: 'expression', value: assigned(picked, columnType(columns[i]!)) };
  });
}

function lastPart(node: Node): string {
  const parts = nameParts(node);
  return parts[parts.length - 1]!;
}

function rowFinder(
  target: Target,
  selection: Node,
  cells: readonly AssignedCell[],
  queries: Queries,
  context: CompileContext,
): CompiledSelect {
  const where = selection === null ? '' : ` WHERE ${queries.expressions.predicate(selection, target.scope)}`;
  const values: Typed[] = cells.flatMap((c) => (c.kind === 'expression' ? [c.value] : []));
  const items = [`${target.alias}.rrn AS c0`, ...values.map((v, i) => `${v.sql} AS c${i + 1}`)];
  return finishSelect(context, {
    sql: `SELECT ${items.join(', ')} FROM ${target.from}${where}`,
    columns: [expression('c0', BIGINT, false), ...values].map(({ bad: _bad, ...value }, i) => ({
      name: `C${i}`,
      named: false,
      value,
    })),
    badAliases: [],
  });
}

function runUpdate(
  work: Work,
  file: PhysicalFile,
  cells: ReadonlyMap<number, AssignedCell>,
  finder: CompiledSelect,
  params: readonly SessionValue[],
): ExecuteOutcome {
  return guarded(() => {
    const found = [...allRows(work, finder, params)];
    const member = file.members[0]!;
    let count = 0;
    work.job.statement(() => {
      for (const [rrn, ...computed] of found) {
        let next = 0;
        const changes = new Map<number, SessionValue | undefined>();
        for (const [ordinal, cell] of cells) {
          if (cell.kind === 'default') changes.set(ordinal, undefined);
          else if (cell.kind === 'null') changes.set(ordinal, null);
          else if (cell.kind === 'expression') changes.set(ordinal, computed[next++] as SessionValue);
          else changes.set(ordinal, parameterValue(params[cell.marker - 1] ?? null, cell.type, cell.marker));
        }
        if (work.job.updateRow(member, Number(rrn), changes)) count++;
      }
    });
    return outcome(count, 'UPDATE');
  });
}

function runDelete(
  work: Work,
  file: PhysicalFile,
  finder: CompiledSelect,
  params: readonly SessionValue[],
): ExecuteOutcome {
  return guarded(() => {
    const found = [...allRows(work, finder, params)];
    const member = file.members[0]!;
    let count = 0;
    work.job.statement(() => {
      for (const [rrn] of found) if (work.job.deleteRow(member, Number(rrn))) count++;
    });
    return outcome(count, 'DELETE');
  });
}

function outcome(updateCount: number, statement: 'UPDATE' | 'DELETE'): ExecuteOutcome {
  return updateCount === 0 ? { updateCount, warning: noRow(statement) } : { updateCount };
}
