/** Blocks of rows: fixed strides, rows with their varying fields cut to length, indicators, and heads that contradict the bytes. */
import fc from 'fast-check';
import { rawBlock, withValues } from '../../../src/hostserver/client/raw-block';
import { originalData, rowArea } from '../../../src/hostserver/formats/result-data';
import { rowDecoder } from '../../../src/hostserver/rows/decode';
import { rowEncoder } from '../../../src/hostserver/rows/encode';
import { type RowLayout, rowLayout } from '../../../src/hostserver/rows/layout';
import { ebcdic } from '../../record/support/fields';
import { block, hex, layoutOf } from '../support/columns';

const COLUMNS = [
  { type: 'SMALLINT', nullable: true },
  { type: 'VARCHAR', length: 6, ccsid: 37, nullable: true },
  { type: 'VARGRAPHIC', length: 3, ccsid: 1200, nullable: true },
  { type: 'CHAR', length: 2, ccsid: 37, nullable: true },
] as const;
const layout = layoutOf(COLUMNS);

type Row = readonly [number | null, string | null, string | null, string | null];

/** Rows as docs/protocol.md#6.6 lays them out: indicators, an offset to the array, the rows, the array of their starts. */
function cut(rows: readonly Row[]): Buffer {
  const u16 = (n: number): Buffer => Buffer.of((n >> 8) & 255, n & 255);
  const u32 = (n: number): Buffer => Buffer.concat([u16(n >>> 16), u16(n & 0xffff)]);
  const indicators = rows.flatMap((row) => row.map((v) => u16(v === null ? 0xffff : 0)));
  const bodies = rows.map(([n, text, wide, fixed]) => {
    const characters = ebcdic(text ?? '');
    const units = Buffer.from(wide ?? '', 'utf16le').swap16();
    return Buffer.concat([
      u16((n ?? 0) & 0xffff),
      u16(characters.length),
      characters,
      u16(units.length / 2),
      units,
      ebcdic((fixed ?? '').padEnd(2)),
    ]);
  });
  const starts: number[] = [];
  let at = 4;
  for (const body of bodies) {
    starts.push(at);
    at += body.length;
  }
  return Buffer.concat([...indicators, u32(at), ...bodies, ...starts.map(u32)]);
}

const row = fc.tuple<[Row[0], Row[1], Row[2], Row[3]]>(
  fc.option(fc.integer({ min: -32768, max: 32767 })),
  fc.option(fc.string({ unit: fc.constantFrom('A', 'b', '7'), maxLength: 6 })),
  fc.option(fc.string({ unit: fc.constantFrom('Ж', '中'), maxLength: 3 })),
  fc.option(fc.constantFrom('XY', 'ZZ')),
);

describe('rows of both forms', () => {
  test('cut to length give what went into them', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const data = block(layout, rows.length, cut(rows), { rowSize: 0 });
        expect(rowDecoder(layout).decode(data, true)).toEqual(rows);
      }),
    );
  });

  test('raw blocks of both show the same bytes at their own places', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), (rows) => {
        const fixed = rawBlock(layout, rowEncoder(layout).encode(rows), false);
        const varying = rawBlock(layout, block(layout, rows.length, cut(rows)), true);
        expect([fixed.rowCount, varying.rowCount]).toEqual([rows.length, rows.length]);
        expect([fixed.stride, varying.stride]).toEqual([layout.rowSize, 0]);
        const complete = rows.every((r) => r.every((v) => v !== null));
        expect([fixed.complete, varying.complete]).toEqual([complete, complete]);
        const bytes = (raw: typeof fixed, r: number, c: number): string =>
          raw.buffer.toString('hex', raw.offset(r, c), raw.offset(r, c) + raw.byteLength(r, c));
        for (const [r, values] of rows.entries())
          for (const [c, value] of values.entries()) {
            expect([fixed.isNull(r, c), varying.isNull(r, c)]).toEqual([value === null, value === null]);
            if (value !== null) expect(bytes(varying, r, c)).toBe(bytes(fixed, r, c));
          }
      }),
    );
  });

  test('a value cut out of its place by the bytes of its own', () => {
    const rows: Row[] = [
      [1, 'AB', 'Ж', 'XY'],
      [2, '', '', 'ZZ'],
    ];
    const raw = rawBlock(layout, block(layout, 2, cut(rows)), true);
    const other = withValues(
      raw,
      4,
      new Map([
        [5, Buffer.from('another value, longer')],
        [2, Buffer.alloc(0)],
      ]),
    );
    const text = (r: number, c: number): string =>
      other.buffer.toString('latin1', other.offset(r, c), other.offset(r, c) + other.byteLength(r, c));
    expect(text(1, 1)).toBe('another value, longer');
    expect(other.byteLength(0, 2)).toBe(0);
    expect(other.byteLength(0, 1)).toBe(2);
    expect(other.stride).toBe(0);
    expect(withValues(raw, 4, new Map())).toBe(raw);
  });
});

describe('indicators', () => {
  const one = layoutOf([{ type: 'SMALLINT', nullable: true }]);

  // -1 null, -2 cannot be mapped, -5 default, -7 unassigned
  test.each([
    ['0000', 7, false, false],
    ['ffff', null, true, false],
    ['fffe', null, true, true],
    ['fffb', null, true, false],
    ['fff9', null, true, false],
  ])('%s', (indicator, value, isNull, isMappingError) => {
    const data = block(one, 1, hex(`${indicator} 0007`));
    expect(rowDecoder(one).decode(data, false)).toEqual([[value]]);
    const raw = rawBlock(one, data, false);
    expect([raw.isNull(0, 0), raw.isMappingError(0, 0), raw.complete]).toEqual([
      isNull,
      isMappingError,
      indicator === '0000',
    ]);
  });

  test('none at all: every value is there', () => {
    const data = block(one, 2, hex('0007 0008'), { indicatorSize: 0 });
    expect(rowDecoder(one).decode(data, false)).toEqual([[7], [8]]);
    const raw = rawBlock(one, data, false);
    expect([raw.isNull(1, 0), raw.isMappingError(1, 0), raw.complete, raw.offset(1, 0)]).toEqual([
      false,
      false,
      true,
      2,
    ]);
  });

  test('one of very many is seen', () => {
    const rows = 20_000;
    const data = Buffer.alloc(rows * 4);
    expect(rawBlock(one, block(one, rows, data), false).complete).toBe(true);
    data.writeInt16BE(-1, (rows - 1) * 2);
    expect(rawBlock(one, block(one, rows, data), false).complete).toBe(false);
  });
});

describe('heads that contradict the bytes', () => {
  const rows: Row[] = [
    [1, 'AB', 'Ж', 'XY'],
    [2, 'ABCDEF', 'Ж中Ж', 'ZZ'],
  ];
  const fixed = rowEncoder(layout).encode(rows);
  const both = (data: typeof fixed, variable: boolean, code: string): void => {
    const expected = expect.objectContaining({ code, family: 'protocol' });
    expect(() => rowDecoder(layout).decode(data, variable)).toThrow(expected);
    const places = (): unknown => {
      const raw = rawBlock(layout, data, variable);
      return rows.map((_, r) => COLUMNS.map((_, c) => raw.offset(r, c) + raw.byteLength(r, c)));
    };
    expect(places).toThrow(expected);
  };

  test.each([
    ['more rows than bytes', { rows: 3 }, 'ROWS_LENGTH'],
    ['very many rows', { rows: 0xffffffff }, 'ROWS_LENGTH'],
    ['a column too many', { columns: 5 }, 'ROWS_FORMAT'],
    ['a column too few', { columns: 3 }, 'ROWS_FORMAT'],
    ['rows shorter than their format', { rowSize: layout.rowSize - 1 }, 'ROWS_FORMAT'],
    ['an indicator of four bytes', { indicatorSize: 4 }, 'ROWS_LENGTH'],
    ['bytes cut off', { data: fixed.data.subarray(0, -1) }, 'ROWS_LENGTH'],
  ])('%s', (_, more, code) => {
    both({ ...fixed, ...more }, false, code);
  });

  test('rows longer than their format are read by their stride', () => {
    const wide = layout.rowSize + 3;
    const data = Buffer.concat([
      fixed.data.subarray(0, 16),
      ...rows.map((_, r) =>
        Buffer.concat([
          fixed.data.subarray(16 + r * layout.rowSize, 16 + (r + 1) * layout.rowSize),
          Buffer.alloc(3, 0xff),
        ]),
      ),
    ]);
    expect(rowDecoder(layout).decode({ ...fixed, rowSize: wide, data }, false)).toEqual(rows);
  });

  test('no rows fit any head', () => {
    const none = { ...fixed, rows: 0, columns: 99, rowSize: 0, data: Buffer.alloc(0) };
    expect(rowDecoder(layout).decode(none, false)).toEqual([]);
    expect(rowDecoder(layout).decode(none, true)).toEqual([]);
    expect(rawBlock(layout, none, false).rowCount).toBe(0);
  });

  test('a length prefix beyond its field, in each form', () => {
    const spoiled = Buffer.from(fixed.data);
    spoiled.writeUInt16BE(7, 16 + 2);
    both({ ...fixed, data: spoiled }, false, 'VALUE_LENGTH');
    const varying = cut(rows);
    varying.writeUInt16BE(7, 16 + 4 + 2);
    both(block(layout, 2, varying), true, 'VALUE_LENGTH');
  });

  test('rows cut to length whose bytes end anywhere', () => {
    const whole = cut(rows);
    for (let n = 0; n < whole.length; n++) {
      const memory = Buffer.concat([whole.subarray(0, n), Buffer.alloc(64)]);
      both(block(layout, 2, memory.subarray(0, n)), true, 'ROWS_LENGTH');
    }
  });

  test('starts of rows that point anywhere never lead out of the block', () => {
    const whole = cut(rows);
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(1), (start, which) => {
        const bytes = Buffer.from(whole);
        bytes.writeUInt32BE(start, bytes.length - 8 + which * 4);
        try {
          const raw = rawBlock(layout, block(layout, 2, bytes), true);
          for (let c = 0; c < 4; c++)
            expect(raw.offset(which, c) + raw.byteLength(which, c)).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^(ROWS_LENGTH|VALUE_LENGTH)$/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('bytes that are no decimal name their column', () => {
    const decimals = layoutOf([{ type: 'SMALLINT' }, { type: 'DECIMAL', length: 3 }]);
    const data = block(decimals, 1, hex('0000 0000 0001 4040'));
    expect(() => rowDecoder(decimals).decode(data, false)).toThrow(
      expect.objectContaining({ code: 'PACKED_SIGN', facts: expect.objectContaining({ column: 2 }) }),
    );
  });

  test('the older form of result data has a row size of two bytes', () => {
    const head = originalData.decode(hex('00000001 00000002 0001 0002 0002 | 0000 ffff 0007 0000'));
    expect(head).toMatchObject({ rows: 2, columns: 1, indicatorSize: 2, rowSize: 2 });
    expect(rowArea(head, true)).toEqual({ indicatorSize: 2, rowsAt: 4 });
    expect(() => rowArea({ ...head, rows: 3 }, true)).toThrow(expect.objectContaining({ code: 'ROWS_LENGTH' }));
  });
});

describe('layouts', () => {
  const field = (type: number, length: number, more: object = {}) => ({
    type,
    length,
    scale: 0,
    precision: 0,
    ccsid: 37,
    ...more,
  });
  const only = (...fields: Parameters<typeof field>[]): RowLayout => rowLayout(fields.map((f) => field(...f)));

  test.each([
    [384, 'DATE', 10, 10, 0],
    [388, 'TIME', 8, 8, 0],
    [392, 'TIMESTAMP', 26, 26, 0],
    [396, 'DATALINK', 202, 200, 2],
    [404, 'BLOB', 104, 100, 4],
    [412, 'DBCLOB', 204, 200, 4],
    [448, 'VARCHAR', 12, 10, 2],
    [452, 'CHAR', 10, 10, 0],
    [456, 'VARCHAR', 12, 10, 2],
    [464, 'VARGRAPHIC', 12, 10, 2],
    [468, 'GRAPHIC', 10, 10, 0],
    [472, 'VARGRAPHIC', 12, 10, 2],
    [480, 'DOUBLE', 8, 8, 0],
    [480, 'REAL', 4, 4, 0],
    [492, 'BIGINT', 8, 8, 0],
    [496, 'INTEGER', 4, 4, 0],
    [500, 'SMALLINT', 2, 2, 0],
    [904, 'ROWID', 42, 40, 2],
    [908, 'VARBINARY', 12, 10, 2],
    [912, 'BINARY', 10, 10, 0],
    [960, 'BLOB', 4, 4, 0],
    [964, 'CLOB', 4, 4, 0],
    [968, 'DBCLOB', 4, 4, 0],
    [988, 'XML', 4, 4, 0],
    [996, 'DECFLOAT', 16, 16, 0],
    [2436, 'BOOLEAN', 1, 1, 0],
    [2452, 'XML', 4, 4, 0],
  ])('type %i is %s', (code, type, length, capacity, prefix) => {
    for (const nullable of [false, true]) {
      const [found] = only([code + Number(nullable), length]).fields;
      expect(found).toMatchObject({ type, code, nullable, capacity, prefix, offset: 0, length });
    }
  });

  test('offsets follow each other, and are the stride', () => {
    const found = only([500, 2], [448, 12], [496, 4], [452, 3]);
    expect(found.fields.map((f) => f.offset)).toEqual([0, 2, 14, 18]);
    expect(found.rowSize).toBe(21);
  });

  test.each([0, 1, 383, 386, 400, 416, 498, 1000, 65534])('type %i is not known', (type) => {
    expect(() => only([500, 2], [type, 8])).toThrow(
      expect.objectContaining({ code: 'TYPE_UNKNOWN', facts: { column: 2, type, length: 8 } }),
    );
  });

  test.each([
    [484, 3, { precision: 7 }],
    [484, 31, { precision: 63 }],
    [488, 6, { precision: 7 }],
    [488, 0, { precision: 0 }],
    [492, 7, {}],
    [480, 3, {}],
    [996, 7, {}],
    [496, 3, {}],
    [500, 1, {}],
    [2436, 0, {}],
    [384, 5, {}],
    [388, 7, {}],
    [392, 18, {}],
    [448, 1, {}],
    [404, 3, {}],
    [964, 3, {}],
  ])('type %i cannot have %i bytes (%j)', (type, length, more) => {
    expect(() => only([type, length, more])).toThrow(
      expect.objectContaining({ code: 'FIELD_LENGTH', family: 'protocol' }),
    );
  });

  test.each([
    [452, 37, 37],
    [452, 0, 37],
    [452, 1, 37],
    [452, 65535, null],
    [384, 65535, 37],
    [392, 1208, 1208],
    [496, 37, null],
    [912, 65535, null],
    [904, 37, null],
  ])('type %i of CCSID %i is read as %s', (type, ccsid, expected) => {
    expect(only([type, 42, { ccsid }]).fields[0]!.ccsid).toBe(expected);
  });
});
