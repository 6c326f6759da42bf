/** Files of mapping tests: every mistake at its place, all of them at once; what is read of the others; and what makes two events differ. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareEvents } from '../../src/mapping-test/compare';
import { readTests as readFile } from '../../src/mapping-test/read';
import { draft } from '../deliver/support/drafts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-tests-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readTests(yaml: string) {
  const file = join(folder, 't.yaml');
  writeFileSync(file, yaml);
  return readFile(file);
}

const CASE = 'table: L/T, after: { A: 1 }, expect: []';

function faultsOf(yaml: string): string[] {
  try {
    readTests(yaml);
    return [];
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(code).toBe('TEST_FILE');
    return message
      .replaceAll(`${folder}/`, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('t.yaml:'));
  }
}

test('the frame of these tests is without a mistake', () => {
  expect(faultsOf(`- { ${CASE} }\n`)).toEqual([]);
});

test.each<[name: string, yaml: string, faults: string[]]>([
  ['no list', 'name: x', ['t.yaml:1:1: expected a list of cases, each with name, table, op and expect']],
  ['a case that is none', '- just text', ['t.yaml:1:3: expected a case: name, table, op, before, after, expect']],
  [
    'a member that is none',
    `- { ${CASE}, expct: [] }`,
    [expect.stringMatching(/^t\.yaml:1:\d+: a case has no member expct; it may have name, /)],
  ],
  [
    'an operation that is none',
    `- { op: upsert, ${CASE} }`,
    ['t.yaml:1:9: op is "upsert"; expected insert, update, delete, read'],
  ],
  ['no table', '- { after: { A: 1 }, expect: [] }', ['t.yaml:1:3: table is missing; expected LIB/FILE']],
  [
    'nothing expected',
    '- { table: L/T, after: { A: 1 } }',
    ['t.yaml:1:3: expect is missing; [] where no event is expected'],
  ],
  [
    'a delete with an after',
    '- { table: L/T, op: delete, before: { A: 1 }, after: { A: 1 }, expect: [] }',
    [expect.stringContaining('a delete has no after; its row is before')],
  ],
  [
    'a delete of nothing',
    '- { table: L/T, op: delete, expect: [] }',
    ['t.yaml:1:3: before or image is missing: the row that is deleted'],
  ],
  [
    'an insert of nothing',
    '- { table: L/T, expect: [] }',
    ['t.yaml:1:3: after or image is missing: the row as it is then'],
  ],
  ['an insert with a before', `- { before: { A: 1 }, ${CASE} }`, [expect.stringContaining('insert has no before')]],
  [
    'image beside columns',
    `- { image: "F1", ${CASE} }`,
    [expect.stringContaining('image and columns say the same; give one of them')],
  ],
  [
    'half a byte',
    '- { table: L/T, image: F1F, expect: [] }',
    [
      expect.stringContaining('image: expected pairs of hex digits'),
      expect.stringContaining('after or image is missing'),
    ],
  ],
  [
    'a row that is a list',
    '- { table: L/T, after: [1], expect: [] }',
    [
      expect.stringContaining('after: expected columns with their values'),
      expect.stringContaining('after or image is missing'),
    ],
  ],
  [
    'a column with a list',
    '- { table: L/T, after: { A: [1] }, expect: [] }',
    ['t.yaml:1:29: after: expected a value of a column'],
  ],
  ['a name that is a list', `- { name: [x], ${CASE} }`, [expect.stringContaining('name: expected text')]],
  [
    'expect that is no list',
    '- { table: L/T, after: { A: 1 }, expect: order.created }',
    [expect.stringContaining('expect: expected a list of events')],
  ],
  [
    'an event that is a text',
    '- { table: L/T, after: { A: 1 }, expect: [order.created] }',
    [expect.stringContaining('expect: expected an event, such as')],
  ],
  [
    'an event without a type',
    '- { table: L/T, after: { A: 1 }, expect: [{ after: { a: 1 } }] }',
    [expect.stringContaining('expect: type is missing, such as order.created')],
  ],
  [
    'destinations that are no list',
    '- { table: L/T, after: { A: 1 }, expect: [{ type: x, to: crm }] }',
    [expect.stringContaining('to: expected a list of destinations, such as [crm]')],
  ],
  [
    'exactly that is neither',
    '- { table: L/T, after: { A: 1 }, expect: [{ type: x, exactly: maybe }] }',
    [expect.stringContaining('exactly: expected true or false')],
  ],
  [
    'an entry with a member that is none',
    `- { entry: { usr: BOB }, ${CASE} }`,
    [expect.stringContaining('entry has no member usr; it may have timestamp, user, job, program')],
  ],
  [
    'an entry that is a text',
    `- { entry: BOB, ${CASE} }`,
    [expect.stringContaining('entry: expected timestamp, user, job, program')],
  ],
  [
    'lookups that are a list',
    `- { lookups: [1], ${CASE} }`,
    [expect.stringContaining('lookups: expected names with their answers')],
  ],
  [
    'a lookup without answers',
    `- { lookups: { status: open }, ${CASE} }`,
    [expect.stringContaining('lookups: expected names with their answers')],
  ],
])('%s', (_, yaml, faults) => expect(faultsOf(`${yaml}\n`)).toEqual(faults));

test('all mistakes of a file at once, in its order', () => {
  const found = faultsOf(`- { op: x, ${CASE} }\n- { ${CASE} }\n- table: L/T\n  expect: []\n- 7\n`);
  expect(found.map((f) => f.slice(0, 9))).toEqual(['t.yaml:1:', 't.yaml:3:', 't.yaml:5:']);
});

test('scalars are what is written: leading zeros, twenty digits, words of YAML, bytes and nulls', () => {
  const [found] = readTests(
    `- table: L/T
  op: update
  before: { A: 007, B: 12345678901234567890, C: NO, D: "null", E: null, F: X'00ff', G: 1.50, H: , I: true }
  after: { A: 0o17 }
  expect: []
`,
  );
  expect(found!.before).toEqual({
    ...{ A: '007', B: '12345678901234567890', C: 'NO', D: 'null', E: null, F: { hex: '00ff' }, G: '1.50', H: null },
    I: 'true',
  });
  expect(found).toMatchObject({ name: 'update of L/T', line: 1, after: { A: '0o17' }, quarantine: null, entry: {} });
});

test('an alias stands for what it refers to', () => {
  const tests = readTests(
    `- { table: L/T, after: &row { A: "1" }, expect: [] }
- { table: L/T, op: update, before: *row, after: { A: "2" }, expect: [] }
`,
  );
  expect(tests[1]!.before).toEqual({ A: '1' });
});

describe('two events differ', () => {
  const event = (data: string, given = {}) =>
    draft(1, {
      type: 'order.created',
      destinations: ['crm', 'lake'],
      body: Buffer.from(`{"subject":"7","data":${data}}`),
      ...given,
    });
  const expected = (text: string) => readTests(`- { ${CASE.replace('expect: []', `expect: [${text}]`)} }\n`)[0]!.expect;

  test.each<[name: string, want: string, data: string, differences: string[]]>([
    ['as expected', '{ type: order.created, after: { a: "1" } }', '{"after":{"a":"1","b":"2"}}', []],
    ['another type', '{ type: order.updated }', '{}', ['event 1: type: order.updated / order.created']],
    [
      'another value',
      '{ type: order.created, after: { a: "1" } }',
      '{"after":{"a":"2"}}',
      ['event 1: after.a: "1" / "2"'],
    ],
    [
      'a member that is not there',
      '{ type: order.created, after: { a: "1" } }',
      '{"after":{}}',
      ['event 1: after.a: "1" / nothing'],
    ],
    [
      'one too many, exactly',
      '{ type: order.created, exactly: true, after: { a: "1" } }',
      '{"after":{"a":"1","b":2}}',
      ['event 1: after.b: no such member / 2'],
    ],
    ['outside of data', '{ type: order.created, subject: "7" }', '{}', []],
    ['another subject', '{ type: order.created, subject: "8" }', '{}', ['event 1: subject: "8" / "7"']],
    ['other destinations', '{ type: order.created, to: [crm] }', '{}', ['event 1: to: crm / crm, lake']],
    ['the same destinations in another order', '{ type: order.created, to: [lake, crm] }', '{}', []],
    [
      'a list, shorter',
      '{ type: order.created, changed: [a, b] }',
      '{"changed":["a"]}',
      ['event 1: changed: ["a","b"] / ["a"]'],
    ],
    [
      'a list, another',
      '{ type: order.created, changed: [a] }',
      '{"changed":["b"]}',
      ['event 1: changed[0]: "a" / "b"'],
    ],
    [
      'a text where an object is expected',
      '{ type: order.created, after: { a: { b: c } } }',
      '{"after":{"a":"x"}}',
      ['event 1: after.a: {"b":"c"} / "x"'],
    ],
    ['null is null', '{ type: order.created, before: null }', '{"before":null}', []],
    ['null is not nothing', '{ type: order.created, before: null }', '{}', ['event 1: before: null / nothing']],
    ['a number as a number', '{ type: order.created, after: { a: 12.30 } }', '{"after":{"a":12.3}}', []],
    ['a number as a decimal', '{ type: order.created, after: { a: 12.30 } }', '{"after":{"a":"12.30"}}', []],
    [
      'a number as another decimal',
      '{ type: order.created, after: { a: 12.30 } }',
      '{"after":{"a":"12.3"}}',
      ['event 1: after.a: 12.30 / "12.3"'],
    ],
    [
      'a number of twenty digits',
      '{ type: order.created, after: { a: 12345678901234567890 } }',
      '{"after":{"a":12345678901234567890}}',
      [],
    ],
    [
      'a number that differs in its last digit, where floats are equal',
      '{ type: order.created, after: { a: 9007199254740993 } }',
      '{"after":{"a":9007199254740992}}',
      ['event 1: after.a: 9007199254740993 / 9007199254740992'],
    ],
    [
      'a text is no number',
      '{ type: order.created, after: { a: "1" } }',
      '{"after":{"a":1}}',
      ['event 1: after.a: "1" / 1'],
    ],
  ])('%s', (_, want, data, differences) => {
    const found = compareEvents(expected(want), [event(data)]);
    expect(found.map((d) => `${d.at}: ${d.expected} / ${d.saw}`)).toEqual(differences);
  });

  test('one too few, and one too many', () => {
    expect(compareEvents(expected('{ type: order.created }'), [])).toEqual([
      { at: 'event 1', expected: 'order.created', saw: 'no such event' },
    ]);
    expect(compareEvents([], [event('{"key":{"a":1},"after":{"a":12.30}}')])).toEqual([
      { at: 'event 1', expected: 'no more events', saw: 'order.created {"a":12.30}' },
    ]);
  });

  test('members stand in the payload of Debezium, and at the top of a plain body', () => {
    const plain = event('', { body: Buffer.from('{"after":{"a":"1"}}') });
    const debezium = event('', { body: Buffer.from('{"payload":{"after":{"a":"1"}}}') });
    for (const one of [plain, debezium])
      expect(compareEvents(expected('{ type: order.created, after: { a: "1" } }'), [one])).toEqual([]);
  });
});
