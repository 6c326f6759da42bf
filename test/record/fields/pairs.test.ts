/** A date column and a time column as one timestamp: every kind of both, their errors, their nulls, and midnight. */
import type { ColumnFormat, LegacyMeaning } from '../../../src/model/record-format';
import type { JsonOutput } from '../../../src/record/plan/outputs';
import { ebcdic, field, hex, planned, read, type Told } from '../support/fields';
import { packed, zoned } from '../support/naive';

interface Half {
  readonly column: ColumnFormat;
  readonly bytes: Buffer;
  readonly as?: LegacyMeaning;
}

const time = (column: ColumnFormat, bytes: Buffer, as?: LegacyMeaning): Half => ({
  column: { ...column, name: 'T' },
  bytes,
  ...(as ? { as } : {}),
});

/** What plan and reader say of date and time, in this order in the record and in the other. */
function both(date: Half, clock: Half, output: Partial<JsonOutput> = {}, nulls: [string, string] | null = null): Told {
  const asked: Partial<JsonOutput> = {
    ...(date.as ? { as: date.as } : {}),
    time: { column: 'T', ...(clock.as ? { as: clock.as } : {}) },
    ...output,
  };
  const answers = [
    [date, clock],
    [clock, date],
  ].flatMap((halves, i) => {
    const columns = halves.map((h) => h.column);
    const image = Buffer.concat(halves.map((h) => h.bytes));
    const map = nulls === null ? null : (i === 0 ? nulls : [nulls[1], nulls[0]]).join('');
    return [planned(columns, image, asked, map), read(columns, image, asked, map)];
  });
  for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0]);
  return answers[0]!;
}

const DAY: Half = { column: field('DECIMAL', { length: 7 }), bytes: packed('1240305', 'f'), as: { date: 'cyymmdd' } };
const CLOCK = time(field('DECIMAL', { length: 6 }), packed('093015', 'f'), { time: 'hhmmss' });

test.each<[string, Half]>([
  ['packed', DAY],
  ['zoned', { column: field('NUMERIC', { length: 8 }), bytes: zoned('20240305', 'f'), as: { date: 'ccyymmdd' } }],
  ['an integer', { column: field('INTEGER'), bytes: hex('0012ecf1'), as: { date: 'cyymmdd' } }],
  ['a text', { column: field('CHAR', { length: 8, ccsid: 37 }), bytes: ebcdic('240305  '), as: { date: 'yymmdd' } }],
  [
    'a day of the year',
    { column: field('DECIMAL', { length: 5 }), bytes: packed('24065', 'f'), as: { date: 'yyddd' } },
  ],
  ['DATE', { column: field('DATE', { dateFormat: 'EUR' }), bytes: ebcdic('05.03.2024') }],
])('a date: %s', (_, date) => {
  expect(both(date, CLOCK)).toEqual({ value: '2024-03-05T09:30:15', errors: [] });
});

test.each<[string, Half]>([
  ['packed', CLOCK],
  ['zoned', time(field('NUMERIC', { length: 6 }), zoned('093015', 'f'), { time: 'hhmmss' })],
  ['an integer', time(field('INTEGER'), hex('00016b57'), { time: 'hhmmss' })],
  ['a text', time(field('CHAR', { length: 6, ccsid: 273 }), ebcdic('093015'), { time: 'hhmmss' })],
  ['TIME', time(field('TIME', { timeFormat: 'HMS' }), ebcdic('09:30:15'))],
])('a time: %s', (_, clock) => {
  expect(both(DAY, clock)).toEqual({ value: '2024-03-05T09:30:15', errors: [] });
});

test.each([
  ['the end of a day', '1240305', '2024-03-06T00:00:00'],
  ['of a month', '1240331', '2024-04-01T00:00:00'],
  ['of February in a leap year', '1240228', '2024-02-29T00:00:00'],
  ['of February', '1230228', '2023-03-01T00:00:00'],
  ['of a year', '0991231', '2000-01-01T00:00:00'],
])('24:00 at %s is the midnight after', (_, day, iso) => {
  const clock = time(field('DECIMAL', { length: 6 }), packed('240000', 'f'), { time: 'hhmmss' });
  expect(both({ ...DAY, bytes: packed(day, 'f') }, clock)).toEqual({ value: iso, errors: [] });
  expect(both({ ...DAY, bytes: packed(day, 'f') }, clock, { zone: 'UTC' }).value).toBe(`${iso}Z`);
});

describe('nulls', () => {
  test.each([
    ['the date', ['1', '0'], null],
    ['the time', ['0', '1'], null],
    ['both', ['1', '1'], null],
    ['neither', ['0', '0'], '2024-03-05T09:30:15'],
    ['the date is not recorded', ['9', '0'], undefined],
    ['the time is not recorded', ['0', '9'], undefined],
  ] as [string, [string, string], unknown][])('%s', (_, nulls, value) => {
    expect(both(DAY, CLOCK, {}, nulls)).toEqual({ value, errors: [] });
  });

  test.each([
    ['the date', ['2', '0']],
    ['the time', ['0', '2']],
  ] as [string, [string, string]][])('%s came without its bytes', (_, nulls) => {
    expect(both(DAY, CLOCK, {}, nulls)).toEqual({ value: null, errors: ['DATA_MAPPING '] });
  });

  test('a sentinel of either', () => {
    const zero = packed('0000000', 'f');
    const midnight = time(CLOCK.column, packed('000000', 'f'), { time: 'hhmmss', sentinels: [0] });
    expect(both({ ...DAY, bytes: zero, as: { date: 'cyymmdd', sentinels: [0] } }, CLOCK)).toEqual({
      value: null,
      errors: [],
    });
    expect(both(DAY, midnight)).toEqual({ value: null, errors: [] });
    // a day that means null makes the time unimportant
    const broken = time(CLOCK.column, hex('40404040'), { time: 'hhmmss' });
    expect(both({ ...DAY, bytes: zero, as: { date: 'cyymmdd', sentinels: [0] } }, broken)).toEqual({
      value: null,
      errors: [],
    });
  });
});

describe('a half that cannot be read', () => {
  const BAD_DAY = { ...DAY, bytes: packed('1240230', 'f') };
  const BLANK_DAY = { ...DAY, bytes: hex('40404040') };
  const BAD_CLOCK = { ...CLOCK, bytes: packed('096015', 'f') };
  const BLANK_CLOCK = { ...CLOCK, bytes: hex('40404040') };

  test.each([
    ['null', null, null, null, null],
    ['raw', '1240230f', '40404040', '0096015f', '40404040'],
    ['zero-if-blank', null, '0', null, null],
    ['replace', null, null, null, null],
    ['quarantine-row', null, null, null, null],
    ['stop', null, null, null, null],
  ] as const)('%s', (onError, badDay, blankDay, badClock, blankClock) => {
    expect(both(BAD_DAY, CLOCK, { onError })).toEqual({ value: badDay, errors: ['DATE_IMPOSSIBLE 1240230f'] });
    expect(both(BLANK_DAY, CLOCK, { onError })).toEqual({ value: blankDay, errors: ['PACKED_SIGN 40404040'] });
    expect(both(DAY, BAD_CLOCK, { onError })).toEqual({ value: badClock, errors: ['TIME_IMPOSSIBLE 0096015f'] });
    expect(both(DAY, BLANK_CLOCK, { onError })).toEqual({ value: blankClock, errors: ['PACKED_SIGN 40404040'] });
    // the day is looked at first, and once
    expect(both(BAD_DAY, BAD_CLOCK, { onError }).errors).toEqual(['DATE_IMPOSSIBLE 1240230f']);
  });
});

test('the hex of a wide time has room', () => {
  const wide = time(field('CHAR', { length: 3000, ccsid: 37 }), Buffer.alloc(3000, 0x40), { time: 'hhmmss' });
  expect(both(DAY, wide, { onError: 'raw' })).toEqual({
    value: '40'.repeat(3000),
    errors: [`LEGACY_TEXT ${'40'.repeat(3000)}`],
  });
});

test.each<[string, Half, Half]>([
  ['two dates', DAY, { ...DAY, column: { ...DAY.column, name: 'T' } }],
  ['two times', { ...CLOCK, column: { ...CLOCK.column, name: 'F' } }, CLOCK],
  ['a date without a meaning', { column: DAY.column, bytes: DAY.bytes }, CLOCK],
  ['a time without a meaning', DAY, { column: CLOCK.column, bytes: CLOCK.bytes }],
  ['a timestamp', { column: field('TIMESTAMP', { scale: 0 }), bytes: ebcdic('2024-03-05-00.00.00') }, CLOCK],
  [
    'a varying date',
    { column: field('VARCHAR', { length: 7, ccsid: 37 }), bytes: Buffer.alloc(9), as: { date: 'cyymmdd' } },
    CLOCK,
  ],
  ['a varying time', DAY, time(field('VARCHAR', { length: 6, ccsid: 37 }), Buffer.alloc(8), { time: 'hhmmss' })],
])('%s make no timestamp', (_, date, clock) => {
  expect(() => both(date, clock)).toThrow(expect.objectContaining({ code: 'FORMAT_MEANING' }));
});

test('the column of the time must be there', () => {
  expect(() => planned([DAY.column], DAY.bytes, { as: DAY.as!, time: { column: 'NOPE' } })).toThrow(
    expect.objectContaining({ code: 'FORMAT_NO_COLUMN', facts: { table: 'LIB/FILE', column: 'NOPE' } }),
  );
});
