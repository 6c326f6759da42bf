/** INSERT: VALUES of one or many rows, or the rows of a query; every row goes through the job, which journals it. */

import type { PhysicalFile } from '../../partition/files/physical-file';
import type { PartitionJob } from '../../partition/jobs/job';
import { type ExecuteOutcome, type SessionValue, SqlFailure } from '../../sql-session';
import { type AssignedCell, assigned, cellOf, ordinalOf, parameterValue, refuseGenerated } from '../compile/assignment';
import type { CompiledQuery } from '../compile/compiled-query';
import { type CompiledSelect, finishSelect } from '../compile/compiled-select';
import { CompileContext } from '../compile/context';
import { columnType } from '../compile/file-relation';
import type { JobNames } from '../compile/names';
import { Queries } from '../compile/query';
import { valueCountDiffers } from '../failures';
import { allRows, filesAreCurrent } from '../rows/select';
import { guarded, type Work } from '../rows/work';
import { get, identifier, list, type Node, nameParts, variant } from '../tree/ast';
import type { ParsedStatement } from '../tree/parsed';
import { Scope } from '../types/scope';
import type { SqlType } from '../types/sql-type';
import { StatementParameters } from '../types/typed';

type RowValues = (SessionValue | undefined)[];

interface CompiledInsert {
  readonly file: PhysicalFile;
  readonly parameters: readonly SqlType[];
  isCurrent(work: Work): boolean;
  execute(work: Work, params: readonly SessionValue[]): ExecuteOutcome & { readonly records: readonly number[] };
}

export function compileInsert(names: JobNames, parsed: ParsedStatement): CompiledInsert {
  const node = get(parsed.tree, 'Insert');
  const parts = nameParts(get(node, 'table', 'TableName'));
  const file = names.fileFor(parts.length > 1 ? parts[parts.length - 2]! : null, parts[parts.length - 1]!, '*ADD');
  const context = new CompileContext(names, new StatementParameters(parsed.markerCount), parsed.types);
  const queries = new Queries(context);
  const targets = targetOrdinals(file, list(node, 'columns'));
  const source = get(node, 'source');
  const [kind, body] = variant(get(source, 'body'));
  const rows =
    kind === 'Values' && get(source, 'with') === null
      ? valueRows(file, targets, body, queries, context)
      : queryRows(file, targets, queries.statement(source), context);
  const parameters = context.parameters.all();
  const { columns } = file;
  return {
    file,
    parameters,
    isCurrent: (w) => file.columns === columns && filesAreCurrent(w, context.files),
    execute: (w, params) => insertRows(w.job, file, rows(w, params)),
  };
}

type RowMaker = (work: Work, params: readonly SessionValue[]) => Iterable<RowValues>;

function targetOrdinals(file: PhysicalFile, columns: readonly Node[]): number[] {
  if (columns.length === 0) return file.columns.flatMap((c, i) => (c.hidden ? [] : [i]));
  return columns.map((c) => {
    const parts = nameParts(c);
    return ordinalOf(file, parts[parts.length - 1] ?? identifier(c));
  });
}

function valueRows(
  file: PhysicalFile,
  targets: readonly number[],
  values: Node,
  queries: Queries,
  context: CompileContext,
): RowMaker {
  const scope = new Scope();
  const rows = list(values, 'rows').map((row) => {
    const nodes = Array.isArray(row) ? row : list(row, 'content');
    if (nodes.length !== targets.length) throw valueCountDiffers();
    return nodes.map((node, i) => {
      const column = file.columns[targets[i]!]!;
      const cell = cellOf(node, column, queries.expressions, context, scope);
      refuseGenerated(column, cell);
      return cell;
    });
  });
  const evaluated = compileCells(rows, context);
  return (work, params) => {
    const computed = evaluated(work, params);
    let next = 0;
    const cellValue = (cell: AssignedCell): SessionValue | undefined => {
      if (cell.kind === 'default') return undefined;
      if (cell.kind === 'null') return null;
      if (cell.kind === 'marker') return parameterValue(params[cell.marker - 1] ?? null, cell.type, cell.marker);
      return computed[next++];
    };
    return rows.map((cells) => spread(file, targets, cells.map(cellValue)));
  };
}

/** One query computes all expressions of all rows, in order. */
function compileCells(rows: readonly (readonly AssignedCell[])[], context: CompileContext) {
  const values = rows.flat().flatMap((c) => (c.kind === 'expression' ? [c.value] : []));
  let compiled: CompiledSelect | null = null;
  return (work: Work, params: readonly SessionValue[]): SessionValue[] => {
    if (values.length === 0) return [];
    compiled ??= finishSelect(context, {
      sql: `SELECT ${values.map((v, i) => `${v.sql} AS c${i}`).join(', ')}`,
      columns: values.map((value, i) => ({ name: `C${i}`, named: false, value })),
      badAliases: [],
    });
    const [row] = [...allRows(work, compiled, params)];
    return (row ?? []) as SessionValue[];
  };
}

function queryRows(
  file: PhysicalFile,
  targets: readonly number[],
  query: CompiledQuery,
  context: CompileContext,
): RowMaker {
  if (query.columns.length !== targets.length) throw valueCountDiffers();
  const columns = query.columns.map((c, i) => ({
    ...c,
    value: assigned({ ...c.value, sql: `c${i}` }, columnType(file.columns[targets[i]!]!)),
  }));
  const sql = `SELECT ${columns.map((c, i) => `${c.value.sql} AS c${i}`).join(', ')} FROM (${query.sql})`;
  const plain = columns.map(({ value: { bad: _bad, ...value }, ...c }) => ({ ...c, value }));
  let compiled: CompiledSelect | null = null;
  return (work, params) => {
    compiled ??= finishSelect(context, { sql, columns: plain, badAliases: [] });
    const select = compiled;
    return (function* () {
      for (const row of allRows(work, select, params)) yield spread(file, targets, row as SessionValue[]);
    })();
  };
}

function spread(
  file: PhysicalFile,
  targets: readonly number[],
  values: readonly (SessionValue | undefined)[],
): RowValues {
  const row: RowValues = new Array(file.columns.length).fill(undefined);
  targets.forEach((ordinal, i) => {
    row[ordinal] = values[i];
  });
  return row;
}

function insertRows(job: PartitionJob, file: PhysicalFile, rows: Iterable<RowValues>) {
  const member = file.members[0];
  if (!member) throw new SqlFailure(-204, '42704', `${file.name} in ${file.library} type *FILE not found.`);
  return guarded(() => {
    const records: number[] = [];
    job.statement(() => {
      for (const row of rows) records.push(job.insertRow(member, row));
    });
    const identity = file.columns.some((c) => c.identity) ? job.lastIdentity : null;
    return { updateCount: records.length, records, ...(identity === null ? {} : { generatedKey: identity }) };
  });
}
