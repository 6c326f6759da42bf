/** A compiled query and the cursors it opens. */
import type { FileView } from '../../partition/contract';
import type { CursorValue, ResultColumn, SqlCursor, SqlValue } from '../../sql-session';
import { CompileContext, type VirtualUse } from '../compile-context';
import { cursorNotOpen } from '../failures';
import type { Raw } from '../functions/exact-functions';
import { CommittedRows, type CommittedText, type Isolation } from '../run/committed-rows';
import { type Connection, type RowSource, vrelName } from '../run/connection';
import { asFailure, guarded, type ParsedStatement, registerBindings, type Work } from '../run/work';
import type { Node } from '../text/ast';
import type { SqlType } from '../types/sql-type';
import { Parameters } from '../types/typed';
import {
  bindValue,
  cellForm,
  cellToRaw,
  decodeRow,
  decoderOf,
  needsBigIntegers,
  type RowShape,
  rawToCell,
} from '../types/values';
import { type CompiledQuery, type DirectPlan, Queries } from './query';
import type { Cell, VirtualRelation } from './virtual';

/** Rows taken at open: a result this small holds no connection while the client reads it. */
const AT_OPEN = 512;
const AT_OPEN_BYTES = 1 << 20;

export interface CompiledSelect {
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
  readonly parameters: readonly SqlType[];
  readonly shape: RowShape;
  readonly bigIntegers: boolean;
  readonly uses: readonly VirtualUse[];
  readonly files: readonly CompiledFile[];
  readonly isolation: Isolation | null;
  readonly direct: CompiledDirect | null;
}

/** Result columns taken from the cells of the relation's current row. */
interface CompiledDirect {
  readonly slot: string;
  readonly whole: boolean;
  readonly outputs: readonly {
    readonly at: number;
    readonly ordinal: number;
    readonly form: (cell: Cell) => SqlValue;
  }[];
  /** Columns SQLite does not see. */
  readonly hidden: ReadonlySet<number>;
}

/** A file as it was when a statement was compiled. */
export interface CompiledFile {
  readonly file: FileView;
  readonly columns: FileView['columns'];
}

export function compileSelect(work: Work, parsed: ParsedStatement, query: Node): CompiledSelect {
  const context = new CompileContext(work.names, new Parameters(parsed.markerCount), parsed.types);
  const compiled = new Queries(context).statement(query);
  return { ...finishSelect(context, compiled), isolation: parsed.isolation };
}

/** What only SQLite notices is told at prepare too: aggregates in the wrong place, for example. */
export function checkSelect(work: Work, compiled: CompiledSelect): void {
  const connection = work.pool.take();
  try {
    connection.prepare(compiled.sql);
  } finally {
    work.pool.give(connection);
  }
}

/** Also for the row-finding queries of INSERT, UPDATE and DELETE. */
export function finishSelect(context: CompileContext, compiled: CompiledQuery): CompiledSelect {
  const types = compiled.columns.map((c) => c.value.type);
  const bad = compiled.columns.map((c) => {
    const at = c.value.bad ? compiled.badAliases.indexOf(c.value.bad.alias) : -1;
    return at < 0 ? null : { at: types.length + at, ordinal: String(c.value.bad!.ordinal) };
  });
  return {
    sql: withVrels(compiled.sql, context.virtualUses),
    columns: compiled.columns.map((c) => resultColumn(c.name, c.value)),
    parameters: context.parameters.all(),
    shape: { decoders: types.map(decoderOf), bad },
    bigIntegers: needsBigIntegers(types),
    uses: context.virtualUses,
    files: [...context.files].map((file) => ({ file, columns: file.columns })),
    isolation: null,
    direct: compiled.direct ? directOf(compiled, compiled.direct) : null,
  };
}

function directOf(compiled: CompiledQuery, plan: DirectPlan): CompiledDirect {
  const outputs = plan.outputs.flatMap((cell, at) =>
    cell ? [{ at, ordinal: cell.ordinal, form: cellForm(compiled.columns[at]!.value.type, cell.cut) }] : [],
  );
  return { slot: plan.slot, whole: plan.whole, outputs, hidden: new Set(outputs.map((o) => o.ordinal)) };
}

export function resultColumn(name: string, value: CompiledQuery['columns'][number]['value']): ResultColumn {
  const { type, nullable, base } = value;
  const column = { name, type: type.name, length: type.length, scale: type.scale, ccsid: type.ccsid, nullable };
  return base ? { ...column, base } : column;
}

function withVrels(sql: string, uses: readonly VirtualUse[]): string {
  return sql.replace(/\{\{(s\d+)\}\}/g, (_, slot: string) => {
    const use = uses.find((u) => u.slot === slot)!;
    return vrelName(use.used.length).name;
  });
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

export function bindings(work: Work, types: readonly SqlType[], params: readonly SqlValue[]): Record<string, Raw> {
  const values: Record<string, Raw> = registerBindings(work);
  types.forEach((type, i) => {
    values[`p${i + 1}`] = bindValue(params[i] ?? null, type, i + 1);
  });
  return values;
}

export function openSelect(work: Work, compiled: CompiledSelect, params: readonly SqlValue[]): SelectCursor {
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

/** A connection held by one cursor, with what it registered there. */
class Lease {
  private readonly sources: number[] = [];
  private ended = false;

  constructor(
    private readonly work: Work,
    readonly connection: Connection,
  ) {}

  addSource(rows: RowSource): bigint {
    const id = this.connection.addSource(rows);
    this.sources.push(id);
    return BigInt(id);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const id of this.sources) this.connection.removeSource(id);
    this.work.pool.give(this.connection);
  }
}

/** The row of the virtual relation that SQLite looks at now. */
interface CurrentRow {
  cells: readonly Cell[];
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
  for (const [name, rows] of Object.entries(text.sources)) all[name] = lease.addSource(rows as RowSource);
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
): RowSource {
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
  connection: Connection,
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

function argumentsOf(connection: Connection, use: VirtualUse, values: Record<string, Raw>) {
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

function sizeOf(row: readonly CursorValue[]): number {
  let size = 0;
  for (const v of row) if (typeof v === 'string' || v instanceof Uint8Array) size += v.length;
  return size;
}

export class SelectCursor implements SqlCursor {
  readonly columns: readonly ResultColumn[];
  private readonly ahead: CursorValue[][] = [];
  private at = 0;
  private rows: Iterator<readonly Raw[]> | null;
  private open = true;
  private interruption: unknown = null;

  constructor(
    private readonly compiled: CompiledSelect,
    rows: Iterator<readonly Raw[]>,
    private readonly lease: Lease,
    private readonly current: CurrentRow,
  ) {
    this.columns = compiled.columns;
    this.rows = rows;
    for (let bytes = 0; this.ahead.length < AT_OPEN && bytes < AT_OPEN_BYTES; ) {
      const row = this.read();
      if (!row) break;
      this.ahead.push(row);
      bytes += sizeOf(row);
    }
  }

  fetch(max: number): CursorValue[][] {
    if (this.interruption) throw this.interruption;
    if (!this.open) throw cursorNotOpen();
    const out: CursorValue[][] = [];
    while (out.length < max) {
      const row = this.at < this.ahead.length ? this.ahead[this.at++]! : this.read();
      if (!row) break;
      out.push(row);
    }
    return out;
  }

  private read(): CursorValue[] | null {
    if (!this.rows) return null;
    let next: IteratorResult<readonly Raw[]>;
    try {
      next = this.rows.next();
    } catch (error) {
      this.rows = null;
      this.lease.end();
      throw asFailure(error);
    }
    if (!next.done) return this.decode(next.value);
    this.release();
    return null;
  }

  private decode(raw: readonly Raw[]): CursorValue[] {
    const { direct, shape } = this.compiled;
    if (!direct) return decodeRow(raw, shape);
    const row = direct.whole ? new Array<CursorValue>(direct.outputs.length) : decodeRow(raw, shape);
    const { cells } = this.current;
    for (const { at, ordinal, form } of direct.outputs) {
      const cell = cells[ordinal];
      row[at] = cell === null || cell === undefined ? null : form(cell);
    }
    return row;
  }

  /** Closed, or read to its end. */
  get finished(): boolean {
    return !this.open || !this.rows;
  }

  /** The running statement was cancelled: what is left fails with -952. */
  interrupt(failure: unknown): void {
    if (this.open && this.rows) this.interruption = failure;
    this.release();
  }

  close(): void {
    this.open = false;
    this.ahead.length = 0;
    this.at = 0;
    this.release();
  }

  private release(): void {
    const { rows } = this;
    if (!rows) return;
    this.rows = null;
    rows.return?.();
    this.lease.end();
  }
}

/** All rows of a query, for row-finding; small parts of a table at a time are of no use to those who change it. */
export function* allRows(work: Work, compiled: CompiledSelect, params: readonly SqlValue[]): Generator<CursorValue[]> {
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

/** A cursor over rows that are already there. */
export class RowsCursor implements SqlCursor {
  private rows: CursorValue[][] | null;

  constructor(
    readonly columns: readonly ResultColumn[],
    rows: readonly (readonly CursorValue[])[],
  ) {
    this.rows = rows.map((r) => [...r]);
  }

  fetch(max: number): CursorValue[][] {
    if (!this.rows) throw cursorNotOpen();
    return this.rows.splice(0, max);
  }

  close(): void {
    this.rows = null;
  }
}

export function virtualColumns(relation: VirtualRelation): ResultColumn[] {
  return relation.columns.map((c) => resultColumn(c.name, { sql: '', type: c.type, nullable: c.nullable }));
}
