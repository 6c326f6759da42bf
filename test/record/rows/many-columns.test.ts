/** Whole records: more columns than one generated function takes, maps of nulls, dispositions, sinks that grow, and the explained image. */
import type { ColumnFormat } from '../../../src/model/record-format';
import { explainImage } from '../../../src/record/explain';
import type { FieldPolicy } from '../../../src/record/field-errors';
import { compileJsonPlan } from '../../../src/record/plan/json-plan';
import { compileRowReader } from '../../../src/record/rows/row-reader';
import { JsonSink } from '../../../src/record/write/json-sink';
import { ebcdic, field, format, hex } from '../support/fields';
import { packed } from '../support/naive';

const named = (name: string, column: ColumnFormat): ColumnFormat => ({ ...column, name });

test.each([1, 2, 11, 12, 13, 24, 25, 100, 500])('%i columns, each with its own value', (count) => {
  const columns = Array.from({ length: count }, (_, i) => named(`C${i}`, field('DECIMAL', { length: 5 })));
  const image = Buffer.concat(columns.map((_, i) => packed(String(i).padStart(5, '0'), 'f')));
  const plan = compileJsonPlan(format(...columns));
  const sink = new JsonSink(4);
  plan.write(image, 0, null, sink);
  const row = JSON.parse(sink.since(0).toString()) as Record<string, string>;
  expect(Object.keys(row)).toEqual(columns.map((c) => c.name));
  expect(Object.values(row)).toEqual(columns.map((_, i) => String(i)));
  // every other one null, then every third one not recorded
  const half = columns.map((_, i) => (i % 2 === 0 ? '1' : '0')).join('');
  const third = columns.map((_, i) => (i % 3 === 0 ? '9' : '0')).join('');
  sink.rewind();
  plan.write(image, 0, Buffer.from(half), sink);
  expect(Object.values(JSON.parse(sink.since(0).toString()) as object)).toEqual(
    columns.map((_, i) => (i % 2 === 0 ? null : String(i))),
  );
  sink.rewind();
  plan.write(image, 0, Buffer.from(third), sink);
  expect(Object.keys(JSON.parse(sink.since(0).toString()) as object)).toEqual(
    columns.filter((_, i) => i % 3 !== 0).map((c) => c.name),
  );
  expect(plan.notRecorded).toBe(Math.ceil(count / 3));
});

test.each([
  ['EBCDIC digits', [0xf0, 0xf1, 0xf9]],
  ['ASCII digits', [0x30, 0x31, 0x39]],
])('a map of %s', (_, marks) => {
  const columns = ['A', 'B', 'C'].map((name) => named(name, field('CHAR', { length: 1, ccsid: 37 })));
  const plan = compileJsonPlan(format(...columns));
  const sink = new JsonSink();
  plan.write(ebcdic('XYZ'), 0, Buffer.from(marks), sink);
  expect(sink.since(0).toString()).toBe('{"A":"X","B":null}');
});

test('no output at all is an empty object, and so is one whose columns are not recorded', () => {
  const columns = [named('A', field('CHAR', { length: 1, ccsid: 37 }))];
  const sink = new JsonSink(1);
  compileJsonPlan(format(...columns), []).write(ebcdic('X'), 0, null, sink);
  compileJsonPlan(format(...columns)).write(ebcdic('X'), 0, Buffer.from('9'), sink);
  expect(sink.since(0).toString()).toBe('{}{}');
});

describe('an image that does not fit', () => {
  const columns = ['A', 'B'].map((name) => named(name, field('SMALLINT')));

  test.each([
    ['too short', 3, null, 'LAYOUT_IMAGE'],
    ['too long', 5, null, 'LAYOUT_IMAGE'],
    ['empty', 0, null, 'LAYOUT_IMAGE'],
    ['a map too short', 4, '0', 'LAYOUT_NULLS'],
    ['a map too long', 4, '000', 'LAYOUT_NULLS'],
  ])('%s: nothing is written', (_, length, map, code) => {
    const sink = new JsonSink();
    sink.text('[');
    const nulls = map === null ? null : Buffer.from(map);
    const expected = expect.objectContaining({
      code,
      family: 'decode',
      facts: expect.objectContaining({ table: 'LIB/FILE' }),
    });
    expect(() => compileJsonPlan(format(...columns)).write(Buffer.alloc(length), 0, nulls, sink)).toThrow(expected);
    expect(sink.since(0).toString()).toBe('[');
    expect(() => compileRowReader(format(...columns), [{ column: 'A' }]).read(Buffer.alloc(length), 0, nulls)).toThrow(
      expected,
    );
  });

  test('a blank map may have any length', () => {
    const sink = new JsonSink();
    for (const map of ['', ' ', '       '])
      compileJsonPlan(format(...columns)).write(Buffer.alloc(4), 0, Buffer.from(map), sink);
    expect(sink.since(0).toString()).toBe('{"A":0,"B":0}'.repeat(3));
  });
});

describe('what is to be done with a row', () => {
  const columns = ['A', 'B', 'C'].map((name) => named(name, field('DECIMAL', { length: 1 })));
  const told = (policies: FieldPolicy[], image: string): [string, number] => {
    const plan = compileJsonPlan(
      format(...columns),
      columns.map((c, i) => ({ column: c.name, name: c.name, onError: policies[i]! })),
    );
    const reader = compileRowReader(
      format(...columns),
      columns.map((c, i) => ({ column: c.name, onError: policies[i]! })),
    );
    const count = plan.write(hex(image), 0, null, new JsonSink());
    reader.read(hex(image), 0, null);
    expect(reader.errors.disposition).toBe(plan.errors.disposition);
    expect(reader.errors.count).toBe(count);
    return [plan.errors.disposition, count];
  };

  test.each<[FieldPolicy[], string, [string, number]]>([
    [['stop', 'stop', 'stop'], '1f2f3f', ['emit', 0]],
    [['null', 'raw', 'replace'], '404040', ['emit', 3]],
    [['quarantine-row', 'null', 'null'], '402f3f', ['quarantine', 1]],
    [['quarantine-row', 'null', 'null'], '1f4040', ['emit', 2]],
    [['null', 'stop', 'quarantine-row'], '404040', ['stop', 3]],
    [['quarantine-row', 'stop', 'null'], '404040', ['stop', 3]],
    [['quarantine-row', 'stop', 'null'], '402f40', ['quarantine', 2]],
  ])('%j of %s', (policies, image, expected) => {
    expect(told(policies, image)).toEqual(expected);
  });

  test('the next row begins anew', () => {
    const plan = compileJsonPlan(format(...columns), [{ column: 'A', name: 'A', onError: 'stop' }]);
    plan.write(hex('402f3f'), 0, null, new JsonSink());
    expect(plan.errors.disposition).toBe('stop');
    plan.write(hex('1f2f3f'), 0, null, new JsonSink());
    expect([plan.errors.disposition, plan.errors.count]).toEqual(['emit', 0]);
  });
});

test('the raw bytes of one error are bounded', () => {
  const column = field('CHAR', { length: 10000, ccsid: 1208 });
  const plan = compileJsonPlan(format(column));
  const image = Buffer.alloc(10000, 0xff);
  plan.write(image, 0, null, new JsonSink());
  expect(plan.errors.list(image)).toEqual([{ column: 'F', code: 'TEXT_UNDEFINED', raw: 'ff'.repeat(4096) }]);
});

describe('the sink', () => {
  test('text and bytes behind each other, across every growth', () => {
    const sink = new JsonSink(1);
    let expected = '';
    for (let i = 0; i < 200; i++) {
      const piece = ['é', '{"a":1}', '中'.repeat(i)][i % 3]!;
      if (i % 2 === 0) sink.text(piece);
      else sink.raw(Buffer.from(piece));
      expected += piece;
    }
    expect(sink.since(0).toString()).toBe(expected);
    const from = sink.at;
    sink.text('tail');
    expect(sink.since(from).toString()).toBe('tail');
    sink.rewind();
    sink.text('x');
    expect(sink.since(0).toString()).toBe('x');
  });

  test('images before and after take turns, and a third one', () => {
    const sink = new JsonSink();
    const [a, b, c] = [hex('00000001'), hex('00000002'), hex('00000003')];
    const asked = [a, b, a, b, c, a, c, b].map((image) => sink.passFor(image!).words.getInt32(0));
    expect(asked).toEqual([1, 2, 1, 2, 3, 1, 3, 2]);
    expect(sink.passFor(a!).words).toBe(sink.passFor(a!).words);
    // a view of the middle of a buffer counts from its own beginning
    expect(sink.passFor(Buffer.concat([a!, b!]).subarray(4)).words.getInt32(0)).toBe(2);
  });
});

describe('an image explained', () => {
  const columns = [
    named('ORDNO', field('DECIMAL', { length: 7 })),
    named('PRICE', field('DECIMAL', { length: 7, scale: 2 })),
    named('NOTE', field('CHAR', { length: 100, ccsid: 37 })),
    named('GONE', field('SMALLINT')),
    named('NIL', field('SMALLINT')),
  ];
  const image = Buffer.concat([hex('0100245f 40404040'), Buffer.alloc(100, 0xc1), hex('0001 0002')]);
  const rows = explainImage(compileJsonPlan(format(...columns)), image, Buffer.from('00091'));

  test('shows each field with its place, its bytes and its value', () => {
    expect(rows).toEqual([
      { column: 'ORDNO', type: 'DECIMAL(7)', offset: 0, width: 4, hex: '0100245f', value: '"100245"', error: null },
      {
        column: 'PRICE',
        type: 'DECIMAL(7,2)',
        offset: 4,
        width: 4,
        hex: '40404040',
        value: 'null',
        error: 'PACKED_SIGN',
      },
      {
        column: 'NOTE',
        type: 'CHAR(100)',
        offset: 8,
        width: 100,
        hex: `${'c1'.repeat(64)}...`,
        value: `"${'A'.repeat(79)}...`,
        error: null,
      },
      { column: 'GONE', type: 'SMALLINT(0)', offset: 108, width: 2, hex: '0001', value: 'not recorded', error: null },
      { column: 'NIL', type: 'SMALLINT(0)', offset: 110, width: 2, hex: '0002', value: 'null', error: null },
    ]);
  });
});
