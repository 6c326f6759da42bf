import fc from 'fast-check';
import { decodeDecfloat, encodeDecfloat } from '../../src/bytes/decfloat';
import { decodePacked, encodePacked } from '../../src/bytes/packed';
import { decodeZoned, encodeZoned } from '../../src/bytes/zoned';

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};
const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('packed decimal', () => {
  test.each([
    ['00000001234F', 11, 2, '12.34'],
    ['00000000005D', 11, 2, '-0.05'],
    ['0C', 1, 0, '0'],
    ['0D', 1, 0, '0'],
    ['000D', 3, 2, '0.00'],
    ['123A', 3, 0, '123'],
    ['123B', 3, 0, '-123'],
    ['123E', 3, 3, '0.123'],
    ['1240305F', 7, 0, '1240305'],
    ['01240F', 4, 0, '1240'],
  ])('%s as DECIMAL(%i,%i) is %s', (bytes, digits, scale, value) => {
    expect(decodePacked(hex(bytes), 0, digits, scale)).toBe(value);
  });

  test.each([
    ['404040', 5, 'PACKED_SIGN'],
    ['1A3F', 3, 'PACKED_DIGIT'],
    ['A23F', 3, 'PACKED_DIGIT'],
    ['1230', 3, 'PACKED_SIGN'],
    ['12', 3, 'FIELD_SHORT'],
    ['FFFF', 3, 'PACKED_DIGIT'],
  ])('%s as DECIMAL(%i) is %s', (bytes, digits, expected) => {
    expect(code(() => decodePacked(hex(bytes), 0, digits, 0))).toBe(expected);
  });

  test('63 digits survive both ways, and every truncation is an error', () => {
    const value = `-${'123456789'.repeat(7).slice(0, 33)}.${'987654321'.repeat(4).slice(0, 30)}`;
    const bytes = encodePacked(value, 63, 30);
    expect(bytes.length).toBe(32);
    expect(decodePacked(bytes, 0, 63, 30)).toBe(value);
    for (let n = 0; n < bytes.length; n++)
      expect(code(() => decodePacked(bytes.subarray(0, n), 0, 63, 30))).toBe('FIELD_SHORT');
  });

  test.each([
    ['1E2', 3, 0, '100F'],
    ['1.50', 3, 1, '015F'],
    ['-1.5', 4, 2, '00150D'],
    ['-0.0', 3, 1, '000F'],
  ])('encodes %s', (value, digits, scale, bytes) => {
    expect(encodePacked(value, digits, scale).toString('hex').toUpperCase()).toBe(bytes);
  });

  test.each([
    ['1234', 3, 0, 'DECIMAL_RANGE'],
    ['1.25', 3, 1, 'DECIMAL_RANGE'],
    ['1E9', 3, 0, 'DECIMAL_RANGE'],
    ['abc', 3, 0, 'DECIMAL_SYNTAX'],
    ['', 3, 0, 'DECIMAL_SYNTAX'],
    ['.', 3, 0, 'DECIMAL_SYNTAX'],
  ])('refuses %s as DECIMAL(%i,%i): %s', (value, digits, scale, expected) => {
    expect(code(() => encodePacked(value, digits, scale))).toBe(expected);
  });
});

describe('zoned decimal', () => {
  test.each([
    ['F0F0F0F0F0F0F0F5F6F7F8', 11, 2, '56.78'],
    ['F1F2D3', 3, 0, '-123'],
    ['4040F5', 3, 0, '5'],
    ['010203', 3, 0, 'ZONED_SIGN'],
    ['404040', 3, 0, 'ZONED_SIGN'],
    ['FAF2F3', 3, 0, 'ZONED_DIGIT'],
    ['F1F2', 3, 0, 'FIELD_SHORT'],
  ])('%s as NUMERIC(%i,%i) is %s', (bytes, digits, scale, expected) => {
    let seen: string;
    try {
      seen = decodeZoned(hex(bytes), 0, digits, scale);
    } catch (error) {
      seen = (error as { code: string }).code;
    }
    expect(seen).toBe(expected);
  });

  test('round trip of any decimal', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 31n) + 1n, 10n ** 31n - 1n), fc.nat(31), (unscaled, scale) => {
        const digits = unscaled
          .toString()
          .replace('-', '')
          .padStart(scale + 1, '0');
        const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
        const value = unscaled < 0n ? `-${text}` : text;
        expect(decodeZoned(encodeZoned(value, 32, scale), 0, 32, scale)).toBe(value);
        expect(decodePacked(encodePacked(value, 32, scale), 0, 32, scale)).toBe(value);
      }),
    );
  });
});

describe('DECFLOAT', () => {
  // Vectors of the decimal64/decimal128 test suites published with the encoding.
  test.each([
    [8, 'A2300000000003D0', '-7.50'],
    [8, '2238000000000000', '0'],
    [8, '2238000000000001', '1'],
    [8, '77FCFF3FCFF3FCFF', '9.999999999999999E+384'],
    [8, '0000000000000001', '1E-398'],
    [8, '7800000000000000', 'Infinity'],
    [8, 'F800000000000000', '-Infinity'],
    [8, '7C00000000000000', 'NaN'],
    [8, '7E00000000000000', 'SNaN'],
    [8, 'FC00000000000000', '-NaN'],
    [16, 'A20780000000000000000000000003D0', '-7.50'],
    [16, '22080000000000000000000000000001', '1'],
  ] as const)('%i bytes %s is %s', (width, bytes, value) => {
    expect(decodeDecfloat(hex(bytes), 0, width)).toBe(value);
    expect(encodeDecfloat(value, width).toString('hex').toUpperCase()).toBe(bytes);
  });

  test('round trip, canonical and redundant patterns', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 16n - 1n),
        fc.integer({ min: -398, max: 369 }),
        fc.boolean(),
        (c, e, negative) => {
          const value = `${negative ? '-' : ''}${c}E${e}`;
          const first = decodeDecfloat(encodeDecfloat(value, 8), 0, 8);
          expect(decodeDecfloat(encodeDecfloat(first, 8), 0, 8)).toBe(first);
          expect(decodeDecfloat(encodeDecfloat(value, 16), 0, 16)).toBe(first);
        },
      ),
    );
  });

  test('out of range and short input', () => {
    expect(code(() => encodeDecfloat('1E400', 8))).toBe('DECFLOAT_RANGE');
    expect(code(() => encodeDecfloat('12345678901234567', 8))).toBe('DECFLOAT_RANGE');
    expect(code(() => encodeDecfloat('one', 8))).toBe('DECIMAL_SYNTAX');
    expect(code(() => decodeDecfloat(Buffer.alloc(7), 0, 8))).toBe('FIELD_SHORT');
  });
});
