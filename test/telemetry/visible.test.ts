/** Text on its way to a screen, judged by Unicode's own properties: what would drive a terminal is shown, everything else stays. */
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { createLogger } from '../../src/telemetry/logger';
import { line, lines, oneLine, visible } from '../../src/telemetry/visible';

/** Cc but tab and line feed, marks and overrides of direction, separators of lines, the mark of byte order, tags. */
const DRIVES = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|\ufeff|[\u{e0000}-\u{e007f}]/u;
const each = Array.from({ length: 0x110000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);

test('every code point there is: shown where it drives, itself where it does not', () => {
  const wrong = each.filter((code) => {
    const character = String.fromCodePoint(code);
    return DRIVES.test(character) === (visible(character) === character);
  });
  expect(wrong.map((code) => code.toString(16))).toEqual([]);
});

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u001b', '\u009b', '\u202e', '\n', '\t', '\r', '\u{e0041}', '\\', '"', '\u{1F600}'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

test('property: nothing that drives is left, and JSON says the same as before', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(DRIVES.test(visible(given))).toBe(false);
      expect(visible(visible(given))).toBe(visible(given));
      expect(JSON.parse(visible(JSON.stringify({ given })))).toEqual({ given });
      // lines stay lines
      expect(visible(given).split('\n')).toHaveLength(given.split('\n').length);
    }),
    { numRuns: 1_000 },
  );
});

test('property: one line is one line, and so are many', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), (given) => {
      for (const one of given) {
        expect(oneLine(one)).not.toMatch(/[\n\t]/);
        expect(line(one)).toBe(`${oneLine(one)}\n`);
      }
      expect(lines(given).split('\n')).toHaveLength(given.length + 1);
    }),
  );
});

test.each([
  ['a\u001b[31mb', 'a\\u001b[31mb'],
  ['\u009b2J', '\\u009b2J'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['plain Größe 東京 \u{1F600}', 'plain Größe 東京 \u{1F600}'],
])('%j is shown as %j', (given, shown) => expect(visible(given)).toBe(shown));

test('a line of the log on a terminal is one line, whatever its message and its facts hold', () => {
  const out = Object.assign(new PassThrough(), { isTTY: true });
  const log = createLogger('info', out);
  const evil = 'lost\u001b[2J\nerror BUG: forged\r';
  log.error({ table: evil, list: [evil] }, evil);
  const written = (out.read() as Buffer).toString();
  expect(written.trimEnd().split('\n')).toHaveLength(1);
  expect(DRIVES.test(written)).toBe(false);
  expect(written).toContain('error lost\\u001b[2J\\nerror BUG: forged\\u000d');
});
