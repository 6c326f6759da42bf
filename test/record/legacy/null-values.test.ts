/** Values that mean null in fields with a legacy meaning: `*LOVAL`, `*HIVAL`, `*BLANKS`, numbers and texts, in every kind of field. */
import type { ColumnFormat, LegacyMeaning } from '../../../src/model/record-format';
import { ebcdic, everywhere, field, hex, short } from '../support/fields';

const told = (column: ColumnFormat, bytes: Buffer, as: LegacyMeaning): unknown =>
  short(everywhere(column, bytes, { as }));
const refused = (code: string) => ({ value: null, codes: [code] });

/** [what, column, its lowest value, its highest, a value that is neither, and what that is]: bytes in hex. */
const ENDS: [string, ColumnFormat, string, string, string, unknown][] = [
  ['DECIMAL(7)', field('DECIMAL', { length: 7 }), '9999999d', '9999999f', '1240305f', '2024-03-05'],
  ['DECIMAL(8)', field('DECIMAL', { length: 8 }), '099999999d', '099999999f', '001240305f', '2024-03-05'],
  ['DECIMAL(9)', field('DECIMAL', { length: 9 }), '999999999d', '999999999c', '001240305f', '2024-03-05'],
  ['NUMERIC(7)', field('NUMERIC', { length: 7 }), 'f9f9f9f9f9f9d9', 'f9f9f9f9f9f9f9', 'f1f2f4f0f3f0f5', '2024-03-05'],
  ['INTEGER', field('INTEGER'), '80000000', '7fffffff', '0012ecf1', '2024-03-05'],
  ['BIGINT', field('BIGINT'), '8000000000000000', '7fffffffffffffff', '000000000012ecf1', '2024-03-05'],
  [
    'CHAR(7)',
    field('CHAR', { length: 7, ccsid: 37 }),
    '00000000000000',
    'ffffffffffffff',
    'f1f2f4f0f3f0f5',
    '2024-03-05',
  ],
  [
    'CHAR(7) of bytes',
    field('CHAR', { length: 7, ccsid: 65535 }),
    '00'.repeat(7),
    'ff'.repeat(7),
    'f1f2f4f0f3f0f5',
    '2024-03-05',
  ],
];

describe.each(ENDS)('%s', (_, column, low, high, other, value) => {
  const date = 'cyymmdd';

  test('each end alone', () => {
    expect(told(column, hex(low), { date, sentinels: ['*LOVAL'] })).toBeNull();
    expect(told(column, hex(high), { date, sentinels: ['*HIVAL'] })).toBeNull();
    expect(told(column, hex(low), { date, sentinels: ['*HIVAL'] })).toMatchObject({
      value: null,
      codes: [expect.any(String)],
    });
    expect(told(column, hex(high), { date, sentinels: ['*LOVAL'] })).toMatchObject({
      value: null,
      codes: [expect.any(String)],
    });
  });

  test('spelled with blanks around it and in small letters', () => {
    expect(told(column, hex(low), { date, sentinels: [' *loval '] })).toBeNull();
  });

  test('another value is what it is', () => {
    expect(told(column, hex(other), { date, sentinels: ['*LOVAL', '*HIVAL', '*BLANKS', 0] })).toBe(value);
  });
});

test.each([
  ['all zeros of a packed field', field('DECIMAL', { length: 7 }), '00000000', ['*LOVAL'], null],
  ['X FF of a packed field', field('DECIMAL', { length: 7 }), 'ffffffff', ['*HIVAL'], null],
  ['a packed field one less', field('DECIMAL', { length: 7 }), '9999998f', ['*HIVAL'], refused('DATE_IMPOSSIBLE')],
  ['nines without a sign', field('DECIMAL', { length: 7 }), '99999999', ['*HIVAL'], refused('PACKED_SIGN')],
  ['an overflow nibble', field('DECIMAL', { length: 6 }), '9999999f', ['*HIVAL'], refused('DATE_IMPOSSIBLE')],
  ['blanks', field('DECIMAL', { length: 7 }), '40404040', ['*BLANKS'], null],
  ['blanks by the other name', field('DECIMAL', { length: 7 }), '40404040', ['*blank'], null],
  ['blanks with a sign are a number', field('DECIMAL', { length: 7 }), '4040404f', ['*BLANKS'], '2304-04-04'],
  ['zero', field('DECIMAL', { length: 7 }), '0000000f', [0], null],
  ['minus zero', field('DECIMAL', { length: 7 }), '0000000d', [0], null],
  ['zero written as text', field('DECIMAL', { length: 7 }), '0000000f', ['0000000'], null],
  ['zero that means nothing', field('DECIMAL', { length: 7 }), '0000000f', [9999999], refused('DATE_IMPOSSIBLE')],
  ['a negative number', field('DECIMAL', { length: 7 }), '0000001d', [-1], null],
  ['a day of the calendar', field('DECIMAL', { length: 7 }), '0400101f', [400101], null],
  ['the same day as text', field('DECIMAL', { length: 7 }), '0400101f', ['0400101'], null],
] as const)('%s', (_, column, bytes, sentinels, expected) => {
  expect(told(column, hex(bytes), { date: 'cyymmdd', sentinels: [...sentinels] })).toEqual(expected);
});

test.each([
  ['nines of a text are its highest number', '9999999', ['*HIVAL'], null],
  ['zeros of a text by number', '0000000', [0], null],
  ['a word', 'NONE', ['NONE'], null],
  ['a word with blanks behind it', 'NONE', ['NONE  '], null],
  ['a word that begins with a star', '*NONE', ['*NONE'], null],
  ['another word', 'NIL', ['NONE'], refused('LEGACY_TEXT')],
  ['blanks', '', ['*BLANKS'], null],
] as const)('text, %s', (_, text, sentinels, expected) => {
  for (const ccsid of [37, 273, 65535, null])
    expect(
      told(field('CHAR', { length: 7, ccsid }), ebcdic(text.padEnd(7)), { date: 'cyymmdd', sentinels: [...sentinels] }),
    ).toEqual(expected);
});

describe('a real DATE or TIME', () => {
  test.each([
    ['DATE', '0001-01-01', ['0001-01-01'], null],
    ['DATE', '9999-12-31', ['0001-01-01', '9999-12-31'], null],
    ['DATE', '2024-03-05', ['0001-01-01'], '2024-03-05'],
    ['DATE', '          ', ['*BLANKS'], null],
    ['DATE', '2024-02-30', ['0001-01-01'], refused('DATE_IMPOSSIBLE')],
  ] as const)('%s %s', (type, text, sentinels, expected) => {
    expect(told(field(type), ebcdic(text), { sentinels: [...sentinels] })).toEqual(expected);
  });

  test.each([
    ['00.00.00', ['00:00:00'], null],
    ['24.00.00', ['24:00:00'], null],
    ['12.30.00', ['00:00:00'], '12:30:00'],
    ['99.99.99', ['00:00:00'], refused('TIME_IMPOSSIBLE')],
  ] as const)('TIME %s', (text, sentinels, expected) => {
    expect(told(field('TIME'), ebcdic(text), { sentinels: [...sentinels] })).toEqual(expected);
  });

  test('*LOVAL of a date is its bytes, as of every text', () => {
    expect(told(field('DATE'), Buffer.alloc(10), { sentinels: ['*LOVAL'] })).toBeNull();
    expect(told(field('DATE'), Buffer.alloc(10, 0xff), { sentinels: ['*HIVAL'] })).toBeNull();
  });
});

test.each([
  ['hhmmss', [0], '000000f', null],
  ['hhmmss', [999999], '999999f', null],
  ['hhmmss', [999999], '235959f', '23:59:59'],
  ['hhmm', [9999], '009999f', null],
] as const)('%s with sentinels %j: %s', (time, sentinels, bytes, expected) => {
  expect(told(field('DECIMAL', { length: 6 }), hex(`0${bytes}`), { time, sentinels: [...sentinels] })).toEqual(
    expected,
  );
});

test('a timestamp in one field', () => {
  const column = field('DECIMAL', { length: 13 });
  const as: LegacyMeaning = { timestamp: 'cyymmddhhmmss', sentinels: [0, '*HIVAL'] };
  expect(told(column, hex('0000000000000f'), as)).toBeNull();
  expect(told(column, hex('9999999999999f'), as)).toBeNull();
  expect(told(column, hex('1240305093015f'), as)).toBe('2024-03-05T09:30:15');
});
