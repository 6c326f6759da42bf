/** Descriptions of columns and markers in their three forms, written out by hand, cut anywhere, and lifted to the newest. */
import fc from 'fast-check';
import { ByteReader } from '../../../src/bytes/reader';
import { ByteWriter } from '../../../src/bytes/writer';
import { describedColumns, describedMarkers } from '../../../src/hostserver/client/described';
import { markersOf } from '../../../src/hostserver/client/markers';
import { COLUMN_INFORMATION, columnBase, columnDescriptors } from '../../../src/hostserver/formats/column-descriptors';
import {
  dataFormat,
  fieldName,
  formatField,
  formatOf,
  PARAMETER_TYPE,
} from '../../../src/hostserver/formats/data-format';
import { extendedField, extendedFormat, extendedFormatOf } from '../../../src/hostserver/formats/extended-format';
import { originalFormat } from '../../../src/hostserver/formats/original-format';
import { ISO_TEXT } from '../../../src/hostserver/rows/layout';
import { ebcdic } from '../../record/support/fields';
import { hex } from '../support/columns';

interface Coded<T> {
  read(from: ByteReader): T;
  write(to: ByteWriter, value: T): void;
}
const bytesOf = <T>(codec: Coded<T>, value: T): Buffer => {
  const writer = new ByteWriter();
  codec.write(writer, value);
  return Buffer.from(writer.bytes());
};
const readOf = <T>(codec: Coded<T>, bytes: Buffer): T => codec.read(new ByteReader(bytes, 'format'));

/** Cut at every length: a coded error, never a byte from behind the end. */
function cutEverywhere<T>(codec: Coded<T>, bytes: Buffer): void {
  for (let n = 0; n < bytes.length; n++) {
    const memory = Buffer.concat([bytes.subarray(0, n), Buffer.alloc(100, 0xff)]);
    expect(() => readOf(codec, memory.subarray(0, n))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(BYTES_SHORT|PARAMETER_LENGTH)$/), family: 'protocol' }),
    );
  }
}

describe('the super-extended form', () => {
  // one DECIMAL(7,2) that may be null, named QTY
  const QTY = hex(`00000001 00000001 05 02 01 01 00000004
    0030 01e5 00000004 0002 0007 0000 00 0000 00000000 00 00000000 00000000 0000 00000030 0000000b 0000000000000000
    0000000b 3840 0025 d8e3e8`);

  test('byte by byte', () => {
    const format = readOf(dataFormat, QTY);
    expect(format).toMatchObject({ consistencyToken: 1, dateFormat: 5, timeFormat: 2, recordSize: 4 });
    expect(format.fields).toHaveLength(1);
    expect(format.fields[0]).toMatchObject({ type: 485, length: 4, scale: 2, precision: 7, ccsid: 0 });
    expect(fieldName(format.fields[0]!, 37)).toBe('QTY');
    expect(bytesOf(dataFormat, format).toString('hex')).toBe(QTY.toString('hex'));
  });

  test('any fields come back, each with its own name', () => {
    const field = fc.record({
      type: fc.constantFrom(385, 453, 485, 497),
      length: fc.integer({ min: 1, max: 4000 }),
      scale: fc.integer({ min: 0, max: 63 }),
      precision: fc.integer({ min: 0, max: 63 }),
      ccsid: fc.constantFrom(0, 37, 273, 1208, 65535),
      lobMaxSize: fc.nat(2 ** 31),
      name: fc.string({ unit: fc.constantFrom('A', 'B', '9', '_'), maxLength: 30 }),
    });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const format = formatOf(fields.map((f) => formatField(f)));
        const back = readOf(dataFormat, bytesOf(dataFormat, format));
        expect(back.recordSize).toBe(fields.reduce((sum, f) => sum + f.length, 0));
        expect(back.fields.map((f) => fieldName(f, 37))).toEqual(fields.map((f) => f.name));
        expect(back.fields).toEqual(format.fields);
      }),
    );
  });

  test('cut anywhere', () => {
    cutEverywhere(dataFormat, QTY);
    cutEverywhere(
      dataFormat,
      bytesOf(dataFormat, formatOf(['A', 'BC'].map((name) => formatField({ type: 497, length: 4, name })))),
    );
  });

  test('more fields than there are bytes', () => {
    const spoiled = Buffer.from(QTY);
    spoiled.writeUInt32BE(0x7fffffff, 4);
    expect(() => readOf(dataFormat, spoiled)).toThrow(expect.objectContaining({ code: 'BYTES_SHORT' }));
  });

  test('a field without a name has none', () => {
    expect(fieldName(formatField({ type: 497, length: 4, variable: [] }), 37)).toBe('');
  });
});

describe('older forms', () => {
  const name = (text: string): Buffer => Buffer.concat([ebcdic(text), Buffer.alloc(30 - text.length)]);
  const ORIGINAL = Buffer.concat([
    hex('00000001 0002 0006'),
    hex('0036 01f0 0004 0000 0000 0000 00 00000000000000 0002 0025'),
    name('ID'),
    hex('0036 01c5 0002 0000 0000 0111 f0 00000000000000 0004 0025'),
    name('NAME'),
  ]);
  const EXTENDED = bytesOf(
    extendedFormat,
    extendedFormatOf([
      extendedField({ type: 496, length: 4, nameLength: 2, nameCcsid: 37, name: name('ID') }),
      extendedField({
        type: 409,
        length: 4,
        lobLocator: 9,
        lobMaxSize: 77,
        nameLength: 4,
        nameCcsid: 37,
        name: name('BLOB'),
      }),
    ]),
  );

  test('the original one, byte by byte', () => {
    const format = readOf(originalFormat, ORIGINAL);
    expect(format).toMatchObject({ consistencyToken: 1, recordSize: 6 });
    expect(format.fields.map((f) => [f.type, f.length, f.ccsid, f.parameterType, f.nameLength])).toEqual([
      [496, 4, 0, 0, 2],
      [453, 2, 273, 0xf0, 4],
    ]);
    expect(bytesOf(originalFormat, format).toString('hex')).toBe(ORIGINAL.toString('hex'));
    cutEverywhere(originalFormat, ORIGINAL);
  });

  test('the extended one is 64 bytes a field', () => {
    expect(EXTENDED).toHaveLength(16 + 2 * 64);
    expect(bytesOf(extendedFormat, readOf(extendedFormat, EXTENDED)).toString('hex')).toBe(EXTENDED.toString('hex'));
    cutEverywhere(extendedFormat, EXTENDED);
  });

  test('are lifted to the newest, names and locators included; the newest wins', () => {
    const lifted = describedColumns({ originalFormat: readOf(originalFormat, ORIGINAL) } as never)!;
    expect(lifted.fields.map((f) => [fieldName(f, 37), f.type, f.length, f.ccsid])).toEqual([
      ['ID', 496, 4, 0],
      ['NAME', 453, 2, 273],
    ]);
    const extended = describedMarkers({ extendedParameterFormat: readOf(extendedFormat, EXTENDED) } as never)!;
    expect(extended.fields.map((f) => [fieldName(f, 37), f.lobLocator, f.lobMaxSize])).toEqual([
      ['ID', 0, 0],
      ['BLOB', 9, 77],
    ]);
    const newest = formatOf([formatField({ type: 500, length: 2, name: 'NEW' })]);
    expect(describedColumns({ dataFormat: newest, originalFormat: readOf(originalFormat, ORIGINAL) } as never)).toBe(
      newest,
    );
    expect([describedColumns({} as never), describedMarkers({ parameterFormat: null } as never)]).toEqual([null, null]);
  });

  test('a name longer than its place is what its place has', () => {
    const field = extendedField({ type: 496, length: 4, nameLength: 99, nameCcsid: 37, name: ebcdic('X'.repeat(30)) });
    const lifted = describedColumns({ extendedFormat: extendedFormatOf([field]) } as never)!;
    expect(fieldName(lifted.fields[0]!, 37)).toBe('X'.repeat(30));
  });
});

describe('where a column comes from', () => {
  const column = (information: readonly { cp: number; bytes: Buffer }[]) => ({
    updatable: 0xf0,
    searchable: 0xf1,
    attributes: 0x0100,
    reserved: 0,
    information,
  });
  const label = Buffer.concat([hex('04b8'), Buffer.from('Größe ')]);
  const whole = {
    reserved: Buffer.alloc(6),
    columns: [
      column([
        { cp: COLUMN_INFORMATION.baseColumn, bytes: ebcdic('QTY  ') },
        { cp: COLUMN_INFORMATION.schema, bytes: ebcdic('ORDLIB') },
        { cp: 0x39ff, bytes: hex('00') },
        { cp: COLUMN_INFORMATION.label, bytes: label },
      ]),
      column([]),
      column([{ cp: COLUMN_INFORMATION.label, bytes: hex('25') }]),
    ],
  };

  test('what is said, what is not, and what is too short to be a label', () => {
    const back = readOf(columnDescriptors, bytesOf(columnDescriptors, whole));
    expect(back).toEqual(whole);
    expect(back.columns.map((c) => columnBase(c, 37))).toEqual([
      { library: 'ORDLIB', table: null, column: 'QTY', label: 'Größe' },
      { library: null, table: null, column: null, label: null },
      { library: null, table: null, column: null, label: null },
    ]);
  });

  test('cut anywhere', () => {
    cutEverywhere(columnDescriptors, bytesOf(columnDescriptors, { ...whole, columns: whole.columns.slice(0, 1) }));
  });
});

describe('markers', () => {
  const format = (...fields: Parameters<typeof formatField>[0][]) => formatOf(fields.map((f) => formatField(f)));

  test('none', () => {
    expect([markersOf(null, ISO_TEXT), markersOf(undefined, ISO_TEXT), markersOf(format(), ISO_TEXT)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  // precision as JTOpen derives it: digits of numbers, characters or bytes of the rest
  test.each([
    ['SMALLINT', { type: 500, length: 2 }, 501, 5, 0],
    ['INTEGER', { type: 496, length: 4 }, 497, 10, 0],
    ['BIGINT', { type: 492, length: 8 }, 493, 19, 0],
    ['REAL', { type: 480, length: 4 }, 481, 24, 0],
    ['DOUBLE', { type: 480, length: 8 }, 481, 53, 0],
    ['DECIMAL', { type: 484, length: 4, precision: 7, scale: 2 }, 485, 7, 2],
    ['CHAR', { type: 452, length: 10, ccsid: 37 }, 453, 10, 0],
    ['VARCHAR', { type: 448, length: 12, ccsid: 37 }, 449, 10, 0],
    ['VARGRAPHIC', { type: 464, length: 12, ccsid: 1200 }, 465, 5, 0],
    ['TIMESTAMP(6)', { type: 392, length: 26 }, 393, 26, 6],
    ['TIMESTAMP(0)', { type: 392, length: 19 }, 393, 19, 0],
    ['BLOB locator', { type: 960, length: 4, lobMaxSize: 70_000 }, 961, 4464, 0],
  ])('%s', (_, field, type, precision, scale) => {
    const markers = markersOf(format(field), ISO_TEXT)!;
    expect(markers.count).toBe(1);
    expect(markers.format.fields[0]).toMatchObject({ type, length: field.length, precision, scale });
  });

  test('each may be null, whatever the server described', () => {
    const markers = markersOf(format({ type: 496, length: 4 }, { type: 500, length: 2 }), ISO_TEXT)!;
    expect(markers.fields.map((f) => f.nullable)).toEqual([true, true]);
    expect(markers.encode([null, 7]).data.toString('hex')).toBe('ffff0000000000000007');
  });

  test.each([
    [PARAMETER_TYPE.in, false],
    [0, false],
    [PARAMETER_TYPE.out, true],
    [PARAMETER_TYPE.inOut, true],
  ])('a parameter of type %i: output %s', (parameterType, hasOutput) => {
    expect(markersOf(format({ type: 496, length: 4, parameterType }), ISO_TEXT)!.hasOutput).toBe(hasOutput);
  });

  test('locators with the handles the server has set aside', () => {
    const markers = markersOf(
      format({ type: 496, length: 4 }, { type: 964, length: 4, lobLocator: 77, ccsid: 37 }),
      ISO_TEXT,
    )!;
    expect(markers.locators).toEqual([{ index: 1, handle: 77 }]);
  });
});
