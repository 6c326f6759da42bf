/** Numbers of JSON keep their digits on their way through: judged by the text itself, and by JSON.parse for everything else. */
import fc from 'fast-check';
import { ExactNumber, exactText, parseExact } from '../../src/model/exact-json';

const number = fc.oneof(
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,30})$/),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,20})\.[0-9]{1,20}$/),
  fc.stringMatching(/^-?[1-9](\.[0-9]{1,5})?[eE][+-]?[0-9]{1,3}$/),
);
/** JSON text without blanks, as the product writes it. */
const json = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    number,
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.constantFrom('true', 'false', 'null', '"-12.30"', '"\\"12.30\\\\"'),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.string(), tie('json')), { maxLength: 4, selector: ([name]) => name })
      // whole numbers as names are put first by every engine
      .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(`_${name}`)}:${value}`).join(',')}}`),
  ),
})).json;

const plain = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return Number(value.digits);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
};

test('property: what was read is written as it stood', () => {
  fc.assert(
    fc.property(json, (text) => expect(exactText(parseExact(text))).toBe(text)),
    { numRuns: 2_000 },
  );
});

test('property: read by others it is what JSON.parse makes of it, indented too', () => {
  fc.assert(
    fc.property(json, (text) => {
      const value = parseExact(text);
      const usual: unknown = JSON.parse(text);
      expect(plain(value)).toEqual(usual);
      // whoever knows nothing of exact numbers gets numbers, as far as floats go
      expect(JSON.stringify(value)).toBe(JSON.stringify(usual));
      expect(JSON.parse(exactText(value, 2))).toEqual(usual);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['{"n":12345678901234567890,"m":12.30,"t":"12.30"}'],
  ['[0.1000000000000000055511151231257827,-0,-0.0,1E5,1e400]'],
  ['{"__proto__x":{"a":1.0},"deep":[[[[9007199254740993]]]]}'],
  ['"9007199254740993"'],
  ['9007199254740993'],
])('%s', (text) => expect(exactText(parseExact(text))).toBe(text));

test.each([
  '',
  '{',
  '{"a":01.50}',
  '[1.50',
  '{"a":1.50,}',
  "{'a':1.50}",
  '1.50 2',
  '.5',
  'NaN',
  '{"a":+1.50}',
  '1.50"',
])('%j is no JSON, whatever its numbers', (text) => {
  expect(() => parseExact(text)).toThrow(SyntaxError);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test('indented for people, digits unchanged', () => {
  expect(exactText(parseExact('{"a":{"n":12.30},"b":[1,2.0]}'), 2)).toBe(
    '{\n  "a": {\n    "n": 12.30\n  },\n  "b": [\n    1,\n    2.0\n  ]\n}',
  );
});

test('nothing there is nothing', () => {
  expect(exactText(undefined)).toBeUndefined();
  expect(exactText({ a: undefined, b: new ExactNumber('1.0') })).toBe('{"b":1.0}');
});
