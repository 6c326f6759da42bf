/** The expression language: a table of text and result, the faults it names, and exactness against BigInt. */
import fc from 'fast-check';
import { type ColumnScope, compileExpression } from '../../src/map/expression/compile';
import { FUNCTIONS } from '../../src/map/expression/functions';
import { parseExpression } from '../../src/map/expression/parse';
import { ExpressionFault } from '../../src/map/expression/tokens';
import { decimalOf, textOf, type Value } from '../../src/map/expression/value';

const COLUMNS = ['QTY', 'PRICE', 'STS', 'NAME', 'NONE'];
const ROW: Value[] = [decimalOf('3'), decimalOf('19.90'), '10', "O'Neil", null];

/** Names arrive as written. */
function plain(name: string): string {
  return name.replaceAll('"', '').toUpperCase();
}

function run(text: string, after: readonly Value[] = ROW): string | boolean | null {
  const scope: ColumnScope = {
    after,
    before: [decimalOf('2'), decimalOf('19.90'), '05', 'x', null],
    op: 'update',
    meta: (name) => `<${name}>`,
    changed: (column) => plain(column) === 'QTY',
    lookup: (name, key) => `${name}(${textOf(key)})`,
  };
  const value = compileExpression(parseExpression(text), (c) => COLUMNS.indexOf(plain(c)))(scope);
  return typeof value === 'boolean' || value === null ? value : textOf(value);
}

test.each<[string, string | boolean | null]>([
  ['QTY * PRICE', '59.70'],
  ['qty*price', '59.70'],
  ['QTY * PRICE * 0.19', '11.3430'],
  ['PRICE + 1', '20.90'],
  ['PRICE - PRICE', '0.00'],
  ['-QTY', '-3'],
  ['- -QTY', '3'],
  ['0.1 + 0.2', '0.3'],
  ['10 / 4', '2.5'],
  ['1 / 3', '0.3333333333333333333333333333333333'],
  ['10 % 4', '2'],
  ['1 / 0', null],
  ['2 + 3 * 4', '14'],
  ['(2 + 3) * 4', '20'],
  ['10 - 2 - 3', '5'],
  ["NAME = 'O''Neil'", true],
  ["\"NAME\" = 'O''Neil'", true],
  ['before."STS"', '05'],
  ['after."STS"', '10'],
  ['changed("QTY")', true],
  ['lookup("status", STS)', 'status(10)'],
  ["STS = '10'", true],
  ['STS = 10', true],
  ['STS = 10.0', true],
  ['STS > 9', true],
  ["STS > '9'", false],
  ['QTY between', null],
  ['QTY >= 3 and QTY < 4', true],
  ['not QTY = 3', false],
  ['QTY = 1 or STS = 10', true],
  ["STS in ('05', '10')", true],
  ["STS not in ('05', '10')", false],
  ['NONE is null', true],
  ['QTY is not null', true],
  ['NONE = null', true],
  ['NONE + 1', null],
  ["NONE = ''", false],
  ['NAME < 5', false],
  ["QTY > 2 ? 'many' : 'few'", 'many'],
  ['before.QTY', '2'],
  ['after.QTY - before.QTY', '1'],
  ['op', 'update'],
  ['meta.user', '<user>'],
  ['changed(QTY)', true],
  ['changed(STS)', false],
  ["lookup('status', STS)", 'status(10)'],
  ['round(PRICE / 3, 2)', '6.63'],
  ['round(0.5)', '1'],
  ['round(-0.5)', '-1'],
  ['round(2.345, 2)', '2.35'],
  ['floor(-1.5)', '-2'],
  ['ceil(1.01)', '2'],
  ['abs(-PRICE)', '19.90'],
  ['min(3, 1, 2)', '1'],
  ['max(QTY, PRICE)', '19.90'],
  ['coalesce(NONE, NAME)', "O'Neil"],
  ["if(QTY > 2, 'yes', 'no')", 'yes'],
  ["concat(STS, '-', NONE, NAME)", "10-O'Neil"],
  ['upper(NAME)', "O'NEIL"],
  ["lower('ÄÖ')", 'äö'],
  ["trim('  a ')", 'a'],
  ['length(NAME)', '6'],
  ['substr(NAME, 3, 2)', 'Ne'],
  ['substr(NAME, 3)', 'Neil'],
  ['left(NAME, 2)', "O'"],
  ['right(NAME, 2)', 'il'],
  ["replace(NAME, '''', '$&')", 'O$&Neil'],
  ["padLeft(STS, 5, '0')", '00010'],
  ["contains(NAME, 'Ne')", true],
  ["startsWith(NAME, 'O')", true],
  ["endsWith(NAME, 'O')", false],
  ["number('12.50') * 2", '25.00'],
  ["number('abc')", null],
  ['text(PRICE)', '19.90'],
  ['true', true],
])('%s', (text, expected) => {
  if (text === 'QTY between') {
    expect(() => parseExpression(text)).toThrow(ExpressionFault);
    return;
  }
  expect(run(text)).toBe(expected);
});

test.each<[string, string]>([
  ['', 'the end at 1: expected a column, number, text in quotes or ('],
  ['QTY +', 'the end at 6: expected a column, number, text in quotes or ('],
  ['QTY 3', '"3" at 5: expected an operator or the end'],
  ['(QTY', 'the end at 5: expected ")"'],
  ['QTY ? 1', 'the end at 8: expected ":"'],
  ['QTY ~ 3', '"~" at 5: expected a column'],
  ["'open", '"\'" at 1: expected a column'],
  ['round()', '0 arguments at 1: expected round(number, digits)'],
  ['system(1)', 'system(...) at 1: expected a function: abs'],
  ['constructor(1)', 'constructor(...) at 1: expected a function: abs'],
  ['meta.password', '"meta.password" at 1: expected before.COLUMN, after.COLUMN or meta.mode'],
  ['lookup(STS, 1)', "lookup(...) at 1: expected lookup('name', value)"],
  ['QTY is 3', '"3" at 8: expected null after is'],
  ['('.repeat(500), 'expected at most 100 levels of nesting'],
  ['-'.repeat(500), 'expected at most 100 levels of nesting'],
])('fault: %s', (text, message) => {
  expect(() => parseExpression(text)).toThrow(ExpressionFault);
  expect(() => parseExpression(text)).toThrow(message);
});

test('sums and products are exact at 63 digits', () => {
  const digits = fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n });
  fc.assert(
    fc.property(digits, digits, fc.integer({ min: 0, max: 20 }), (a, b, scale) => {
      const shift = (n: bigint): string => {
        const text = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
        const point = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
        return n < 0n ? `-${point}` : point;
      };
      const row = [decimalOf(shift(a)), decimalOf(shift(b)), null, null, null];
      expect(run('QTY + PRICE', row)).toBe(shift(a + b).replace(/^-(0(\.0*)?)$/, '$1'));
      const product = run('QTY * PRICE', row)!
        .toString()
        .replace('.', '')
        .replace(/^(-?)0+(?=\d)/, '$1');
      expect(BigInt(product)).toBe(a * b);
    }),
    { numRuns: 300 },
  );
});

test('every function is pure and survives anything', () => {
  const values = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.string({ maxLength: 20 }),
    fc.integer().map((n) => decimalOf(String(n))),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(FUNCTIONS)),
      fc.array(values, { minLength: 3, maxLength: 3 }),
      (f, args) => {
        const given = args.slice(0, Math.min(f.max, 3)).map((a) => a ?? 'x');
        const once = f.call(given);
        expect(textOf(f.call(given))).toBe(textOf(once));
      },
    ),
    { numRuns: 2000 },
  );
});
