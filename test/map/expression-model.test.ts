/**
 * The expression language against a second one of a hundred lines: fractions of whole numbers of any size for exact arithmetic, lists of
 * characters for texts. Random expressions are written with as few parentheses as their precedence allows, and evaluated by both.
 */
import fc from 'fast-check';
import { type ColumnScope, compileExpression } from '../../src/map/expression/compile';
import { parseExpression } from '../../src/map/expression/parse';
import { decimalOf, textOf, type Value } from '../../src/map/expression/value';

type Exact = { readonly n: bigint; readonly scale: number };
/** A number n / 10^scale, written with all of its scale; a text; truth; null. */
type Naive = Exact | string | boolean | null;
type Tree =
  | { readonly is: 'number'; readonly text: string }
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'word'; readonly text: 'true' | 'false' | 'null' }
  | { readonly is: 'column'; readonly text: string }
  | { readonly is: 'binary'; readonly op: string; readonly of: readonly [Tree, Tree] }
  | { readonly is: 'not' | 'minus' | 'null' | 'not null'; readonly of: readonly [Tree] }
  | { readonly is: 'in' | 'not in'; readonly of: readonly Tree[] }
  | { readonly is: 'choice'; readonly of: readonly [Tree, Tree, Tree] }
  | { readonly is: 'call'; readonly name: string; readonly of: readonly Tree[] };

const NUMBER = /^\s*[+-]?(\d+)(\.\d*)?\s*$/;
const isNumber = (v: Naive): v is Exact => typeof v === 'object' && v !== null;

function numberIn(text: string): Naive {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const scale = Math.max(0, (found[2]?.length ?? 1) - 1);
  return { n: BigInt(text.trim().replace('+', '').replace('.', '')), scale };
}

function asNumber(v: Naive): Exact | null {
  const found = typeof v === 'string' ? numberIn(v) : v;
  return found !== null && isNumber(found) ? found : null;
}
const ten = (n: number): bigint => 10n ** BigInt(n);
const at = ({ n, scale }: Exact, wanted: number): bigint => n * ten(wanted - scale);

function written(v: Naive): string {
  if (v === null) return '';
  if (!isNumber(v)) return String(v);
  const digits = (v.n < 0n ? -v.n : v.n).toString().padStart(v.scale + 1, '0');
  const text = v.scale === 0 ? digits : `${digits.slice(0, -v.scale)}.${digits.slice(-v.scale)}`;
  return v.n < 0n ? `-${text}` : text;
}

/** Half away from zero, then as few digits as say the same. */
function divided(a: Exact, b: Exact): Naive {
  if (b.n === 0n) return null;
  const up = a.n * ten(b.scale) * ten(34) * 2n;
  const down = b.n * ten(a.scale);
  const negative = up < 0n !== down < 0n;
  const twice = (up < 0n ? -up : up) / (down < 0n ? -down : down);
  let n = (twice + 1n) / 2n;
  let scale = 34;
  for (; scale > 0 && n % 10n === 0n; scale--) n /= 10n;
  return { n: negative ? -n : n, scale };
}

function arithmetic(op: string, x: Naive, y: Naive): Naive {
  const a = asNumber(x);
  const b = asNumber(y);
  if (a === null || b === null) return null;
  const scale = Math.max(a.scale, b.scale);
  if (op === '+') return { n: at(a, scale) + at(b, scale), scale };
  if (op === '-') return { n: at(a, scale) - at(b, scale), scale };
  if (op === '*') return { n: a.n * b.n, scale: a.scale + b.scale };
  if (op === '%') return b.n === 0n ? null : { n: at(a, scale) % at(b, scale), scale };
  return divided(a, b);
}

/** Null where the two cannot be compared. */
function order(a: Naive, b: Naive): number | null {
  if (a === null || b === null) return a === b ? 0 : null;
  if (isNumber(a) || isNumber(b)) {
    const [x, y] = [asNumber(a), asNumber(b)];
    if (x === null || y === null) return null;
    const scale = Math.max(x.scale, y.scale);
    const difference = at(x, scale) - at(y, scale);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }
  if (typeof a !== typeof b) return null;
  return a === b ? 0 : a < b ? -1 : 1;
}

const TESTS: Record<string, (o: number | null) => boolean> = {
  '=': (o) => o === 0,
  '!=': (o) => o !== 0,
  '<': (o) => o === -1,
  '<=': (o) => o === -1 || o === 0,
  '>': (o) => o === 1,
  '>=': (o) => o === 0 || o === 1,
};
const truth = (v: Naive): boolean => (isNumber(v) ? v.n !== 0n : v === true || (typeof v === 'string' && v !== ''));

type Call = (args: readonly Naive[]) => Naive;
const characters = (v: Naive): string[] => Array.from(written(v));
const count = (v: Naive, otherwise: number): number => {
  const number = asNumber(v);
  return number === null ? otherwise : Number(number.n / ten(number.scale));
};
const CALLS: Record<string, readonly [args: number, call: Call]> = {
  abs: [
    1,
    ([x]) => {
      const a = asNumber(x!);
      return a && { ...a, n: a.n < 0n ? -a.n : a.n };
    },
  ],
  floor: [
    1,
    ([x]) => {
      const a = asNumber(x!);
      return a && { n: a.n / ten(a.scale) - (a.n < 0n && a.n % ten(a.scale) !== 0n ? 1n : 0n), scale: 0 };
    },
  ],
  ceil: [
    1,
    ([x]) => {
      const a = asNumber(x!);
      return a && { n: a.n / ten(a.scale) + (a.n > 0n && a.n % ten(a.scale) !== 0n ? 1n : 0n), scale: 0 };
    },
  ],
  length: [1, ([x]) => ({ n: BigInt(characters(x!).length), scale: 0 })],
  upper: [1, ([x]) => written(x!).toUpperCase()],
  trim: [1, ([x]) => written(x!).trim()],
  left: [
    2,
    ([x, n]) =>
      characters(x!)
        .slice(0, Math.max(0, count(n!, 0)))
        .join(''),
  ],
  right: [
    2,
    ([x, n]) => {
      const some = count(n!, 0);
      return some <= 0 ? '' : characters(x!).slice(-some).join('');
    },
  ],
  substr: [
    3,
    ([x, from, n]) => {
      const first = Math.max(0, count(from!, 1) - 1);
      return characters(x!)
        .slice(first, first + Math.max(0, count(n!, characters(x!).length)))
        .join('');
    },
  ],
  contains: [2, ([x, part]) => written(x!).includes(written(part!))],
  startsWith: [2, ([x, part]) => written(x!).startsWith(written(part!))],
  endsWith: [2, ([x, part]) => written(x!).endsWith(written(part!))],
  replace: [
    3,
    ([x, what, by]) =>
      what === '' || written(what!) === '' ? written(x!) : written(x!).split(written(what!)).join(written(by!)),
  ],
  padLeft: [
    3,
    ([x, n, fill]) => {
      const text = characters(x!);
      const more = characters(fill!);
      const missing = more.length === 0 ? 0 : Math.max(0, Math.min(65_536, count(n!, 0)) - text.length);
      return Array.from({ length: missing }, (_, i) => more[i % more.length]).join('') + text.join('');
    },
  ],
  concat: [3, (args) => args.map(written).join('')],
  coalesce: [3, (args) => args.find((a) => a !== null) ?? null],
  if: [3, ([test, yes, no]) => (truth(test!) ? yes! : no!)],
  min: [2, ([a, b]) => (order(b!, a!) === -1 ? b! : a!)],
  max: [2, ([a, b]) => (order(b!, a!) === 1 ? b! : a!)],
};
const SEES_NULLS = new Set(['concat', 'coalesce', 'if']);

function evaluated(tree: Tree, row: Readonly<Record<string, Naive>>): Naive {
  const of = 'of' in tree ? tree.of.map((part) => evaluated(part, row)) : [];
  switch (tree.is) {
    case 'number':
      return numberIn(tree.text);
    case 'text':
      return tree.text;
    case 'word':
      return tree.text === 'null' ? null : tree.text === 'true';
    case 'column':
      return row[tree.text]!;
    case 'not':
      return !truth(of[0]!);
    case 'null':
      return of[0] === null;
    case 'not null':
      return of[0] !== null;
    case 'minus':
      return ((a) => a && { ...a, n: -a.n })(asNumber(of[0]!));
    case 'in':
      return of.slice(1).some((one) => order(of[0]!, one) === 0);
    case 'not in':
      return !of.slice(1).some((one) => order(of[0]!, one) === 0);
    case 'choice':
      return truth(of[0]!) ? of[1]! : of[2]!;
    case 'call': {
      if (!SEES_NULLS.has(tree.name) && of.includes(null)) return null;
      return CALLS[tree.name]![1](of);
    }
    case 'binary':
      if (tree.op === 'or') return of.some(truth);
      if (tree.op === 'and') return of.every(truth);
      return TESTS[tree.op]?.(order(of[0]!, of[1]!)) ?? arithmetic(tree.op, of[0]!, of[1]!);
  }
}

/** How tightly each binds, as the grammar in docs/mapping.md and the head of the parser have it. */
const LEVELS = [['or'], ['and'], ['=', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];
const levelOf = (tree: Tree): number => {
  if (tree.is === 'choice') return -1;
  if (tree.is === 'binary') return LEVELS.findIndex((ops) => ops.includes(tree.op));
  if (tree.is === 'not') return 1.5;
  if (['in', 'not in', 'null', 'not null'].includes(tree.is)) return 2;
  return tree.is === 'minus' ? 5 : 9;
};

/** With parentheses where the level wants them, and nowhere else. */
function said(tree: Tree, least = -1): string {
  const text = bare(tree);
  return levelOf(tree) < least ? `(${text})` : text;
}

function bare(tree: Tree): string {
  switch (tree.is) {
    case 'number':
    case 'word':
    case 'column':
      return tree.text;
    case 'text':
      return `'${tree.text.replaceAll("'", "''")}'`;
    case 'not':
      return `not ${said(tree.of[0], 1.5)}`;
    case 'minus':
      return `- ${said(tree.of[0], 5)}`;
    case 'null':
    case 'not null':
      return `${said(tree.of[0], 3)} is ${tree.is}`;
    case 'in':
    case 'not in':
      return `${said(tree.of[0]!, 3)} ${tree.is} (${tree.of
        .slice(1)
        .map((one) => said(one))
        .join(', ')})`;
    case 'choice':
      return `${said(tree.of[0], 0)} ? ${said(tree.of[1])} : ${said(tree.of[2])}`;
    case 'call':
      return `${tree.name}(${tree.of.map((one) => said(one)).join(', ')})`;
    case 'binary': {
      const level = levelOf(tree);
      // comparisons do not chain, everything else is taken from the left
      const [left, right] = level === 2 ? [3, 3] : [level, level + 0.5];
      return `${said(tree.of[0], left)} ${tree.op} ${said(tree.of[1], right)}`;
    }
  }
}

const digits = fc.stringMatching(/^[0-9]{1,12}$/);
const numberText = fc.oneof(
  digits,
  fc.tuple(digits, digits).map(([a, b]) => `${a}.${b}`),
  fc.constantFrom('0', '0.0', '1', '2'),
);
const pieces = fc.constantFrom(
  '',
  'a',
  'B',
  ' ',
  "'",
  '12',
  '-3.50',
  '0.0',
  '\u00fc',
  '\u{1F600}',
  '東',
  'e\u0301',
  ' 7 ',
  '1e5x',
);
const text = fc.array(pieces, { maxLength: 3 }).map((parts) => parts.join(''));

const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    numberText.map((t): Tree => ({ is: 'number', text: t })),
    text.map((t): Tree => ({ is: 'text', text: t })),
    fc.constantFrom('true' as const, 'false' as const, 'null' as const).map((t): Tree => ({ is: 'word', text: t })),
    fc.constantFrom('A', 'B', 'C').map((t): Tree => ({ is: 'column', text: t })),
    fc
      .tuple(fc.constantFrom(...LEVELS.flat()), tie('tree'), tie('tree'))
      .map(([op, a, b]): Tree => ({ is: 'binary', op, of: [a, b] })),
    fc
      .tuple(fc.constantFrom('not', 'minus', 'null', 'not null'), tie('tree'))
      .map(([is, a]) => ({ is, of: [a] }) as unknown as Tree),
    fc
      .tuple(fc.constantFrom('in', 'not in'), fc.array(tie('tree'), { minLength: 2, maxLength: 4 }))
      .map(([is, of]) => ({ is, of }) as unknown as Tree),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map((of): Tree => ({ is: 'choice', of })),
    fc
      .tuple(fc.constantFrom(...Object.keys(CALLS)), fc.array(tie('tree'), { minLength: 3, maxLength: 3 }))
      .map(([name, of]): Tree => ({ is: 'call', name, of: of.slice(0, CALLS[name]![0]) })),
  ),
})).tree;

const value: fc.Arbitrary<Naive> = fc.oneof(
  fc.constant(null),
  text,
  fc.tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(6)).map(([n, scale]) => ({ n, scale })),
  fc.boolean(),
);

/** Quotients of quotients, and products of them, run beyond what the language keeps: such trees are another test's. */
const bounded = (t: Tree): boolean =>
  t.is === 'binary' && ['/', '%'].includes(t.op) ? depthOf(t) < 3 : !('of' in t) || t.of.every(bounded);
const depthOf = (t: Tree): number => ('of' in t ? 1 + Math.max(...t.of.map(depthOf)) : 0);
const given = (v: Naive): Value => (isNumber(v) ? decimalOf(written(v)) : (v as string | boolean | null));

test('property: as the second language has it, exactly, whatever the expression and the row', () => {
  let both = 0;
  fc.assert(
    fc.property(tree.filter(bounded), value, value, value, (t, A, B, C) => {
      const row = { A, B, C };
      const source = said(t);
      const names = Object.keys(row);
      const scope: ColumnScope = {
        after: names.map((name) => given(row[name as 'A'])),
        before: null,
        op: 'insert',
        meta: () => null,
        changed: () => true,
        lookup: () => null,
      };
      const expected = evaluated(t, row);
      const found = compileExpression(parseExpression(source), (name) => names.indexOf(name))(scope);
      const told = typeof found === 'boolean' || found === null ? found : textOf(found);
      const wanted = typeof expected === 'boolean' || expected === null ? expected : written(expected);
      expect({ source, row: names.map((name) => written(row[name as 'A'])), told }).toMatchObject({
        told: typeof wanted === 'string' ? wanted.replace(/^-(0(\.0*)?)$/, '$1') : wanted,
      });
      if (told !== null) both++;
    }),
    { numRuns: 6_000 },
  );
  expect(both).toBeGreaterThan(3_000);
});

test.each([
  ['padLeft never tears a character apart', "padLeft('a', 2, '\u{1F600}')", '\u{1F600}a'],
  ['and counts characters, as length does', "padLeft('\u{1F600}', 3, '0')", '00\u{1F600}'],
  ['a text of several characters is used from its beginning', "padLeft('9', 4, 'ab')", 'aba9'],
  ['nothing to pad with pads nothing', "padLeft('9', 4, '')", '9'],
])('%s: %s', (_, source, expected) => {
  const scope = { after: [], before: null, op: 'insert', meta: () => null, changed: () => true, lookup: () => null };
  expect(compileExpression(parseExpression(source), () => 0)(scope)).toBe(expected);
});
