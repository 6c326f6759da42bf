/** CREATE, ALTER and DROP of permissions and masks, and their activation for a table. */
import type { AccessRule } from '../../partition/files/definitions';
import type { PhysicalFile } from '../../partition/files/physical-file';
import { ruleValue } from '../compile/access-control';
import { ordinalOf } from '../compile/assignment';
import { CompileContext } from '../compile/context';
import { Queries } from '../compile/query';
import { alreadyExists, objectNotFound } from '../failures';
import type { Work } from '../rows/work';
import { written } from '../text/lexer';
import type { SqlName, TokenStream } from '../text/token-stream';
import { StatementParameters } from '../types/typed';
import type { DefinitionContext } from './definition-context';

/** `CREATE PERMISSION p ON t [AS x] FOR ROWS WHERE .. ENFORCED FOR ALL ACCESS ENABLE`, `CREATE MASK m ON t FOR COLUMN c RETURN ..`. */
export function createRule(c: DefinitionContext, kind: AccessRule['kind'], replace: boolean): void {
  const { s, names, work } = c;
  const named = s.qualifiedName();
  s.expect('ON');
  const table = s.qualifiedName();
  const file = names.fileFor(table.library, table.name, '*OBJALTER');
  const correlation = s.take('AS') || !s.sees('FOR') ? s.identifier() : null;
  s.expect('FOR');
  let column: string | null = null;
  if (kind === 'M') {
    s.expect('COLUMN');
    column = file.columns[ordinalOf(file, s.identifier())]!.name;
    s.expect('RETURN');
  } else s.expect('ROWS', 'WHERE');
  const text = textUntil(s, kind === 'R' ? ['ENFORCED', 'ENABLE', 'DISABLE'] : ['ENABLE', 'DISABLE']);
  s.take('ENFORCED', 'FOR', 'ALL', 'ACCESS');
  const enabled = s.take('ENABLE');
  if (!enabled) s.take('DISABLE');
  s.end();
  const schema = work.partition.systemLibrary(work.libraryFor(named.library));
  const found = ruleOf(work, named);
  if (found && !replace) throw alreadyExists(named.name, schema, kind === 'R' ? '*PERMISSION' : '*MASK');
  const created = work.partition.now();
  const rule: AccessRule = { kind, schema, name: named.name, correlation, column, text, enabled, created };
  const context = new CompileContext(names, new StatementParameters(0), []);
  ruleValue(file, 't', rule, context, (inner) => new Queries(inner).expressions);
  if (found) store(work, found.file, { rules: found.file.accessControl.rules.filter((r) => r !== found.rule) });
  store(work, file, { rules: [...file.accessControl.rules, rule] });
  work.partition.operations.depositFile(work.job, file, kind === 'R' ? 'P1' : 'M1');
}

/** `ALTER MASK m ENABLE`. */
export function alterRule({ s, work }: DefinitionContext): void {
  const named = s.qualifiedName();
  const enabled = s.take('ENABLE');
  if (!enabled) s.expect('DISABLE');
  s.end();
  const { file, rule } = existing(work, named);
  store(work, file, { rules: file.accessControl.rules.map((r) => (r === rule ? { ...r, enabled } : r)) });
  work.partition.operations.depositFile(work.job, file, rule.kind === 'R' ? 'P3' : 'M3');
}

export function dropRule({ s, work }: DefinitionContext): void {
  const ifExists = s.take('IF', 'EXISTS');
  const named = s.qualifiedName();
  s.end();
  if (ifExists && !ruleOf(work, named)) return;
  const { file, rule } = existing(work, named);
  store(work, file, { rules: file.accessControl.rules.filter((r) => r !== rule) });
  work.partition.operations.depositFile(work.job, file, rule.kind === 'R' ? 'P2' : 'M2');
}

/** `ALTER TABLE t ACTIVATE ROW ACCESS CONTROL ACTIVATE COLUMN ACCESS CONTROL`; true when the words were these. */
export function activation(s: TokenStream, file: PhysicalFile, work: Work): boolean {
  const on = s.sees('ACTIVATE');
  for (const part of ['ROW', 'COLUMN'] as const) {
    if (!s.take(on ? 'ACTIVATE' : 'DEACTIVATE', part, 'ACCESS', 'CONTROL')) continue;
    store(work, file, part === 'ROW' ? { rowControl: on } : { columnControl: on });
    return true;
  }
  return false;
}

function ruleOf(work: Work, named: SqlName) {
  const schema = work.partition.systemLibrary(work.libraryFor(named.library));
  for (const file of work.partition.files() as readonly PhysicalFile[]) {
    const rule = file.accessControl.rules.find((r) => r.schema === schema && r.name === named.name);
    if (rule) return { file, rule };
  }
  return null;
}

function existing(work: Work, named: SqlName) {
  const found = ruleOf(work, named);
  if (!found) throw objectNotFound(named.name, work.libraryFor(named.library), '*N');
  return found;
}

/** Statements compiled before see the columns as new ones and are compiled again. */
function store(work: Work, file: PhysicalFile, change: Partial<PhysicalFile['accessControl']>): void {
  work.partition.transaction(() => {
    file.accessControl = { ...file.accessControl, ...change };
    file.setColumns([...file.columns]);
    work.partition.fileStore.store(file);
  });
}

/** Tokens up to one of the words outside parentheses, as text again. */
function textUntil(s: TokenStream, words: readonly string[]): string {
  const parts: string[] = [];
  for (let depth = 0; !s.done; ) {
    const token = s.peek()!;
    if (depth === 0 && token.kind === 'word' && words.includes(token.text)) break;
    if (depth === 0 && token.text === ';') break;
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    parts.push(written(s.next()));
  }
  return parts.join(' ');
}
