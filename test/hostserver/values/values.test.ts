/** Values out of rows: bytes written by hand from the layouts of docs/protocol.md#9.4, and decimals against a model. */
import fc from 'fast-check';
import { rowDecoder } from '../../../src/hostserver/rows/decode';
import type { TextOptions } from '../../../src/hostserver/rows/layout';
import { LobLocator } from '../../../src/hostserver/rows/value-readers';
import { ebcdic } from '../../record/support/fields';
import { decimal, packed, packedValue, zoned, zonedValue } from '../../record/support/naive';
import { block, type Column, firstValue, hex, layoutOf } from '../support/columns';

/** The value, or the code of what is wrong with its bytes. */
function told(column: Column, bytes: Buffer): unknown {
  try {
    return firstValue(column, bytes);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('decimals', () => {
  test.each(Array.from({ length: 63 }, (_, i) => i + 1))('of %i digits, at every scale', (length) => {
    const digits = '9182736450'.repeat(7).slice(0, length);
    for (let scale = 0; scale <= length; scale++)
      for (const [text, sign] of [
        [digits, 'f'],
        [digits, 'd'],
        ['0'.repeat(length), 'd'],
        ['9'.repeat(length), 'b'],
        ['1'.padStart(length, '0'), 'c'],
      ] as const) {
        const value = decimal(BigInt(text), scale, sign === 'd' || sign === 'b');
        expect(told({ type: 'DECIMAL', length, scale }, packed(text, sign))).toBe(value);
        expect(told({ type: 'NUMERIC', length, scale }, zoned(text, sign))).toBe(value);
      }
  });

  test('any bytes of a packed or zoned field', () => {
    const shape = fc.integer({ min: 1, max: 20 }).chain((length) => fc.tuple(fc.constant(length), fc.nat(length)));
    const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(shape, bytes, fc.boolean(), ([length, scale], noise, good) => {
        const odd = length | 1;
        const raw = Buffer.from(noise);
        // mostly digits, so that not everything fails at once
        if (good) for (let i = 0; i < raw.length; i++) raw[i] = (((raw[i]! >> 4) % 10) << 4) | ((raw[i]! & 15) % 10);
        const packedBytes = raw.subarray(0, (odd >> 1) + 1);
        if (good) packedBytes[packedBytes.length - 1]! |= 0x0f;
        expect(told({ type: 'DECIMAL', length: odd, scale }, packedBytes)).toBe(packedValue(packedBytes, scale));
        const zonedBytes = Buffer.from(noise).subarray(0, length);
        if (good) for (let i = 0; i < length; i++) zonedBytes[i] = 0xf0 | (zonedBytes[i]! % 10);
        expect(told({ type: 'NUMERIC', length, scale }, zonedBytes)).toBe(zonedValue(zonedBytes, scale));
      }),
      { numRuns: 400 },
    );
  });
});

describe('numbers', () => {
  test.each<[Column, string, unknown]>([
    [{ type: 'SMALLINT' }, '8000', -32768],
    [{ type: 'SMALLINT' }, '7fff', 32767],
    [{ type: 'INTEGER' }, '80000000', -2147483648],
    [{ type: 'INTEGER' }, 'ffffffff', -1],
    [{ type: 'BIGINT' }, '8000000000000000', '-9223372036854775808'],
    [{ type: 'BIGINT' }, '7fffffffffffffff', '9223372036854775807'],
    [{ type: 'BIGINT' }, '0020000000000001', '9007199254740993'],
    [{ type: 'BIGINT' }, 'ffdfffffffffffff', '-9007199254740993'],
    [{ type: 'BIGINT' }, '001fffffffffffff', '9007199254740991'],
    [{ type: 'BIGINT' }, 'ffe0000000000000', '-9007199254740992'],
    [{ type: 'BIGINT' }, 'ffffffffffffffff', '-1'],
    [{ type: 'BIGINT' }, '00000000ffffffff', '4294967295'],
    [{ type: 'REAL' }, '3fc00000', 1.5],
    [{ type: 'REAL' }, 'ff800000', Number.NEGATIVE_INFINITY],
    [{ type: 'DOUBLE' }, '3fb999999999999a', 0.1],
    [{ type: 'DOUBLE' }, '7ff8000000000000', Number.NaN],
    [{ type: 'DECFLOAT', length: 8 }, 'a2300000000003d0', '-7.50'],
    [{ type: 'DECFLOAT', length: 16 }, '22080000000000000000000000000001', '1'],
    [{ type: 'BOOLEAN' }, 'f1', true],
    [{ type: 'BOOLEAN' }, 'f0', false],
  ])('%j %s', (column, bytes, value) => {
    expect(told(column, hex(bytes))).toEqual(value);
  });

  // a DDS binary with decimals is described as an integer with a scale
  test.each<[string, number, number, string, string]>([
    ['SMALLINT', 500, 2, 'fffb', '-0.05'],
    ['SMALLINT', 500, 4, '270f', '0.9999'],
    ['INTEGER', 496, 5, '0000007b', '0.00123'],
    ['INTEGER', 496, 2, '80000000', '-21474836.48'],
  ])('%s (%i) with %i decimals: %s', (_, type, scale, bytes, value) => {
    const length = bytes.length / 2;
    const layout = layoutOf([]);
    const { fields } = layoutOf([{ type: length === 2 ? 'SMALLINT' : 'INTEGER' }]);
    const scaled = { ...layout, fields: [{ ...fields[0]!, code: type, scale }], rowSize: length };
    expect(rowDecoder(scaled).decode(block(scaled, 1, hex(`0000${bytes}`)), false)).toEqual([[value]]);
  });
});

describe('text', () => {
  test.each<[Column, string, unknown]>([
    [{ type: 'CHAR', length: 4, ccsid: 37 }, 'c1c24040', 'AB  '],
    [{ type: 'CHAR', length: 1, ccsid: 273 }, '4a', 'Ä'],
    [{ type: 'CHAR', length: 2, ccsid: 65535 }, 'c1c2', hex('c1c2')],
    [{ type: 'VARCHAR', length: 4, ccsid: 37 }, '0002 c1c2 a5a5', 'AB'],
    [{ type: 'VARCHAR', length: 4, ccsid: 37 }, '0000 a5a5a5a5', ''],
    [{ type: 'VARCHAR', length: 4, ccsid: 1208 }, '0003 e282ac 00', '€'],
    [{ type: 'VARCHAR', length: 4, ccsid: 65535 }, '0001 c1 000000', hex('c1')],
    [{ type: 'GRAPHIC', length: 2, ccsid: 1200 }, '20ac0020', '€ '],
    [{ type: 'VARGRAPHIC', length: 3, ccsid: 1200 }, '0001 20ac 00000000', '€'],
    [{ type: 'VARGRAPHIC', length: 3, ccsid: 1200 }, '0002 d83dde00 0000', '😀'],
    [{ type: 'BINARY', length: 3 }, '010203', hex('010203')],
    [{ type: 'VARBINARY', length: 3 }, '0002 0102 00', hex('0102')],
    [{ type: 'ROWID', length: 40 }, `0002 abcd ${'00'.repeat(38)}`, hex('abcd')],
    [{ type: 'CLOB', length: 4, ccsid: 37 }, '00000002 c1c2 0000', 'AB'],
    [{ type: 'BLOB', length: 4 }, '00000003 010203 00', hex('010203')],
    [{ type: 'DBCLOB', length: 2, ccsid: 1200 }, '00000001 20ac 0000', '€'],
    [{ type: 'DATALINK', length: 4, ccsid: 37 }, '0001 c1 000000', 'A'],
  ])('%j %s', (column, bytes, value) => {
    const found = told(column, hex(bytes));
    expect(found instanceof Uint8Array ? Buffer.from(found) : found).toEqual(value);
  });

  test('text that claims no CCSID is that of the job', () => {
    const job = { jobCcsid: 273, dateFormat: 'ISO', timeFormat: 'ISO' } as const;
    expect(firstValue({ type: 'CHAR', length: 1, ccsid: 0 }, hex('4a'), job)).toBe('Ä');
    expect(firstValue({ type: 'VARCHAR', length: 1, ccsid: null }, hex('0001 4a'), job)).toBe('Ä');
  });

  test('the same text row after row, and then another, a longer and an empty one', () => {
    const layout = layoutOf([{ type: 'VARCHAR', length: 6, ccsid: 37 }]);
    const texts = ['OPEN', 'OPEN', 'OPEX', 'OPE', 'OPEN', '', '', 'OPENED', 'OPEN'];
    const rows = texts.map((t) =>
      Buffer.concat([Buffer.of(0, t.length), ebcdic(t), Buffer.alloc(6 - t.length, t.length)]),
    );
    const data = Buffer.concat([Buffer.alloc(texts.length * 2), ...rows]);
    expect(rowDecoder(layout).decode(block(layout, texts.length, data), false)).toEqual(texts.map((t) => [t]));
  });

  test('bytes are a copy, good after the block is gone', () => {
    const bytes = hex('0102');
    const found = firstValue({ type: 'BINARY', length: 2 }, bytes) as Uint8Array;
    bytes.fill(0);
    expect(Buffer.from(found).toString('hex')).toBe('0102');
  });

  test('a LOB beyond the threshold is a handle', () => {
    const layout = layoutOf([{ type: 'CLOB', length: 100_000, ccsid: 37 }]);
    const [[found]] = rowDecoder(layout).decode(block(layout, 1, hex('0000 80000007')), false) as [[LobLocator]];
    expect(found).toBeInstanceOf(LobLocator);
    expect([found.handle, found.field.type, found.field.lobMaxSize]).toEqual([0x80000007, 'CLOB', 100_000]);
    expect(rowDecoder(layout).hasLocators).toBe(true);
    expect(rowDecoder(layoutOf([{ type: 'CLOB', length: 100, ccsid: 37 }])).hasLocators).toBe(false);
  });
});

describe('dates as the job writes them', () => {
  const job = (more: Partial<TextOptions>): TextOptions => ({
    jobCcsid: 37,
    dateFormat: 'ISO',
    timeFormat: 'ISO',
    ...more,
  });

  test.each<[TextOptions['dateFormat'], string, string]>([
    ['ISO', '2024-02-29', '2024-02-29'],
    ['JIS', '2024-02-29', '2024-02-29'],
    ['USA', '02/29/2024', '2024-02-29'],
    ['EUR', '29.02.2024', '2024-02-29'],
    ['MDY', '02/29/24', '2024-02-29'],
    ['DMY', '29/02/24', '2024-02-29'],
    ['YMD', '24/02/29', '2024-02-29'],
    ['MDY', '01/01/40', '1940-01-01'],
    ['MDY', '12/31/39', '2039-12-31'],
    ['JUL', '24/001', '2024-01-01'],
    ['JUL', '24/031', '2024-01-31'],
    ['JUL', '24/032', '2024-02-01'],
    ['JUL', '24/060', '2024-02-29'],
    ['JUL', '24/061', '2024-03-01'],
    ['JUL', '23/060', '2023-03-01'],
    ['JUL', '24/366', '2024-12-31'],
    ['JUL', '23/365', '2023-12-31'],
    ['JUL', '00/366', '2000-12-31'],
    ['JUL', '40/001', '1940-01-01'],
  ])('*%s %s', (dateFormat, text, iso) => {
    expect(firstValue({ type: 'DATE' }, ebcdic(text), job({ dateFormat }))).toBe(iso);
    // the separator is whatever it is
    expect(firstValue({ type: 'DATE' }, ebcdic(text.replaceAll('/', ',')), job({ dateFormat }))).toBe(iso);
  });

  test.each<[TextOptions['timeFormat'], string, string]>([
    ['ISO', '23.59.58', '23:59:58'],
    ['EUR', '00.00.00', '00:00:00'],
    ['JIS', '07:08:09', '07:08:09'],
    ['HMS', '07,08,09', '07:08:09'],
    ['HMS', '24:00:00', '24:00:00'],
    ['USA', '11:59 PM', '23:59:00'],
    ['USA', '12:00 AM', '00:00:00'],
    ['USA', '12:00 PM', '12:00:00'],
    ['USA', '01:05 am', '01:05:00'],
    ['USA', '01:05 pm', '13:05:00'],
  ])('*%s %s', (timeFormat, text, iso) => {
    expect(firstValue({ type: 'TIME' }, ebcdic(text), job({ timeFormat }))).toBe(iso);
  });

  test.each(Array.from({ length: 13 }, (_, scale) => scale))('a timestamp with %i digits', (scale) => {
    const fraction = scale === 0 ? '' : `.${'123456789012'.slice(0, scale)}`;
    expect(firstValue({ type: 'TIMESTAMP', scale }, ebcdic(`2024-02-29-23.59.58${fraction}`))).toBe(
      `2024-02-29T23:59:58${fraction}`,
    );
  });

  test('in the CCSID of the job, double-byte ones and Unicode as well', () => {
    for (const jobCcsid of [273, 500, 939, 1388])
      expect(firstValue({ type: 'TIMESTAMP', scale: 3 }, ebcdic('2024-02-29-23.59.58.125'), job({ jobCcsid }))).toBe(
        '2024-02-29T23:59:58.125',
      );
    expect(firstValue({ type: 'DATE' }, Buffer.from('2024-02-29'), job({ jobCcsid: 1208 }))).toBe('2024-02-29');
    expect(firstValue({ type: 'TIME' }, Buffer.from('23.59.58'), job({ jobCcsid: 1208 }))).toBe('23:59:58');
  });
});
