/** Function calls: finds the scalar or aggregate function and compiles its arguments. */

import { argumentCount, argumentNotValid, routineNotFound, tokenNotValid, unsupported } from '../failures';
import { get, list, type Node, nameParts, variant } from '../tree/ast';
import { MARK } from '../tree/db2-tokens';
import type { Scope } from '../types/scope';
import { INTEGER, type SqlType, sqlType, varchar } from '../types/sql-type';
import { expression, type Typed } from '../types/typed';
import type { ArgumentCompiler, Call } from './call';
import { aggregateFunction } from './column-functions';
import { SCALAR_FUNCTIONS } from './scalar-functions';

const WITHOUT_ARGUMENTS = new Set([
  'NOW',
  'CURDATE',
  'CURTIME',
  'RAND',
  'IDENTITY_VAL_LOCAL',
  'GENERATE_UNIQUE',
  'USER',
]);

function call(name: string, args: readonly Node[], x: ArgumentCompiler, scope: Scope): Call {
  const arg = (i: number, hint: SqlType = varchar(254)) => {
    if (!args[i]) throw argumentCount(name);
    return x.value(args[i]!, scope, hint);
  };
  return { name, args, x, scope, arg, optional: (i, hint) => (args[i] ? arg(i, hint) : null) };
}

export function callFunction(x: ArgumentCompiler, kind: string, body: Node, scope: Scope): Typed {
  const run = (name: string, ...args: readonly Node[]) =>
    scalar(
      call(
        name,
        args.filter((a) => a !== null),
        x,
        scope,
      ),
    );
  switch (kind) {
    case 'Function':
      return namedFunction(x, body, scope);
    case 'Substring':
      return run('SUBSTRING', get(body, 'expr'), get(body, 'substring_from'), get(body, 'substring_for'));
    case 'Position':
      return run('LOCATE', get(body, 'expr'), get(body, 'in'));
    case 'Floor':
      return run('FLOOR', get(body, 'expr'));
    case 'Ceil':
      return run('CEILING', get(body, 'expr'));
    case 'Extract':
      return run(String(variant(get(body, 'field'))[0]).toUpperCase(), get(body, 'expr'));
    case 'Trim': {
      const where = String(get(body, 'trim_where') ?? 'Both');
      const what = get(body, 'trim_what');
      const side = where === 'Leading' ? 'LTRIM' : where === 'Trailing' ? 'RTRIM' : 'TRIM';
      return what === null ? run(side, get(body, 'expr')) : run(side, get(body, 'expr'), what);
    }
    case 'Collate':
      return x.value(get(body, 'expr'), scope);
    default:
      throw unsupported(`an expression of kind ${kind}`);
  }
}

function namedFunction(x: ArgumentCompiler, body: Node, scope: Scope): Typed {
  const parts = nameParts(get(body, 'name'));
  const name = parts[parts.length - 1] ?? '';
  const args = functionArguments(body);
  if (name.startsWith(MARK)) return markedFunction(name.slice(MARK.length), args, x, scope);
  const made = call(name, args, x, scope);
  const aggregate = aggregateFunction(made, body);
  if (aggregate) return aggregate;
  if (get(body, 'over') !== null) throw routineNotFound(name, '*LIBL');
  return scalar(made);
}

/** Positional arguments of a call; `*` stays as the string Wildcard. */
export function functionArguments(body: Node): readonly Node[] {
  const args = list(body, 'args', 'List', 'args');
  return args.map((a) => {
    const [kind, inner] = variant(a);
    if (kind !== 'Unnamed') throw tokenNotValid('=>');
    return inner === 'Wildcard' ? 'Wildcard' : get(inner, 'Expr');
  });
}

function scalar(made: Call): Typed {
  const found = SCALAR_FUNCTIONS[made.name];
  if (!found) throw routineNotFound(made.name, '*LIBL');
  if (made.args.length === 0 && !WITHOUT_ARGUMENTS.has(made.name)) throw argumentCount(made.name);
  return found(made);
}

/** Names written by the token rewriter. */
function markedFunction(name: string, args: readonly Node[], x: ArgumentCompiler, scope: Scope): Typed {
  if (name === 'DURATION') {
    const unit = String(get(args[0]!, 'Value', 'value', 'SingleQuotedString'));
    return { ...x.value(args[1]!, scope, INTEGER), duration: unit };
  }
  if (name === 'UX') {
    const hex = String(get(args[0]!, 'Value', 'value', 'SingleQuotedString'));
    return expression(`ux('${hex.replace(/[^0-9A-F]/gi, '')}')`, sqlType('VARGRAPHIC', hex.length / 4, 0, 1200), false);
  }
  if (name.startsWith('ROW CHANGE')) return rowChange(x, args, scope);
  throw tokenNotValid(name);
}

function rowChange(_x: ArgumentCompiler, args: readonly Node[], scope: Scope): Typed {
  const table = String(get(args[0]!, 'Identifier', 'value'));
  const relation = scope.relation([table]);
  const column = relation?.file?.columns.find((c) => c.rowChange);
  const found = relation?.columns.find((c) => c.name === column?.name);
  if (!found) throw argumentNotValid(1, 'ROW CHANGE TIMESTAMP');
  return found.value();
}
