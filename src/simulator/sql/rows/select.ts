/** A compiled query and the cursors it opens. */
import type { FileView } from '../../partition/contract';
import type { CursorValue, SessionValue } from '../../sql-session';
import type { CompiledFile, CompiledSelect } from '../compile/compiled-select';
import { finishSelect } from '../compile/compiled-select';
import { CompileContext, type VirtualUse } from '../compile/context';
import { Queries } from '../compile/query';
import { vrelName } from '../compile/virtual';
import type { Node } from '../tree/ast';
import type { ParsedStatement } from '../tree/parsed';
import type { Raw } from '../types/exact-form';
import type { SqlType } from '../types/sql-type';
import { StatementParameters } from '../types/typed';
import type { Cell } from '../types/values';
import { bindValue, cellToRaw, rawToCell } from '../types/values';
import { CommittedRows, type CommittedText } from './committed-rows';
import type { ReadConnection, SqliteRowSource } from './connection';
import type { CurrentRow } from './cursor';
import { AT_OPEN, Lease, SelectCursor } from './cursor';
import { guarded, registerBindings, type Work } from './work';

export function compileSelect(work: Work, parsed: ParsedStatement, query: Node): CompiledSelect {
  const context = new CompileContext(work.names, new StatementParameters(parsed.markerCount), parsed.types);
  const compiled = new Queries(context).statement(query);
  return { ...finishSelect(context, compiled), isolation: parsed.isolation };
}

/** What only SQLite notices is reported at prepare too: aggregates in the wrong place, for example. */
export function checkSelect(work: Work, compiled: CompiledSelect): void {
  const connection = work.pool.take();
  try {
    connection.prepare(compiled.sql);
  } finally {
    work.pool.give(connection);
  }
}

/** Files may have been altered or replaced since the statement was prepared. */
export function isCurrent(work: Work, compiled: { readonly files: readonly CompiledFile[] }): boolean {
  return compiled.files.every(
    ({ file, columns }) => work.partition.file(file.library, file.name) === file && file.columns === columns,
  );
}

export function filesAreCurrent(work: Work, files: Iterable<FileView>): boolean {
  return [...files].every((file) => work.partition.file(file.library, file.name) === file);
}

function bindings(work: Work, types: readonly SqlType[], params: readonly SessionValue[]): Record<string, Raw> {
  const values: Record<string, Raw> = registerBindings(work);
  types.forEach((type, i) => {
    values[`p${i + 1}`] = bindValue(params[i] ?? null, type, i + 1);
  });
  return values;
}

export function openSelect(work: Work, compiled: CompiledSelect, params: readonly SessionValue[]): SelectCursor {
  return guarded(() => {
    const values = bindings(work, compiled.parameters, params);
    const connection = work.pool.take();
    const lease = new Lease(work, connection);
    try {
      const current: CurrentRow = { cells: [] };
      const rows = rowsOf(work, compiled, values, lease, current);
      return new SelectCursor(compiled, rows, lease, current);
    } catch (error) {
      lease.end();
      throw error;
    }
  });
}

const NO_RAW: readonly Raw[] = [];

function rowsOf(
  work: Work,
  compiled: CompiledSelect,
  values: Record<string, Raw>,
  lease: Lease,
  current: CurrentRow,
): Iterator<readonly Raw[]> {
  const { connection } = lease;
  for (const use of compiled.uses) {
    const follow = compiled.direct?.slot === use.slot ? compiled.direct : null;
    const rows = relationRows(work, connection, use, values);
    if (follow?.whole) return wholeRows(rows(), current);
    values[use.slot] = lease.addSource(vrelRows(rows, use, follow?.hidden ?? null, current));
  }
  const files = compiled.files.map((f) => f.file);
  const committed = compiled.isolation && CommittedRows.of(work, files, compiled.isolation);
  if (!committed) return iterate(compiled, lease, compiled.sql, values);
  const inQuestion = committed.waitsFor(compiled.sql);
  if (inQuestion && [...iterate(compiled, lease, inQuestion.sql, bound(inQuestion, lease, values))].length > 0)
    throw committed.refusal();
  const text = committed.text(compiled.sql);
  return iterate(compiled, lease, text.sql, bound(text, lease, values));
}

function iterate(
  compiled: CompiledSelect,
  { connection }: Lease,
  sql: string,
  values: Record<string, Raw>,
): IterableIterator<Raw[]> {
  const statement = connection.prepare(sql).raw(true).safeIntegers(compiled.bigIntegers);
  return statement.iterate(values) as IterableIterator<Raw[]>;
}

function bound(text: CommittedText, lease: Lease, values: Record<string, Raw>): Record<string, Raw> {
  const all = { ...values, ...text.numbers };
  for (const [name, rows] of Object.entries(text.sources)) all[name] = lease.addSource(rows as SqliteRowSource);
  return all;
}

function* wholeRows(rows: Iterable<readonly Cell[]>, current: CurrentRow): Generator<readonly Raw[]> {
  for (const cells of rows) {
    current.cells = cells;
    yield NO_RAW;
  }
}

function vrelRows(
  rows: () => Iterable<readonly Cell[]>,
  use: VirtualUse,
  hidden: ReadonlySet<number> | null,
  current: CurrentRow,
): SqliteRowSource {
  const { relation, used } = use;
  const width = vrelName(used.length).width;
  const wanted = used.flatMap((ordinal, at) =>
    hidden?.has(ordinal) ? [] : [{ at, ordinal, type: relation.columns[ordinal]!.type }],
  );
  return function* () {
    for (const cells of rows()) {
      if (hidden) current.cells = cells;
      const row = new Array<Raw>(width).fill(null);
      for (const { at, ordinal, type } of wanted) row[at] = cellToRaw(cells[ordinal] ?? null, type);
      yield row;
    }
  };
}

/** The relation's rows; the first reading starts here, so that what is wrong with it fails the open. */
function relationRows(
  work: Work,
  connection: ReadConnection,
  use: VirtualUse,
  values: Record<string, Raw>,
): () => Iterable<readonly Cell[]> {
  const { relation, used } = use;
  const args = argumentsOf(connection, use, values);
  const context = {
    partition: work.partition,
    job: work.job,
    args: args.values,
    given: args.given,
    used: new Set(used),
    relations: work.relations,
    version: work.version,
  };
  let first: Iterable<readonly Cell[]> | null = relation.rows(context);
  return () => {
    const rows = first ?? relation.rows(context);
    first = null;
    return rows;
  };
}

function argumentsOf(connection: ReadConnection, use: VirtualUse, values: Record<string, Raw>) {
  const parameters = use.relation.parameters ?? [];
  const asked = use.args.flatMap((a, i) => (a ? [{ sql: a.sql, type: parameters[i]!.type, at: i }] : []));
  const result: Cell[] = parameters.map((p) => p.default ?? null);
  if (asked.length > 0) {
    const sql = `SELECT ${asked.map((a) => a.sql).join(', ')}`;
    const row = connection.prepare(sql).raw(true).safeIntegers(true).get(values) as Raw[];
    asked.forEach((a, i) => {
      result[a.at] = rawToCell(row[i]!, a.type);
    });
  }
  return { values: result, given: use.args.map((a) => a !== null) };
}

/** All rows of a query, for row-finding; small parts of a table at a time are of no use to those who change it. */
export function* allRows(
  work: Work,
  compiled: CompiledSelect,
  params: readonly SessionValue[],
): Generator<CursorValue[]> {
  const cursor = openSelect(work, compiled, params);
  try {
    for (;;) {
      const rows = cursor.fetch(AT_OPEN);
      yield* rows;
      if (rows.length < AT_OPEN) return;
    }
  } finally {
    cursor.close();
  }
}
