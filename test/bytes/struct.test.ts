import { ByteReader } from '../../src/bytes/reader';
import {
  bytes,
  i16,
  i32,
  i64,
  listToEnd,
  optional,
  rest,
  sized,
  struct,
  u8,
  u16,
  u32,
  u64,
} from '../../src/bytes/struct';
import { CodedError } from '../../src/errors/coded-error';

const everything = struct('everything', [
  ['a', u8],
  ['b', u16],
  ['c', u32],
  ['d', u64],
  ['e', i16],
  ['f', i32],
  ['g', i64],
  ['h', bytes(2)],
  ['i', sized(u16)],
  ['j', optional(u8)],
]);
const hex = `01 0203 04050607 08090a0b0c0d0e0f ffff fffffffe fffffffffffffffd c1c2 0003 d1d2d3 7f`.replace(/ /g, '');
const value = {
  a: 1,
  b: 0x0203,
  c: 0x04050607,
  d: 0x08090a0b0c0d0e0fn,
  e: -1,
  f: -2,
  g: -3n,
  h: Buffer.from([0xc1, 0xc2]),
  i: Buffer.from([0xd1, 0xd2, 0xd3]),
  j: 0x7f,
};

test('every primitive both ways', () => {
  expect(everything.decode(Buffer.from(hex, 'hex'))).toEqual(value);
  expect(everything.encode(value).toString('hex')).toBe(hex);
});

test('every truncation but the optional tail is a coded error with path and place', () => {
  const whole = Buffer.from(hex, 'hex');
  for (let length = 0; length < whole.length - 1; length++) {
    expect(() => everything.decode(whole.subarray(0, length))).toThrow(CodedError);
  }
  expect(everything.decode(whole.subarray(0, whole.length - 1)).j).toBeUndefined();
  expect(() => everything.decode(whole.subarray(0, 5))).toThrow(
    expect.objectContaining({ code: 'BYTES_SHORT', message: 'everything at 0x03: need 4 bytes, have 2' }),
  );
});

test('a part never reads beyond itself', () => {
  const reader = new ByteReader(Buffer.from('0102030405', 'hex'), 'outer');
  const part = reader.part(2, 'inner');
  expect(part.u16()).toBe(0x0102);
  expect(() => part.u8()).toThrow(expect.objectContaining({ message: 'outer.inner at 0x02: need 1 bytes, have 0' }));
  expect(reader.rest().toString('hex')).toBe('030405');
});

test('lists and rests run to the end', () => {
  const list = struct('list', [['items', listToEnd(u16)]]);
  expect(list.decode(Buffer.from('00010002', 'hex'))).toEqual({ items: [1, 2] });
  expect(list.encode({ items: [1, 2] }).toString('hex')).toBe('00010002');
  expect(
    struct('tail', [['tail', rest]])
      .decode(Buffer.from('ab', 'hex'))
      .tail.toString('hex'),
  ).toBe('ab');
});

test('bytes of the wrong length are never written', () => {
  expect(() => struct('fixed', [['x', bytes(2)]]).encode({ x: Buffer.alloc(3) })).toThrow(RangeError);
});
