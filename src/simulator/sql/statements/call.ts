/** CALL: arguments by position or name, output parameters, result sets. */
import type { ExecuteOutcome, ParameterColumn, SessionValue } from '../../sql-session';
import { parameterValue } from '../compile/assignment';
import { type CompiledSelect, finishSelect } from '../compile/compiled-select';
import { CompileContext } from '../compile/context';
import { Queries } from '../compile/query';
import { routineNotFound } from '../failures';
import type { Procedure, ProcedureContext } from '../rows/procedure';
import { allRows } from '../rows/select';
import { guarded, type Work } from '../rows/work';
import { get, identifier, list, type Node, nameParts, variant } from '../tree/ast';
import type { ParsedStatement } from '../tree/parsed';
import { convert } from '../types/convert';
import { markerName, resultColumn } from '../types/describe';
import { Scope } from '../types/scope';
import { StatementParameters, type Typed, withType } from '../types/typed';

type Argument = { readonly marker: number } | { readonly at: number } | null;

interface CompiledCall {
  readonly parameters: readonly ParameterColumn[];
  execute(work: Work, context: ProcedureContext, params: readonly SessionValue[]): ExecuteOutcome;
}

export function compileCall(work: Work, parsed: ParsedStatement): CompiledCall {
  const node = get(parsed.tree, 'Call');
  const parts = nameParts(get(node, 'name'));
  const name = parts[parts.length - 1]!;
  const procedure = work.procedure(parts.length > 1 ? parts[parts.length - 2]! : null, name);
  const context = new CompileContext(work.names, new StatementParameters(parsed.markerCount), parsed.types);
  const values: Typed[] = [];
  const args = callArguments(procedure, node, context, values);
  const constants = values.length === 0 ? null : constantSelect(context, values);
  const types = context.parameters.all();
  return {
    parameters: types.map((type, i) => {
      const ordinal = args.findIndex((a) => a !== null && 'marker' in a && a.marker === i + 1);
      const parameter = procedure.parameters[ordinal];
      const column = resultColumn(parameter?.name ?? markerName(i), { sql: '', type, nullable: true });
      return { ...column, mode: parameter?.mode ?? 'in' };
    }),
    execute: (w, procedureContext, params) =>
      guarded(() => {
        const computed = constants ? ([...allRows(w, constants, params)][0] as SessionValue[]) : [];
        const given = args.map((a, i): SessionValue => {
          const parameter = procedure.parameters[i]!;
          if (a === null) return parameter.default ?? null;
          if ('at' in a) return computed[a.at] ?? null;
          if (parameter.mode === 'out') return null;
          return parameterValue(params[a.marker - 1] ?? null, types[a.marker - 1]!, a.marker);
        });
        return outcome(procedure, args, given, params, procedure.run(procedureContext, given));
      }),
  };
}

function outcome(
  procedure: Procedure,
  args: readonly Argument[],
  given: readonly SessionValue[],
  params: readonly SessionValue[],
  result: ReturnType<Procedure['run']>,
): ExecuteOutcome {
  const outputs = params.map((p) => p);
  let any = false;
  args.forEach((a, i) => {
    if (a === null || !('marker' in a)) return;
    const out = procedure.parameters[i]!.mode !== 'in';
    any ||= out;
    outputs[a.marker - 1] = out ? (result?.outputs?.get(i) ?? null) : given[i]!;
  });
  return {
    updateCount: 0,
    ...(any ? { outputs } : {}),
    ...(result?.resultSets ? { resultSets: result.resultSets } : {}),
  };
}

function callArguments(procedure: Procedure, node: Node, context: CompileContext, values: Typed[]): Argument[] {
  const queries = new Queries(context);
  const given: Argument[] = procedure.parameters.map(() => null);
  const set = (at: number, value: Node) => {
    const parameter = procedure.parameters[at];
    if (!parameter) throw routineNotFound(procedure.name, procedure.library);
    if (get(value, 'Identifier', 'value') === 'DEFAULT') return;
    const raw = queries.expressions.raw(value, new Scope());
    if (typeof raw.untyped === 'number') {
      withType(raw, parameter.type, context.parameters);
      given[at] = { marker: raw.untyped };
    } else
      given[at] = { at: values.push(convert(withType(raw, parameter.type, context.parameters), parameter.type)) - 1 };
  };
  list(node, 'args', 'List', 'args').forEach((arg, i) => {
    const [kind, inner] = variant(arg);
    if (kind === 'Unnamed') set(i, get(inner, 'Expr'));
    else {
      const name = identifier(get(inner, 'name'));
      set(
        procedure.parameters.findIndex((p) => p.name === name),
        get(inner, 'arg', 'Expr'),
      );
    }
  });
  procedure.parameters.forEach((p, i) => {
    if (given[i] === null && p.default === undefined) throw routineNotFound(procedure.name, procedure.library);
  });
  return given;
}

function constantSelect(context: CompileContext, values: readonly Typed[]): CompiledSelect {
  return finishSelect(context, {
    sql: `SELECT ${values.map((v, i) => `${v.sql} AS c${i}`).join(', ')}`,
    columns: values.map((value, i) => ({ name: `C${i}`, named: false, value })),
    badAliases: [],
  });
}
