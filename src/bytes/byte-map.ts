/** Values found by a short run of bytes, without making a text to look them up with. */

interface Entry<V> {
  readonly key: DataView;
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

  get(bytes: DataView, start: number, end: number): V | undefined {
    if (this.last !== null && isRun(this.last.key, bytes, start, end)) return this.last.value;
    let entry = this.entries.get(hashOf(bytes, start, end)) ?? null;
    while (entry !== null && !isRun(entry.key, bytes, start, end)) entry = entry.next;
    if (entry === null) return undefined;
    this.last = entry;
    return entry.value;
  }

  /** Keeps a copy of the run; it must not be there yet. */
  add(bytes: DataView, start: number, end: number, value: V): void {
    if (this.count >= this.limit) this.clear();
    const hash = hashOf(bytes, start, end);
    const from = bytes.byteOffset + start;
    const key = new DataView(bytes.buffer.slice(from, from + end - start));
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

function isRun(key: DataView, bytes: DataView, start: number, end: number): boolean {
  const length = end - start;
  if (key.byteLength !== length) return false;
  let i = 0;
  for (; i + 4 <= length; i += 4) if (key.getInt32(i, true) !== bytes.getInt32(start + i, true)) return false;
  for (; i < length; i++) if (key.getUint8(i) !== bytes.getUint8(start + i)) return false;
  return true;
}

/** 30 bits: V8 keeps such numbers without an object. */
function hashOf(bytes: DataView, start: number, end: number): number {
  let hash = end - start;
  let p = start;
  for (; p + 4 <= end; p += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(p, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; p < end; p++) hash = Math.imul(hash ^ bytes.getUint8(p), 0x9e3779b1);
  return (hash ^ (hash >>> 13)) & 0x3fffffff;
}
