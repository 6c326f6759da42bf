/** The layout of rows as their result describes them, and the list that asks for columns or for their stored bytes. */
import type { ColumnFormat, SqlTypeName } from '../../src/model/record-format';
import { computeLayout } from '../../src/record/layout/layout';
import { isCarried, resultFormat } from '../../src/table-rows/result-format';
import { hexable, needsHex, selectList } from '../../src/table-rows/select-list';
import type { ColumnDescriptor } from '../../src/transport/transport';

const column = (type: SqlTypeName, more: Partial<ColumnFormat> = {}): ColumnFormat => ({
  name: 'C',
  type,
  length: 10,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...more,
});
const described = (type: SqlTypeName, more: Partial<ColumnDescriptor> = {}): ColumnDescriptor => ({
  name: 'C',
  type,
  length: 10,
  scale: 0,
  ccsid: null,
  nullable: false,
  ...more,
});
const adopted = (c: ColumnFormat, d: ColumnDescriptor): ColumnFormat =>
  resultFormat({ table: 'L/T', columns: [c] }, [d]).columns[0]!;

test.each<[string, ColumnFormat, ColumnDescriptor]>([
  ['the same', column('CHAR', { ccsid: 37 }), described('CHAR', { ccsid: 37 })],
  ['a CCSID that is not told', column('CHAR', { ccsid: 273 }), described('CHAR')],
  ['a length no type of one size has', column('INTEGER', { length: 4 }), described('INTEGER', { length: 10 })],
  ['a CCSID of a number', column('DECIMAL', { length: 7 }), described('DECIMAL', { length: 7, ccsid: 37 })],
  ['a date in another form', column('DATE', { dateFormat: 'MDY', length: 8 }), described('DATE', { length: 10 })],
  [
    'a BOOLEAN to a client that did not ask for one',
    column('BOOLEAN', { length: 1 }),
    described('SMALLINT', { length: 2 }),
  ],
  [
    'a binary field of DDS with decimals',
    column('INTEGER', { scale: 2, length: 4 }),
    described('DECIMAL', { length: 10, scale: 2 }),
  ],
  [
    'a LOB that says less of its length',
    column('CLOB', { length: 1_000_000, ccsid: 1208 }),
    described('CLOB', { length: 32_000 }),
  ],
])('%s changes nothing, and the format stays the same object', (_, c, d) => {
  const format = { table: 'L/T', columns: [c] };
  expect(resultFormat(format, [d])).toBe(format);
});

test.each<[string, ColumnFormat, ColumnDescriptor, Partial<ColumnFormat>]>([
  [
    'a longer text',
    column('CHAR', { ccsid: 37 }),
    described('CHAR', { length: 20, ccsid: 37 }),
    { length: 20, ccsid: 37 },
  ],
  ['another CCSID', column('CHAR', { ccsid: 37 }), described('CHAR', { ccsid: 1208 }), { ccsid: 1208 }],
  [
    'more digits',
    column('DECIMAL', { length: 7, scale: 0 }),
    described('DECIMAL', { length: 9, scale: 2 }),
    { length: 9, scale: 2 },
  ],
  [
    'another type',
    column('CHAR', { ccsid: 37 }),
    described('INTEGER', { length: 4 }),
    { type: 'INTEGER', length: 4, ccsid: null },
  ],
  [
    'text that became varying',
    column('CHAR', { ccsid: 37 }),
    described('VARCHAR', { length: 40, ccsid: 1208 }),
    { type: 'VARCHAR', length: 40, ccsid: 1208 },
  ],
  [
    'a longer LOB',
    column('CLOB', { length: 100, ccsid: 37 }),
    described('CLOB', { length: 200 }),
    { length: 200, ccsid: 37 },
  ],
  [
    'more digits of a second',
    column('TIMESTAMP', { length: 26, scale: 6 }),
    described('TIMESTAMP', { length: 32, scale: 12 }),
    { scale: 12 },
  ],
  [
    'decimals of an integer',
    column('INTEGER', { length: 4, scale: 2 }),
    described('INTEGER', { length: 4, scale: 0 }),
    { scale: 0 },
  ],
])('%s is what the rows obey', (_, c, d, expected) => {
  expect(adopted(c, d)).toEqual({ ...c, ...expected });
});

test('what a column means and may be stays, and columns nobody describes too', () => {
  const c = column('CHAR', { ccsid: 37, nullable: true, as: { date: 'cyymmdd' } });
  expect(adopted(c, described('CHAR', { length: 7, ccsid: 37 }))).toEqual({ ...c, length: 7 });
  const format = { table: 'L/T', columns: [c, column('INTEGER', { name: 'D' })] };
  expect(resultFormat(format, []).columns).toEqual(format.columns);
});

test.each([
  ['BOOLEAN', 'SMALLINT', 0, true],
  ['BOOLEAN', 'INTEGER', 0, false],
  ['SMALLINT', 'DECIMAL', 2, true],
  ['SMALLINT', 'DECIMAL', 0, false],
  ['BIGINT', 'DECIMAL', 4, true],
  ['DECIMAL', 'DECIMAL', 2, false],
  ['INTEGER', 'NUMERIC', 2, false],
] as const)('%s as %s with %i decimals is carried: %s', (type, as, scale, expected) => {
  expect(isCarried(column(type, { scale }), described(as))).toBe(expected);
});

describe('hex beside a column', () => {
  const field = (c: ColumnFormat) => computeLayout({ table: 'L/T', columns: [c] }).fields[0]!;

  // [type, whether HEX says how it is stored, whether a driver that hands over values needs it]
  test.each<[SqlTypeName, Partial<ColumnFormat>, boolean, boolean]>([
    ['CHAR', { ccsid: 37 }, true, true],
    ['CHAR', { ccsid: 65535 }, true, false],
    ['CHAR', { ccsid: 37, length: 16_000 }, true, true],
    ['CHAR', { ccsid: 37, length: 16_001 }, false, false],
    ['VARCHAR', { ccsid: 37 }, true, true],
    ['VARCHAR', { ccsid: 37, length: 15_999 }, false, false],
    ['GRAPHIC', { ccsid: 1200 }, true, true],
    ['BINARY', {}, true, false],
    ['DECIMAL', { length: 7 }, true, true],
    ['NUMERIC', { length: 7 }, true, true],
    ['INTEGER', {}, true, false],
    ['INTEGER', { scale: 2 }, true, true],
    ['DOUBLE', {}, true, false],
    ['DECFLOAT', { length: 8 }, true, false],
    ['DATE', {}, false, false],
    ['TIME', {}, false, false],
    ['TIMESTAMP', { scale: 6 }, false, false],
    ['BOOLEAN', {}, false, false],
    ['ROWID', { length: 40 }, false, false],
    ['DATALINK', { ccsid: 37 }, false, false],
    ['CLOB', { ccsid: 37 }, false, false],
    ['BLOB', {}, false, false],
  ])('%s %j', (type, more, stored, needed) => {
    const f = field(column(type, more));
    expect([hexable(f), needsHex(f)]).toEqual([stored, needed]);
  });

  test('the list names every column in quotes, and hex by its place', () => {
    const columns = ['ORDNO', 'Odd "name"'].map((name) => column('DECIMAL', { name, length: 7 }));
    const layout = computeLayout({ table: 'L/T', columns });
    const selected = [
      { index: 0, as: 'column' },
      { index: 1, as: 'column' },
      { index: 1, as: 'hex' },
    ] as const;
    expect(selectList(layout, selected, '')).toBe('"ORDNO", "Odd ""name""", HEX("Odd ""name""") AS "HEX of field 2"');
    expect(selectList(layout, selected.slice(0, 1), 'T.')).toBe('T."ORDNO"');
    expect(selectList(layout, [], '')).toBe('');
  });
});
