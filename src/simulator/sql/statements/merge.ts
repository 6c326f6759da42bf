/**
 * MERGE: rows of a source decide which records of the target change, go, or come. All of it is worked out on the data as
 * they were, then done record by record. Source: Db2 for i SQL reference, MERGE.
 */

import type { PhysicalFile } from '../../partition/files/physical-file';
import type { PartitionJob } from '../../partition/jobs/job';
import { type ExecuteOutcome, type SessionValue, SqlFailure } from '../../sql-session';
import { type AssignedCell, cellOf, ordinalOf, parameterValue, refuseGenerated } from '../compile/assignment';
import { type CompiledSelect, finishSelect } from '../compile/compiled-select';
import { CompileContext } from '../compile/context';
import type { JobNames } from '../compile/names';
import { Queries } from '../compile/query';
import { noRow, unsupported, valueCountDiffers } from '../failures';
import { allRows, isCurrent } from '../rows/select';
import { guarded, type Work } from '../rows/work';
import { get, list, type Node, nameParts, variant } from '../tree/ast';
import type { ParsedStatement } from '../tree/parsed';
import { Scope } from '../types/scope';
import { BIGINT } from '../types/sql-type';
import { expression, StatementParameters } from '../types/typed';
import { assignments, type CompiledChange, type Target, targetOf } from './change';

type Action = 'update' | 'delete' | 'insert';

/** One WHEN clause: the rows it takes and what they become. */
interface Clause {
  readonly action: Action;
  readonly cells: ReadonlyMap<number, AssignedCell>;
  /** First column the record number (0 for inserts), then the computed cells. */
  readonly sql: string;
}

export function compileMerge(names: JobNames, parsed: ParsedStatement): CompiledChange {
  const node = get(parsed.tree, 'Merge');
  const context = new CompileContext(names, new StatementParameters(parsed.markerCount), parsed.types);
  const queries = new Queries(context);
  const target = targetOf(get(node, 'table'), names, context, '*UPD');
  const sourceScope = new Scope();
  const source = queries.source(get(node, 'source'), sourceScope);
  const both = new Scope();
  both.relations.push(...target.scope.relations, ...sourceScope.relations);
  const on = queries.expressions.predicate(get(node, 'on'), both);
  const clauses = list(node, 'clauses').map((c, i, all) => {
    const earlier = all.slice(0, i).filter((e) => get(e, 'clause_kind') === get(c, 'clause_kind'));
    return clauseOf(c, earlier, { target, source, sourceScope, both, on, queries, context });
  });
  const finders = clauses.map((c) => finishSelect(context, finderQuery(c)));
  return {
    parameters: context.parameters.all(),
    isCurrent: (work) => finders.every((f) => isCurrent(work, f)),
    execute: (work, params) => runMerge(work, target.file, clauses, finders, params),
  };
}

interface Parts {
  readonly target: Target;
  readonly source: string;
  readonly sourceScope: Scope;
  readonly both: Scope;
  readonly on: string;
  readonly queries: Queries;
  readonly context: CompileContext;
}

function clauseOf(node: Node, earlier: readonly Node[], parts: Parts): Clause {
  const matched = get(node, 'clause_kind') === 'Matched';
  const { target, source, on, queries, context } = parts;
  const scope = matched ? parts.both : parts.sourceScope;
  const [kind, body] = variant(get(node, 'action'));
  const action = kind.toLowerCase();
  if ((action === 'insert') === matched || !['update', 'delete', 'insert'].includes(action)) {
    throw unsupported(`${kind} in this WHEN clause`);
  }
  const view = { ...target, scope };
  const cells =
    action === 'update'
      ? assignments(list(body, 'assignments'), view, queries, context)
      : action === 'insert'
        ? insertCells(body, view, queries, context)
        : new Map<number, AssignedCell>();
  const condition = (n: Node) => {
    const predicate = get(n, 'predicate');
    return predicate === null ? '1' : queries.expressions.predicate(predicate, scope);
  };
  // The first clause whose condition holds takes the row.
  const tests = [condition(node), ...earlier.map((e) => `(${condition(e)}) IS NOT 1`)].join(' AND ');
  const values = [...cells.values()].flatMap((c) => (c.kind === 'expression' ? [c.value.sql] : []));
  const items = [matched ? `${target.alias}.rrn` : '0', ...values].map((sql, i) => `${sql} AS c${i}`).join(', ');
  const from = matched
    ? `${target.from} JOIN ${source} ON ${on} WHERE ${tests}`
    : `${source} WHERE NOT EXISTS (SELECT 1 FROM ${target.from} WHERE ${on}) AND ${tests}`;
  return { action: action as Action, cells, sql: `SELECT ${items} FROM ${from}` };
}

function insertCells(body: Node, target: Target, queries: Queries, context: CompileContext): Map<number, AssignedCell> {
  const { file } = target;
  const named = list(body, 'columns').map((c) => {
    const parts = nameParts(c);
    return ordinalOf(file, parts[parts.length - 1]!);
  });
  const ordinals = named.length > 0 ? named : file.columns.flatMap((c, i) => (c.hidden ? [] : [i]));
  const row = get(body, 'kind', 'Values', 'rows', 0);
  const nodes = Array.isArray(row) ? row : list(row, 'content');
  if (nodes.length !== ordinals.length) throw valueCountDiffers();
  return new Map(
    ordinals.map((ordinal, i) => {
      const column = file.columns[ordinal]!;
      const cell = cellOf(nodes[i]!, column, queries.expressions, context, target.scope);
      refuseGenerated(column, cell);
      return [ordinal, cell] as const;
    }),
  );
}

function finderQuery(c: Clause) {
  const values = [...c.cells.values()].flatMap((cell) => (cell.kind === 'expression' ? [cell.value] : []));
  const columns = [expression('c0', BIGINT, false), ...values].map(({ bad: _bad, cell: _cell, ...value }, i) => ({
    name: `C${i}`,
    named: false,
    value,
  }));
  return { sql: c.sql, columns, badAliases: [] };
}

function runMerge(
  work: Work,
  file: PhysicalFile,
  clauses: readonly Clause[],
  finders: readonly CompiledSelect[],
  params: readonly SessionValue[],
): ExecuteOutcome {
  return guarded(() => {
    const found = finders.map((f) => [...allRows(work, f, params)] as SessionValue[][]);
    refuseTwice(file, clauses, found);
    let count = 0;
    work.job.statement(() => {
      clauses.forEach((clause, i) => {
        for (const row of found[i]!) if (applied(work.job, file, clause, row, params)) count++;
      });
    });
    return count === 0 ? { updateCount: 0, warning: noRow('MERGE') } : { updateCount: count };
  });
}

function refuseTwice(file: PhysicalFile, clauses: readonly Clause[], found: readonly SessionValue[][][]): void {
  const records = clauses.flatMap((c, i) => (c.action === 'insert' ? [] : found[i]!.map((row) => row[0])));
  if (new Set(records).size === records.length) return;
  throw new SqlFailure(-788, '21506', `Target row of MERGE identified more than once.`, [file.name, file.library]);
}

function applied(
  job: PartitionJob,
  file: PhysicalFile,
  clause: Clause,
  [rrn, ...computed]: readonly SessionValue[],
  params: readonly SessionValue[],
): boolean {
  const member = file.members[0]!;
  if (clause.action === 'delete') return job.deleteRow(member, Number(rrn));
  let next = 0;
  const changes = new Map<number, SessionValue | undefined>();
  for (const [ordinal, cell] of clause.cells) {
    if (cell.kind === 'default') changes.set(ordinal, undefined);
    else if (cell.kind === 'null') changes.set(ordinal, null);
    else if (cell.kind === 'expression') changes.set(ordinal, computed[next++]!);
    else changes.set(ordinal, parameterValue(params[cell.marker - 1] ?? null, cell.type, cell.marker));
  }
  if (clause.action === 'update') return job.updateRow(member, Number(rrn), changes);
  job.insertRow(
    member,
    file.columns.map((_, i) => changes.get(i)),
  );
  return true;
}
