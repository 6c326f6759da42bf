/** A parsed expression to one closure. Columns become slots, so that a row is read once for all expressions of a rule. */
import { bug } from '../../errors/coded-error';
import { FUNCTIONS } from './functions';
import type { Expression, MetaName } from './parse';
import { compare, type Decimal, decimalOf, Exact, fromBig, isDecimal, truth, type Value } from './value';

/** What an expression sees of one change. */
export interface Scope {
  /** Values by slot; null where there is no such image. */
  readonly after: readonly Value[] | null;
  readonly before: readonly Value[] | null;
  readonly op: string;
  meta(name: MetaName): Value;
  /** True if the column differs between the images; true for anything but an update. */
  changed(column: string): boolean;
  lookup(name: string, key: Value): Value;
}

export type Compiled = (scope: Scope) => Value;

/** Slot of a column; called once for each use. @throws whatever says that there is no such column */
export type SlotOf = (column: string) => number;

export function compileExpression(e: Expression, slotOf: SlotOf): Compiled {
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
      const key = compileExpression(e.key, slotOf);
      return (s) => s.lookup(e.name, key(s));
    }
    case 'call':
      return call(
        e.name,
        e.args.map((a) => compileExpression(a, slotOf)),
      );
    case 'unary':
      return unary(e.op, compileExpression(e.of, slotOf));
    case 'binary':
      return binary(e.op, compileExpression(e.left, slotOf), compileExpression(e.right, slotOf));
    case 'in': {
      const of = compileExpression(e.of, slotOf);
      const list = e.list.map((x) => compileExpression(x, slotOf));
      return (s) => {
        const value = of(s);
        return list.some((x) => compare(value, x(s)) === 0);
      };
    }
    case 'choice': {
      const test = compileExpression(e.test, slotOf);
      const yes = compileExpression(e.yes, slotOf);
      const no = compileExpression(e.no, slotOf);
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
    const values = args.map((a) => a(s));
    return spec.nulls !== true && values.includes(null) ? null : spec.call(values);
  };
}

function unary(op: '-' | 'not', of: Compiled): Compiled {
  if (op === 'not') return (s) => !truth(of(s));
  return (s) => {
    const d = number(of(s));
    return d ? { big: d.big.neg(), scale: d.scale } : null;
  };
}

function binary(op: string, left: Compiled, right: Compiled): Compiled {
  if (op === 'and') return (s) => truth(left(s)) && truth(right(s));
  if (op === 'or') return (s) => truth(left(s)) || truth(right(s));
  const arithmetic = ARITHMETIC[op];
  if (arithmetic) {
    return (s) => {
      const a = number(left(s));
      const b = number(right(s));
      return a && b ? arithmetic(a, b) : null;
    };
  }
  const test = COMPARE[op];
  if (!test) throw bug(`no operator ${op}`);
  return (s) => test(compare(left(s), right(s)));
}

function number(value: Value): Decimal | null {
  if (value === null || typeof value === 'boolean') return null;
  return isDecimal(value) ? value : decimalOf(value);
}

/** Scales as in Db2: the larger for + and -, the sum for *, what the digits need for / (up to 34) and %. */
const ARITHMETIC: Readonly<Record<string, (a: Decimal, b: Decimal) => Decimal | null>> = {
  '+': (a, b) => ({ big: a.big.plus(b.big), scale: Math.max(a.scale, b.scale) }),
  '-': (a, b) => ({ big: a.big.minus(b.big), scale: Math.max(a.scale, b.scale) }),
  '*': (a, b) => ({ big: a.big.times(b.big), scale: a.scale + b.scale }),
  '/': (a, b) => (b.big.eq(0) ? null : fromBig(new Exact(a.big).div(b.big))),
  '%': (a, b) => (b.big.eq(0) ? null : { big: a.big.mod(b.big), scale: Math.max(a.scale, b.scale) }),
};

/** A comparison that cannot be made is false, so `A != null` is how to ask for a value. */
const COMPARE: Readonly<Record<string, (order: number | null) => boolean>> = {
  '=': (o) => o === 0,
  '!=': (o) => o !== 0,
  '<': (o) => o === -1,
  '<=': (o) => o === -1 || o === 0,
  '>': (o) => o === 1,
  '>=': (o) => o === 1 || o === 0,
};
