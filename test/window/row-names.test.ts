/** How the rows of a window table are named: by their key values, or by stored bytes where no value can be asked for. */
import fc from 'fast-check';
import type { ColumnFormat } from '../../src/model/record-format';
import { rowImage } from '../../src/record/rows/row-image';
import type { SqlValue } from '../../src/transport/transport';
import { boundary, isAsked, nextPage, type RowKey, rowKey } from '../../src/window/keys';
import type { WindowOptions } from '../../src/window/options';
import { keyText, keyValues, rowHash } from '../../src/window/window-state';
import { field, format } from '../record/support/fields';

const named = (name: string, column: ColumnFormat): ColumnFormat => ({ ...column, name });
const ID = named('ID', field('INTEGER'));
const CODE = named('CODE', field('CHAR', { length: 3, ccsid: 37, nullable: true }));
const RATE = named('RATE', field('DECFLOAT', { length: 8 }));

const value: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((d) => !Object.is(d, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 9 }).map((b) => Buffer.from(b)),
);

test('key values as text come back exactly, and different ones have different texts', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), fc.array(value, { maxLength: 5 }), (a, b) => {
      expect(keyValues(keyText(a))).toEqual(a);
      if (keyText(a) === keyText(b)) expect(a).toEqual(b);
      // a name by values never looks like one by bytes
      expect(isAsked(keyText(a))).toBe(true);
    }),
  );
});

describe('a row is named', () => {
  const image = rowImage(format(ID, CODE, RATE), { ID: 7, CODE: 'AB', RATE: '1.5' });
  const key = (values: readonly SqlValue[], names: readonly string[], from = image): RowKey =>
    rowKey(values, from, names);

  test.each<[string, readonly SqlValue[], readonly string[]]>([
    ['by a number', [7], ['ID']],
    ['by text with its blanks', ['AB '], ['CODE']],
    ['by null', [null], ['CODE']],
    ['by several', [7, 'AB ', '1.5'], ['ID', 'CODE', 'RATE']],
  ])('%s', (_, values, names) => {
    expect(key(values, names)).toEqual({ text: keyText(values), values });
  });

  test.each<[string, readonly SqlValue[], readonly string[]]>([
    ['an undefined byte', ['A\ufffd '], ['CODE']],
    ['a NaN of DECFLOAT', ['NaN'], ['RATE']],
    ['an infinite DECFLOAT', ['-Infinity'], ['RATE']],
    ['a number that is none', [Number.NaN], ['ID']],
    ['an infinite number', [Number.POSITIVE_INFINITY], ['ID']],
    ['one of two', [7, 'A\ufffd '], ['ID', 'CODE']],
  ])('by its bytes where a value cannot be asked for: %s', (_, values, names) => {
    const found = key(values, names);
    expect(found.values).toBeNull();
    expect(isAsked(found.text)).toBe(false);
    // ID is 00000007, CODE c1c240, RATE 15E-1: exponent 397 of bias 398, digits 15
    const bytes: Readonly<Record<string, string>> = { ID: '000000007', CODE: '0c1c240', RATE: '02234000000000015' };
    expect(found.text).toBe(`!${names.map((n) => bytes[n]).join('.')}`);
  });

  test('a null beside it is told from zeros, and an unreadable field from both', () => {
    const texts = [
      rowImage(format(ID, CODE, RATE), { ID: 7, RATE: 'NaN' }),
      rowImage(format(ID, CODE, RATE), { ID: 7, CODE: 'too long', RATE: 'NaN' }),
    ].map((i) => key([null, 'NaN'], ['CODE', 'RATE'], i).text);
    expect(texts.map((t) => t.slice(0, 2))).toEqual(['!1', '!2']);
    // a field without its bytes is never asked for, whatever stands in its place
    const unreadable = rowImage(format(CODE), { CODE: 'too long' });
    expect(key([null], ['CODE'], unreadable).values).toBeNull();
  });
});

describe('pages', () => {
  const options = { table: { library: 'L', name: 'T' } } as WindowOptions;
  const asked = (...values: SqlValue[]): RowKey => ({ text: keyText(values), values });
  const odd: RowKey = { text: '!00', values: null };

  test.each<[string, RowKey[], readonly SqlValue[] | null]>([
    ['the last row', [asked(1), asked(2)], [2]],
    ['the last that says where it ends', [asked(1), odd, odd], [1]],
    ['none', [odd, odd], null],
    ['of nothing', [], null],
  ])('%s', (_, keys, expected) => {
    expect(boundary(keys)).toEqual(expected);
  });

  test('the next one begins behind it, unless nothing has moved', () => {
    expect(nextPage(options, [asked(1), asked(2), odd], null)).toEqual([2]);
    expect(nextPage(options, [asked(2), odd], [1])).toEqual([2]);
    const stuck = expect.objectContaining({ code: 'WINDOW_PAGE', message: expect.stringContaining('2 rows') });
    expect(() => nextPage(options, [odd, odd], null)).toThrow(stuck);
    expect(() => nextPage(options, [asked(2), odd], [2])).toThrow(stuck);
  });
});

test('the hash of a row sees every bit of it and its nulls, and not where it lies', () => {
  const columns = format(ID, CODE);
  const image = rowImage(columns, { ID: 7, CODE: 'AB' });
  const moved = {
    ...image,
    bytes: Buffer.concat([Buffer.alloc(3, 0xee), image.bytes, Buffer.alloc(2, 0xee)]),
    offset: 3,
  };
  expect(rowHash(moved)).toEqual(rowHash(image));
  expect(rowHash(image)).toHaveLength(16);
  const hashes = new Set([rowHash(image).toString('hex')]);
  for (let bit = 0; bit < image.length * 8; bit++) {
    const bytes = Buffer.from(image.bytes);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    hashes.add(rowHash({ ...image, bytes }).toString('hex'));
  }
  hashes.add(rowHash({ ...image, nulls: Buffer.from('01') }).toString('hex'));
  hashes.add(rowHash({ ...image, nulls: Buffer.from('10') }).toString('hex'));
  expect(hashes.size).toBe(1 + image.length * 8 + 2);
});
