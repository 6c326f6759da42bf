/** Big-endian values against DataView, and what happens where bytes are missing. */
import fc from 'fast-check';
import { ByteReader } from '../../src/bytes/reader';
import { ByteWriter } from '../../src/bytes/writer';

type Kind = 'u8' | 'u16' | 'u32' | 'u64' | 'i16' | 'i32' | 'i64';

/** Bytes, least and most of each kind, and how DataView writes it. */
const KINDS: Readonly<Record<Kind, { bytes: number; min: bigint; max: bigint; set(v: DataView, n: bigint): void }>> = {
  u8: { bytes: 1, min: 0n, max: 0xffn, set: (v, n) => v.setUint8(0, Number(n)) },
  u16: { bytes: 2, min: 0n, max: 0xffffn, set: (v, n) => v.setUint16(0, Number(n)) },
  u32: { bytes: 4, min: 0n, max: 0xffff_ffffn, set: (v, n) => v.setUint32(0, Number(n)) },
  u64: { bytes: 8, min: 0n, max: 2n ** 64n - 1n, set: (v, n) => v.setBigUint64(0, n) },
  i16: { bytes: 2, min: -0x8000n, max: 0x7fffn, set: (v, n) => v.setInt16(0, Number(n)) },
  i32: { bytes: 4, min: -0x8000_0000n, max: 0x7fff_ffffn, set: (v, n) => v.setInt32(0, Number(n)) },
  i64: { bytes: 8, min: -(2n ** 63n), max: 2n ** 63n - 1n, set: (v, n) => v.setBigInt64(0, n) },
};
const kinds = Object.keys(KINDS) as Kind[];
const isBig = (kind: Kind): boolean => KINDS[kind].bytes === 8;

function write(writer: ByteWriter, kind: Kind, n: bigint): void {
  if (kind === 'u64' || kind === 'i64') writer[kind](n);
  else writer[kind](Number(n));
}

function judged(kind: Kind, n: bigint): Buffer {
  const view = new DataView(new ArrayBuffer(KINDS[kind].bytes));
  KINDS[kind].set(view, n);
  return Buffer.from(view.buffer);
}

const values = fc.array(
  fc.constantFrom(...kinds).chain((kind) => {
    const { min, max } = KINDS[kind];
    const value = fc.oneof(fc.constantFrom(min, max, 0n, 1n), fc.bigInt({ min, max }));
    return fc.tuple(fc.constant(kind), value);
  }),
  { maxLength: 60 },
);

test('values of every kind are written as DataView writes them, however small the buffer was, and come back', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 40 }), (list, capacity) => {
      const writer = new ByteWriter(capacity);
      for (const [kind, n] of list) write(writer, kind, n);
      const expected = Buffer.concat(list.map(([kind, n]) => judged(kind, n)));
      expect(writer.length).toBe(expected.length);
      expect(writer.bytes().equals(expected)).toBe(true);
      const reader = new ByteReader(writer.bytes(), 'list');
      for (const [kind, n] of list) expect(reader[kind]()).toBe(isBig(kind) ? n : Number(n));
      expect(reader.remaining).toBe(0);
    }),
  );
});

test.each(kinds)('%s: out of range is a bug of the caller', (kind) => {
  const { min, max } = KINDS[kind];
  for (const n of [min - 1n, max + 1n]) expect(() => write(new ByteWriter(), kind, n)).toThrow(/out of range/);
});

test('raw bytes, fillings, and lengths that are known afterwards', () => {
  const writer = new ByteWriter(1);
  writer.u32(0).u16(0).raw(Buffer.from('abc')).fill(3, 0x40).fill(2);
  writer.setU32(0, writer.length).setU16(4, 0xfedc);
  expect(writer.bytes().toString('hex')).toBe('0000000efedc6162634040400000');
});

describe('reading', () => {
  const bytes = Buffer.from('0102030405060708090a', 'hex');

  test('within a part: its own bounds, its own name, the same bytes', () => {
    const reader = new ByteReader(bytes, 'reply 2800');
    expect(reader.u8()).toBe(1);
    const part = reader.part(4, '3812');
    expect([part.u16(), part.remaining, part.position, part.end]).toEqual([0x0203, 2, 3, 5]);
    expect(() => part.u32()).toThrow(
      expect.objectContaining({
        code: 'BYTES_SHORT',
        message: 'reply 2800.3812 at 0x03: need 4 bytes, have 2',
        facts: { what: 'reply 2800.3812', at: 3, need: 4, have: 2 },
      }),
    );
    // what cannot be read is not taken
    expect(part.u16()).toBe(0x0405);
    expect(reader.rest().toString('hex')).toBe('060708090a');
    expect(reader.rest()).toHaveLength(0);
  });

  test('raw is a view, not a copy', () => {
    const copy = Buffer.from(bytes);
    const raw = new ByteReader(copy, 'x', 2).raw(3);
    copy[2] = 0xff;
    expect(raw.toString('hex')).toBe('ff0405');
  });

  test.each(kinds)('%s where one byte is missing', (kind) => {
    const need = KINDS[kind].bytes;
    const reader = new ByteReader(bytes, 'x', 0, need - 1);
    expect(() => reader[kind]()).toThrow(new RegExp(`need ${need} bytes, have ${need - 1}$`));
    expect(reader.position).toBe(0);
  });

  test('an end before the start has nothing, and says so', () => {
    expect(() => new ByteReader(bytes, 'x', 5, 3).take(1)).toThrow('x at 0x05: need 1 bytes, have 0');
    expect(new ByteReader(bytes, 'x', 10).take(0)).toBe(10);
  });
});
