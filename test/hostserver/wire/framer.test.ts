/** Bytes to frames: cut anywhere, several at once, lengths that cannot be, and frames larger than what is set aside at once. */
import fc from 'fast-check';
import { DEFAULT_MAX_FRAME, Framer } from '../../../src/hostserver/framer';

/** A frame of `length` bytes whose content tells it apart from others. */
function frame(length: number, mark = 1): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 4; i < length; i++) bytes[i] = (i * 7 + mark) & 255;
  bytes.writeUInt32BE(length, 0);
  return bytes;
}

/** The frames that come out when `pieces` go in, copied. */
function framed(pieces: readonly Buffer[], framer = new Framer()): Buffer[] {
  const frames: Buffer[] = [];
  for (const piece of pieces) framer.push(piece, (f) => frames.push(Buffer.from(f)));
  return frames;
}

const cutAt = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const ends = [...places, bytes.length];
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
};

test('two frames cut in two at every place', () => {
  const bytes = Buffer.concat([frame(20, 1), frame(33, 2)]);
  for (let at = 0; at <= bytes.length; at++) {
    const framer = new Framer();
    expect(framed(cutAt(bytes, [at]), framer)).toEqual([frame(20, 1), frame(33, 2)]);
    expect(framer.halfFrame).toBe(false);
  }
});

test('byte by byte', () => {
  const bytes = Buffer.concat([frame(20, 1), frame(21, 2), frame(64, 3)]);
  expect(framed(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual([frame(20, 1), frame(21, 2), frame(64, 3)]);
});

test('any frames cut anywhere', () => {
  const lengths = fc.array(fc.integer({ min: 20, max: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.array(fc.nat(2400), { maxLength: 12 }), (sizes, cuts) => {
      const frames = sizes.map((size, i) => frame(size, i));
      const bytes = Buffer.concat(frames);
      const places = cuts.filter((c) => c <= bytes.length).sort((a, b) => a - b);
      expect(framed(cutAt(bytes, places))).toEqual(frames);
    }),
    { numRuns: 300 },
  );
});

test('half a frame is known as such, from its first byte to its last but one', () => {
  const bytes = frame(25);
  for (let n = 0; n <= 25; n++) {
    const framer = new Framer();
    const frames = framed([bytes.subarray(0, n)], framer);
    expect(framer.halfFrame).toBe(n > 0 && n < 25);
    expect(frames).toHaveLength(n === 25 ? 1 : 0);
  }
});

test('a frame of more than a megabyte, in segments as sockets give them', () => {
  const big = frame(3 * 1024 * 1024 + 17);
  const pieces: Buffer[] = [];
  const bytes = Buffer.concat([frame(20), big, frame(20)]);
  for (let at = 0; at < bytes.length; at += 65_536) pieces.push(bytes.subarray(at, at + 65_536));
  const frames = framed(pieces);
  expect(frames.map((f) => f.length)).toEqual([20, big.length, 20]);
  expect(frames[1]!.equals(big)).toBe(true);
});

test('a collected frame does not change when the next bytes come into the same buffer', () => {
  const framer = new Framer();
  const frames: Buffer[] = [];
  const segment = Buffer.alloc(16);
  const bytes = frame(40, 9);
  for (let at = 0; at < 40; at += 16) {
    const n = bytes.copy(segment, 0, at, at + 16);
    framer.push(segment.subarray(0, n), (f) => frames.push(f));
  }
  segment.fill(0);
  expect(frames[0]!.equals(bytes)).toBe(true);
});

describe('lengths that cannot be', () => {
  const head = (length: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(length, 0);
    return bytes;
  };

  test.each([0, 1, 19, 1001, 0x7fffffff, 0xffffffff])('%i', (length) => {
    const expected = expect.objectContaining({
      code: 'FRAME_LENGTH',
      family: 'protocol',
      facts: { length, maximum: 1000 },
      message: expect.stringContaining('the sign-on server announced'),
    });
    const framer = () => new Framer({ maxLength: 1000, peer: 'sign-on server' });
    expect(() => framed([head(length)], framer())).toThrow(expected);
    // also where its four bytes come one by one
    expect(() =>
      framed(
        Array.from(head(length), (byte) => Buffer.of(byte)),
        framer(),
      ),
    ).toThrow(expected);
  });

  test.each([20, 1000])('%i is the end of what can be', (length) => {
    expect(framed([frame(length)], new Framer({ maxLength: 1000 }))).toHaveLength(1);
  });

  test('the words of another protocol', () => {
    for (const words of ['HTTP/1.1 400 Bad Request', 'SSH-2.0-OpenSSH_9.6', '\x16\x03\x01\x02\x00 hello'])
      expect(() => framed([Buffer.from(words, 'latin1')])).toThrow(expect.objectContaining({ code: 'FRAME_LENGTH' }));
    expect(DEFAULT_MAX_FRAME).toBe(67_108_864);
  });

  test('frames before the bad one have come out', () => {
    const frames: Buffer[] = [];
    const framer = new Framer();
    expect(() => framer.push(Buffer.concat([frame(20), head(3)]), (f) => frames.push(f))).toThrow();
    expect(frames).toHaveLength(1);
  });
});
