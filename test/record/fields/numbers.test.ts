/** Binary integers, DDS binary with decimals, floats, DECFLOAT and BOOLEAN at the ends of their ranges. */
import fc from 'fast-check';
import { everywhere, field, hex, planned, read, reading, short } from '../support/fields';

describe('integers', () => {
  test.each([
    ['SMALLINT', '0000', 0],
    ['SMALLINT', '0001', 1],
    ['SMALLINT', 'ffff', -1],
    ['SMALLINT', '7fff', 32767],
    ['SMALLINT', '8000', -32768],
    ['SMALLINT', '0009', 9],
    ['SMALLINT', '000a', 10],
    ['SMALLINT', '0063', 99],
    ['SMALLINT', '0064', 100],
    ['SMALLINT', '270f', 9999],
    ['SMALLINT', '2710', 10000],
    ['INTEGER', '00000000', 0],
    ['INTEGER', 'ffffffff', -1],
    ['INTEGER', '7fffffff', 2147483647],
    ['INTEGER', '80000000', -2147483648],
    ['INTEGER', '80000001', -2147483647],
    ['INTEGER', '0001869f', 99999],
    ['INTEGER', '000186a0', 100000],
    ['INTEGER', '3b9ac9ff', 999999999],
    ['INTEGER', '3b9aca00', 1000000000],
    // 64 bits do not fit into a JSON number that everyone reads alike
    ['BIGINT', '0000000000000000', '0'],
    ['BIGINT', 'ffffffffffffffff', '-1'],
    ['BIGINT', '7fffffffffffffff', '9223372036854775807'],
    ['BIGINT', '8000000000000000', '-9223372036854775808'],
    // around 2^31 and 2^53, where the ways of writing change
    ['BIGINT', '000000007fffffff', '2147483647'],
    ['BIGINT', '0000000080000000', '2147483648'],
    ['BIGINT', 'ffffffff80000000', '-2147483648'],
    ['BIGINT', 'ffffffff7fffffff', '-2147483649'],
    ['BIGINT', '001fffffffffffff', '9007199254740991'],
    ['BIGINT', '0020000000000000', '9007199254740992'],
    ['BIGINT', '0020000000000001', '9007199254740993'],
    ['BIGINT', 'ffe0000000000000', '-9007199254740992'],
    ['BIGINT', 'ffdfffffffffffff', '-9007199254740993'],
  ] as const)('%s %s', (type, bytes, value) => {
    expect(short(everywhere(field(type), hex(bytes)))).toBe(value);
  });

  test('any 64 bits, as DataView reads them', () => {
    const [bigint, integer, smallint] = (['BIGINT', 'INTEGER', 'SMALLINT'] as const).map((type) =>
      reading(field(type)),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const image = Buffer.from(bytes);
        expect(short(bigint!(image))).toBe(view.getBigInt64(0).toString());
        expect(short(integer!(image.subarray(0, 4)))).toBe(view.getInt32(0));
        expect(short(smallint!(image.subarray(0, 2)))).toBe(view.getInt16(0));
      }),
      { numRuns: 200 },
    );
  });

  // DDS: 4B 2 and 9B 5; the digits are those of the integer
  test.each([
    ['SMALLINT', 2, '0000', '0.00'],
    ['SMALLINT', 2, '0005', '0.05'],
    ['SMALLINT', 2, 'fffb', '-0.05'],
    ['SMALLINT', 4, '270f', '0.9999'],
    ['SMALLINT', 1, '8000', '-3276.8'],
    ['INTEGER', 5, '0000007b', '0.00123'],
    ['INTEGER', 9, '80000000', '-2.147483648'],
    ['BIGINT', 18, '7fffffffffffffff', '9.223372036854775807'],
    ['BIGINT', 18, '8000000000000000', '-9.223372036854775808'],
  ] as const)('%s with %i decimals: %s', (type, scale, bytes, value) => {
    expect(short(everywhere(field(type, { scale }), hex(bytes)))).toBe(value);
  });

  test.each([
    ['SMALLINT', 2, 'fffb', -0.05],
    ['BIGINT', 0, '000000000000002a', 42],
  ] as const)('%s with %i decimals as a number', (type, scale, bytes, value) => {
    expect(planned([field(type, { scale })], hex(bytes), { decimal: 'number' }).value).toBe(value);
  });
});

describe('REAL and DOUBLE', () => {
  test.each([
    ['REAL', '3dcccccd', 0.1],
    ['REAL', '00000001', 1e-45],
    ['REAL', '7f7fffff', 3.4028235e38],
    ['REAL', '00800000', 1.1754944e-38],
    ['REAL', '4b800000', 16777216],
    ['REAL', '80000000', 0],
    ['REAL', '7f800000', 'Infinity'],
    ['REAL', 'ff800000', '-Infinity'],
    ['REAL', '7fc00000', 'NaN'],
    ['DOUBLE', '3fb999999999999a', 0.1],
    ['DOUBLE', '0000000000000001', 5e-324],
    ['DOUBLE', '7fefffffffffffff', 1.7976931348623157e308],
    ['DOUBLE', '8000000000000000', 0],
    ['DOUBLE', '444b1ae4d6e2ef50', 1e21],
    ['DOUBLE', '7ff0000000000000', 'Infinity'],
    ['DOUBLE', 'fff0000000000000', '-Infinity'],
    ['DOUBLE', '7ff8000000000000', 'NaN'],
  ] as const)('%s %s', (type, bytes, value) => {
    expect(short(everywhere(field(type), hex(bytes)))).toBe(value);
  });

  test('a REAL has the fewest digits that give the same 32 bits back', () => {
    const told = reading(field('REAL'));
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (real) => {
        const bytes = Buffer.alloc(4);
        bytes.writeFloatBE(real);
        const value = short(told(bytes)) as number;
        expect(Math.fround(value)).toBe(real === 0 ? 0 : real);
        const significant = value.toExponential().replace(/e.*|[-.]/g, '').length;
        if (significant > 1) expect(Math.fround(Number(value.toPrecision(significant - 1)))).not.toBe(real);
      }),
      { numRuns: 300 },
    );
  });

  test('a DOUBLE is the number Node reads', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleBE(double);
        expect(short(everywhere(field('DOUBLE'), bytes))).toBe(double === 0 ? 0 : double);
      }),
    );
  });
});

describe('DECFLOAT', () => {
  // decimal64 and decimal128 of the General Decimal Arithmetic test cases (dddsEncode, dqEncode)
  test.each([
    [8, 'a2300000000003d0', '-7.50', -7.5],
    [8, '22380000000049c5', '12345', 12345],
    [8, '22280000000049c5', '1.2345', 1.2345],
    [8, '77fcff3fcff3fcff', '9.999999999999999E+384', 'Infinity of doubles'],
    [16, '22080000000000000000000000000001', '1', 1],
    [16, 'a20780000000000000000000000003d0', '-7.50', -7.5],
  ] as const)('DECFLOAT of %i bytes %s', (length, bytes, text, number) => {
    expect(short(everywhere(field('DECFLOAT', { length }), hex(bytes)))).toBe(text);
    const asNumber = planned([field('DECFLOAT', { length })], hex(bytes), { decimal: 'number' }).value;
    expect(asNumber).toBe(typeof number === 'number' ? number : Number.POSITIVE_INFINITY);
  });

  test.each([
    ['7800000000000000', 'Infinity'],
    ['f800000000000000', '-Infinity'],
    ['7c00000000000000', 'NaN'],
    ['fc00000000000000', '-NaN'],
    ['7e00000000000000', 'SNaN'],
  ])('%s stays a text even where numbers are asked for', (bytes, text) => {
    for (const decimal of ['string', 'number'] as const)
      expect(planned([field('DECFLOAT', { length: 8 })], hex(bytes), { decimal }).value).toBe(text);
    expect(read([field('DECFLOAT', { length: 8 })], hex(bytes)).value).toBe(text);
  });
});

describe('BOOLEAN', () => {
  test.each([
    ['f1', true],
    ['f0', false],
    ['01', true],
    ['00', false],
  ])('%s', (bytes, value) => {
    expect(short(everywhere(field('BOOLEAN'), hex(bytes)))).toBe(value);
  });

  test.each(['40', 'e8', 'd5', 'f2', 'ff', '31'])('%s is neither', (bytes) => {
    expect(everywhere(field('BOOLEAN'), hex(bytes))).toEqual({ value: null, errors: [`BOOLEAN_VALUE ${bytes}`] });
    expect(everywhere(field('BOOLEAN'), hex(bytes), { onError: 'raw' }).value).toBe(bytes);
  });
});

describe('bytes', () => {
  test.each([0, 1, 2, 3, 4, 31, 32, 33])('%i bytes as base64 and hex', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 73 + 11) & 255));
    const slot = Buffer.alloc(2 + 40, 0xa5);
    slot.writeUInt16BE(length);
    bytes.copy(slot, 2);
    const column = field('VARBINARY', { length: 40 });
    expect(planned([column], slot).value).toBe(bytes.toString('base64'));
    expect(planned([column], slot, { binary: 'hex' }).value).toBe(bytes.toString('hex'));
    expect(read([column], slot).value).toBe(bytes.toString('hex'));
  });

  test.each([
    ['BINARY', { length: 2 }, '0102', '0102'],
    ['CHAR', { length: 2, ccsid: 65535 }, 'c1c2', 'c1c2'],
    ['VARCHAR', { length: 2, ccsid: 65535 }, '0001c100', 'c1'],
    ['GRAPHIC', { length: 1, ccsid: 65535 }, '4040', '4040'],
    ['ROWID', { length: 40 }, `0003 abcdef ${'00'.repeat(37)}`, 'abcdef'],
  ] as const)('%s %j', (type, more, image, bytes) => {
    expect(planned([field(type, more)], hex(image), { binary: 'hex' })).toEqual({ value: bytes, errors: [] });
    expect(read([field(type, more)], hex(image))).toEqual({ value: bytes, errors: [] });
  });
});
