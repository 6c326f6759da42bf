/**
 * Pointer handles of one job: each entry that a call returned with pointers in its data holds one, until
 * QjoDeletePointerHandle or the end of the job gives it back.
 */
export class PointerHandles {
  private readonly held = new Set<number>();
  private last = 0;

  get count(): number {
    return this.held.size;
  }

  allocate(): number {
    this.held.add(++this.last);
    return this.last;
  }

  /** False when the job holds no such handle. */
  release(handle: number): boolean {
    return this.held.delete(handle);
  }

  clear(): void {
    this.held.clear();
  }
}
