/**
 * A 64-bit hash of bytes, that shows, but for one chance in 2^64, whether two contents are equal. Not against malice: whoever can
 * write the row can also make it differ. The same on every machine, since what is remembered outlives them.
 */
export class ContentHash {
  /** Two halves of the last hash, 32-bit integers; never both 0, which stands for "unknown". */
  a = 0;
  b = 0;

  /** Hashes `bytes[from, to)`. @param view of the same bytes: reads them four at a time */
  of(bytes: Uint8Array, from: number, to: number, view: DataView | null = null): void {
    let a = 0x9747b28c | 0;
    let b = (to - from) | 0;
    const words = from + ((to - from) & ~3);
    let p = from;
    for (; p < words; p += 4) {
      const k =
        view === null
          ? bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)
          : view.getInt32(p, true);
      a = Math.imul(a ^ k, 0x85ebca6b);
      a = (a << 13) | (a >>> 19);
      b = Math.imul(b + k, 0xc2b2ae35);
      b ^= b >>> 15;
    }
    let k = 0;
    for (let shift = 0; p < to; p++, shift += 8) k |= bytes[p]! << shift;
    a = mixed(Math.imul(a ^ k, 0x85ebca6b) ^ (to - from));
    b = mixed(Math.imul(b + k, 0xc2b2ae35) ^ a);
    this.a = a;
    this.b = a === 0 && b === 0 ? 1 : b;
  }
}

/** Every bit of `h` reaches every bit of the result. */
function mixed(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}
