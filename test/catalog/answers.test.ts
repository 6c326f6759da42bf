/** Catalog answers as records: names, blanks, numbers as drivers hand them over, and views that are not there. */
import { answers, answersIfAvailable, big, integer, markers, text, within } from '../../src/catalog/answer';
import { partitionClock, partitionTime, zoneOffsetMinutes } from '../../src/catalog/clock';
import type { SqlValue } from '../../src/transport/transport';
import { AnsweringConnection, type Rows, refused } from './support/answering';

const asking = (answer: Rows) => new AnsweringConnection([[/./, answer]]);
const one = (value: SqlValue) => new Map([['A', value]]);

test('columns by their names in capitals, CHAR without its blanks, all blocks', async () => {
  const rows = await answers(
    asking([
      { 'name ': 'ORDHDR    ', Rows: 7, Bytes: null },
      { 'name ': ' X', Rows: 8 },
    ]),
    'SELECT',
  );
  expect(rows.map((row) => Object.fromEntries(row))).toEqual([
    { NAME: 'ORDHDR', ROWS: 7, BYTES: null },
    { NAME: ' X', ROWS: 8, BYTES: null },
  ]);
});

test.each([-204, -205, -206, -440, -551])('SQLCODE %i: the view is not available', async (code) => {
  const connection = new AnsweringConnection([[/./, refused(code)]]);
  expect(await answersIfAvailable(connection, 'SELECT')).toBeNull();
  await expect(answers(connection, 'SELECT')).rejects.toMatchObject({ sqlCode: code });
});

test.each([-104, -913, -911, -901, -552])('SQLCODE %i is an error', async (code) => {
  const connection = new AnsweringConnection([[/./, refused(code)]]);
  await expect(answersIfAvailable(connection, 'SELECT')).rejects.toMatchObject({ sqlCode: code, family: 'host' });
});

test.each<[SqlValue, string, number | null, bigint | null]>([
  [null, '', null, null],
  ['', '', null, null],
  ['0', '0', 0, 0n],
  [0, '0', 0, 0n],
  ['42', '42', 42, 42n],
  // DECIMAL(20,0) by some drivers, DECIMAL(n,2) by others
  ['18446744073709551600', '18446744073709551600', 18446744073709552000, 18446744073709551600n],
  ['7.00', '7.00', 7, 7n],
  ['-3', '-3', -3, -3n],
])('%j as text, as integer, as an exact integer', (value, asText, asInteger, asBig) => {
  expect([text(one(value), 'A'), integer(one(value), 'A'), big(one(value), 'A')]).toEqual([asText, asInteger, asBig]);
});

test('a column that is not in the answer is null, and words are no integers', () => {
  expect([text(one(1), 'B'), integer(one(1), 'B'), big(one(1), 'B')]).toEqual(['', null, null]);
  expect(integer(one('*NONE'), 'A')).toBeNull();
});

describe('names in a WHERE clause', () => {
  const q = (library: string, name: string) => ({ library, name });

  test('each library and each name once', () => {
    expect(within('L', 'N', [q('A', 'X'), q('A', 'Y'), q('B', 'X')])).toEqual({
      sql: 'L IN (?, ?) AND N IN (?, ?)',
      params: ['A', 'B', 'X', 'Y'],
    });
    expect(markers(3)).toBe('?, ?, ?');
  });

  test('above a thousand names whole libraries are read', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => q('A', `T${i}`));
    expect(within('L', 'N', names(1000)).params).toHaveLength(1001);
    expect(within('L', 'N', names(1001))).toEqual({ sql: 'L IN (?)', params: ['A'] });
  });
});

describe('the clock of the partition', () => {
  test.each<[SqlValue, number]>([
    ['0', 0],
    [0, 0],
    ['10000', 60],
    ['-50000', -300],
    ['53000', 330],
    ['-33000', -210],
    ['54500', 345],
    ['140000', 840],
    ['-120000', -720],
    // DECIMAL(6,0) with its point
    ['20000.', 120],
    [null, 0],
  ])('CURRENT TIMEZONE %j is %i minutes', async (TZ, minutes) => {
    expect((await zoneOffsetMinutes(asking([{ TZ }]))) + 0).toBe(minutes);
  });

  test('its time as it sends it', async () => {
    const NOW_TS = '2024-03-05T09:30:15.123456';
    expect(await partitionClock(asking([{ NOW_TS }]))).toBe(NOW_TS);
    expect(await partitionTime(asking([{ NOW_TS }]))).toBe(NOW_TS);
    expect(await partitionClock(asking([]))).toBe('');
    expect(await zoneOffsetMinutes(asking([]))).toBe(0);
  });
});
