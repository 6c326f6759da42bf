/** Days and clocks on plain integers, against the calendar of Node; DATE, TIME and TIMESTAMP back to the bytes of a field. */
import fc from 'fast-check';
import {
  dateNumber,
  dayOfYear,
  fullYear,
  isoDateNumber,
  isoTimeNumber,
  ordinalDate,
  timeNumber,
} from '../../src/bytes/calendar';
import { ContentHash } from '../../src/bytes/content-hash';
import { dateSpec, encodeDate, encodeTime, encodeTimestamp, timeSpec } from '../../src/bytes/date-time';
import { decimalText, fixedDecimal } from '../../src/bytes/decimal-text';
import { copyWords } from '../../src/bytes/words';
import { ebcdic } from '../record/support/fields';

/** A day of the proleptic Gregorian calendar, or null. */
function real(year: number, month: number, day: number): string | null {
  const d = new Date(0);
  d.setUTCFullYear(year, month - 1, day);
  return d.getUTCFullYear() === year && d.getUTCMonth() === month - 1 && d.getUTCDate() === day
    ? d.toISOString().slice(0, 10)
    : null;
}

test('every day of four hundred years, and the days that are none', () => {
  for (let year = 1900; year <= 2299; year++)
    for (let month = 0; month <= 13; month++)
      for (let day = 27; day <= 32; day++) {
        const expected = month >= 1 && month <= 12 && real(year, month, day) ? year * 10000 + month * 100 + day : -1;
        if (dateNumber(year, month, day) !== expected)
          expect([year, month, day, dateNumber(year, month, day)]).toEqual([year, month, day, expected]);
      }
  expect([
    dateNumber(0, 1, 1),
    dateNumber(10000, 1, 1),
    dateNumber(2024, 1, 0),
    dateNumber(1, 1, 1),
    dateNumber(9999, 12, 31),
  ]).toEqual([-1, -1, -1, 10101, 99991231]);
});

test('days of the year, there and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -1, max: 368 }), (year, n) => {
      const first = new Date(0);
      first.setUTCFullYear(year, 0, n);
      const inYear = n >= 1 && first.getUTCFullYear() === year;
      const found = ordinalDate(year, n);
      const expected = inYear ? year * 10000 + (first.getUTCMonth() + 1) * 100 + first.getUTCDate() : -1;
      expect(found).toBe(expected);
      if (inYear) expect(dayOfYear(found)).toBe(n);
    }),
    { numRuns: 1000 },
  );
  expect([ordinalDate(0, 1), ordinalDate(10000, 1)]).toEqual([-1, -1]);
});

test.each([
  [0, 0, 0, 0],
  [23, 59, 59, 235959],
  [24, 0, 0, 240000],
  [24, 0, 1, -1],
  [24, 1, 0, -1],
  [25, 0, 0, -1],
  [-1, 0, 0, -1],
  [12, 60, 0, -1],
  [12, 0, 60, -1],
])('%i:%i:%i', (h, m, s, expected) => {
  expect(timeNumber(h, m, s)).toBe(expected);
});

test.each([
  ['2024-02-29', 20240229],
  [' 2024-02-29 ', 20240229],
  ['0001-01-01', 10101],
  ['2023-02-29', -1],
  ['24-02-29', -1],
  ['2024-2-29', -1],
  ['2024-02-29T00:00:00', -1],
  ['', -1],
])('%j as a day', (text, expected) => {
  expect(isoDateNumber(text)).toBe(expected);
});

test.each([
  ['23:59:58', 235958],
  ['23:59', 235900],
  ['24:00:00', 240000],
  [' 07:08:09 ', 70809],
  ['7:08:09', -1],
  ['23:59:58.5', -1],
  ['235958', -1],
  ['', -1],
])('%j as a time', (text, expected) => {
  expect(isoTimeNumber(text)).toBe(expected);
});

test('two digits of a year around a pivot', () => {
  for (const pivot of [0, 1, 40, 70, 99, 100])
    for (let yy = 0; yy < 100; yy++) expect(fullYear(yy, pivot)).toBe(yy < pivot ? 2000 + yy : 1900 + yy);
});

describe('back to bytes', () => {
  test.each([
    ['ISO', null, '2024-02-29', '2024-02-29'],
    ['JIS', null, '2024-02-29', '2024-02-29'],
    ['USA', null, '2024-02-29', '02/29/2024'],
    ['EUR', null, '2024-02-29', '29.02.2024'],
    ['MDY', null, '2024-02-29', '02/29/24'],
    ['DMY', '.', '2024-02-29', '29.02.24'],
    ['YMD', '', '2024-02-29', '240229'],
    ['JUL', '-', '2024-12-31', '24-366'],
    ['JUL', '', '2000-01-01', '00001'],
    ['MDY', '&', '2024-02-29', '02&29&24'],
    ['ISO', null, '0001-01-01', '0001-01-01'],
    ['MDY', ' ', '2024-02-29', '02/29/24'],
  ] as const)('*%s %j: %s is %s', (format, separator, iso, text) => {
    expect(encodeDate(iso, dateSpec(format, separator)).toString('hex')).toBe(ebcdic(text).toString('hex'));
  });

  test.each([
    ['MDY', '1939-12-31'],
    ['MDY', '2040-01-01'],
    ['JUL', '1939-12-31'],
    ['ISO', '2023-02-29'],
    ['ISO', 'today'],
  ] as const)('*%s has no %s', (format, iso) => {
    expect(() => encodeDate(iso, dateSpec(format))).toThrow(expect.objectContaining({ code: 'DATE_IMPOSSIBLE' }));
  });

  test.each([
    ['ISO', null, '23:59:58', '23.59.58'],
    ['HMS', null, '23:59:58', '23:59:58'],
    ['HMS', ',', '23:59:58', '23,59,58'],
    ['JIS', '', '23:59:58', '235958'],
    ['USA', null, '00:00:00', '12:00 AM'],
    ['USA', null, '12:00:00', '12:00 PM'],
    ['USA', null, '23:59:00', '11:59 PM'],
    ['USA', null, '24:00:00', '12:00 AM'],
    ['HMS', null, '24:00:00', '24:00:00'],
  ] as const)('*%s %j: %s is %s', (format, separator, iso, text) => {
    expect(encodeTime(iso, timeSpec(format, separator)).toString('hex')).toBe(ebcdic(text).toString('hex'));
  });

  test.each([
    ['USA', '23:59:58'],
    ['ISO', '25:00:00'],
    ['ISO', 'noon'],
  ] as const)('*%s has no %s', (format, iso) => {
    expect(() => encodeTime(iso, timeSpec(format))).toThrow(expect.objectContaining({ code: 'TIME_IMPOSSIBLE' }));
  });

  test.each([
    ['2024-02-29T23:59:58.5', 0, 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29T23:59:58.0', 0, '2024-02-29-23.59.58'],
    ['2024-02-29 23:59:58', 6, '2024-02-29-23.59.58.000000'],
    ['2024-02-29T23:59:58.123456789012', 12, '2024-02-29-23.59.58.123456789012'],
    ['2024-02-29T24:00:00', 3, '2024-02-29-24.00.00.000'],
    ['2024-02-30T00:00:00', 6, 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29T25:00:00', 6, 'TIMESTAMP_IMPOSSIBLE'],
    ['2024-02-29', 6, 'TIMESTAMP_TEXT'],
    ['2024-02-29T23:59', 6, 'TIMESTAMP_TEXT'],
    ['', 6, 'TIMESTAMP_TEXT'],
  ])('TIMESTAMP %s with %i digits', (iso, scale, expected) => {
    if (/^T/.test(expected))
      expect(() => encodeTimestamp(iso, scale)).toThrow(expect.objectContaining({ code: expected }));
    else expect(encodeTimestamp(iso, scale).toString('hex')).toBe(ebcdic(expected).toString('hex'));
  });
});

describe('decimals as text', () => {
  test.each([
    ['0', 0, true, '0'],
    ['000', 2, true, '0.00'],
    ['5', 3, true, '-0.005'],
    ['00120', 1, false, '12.0'],
    ['', 2, false, '0.00'],
  ])('%j with %i decimals, negative %s', (digits, scale, negative, text) => {
    expect(decimalText(digits, scale, negative)).toBe(text);
  });

  test.each([
    ['1', 3, 1, '010', false],
    ['+1', 3, 1, '010', false],
    ['-.5', 3, 1, '005', true],
    ['1.', 3, 1, '010', false],
    ['1E1', 3, 1, '100', false],
    ['100E-2', 3, 1, '010', false],
    ['1.0000', 3, 1, '010', false],
    ['0E999999', 3, 1, '000', false],
    ['-0', 3, 1, '000', false],
    ['0.00E-99999', 1, 0, '0', false],
  ])('%s in DECIMAL(%i,%i)', (value, digits, scale, expected, negative) => {
    expect(fixedDecimal(value, digits, scale)).toEqual({ digits: expected, negative });
  });

  test.each([
    ['100', 3, 1],
    ['0.01', 3, 1],
    ['1E99999', 3, 1],
    ['1E-99999', 3, 1],
    ['999999', 5, 0],
  ])('%s is out of DECIMAL(%i,%i)', (value, digits, scale) => {
    expect(() => fixedDecimal(value, digits, scale)).toThrow(expect.objectContaining({ code: 'DECIMAL_RANGE' }));
  });

  test('any integer times any power of ten, by BigInt', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 20n), 10n ** 20n),
        fc.integer({ min: -25, max: 25 }),
        fc.nat(20),
        (n, e, scale) => {
          const magnitude = n < 0n ? -n : n;
          const shift = e + scale;
          const exact =
            shift >= 0
              ? magnitude * 10n ** BigInt(shift)
              : magnitude % 10n ** BigInt(-shift) === 0n
                ? magnitude / 10n ** BigInt(-shift)
                : null;
          const fits = exact !== null && exact < 10n ** 31n;
          const work = () => fixedDecimal(`${n}E${e}`, 31, scale);
          if (fits)
            expect(work()).toEqual({ digits: exact.toString().padStart(31, '0'), negative: n < 0n && exact !== 0n });
          else expect(work).toThrow(expect.objectContaining({ code: 'DECIMAL_RANGE' }));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('bytes four at a time', () => {
  test('copied as by Buffer, with at most three behind them overwritten', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), fc.nat(8), (from, start, length, at) => {
        const first = Math.min(start, from.length);
        const count = Math.min(length, from.length - first);
        const to = Buffer.alloc(64, 0xa5);
        copyWords(
          new DataView(from.buffer, from.byteOffset, from.byteLength),
          first,
          count,
          new DataView(to.buffer, to.byteOffset, 64),
          at,
        );
        expect(to.subarray(at, at + count).equals(Buffer.from(from.subarray(first, first + count)))).toBe(true);
        expect(to.subarray(0, at).every((b) => b === 0xa5)).toBe(true);
        expect(to.subarray(at + count + 3).every((b) => b === 0xa5)).toBe(true);
      }),
    );
  });

  test('the hash of a content is the same wherever it lies and however it is read, and one bit makes another', () => {
    const hashOf = (bytes: Uint8Array, from: number, to: number, view: DataView | null): string => {
      const hash = new ContentHash();
      hash.of(bytes, from, to, view);
      return `${hash.a} ${hash.b}`;
    };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(9), fc.nat(479), (content, lead, bit) => {
        const memory = Buffer.concat([Buffer.alloc(lead, 0xee), content, Buffer.alloc(9, 0xee)]);
        const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
        const own = hashOf(content, 0, content.length, null);
        expect(hashOf(memory, lead, lead + content.length, null)).toBe(own);
        expect(hashOf(memory, lead, lead + content.length, view)).toBe(own);
        const place = bit % (content.length * 8);
        memory[lead + (place >> 3)]! ^= 1 << (place & 7);
        expect(hashOf(memory, lead, lead + content.length, view)).not.toBe(own);
      }),
    );
    expect(hashOf(Buffer.alloc(0), 0, 0, null)).not.toBe('0 0');
    expect(hashOf(Buffer.alloc(4), 0, 4, null)).not.toBe(hashOf(Buffer.alloc(8), 0, 8, null));
  });
});
