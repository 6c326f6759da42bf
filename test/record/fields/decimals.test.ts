/** DECIMAL and NUMERIC of every width, scale and sign, against a model that goes nibble by nibble. */
import fc from 'fast-check';
import type { FieldPolicy } from '../../../src/record/field-errors';
import { everywhere, field, hex, planned, read, reading, short } from '../support/fields';
import { decimal, packed, packedValue, zoned, zonedValue } from '../support/naive';

const packedField = (length: number, scale = 0) => field('DECIMAL', { length, scale });
const zonedField = (length: number, scale = 0) => field('NUMERIC', { length, scale });

/** The value, or null beside the code. */
const answer = (told: string): unknown => (/^[A-Z]/.test(told) ? { value: null, codes: [told] } : told);

describe('sign nibbles', () => {
  test.each([
    ['a', '12'],
    ['b', '-12'],
    ['c', '12'],
    ['d', '-12'],
    ['e', '12'],
    ['f', '12'],
  ])('%s', (sign, value) => {
    expect(short(everywhere(packedField(3), packed('012', sign)))).toBe(value);
    expect(short(everywhere(zonedField(3), zoned('012', sign)))).toBe(value);
  });

  test.each([...'0123456789'])('%s is a digit', (sign) => {
    expect(everywhere(packedField(3), packed('012', sign))).toEqual({
      value: null,
      errors: [`PACKED_SIGN 012${sign}`],
    });
    expect(everywhere(zonedField(3), zoned('012', sign))).toEqual({ value: null, errors: [`ZONED_SIGN f0f1${sign}2`] });
  });

  test.each([...'bd'])('minus zero is zero: %s', (sign) => {
    expect(short(everywhere(packedField(5, 2), packed('00000', sign)))).toBe('0.00');
    expect(short(everywhere(zonedField(5, 2), zoned('00000', sign)))).toBe('0.00');
  });
});

describe('every precision from 1 to 63, and its scales', () => {
  const precisions = Array.from({ length: 63 }, (_, i) => i + 1);

  test.each(precisions)('%i digits', (length) => {
    const digits = '9182736450'.repeat(7).slice(0, length);
    for (const scale of new Set([0, 1, length >> 1, length - 1, length])) {
      if (scale > length) continue;
      const ofPacked = reading(packedField(length, scale));
      const ofZoned = reading(zonedField(length, scale));
      for (const text of [digits, '0'.repeat(length), '9'.repeat(length), '1'.padStart(length, '0')])
        for (const sign of ['f', 'd']) {
          const value = decimal(BigInt(text), scale, sign === 'd');
          expect(short(ofPacked(packed(text, sign)))).toBe(value);
          expect(short(ofZoned(zoned(text, sign)))).toBe(value);
        }
    }
  });
});

describe('leading zeros', () => {
  // 15 digits: what is written begins at the first digit that counts, or at the one before the point
  const rows = Array.from({ length: 15 }, (_, i) => '7'.repeat(15 - i).padStart(15, '0'));
  test.each(rows)('%s', (digits) => {
    for (const scale of [0, 1, 2, 7, 14, 15]) {
      const value = decimal(BigInt(digits), scale, true);
      expect(short(everywhere(packedField(15, scale), packed(digits, 'd')))).toBe(value);
      expect(short(everywhere(zonedField(15, scale), zoned(digits, 'd')))).toBe(value);
    }
  });
});

describe('any bytes', () => {
  const shape = fc
    .integer({ min: 1, max: 33 })
    .chain((length) => fc.record({ length: fc.constant(length), scale: fc.nat(length) }));

  test('of a packed field', () => {
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat(255)), fc.boolean(), ({ length, scale }, noise, spoil) => {
        const odd = length % 2 === 1 ? length : length + 1;
        const digits = Array.from({ length: odd }, () => noise.next().value % 10).join('');
        const bytes = packed(digits, 'abcdef'[noise.next().value % 6]!);
        if (spoil) bytes[noise.next().value % bytes.length] = noise.next().value;
        expect(short(everywhere(packedField(odd, Math.min(scale, odd)), bytes))).toEqual(
          answer(packedValue(bytes, Math.min(scale, odd))),
        );
      }),
      { numRuns: 120 },
    );
  });

  test('of a zoned field', () => {
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat(255)), fc.boolean(), ({ length, scale }, noise, spoil) => {
        // zones before the last digit are not looked at, so any may stand there
        const bytes = Buffer.from(
          Array.from({ length }, () => ((noise.next().value % 16) << 4) | (noise.next().value % 10)),
        );
        if (spoil) bytes[noise.next().value % length] = noise.next().value;
        expect(short(everywhere(zonedField(length, scale), bytes))).toEqual(answer(zonedValue(bytes, scale)));
      }),
      { numRuns: 120 },
    );
  });
});

test.each([
  ['DECIMAL(5,2)', packedField(5, 2), '00123d', '-1.23', -1.23],
  ['DECIMAL(5,5)', packedField(5, 5), '00001f', '0.00001', 0.00001],
  ['NUMERIC(3)', zonedField(3), 'f0f0d7', '-7', -7],
  ['NUMERIC(4,4)', zonedField(4, 4), 'f0f0f0f0', '0.0000', 0],
])('%s as a JSON number has the same digits', (_, column, bytes, text, number) => {
  expect(planned([column], hex(bytes))).toEqual({ value: text, errors: [] });
  expect(planned([column], hex(bytes), { decimal: 'number' })).toEqual({ value: number, errors: [] });
});

describe('policies', () => {
  const BLANK_PACKED = hex('404040');
  const BLANK_ZONED = hex('4040404040');
  const given: [FieldPolicy, unknown, unknown][] = [
    ['null', null, null],
    ['raw', '404040', '4040404040'],
    ['zero-if-blank', '0.00', '0.00'],
    ['replace', null, null],
    ['quarantine-row', null, null],
    ['stop', null, null],
  ];

  test.each(given)('%s of a field of blanks', (onError, ofPacked, ofZoned) => {
    expect(everywhere(packedField(5, 2), BLANK_PACKED, { onError })).toEqual({
      value: ofPacked,
      errors: ['PACKED_SIGN 404040'],
    });
    expect(everywhere(zonedField(5, 2), BLANK_ZONED, { onError })).toEqual({
      value: ofZoned,
      errors: ['ZONED_SIGN 4040404040'],
    });
  });

  test.each([
    ['a blank too few', '40400f', '0', []],
    ['one nibble wrong', '4a4040', null, ['PACKED_DIGIT 4a4040']],
    ['zeros of a program that never wrote it', '000000', null, ['PACKED_SIGN 000000']],
  ])('zero-if-blank, %s', (_, bytes, value, errors) => {
    const column = packedField(5);
    const told = everywhere(column, hex(bytes), { onError: 'zero-if-blank' });
    expect(told).toEqual({ value: value === '0' ? '40400' : value, errors });
  });

  test('zero-if-blank of a number is a number', () => {
    expect(planned([packedField(5)], BLANK_PACKED, { onError: 'zero-if-blank', decimal: 'number' }).value).toBe(0);
    expect(planned([zonedField(5, 2)], BLANK_ZONED, { onError: 'zero-if-blank', decimal: 'number' }).value).toBe(0);
  });
});

test.each([
  ['null', '1', null, []],
  ['without its bytes', '2', null, ['DATA_MAPPING ']],
  ['not recorded', '9', undefined, []],
  ['blank map: no nulls', ' ', '7', []],
  ['blank map in EBCDIC', '@', '7', []],
])('a map that says %s', (_, map, value, errors) => {
  expect(planned([packedField(1)], hex('7f'), {}, map)).toEqual({ value, errors });
  expect(read([packedField(1)], hex('7f'), {}, map)).toEqual({ value, errors });
});
