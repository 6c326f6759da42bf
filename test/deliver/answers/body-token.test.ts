/** `auth.bodyToken` puts one member into the body and leaves every other byte as it is. */
import fc from 'fast-check';
import { NO_AUTH } from '../../../src/deliver/options';
import { withMember } from '../../../src/deliver/sinks/webhook/splice';
import { Bench, hook, secret } from '../support/bench';
import { draft } from '../support/drafts';
import { Receiver } from '../support/receiver';

const TOKEN = 'tok"en\\é';
const spliced = (json: string, path: string): string =>
  withMember(Buffer.from(json), path.split('.'), TOKEN).toString('utf8');
const T = JSON.stringify(TOKEN);

test.each([
  ['at the front', '{"a":1}', 'token', `{"token":${T},"a":1}`],
  ['into nothing', '{ }', 'token', `{"token":${T} }`],
  ['in the place of one that is there', '{"a":1,"token": null ,"b":2}', 'token', `{"a":1,"token": ${T} ,"b":2}`],
  [
    'beside digits no double holds',
    '{"data":{"amt":9007199254740993.10,"qty":1.10,"e":1E400}}',
    'data.token',
    `{"data":{"token":${T},"amt":9007199254740993.10,"qty":1.10,"e":1E400}}`,
  ],
  ['deeper than there are objects', '{"a":{}}', 'a.b.c', `{"a":{"b":{"c":${T}}}}`],
  ['where only the first name is there', '{"a":{"x":[1,{"b":2}]}}', 'a.b.c', `{"a":{"b":{"c":${T}},"x":[1,{"b":2}]}}`],
  ['a name in a text is no member', '{"x":"\\"token\\":1","y":2}', 'token', `{"token":${T},"x":"\\"token\\":1","y":2}`],
  ['a name written with escapes', '{"t\\u006fken":1}', 'token', `{"t\\u006fken":${T}}`],
  [
    'of two of one name the last',
    '{"token":1,"a":{"token":5},"token":2}',
    'token',
    `{"token":1,"a":{"token":5},"token":${T}}`,
  ],
  ['in an element of an array', '{"a":[{"k":1.0},{"k":2.0}]}', 'a.1.token', `{"a":[{"k":1.0},{"token":${T},"k":2.0}]}`],
  ['in the place of what is no object', '{"a":7.50,"b":1}', 'a.token', `{"a":{"token":${T}},"b":1}`],
  ['braces in texts', '{"a":{"s":"}]{[\\\\"},"z":0}', 'a.token', `{"a":{"token":${T},"s":"}]{[\\\\"},"z":0}`],
  ['white space stays', '{ "a" :\t{ "b" : 1 }\n}', 'a.b', `{ "a" :\t{ "b" : ${T} }\n}`],
])('%s', (_name, json, path, expected) => {
  expect(spliced(json, path)).toBe(expected);
});

test.each(['[]', '"x"', '', '{"a":', '{"a" 1}', '{"a":1', 'null'])('%j has no place for it', (json) => {
  expect(() => spliced(json, 'token')).toThrow(/is no JSON object/);
});

/** JSON texts as someone else may write them: numbers of any form, escapes, white space, members twice. */
const space = fc.constantFrom('', '', ' ', '\n', '\t ');
const number = fc.constantFrom(
  '0',
  '-0',
  '1.10',
  '12.30',
  '9007199254740993.10',
  '1e5',
  '-1E+2',
  '0.000',
  '12345678901234567890',
);
const text = fc
  .tuple(fc.string({ maxLength: 6 }), fc.boolean())
  .map(([s, escaped]) => (escaped ? `"${s.split('').map(escapeOf).join('')}"` : JSON.stringify(s)));
const escapeOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const name = fc.constantFrom('"a"', '"b"', '"c"', '"\\u0061"', '"a\\"b"', '"token"');
const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    text,
    fc.constantFrom('null', 'true'),
    tie('object'),
    tie('array'),
  ),
  object: fc
    .array(fc.tuple(space, name, space, space, tie('value'), space), { maxLength: 4 })
    .map((members) => `{${members.map(([a, n, b, c, v, d]) => `${a}${n}${b}:${c}${v}${d}`).join(',')}}`),
  array: fc
    .array(fc.tuple(space, tie('value'), space), { maxLength: 3 })
    .map((items) => `[${items.map((i) => i.join('')).join(',')}]`),
}));
const object = value.filter((json) => json.startsWith('{'));
const path = fc.array(fc.constantFrom('a', 'b', 'c', 'token'), { minLength: 1, maxLength: 3 });

/** What JSON readers see there, the text having been changed. */
function seenAt(json: string, names: readonly string[]): unknown {
  return names.reduce<unknown>((here, n) => (here as Record<string, unknown>)[n], JSON.parse(json));
}

test('every other byte of the body stays as it is, and readers see the token', () => {
  fc.assert(
    fc.property(object, path, (json, names) => {
      const out = spliced(json, names.join('.'));
      expect(seenAt(out, names)).toBe(TOKEN);
      // one piece was put in, or put in the place of another: all before and all behind it is what it was
      let front = 0;
      while (front < json.length && json[front] === out[front]) front++;
      let back = 0;
      while (back < json.length - front && json.at(-1 - back) === out.at(-1 - back)) back++;
      const lost = json.slice(front, json.length - back);
      const added = out.slice(front, out.length - back);
      expect(json.slice(0, front) + added + json.slice(json.length - back)).toBe(out);
      // what was lost is at most the value that stood there or on the way there
      if (lost !== '') expect(lost.length).toBeLessThanOrEqual(replaceable(json, names));
      else expect(added).toContain(T.slice(1, -1));
    }),
    { numRuns: 2_000 },
  );
});

/** Length of the text of the value at the path, or of the first that is in its way. */
function replaceable(json: string, names: readonly string[]): number {
  let here: unknown = JSON.parse(json);
  for (const n of names) {
    if (typeof here !== 'object' || here === null || Array.isArray(here)) break;
    if (!Object.hasOwn(here, n)) return 0;
    here = (here as Record<string, unknown>)[n];
  }
  // as it stands in the text it may have white space and escapes: six letters for one, and digits that a double loses
  return 6 * JSON.stringify(here).length + json.length * Number(typeof here === 'object' || typeof here === 'number');
}

test('the body that is signed and sent has the digits of the row', async () => {
  await using receiver = await Receiver.start();
  const auth = { ...NO_AUTH, bodyToken: { path: 'data.token', value: secret('abcdef123456') } };
  const body = Buffer.from('{"id":"e","data":{"amt":9007199254740993.10,"qty":1.10,"meta":{"attempt":1}}}');
  await using bench = await Bench.start({ webhooks: { crm: hook(receiver.url, { auth }) } });
  bench.publish([draft(1, { body, attemptOffset: body.indexOf('1}}}') })]);
  await bench.settled();
  expect(receiver.got[0]!.body.toString()).toBe(
    '{"id":"e","data":{"token":"abcdef123456","amt":9007199254740993.10,"qty":1.10,"meta":{"attempt":1}}}',
  );
});
