/** The functions of the expression language. All are pure; null in gives null out unless stated. */
import { spend } from './effort';
import {
  bounded,
  compare,
  cut,
  type Decimal,
  decimalOf,
  Exact,
  MAX_TEXT,
  numberOf,
  textOf,
  truth,
  type Value,
} from './value';

interface FunctionSpec {
  readonly min: number;
  readonly max: number;
  readonly usage: string;
  /** True if the function wants to see nulls itself. */
  readonly nulls?: boolean;
  readonly call: (args: readonly Value[]) => Value;
}

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
    call: joined,
  },
  upper: one('upper(text)', ([x]) => cut(walked(x!).toUpperCase())),
  lower: one('lower(text)', ([x]) => cut(walked(x!).toLowerCase())),
  trim: one('trim(text)', ([x]) => walked(x!).trim()),
  length: one('length(text)', ([x]) => decimalOf(String([...walked(x!)].length))),
  substr: {
    min: 2,
    max: 3,
    usage: 'substr(text, start from 1, length)',
    call: ([x, start, length]) => {
      const characters = [...walked(x!)];
      const from = Math.max(0, intOf(start!, 1) - 1);
      const count = length === undefined ? characters.length : intOf(length, characters.length);
      return characters.slice(from, from + Math.max(0, count)).join('');
    },
  },
  left: two('left(text, n)', ([x, n]) => [...walked(x!)].slice(0, Math.max(0, intOf(n!, 0))).join('')),
  right: two('right(text, n)', ([x, n]) => {
    const count = Math.max(0, intOf(n!, 0));
    return count === 0 ? '' : [...walked(x!)].slice(-count).join('');
  }),
  replace: {
    min: 3,
    max: 3,
    usage: 'replace(text, what, by)',
    call: ([x, what, by]) => replaced(walked(x!), textOf(what!), textOf(by!)),
  },
  padleft: {
    min: 2,
    max: 3,
    usage: "padLeft(text, n, '0')",
    call: ([x, n, fill]) => padded(textOf(x!), intOf(n!, 0), fill === undefined ? ' ' : textOf(fill)),
  },
  contains: two('contains(text, part)', ([x, part]) => walked(x!).includes(textOf(part!))),
  startswith: two('startsWith(text, part)', ([x, part]) => walked(x!).startsWith(textOf(part!))),
  endswith: two('endsWith(text, part)', ([x, part]) => walked(x!).endsWith(textOf(part!))),
} satisfies Record<string, FunctionSpec>);

function one(usage: string, call: FunctionSpec['call']): FunctionSpec {
  return { min: 1, max: 1, usage, call };
}

function two(usage: string, call: FunctionSpec['call']): FunctionSpec {
  return { min: 2, max: 2, usage, call };
}

/** Text of a value that is about to be walked through character by character. */
function walked(value: Value): string {
  const text = textOf(value);
  spend(1 + 2 * text.length);
  return text;
}

function joined(args: readonly Value[]): string {
  let text = '';
  for (const arg of args) {
    if (text.length >= MAX_TEXT) break;
    const more = textOf(arg);
    spend(1 + (more.length >> 2));
    text += more;
  }
  return cut(text);
}

/** Stops at the length that is kept: each of 32,000 places may be replaced by 32,000 characters. */
function replaced(text: string, what: string, by: string): string {
  if (what === '') return text;
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  for (let at = text.indexOf(what); at >= 0 && length < MAX_TEXT; at = text.indexOf(what, from)) {
    parts.push(text.slice(from, at), by);
    length += at - from + by.length;
    from = at + what.length;
    spend(2);
  }
  parts.push(text.slice(from));
  return cut(parts.join(''));
}

/** Counts characters, as `length` does: no pair of surrogates is torn apart. */
function padded(text: string, width: number, fill: string): string {
  spend(1 + (text.length >> 2));
  const wanted = Math.min(MAX_TEXT, width) - [...text].length;
  if (wanted <= 0 || fill === '') return text;
  spend(wanted >> 2);
  const characters = [...fill];
  const rest = characters.slice(0, wanted % characters.length).join('');
  return cut(`${fill.repeat(Math.floor(wanted / characters.length))}${rest}${text}`);
}

/** Anything that is no number is null: a rule must not stop the journal over one odd value. */
function onNumber(x: Value, work: (d: Decimal) => Decimal | null): Value {
  const d = numberOf(x);
  return d ? work(d) : null;
}

/** Digits after the point beyond 60 are not asked for: 60 is the most there are then. */
export function rounded(d: Decimal, digits: number, mode: number = Exact.roundHalfUp): Decimal {
  const scale = Math.max(0, Math.min(60, digits));
  return { big: d.big.round(scale, mode as 0 | 1 | 2 | 3), scale };
}

function towards(d: Decimal, direction: 1 | -1): Decimal | null {
  const whole = d.big.round(0, Exact.roundDown);
  const exact = whole.eq(d.big);
  const away = d.big.cmp(0) === direction;
  return bounded(exact || !away ? whole : whole.plus(direction), 0);
}

function extreme(args: readonly Value[], sign: 1 | -1): Value {
  return args.reduce((best, a) => (compare(a, best) === sign ? a : best));
}

function intOf(value: Value, otherwise: number): number {
  return numberOf(value)?.big.round(0, Exact.roundDown).toNumber() ?? otherwise;
}
