/** Reads a column of CREATE TABLE or ALTER TABLE. Source: Db2 for i SQL reference, CREATE TABLE "column-definition". */
import type { ColumnDef, ColumnDefault, IdentityDef, KeyDef } from '../../partition/files/definitions';
import type { SessionValue } from '../../sql-session';
import { tokenNotValid } from '../failures';
import { systemColumnName } from '../text/system-names';
import type { SqlName, TokenStream } from '../text/token-stream';
import { INT_DIGITS, isDateTime, isExact, isText, type SqlType, sqlType } from '../types/sql-type';
import { parseType, startsType } from '../types/type-parser';

interface ParsedColumn {
  readonly column: ColumnDef;
  /** A key declared with the column. */
  readonly key?: 'primary' | 'unique';
}

interface Draft {
  nullable: boolean;
  default: ColumnDefault | null;
  hidden: boolean;
  rowChange: boolean;
  fieldProc?: string;
  identity?: IdentityDef;
  key?: 'primary' | 'unique';
}

export function parseColumn(s: TokenStream, taken: ReadonlySet<string>): ParsedColumn {
  const name = s.identifier();
  let systemName: string | null = null;
  if (s.take('FOR', 'COLUMN') || (s.sees('FOR') && !s.sees('FOR', 'EACH') && !s.sees('FOR', 'BIT'))) {
    s.take('FOR');
    systemName = s.identifier();
  }
  const word = s.peek();
  const typed = word?.kind === 'word' && startsType(word.text);
  const type: SqlType = typed ? parseType(s).type : sqlType('TIMESTAMP', 26, 6);
  const draft: Draft = { nullable: true, default: null, hidden: false, rowChange: false };
  while (columnOption(s, draft, type));
  // a row change timestamp alone needs no type
  if (!typed && !draft.rowChange) throw tokenNotValid(word?.text ?? '<END-OF-STATEMENT>', '<DATA TYPE>');
  const fallback: ColumnDefault = draft.nullable ? { kind: 'null' } : { kind: 'none' };
  return {
    column: {
      name,
      systemName: systemName ?? systemColumnName(name, taken),
      type: type.name,
      length: storedLength(type),
      scale: type.scale,
      ccsid: isText(type) ? (type.ccsid ?? 37) : type.ccsid,
      nullable: draft.nullable,
      default: draft.default ?? fallback,
      ...(draft.hidden ? { hidden: true } : {}),
      ...(draft.identity ? { identity: draft.identity } : {}),
      ...(draft.rowChange ? { rowChange: true } : {}),
      ...(draft.fieldProc === undefined ? {} : { fieldProc: draft.fieldProc }),
    },
    ...(draft.key ? { key: draft.key } : {}),
  };
}

function storedLength(type: SqlType): number {
  return type.length;
}

function columnOption(s: TokenStream, draft: Draft, type: SqlType): boolean {
  if (s.take('NOT', 'NULL')) draft.nullable = false;
  else if (s.take('NOT', 'HIDDEN')) draft.hidden = false;
  else if (s.take('IMPLICITLY', 'HIDDEN')) draft.hidden = true;
  else if (s.take('PRIMARY', 'KEY')) {
    draft.key = 'primary';
    draft.nullable = false;
  } else if (s.take('UNIQUE')) draft.key = 'unique';
  else if (s.take('FOR', 'EACH', 'ROW', 'ON', 'UPDATE', 'AS', 'ROW', 'CHANGE', 'TIMESTAMP')) rowChange(draft);
  else if (s.take('WITH', 'DEFAULT') || s.take('DEFAULT')) draft.default = defaultValue(s, type);
  else if (s.take('GENERATED')) generated(s, draft, type);
  else if (s.take('FIELDPROC')) draft.fieldProc = fieldProcedure(s);
  else if (s.take('CONSTRAINT')) s.identifier();
  else if (s.sees('CHECK')) skipParentheses(s, 'CHECK');
  else if (s.take('REFERENCES')) reference(s);
  else return false;
  return true;
}

/** `FIELDPROC LIB.PGM ('argument', ..)`; the arguments are for the program and are not kept. */
export function fieldProcedure(s: TokenStream): string {
  const { library, name } = s.qualifiedName();
  if (s.sees('(')) skipParentheses(s);
  return `${library ?? '*LIBL'}/${name}`;
}

function rowChange(draft: Draft): void {
  draft.rowChange = true;
  draft.default = { kind: 'current' };
}

function generated(s: TokenStream, draft: Draft, type: SqlType): void {
  const always = s.take('ALWAYS');
  if (!always) s.expect('BY', 'DEFAULT');
  if (s.take('FOR', 'EACH', 'ROW', 'ON', 'UPDATE', 'AS', 'ROW', 'CHANGE', 'TIMESTAMP')) {
    rowChange(draft);
    return;
  }
  if (type.name === 'ROWID') {
    draft.default = { kind: 'type' };
    draft.nullable = false;
    return;
  }
  s.expect('AS', 'IDENTITY');
  draft.identity = { ...identityOptions(s), always };
  draft.nullable = false;
}

function identityOptions(s: TokenStream): { start: bigint; increment: bigint } {
  let start = 1n;
  let increment = 1n;
  if (!s.take('(')) return { start, increment };
  while (!s.take(')')) {
    if (s.take('START', 'WITH')) start = signed(s);
    else if (s.take('INCREMENT', 'BY')) increment = signed(s);
    else s.next();
  }
  return { start, increment };
}

function signed(s: TokenStream): bigint {
  const negative = s.take('-');
  const value = BigInt(s.integer());
  return negative ? -value : value;
}

function defaultValue(s: TokenStream, type: SqlType): ColumnDefault {
  const token = s.peek();
  if (!token) return { kind: 'type' };
  if (token.kind === 'string' || token.kind === 'hex') {
    s.next();
    return { kind: 'value', value: token.kind === 'hex' ? Buffer.from(token.text, 'hex') : token.text };
  }
  if (token.kind === 'number' || s.sees('-') || s.sees('+')) {
    const sign = s.take('-') ? '-' : '';
    s.take('+');
    return { kind: 'value', value: numberDefault(sign + s.next().text, type) };
  }
  if (s.take('NULL')) return { kind: 'null' };
  if (s.take('USER') || s.take('SESSION_USER') || s.take('CURRENT', 'USER')) return { kind: 'user' };
  if (s.take('TRUE')) return { kind: 'value', value: true };
  if (s.take('FALSE')) return { kind: 'value', value: false };
  const current = /^CURRENT(_(DATE|TIME|TIMESTAMP))?$/.exec(token.text);
  if (token.kind === 'word' && current) {
    s.next();
    if (!current[1]) s.next();
    if (s.sees('(')) skipParentheses(s);
    return { kind: 'current' };
  }
  return isDateTime(type) ? { kind: 'current' } : { kind: 'type' };
}

function numberDefault(text: string, type: SqlType): SessionValue {
  if (isExact(type) && (type.scale > 0 || type.length > INT_DIGITS || type.name === 'BIGINT' || isDecimal(type)))
    return text;
  if (isExact(type)) return Number(text);
  return type.name === 'REAL' || type.name === 'DOUBLE' ? Number(text) : text;
}

function isDecimal(type: SqlType): boolean {
  return type.name === 'DECIMAL' || type.name === 'NUMERIC';
}

function skipParentheses(s: TokenStream, ...words: readonly string[]): void {
  for (const word of words) s.take(word);
  s.expect('(');
  for (let depth = 1; depth > 0; ) {
    const text = s.next().text;
    if (text === '(') depth++;
    if (text === ')') depth--;
  }
}

function reference(s: TokenStream): Pick<ForeignKeyClause, 'parent' | 'parentColumns'> {
  const parent = s.qualifiedName();
  const parentColumns = s.sees('(') ? s.nameList() : null;
  while (s.take('ON')) {
    if (!s.take('DELETE')) s.expect('UPDATE');
    if (!s.take('NO', 'ACTION') && !s.take('SET', 'NULL') && !s.take('SET', 'DEFAULT')) s.next();
  }
  return { parent, parentColumns };
}

/** A foreign key as it is written. */
export interface ForeignKeyClause {
  readonly kind: 'foreign';
  readonly name: string;
  readonly columns: readonly string[];
  readonly parent: SqlName;
  /** Null: the parent's primary key. */
  readonly parentColumns: readonly string[] | null;
}

/** A table constraint; null for checks, which this partition does not keep. */
export function parseConstraint(s: TokenStream, table: string, count: number): KeyDef | ForeignKeyClause | null {
  const name = s.take('CONSTRAINT') ? s.qualifiedName().name : null;
  if (s.take('PRIMARY', 'KEY')) {
    return { name: name ?? `Q_${table}_PK`, kind: 'primary', unique: true, columns: s.nameList() };
  }
  if (s.take('UNIQUE')) {
    return { name: name ?? `Q_${table}_U${count}`, kind: 'unique', unique: true, columns: s.nameList() };
  }
  if (s.take('FOREIGN', 'KEY')) {
    const columns = s.nameList();
    s.expect('REFERENCES');
    return { kind: 'foreign', name: name ?? `Q_${table}_F${count}`, columns, ...reference(s) };
  }
  if (s.sees('CHECK')) {
    skipParentheses(s, 'CHECK');
    return null;
  }
  throw tokenNotValid(s.peek()?.text ?? '<END-OF-STATEMENT>');
}

export function startsConstraint(s: TokenStream): boolean {
  return (
    s.sees('CONSTRAINT') ||
    s.sees('PRIMARY', 'KEY') ||
    s.sees('UNIQUE', '(') ||
    s.sees('FOREIGN', 'KEY') ||
    s.sees('CHECK', '(')
  );
}
