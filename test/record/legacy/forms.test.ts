/** Dates and times in numbers and texts: every form in every kind of field, against forms spelled by the calendar of Node. */
import fc from 'fast-check';
import {
  type ColumnFormat,
  LEGACY_DATES,
  type LegacyDate,
  type LegacyMeaning,
  type LegacyTimestamp,
} from '../../../src/model/record-format';
import { isChronological, legacyValue } from '../../../src/record/legacy/legacy-encode';
import { ebcdic, everywhere, field, hex, planned, reading, short } from '../support/fields';
import { packed, zoned } from '../support/naive';

const two = (n: number): string => String(n).padStart(2, '0');

/** A day in a form, zero padded: C is the century less 19. */
function spelled(form: LegacyDate, iso: string): string {
  const [y, m, d] = iso.split('-') as [string, string, string];
  const ddd = String((Date.parse(iso) - Date.parse(`${y}-01-01`)) / 86400000 + 1).padStart(3, '0');
  const c = String(Number(y.slice(0, 2)) - 19);
  const parts: Readonly<Record<string, string>> = { cc: y.slice(0, 2), c, yy: y.slice(2), mm: m, ddd, dd: d };
  return form.replace(/cc|c|yy|mm|ddd|dd/g, (part) => parts[part]!);
}

/** The digits as each kind of field holds them. */
function stored(digits: string): [string, ColumnFormat, Buffer][] {
  const wide = digits.padStart(9, '0');
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const four = Buffer.alloc(4);
  if (Number(digits) < 2 ** 31) four.writeInt32BE(Number(digits));
  const eight = Buffer.alloc(8);
  eight.writeBigInt64BE(BigInt(digits));
  const kinds: [string, ColumnFormat, Buffer][] = [
    ['packed, just as wide', field('DECIMAL', { length: digits.length }), packed(digits, 'f')],
    ['packed, an even number of digits', field('DECIMAL', { length: even.length }), packed(even, 'f')],
    ['packed, wider', field('DECIMAL', { length: 9 }), packed(wide, 'c')],
    ['packed, with two zeros behind its point', field('DECIMAL', { length: 11, scale: 2 }), packed(`${wide}00`, 'f')],
    ['packed, 31 digits', field('DECIMAL', { length: 31 }), packed(digits.padStart(31, '0'), 'f')],
    ['zoned, just as wide', field('NUMERIC', { length: digits.length }), zoned(digits, 'f')],
    ['zoned, wider', field('NUMERIC', { length: 9 }), zoned(wide, 'f')],
    ['zoned, 20 digits', field('NUMERIC', { length: 20 }), zoned(digits.padStart(20, '0'), 'f')],
    ['a text', field('CHAR', { length: digits.length, ccsid: 37 }), ebcdic(digits)],
    ['a text with blanks behind it', field('CHAR', { length: 10, ccsid: 1141 }), ebcdic(digits.padEnd(10))],
    ['bytes', field('CHAR', { length: digits.length, ccsid: 65535 }), ebcdic(digits)],
    ['a text without a CCSID', field('CHAR', { length: digits.length }), ebcdic(digits)],
    ['UTF-8', field('CHAR', { length: digits.length, ccsid: 1208 }), Buffer.from(digits)],
    ['eight bytes of integer', field('BIGINT'), eight],
  ];
  if (Number(digits) < 2 ** 31) kinds.push(['an integer', field('INTEGER'), four]);
  return kinds;
}

/** VARCHAR is decoded from its current length. */
function varying(digits: string): [ColumnFormat, Buffer] {
  const slot = Buffer.alloc(2 + 12, 0xa5);
  slot.writeUInt16BE(digits.length);
  ebcdic(digits).copy(slot, 2);
  return [field('VARCHAR', { length: 12, ccsid: 37 }), slot];
}

describe.each(LEGACY_DATES)('date %s', (date) => {
  test.each(['1940-01-01', '1999-12-31', '2000-01-01', '2000-02-29', '2024-03-05', '2024-12-31', '2039-12-31'])(
    '%s',
    (iso) => {
      const digits = spelled(date, iso);
      for (const [, column, bytes] of stored(digits))
        expect(short(everywhere(column, bytes, { as: { date } }))).toBe(iso);
      expect(short(everywhere(...varying(digits), { as: { date } }))).toBe(iso);
    },
  );

  test('and back: what a predicate compares the column with', () => {
    const century = /^c/.test(date) || date.includes('ccyy');
    const days = fc.date({
      min: new Date(century ? '1900-01-01' : '1940-01-01'),
      max: new Date(century ? '2799-12-31' : '2039-12-31'),
      noInvalidDate: true,
    });
    const number = field('DECIMAL', { length: 9, as: { date } });
    const text = field('CHAR', { length: 9, as: { date } });
    fc.assert(
      fc.property(days, (moment) => {
        const iso = moment.toISOString().slice(0, 10);
        const digits = spelled(date, iso);
        expect(legacyValue(text, iso)).toBe(digits);
        expect(legacyValue(number, iso)).toBe(String(Number(digits)));
      }),
    );
  });

  test('only forms that begin with their century and have the year before the month compare like their days', () => {
    const spans = fc.date({ min: new Date('1940-01-01'), max: new Date('2039-12-31'), noInvalidDate: true });
    const sample = fc.sample(spans, 300).map((d) => d.toISOString().slice(0, 10));
    const column = field('DECIMAL', { length: 9, as: { date } });
    const numbers = sample.sort().map((iso) => Number(legacyValue(column, iso)));
    const ordered = numbers.every((n, i) => i === 0 || n > numbers[i - 1]! || sample[i] === sample[i - 1]);
    expect(isChronological({ date })).toBe(ordered);
  });
});

test('times, timestamps and columns without a meaning compare as they are', () => {
  expect(
    [{ time: 'hhmmss' }, { timestamp: 'cyymmddhhmmss' }, { sentinels: [0] }, null, undefined].map((m) =>
      isChronological(m as LegacyMeaning),
    ),
  ).toEqual([true, true, true, true, true]);
  expect(legacyValue(field('DATE'), '2024-03-05')).toBe('2024-03-05');
});

test.each([
  ['cyymmdd', 1, '1240305', '2024-03-05'],
  ['yymmdd', 0, '000101', '1900-01-01'],
  ['yymmdd', 0, '991231', '1999-12-31'],
  ['yymmdd', 100, '991231', '2099-12-31'],
  ['yymmdd', 50, '491231', '2049-12-31'],
  ['yymmdd', 50, '500101', '1950-01-01'],
  ['mmddyy', 70, '123169', '2069-12-31'],
  ['ddmmyy', 70, '311270', '1970-12-31'],
  ['yyddd', 70, '69365', '2069-12-31'],
  ['yyddd', 70, '70001', '1970-01-01'],
] as const)('%s with pivot %i: %s', (date, pivot, digits, iso) => {
  for (const [, column, bytes] of stored(digits))
    expect(short(everywhere(column, bytes, { as: { date, pivot } }))).toBe(iso);
  expect(legacyValue(field('CHAR', { as: { date, pivot } }), iso)).toBe(digits);
});

test.each([
  ['cyymmdd', 'DATE_IMPOSSIBLE', ['0000000', '1240230', '1241301', '1240100', '9999999']],
  ['cmmddyy', 'DATE_IMPOSSIBLE', ['1023024', '1130124']],
  ['cddmmyy', 'DATE_IMPOSSIBLE', ['1300224', '1011324']],
  ['yymmdd', 'DATE_IMPOSSIBLE', ['000000', '230229', '999999']],
  ['ccyymmdd', 'DATE_IMPOSSIBLE', ['00000101', '99999999', '20230229', '00010001']],
  ['mmddccyy', 'DATE_IMPOSSIBLE', ['02292023', '01010000']],
  ['ddmmccyy', 'DATE_IMPOSSIBLE', ['29022023', '01010000']],
  ['cyyddd', 'DATE_IMPOSSIBLE', ['123366', '124367', '124000']],
  ['yyddd', 'DATE_IMPOSSIBLE', ['23366', '24000']],
  ['ccyyddd', 'DATE_IMPOSSIBLE', ['2023366', '0000001']],
] as const)('%s, days in no calendar', (date, code, all) => {
  for (const digits of all)
    for (const [, column, bytes] of stored(digits))
      expect(short(everywhere(column, bytes, { as: { date } }))).toEqual({ value: null, codes: [code] });
});

test.each<[string, ColumnFormat, string | Buffer, string]>([
  ['more digits than the form', field('DECIMAL', { length: 9 }), packed('011240305', 'f'), 'LEGACY_RANGE'],
  ['a negative number', field('DECIMAL', { length: 7 }), packed('1240305', 'd'), 'LEGACY_RANGE'],
  ['a negative zoned one', field('NUMERIC', { length: 7 }), zoned('1240305', 'd'), 'LEGACY_RANGE'],
  ['a negative integer', field('INTEGER'), 'ffffffff', 'LEGACY_RANGE'],
  ['a fraction', field('DECIMAL', { length: 9, scale: 2 }), packed('124030501', 'f'), 'LEGACY_RANGE'],
  ['a fraction of a zoned one', field('NUMERIC', { length: 9, scale: 2 }), zoned('124030510', 'f'), 'LEGACY_RANGE'],
  ['sixteen digits that count', field('DECIMAL', { length: 17 }), packed('12403051240305124', 'f'), 'LEGACY_RANGE'],
  ['an integer of 2^60', field('BIGINT'), '1000000000000000', 'LEGACY_RANGE'],
  ['a blank packed field', field('DECIMAL', { length: 7 }), '40404040', 'PACKED_SIGN'],
  ['a blank zoned field', field('NUMERIC', { length: 7 }), '40404040404040', 'ZONED_SIGN'],
  ['a packed digit', field('DECIMAL', { length: 7 }), '124a305f', 'PACKED_DIGIT'],
  ['a zoned digit', field('NUMERIC', { length: 7 }), 'f1f2f4f0f3f0fa', 'ZONED_DIGIT'],
  ['a blank text', field('CHAR', { length: 7, ccsid: 37 }), ebcdic('       '), 'LEGACY_TEXT'],
  ['blanks before the digits', field('CHAR', { length: 8, ccsid: 37 }), ebcdic(' 1240305'), 'LEGACY_TEXT'],
  ['a date with separators', field('CHAR', { length: 10, ccsid: 37 }), ebcdic('2024-03-05'), 'LEGACY_TEXT'],
  ['a text with a sign', field('CHAR', { length: 8, ccsid: 37 }), ebcdic('-1240305'), 'LEGACY_TEXT'],
  ['sixteen digits of text', field('CHAR', { length: 16, ccsid: 37 }), ebcdic('0000000001240305'), 'LEGACY_TEXT'],
  ['a byte its page does not define', field('CHAR', { length: 2, ccsid: 1208 }), 'ff31', 'TEXT_UNDEFINED'],
])('%s is no date', (_, column, bytes, code) => {
  const image = typeof bytes === 'string' ? hex(bytes) : bytes;
  for (const onError of ['null', 'raw'] as const)
    expect(everywhere(column, image, { as: { date: 'cyymmdd' }, onError })).toEqual({
      value: onError === 'raw' ? image.toString('hex') : null,
      errors: [`${code} ${image.toString('hex')}`],
    });
});

describe('times', () => {
  test.each([
    ['hhmmss', '000000', '00:00:00'],
    ['hhmmss', '000930', '00:09:30'],
    ['hhmmss', '235959', '23:59:59'],
    ['hhmmss', '240000', '24:00:00'],
    ['hhmm', '0000', '00:00:00'],
    ['hhmm', '0009', '00:09:00'],
    ['hhmm', '2359', '23:59:00'],
    ['hhmm', '2400', '24:00:00'],
  ] as const)('%s %s', (time, digits, iso) => {
    for (const [, column, bytes] of stored(digits))
      expect(short(everywhere(column, bytes, { as: { time } }))).toBe(iso);
    const text = field('CHAR', { as: { time } });
    if (time === 'hhmmss' || iso.endsWith(':00')) expect(legacyValue(text, iso)).toBe(digits);
  });

  test.each([
    ['hhmmss', ['240001', '250000', '236000', '235960', '999999']],
    ['hhmm', ['2401', '2500', '2360', '9999']],
  ] as const)('%s not on the clock', (time, all) => {
    for (const digits of all)
      for (const [, column, bytes] of stored(digits))
        expect(short(everywhere(column, bytes, { as: { time } }))).toEqual({ value: null, codes: ['TIME_IMPOSSIBLE'] });
  });

  test('more digits than the form', () => {
    expect(
      short(everywhere(field('DECIMAL', { length: 7 }), packed('1000000', 'f'), { as: { time: 'hhmmss' } })),
    ).toEqual({
      value: null,
      codes: ['LEGACY_RANGE'],
    });
  });
});

describe('timestamps in one field', () => {
  const forms: [LegacyTimestamp, string, string][] = [
    ['cyymmddhhmmss', '1240305093015', '2024-03-05T09:30:15'],
    ['cyymmddhhmmss', '0991231235959', '1999-12-31T23:59:59'],
    ['ccyymmddhhmmss', '20240305000000', '2024-03-05T00:00:00'],
    ['ccyymmddhhmmss', '20240305240000', '2024-03-05T24:00:00'],
  ];

  test.each(forms)('%s %s', (timestamp, digits, iso) => {
    for (const [, column, bytes] of stored(digits)) {
      // nine digits are too few for it
      if (column.length === 9 || column.length === 10 || column.length === 11) continue;
      expect(short(everywhere(column, bytes, { as: { timestamp } }))).toBe(iso);
    }
    expect(legacyValue(field('CHAR', { as: { timestamp } }), iso)).toBe(digits);
    expect(legacyValue(field('DECIMAL', { as: { timestamp } }), iso.replace('T', ' '))).toBe(String(Number(digits)));
  });

  test.each([
    ['cyymmddhhmmss', '1240230093015', 'TIMESTAMP_IMPOSSIBLE'],
    ['cyymmddhhmmss', '1240305096015', 'TIMESTAMP_IMPOSSIBLE'],
    ['ccyymmddhhmmss', '00000000000000', 'TIMESTAMP_IMPOSSIBLE'],
  ] as const)('%s %s is refused', (timestamp, digits, code) => {
    const [, column, bytes] = stored(digits)[0]!;
    expect(short(everywhere(column, bytes, { as: { timestamp } }))).toEqual({ value: null, codes: [code] });
  });

  test('more digits than the form', () => {
    const column = field('DECIMAL', { length: 15 });
    const as = { timestamp: 'cyymmddhhmmss' } as const;
    expect(short(everywhere(column, packed('101240305093015', 'f'), { as }))).toEqual({
      value: null,
      codes: ['LEGACY_RANGE'],
    });
  });

  test('in a zone', () => {
    const [, column, bytes] = stored('1240305093015')[0]!;
    const as = { timestamp: 'cyymmddhhmmss' } as const;
    expect(planned([column], bytes, { as, zone: 'Asia/Tokyo' }).value).toBe('2024-03-05T09:30:15+09:00');
    const [, late, midnight] = stored('1240228240000')[0]!;
    expect(planned([late], midnight, { as, zone: 'UTC' }).value).toBe('2024-02-29T00:00:00Z');
  });
});

test.each([
  ['cyymmdd', '1899-12-31', 'LEGACY_RANGE'],
  ['cyymmdd', '2900-01-01', 'LEGACY_RANGE'],
  ['yymmdd', '1939-12-31', 'LEGACY_RANGE'],
  ['yymmdd', '2040-01-01', 'LEGACY_RANGE'],
  ['ccyymmdd', '2023-02-29', 'DATE_IMPOSSIBLE'],
  ['ccyymmdd', 'yesterday', 'DATE_IMPOSSIBLE'],
] as const)('%s has no digits for %s', (date, iso, code) => {
  expect(() => legacyValue(field('DECIMAL', { as: { date } }), iso)).toThrow(expect.objectContaining({ code }));
});

test.each([
  ['hhmm', '12:34:56'],
  ['hhmm', '25:00:00'],
  ['hhmmss', '12:34:60'],
  ['hhmmss', 'noon'],
] as const)('%s has no digits for %s', (time, iso) => {
  expect(() => legacyValue(field('DECIMAL', { as: { time } }), iso)).toThrow(
    expect.objectContaining({ code: 'TIME_IMPOSSIBLE' }),
  );
});

test('every number of six digits is told the same way by unrolled code and by the complete way', () => {
  // 7 digits are compiled in place, 19 are not
  const near = reading(field('DECIMAL', { length: 7 }), { as: { date: 'yymmdd' } });
  const far = reading(field('DECIMAL', { length: 19 }), { as: { date: 'yymmdd' } });
  fc.assert(
    fc.property(fc.nat(999999), (n) => {
      const digits = String(n).padStart(6, '0');
      const iso = `${n < 400000 ? 20 : 19}${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4)}`;
      const real = !Number.isNaN(Date.parse(iso)) && new Date(iso).toISOString().startsWith(iso);
      const expected = real ? iso : { value: null, codes: ['DATE_IMPOSSIBLE'] };
      expect(short(near(packed(digits.padStart(7, '0'), 'f')))).toEqual(expected);
      expect(short(far(packed(digits.padStart(19, '0'), 'f')))).toEqual(expected);
      expect(two(Number(digits.slice(4)))).toBe(digits.slice(4));
    }),
    { numRuns: 500 },
  );
});
