/** Values of parameters as bytes, and those that are refused: nothing is cut, rounded or guessed on its way to the partition. */

import { jobDate, jobTime, wireTimestamp } from '../../../src/hostserver/rows/date-text';
import { type EncodableValue, rowEncoder } from '../../../src/hostserver/rows/encode';
import { type RowLayout, rowLayout } from '../../../src/hostserver/rows/layout';
import { ebcdic } from '../../record/support/fields';
import { type Column, hex, layoutOf } from '../support/columns';

/** The bytes of one value, without its indicator. */
function bytesOf(layout: RowLayout, value: EncodableValue): string {
  return Buffer.from(
    rowEncoder(layout)
      .encode([[value]])
      .data.subarray(2),
  ).toString('hex');
}
/** DDS binary with decimals. */
const scaled = (type: 496 | 500, scale: number): RowLayout =>
  rowLayout([{ type, length: type === 500 ? 2 : 4, scale, precision: 0, ccsid: 0 }]);

test.each<[Column, EncodableValue, string]>([
  [{ type: 'DECIMAL', length: 5, scale: 2 }, '-1.5', '00150d'],
  [{ type: 'DECIMAL', length: 5, scale: 2 }, 12, '01200f'],
  [{ type: 'DECIMAL', length: 5, scale: 2 }, 7n, '00700f'],
  [{ type: 'NUMERIC', length: 3, scale: 0 }, ' -12 ', 'f0f1d2'],
  [{ type: 'SMALLINT' }, -32768, '8000'],
  [{ type: 'SMALLINT' }, '32767', '7fff'],
  [{ type: 'SMALLINT' }, '7.0', '0007'],
  [{ type: 'SMALLINT' }, true, '0001'],
  [{ type: 'INTEGER' }, 2147483647n, '7fffffff'],
  [{ type: 'BIGINT' }, '-9223372036854775808', '8000000000000000'],
  [{ type: 'BIGINT' }, ' +9223372036854775807 ', '7fffffffffffffff'],
  [{ type: 'REAL' }, '1.5', '3fc00000'],
  [{ type: 'DOUBLE' }, 'NaN', '7ff8000000000000'],
  [{ type: 'DOUBLE' }, '-Infinity', 'fff0000000000000'],
  [{ type: 'DECFLOAT', length: 8 }, '-7.50', 'a2300000000003d0'],
  [{ type: 'BOOLEAN' }, 'Yes', 'f1'],
  [{ type: 'BOOLEAN' }, 0, 'f0'],
  [{ type: 'CHAR', length: 3, ccsid: 37 }, 'A', 'c14040'],
  [{ type: 'CHAR', length: 3, ccsid: 37 }, 7, 'f74040'],
  [{ type: 'CHAR', length: 3, ccsid: 65535 }, hex('c1'), 'c14040'],
  [{ type: 'GRAPHIC', length: 2, ccsid: 1200 }, '€', '20ac0020'],
  [{ type: 'GRAPHIC', length: 2, ccsid: 300 }, '\uff21', '42c14040'],
  [{ type: 'VARCHAR', length: 3, ccsid: 37 }, 'A', '0001c10000'],
  [{ type: 'VARGRAPHIC', length: 2, ccsid: 1200 }, '€', '000120ac0000'],
  [{ type: 'BINARY', length: 2 }, hex('01'), '0100'],
  [{ type: 'BLOB', length: 3 }, hex('0102'), '00000002010200'],
  [{ type: 'DATE' }, '2024-02-29', ebcdic('2024-02-29').toString('hex')],
  [{ type: 'TIME' }, '23:59:58', ebcdic('23.59.58').toString('hex')],
  [{ type: 'TIMESTAMP', scale: 6 }, '2024-02-29T23:59:58.5', ebcdic('2024-02-29-23.59.58.500000').toString('hex')],
  [{ type: 'TIMESTAMP', scale: 0 }, '2024-02-29-23.59.58.000', ebcdic('2024-02-29-23.59.58').toString('hex')],
])('%j %p', (column, value, bytes) => {
  expect(bytesOf(layoutOf([column]), value)).toBe(bytes);
});

test.each<[496 | 500, number, EncodableValue, string]>([
  [500, 2, '-0.05', 'fffb'],
  [500, 2, 1.5, '0096'],
  [500, 2, '1.50', '0096'],
  [496, 5, '0.00123', '0000007b'],
  [496, 2, '-21474836.48', '80000000'],
  [496, 9, '2.147483647', '7fffffff'],
  [496, 2, '1.15', '00000073'],
])('an integer (%i) with %i decimals: %p', (type, scale, value, bytes) => {
  expect(bytesOf(scaled(type, scale), value)).toBe(bytes);
});

test.each<[string, RowLayout, EncodableValue]>([
  ['a decimal that would be rounded', layoutOf([{ type: 'DECIMAL', length: 5, scale: 2 }]), '1.234'],
  ['a decimal of words', layoutOf([{ type: 'DECIMAL', length: 5 }]), 'seven'],
  ['a decimal that is not finite', layoutOf([{ type: 'DECIMAL', length: 5 }]), Number.NaN],
  ['a decimal that is true', layoutOf([{ type: 'DECIMAL', length: 5 }]), true],
  ['a fraction of a SMALLINT', layoutOf([{ type: 'SMALLINT' }]), '1.5'],
  ['a fraction of an INTEGER', layoutOf([{ type: 'INTEGER' }]), 1.5],
  ['an empty SMALLINT', layoutOf([{ type: 'SMALLINT' }]), ''],
  ['an INTEGER one too large', layoutOf([{ type: 'INTEGER' }]), 2147483648],
  ['an INTEGER one too small', layoutOf([{ type: 'INTEGER' }]), '-2147483649'],
  ['scaled, that would be rounded', scaled(500, 2), '1.235'],
  ['scaled, that would be rounded, as a number', scaled(496, 2), 1.235],
  ['scaled, too large', scaled(500, 2), '327.68'],
  ['scaled, of words', scaled(500, 2), 'seven'],
  ['scaled, empty', scaled(500, 2), ''],
  ['scaled, true', scaled(500, 2), true],
  ['a BIGINT with a point', layoutOf([{ type: 'BIGINT' }]), '7.0'],
  ['a BIGINT one too small', layoutOf([{ type: 'BIGINT' }]), '-9223372036854775809'],
  ['a BIGINT beyond exact numbers', layoutOf([{ type: 'BIGINT' }]), 1e21],
  ['a BIGINT of bytes', layoutOf([{ type: 'BIGINT' }]), hex('07')],
  ['a DOUBLE of words', layoutOf([{ type: 'DOUBLE' }]), 'much'],
  ['an empty DOUBLE', layoutOf([{ type: 'DOUBLE' }]), ''],
  ['a blank REAL', layoutOf([{ type: 'REAL' }]), '  '],
  ['a DOUBLE that is true', layoutOf([{ type: 'DOUBLE' }]), true],
  ['a DOUBLE of bytes', layoutOf([{ type: 'DOUBLE' }]), hex('07')],
  ['a DECFLOAT with too many digits', layoutOf([{ type: 'DECFLOAT', length: 8 }]), '12345678901234567'],
  ['a BOOLEAN that is perhaps', layoutOf([{ type: 'BOOLEAN' }]), 'perhaps'],
  ['a BOOLEAN of two', layoutOf([{ type: 'BOOLEAN' }]), 2],
  ['text that is too long', layoutOf([{ type: 'CHAR', length: 2, ccsid: 37 }]), 'ABC'],
  ['text that is too long in its bytes', layoutOf([{ type: 'VARCHAR', length: 2, ccsid: 1208 }]), '€'],
  ['graphics that are too long', layoutOf([{ type: 'VARGRAPHIC', length: 1, ccsid: 1200 }]), '😀'],
  ['a LOB that is too long', layoutOf([{ type: 'BLOB', length: 2 }]), hex('010203')],
  ['text for bytes', layoutOf([{ type: 'VARBINARY', length: 9 }]), 'abc'],
  ['a number for bytes', layoutOf([{ type: 'ROWID', length: 40 }]), 7],
  ['text for untagged text', layoutOf([{ type: 'CHAR', length: 9, ccsid: 65535 }]), 'abc'],
  ['a date of a number', layoutOf([{ type: 'DATE' }]), 20240229],
  ['a date in words', layoutOf([{ type: 'DATE' }]), '29 Feb 2024'],
  ['a time without seconds', layoutOf([{ type: 'TIME' }]), '23:59'],
  ['a timestamp that would be cut', layoutOf([{ type: 'TIMESTAMP', scale: 3 }]), '2024-02-29T00:00:00.1234'],
  ['a timestamp without its time', layoutOf([{ type: 'TIMESTAMP', scale: 3 }]), '2024-02-29'],
  ['a handle that is none', layoutOf([{ type: 'CLOB', length: 100_000, ccsid: 37 }]), -1],
])('%s is refused', (_, layout, value) => {
  const work = (): unknown => bytesOf(layout, value);
  expect(work).toThrow(
    expect.objectContaining({ code: 'PARAMETER_VALUE', facts: { parameter: 1, type: layout.fields[0]!.type } }),
  );
  // the value itself is in no message
  if (typeof value === 'string' && value.length > 2)
    expect(work).toThrow(expect.objectContaining({ message: expect.not.stringContaining(value) }));
});

describe('rows', () => {
  const layout = layoutOf([
    { type: 'SMALLINT', nullable: true },
    { type: 'VARCHAR', length: 2, ccsid: 37, nullable: true },
  ]);

  test('indicators stand before all rows, nulls and what cannot be mapped are zeros', () => {
    const data = rowEncoder(layout).encode([
      [1, 'A'],
      [null, Symbol('mapping')],
      [3, null],
    ]);
    expect(data).toMatchObject({ rows: 3, columns: 2, indicatorSize: 2, rowSize: 6 });
    expect(data.data.toString('hex')).toBe(
      hex('0000 0000 ffff fffe 0000 ffff | 0001 0001 c100 | 0000 0000 0000 | 0003 0000 0000').toString('hex'),
    );
  });

  test.each([[[]], [[1]], [[1, 'A', 2]]])('%j is the wrong number of values', (row) => {
    expect(() => rowEncoder(layout).encode([row as EncodableValue[]])).toThrow(
      expect.objectContaining({ code: 'PARAMETER_COUNT', facts: { given: (row as unknown[]).length, wanted: 2 } }),
    );
  });

  test('the place of a refused value is told', () => {
    expect(() => rowEncoder(layout).encode([[1, 'ABC']])).toThrow(
      expect.objectContaining({
        facts: { parameter: 2, type: 'VARCHAR' },
        message: expect.stringContaining('value 2 (VARCHAR)'),
      }),
    );
  });
});

describe('dates in the form of a job', () => {
  test.each([
    ['2024-03-01', 'JUL', '24/061'],
    ['2023-03-01', 'JUL', '23/060'],
    ['2024-12-31', 'JUL', '24/366'],
    ['2024-01-01', 'MDY', '01/01/24'],
    ['2024-01-01', 'EUR', '01.01.2024'],
  ] as const)('%s in *%s', (iso, format, text) => {
    expect(jobDate(iso, format)).toBe(text);
    expect(jobDate(iso, format, ',')).toBe(text.replace(/[/.]/g, ','));
  });

  test.each([
    ['00:00:00', 'USA', '12:00 AM'],
    ['12:00:00', 'USA', '12:00 PM'],
    ['24:00:00', 'USA', '12:00 AM'],
    ['13:05:00', 'USA', '01:05 PM'],
    ['13:05:09', 'JIS', '13:05:09'],
    ['13:05:09', 'EUR', '13.05.09'],
  ] as const)('%s in *%s', (iso, format, text) => {
    expect(jobTime(iso, format)).toBe(text);
  });

  test.each(['24-02-29', '2024-2-29', '2024-02-29T00:00:00', ''])('%j is no date', (text) => {
    expect(() => jobDate(text, 'ISO')).toThrow(expect.objectContaining({ code: 'PARAMETER_VALUE' }));
  });

  test.each(['7:00:00', '07:00', '070000'])('%j is no time', (text) => {
    expect(() => jobTime(text, 'HMS')).toThrow(expect.objectContaining({ code: 'PARAMETER_VALUE' }));
  });

  test.each([
    ['2024-02-29 00:00:00', 3, '2024-02-29-00.00.00.000'],
    ['2024-02-29T00:00:00.1', 1, '2024-02-29-00.00.00.1'],
    ['2024-02-29T00:00:00.100', 1, '2024-02-29-00.00.00.1'],
    ['2024-02-29T00:00:00.', 0, '2024-02-29-00.00.00'],
  ])('%s with %i digits', (iso, fraction, text) => {
    expect(wireTimestamp(iso, fraction)).toBe(text);
  });
});
