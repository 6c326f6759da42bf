/**
 * No row ends the daemon: whatever an expression is made of and whatever stands in its columns, evaluation ends soon, in
 * little memory, with a value, a null, or the entry set aside.
 */
import fc from 'fast-check';
import { encodePacked } from '../../src/bytes/packed';
import { checkText } from '../../src/config/load';
import type { Mapper } from '../../src/map/mapper';
import { checkMapping } from '../../src/map/plan/check';
import type { RowSource } from '../../src/model/change';
import type { MapOutcome } from '../../src/model/event';
import type { RecordFormat } from '../../src/model/record-format';
import { bodyOf, change, column, mapperFor } from './support';

const FORMAT: RecordFormat = {
  table: 'ORDLIB/PILL',
  columns: [
    column('ID', 'INTEGER', 4),
    column('TXT', 'VARCHAR', 32_000, { ccsid: 1208 }),
    column('OTHER', 'VARCHAR', 32_000, { ccsid: 1208 }),
    column('NUM', 'DECIMAL', 63, { scale: 20 }),
    column('DEC', 'DECFLOAT', 16),
  ],
};

interface Pill {
  readonly txt: string;
  readonly other: string;
  readonly num: string;
  /** The sixteen bytes of the field. */
  readonly dec: Buffer;
}

const ROW: Pill = { txt: '1', other: '1', num: '1.00', dec: Buffer.from('22080000000000000000000000000001', 'hex') };
/** 1E+6111: the largest exponent with one digit. */
const LARGE = Buffer.from('43ffc000000000000000000000000001', 'hex');
const NAN = Buffer.from('7c000000000000000000000000000000', 'hex');

function imageOf({ txt, other, num, dec }: Pill): RowSource {
  const varying = (text: string): Buffer => {
    const out = Buffer.alloc(2 + 32_000);
    out.writeUInt16BE(out.write(text, 2, 'utf8'));
    return out;
  };
  const bytes = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    varying(txt),
    varying(other),
    encodePacked(num, 63, 20),
    dec,
  ]);
  return { is: 'image', image: { bytes, offset: 0, length: bytes.length, nulls: null } };
}

function mapperOf(expressions: Record<string, string>, when?: string): Mapper {
  const rule = { event: 'pill', key: ['ID'], expressions, columns: { ID: 'id' }, ...(when ? { when } : {}) };
  return mapperFor(`\n  ORDLIB/PILL: ${JSON.stringify(rule)}`, { formats: [FORMAT] });
}

function mapped(mapper: Mapper, pill: Pill): MapOutcome {
  mapper.beginUnit();
  return mapper.map(change({ table: { library: 'ORDLIB', name: 'PILL' }, after: imageOf(pill) }));
}

function resultOf(expression: string, pill: Partial<Pill>): unknown {
  const outcome = mapped(mapperOf({ x: expression }), { ...ROW, ...pill });
  if (outcome.is !== 'mapped') return outcome.is === 'quarantined' ? outcome.code : outcome.is;
  return (bodyOf(outcome.events[0]!).data.after as { x: unknown }).x;
}

test.each<[string, Partial<Pill>, unknown]>([
  ['TXT * 2', { txt: '1e999999999' }, null],
  ['TXT % 7', { txt: '1e999999999' }, null],
  ['round(TXT, 2)', { txt: '1e999999999' }, null],
  ['floor(TXT)', { txt: '1e999999999' }, null],
  ['-TXT', { txt: '1e999999999' }, null],
  ['TXT + 1', { txt: '1e999999999' }, null],
  ['number(TXT)', { txt: '1e5000000' }, null],
  ['number(TXT)', { txt: '1e-2000000' }, null],
  ['TXT + 1', { txt: '1e-2000000' }, null],
  ['TXT = 1', { txt: '1e-999999999' }, false],
  ['number(TXT)', { txt: '9'.repeat(501) }, null],
  ['number(TXT)', { txt: '9'.repeat(500) }, '9'.repeat(500)],
  ['TXT * TXT', { txt: '9'.repeat(300) }, null],
  ['1 + TXT', { txt: '1e600' }, null],
  ['1 + TXT', { txt: '1e400' }, `1${'0'.repeat(399)}1`],
  ['TXT / 3', { txt: '1e600' }, null],
  ['TXT % 7', { txt: '1e600' }, null],
  ['DEC * 10 > 1', { dec: LARGE }, true],
  ['text(DEC)', { dec: LARGE }, `1${'0'.repeat(6111)}`],
  ['DEC + 1', { dec: LARGE }, null],
  ['DEC + 1', { dec: NAN }, null],
  ["substr('abc', 1, TXT)", { txt: '1e6000' }, 'abc'],
  ["left('abc', TXT)", { txt: '-1e6000' }, ''],
  ['length(padLeft(TXT, 1000000))', { txt: 'a' }, '65536'],
  ["length(replace(TXT, 'a', TXT))", { txt: 'a'.repeat(32_000) }, '65536'],
  ['length(concat(TXT, TXT, TXT, OTHER))', { txt: 'a'.repeat(32_000), other: 'b' }, '65536'],
  ['length(upper(concat(TXT, TXT)))', { txt: 'ﬃ'.repeat(10_000) }, '60000'],
])('%s over %j', (expression, pill, expected) => {
  const started = performance.now();
  expect(resultOf(expression, pill)).toBe(expected);
  expect(performance.now() - started).toBeLessThan(500);
});

test('an expression that would take too long over a row sets the row aside, in a filter too', () => {
  const hard = Array.from({ length: 400 }, () => "replace(TXT, 'a', OTHER) > 0").join(' or ');
  const pill = { ...ROW, txt: 'a'.repeat(32_000), other: 'b' };
  for (const mapper of [mapperOf({ x: hard }), mapperOf({}, hard)]) {
    expect(mapped(mapper, pill)).toMatchObject({ is: 'quarantined', code: 'EXPRESSION_EFFORT', column: null });
    expect(mapped(mapper, ROW).is).not.toBe('quarantined');
    expect(mapped(mapper, pill)).toMatchObject({ is: 'quarantined', code: 'EXPRESSION_EFFORT' });
  }
});

function checked(when: string): string[] {
  const yaml = `version: 1
partition: { name: P, host: h, user: u, password: p, tls: off }
destinations: { out: { stdout: {} } }
tables:
  ORDLIB/PILL: ${JSON.stringify({ event: 'pill', key: ['ID'], when })}
`;
  const { issues } = checkText(yaml, 'c.yaml', '/c.yaml', { env: {}, checkMapping });
  return issues.filter((i) => i.severity === 'error').map((i) => `${i.seen} ${i.expected}`);
}

test.each<[string, string]>([
  ['10,000 or', Array.from({ length: 10_000 }, (_, i) => `TXT = '${i}'`).join(' or ')],
  ['10,000 and', Array.from({ length: 10_000 }, (_, i) => `TXT != '${i}'`).join(' and ')],
  ['200,000 not', `${'not '.repeat(200_000)}TXT = 'a'`],
  ['20,000 +', `1${' + 1'.repeat(20_000)} > 0`],
  ['20,000 *', `NUM${' * 1'.repeat(20_000)} > 0`],
  ['20,000 in a list', `TXT in (${Array.from({ length: 20_000 }, (_, i) => i).join()})`],
])('%s terms are read and evaluated', (_what, when) => {
  expect(checked(when)).toEqual([]);
  expect(['mapped', 'filtered', 'quarantined']).toContain(mapped(mapperOf({}, when), ROW).is);
});

test.each<[string, string]>([
  ['parentheses', `${'('.repeat(200_000)}1${')'.repeat(200_000)} = 1`],
  ['choices', `${'ID = 1 ? 1 : '.repeat(20_000)}2`],
  ['calls', `${'abs('.repeat(100_000)}1${')'.repeat(100_000)} > 0`],
  ['length', `TXT = '${'a'.repeat(1_000_001)}'`],
])('too many %s are told as a mistake in the configuration', (_what, when) => {
  expect(checked(when)).toHaveLength(1);
});

const hostileText = fc.oneof(
  fc.constantFrom(
    '1e999999999',
    '-1e999999999',
    '1e-999999999',
    '1e6144',
    '9.99e6176',
    '1e-6176',
    'NaN',
    'Infinity',
    '-Infinity',
    '',
    ' ',
    '0x10',
    '1e',
    '+',
    '.',
    '1.',
    '-0',
    '1'.repeat(32_000),
    `0.${'0'.repeat(31_000)}1`,
    'a'.repeat(32_000),
    ' '.repeat(32_000),
    '\u{1F600}'.repeat(8_000),
    'ﬃ'.repeat(10_000),
    'ß'.repeat(16_000),
    '9'.repeat(500),
    `1e${'9'.repeat(400)}`,
  ),
  fc.string(),
  fc.bigInt().map(String),
  fc.tuple(fc.bigInt(), fc.integer({ min: -7000, max: 7000 })).map(([d, e]) => `${d}e${e}`),
);
const numbers = fc.oneof(
  fc.constantFrom('0', '1', '-1', `${'9'.repeat(43)}.${'9'.repeat(20)}`),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
);
const pills = fc.record({
  txt: hostileText,
  other: hostileText,
  num: numbers,
  dec: fc.oneof(
    fc.constantFrom(LARGE, NAN),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b)),
  ),
});

/** Every production of the grammar. */
const expressions = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    'TXT',
    'OTHER',
    'NUM',
    'DEC',
    'ID',
    'op',
    'meta.rrn',
    "'a'",
    "''",
    '0',
    '7',
    '1000000',
    '0.001',
    'null',
    'true',
  ),
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('any'), fc.constantFrom('+', '-', '*', '/', '%'), tie('any')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(tie('any'), fc.constantFrom('=', '!=', '<', '>=', 'and', 'or'), tie('any'))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    fc
      .tuple(
        fc.constantFrom('abs', 'floor', 'ceil', 'number', 'text', 'upper', 'lower', 'trim', 'length', 'round'),
        tie('any'),
      )
      .map(([f, a]) => `${f}(${a})`),
    fc
      .tuple(
        fc.constantFrom('left', 'right', 'substr', 'padLeft', 'round', 'contains', 'startsWith', 'endsWith'),
        tie('any'),
        tie('any'),
      )
      .map(([f, a, b]) => `${f}(${a}, ${b})`),
    fc
      .tuple(fc.constantFrom('replace', 'padLeft', 'substr', 'if'), tie('any'), tie('any'), tie('any'))
      .map(([f, a, b, c]) => `${f}(${a}, ${b}, ${c})`),
    fc
      .tuple(fc.constantFrom('min', 'max', 'coalesce', 'concat'), fc.array(tie('any'), { minLength: 1, maxLength: 6 }))
      .map(([f, a]) => `${f}(${a.join(', ')})`),
    tie('any').map((a) => `(-${a})`),
    tie('any').map((a) => `(not ${a})`),
    fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc
      .tuple(tie('any'), fc.array(tie('any'), { minLength: 1, maxLength: 4 }))
      .map(([a, l]) => `(${a} in (${l.join(', ')}))`),
  ),
})).any;

test('any expression over any row ends soon with a value, a null or the row set aside', () => {
  let slowest = 0;
  fc.assert(
    fc.property(expressions, pills, (text, pill) => {
      const mapper = mapperOf({ x: text });
      mapped(mapper, ROW);
      const started = performance.now();
      const outcome = mapped(mapper, pill);
      let spent = performance.now() - started;
      // a busy machine may pause anybody once
      for (let i = 0; i < 3 && spent > 50; i++) {
        const again = performance.now();
        mapped(mapper, pill);
        spent = Math.min(spent, performance.now() - again);
      }
      slowest = Math.max(slowest, spent);
      expect(spent).toBeLessThan(50);
      if (outcome.is === 'mapped') JSON.parse(outcome.events[0]!.body.toString('utf8'));
      else expect(outcome).toMatchObject({ is: 'quarantined', code: 'EXPRESSION_EFFORT' });
    }),
    { numRuns: 500 },
  );
});
