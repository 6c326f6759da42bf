/** Compiled plans by the text of their format, the least recently used dropped first. */

export class PlanCache<P> {
  private readonly plans = new Map<string, P>();

  /** @param limit most plans kept */
  constructor(private readonly limit = 256) {}

  /** The plan of `key`, compiled on first use. A compile that throws is not remembered. */
  get(key: string, compile: () => P): P {
    const known = this.plans.get(key);
    if (known !== undefined) {
      this.plans.delete(key);
      this.plans.set(key, known);
      return known;
    }
    const plan = compile();
    this.plans.set(key, plan);
    if (this.plans.size > this.limit) this.plans.delete(this.plans.keys().next().value as string);
    return plan;
  }

  delete(key: string): void {
    this.plans.delete(key);
  }

  get size(): number {
    return this.plans.size;
  }
}
