/** A parsed expression to one closure. Columns become slots, so that a row is read once for all expressions of a rule. */
import { bug } from '../../errors/coded-error';
import { ARITHMETIC, type Operation } from './arithmetic';
import { beginEffort, spend } from './effort';
import { FUNCTIONS } from './functions';
import type { Expression, MetaName } from './parse';
import { compare, type Decimal, numberOf, truth, type Value } from './value';

/** What an expression sees of one change. */
export interface ColumnScope {
  /** Values by slot; null where there is no such image. */
  readonly after: readonly Value[] | null;
  readonly before: readonly Value[] | null;
  readonly op: string;
  meta(name: MetaName): Value;
  /** True if the column differs between the images; true for anything but an update. */
  changed(column: string): boolean;
  lookup(name: string, key: Value): Value;
}

export type Compiled = (scope: ColumnScope) => Value;

/** Slot of a column; called once for each use. @throws whatever says that there is no such column */
type SlotOf = (column: string) => number;

/** The whole expression; its evaluation is bounded: see `effort.ts`. The closure throws {@link EffortExceeded}. */
export function compileExpression(e: Expression, slotOf: SlotOf): Compiled {
  const run = part(e, slotOf);
  return (s) => {
    beginEffort();
    return run(s);
  };
}

function part(e: Expression, slotOf: SlotOf): Compiled {
  switch (e.is) {
    case 'value':
      return () => e.value;
    case 'op':
      return (s) => s.op;
    case 'meta':
      return (s) => s.meta(e.name);
    case 'column':
      return column(e.side, slotOf(e.name));
    case 'changed':
      slotOf(e.name);
      return (s) => s.changed(e.name);
    case 'lookup': {
      const key = part(e.key, slotOf);
      return (s) => s.lookup(e.name, key(s));
    }
    case 'call':
      return call(
        e.name,
        e.args.map((a) => part(a, slotOf)),
      );
    case 'unary':
      return unary(e.op, part(e.of, slotOf));
    case 'comparison':
      return comparison(e.op, part(e.left, slotOf), part(e.right, slotOf));
    case 'any':
      return any(e.of.map((x) => part(x, slotOf)));
    case 'all':
      return all(e.of.map((x) => part(x, slotOf)));
    case 'chain':
      return chain(
        part(e.first, slotOf),
        e.rest.map(({ op, operand }) => ({ work: operation(op), operand: part(operand, slotOf) })),
      );
    case 'in': {
      const of = part(e.of, slotOf);
      const list = e.list.map((x) => part(x, slotOf));
      return (s) => {
        const value = of(s);
        return list.some((x) => compare(value, x(s)) === 0);
      };
    }
    case 'choice': {
      const test = part(e.test, slotOf);
      const yes = part(e.yes, slotOf);
      const no = part(e.no, slotOf);
      return (s) => (truth(test(s)) ? yes(s) : no(s));
    }
  }
}

function column(side: 'after' | 'before' | 'current', slot: number): Compiled {
  if (side === 'after') return (s) => s.after?.[slot] ?? null;
  if (side === 'before') return (s) => s.before?.[slot] ?? null;
  return (s) => (s.after ?? s.before)?.[slot] ?? null;
}

function call(name: string, args: readonly Compiled[]): Compiled {
  const spec = FUNCTIONS[name];
  if (!spec) throw bug(`no function ${name}`);
  return (s) => {
    spend(1 + args.length);
    const values = args.map((a) => a(s));
    return spec.nulls !== true && values.includes(null) ? null : spec.call(values);
  };
}

function unary(op: '-' | 'not', of: Compiled): Compiled {
  if (op === 'not') return (s) => !truth(of(s));
  return (s) => {
    const d = numberOf(of(s));
    return d ? { big: d.big.neg(), scale: d.scale } : null;
  };
}

// loops, not one closure inside another: thousands of terms must not be thousands of frames of the stack

function any(terms: readonly Compiled[]): Compiled {
  return (s) => {
    for (const term of terms) {
      spend(1);
      if (truth(term(s))) return true;
    }
    return false;
  };
}

function all(terms: readonly Compiled[]): Compiled {
  return (s) => {
    for (const term of terms) {
      spend(1);
      if (!truth(term(s))) return false;
    }
    return true;
  };
}

interface Step {
  readonly work: Operation;
  readonly operand: Compiled;
}

function chain(first: Compiled, steps: readonly Step[]): Compiled {
  return (s) => {
    let value: Decimal | null = numberOf(first(s));
    for (const { work, operand } of steps) {
      if (value === null) return null;
      const b = numberOf(operand(s));
      value = b && work(value, b);
    }
    return value;
  };
}

function operation(op: string): Operation {
  const work = ARITHMETIC[op];
  if (!work) throw bug(`no operator ${op}`);
  return work;
}

function comparison(op: string, left: Compiled, right: Compiled): Compiled {
  const test = COMPARE[op];
  if (!test) throw bug(`no operator ${op}`);
  return (s) => test(compare(left(s), right(s)));
}

/** A comparison that cannot be made is false, so `A != null` is how to ask for a value. */
const COMPARE: Readonly<Record<string, (order: number | null) => boolean>> = {
  '=': (o) => o === 0,
  '!=': (o) => o !== 0,
  '<': (o) => o === -1,
  '<=': (o) => o === -1 || o === 0,
  '>': (o) => o === 1,
  '>=': (o) => o === 1 || o === 0,
};
