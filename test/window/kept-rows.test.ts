/** Rows a window remembers: bounded, sealed, and brought to the layout their file has later. */
import { randomBytes } from 'node:crypto';
import type { RecordImage } from '../../src/model/change';
import type { ColumnFormat, RecordFormat } from '../../src/model/record-format';
import { aesSeal } from '../../src/outbox/pages/seal';
import { allColumns } from '../../src/record/plan/outputs';
import { rowImage } from '../../src/record/rows/row-image';
import { compileRowReader } from '../../src/record/rows/row-reader';
import { Store } from '../../src/store/store';
import { KeptRows, type RowSeal } from '../../src/window/kept-rows';
import { holdSame, keyImage, relaid } from '../../src/window/row-images';
import { WINDOW_SCHEMA } from '../../src/window/window-state';

const column = (name: string, type: ColumnFormat['type'], length: number, more: Partial<ColumnFormat> = {}) => ({
  name,
  type,
  length,
  scale: 0,
  ccsid: 37,
  nullable: true,
  ...more,
});
const format = (...columns: ColumnFormat[]): RecordFormat => ({ table: 'L/T', columns });
const ID = column('ID', 'INTEGER', 4);
const NAME = column('NAME', 'VARCHAR', 300);
const NOTE = column('NOTE', 'CLOB', 1_000_000);

/** Known columns alone. */
function known(image: RecordImage): Record<string, unknown> {
  const { columns } = image.format!;
  const reader = compileRowReader(image.format!, allColumns(columns));
  const values = reader.read(image.bytes, image.offset, image.nulls, image.offset + image.length);
  return Object.fromEntries(columns.flatMap((c, i) => (values[i] === undefined ? [] : [[c.name, values[i]]])));
}

function keptRows(seal: RowSeal | null = null): { rows: KeptRows; store: Store } {
  const store = Store.open(':memory:', [WINDOW_SCHEMA]);
  return { rows: new KeptRows(store, 'L/T', seal), store };
}

test.each([
  ['plain', null],
  ['sealed', aesSeal(randomBytes(32))],
])('what is packed is unpacked: %s', (_what, seal) => {
  const { rows } = keptRows(seal);
  const of = format(ID, NAME);
  for (const row of [
    { ID: 1, NAME: 'short' },
    { ID: 2, NAME: 'x'.repeat(300) },
    { ID: 3, NAME: null },
  ])
    expect(known(rows.unpack(rows.pack(rowImage(of, row)))!)).toEqual(row);
});

test('blanks cost next to nothing; LOB data beyond the bound are not kept, the rest is', () => {
  const { rows } = keptRows();
  const wide = format(ID, column('TEXT', 'CHAR', 5000));
  expect(rows.pack(rowImage(wide, { ID: 1, TEXT: 'a' })).length).toBeLessThan(100);
  const of = format(ID, NOTE, NAME);
  const small = { ID: 1, NOTE: 'n'.repeat(10_000), NAME: 'one' };
  expect(known(rows.unpack(rows.pack(rowImage(of, small)))!)).toEqual(small);
  const packed = rows.pack(rowImage(of, { ...small, NOTE: randomBytes(40_000).toString('hex') }));
  expect(packed.length).toBeLessThan(500);
  expect(known(rows.unpack(packed)!)).toEqual({ ID: 1, NAME: 'one' });
});

test('with another key, or without its format, nothing is known: no error', () => {
  const { rows, store } = keptRows(aesSeal(randomBytes(32)));
  const packed = rows.pack(rowImage(format(ID), { ID: 1 }));
  expect(new KeptRows(store, 'L/T', aesSeal(randomBytes(32))).unpack(packed)).toBeNull();
  expect(new KeptRows(store, 'L/T', null).unpack(packed)).toBeNull();
  store.db.exec('DELETE FROM window_format');
  expect(rows.unpack(packed)).toBeNull();
});

test('in a later layout a new column is unknown, as is one that cannot hold the value; the others keep it', () => {
  const before = rowImage(format(ID, NAME, column('OLD', 'CHAR', 3)), { ID: 7, NAME: 'seven', OLD: 'abc' });
  const later = format(column('NEW', 'CHAR', 2), { ...ID, nullable: false }, column('NAME', 'CHAR', 9));
  expect(known(relaid(before, later))).toEqual({ ID: 7, NAME: 'seven' });
  expect(known(relaid(before, format(ID, column('OLD', 'DECIMAL', 5))))).toEqual({ ID: 7 });
  const now = rowImage(later, { NEW: 'xx', ID: 7, NAME: 'seven' });
  expect(holdSame(before, now)).toBe(true);
  expect(holdSame(before, rowImage(later, { NEW: 'xx', ID: 7, NAME: 'eight' }))).toBe(false);
  const longer = format(ID, NAME);
  expect(known(relaid(before, longer))).toEqual({ ID: 7, NAME: 'seven' });
  expect(relaid(before, before.format!)).toBe(before);
});

test('a row of which the key alone is known', () => {
  expect(known(keyImage(format(NAME, ID), ['ID'], [5]))).toEqual({ ID: 5 });
  expect(known(keyImage(format(NAME, ID), ['ID', 'NAME'], [5, null]))).toEqual({ ID: 5, NAME: null });
});
