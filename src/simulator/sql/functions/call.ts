import type { Node } from '../tree/ast';
import { get } from '../tree/ast';
import type { Scope } from '../types/scope';
import type { SqlType } from '../types/sql-type';
import type { Typed } from '../types/typed';

/** What compiles the arguments: expressions know functions, functions only this of expressions. */
export interface ArgumentCompiler {
  /** A value; an untyped marker or NULL takes `hint`. @throws SqlFailure -418 when it has none. */
  value(node: Node, scope: Scope, hint?: SqlType): Typed;
  /** May return an untyped marker or NULL. */
  raw(node: Node, scope: Scope): Typed;
  /** A search condition. */
  predicate(node: Node, scope: Scope): string;
  /** Values brought to one type. */
  unify(values: readonly Typed[]): Typed[];
}

/** One call while it is compiled. */
export interface Call {
  readonly name: string;
  readonly args: readonly Node[];
  readonly x: ArgumentCompiler;
  readonly scope: Scope;
  /** Argument `i`; an untyped marker takes `hint`, VARCHAR(254) by default. */
  arg(i: number, hint?: SqlType): Typed;
  optional(i: number, hint?: SqlType): Typed | null;
}

export type ScalarCompiler = (c: Call) => Typed;

export function literalNumber(c: Call, i: number): number | null {
  const text = get(c.args[i] ?? null, 'Value', 'value', 'Number', 0);
  return text === null ? null : Number(text);
}
