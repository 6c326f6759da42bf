import type { FileView } from '../../partition/contract';
import type { ResultColumn, SessionValue } from '../../sql-session';
import type { Isolation } from '../tree/isolation';
import { resultColumn } from '../types/describe';
import type { SqlType } from '../types/sql-type';
import type { Cell } from '../types/values';
import { cellForm, decoderOf, needsBigIntegers, type RowShape } from '../types/values';
import type { CompiledQuery, DirectPlan } from './compiled-query';
import type { CompileContext, VirtualUse } from './context';
import { vrelName } from './virtual';

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
    readonly form: (cell: Cell) => SessionValue;
  }[];
  /** Columns SQLite does not see. */
  readonly hidden: ReadonlySet<number>;
}

/** A file as it was when a statement was compiled. */
export interface CompiledFile {
  readonly file: FileView;
  readonly columns: FileView['columns'];
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

function withVrels(sql: string, uses: readonly VirtualUse[]): string {
  return sql.replace(/\{\{(s\d+)\}\}/g, (_, slot: string) => {
    const use = uses.find((u) => u.slot === slot)!;
    return vrelName(use.used.length).name;
  });
}
