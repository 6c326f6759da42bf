/** Values found by their bytes: as a Map of texts would, without keeping the caller's buffer. */
import fc from 'fast-check';
import { ByteMap } from '../../src/bytes/byte-map';

const view = (b: Buffer): DataView => new DataView(b.buffer, b.byteOffset, b.length);

describe('ByteMap', () => {
  test('finds what a Map of texts finds', () => {
    const run = fc.array(fc.constantFrom(0, 1, 0x40, 0xf1, 255), { maxLength: 9 });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 200 }), (runs) => {
        const map = new ByteMap<number>(1000);
        const oracle = new Map<string, number>();
        for (const [i, bytes] of runs.entries()) {
          const buffer = view(Buffer.from([7, ...bytes, 7]));
          const text = bytes.join();
          expect(map.get(buffer, 1, 1 + bytes.length)).toBe(oracle.get(text));
          if (oracle.has(text)) continue;
          oracle.set(text, i);
          map.add(buffer, 1, 1 + bytes.length, i);
        }
        expect(map.size).toBe(oracle.size);
      }),
    );
  });

  test('owns its keys: the buffer they came from may be filled again', () => {
    const map = new ByteMap<string>(10);
    const buffer = Buffer.from('anna');
    map.add(view(buffer), 0, 4, 'anna');
    buffer.write('otto');
    expect(map.get(view(buffer), 0, 4)).toBeUndefined();
    expect(map.get(view(Buffer.from('anna')), 0, 4)).toBe('anna');
  });

  test('forgets all when it is full', () => {
    const map = new ByteMap<number>(2);
    for (const n of [1, 2, 3]) map.add(view(Buffer.of(n)), 0, 1, n);
    expect(map.size).toBe(1);
    expect(map.get(view(Buffer.of(1)), 0, 1)).toBeUndefined();
    expect(map.get(view(Buffer.of(3)), 0, 1)).toBe(3);
  });
});
