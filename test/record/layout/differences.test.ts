/** What an ALTER made of a format, and what makes two formats the same one. */
import type { ColumnFormat } from '../../../src/model/record-format';
import { formatDifference } from '../../../src/record/layout/format-difference';
import { formatId } from '../../../src/record/layout/format-history';
import { tableRowFormat } from '../../../src/record/rows/row-format';
import { field, format } from '../support/fields';

const named = (name: string, more: Partial<ColumnFormat> = {}): ColumnFormat =>
  field('CHAR', { name, length: 5, ccsid: 37, ...more });
const words = { type: 'CHAR', length: 5, scale: 0, ccsid: 37, nullable: false };

test.each([
  ['nothing', [named('A')], [named('A')], { added: [], removed: [], changed: [] }],
  [
    'a column more',
    [named('A')],
    [named('A'), named('B')],
    { added: [{ name: 'B', ...words }], removed: [], changed: [] },
  ],
  [
    'a column less',
    [named('A'), named('B')],
    [named('B')],
    { added: [], removed: [{ name: 'A', ...words }], changed: [] },
  ],
  [
    'a new name',
    [named('A')],
    [named('Z')],
    { added: [{ name: 'Z', ...words }], removed: [{ name: 'A', ...words }], changed: [] },
  ],
  [
    'longer',
    [named('A')],
    [named('A', { length: 9 })],
    { added: [], removed: [], changed: [{ name: 'A', was: words, is: { ...words, length: 9 } }] },
  ],
  [
    'may be null',
    [named('A')],
    [named('A', { nullable: true })],
    { added: [], removed: [], changed: [{ name: 'A', was: words, is: { ...words, nullable: true } }] },
  ],
  [
    'another type and another page',
    [named('A'), named('B')],
    [named('A', { type: 'VARCHAR' }), named('B', { ccsid: 1208 })],
    {
      added: [],
      removed: [],
      changed: [
        { name: 'A', was: words, is: { ...words, type: 'VARCHAR' } },
        { name: 'B', was: words, is: { ...words, ccsid: 1208 } },
      ],
    },
  ],
])('%s', (_, was, is, expected) => {
  expect(formatDifference(format(...was), format(...is))).toEqual(expected);
});

describe('the id of a format', () => {
  const base = named('A');
  test.each<[string, ColumnFormat]>([
    ['name', { ...base, name: 'B' }],
    ['type', { ...base, type: 'VARCHAR' }],
    ['length', { ...base, length: 6 }],
    ['scale', { ...base, scale: 1 }],
    ['CCSID', { ...base, ccsid: 273 }],
    ['nullability', { ...base, nullable: true }],
    ['date format', { ...base, dateFormat: 'MDY' }],
    ['date separator', { ...base, dateSeparator: '.' }],
    ['time format', { ...base, timeFormat: 'HMS' }],
    ['time separator', { ...base, timeSeparator: '.' }],
    ['meaning', { ...base, as: { date: 'cyymmdd' } }],
  ])('is another with another %s', (_, column) => {
    expect(formatId(format(column))).not.toBe(formatId(format(base)));
    expect(formatId(format(column))).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is the same whatever was left out, and another for another file or order', () => {
    const full = { ...base, dateFormat: null, dateSeparator: null, timeFormat: null, timeSeparator: null, as: null };
    expect(formatId(format(full))).toBe(formatId(format(base)));
    expect(formatId({ ...format(base), table: 'LIB/OTHER' })).not.toBe(formatId(format(base)));
    expect(formatId(format(named('A'), named('B')))).not.toBe(formatId(format(named('B'), named('A'))));
  });
});

test('a row read by SQL has its dates and times in *ISO, and is otherwise the file', () => {
  const same = format(named('A'), field('DATE', { name: 'D' }), field('TIME', { name: 'T', timeFormat: 'ISO' }));
  expect(tableRowFormat(same)).toBe(same);
  const other = format(
    named('A'),
    field('DATE', { name: 'D', length: 8, dateFormat: 'MDY' }),
    field('DATE', { name: 'E', length: 10, dateFormat: 'ISO', dateSeparator: '.' }),
    field('TIME', { name: 'T', length: 6, timeFormat: 'HMS', timeSeparator: '' }),
    field('TIME', { name: 'U', length: 8, timeSeparator: ':' }),
    field('TIMESTAMP', { name: 'TS', scale: 6 }),
  );
  const iso = { dateFormat: 'ISO', dateSeparator: null, length: 10 };
  const isoTime = { timeFormat: 'ISO', timeSeparator: null, length: 8 };
  const row = tableRowFormat(other);
  expect(row.table).toBe('LIB/FILE');
  expect(row.columns).toEqual(
    other.columns.map((c) => (c.type === 'DATE' ? { ...c, ...iso } : c.type === 'TIME' ? { ...c, ...isoTime } : c)),
  );
});
