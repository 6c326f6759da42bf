/** A queue open at both ends, on a ring that grows by doubling; no copy per element taken. */
export class Deque<T> {
  private ring: (T | undefined)[] = [undefined, undefined];
  private head = 0;
  length = 0;

  push(value: T): void {
    if (this.length === this.ring.length) this.grow();
    this.ring[(this.head + this.length) & (this.ring.length - 1)] = value;
    this.length++;
  }

  unshift(value: T): void {
    if (this.length === this.ring.length) this.grow();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = value;
    this.length++;
  }

  peek(): T | undefined {
    return this.length === 0 ? undefined : this.ring[this.head];
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const value = this.ring[this.head];
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length--;
    return value;
  }

  private grow(): void {
    const bigger: (T | undefined)[] = new Array(this.ring.length * 2);
    for (let i = 0; i < this.length; i++) bigger[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = bigger;
    this.head = 0;
  }
}
