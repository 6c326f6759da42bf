/**
 * Layouts and bytes other people published: IBM's ENTRY_DATA example and LOB layout page, image widths verified on a live
 * system by the Popsink fork of the Debezium connector, and the character row of Debezium's own live tests.
 */
import { type Comparable, decodeComparable, encodeComparable } from '../../../src/simulator/partition/files/comparable';
import { type ColumnDef, column } from '../../../src/simulator/partition/files/definitions';
import { lobSuffix, splitLobSuffix } from '../../../src/simulator/partition/files/lob-suffix';
import { decodeField, decodeImage, encodeImage, INVALID } from '../../../src/simulator/partition/files/record-image';
import { layoutOf } from '../../../src/simulator/partition/files/record-layout';
import type { SessionValue } from '../../../src/simulator/sql-session';

const clob = (name: string) => column(name, 'CLOB', 1_048_576);

function imageOf(columns: readonly ColumnDef[], values: readonly SessionValue[]): Buffer {
  return encodeImage(
    layoutOf(columns),
    columns.map((c, i) => encodeComparable(c, values[i] ?? null)),
  );
}

function slots(columns: readonly ColumnDef[]): [number, number][] {
  return layoutOf(columns).slots.map((s) => [s.offset, s.width]);
}

describe('layouts verified on a live system', () => {
  test('one CLOB: 50 bytes', () => {
    const columns = [column('ID', 'INTEGER', 4), column('HEAD', 'CHAR', 5), clob('BODY'), column('TAIL', 'CHAR', 2)];
    expect(slots(columns)).toEqual([
      [0, 4],
      [4, 5],
      [9, 39],
      [48, 2],
    ]);
    expect(layoutOf(columns).length).toBe(50);
    const image = imageOf(columns, [1, 'HEAD', 'some text', 'T']);
    expect(image.subarray(9, 19)).toEqual(Buffer.alloc(10));
    expect(image.readInt32BE(20)).toBe(9);
    expect(image.subarray(24, 48)).toEqual(Buffer.alloc(24));
  });

  test('CLOB, BLOB, XML and DBCLOB: 146 bytes, pads 10/0/3/3, info byte 1 for double byte', () => {
    const columns = [
      column('ID', 'INTEGER', 4),
      column('HEAD', 'CHAR', 5),
      clob('BODY'),
      column('MID', 'CHAR', 3),
      column('RAW', 'BLOB', 1_048_576),
      column('DOC', 'XML', 1_048_576),
      column('WIDE', 'DBCLOB', 1_048_576, { ccsid: 13488 }),
      column('TAIL', 'CHAR', 2),
    ];
    expect(slots(columns)).toEqual([
      [0, 4],
      [4, 5],
      [9, 39],
      [48, 3],
      [51, 29],
      [80, 32],
      [112, 32],
      [144, 2],
    ]);
    // 40 characters with one of two bytes in UTF-8: length 41. Eleven double-byte characters: length 11, 22 bytes of data.
    const xml = `<a>${'x'.repeat(32)}ä</a>`;
    expect(xml).toHaveLength(40);
    const values: Comparable[] = [1n, 'H', null, 'M', Buffer.of(1, 2), xml, 'elf Zeichen', 'T'];
    const image = encodeImage(layoutOf(columns), values);
    expect(image.readInt32BE(84)).toBe(41);
    expect([image[115], image.readInt32BE(116)]).toEqual([1, 11]);
    const suffix = lobSuffix(layoutOf(columns), values)!;
    expect(suffix.length).toBe(4 * 16 + 0 + 2 + 41 + 22);
    expect(suffix.subarray(0, 32)).toEqual(Buffer.alloc(32, 0xd8));
    const lobs = splitLobSuffix(layoutOf(columns), image, suffix);
    expect([lobs.get(4), lobs.get(5), lobs.get(6)]).toEqual([Buffer.of(1, 2), xml, 'elf Zeichen']);
  });

  test("IBM's layout page: (CHAR(10), CLOB, BLOB) has slots of 38 and 32 bytes, 80 in all", () => {
    const columns = [column('C', 'CHAR', 10), clob('L'), column('B', 'BLOB', 10_485_760)];
    expect(slots(columns)).toEqual([
      [0, 10],
      [10, 38],
      [48, 32],
    ]);
    expect(layoutOf(columns).length).toBe(80);
  });
});

describe("IBM's ENTRY_DATA example", () => {
  const columns = [
    column('F1', 'CHAR', 32, { ccsid: 1141 }),
    column('F2', 'VARCHAR', 128, { ccsid: 1141 }),
    column('F3', 'VARGRAPHIC', 128),
    column('N1', 'DECIMAL', 11, { scale: 2 }),
    column('N2', 'NUMERIC', 11, { scale: 2 }),
    column('N3', 'INTEGER', 4),
  ];
  const image = imageOf(columns, ['A', 'ABCDEFGHIJ', 'ÄÖÜäöüß§{][]}', '12.34', '56.78', 90]);

  test('starts and widths', () => {
    expect(slots(columns).map(([at, width]) => [at + 1, width])).toEqual([
      [1, 32],
      [33, 130],
      [163, 258],
      [421, 6],
      [427, 11],
      [438, 4],
    ]);
    expect(image.length).toBe(441);
  });

  test.each([
    ['F1', 0, `C1${'40'.repeat(31)}`],
    ['F2', 32, '000AC1C2C3C4C5C6C7C8C9D1'],
    ['F3', 162, '000D00C400D600DC00E400F600FC00DF00A7007B005D005B005D007D'],
    ['N1', 420, '00000001234F'],
    ['N2', 426, 'F0F0F0F0F0F0F0F5F6F7F8'],
    ['N3', 437, '0000005A'],
  ])('%s', (_name, at, hex) => {
    expect(
      image
        .subarray(at, at + hex.length / 2)
        .toString('hex')
        .toUpperCase(),
    ).toBe(hex);
  });
});

test("Debezium's character row: slots, and a prefix that counts characters", () => {
  const ucs2 = { ccsid: 13488 };
  const columns = [
    column('FCHAR', 'CHAR', 12),
    column('VCHAR', 'VARCHAR', 11),
    column('FGRAPH', 'GRAPHIC', 10, ucs2),
    column('VGRAPH', 'VARGRAPHIC', 10, ucs2),
    column('FBIN', 'BINARY', 10),
    column('VBIN', 'VARBINARY', 10),
  ];
  const binary = Buffer.from('818283848586878889 91'.replace(' ', ''), 'hex');
  const values = ['fixed', 'var', 'Paßstraße', 'Maſʒſtab', binary, binary];
  const image = imageOf(columns, values);
  expect(slots(columns)).toEqual([
    [0, 12],
    [12, 13],
    [25, 20],
    [45, 22],
    [67, 10],
    [77, 12],
  ]);
  expect(image.length).toBe(89);
  expect(image.readUInt16BE(45)).toBe(8);
  const decoded = decodeImage(layoutOf(columns), image, null, new Map());
  expect(decoded.values.map((v, i) => decodeComparable(columns[i]!, v))).toEqual([
    'fixed       ',
    'var',
    'Paßstraße ',
    'Maſʒſtab',
    binary,
    binary,
  ]);
});

test('the same text in two pages has two forms', () => {
  const uk = imageOf([column('UK', 'CHAR', 10, { ccsid: 285 })], ['£$[^~?¢']);
  const us = imageOf([column('US', 'CHAR', 10, { ccsid: 37 })], ['£$[^~?¢']);
  expect(uk.equals(us)).toBe(false);
});

describe('dates, times and timestamps as the file writes them', () => {
  test.each<[Partial<ColumnDef> & Pick<ColumnDef, 'type'>, string, string]>([
    [{ type: 'DATE' }, '2024-03-05', '2024-03-05'],
    [{ type: 'DATE', dateFormat: 'EUR' }, '2020-12-03', '03.12.2020'],
    [{ type: 'DATE', dateFormat: 'USA' }, '2024-03-05', '03/05/2024'],
    [{ type: 'DATE', dateFormat: 'MDY' }, '2024-03-05', '03/05/24'],
    [{ type: 'DATE', dateFormat: 'DMY', dateSeparator: '.' }, '2024-03-05', '05.03.24'],
    [{ type: 'DATE', dateFormat: 'YMD', dateSeparator: '' }, '1999-03-05', '990305'],
    [{ type: 'DATE', dateFormat: 'JUL' }, '2024-03-05', '24/065'],
    [{ type: 'TIME' }, '23:59:59', '23.59.59'],
    [{ type: 'TIME', timeFormat: 'HMS' }, '23:59:59', '23:59:59'],
    [{ type: 'TIME', timeFormat: 'USA' }, '15:30:00', '03:30 PM'],
    [{ type: 'TIMESTAMP', scale: 6 }, '2024-02-29T23:59:59.123456', '2024-02-29-23.59.59.123456'],
    [{ type: 'TIMESTAMP', scale: 0 }, '2024-02-29T23:59:59', '2024-02-29-23.59.59'],
    [{ type: 'TIMESTAMP', scale: 12 }, '2024-02-29T23:59:59.123456789012', '2024-02-29-23.59.59.123456789012'],
  ])('%j %s is %s', (look, iso, text) => {
    const { type, ...extra } = look;
    const columns = [column('M', type, 10, extra)];
    const image = imageOf(columns, [iso]);
    expect(image).toHaveLength(text.length);
    // EBCDIC digits are X'F0'..X'F9', whatever the page.
    const digits = [...image].filter((b) => b >= 0xf0).map((b) => String(b - 0xf0));
    expect(digits.join('')).toBe(text.replace(/\D/g, ''));
    expect(decodeField(image, layoutOf(columns).slots[0]!)).toBe(iso);
  });

  test.each(['2023-02-29', '2024-13-01', 'blanks'])('%s is refused', (iso) => {
    expect(() => imageOf([column('D', 'DATE', 10)], [iso])).toThrow(expect.objectContaining({ sqlCode: -406 }));
  });

  test('bytes that are no date are invalid, not a guess', () => {
    const slot = layoutOf([column('D', 'DATE', 10)]).slots[0]!;
    expect(decodeField(Buffer.alloc(10, 0x40), slot)).toBe(INVALID);
  });
});

describe('comparables', () => {
  test('decimals above 18 digits sort as numbers', () => {
    const wide = column('W', 'DECIMAL', 31, { scale: 2 });
    const numbers = ['-99999999999999999999.99', '-1.00', '-0.01', '0.00', '0.01', '12345678901234567890.00'];
    const stored = numbers.map((n) => encodeComparable(wide, n) as string);
    expect([...stored].sort()).toEqual(stored);
    expect(stored.map((s) => decodeComparable(wide, s))).toEqual(numbers);
    expect(decodeField(imageOf([wide], [numbers[0]!]), layoutOf([wide]).slots[0]!)).toBe(stored[0]);
  });

  test.each([
    [column('N', 'DECIMAL', 3, { scale: 1 }), '100.0', -406],
    [column('N', 'SMALLINT', 2), '32768', -406],
    [column('C', 'CHAR', 3), 'ABCD', -404],
    [column('V', 'VARCHAR', 3), 'ABCD', -404],
  ])('%j refuses %s', (c, value, sqlCode) => {
    expect(() => imageOf([c], [value])).toThrow(expect.objectContaining({ sqlCode }));
  });
});
