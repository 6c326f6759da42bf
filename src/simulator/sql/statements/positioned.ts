/** Cursors that say which record a row is, and UPDATE and DELETE WHERE CURRENT OF one. Source: SQL reference, "UPDATE", "DELETE". */
import type { FileView } from '../../partition/contract';
import {
  type CursorPlace,
  type CursorValue,
  type ExecuteOutcome,
  type ParameterColumn,
  type ResultColumn,
  type SessionValue,
  type SqlCursor,
  SqlFailure,
} from '../../sql-session';
import { namedCursorNotOpen } from '../failures';
import type { SelectCursor } from '../rows/cursor';
import { quoteName, type Token, written } from '../text/lexer';
import { type SqlName, TokenStream } from '../text/token-stream';

/** Words behind a table's name that are no name for it. */
const BEHIND = new Set(['WHERE', 'ORDER', 'FOR', 'WITH', 'FETCH', 'OPTIMIZE', 'LIMIT', 'OFFSET', 'SET']);
/** Rows of what has one of these are no records. */
const GROUPS = new Set(['GROUP', 'HAVING', 'UNION', 'EXCEPT', 'INTERSECT', 'JOIN', 'DISTINCT']);

/** `T`, `L.T X`, `L.T AS X`: the table and the name its columns go by. */
function tableAt(s: TokenStream): { readonly table: SqlName; readonly alias: string } | null {
  const kind = s.peek()?.kind;
  if (kind !== 'word' && kind !== 'quoted') return null;
  const table = s.qualifiedName();
  const said =
    s.take('AS') || (s.peek()?.kind === 'word' && !BEHIND.has(s.peek()!.text)) || s.peek()?.kind === 'quoted';
  return { table, alias: said ? s.identifier() : table.name };
}

function text(tokens: readonly Token[]): string {
  return tokens.map(written).join(' ');
}

/** The query of one table with the record number as its last column; null where rows are no records of one table. */
export function withRecordNumber(tokens: readonly Token[]): string | null {
  const s = new TokenStream(tokens);
  if (!s.take('SELECT') || tokens.some((t) => t.kind === 'word' && GROUPS.has(t.text))) return null;
  const from = outerWord(tokens, 'FROM');
  if (from < 0) return null;
  s.at = from + 1;
  const found = tableAt(s);
  const next = s.peek();
  if (!found || (next && !(next.kind === 'word' && BEHIND.has(next.text)))) return null;
  return `${text(tokens.slice(0, from))}, RRN(${quoteName(found.alias)}) ${text(tokens.slice(from))}`;
}

function outerWord(tokens: readonly Token[], word: string): number {
  let depth = 0;
  return tokens.findIndex((t) => {
    if (t.kind === 'op' && t.text === '(') depth++;
    if (t.kind === 'op' && t.text === ')') depth--;
    return depth === 0 && t.kind === 'word' && t.text === word;
  });
}

interface PositionedChange {
  readonly cursor: string;
  readonly table: SqlName;
  /** The statement with `RRN(..) = ?` in place of the cursor: the last marker. */
  readonly sql: string;
}

/** UPDATE or DELETE that ends with WHERE CURRENT OF a cursor; null for any other statement. */
export function positionedChange(tokens: readonly Token[]): PositionedChange | null {
  const where = tokens.findIndex(
    (t, i) => t.text === 'WHERE' && new TokenStream(tokens, i).sees('WHERE', 'CURRENT', 'OF'),
  );
  if (where < 0) return null;
  const s = new TokenStream(tokens, where + 3);
  const cursor = s.identifier();
  s.end();
  s.at = 1;
  s.take('FROM');
  const found = tableAt(s);
  if (!found) return null;
  return {
    cursor,
    table: found.table,
    sql: `${text(tokens.slice(0, where))} WHERE RRN(${quoteName(found.alias)}) = ?`,
  };
}

/** A cursor over records of one file. */
export class RecordCursor implements SqlCursor {
  readonly changes = true;
  readonly columns: readonly ResultColumn[];
  private readonly records = new WeakMap<readonly CursorValue[], number>();

  constructor(
    private readonly rows: SelectCursor,
    readonly file: FileView,
  ) {
    this.columns = rows.columns.slice(0, -1);
  }

  fetch(max: number): CursorValue[][] {
    const rows = this.rows.fetch(max);
    for (const row of rows) this.records.set(row, Number(row.pop()));
    return rows;
  }

  recordOf(row: readonly CursorValue[]): number | undefined {
    return this.records.get(row);
  }

  close(): void {
    this.rows.close();
  }
}

/** The record a cursor stands on. @throws SqlFailure -507, -508, -509, -510 */
function recordUnder({ cursor: name }: PositionedChange, file: FileView, place: CursorPlace | null): number {
  if (!place) throw namedCursorNotOpen(name);
  const { cursor, row } = place;
  if (!(cursor instanceof RecordCursor)) throw new SqlFailure(-510, '42828', `Cursor ${name} is read-only.`, [name]);
  if (cursor.file !== file)
    throw new SqlFailure(
      -509,
      '42827',
      `Table ${file.longName} in ${file.schema} not same as table in cursor ${name}.`,
      [file.longName, file.schema, name],
    );
  const record = row && cursor.recordOf(row);
  if (!record) throw new SqlFailure(-508, '24504', `Cursor ${name} not positioned on locked row.`, [name]);
  return record;
}

interface PositionedParts {
  readonly change: PositionedChange;
  readonly file: FileView;
  readonly place: () => CursorPlace | null;
  readonly parameters: readonly ParameterColumn[];
  readonly execute: (params: readonly SessionValue[]) => ExecuteOutcome;
}

/** The statement as its client sees it: without the marker it has not written. */
export function overCursor({ change, file, place, parameters, execute }: PositionedParts) {
  return {
    parameters: parameters.slice(0, -1),
    execute: (params: readonly SessionValue[]) =>
      execute([...params.slice(0, parameters.length - 1), String(recordUnder(change, file, place()))]),
  };
}
