import fc from 'fast-check';
import { compressRle, expandRle } from '../../src/hostserver/rle';

test.each([
  ['literals', 'c1c2c3', 'c1c2c3'],
  ['an escape is doubled', '1b', '1b1b'],
  ['four blanks stay', '40404040', '40404040'],
  ['ten blanks are a repeat of two', '40'.repeat(10), '1b40400005'],
  ['a pair repeated', 'c1c2'.repeat(6), '1bc1c20006'],
  ['an odd rest is literal', '00'.repeat(11), '1b0000000500'],
])('%s', (_name, plain, packed) => {
  expect(compressRle(Buffer.from(plain, 'hex')).toString('hex')).toBe(packed);
  expect(expandRle(Buffer.from(packed, 'hex'), plain.length / 2).toString('hex')).toBe(plain);
});

test('passed by pairs, a repeat that begins at an odd place goes unseen for one pair', () => {
  const plain = Buffer.from(`c1${'40'.repeat(12)}`, 'hex');
  expect(compressRle(plain, 'bytes').toString('hex')).toBe('c11b40400006');
  expect(compressRle(plain, 'pairs').toString('hex')).toBe('c1401b4040000540');
});

test.each(['pairs', 'bytes'] as const)('what is compressed by %s expands to itself', (by) => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 300 }))
      .map(([byte, n]) => new Uint8Array(n).fill(byte)),
    fc.constant(new Uint8Array(140_000)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const plain = Buffer.concat(pieces);
      expect(expandRle(compressRle(plain, by), plain.length).equals(plain)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['more than announced', '1b00000005', 9],
  ['less than announced', '1b00000005', 11],
  ['cut in a repeat', '1b000000', 10],
  ['cut after the escape', '1b', 1],
  ['a literal too many', 'c1c2', 1],
])('%s is a coded error', (_name, packed, length) => {
  expect(() => expandRle(Buffer.from(packed, 'hex'), length)).toThrow(
    expect.objectContaining({ code: 'RLE_DATA', family: 'protocol' }),
  );
});
