/** Rows read by SQL put together as record images: what goes in comes out of the readers, and what does not fit is never half there. */
import fc from 'fast-check';
import type { ColumnFormat } from '../../../src/model/record-format';
import { imageCopy, RowImageBuilder, rowImage } from '../../../src/record/rows/row-image';
import { compileRowReader, type RowValue } from '../../../src/record/rows/row-reader';
import { ebcdic, field, format, hex } from '../support/fields';

const named = (name: string, column: ColumnFormat): ColumnFormat => ({ ...column, name });
type Image = ReturnType<RowImageBuilder['finish']>;

function valuesOf(image: Image): RowValue[] {
  const columns = image.format!.columns;
  const reader = compileRowReader(
    image.format!,
    columns.map((c) => ({ column: c.name })),
  );
  return reader
    .read(image.bytes, image.offset, image.nulls, image.offset + image.length)
    .map((v) => (v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v));
}

/** The bytes of the record and the null map of one value of one column. */
function put(column: ColumnFormat, value: string | number | boolean | Uint8Array | null): [string, string] {
  const image = rowImage(format(column), { F: value });
  return [
    Buffer.from(image.bytes).toString('hex'),
    image.nulls === null ? '' : Buffer.from(image.nulls).toString('latin1'),
  ];
}

describe('a value becomes the bytes its column stores', () => {
  test.each<[string, ColumnFormat, string | number | boolean | Uint8Array, string]>([
    ['DECIMAL', field('DECIMAL', { length: 5, scale: 2 }), '-1.5', '00150d'],
    ['DECIMAL of an integer', field('DECIMAL', { length: 4 }), 12, '00012f'],
    ['NUMERIC', field('NUMERIC', { length: 4, scale: 1 }), '-1.5', 'f0f0f1d5'],
    ['SMALLINT', field('SMALLINT'), -2, 'fffe'],
    ['INTEGER with decimals', field('INTEGER', { scale: 2 }), '1.5', '00000096'],
    ['BIGINT', field('BIGINT'), '-9223372036854775808', '8000000000000000'],
    ['REAL', field('REAL'), 0.5, '3f000000'],
    ['DOUBLE', field('DOUBLE'), -2, 'c000000000000000'],
    ['DECFLOAT', field('DECFLOAT', { length: 8 }), '-7.50', 'a2300000000003d0'],
    ['BOOLEAN', field('BOOLEAN'), true, 'f1'],
    ['BOOLEAN by number', field('BOOLEAN'), 0, 'f0'],
    ['BOOLEAN by text', field('BOOLEAN'), 'true', 'f1'],
    ['DATE', field('DATE', { dateFormat: 'MDY' }), '2024-02-29', 'f0f261f2f961f2f4'],
    ['DATE of a year', field('DATE', { dateFormat: 'JUL', dateSeparator: '' }), '2024-12-31', 'f2f4f3f6f6'],
    ['TIME', field('TIME', { timeFormat: 'HMS' }), '23:59:58', 'f2f37af5f97af5f8'],
    ['TIME *USA', field('TIME', { timeFormat: 'USA' }), '13:05:00', 'f0f17af0f540d7d4'],
    [
      'TIMESTAMP(0)',
      field('TIMESTAMP', { scale: 0 }),
      '2024-02-29 23:59:58',
      ebcdic('2024-02-29-23.59.58').toString('hex'),
    ],
    [
      'TIMESTAMP(3)',
      field('TIMESTAMP', { scale: 3 }),
      '2024-02-29T23:59:58.5',
      ebcdic('2024-02-29-23.59.58.500').toString('hex'),
    ],
    ['CHAR is filled up', field('CHAR', { length: 4, ccsid: 37 }), 'AB', 'c1c24040'],
    ['CHAR in UTF-8', field('CHAR', { length: 4, ccsid: 1208 }), 'é', 'c3a92020'],
    ['CHAR of bytes', field('CHAR', { length: 3, ccsid: 65535 }), hex('01'), '014040'],
    ['BINARY', field('BINARY', { length: 3 }), hex('01'), '010000'],
    ['VARCHAR', field('VARCHAR', { length: 4, ccsid: 37 }), 'AB', '0002c1c20000'],
    ['an empty VARCHAR', field('VARCHAR', { length: 2, ccsid: 37 }), '', '00000000'],
    ['VARBINARY', field('VARBINARY', { length: 3 }), hex('ff'), '0001ff0000'],
    ['VARGRAPHIC counts characters', field('VARGRAPHIC', { length: 3, ccsid: 1200 }), 'Ж', '00010416' + '00000000'],
    ['GRAPHIC in UTF-16', field('GRAPHIC', { length: 2, ccsid: 1200 }), 'A', '00410020'],
    ['GRAPHIC in Japanese', field('GRAPHIC', { length: 2, ccsid: 300 }), '\uff21', '42c14040'],
  ])('%s', (_, column, value, bytes) => {
    expect(put(column, value)).toEqual([bytes, '']);
  });

  test('null is zeros and a mark', () => {
    expect(put(field('DECIMAL', { length: 5 }), null)).toEqual(['000000', '1']);
    expect(put(field('VARCHAR', { length: 2, ccsid: 37 }), null)).toEqual(['00000000', '1']);
  });
});

describe('a value its column cannot hold is unreadable, never a silent null', () => {
  test.each<[string, ColumnFormat, string | number | boolean]>([
    ['too many digits', field('DECIMAL', { length: 3 }), '1234'],
    ['too many decimals', field('DECIMAL', { length: 3, scale: 1 }), '1.25'],
    ['no number', field('DECIMAL', { length: 3 }), 'abc'],
    ['above SMALLINT', field('SMALLINT'), 32768],
    ['below SMALLINT', field('SMALLINT'), -32769],
    ['above BIGINT', field('BIGINT'), '9223372036854775808'],
    ['a fraction of an integer', field('INTEGER'), '1.5'],
    ['an integer in exponent form', field('INTEGER'), '1e3'],
    ['no day', field('DATE'), '2023-02-29'],
    ['a year without a form of two digits', field('DATE', { dateFormat: 'MDY' }), '1939-12-31'],
    ['no time', field('TIME'), '25:00:00'],
    ['seconds in *USA', field('TIME', { timeFormat: 'USA' }), '13:05:01'],
    ['no timestamp', field('TIMESTAMP', { scale: 6 }), '2024-02-29'],
    ['a timestamp of no day', field('TIMESTAMP', { scale: 6 }), '2024-02-30T00:00:00'],
    ['more digits of a second', field('TIMESTAMP', { scale: 3 }), '2024-02-29T00:00:00.1234'],
    ['too long', field('CHAR', { length: 2, ccsid: 37 }), 'ABC'],
    ['too long for a varying field', field('VARCHAR', { length: 2, ccsid: 37 }), 'ABC'],
    ['a character its page does not have', field('CHAR', { length: 5, ccsid: 37 }), 'Ж'],
    ['what a driver put for an undefined byte', field('CHAR', { length: 5, ccsid: 1208 }), 'A\ufffd'],
    ['a DECFLOAT of 17 digits', field('DECFLOAT', { length: 8 }), '12345678901234567'],
  ])('%s', (_, column, value) => {
    const [bytes, nulls] = put(column, value);
    expect(nulls).toBe('2');
    expect(bytes).toMatch(/^0+$/);
    const image = rowImage(format(column), { F: value });
    const reader = compileRowReader(image.format!, [{ column: 'F' }]);
    expect(reader.read(image.bytes, 0, image.nulls)).toEqual([null]);
    expect(reader.errors.list(image.bytes)).toEqual([{ column: 'F', code: 'DATA_MAPPING', raw: '' }]);
  });
});

describe('bytes as the file stores them', () => {
  const columns = [
    named('A', field('CHAR', { length: 3, ccsid: 37 })),
    named('B', field('VARCHAR', { length: 60, ccsid: 37 })),
    named('C', field('CLOB', { length: 100, ccsid: 1208 })),
    named('D', field('SMALLINT')),
    named('E', field('DBCLOB', { length: 100, ccsid: 1200 })),
  ];

  test('are copied: from the middle of a block, short and long', () => {
    const block = Buffer.concat([
      Buffer.alloc(7, 0xee),
      ebcdic('ABC'),
      ebcdic('x'.repeat(60)),
      Buffer.from('lob'),
      hex('0007 0416'),
    ]);
    const builder = new RowImageBuilder(format(...columns));
    builder.begin();
    builder.put(0, block, 7, 10);
    builder.put(1, block, 10, 70);
    builder.put(2, block, 70, 73);
    builder.put(3, block, 73, 75);
    builder.put(4, block, 75, 77);
    const image = builder.finish();
    block.fill(0);
    expect(valuesOf(image)).toEqual(['ABC', 'x'.repeat(60), 'lob', 7, 'Ж']);
    expect(image.nulls).toBeNull();
  });

  test.each([
    [0, 2],
    [0, 4],
    [1, 61],
    [2, 101],
    [3, 1],
    [3, 3],
    [4, 3],
    [4, 202],
  ])('column %i does not take %i bytes', (index, length) => {
    const builder = new RowImageBuilder(format(...columns));
    builder.begin();
    expect(builder.fits(index, length)).toBe(false);
    expect(() => builder.put(index, Buffer.alloc(length))).toThrow(
      expect.objectContaining({
        code: 'LAYOUT_IMAGE',
        family: 'decode',
        facts: expect.objectContaining({ bytes: length }),
      }),
    );
    // and is null as before
    expect(valuesOf(builder.finish())[index]).toBeNull();
  });

  test.each([
    [0, 3],
    [1, 0],
    [1, 60],
    [2, 100],
    [3, 2],
    [4, 200],
  ])('column %i takes %i', (index, length) => {
    expect(new RowImageBuilder(format(...columns)).fits(index, length)).toBe(true);
  });

  test('rows in one buffer do not see each other', () => {
    for (const reuse of [false, true]) {
      const builder = new RowImageBuilder(format(...columns), reuse);
      builder.begin();
      builder.put(0, ebcdic('ABC'));
      builder.put(1, ebcdic('long before'));
      builder.put(2, Buffer.from('lob'));
      builder.unreadable(3);
      const first = imageCopy(builder.finish());
      builder.begin();
      builder.put(1, ebcdic('b'));
      const second = builder.finish();
      expect(valuesOf(second)).toEqual([null, 'b', null, null, null]);
      expect(Buffer.from(second.nulls!).toString()).toBe('10111');
      expect(valuesOf(first)).toEqual(['ABC', 'long before', 'lob', null, null]);
      expect(Buffer.from(first.nulls!).toString()).toBe('00021');
      expect(Buffer.from(second.bytes).toString('hex')).not.toContain(ebcdic('ong before').toString('hex'));
    }
  });
});

test('a copy is apart from what it was made of, wherever that lies', () => {
  const bytes = Buffer.from('..AB..');
  const nulls = Buffer.from('01');
  const copy = imageCopy({ bytes, offset: 2, length: 2, nulls });
  bytes.fill(0);
  nulls.fill(0);
  expect(copy).toEqual({ bytes: Buffer.from('AB'), offset: 0, length: 2, nulls: Buffer.from('01') });
  expect(imageCopy({ bytes, offset: 0, length: 1, nulls: null, format: format() })).toMatchObject({
    nulls: null,
    format: format(),
  });
});

test('rows of any texts and numbers come back', () => {
  const columns = [
    named('C', field('CHAR', { length: 12, ccsid: 1208 })),
    named('V', field('VARCHAR', { length: 40, ccsid: 1208 })),
    named('G', field('VARGRAPHIC', { length: 12, ccsid: 1200 })),
    named('D', field('DECIMAL', { length: 15, scale: 3 })),
    named('I', field('INTEGER')),
    named('L', field('CLOB', { length: 4000, ccsid: 1208 })),
  ];
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '7', 'é', 'Ж'), maxLength: 6 });
  const row = fc.record({
    C: fc.option(text),
    V: fc.option(text),
    G: fc.option(text),
    D: fc.option(fc.integer({ min: -1e9, max: 1e9 }).map((n) => `${n}.125`.replace(/^-0/, '0'))),
    I: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    L: fc.option(text.map((t) => t.repeat(50))),
  });
  const builder = new RowImageBuilder(format(...columns), true);
  fc.assert(
    fc.property(row, (given) => {
      builder.begin();
      for (const [i, c] of columns.entries()) builder.putValue(i, given[c.name as keyof typeof given]);
      expect(valuesOf(builder.finish())).toEqual(columns.map((c) => given[c.name as keyof typeof given]));
    }),
  );
});
