/** Where fields stand: widths by IBM's table of SQL types, LOB slots by "Journal entry layout of LOB columns". */
import fc from 'fast-check';
import type { ColumnFormat } from '../../../src/model/record-format';
import { computeLayout } from '../../../src/record/layout/layout';
import { field, format } from '../support/fields';

const at = (...columns: ColumnFormat[]): [offset: number, width: number][] =>
  computeLayout(format(...columns.map((c, i) => ({ ...c, name: `C${i}` })))).fields.map((f) => [f.offset, f.width]);

test.each<[string, ColumnFormat, number]>([
  ['CHAR(1)', field('CHAR', { length: 1, ccsid: 37 }), 1],
  ['CHAR(32766)', field('CHAR', { length: 32766, ccsid: 37 }), 32766],
  ['VARCHAR(1)', field('VARCHAR', { length: 1, ccsid: 37 }), 3],
  ['VARCHAR(32740)', field('VARCHAR', { length: 32740, ccsid: 37 }), 32742],
  ['DATALINK(200)', field('DATALINK', { length: 200, ccsid: 37 }), 202],
  ['GRAPHIC(5)', field('GRAPHIC', { length: 5, ccsid: 1200 }), 10],
  ['GRAPHIC(16383)', field('GRAPHIC', { length: 16383, ccsid: 300 }), 32766],
  ['VARGRAPHIC(16370)', field('VARGRAPHIC', { length: 16370, ccsid: 1200 }), 32742],
  ['BINARY(3)', field('BINARY', { length: 3 }), 3],
  ['VARBINARY(3)', field('VARBINARY', { length: 3 }), 5],
  ['ROWID', field('ROWID', { length: 40 }), 42],
  ['SMALLINT', field('SMALLINT'), 2],
  ['INTEGER', field('INTEGER'), 4],
  ['BIGINT', field('BIGINT'), 8],
  ['REAL', field('REAL'), 4],
  ['DOUBLE', field('DOUBLE'), 8],
  ['DECFLOAT(16)', field('DECFLOAT', { length: 8 }), 8],
  ['DECFLOAT(34)', field('DECFLOAT', { length: 16 }), 16],
  ['BOOLEAN', field('BOOLEAN'), 1],
  ['DATE *ISO', field('DATE'), 10],
  ['DATE *MDY', field('DATE', { dateFormat: 'MDY' }), 8],
  ['DATE *JUL', field('DATE', { dateFormat: 'JUL' }), 6],
  ['DATE *JUL without separators', field('DATE', { dateFormat: 'JUL', dateSeparator: '' }), 5],
  ['DATE *DMY without separators', field('DATE', { dateFormat: 'DMY', dateSeparator: '' }), 6],
  ['DATE *EUR without separators', field('DATE', { dateFormat: 'EUR', dateSeparator: '' }), 8],
  ['TIME *USA', field('TIME', { timeFormat: 'USA' }), 8],
  ['TIME *HMS without separators', field('TIME', { timeFormat: 'HMS', timeSeparator: '' }), 6],
  ['TIMESTAMP(0)', field('TIMESTAMP', { scale: 0 }), 19],
  ['TIMESTAMP(1)', field('TIMESTAMP', { scale: 1 }), 21],
  ['TIMESTAMP(6)', field('TIMESTAMP', { scale: 6 }), 26],
  ['TIMESTAMP(12)', field('TIMESTAMP', { scale: 12 }), 32],
])('%s', (_, column, width) => {
  expect(at(column)).toEqual([[0, width]]);
});

test.each(Array.from({ length: 63 }, (_, i) => i + 1))('%i digits', (length) => {
  // two digits a byte and half a byte for the sign, rounded up
  expect(at(field('DECIMAL', { length }))).toEqual([[0, Math.ceil((length + 1) / 2)]]);
  expect(at(field('NUMERIC', { length }))).toEqual([[0, length]]);
});

test('fields follow each other without a gap', () => {
  const widths: [ColumnFormat, number][] = [
    [field('SMALLINT'), 2],
    [field('DECIMAL', { length: 5 }), 3],
    [field('DOUBLE'), 8],
    [field('VARCHAR', { length: 9, ccsid: 37 }), 11],
    [field('CHAR', { length: 1, ccsid: 37 }), 1],
    [field('BIGINT'), 8],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...widths), { minLength: 1, maxLength: 20 }), (drawn) => {
      const before = (i: number): number => drawn.slice(0, i).reduce((sum, [, width]) => sum + width, 0);
      const expected = drawn.map(([, width], i) => [before(i), width]);
      expect(at(...drawn.map(([c]) => c))).toEqual(expected);
      expect(computeLayout(format(...drawn.map(([c]) => c))).length).toBe(before(drawn.length));
    }),
  );
});

describe('a LOB slot', () => {
  test.each(Array.from({ length: 33 }, (_, i) => i))('its pointer stands on 16 bytes, behind %i others', (lead) => {
    for (const type of ['CLOB', 'BLOB', 'DBCLOB', 'XML'] as const) {
      const columns = [
        ...(lead === 0 ? [] : [field('CHAR', { length: lead, ccsid: 37 })]),
        field(type, { length: 1000, ccsid: 1208 }),
        field('SMALLINT'),
      ];
      const layout = computeLayout(format(...columns.map((c, i) => ({ ...c, name: `C${i}` }))));
      const slot = layout.fields.at(-2)!;
      const end = slot.offset + slot.width;
      // 1 byte of information, 4 of length, 8 of zeros, 16 of pointer, at the end of the slot
      expect((end - 16) % 16).toBe(0);
      expect(slot.width).toBeGreaterThanOrEqual(29);
      expect(slot.width).toBeLessThan(29 + 16);
      expect(slot.offset).toBe(lead);
      expect(layout.fields.at(-1)!.offset).toBe(end);
      expect(layout.lobs).toEqual([slot]);
      expect([slot.storage, slot.capacity, slot.unit]).toEqual([
        'lob',
        type === 'DBCLOB' ? 2000 : 1000,
        type === 'DBCLOB' ? 2 : 1,
      ]);
    }
  });
});

test.each<[string, ColumnFormat]>([
  ['CHAR(0)', field('CHAR', { length: 0, ccsid: 37 })],
  ['CHAR(32767)', field('CHAR', { length: 32767, ccsid: 37 })],
  ['CHAR(1.5)', field('CHAR', { length: 1.5, ccsid: 37 })],
  ['CHAR(-1)', field('CHAR', { length: -1, ccsid: 37 })],
  ['VARCHAR(0)', field('VARCHAR', { length: 0, ccsid: 37 })],
  ['VARCHAR(32741)', field('VARCHAR', { length: 32741, ccsid: 37 })],
  ['GRAPHIC(16384)', field('GRAPHIC', { length: 16384, ccsid: 1200 })],
  ['VARGRAPHIC(16371)', field('VARGRAPHIC', { length: 16371, ccsid: 1200 })],
  ['BINARY(0)', field('BINARY', { length: 0 })],
  ['VARBINARY(32741)', field('VARBINARY', { length: 32741 })],
  ['DECIMAL(0)', field('DECIMAL', { length: 0 })],
  ['DECIMAL(64)', field('DECIMAL', { length: 64 })],
  ['DECIMAL(5,6)', field('DECIMAL', { length: 5, scale: 6 })],
  ['DECIMAL(5,-1)', field('DECIMAL', { length: 5, scale: -1 })],
  ['NUMERIC(64)', field('NUMERIC', { length: 64 })],
  ['NUMERIC(3,4)', field('NUMERIC', { length: 3, scale: 4 })],
  ['a SMALLINT with 5 decimals', field('SMALLINT', { scale: 5 })],
  ['an INTEGER with 10 decimals', field('INTEGER', { scale: 10 })],
  ['a BIGINT with 19 decimals', field('BIGINT', { scale: 19 })],
  ['DECFLOAT(4)', field('DECFLOAT', { length: 4 })],
  ['DECFLOAT(34) by its digits', field('DECFLOAT', { length: 34 })],
  ['TIMESTAMP(13)', field('TIMESTAMP', { scale: 13 })],
  ['TIMESTAMP(-1)', field('TIMESTAMP', { scale: -1 })],
  ['a type nobody knows', field('GEOMETRY' as 'CHAR', { length: 5 })],
])('%s is no column of a file', (_, column) => {
  expect(() => computeLayout(format(column))).toThrow(
    expect.objectContaining({
      code: 'FORMAT_COLUMN',
      family: 'decode',
      message: expect.stringContaining('column F of LIB/FILE'),
    }),
  );
});
