/** The functions of the expression language. All are pure; null in gives null out unless stated. */
import { compare, type Decimal, decimalOf, Exact, fromBig, isDecimal, textOf, truth, type Value } from './value';

export interface FunctionSpec {
  readonly min: number;
  readonly max: number;
  readonly usage: string;
  /** True if the function wants to see nulls itself. */
  readonly nulls?: boolean;
  readonly call: (args: readonly Value[]) => Value;
}

/** Text may not grow without end: an event is not a file. */
const MAX_TEXT = 65_536;

export const FUNCTIONS: Readonly<Record<string, FunctionSpec>> = Object.assign(Object.create(null), {
  abs: one('abs(number)', ([x]) => onNumber(x!, (d) => ({ big: d.big.abs(), scale: d.scale }))),
  round: {
    min: 1,
    max: 2,
    usage: 'round(number, digits)',
    call: ([x, n]) => onNumber(x!, (d) => rounded(d, intOf(n ?? null, 0), Exact.roundHalfUp)),
  },
  floor: one('floor(number)', ([x]) => onNumber(x!, (d) => towards(d, -1))),
  ceil: one('ceil(number)', ([x]) => onNumber(x!, (d) => towards(d, 1))),
  min: { min: 1, max: 100, usage: 'min(a, b, ...)', call: (args) => extreme(args, -1) },
  max: { min: 1, max: 100, usage: 'max(a, b, ...)', call: (args) => extreme(args, 1) },
  number: one('number(text)', ([x]) => onNumber(x!, (d) => d)),
  text: one('text(value)', ([x]) => textOf(x!)),
  coalesce: {
    min: 1,
    max: 100,
    usage: 'coalesce(a, b, ...)',
    nulls: true,
    call: (args) => args.find((a) => a !== null) ?? null,
  },
  if: {
    min: 3,
    max: 3,
    usage: 'if(condition, yes, no)',
    nulls: true,
    call: ([test, yes, no]) => (truth(test!) ? yes! : no!),
  },
  concat: {
    min: 1,
    max: 100,
    usage: 'concat(a, b, ...)',
    nulls: true,
    call: (args) => args.map(textOf).join('').slice(0, MAX_TEXT),
  },
  upper: one('upper(text)', ([x]) => textOf(x!).toUpperCase()),
  lower: one('lower(text)', ([x]) => textOf(x!).toLowerCase()),
  trim: one('trim(text)', ([x]) => textOf(x!).trim()),
  length: one('length(text)', ([x]) => decimalOf(String([...textOf(x!)].length))),
  substr: {
    min: 2,
    max: 3,
    usage: 'substr(text, start from 1, length)',
    call: ([x, start, length]) => {
      const characters = [...textOf(x!)];
      const from = Math.max(0, intOf(start!, 1) - 1);
      const count = length === undefined ? characters.length : intOf(length, characters.length);
      return characters.slice(from, from + Math.max(0, count)).join('');
    },
  },
  left: two('left(text, n)', ([x, n]) => [...textOf(x!)].slice(0, Math.max(0, intOf(n!, 0))).join('')),
  right: two('right(text, n)', ([x, n]) => {
    const count = Math.max(0, intOf(n!, 0));
    return count === 0 ? '' : [...textOf(x!)].slice(-count).join('');
  }),
  replace: {
    min: 3,
    max: 3,
    usage: 'replace(text, what, by)',
    call: ([x, what, by]) =>
      textOf(what!) === ''
        ? textOf(x!)
        : textOf(x!)
            .replaceAll(textOf(what!), () => textOf(by!))
            .slice(0, MAX_TEXT),
  },
  padleft: {
    min: 2,
    max: 3,
    usage: "padLeft(text, n, '0')",
    call: ([x, n, fill]) =>
      textOf(x!).padStart(Math.min(MAX_TEXT, intOf(n!, 0)), fill === undefined ? ' ' : textOf(fill)),
  },
  contains: two('contains(text, part)', ([x, part]) => textOf(x!).includes(textOf(part!))),
  startswith: two('startsWith(text, part)', ([x, part]) => textOf(x!).startsWith(textOf(part!))),
  endswith: two('endsWith(text, part)', ([x, part]) => textOf(x!).endsWith(textOf(part!))),
} satisfies Record<string, FunctionSpec>);

function one(usage: string, call: FunctionSpec['call']): FunctionSpec {
  return { min: 1, max: 1, usage, call };
}

function two(usage: string, call: FunctionSpec['call']): FunctionSpec {
  return { min: 2, max: 2, usage, call };
}

/** Anything that is no number is null: a rule must not stop the journal over one odd value. */
function onNumber(x: Value, work: (d: Decimal) => Decimal): Value {
  const d = isDecimal(x) ? x : typeof x === 'string' ? decimalOf(x) : null;
  return d ? work(d) : null;
}

export function rounded(d: Decimal, digits: number, mode: number = Exact.roundHalfUp): Decimal {
  const scale = Math.max(0, Math.min(60, digits));
  return { big: d.big.round(scale, mode as 0 | 1 | 2 | 3), scale };
}

function towards(d: Decimal, direction: 1 | -1): Decimal {
  const cut = d.big.round(0, Exact.roundDown);
  const exact = cut.eq(d.big);
  const away = d.big.cmp(0) === direction;
  return { big: exact || !away ? cut : cut.plus(direction), scale: 0 };
}

function extreme(args: readonly Value[], sign: 1 | -1): Value {
  return args.reduce((best, a) => (compare(a, best) === sign ? a : best));
}

function intOf(value: Value, otherwise: number): number {
  const d = value !== null && isDecimal(value) ? value : typeof value === 'string' ? decimalOf(value) : null;
  return d ? fromBig(d.big.round(0, Exact.roundDown)).big.toNumber() : otherwise;
}
