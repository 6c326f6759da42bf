/** A compiled query and the cursors it opens. */
import type { FileView } from '../partition/contract';
import type { CursorValue, ResultColumn, SqlCursor, SqlValue } from '../sql-session';
import type { Node } from './ast';
import { CompileContext, type VirtualUse } from './compile-context';
import { type Connection, type RowSource, vrelName } from './connection';
import type { Raw } from './exact-functions';
import { cursorNotOpen } from './failures';
import { type CompiledQuery, Queries } from './query';
import type { SqlType } from './sql-type';
import { Parameters } from './typed';
import { bindValue, cellToRaw, decodeRow, decoderOf, needsBigIntegers, type RowShape, rawToCell } from './values';
import type { Cell, VirtualRelation } from './virtual';
import { asFailure, guarded, type ParsedStatement, registerBindings, type Work } from './work';

/** Rows taken at open: a result this small holds no connection while the client reads it. */
const AT_OPEN = 512;

export interface CompiledSelect {
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
  readonly parameters: readonly SqlType[];
  readonly shape: RowShape;
  readonly bigIntegers: boolean;
  readonly uses: readonly VirtualUse[];
  readonly files: readonly CompiledFile[];
}

/** A file as it was when a statement was compiled. */
export interface CompiledFile {
  readonly file: FileView;
  readonly columns: FileView['columns'];
}

export function compileSelect(work: Work, parsed: ParsedStatement, query: Node): CompiledSelect {
  const context = new CompileContext(work.names, new Parameters(parsed.markerCount), parsed.types);
  const compiled = new Queries(context).statement(query);
  return finishSelect(context, compiled);
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
  };
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
    const sources: number[] = [];
    try {
      for (const use of compiled.uses) {
        const id = connection.addSource(sourceOf(work, connection, use, values));
        sources.push(id);
        values[use.slot] = BigInt(id);
      }
      return new SelectCursor(work, connection, compiled, values, sources);
    } catch (error) {
      for (const id of sources) connection.removeSource(id);
      work.pool.give(connection);
      throw error;
    }
  });
}

function sourceOf(work: Work, connection: Connection, use: VirtualUse, values: Record<string, Raw>): RowSource {
  const { relation, used } = use;
  const args = argumentsOf(connection, use, values);
  const width = vrelName(used.length).width;
  const types = used.map((i) => relation.columns[i]!.type);
  const context = {
    partition: work.partition,
    job: work.job,
    args: args.values,
    given: args.given,
    used: new Set(used),
    relations: work.relations,
    version: work.version,
  };
  const first = relation.rows(context);
  let again = false;
  return function* rows() {
    const source: Iterable<readonly Cell[]> = again ? relation.rows(context) : first;
    again = true;
    for (const cells of source) {
      const row = new Array<Raw>(width).fill(null);
      for (let i = 0; i < used.length; i++) row[i] = cellToRaw(cells[used[i]!] ?? null, types[i]!);
      yield row;
    }
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

export class SelectCursor implements SqlCursor {
  readonly columns: readonly ResultColumn[];
  private readonly ahead: Raw[][] = [];
  private at = 0;
  private rows: IterableIterator<unknown> | null;
  private open = true;
  private interruption: unknown = null;

  constructor(
    private readonly work: Work,
    private readonly connection: Connection,
    private readonly compiled: CompiledSelect,
    values: Record<string, Raw>,
    private readonly sources: readonly number[],
  ) {
    this.columns = compiled.columns;
    const statement = connection.prepare(compiled.sql).raw(true).safeIntegers(compiled.bigIntegers);
    this.rows = statement.iterate(values);
    try {
      this.readAhead();
    } catch (error) {
      this.rows = null;
      throw error;
    }
  }

  private readAhead(): void {
    while (this.ahead.length < AT_OPEN && this.rows) {
      const next = this.rows.next();
      if (next.done) this.release();
      else this.ahead.push(next.value as Raw[]);
    }
  }

  fetch(max: number): CursorValue[][] {
    if (this.interruption) throw this.interruption;
    if (!this.open) throw cursorNotOpen();
    const { shape } = this.compiled;
    const out: CursorValue[][] = [];
    try {
      while (out.length < max) {
        const raw = this.nextRaw();
        if (raw === null) break;
        out.push(decodeRow(raw, shape));
      }
    } catch (error) {
      this.rows = null;
      throw asFailure(error);
    }
    return out;
  }

  private nextRaw(): readonly Raw[] | null {
    if (this.at < this.ahead.length) return this.ahead[this.at++]!;
    if (!this.rows) return null;
    const next = this.rows.next();
    if (!next.done) return next.value as Raw[];
    this.release();
    return null;
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
    for (const id of this.sources) this.connection.removeSource(id);
    this.work.pool.give(this.connection);
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
