/** Values found by a short run of bytes, without making a text to look them up with. */

interface Entry<V> {
  readonly key: Uint8Array;
  readonly value: V;
  /** Another run of the same hash. */
  readonly next: Entry<V> | null;
}

export class ByteMap<V> {
  private readonly entries = new Map<number, Entry<V>>();
  /** Runs repeat from row to row: the last one found is tried before its hash is made. */
  private last: Entry<V> | null = null;
  private count = 0;

  /** @param limit runs kept; one more and all are forgotten */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.count;
  }

  get(bytes: Uint8Array, start: number, end: number): V | undefined {
    if (this.last !== null && isRun(this.last.key, bytes, start, end)) return this.last.value;
    let entry = this.entries.get(hashOf(bytes, start, end)) ?? null;
    while (entry !== null && !isRun(entry.key, bytes, start, end)) entry = entry.next;
    if (entry === null) return undefined;
    this.last = entry;
    return entry.value;
  }

  /** Keeps a copy of the run; it must not be there yet. */
  add(bytes: Uint8Array, start: number, end: number, value: V): void {
    if (this.count >= this.limit) this.clear();
    const hash = hashOf(bytes, start, end);
    // not slice(): of a Buffer it is a view
    const key = new Uint8Array(bytes.subarray(start, end));
    this.last = { key, value, next: this.entries.get(hash) ?? null };
    this.entries.set(hash, this.last);
    this.count++;
  }

  private clear(): void {
    this.entries.clear();
    this.last = null;
    this.count = 0;
  }
}

function isRun(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = key;
  if (end - start !== length) return false;
  for (let i = 0, p = start; i < length; i++, p++) if (key[i] !== bytes[p]) return false;
  return true;
}

/** 31 bits: V8 keeps such numbers without an object. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let p = start;
  // four bytes a multiplication: its latency is what a hash costs
  for (; p + 4 <= end; p += 4) {
    const word = bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x9e3779b1);
  return (hash ^ (hash >>> 13)) & 0x3fffffff;
}
