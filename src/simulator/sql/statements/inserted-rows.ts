/**
 * `SELECT .. FROM FINAL TABLE (INSERT ..)` and JTOpen's `SELECT *SQLGENCOLUMNS FROM NEW TABLE(INSERT ..)`, which asks
 * for the generated columns of the new rows.
 */
import type { PreparedSql } from '../../sql-session';
import type { JobNames } from '../compile/names';
import type { Work } from '../rows/work';
import { quoteName } from '../text/lexer';
import type { TokenStream } from '../text/token-stream';
import { parseTokens } from '../tree/parsed';
import { parameterColumns } from '../types/describe';
import { compileInsert } from './insert';

/** Null when the query is no such one. */
export function insertedRows(
  sql: string,
  s: TokenStream,
  prepare: (sql: string) => PreparedSql,
  names: JobNames,
  work: Work,
): PreparedSql | null {
  const from = s.tokens.findIndex((t, i) => t.text === 'FROM' && t.kind === 'word' && isChangeTable(s, i));
  if (from < 0 || s.peek()?.text !== 'SELECT') return null;
  const open = from + 3;
  const close = matching(s, open);
  const insert = compileInsert(names, parseTokens(s.tokens.slice(open + 1, close)));
  const { file } = insert;
  const generated = file.columns.filter((c) => c.identity || c.rowChange).map((c) => quoteName(c.name));
  const wanted = sql.slice(s.tokens[0]!.end, s.tokens[from]!.offset);
  const list = /\*\s*SQLGENCOLUMNS/i.test(wanted) ? generated.join(', ') || 'RRN(T)' : wanted;
  const tail = sql.slice(s.tokens[close]!.end).trim();
  const alias = /^(AS\s+)?([A-Z_#@$][\w#@$]*)/i.exec(tail);
  const isAlias = alias !== null && !/^(ORDER|FETCH|WHERE|FOR|WITH)$/i.test(alias[2]!);
  const name = isAlias ? alias[2]! : 'T';
  const rest = isAlias ? tail.slice(alias[0].length) : tail;
  const table = `${quoteName(file.library)}.${quoteName(file.longName)} ${name}`;
  const text = (records: readonly number[]) =>
    `SELECT ${list} FROM ${table} WHERE RRN(${name}) IN (${records.length > 0 ? records.join(', ') : '0'}) ${rest}`;
  return {
    kind: 'select',
    columns: prepare(text([])).columns,
    parameters: parameterColumns(insert.parameters),
    open: (params) => prepare(text(insert.execute(work, params).records)).open([]),
    execute: (params) => {
      const { records: _records, ...outcome } = insert.execute(work, params);
      return outcome;
    },
  };
}

function isChangeTable(s: TokenStream, i: number): boolean {
  const [a, b, c, d] = [1, 2, 3, 4].map((n) => s.tokens[i + n]?.text);
  return (a === 'FINAL' || a === 'NEW') && b === 'TABLE' && c === '(' && d === 'INSERT';
}

function matching(s: TokenStream, open: number): number {
  let depth = 0;
  for (let i = open; i < s.tokens.length; i++) {
    if (s.tokens[i]!.kind !== 'op') continue;
    if (s.tokens[i]!.text === '(') depth++;
    if (s.tokens[i]!.text === ')' && --depth === 0) return i;
  }
  throw s.refuse(')');
}
