/**
 * Things in no order, put in and taken out for each request. A Set would do, but it leaves its former tables behind, and with
 * them whatever was in it, to the slow half of garbage collection.
 */
export interface Placed {
  /** Where it lies in its bag, -1 outside of it; only the bag writes it. */
  place: number;
}

export class Bag<T extends Placed> {
  private readonly items: T[] = [];

  add(item: T): void {
    item.place = this.items.push(item) - 1;
  }

  /** False if it was not in. */
  remove(item: T): boolean {
    if (item.place < 0) return false;
    const last = this.items.pop()!;
    if (last !== item) {
      this.items[item.place] = last;
      last.place = item.place;
    }
    item.place = -1;
    return true;
  }

  /** What is in it now, as a list of its own. */
  all(): T[] {
    return [...this.items];
  }
}
