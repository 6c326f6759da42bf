/** CREATE, ALTER, DROP, RENAME, LABEL, TRUNCATE and their like, read straight from tokens and done by the partition. */

import { runCommand } from '../../partition/cl/run';
import { CpfFailure } from '../../partition/failures';
import type { ColumnDef, KeyDef } from '../../partition/files/definitions';
import type { PhysicalFile } from '../../partition/files/physical-file';
import { SqlFailure } from '../../sql-session';
import { ordinalOf } from '../compile/assignment';
import { alreadyExists, objectNotFound, rowInUse, tokenNotValid } from '../failures';
import type { Work } from '../rows/work';
import { systemObjectName } from '../text/system-names';
import type { SqlName, TokenStream } from '../text/token-stream';
import { parseType } from '../types/type-parser';
import { activation, alterRule, createRule, dropRule } from './access-statements';
import {
  type ForeignKeyClause,
  fieldProcedure,
  parseColumn,
  parseConstraint,
  startsConstraint,
} from './column-definition';
import { columnsLike, fillFrom, queryColumns, tableQuery } from './create-as';
import type { DefinitionContext } from './definition-context';
import { foreignKey } from './foreign-keys';
import { commentText, grant, labelOn, labelText } from './label-statements';

type Statement = (c: DefinitionContext) => void;

const STATEMENTS: readonly (readonly [readonly string[], Statement])[] = [
  [['CREATE', 'SCHEMA'], createSchema],
  [['CREATE', 'COLLECTION'], createSchema],
  [['CREATE', 'OR', 'REPLACE', 'TABLE'], (c) => createTable(c, true)],
  [['CREATE', 'TABLE'], (c) => createTable(c, false)],
  [['CREATE', 'UNIQUE', 'INDEX'], (c) => createIndex(c, true)],
  [['CREATE', 'UNIQUE', 'WHERE', 'NOT', 'NULL', 'INDEX'], (c) => createIndex(c, true, true)],
  [['CREATE', 'INDEX'], (c) => createIndex(c, false)],
  [['ALTER', 'TABLE'], alterTable],
  [['DROP', 'TABLE'], dropTable],
  [['DROP', 'INDEX'], dropIndex],
  [['CREATE', 'OR', 'REPLACE', 'PERMISSION'], (c) => createRule(c, 'R', true)],
  [['CREATE', 'PERMISSION'], (c) => createRule(c, 'R', false)],
  [['CREATE', 'OR', 'REPLACE', 'MASK'], (c) => createRule(c, 'M', true)],
  [['CREATE', 'MASK'], (c) => createRule(c, 'M', false)],
  [['ALTER', 'PERMISSION'], alterRule],
  [['ALTER', 'MASK'], alterRule],
  [['DROP', 'PERMISSION'], dropRule],
  [['DROP', 'MASK'], dropRule],
  [['DROP', 'SCHEMA'], dropSchema],
  [['DROP', 'COLLECTION'], dropSchema],
  [['RENAME', 'TABLE'], renameTable],
  [['RENAME'], renameTable],
  [['LABEL', 'ON'], (c) => labelOn(c, labelText)],
  [['COMMENT', 'ON', 'COLUMN'], (c) => labelOn(c, commentText, true)],
  [['COMMENT', 'ON'], skipAll],
  [['TRUNCATE', 'TABLE'], truncate],
  [['TRUNCATE'], truncate],
  [['GRANT'], (c) => grant(c, 'GRTOBJAUT')],
  [['REVOKE'], (c) => grant(c, 'RVKOBJAUT')],
  [['LOCK', 'TABLE'], skipAll],
];

/** The work of a definition statement, or null when the tokens start something else. */
export function definitionStatement(s: TokenStream): Statement | null {
  for (const [words, run] of STATEMENTS) {
    if (!s.sees(...words)) continue;
    s.at += words.length;
    return run;
  }
  return null;
}

function skipAll({ s }: DefinitionContext): void {
  s.at = s.tokens.length;
}

function createSchema({ work, s }: DefinitionContext): void {
  const name = s.identifier();
  const asked = s.take('FOR', 'SCHEMA') ? s.identifier() : null;
  s.at = s.tokens.length;
  const isTaken = (n: string) => isLibrary(work, n);
  const system = asked ?? systemObjectName(name, isTaken);
  if (isTaken(name) || isTaken(system)) throw alreadyExists(name, 'QSYS', '*LIB');
  work.partition.createSchema(work.job, system, name);
}

/** By its system name or by what SQL calls it. */
function isLibrary(work: Work, name: string): boolean {
  return work.partition.libraries().some((l) => l.name === name || l.longName === name);
}

function dropSchema({ work, s }: DefinitionContext): void {
  const ifExists = s.take('IF', 'EXISTS');
  const name = s.identifier();
  if (!s.take('CASCADE')) s.take('RESTRICT');
  s.end();
  if (!isLibrary(work, name)) {
    if (ifExists) return;
    throw objectNotFound(name, 'QSYS', '*LIB');
  }
  runCommand(work.partition, work.job, `DLTLIB LIB(${work.partition.systemLibrary(name)})`);
}

function createTable(c: DefinitionContext, replace: boolean): void {
  const { work, names, s } = c;
  const notExists = s.take('IF', 'NOT', 'EXISTS');
  const target = s.qualifiedName();
  const library = work.partition.systemLibrary(work.libraryFor(target.library));
  let systemName = s.take('FOR', 'SYSTEM', 'NAME') ? s.identifier() : null;
  const columns: ColumnDef[] = [];
  const keys: KeyDef[] = [];
  const clauses: ForeignKeyClause[] = [];
  const like = columnsLike(c);
  const query = like ? null : tableQuery(s);
  if (like) columns.push(...like);
  else if (query) columns.push(...queryColumns(c, query));
  else {
    s.expect('(');
    do {
      tableElement(s, target, columns, keys, clauses);
    } while (s.take(','));
    s.expect(')');
  }
  let recordFormat: string | null = null;
  while (!s.done && !s.sees(';')) {
    if (s.take('RCDFMT')) recordFormat = s.identifier();
    else if (s.take('FOR', 'SYSTEM', 'NAME')) systemName = s.identifier();
    else s.next();
  }
  const found = names.file(library, target.name);
  if (found && notExists) return;
  if (found && replace) work.partition.dropFile(work.job, found);
  else if (found) throw alreadyExists(target.name, library);
  const name = systemName ?? systemObjectName(target.name, (n) => work.partition.file(library, n) !== null);
  if (!isLibrary(work, library)) throw objectNotFound(library, 'QSYS', '*LIB');
  work.partition.createFile(work.job, {
    library,
    name,
    columns,
    keys,
    foreignKeys: clauses.map((clause) => foreignKey(names, clause, (n) => columnOf(columns, target, n).name)),
    sqlTable: true,
    ...(name === target.name ? {} : { longName: target.name }),
    ...(recordFormat === null ? {} : { recordFormat }),
  });
  if (query?.withData) fillFrom(c, library, name, query.sql);
}

function tableElement(
  s: TokenStream,
  table: SqlName,
  columns: ColumnDef[],
  keys: KeyDef[],
  clauses: ForeignKeyClause[],
): void {
  if (startsConstraint(s)) {
    const key = parseConstraint(s, table.name, keys.length);
    if (!key) return;
    const names = key.columns.map((name) => columnOf(columns, table, name).name);
    if (key.kind === 'foreign') clauses.push(key);
    else keys.push({ ...key, columns: names });
    return;
  }
  const parsed = parseColumn(s, new Set(columns.map((c) => c.systemName)));
  if (columns.some((c) => c.name === parsed.column.name)) {
    throw new SqlFailure(-612, '42711', `${parsed.column.name} is a duplicate column name.`, [parsed.column.name]);
  }
  columns.push(parsed.column);
  if (parsed.key) {
    const suffix = parsed.key === 'primary' ? 'PK' : `U${keys.length}`;
    keys.push({ name: `Q_${table.name}_${suffix}`, kind: parsed.key, unique: true, columns: [parsed.column.name] });
  }
}

function columnOf(columns: readonly ColumnDef[], table: SqlName, name: string): ColumnDef {
  const found = columns.find((c) => c.name === name || c.systemName === name);
  if (found) return found;
  throw new SqlFailure(-205, '42703', `Column ${name} not in table ${table.name} in ${table.library ?? '*N'}.`, [name]);
}

function createIndex({ work, names, s }: DefinitionContext, unique: boolean, whereNotNull = false): void {
  const index = s.qualifiedName();
  s.expect('ON');
  const table = s.qualifiedName();
  const file = names.fileFor(table.library, table.name);
  s.expect('(');
  const columns: string[] = [];
  do {
    columns.push(file.columns[ordinalOf(file, s.identifier())]!.name);
    if (!s.take('ASC')) s.take('DESC');
  } while (s.take(','));
  s.expect(')');
  s.at = s.tokens.length;
  if (indexOwner(work, file.library, index.name)) throw alreadyExists(index.name, file.library);
  work.partition.addKey(work.job, file, {
    name: index.name,
    kind: 'index',
    unique,
    columns,
    ...(whereNotNull ? { whereNotNull } : {}),
  });
}

function indexOwner(work: Work, library: string, name: string): PhysicalFile | null {
  return work.partition.files(library).find((f) => f.keys.some((k) => k.kind === 'index' && k.name === name)) ?? null;
}

function dropIndex({ work, s }: DefinitionContext): void {
  const ifExists = s.take('IF', 'EXISTS');
  const index = s.qualifiedName();
  s.end();
  const library = work.libraryFor(index.library);
  const file = indexOwner(work, library, index.name);
  if (file) work.partition.removeKey(work.job, file, index.name);
  else if (!ifExists) throw objectNotFound(index.name, library);
}

function dropTable({ work, names, s }: DefinitionContext): void {
  const ifExists = s.take('IF', 'EXISTS');
  const table = s.qualifiedName();
  if (!s.take('CASCADE')) s.take('RESTRICT');
  s.end();
  if (ifExists && !names.file(table.library, table.name)) return;
  work.partition.dropFile(work.job, names.fileFor(table.library, table.name, '*OBJEXIST'));
}

function renameTable({ work, names, s }: DefinitionContext): void {
  const table = s.qualifiedName();
  s.expect('TO');
  const only = s.take('SYSTEM', 'NAME') ? s.identifier() : null;
  const name = only ?? s.identifier();
  const asked = s.take('FOR', 'SYSTEM', 'NAME') ? s.identifier() : only;
  s.end();
  const file = names.fileFor(table.library, table.name, '*OBJMGT');
  const isTaken = (n: string) => work.partition.file(file.library, n) !== null;
  if (isTaken(name)) throw alreadyExists(name, file.library);
  const system = asked ?? systemObjectName(name, isTaken);
  work.partition.renameFile(work.job, file, system, only === null ? name : undefined);
}

function alterTable({ work, names, s }: DefinitionContext): void {
  const table = s.qualifiedName();
  const file = names.fileFor(table.library, table.name, '*OBJALTER');
  const before = file.columns;
  const columns: { def: ColumnDef; from: number | null }[] = before.map((def, from) => ({ def, from }));
  const added: KeyDef[] = [];
  const clauses: ForeignKeyClause[] = [];
  const removed: string[] = [];
  while (!s.done && !s.take(';'))
    if (!activation(s, file, work)) alterAction(s, file, { columns, added, clauses, removed });
  for (const name of removed) work.partition.removeKey(work.job, file, name);
  const changed = columns.length !== before.length || columns.some((c, i) => c.def !== before[i]);
  if (changed) {
    work.partition.alterFile(
      work.job,
      file,
      columns.map((c) => c.def),
      columns.map((c) => c.from),
    );
  }
  for (const key of added) work.partition.addKey(work.job, file, key);
  const own = (n: string): string => columnOf(file.columns, table, n).name;
  const kept = file.foreignKeys.filter((k) => !removed.includes(k.name));
  const foreign = [...kept, ...clauses.map((clause) => foreignKey(names, clause, own))];
  if (foreign.length === kept.length && kept.length === file.foreignKeys.length) return;
  work.partition.transaction(() => {
    file.foreignKeys = foreign;
    work.partition.fileStore.store(file);
  });
}

/** What one ALTER TABLE gathers before anything is done. */
interface Alteration {
  readonly columns: { def: ColumnDef; from: number | null }[];
  readonly added: KeyDef[];
  readonly clauses: ForeignKeyClause[];
  readonly removed: string[];
}

function alterAction(s: TokenStream, file: PhysicalFile, { columns, added, clauses, removed }: Alteration): void {
  const at = (name: string) => {
    const i = columns.findIndex((c) => c.def.name === name || c.def.systemName === name);
    if (i < 0) ordinalOf(file, name);
    return i;
  };
  if (s.take('ADD')) {
    if (startsConstraint(s)) {
      const key = parseConstraint(s, file.name, file.keys.length + added.length);
      if (key?.kind === 'foreign') clauses.push(key);
      else if (key) added.push({ ...key, columns: key.columns.map((n) => columns[at(n)]!.def.name) });
      return;
    }
    s.take('COLUMN');
    const { column, key } = parseColumn(s, new Set(columns.map((c) => c.def.systemName)));
    const before = s.take('BEFORE') ? at(s.identifier()) : columns.length;
    if (columns.some((c) => c.def.name === column.name)) {
      throw new SqlFailure(-612, '42711', `${column.name} is a duplicate column name.`, [column.name]);
    }
    columns.splice(before, 0, { def: column, from: null });
    if (key)
      added.push({ name: `Q_${file.name}_${column.systemName}`, kind: key, unique: true, columns: [column.name] });
  } else if (s.take('ALTER')) {
    s.take('COLUMN');
    const i = at(s.identifier());
    columns[i] = { def: alteredColumn(s, columns[i]!.def), from: columns[i]!.from };
  } else if (s.take('DROP')) {
    dropPart(s, file, columns, removed, at);
  } else if (s.take('ACTIVATE') || s.take('DEACTIVATE') || s.take('VOLATILE')) s.at = s.tokens.length;
  else throw tokenNotValid(s.peek()?.text ?? '<END-OF-STATEMENT>', 'ADD ALTER DROP');
}

function dropPart(
  s: TokenStream,
  file: PhysicalFile,
  columns: { def: ColumnDef; from: number | null }[],
  removed: string[],
  at: (name: string) => number,
): void {
  if (s.take('PRIMARY', 'KEY')) {
    const key = file.keys.find((k) => k.kind === 'primary');
    if (key) removed.push(key.name);
  } else if (s.take('CONSTRAINT') || s.take('UNIQUE') || s.take('CHECK') || s.take('FOREIGN', 'KEY')) {
    const name = s.identifier();
    if ([...file.keys, ...file.foreignKeys].some((k) => k.name === name)) removed.push(name);
  } else {
    s.take('COLUMN');
    columns.splice(at(s.identifier()), 1);
  }
  if (!s.take('CASCADE')) s.take('RESTRICT');
}

function alteredColumn(s: TokenStream, def: ColumnDef): ColumnDef {
  let changed = def;
  do {
    if (s.take('SET', 'DATA', 'TYPE')) {
      const { type } = parseType(s);
      changed = { ...changed, type: type.name, length: type.length, scale: type.scale, ccsid: type.ccsid };
    } else if (s.take('SET', 'NOT', 'NULL')) changed = { ...changed, nullable: false };
    else if (s.take('DROP', 'NOT', 'NULL')) changed = { ...changed, nullable: true };
    else if (s.take('SET', 'FIELDPROC')) changed = { ...changed, fieldProc: fieldProcedure(s) };
    else if (s.take('DROP', 'FIELDPROC')) {
      const { fieldProc: _gone, ...plain } = changed;
      changed = plain;
    } else if (s.take('DROP', 'DEFAULT'))
      changed = { ...changed, default: { kind: changed.nullable ? 'null' : 'none' } };
    else if (s.sees('SET', 'DEFAULT') || s.sees('SET', 'WITH', 'DEFAULT')) {
      s.next();
      const stream = s;
      changed = { ...changed, default: redefault(stream, changed) };
    } else if (s.take('SET', 'IMPLICITLY', 'HIDDEN')) changed = { ...changed, hidden: true };
    else if (s.take('SET', 'NOT', 'HIDDEN')) changed = { ...changed, hidden: false };
    else throw tokenNotValid(s.peek()?.text ?? '<END-OF-STATEMENT>', 'SET DROP');
  } while (s.sees('SET') || s.sees('DROP', 'NOT', 'NULL') || s.sees('DROP', 'DEFAULT'));
  return changed;
}

/** DEFAULT clause by way of a column definition with the column's own type. */
function redefault(s: TokenStream, def: ColumnDef): ColumnDef['default'] {
  const type = def.type === 'DECIMAL' || def.type === 'NUMERIC' ? `(${def.length},${def.scale})` : '';
  const head = [
    { kind: 'word', text: def.name, offset: 0, end: 0 } as const,
    { kind: 'word', text: def.type, offset: 0, end: 0 } as const,
    ...(type === ''
      ? []
      : ([
          { kind: 'op', text: '(', offset: 0, end: 0 },
          { kind: 'number', text: String(def.length), offset: 0, end: 0 },
          { kind: 'op', text: ',', offset: 0, end: 0 },
          { kind: 'number', text: String(def.scale), offset: 0, end: 0 },
          { kind: 'op', text: ')', offset: 0, end: 0 },
        ] as const)),
  ];
  const rest = new (s.constructor as new (t: TokenStream['tokens']) => TokenStream)([...head, ...s.tokens.slice(s.at)]);
  const { column } = parseColumn(rest, new Set());
  s.at += rest.at - head.length;
  return column.default;
}

function truncate({ work, names, s }: DefinitionContext): void {
  const table = s.qualifiedName();
  s.at = s.tokens.length;
  const file = names.fileFor(table.library, table.name, '*DLT');
  for (const member of file.members) work.partition.clearMember(work.job, member);
}

/** A CL failure inside an SQL statement. */
export function definitionFailure(error: unknown): unknown {
  if (!(error instanceof CpfFailure)) return error;
  const [, name, library] = /^Cannot allocate object (\S+?)(?: in library (\S+?))?\.$/.exec(error.message) ?? [];
  if (name !== undefined) return rowInUse(name, library ?? '*LIBL');
  return new SqlFailure(-7905, '42999', error.message, [error.messageId], error.secondLevel);
}
