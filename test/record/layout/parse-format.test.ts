/** A record format given as JSON: what may be left out, what is refused, and where the refusal points. */
import type { ColumnFormat } from '../../../src/model/record-format';
import { parseFormat } from '../../../src/record/layout/parse-format';

const one = (column: Record<string, unknown>): ColumnFormat =>
  parseFormat({ table: 'LIB/FILE', columns: [{ name: 'A', ...column }] }).columns[0]!;

test('everything a column may say', () => {
  const column = {
    name: 'WHEN',
    type: 'DATE',
    length: 10,
    scale: 0,
    ccsid: 37,
    nullable: true,
    dateFormat: 'EUR',
    dateSeparator: '.',
    timeFormat: 'HMS',
    timeSeparator: ':',
    as: { date: 'cyymmdd', pivot: 70, sentinels: [0, '*HIVAL'] },
  };
  expect(parseFormat({ table: 'LIB/FILE', columns: [column] })).toEqual({ table: 'LIB/FILE', columns: [column] });
});

test.each([
  ['SMALLINT', 2, 0],
  ['INTEGER', 4, 0],
  ['BIGINT', 8, 0],
  ['REAL', 4, 0],
  ['DOUBLE', 8, 0],
  ['DATE', 10, 0],
  ['TIME', 8, 0],
  ['TIMESTAMP', 26, 6],
  ['BOOLEAN', 1, 0],
  ['ROWID', 40, 0],
  ['CLOB', 2147483647, 0],
  ['BLOB', 2147483647, 0],
  ['DBCLOB', 2147483647, 0],
  ['XML', 2147483647, 0],
])('%s needs no length', (type, length, scale) => {
  expect(one({ type })).toEqual({
    name: 'A',
    type,
    length,
    scale,
    ccsid: null,
    nullable: false,
    dateFormat: null,
    dateSeparator: null,
    timeFormat: null,
    timeSeparator: null,
    as: null,
  });
});

test.each([
  ['a length a type of one size does not have', { type: 'INTEGER', length: 99 }, { length: 4 }],
  ['the length of a LOB', { type: 'CLOB', length: 1000 }, { length: 1000 }],
  ['small letters', { type: 'varchar', length: 5 }, { type: 'VARCHAR' }],
  ['blanks around a type', { type: ' CHAR ', length: 5 }, { type: 'CHAR' }],
  ['a format with its star', { type: 'DATE', dateFormat: '*mdy' }, { dateFormat: 'MDY' }],
  ['no separator', { type: 'DATE', dateFormat: 'MDY', dateSeparator: '' }, { dateSeparator: '' }],
  [
    'a time format',
    { type: 'TIME', timeFormat: '*HMS', timeSeparator: '.' },
    { timeFormat: 'HMS', timeSeparator: '.' },
  ],
  ['a timestamp without fraction', { type: 'TIMESTAMP', scale: 0 }, { scale: 0 }],
  ['a time meaning', { type: 'CHAR', length: 6, as: { time: 'HHMMSS' } }, { as: { time: 'hhmmss' } }],
  [
    'a timestamp meaning',
    { type: 'CHAR', length: 13, as: { timestamp: 'cyymmddhhmmss' } },
    { as: { timestamp: 'cyymmddhhmmss' } },
  ],
  ['sentinels alone', { type: 'CHAR', length: 6, as: { sentinels: ['N/A'] } }, { as: { sentinels: ['N/A'] } }],
  ['a pivot of 0', { type: 'CHAR', length: 6, as: { date: 'yymmdd', pivot: 0 } }, { as: { date: 'yymmdd', pivot: 0 } }],
  ['an empty meaning', { type: 'CHAR', length: 6, as: {} }, { as: {} }],
])('%s', (_, given, expected) => {
  expect(one(given)).toMatchObject(expected);
});

test.each<[string, unknown, string]>([
  ['no object', 'LIB/FILE', 'the format'],
  ['null', null, 'the format'],
  ['a list', [], 'the format'],
  ['a table that is a number', { table: 7, columns: [{ name: 'A', type: 'INTEGER' }] }, 'table'],
  ['no columns', { table: 'L/F' }, 'columns'],
  ['an empty list of columns', { table: 'L/F', columns: [] }, 'columns'],
  ['columns that are no list', { table: 'L/F', columns: { A: 'INTEGER' } }, 'columns'],
  ['a column that is a text', { columns: ['A'] }, 'columns[0]'],
  ['a column without a name', { columns: [{ type: 'INTEGER' }] }, 'columns[0].name'],
  ['an empty name', { columns: [{ name: '', type: 'INTEGER' }] }, 'columns[0].name'],
  [
    'the same name twice',
    {
      columns: [
        { name: 'A', type: 'INTEGER' },
        { name: 'A', type: 'DATE' },
      ],
    },
    'columns',
  ],
  ['no type', { columns: [{ name: 'A' }] }, 'columns[0] (A).type'],
  ['an unknown type', { columns: [{ name: 'A', type: 'STRING' }] }, 'columns[0] (A).type'],
  [
    'no length',
    {
      columns: [
        { name: 'B', type: 'INTEGER' },
        { name: 'A', type: 'CHAR' },
      ],
    },
    'columns[1] (A).length',
  ],
  ['a length that is a text', { columns: [{ name: 'A', type: 'CHAR', length: '5' }] }, 'columns[0] (A).length'],
  ['half a byte', { columns: [{ name: 'A', type: 'CHAR', length: 0.5 }] }, 'columns[0] (A).length'],
  [
    'a scale that is none',
    { columns: [{ name: 'A', type: 'DECIMAL', length: 5, scale: 'two' }] },
    'columns[0] (A).scale',
  ],
  [
    'a CCSID that is a text',
    { columns: [{ name: 'A', type: 'CHAR', length: 5, ccsid: 'cp037' }] },
    'columns[0] (A).ccsid',
  ],
  [
    'an unknown date format',
    { columns: [{ name: 'A', type: 'DATE', dateFormat: 'DD.MM.' }] },
    'columns[0] (A).dateFormat',
  ],
  ['a long separator', { columns: [{ name: 'A', type: 'DATE', dateSeparator: '--' }] }, 'columns[0] (A).dateSeparator'],
  [
    'a separator that is a number',
    { columns: [{ name: 'A', type: 'TIME', timeSeparator: 0 }] },
    'columns[0] (A).timeSeparator',
  ],
  ['a meaning that is a text', { columns: [{ name: 'A', type: 'INTEGER', as: 'cyymmdd' }] }, 'columns[0] (A).as'],
  ['an unknown form', { columns: [{ name: 'A', type: 'INTEGER', as: { date: 'ddd' } }] }, 'columns[0] (A).as.date'],
  ['an unknown member', { columns: [{ name: 'A', type: 'INTEGER', as: { format: 'x' } }] }, 'columns[0] (A).as'],
  [
    'two meanings',
    { columns: [{ name: 'A', type: 'INTEGER', as: { date: 'cyymmdd', time: 'hhmm' } }] },
    'columns[0] (A).as',
  ],
  ['a pivot above 100', { columns: [{ name: 'A', type: 'INTEGER', as: { pivot: 101 } }] }, 'columns[0] (A).as.pivot'],
  ['a pivot below 0', { columns: [{ name: 'A', type: 'INTEGER', as: { pivot: -1 } }] }, 'columns[0] (A).as.pivot'],
  [
    'sentinels that are no list',
    { columns: [{ name: 'A', type: 'INTEGER', as: { sentinels: 0 } }] },
    'columns[0] (A).as.sentinels',
  ],
  [
    'a sentinel that is an object',
    { columns: [{ name: 'A', type: 'INTEGER', as: { sentinels: [{}] } }] },
    'columns[0] (A).as.sentinels',
  ],
])('%s is refused', (_, given, where) => {
  expect(() => parseFormat(given)).toThrow(
    expect.objectContaining({ code: 'FORMAT_INVALID', family: 'config', facts: expect.objectContaining({ where }) }),
  );
});

test('a refusal shows no more than the beginning of what was given', () => {
  const long = 'X'.repeat(500);
  expect(() => one({ type: long })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('X'.repeat(100)) }),
  );
});
