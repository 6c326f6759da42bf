/** CREATE TABLE t AS (SELECT ..) WITH DATA and CREATE TABLE t LIKE x: columns that are there already. */
import { type ColumnDef, column } from '../../partition/files/definitions';
import type { ResultColumn } from '../../sql-session';
import { columnCountDiffers } from '../failures';
import { compileSelect } from '../rows/select';
import { quoteName, written } from '../text/lexer';
import { systemColumnName } from '../text/system-names';
import type { TokenStream } from '../text/token-stream';
import { get } from '../tree/ast';
import { parseText } from '../tree/parsed';
import type { DefinitionContext } from './definition-context';
import { compileInsert } from './insert';

/** What stands between `AS (` and its `)`, and whether rows are wanted. */
interface TableQuery {
  readonly sql: string;
  readonly withData: boolean;
  /** Names given before AS; null where the query names its columns. */
  readonly names: readonly string[] | null;
}

export function tableQuery(s: TokenStream): TableQuery | null {
  const start = s.at;
  const names = namesBeforeQuery(s);
  if (!s.take('AS', '(')) {
    s.at = start;
    return null;
  }
  const parts: string[] = [];
  for (let depth = 1; ; ) {
    const token = s.next();
    if (token.kind === 'op' && token.text === '(') depth++;
    if (token.kind === 'op' && token.text === ')' && --depth === 0) break;
    parts.push(written(token));
  }
  const withData = s.take('WITH', 'DATA');
  if (!withData && !s.take('WITH', 'NO', 'DATA')) s.expect('DEFINITION', 'ONLY');
  return { sql: parts.join(' '), withData, names };
}

/** `(A, B)` of names alone. */
function namesBeforeQuery(s: TokenStream): readonly string[] | null {
  for (let ahead = 0; s.sees('('); ahead += 2) {
    const [name, next] = [s.peek(ahead + 1), s.peek(ahead + 2)];
    if (name?.kind !== 'word' && name?.kind !== 'quoted') return null;
    if (next?.text === ')' && next.kind === 'op') return s.nameList();
    if (next?.text !== ',' || next.kind !== 'op') return null;
  }
  return null;
}

export function queryColumns({ work }: DefinitionContext, { sql, names }: TableQuery): ColumnDef[] {
  const parsed = parseText(sql);
  const taken = new Set<string>();
  const { columns } = compileSelect(work, parsed, get(parsed.tree, 'Query'));
  if (names && names.length !== columns.length) throw columnCountDiffers();
  return columns.map((found, i) => {
    const c = names ? { ...found, name: names[i]! } : found;
    const systemName = systemColumnName(c.name, taken);
    taken.add(systemName);
    return columnOf(c, systemName);
  });
}

function columnOf(c: ResultColumn, systemName: string): ColumnDef {
  return column(c.name, c.type, c.length, {
    systemName,
    scale: c.scale,
    ccsid: c.ccsid,
    nullable: c.nullable,
    default: c.nullable ? { kind: 'null' } : { kind: 'none' },
  });
}

export function fillFrom({ work, names }: DefinitionContext, library: string, table: string, sql: string): void {
  const insert = parseText(`INSERT INTO ${quoteName(library)}.${quoteName(table)} ${sql}`);
  compileInsert(names, insert).execute(work, []);
}

/** `LIKE x` and its copy options, or null. Keys, constraints and rows are not copied. Source: SQL reference, "CREATE TABLE". */
export function columnsLike({ names, s }: DefinitionContext): ColumnDef[] | null {
  if (!s.take('LIKE')) return null;
  const model = s.qualifiedName();
  const { columns } = names.fileFor(model.library, model.name);
  const kept = { identity: false, rowChange: false, defaults: true };
  for (let more = true; more; ) {
    const including = s.take('INCLUDING');
    more = including || s.take('EXCLUDING');
    if (!more) break;
    if (s.take('IDENTITY')) kept.identity = including;
    else if (s.take('ROW', 'CHANGE', 'TIMESTAMP')) kept.rowChange = including;
    else {
      s.expect('COLUMN');
      s.expect('DEFAULTS');
      kept.defaults = including;
      continue;
    }
    s.take('COLUMN');
    s.take('ATTRIBUTES');
  }
  return columns.map(({ identity, rowChange, ...c }) => ({
    ...c,
    ...(kept.identity && identity ? { identity } : {}),
    ...(kept.rowChange && rowChange ? { rowChange } : {}),
    ...(kept.defaults ? {} : { default: c.nullable ? { kind: 'null' } : { kind: 'none' } }),
  }));
}
