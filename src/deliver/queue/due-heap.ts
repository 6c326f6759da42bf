/** Names ordered by the time they fall due; binary heap. A name may be in it more than once, the reader checks what still holds. */
export class DueHeap {
  private readonly items: { readonly at: number; readonly name: string }[] = [];

  get size(): number {
    return this.items.length;
  }

  /** Steady clock of the earliest, Infinity when empty. */
  next(): number {
    return this.items[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, name: string): void {
    const items = this.items;
    let i = items.push({ at, name }) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (items[up]!.at <= items[i]!.at) break;
      [items[up], items[i]] = [items[i]!, items[up]!];
      i = up;
    }
  }

  take(): { readonly at: number; readonly name: string } | undefined {
    const items = this.items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined || items.length === 0) return top;
    items[0] = last;
    this.sink(0);
    return top;
  }

  private sink(start: number): void {
    const items = this.items;
    let i = start;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const least = right < items.length && items[right]!.at < items[left]!.at ? right : left;
      if (items[i]!.at <= items[least]!.at) return;
      [items[least], items[i]] = [items[i]!, items[least]!];
      i = least;
    }
  }
}
