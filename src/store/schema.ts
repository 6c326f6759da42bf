/** A stage's tables. `version` n means `steps[0..n-1]` have run. Steps are append-only. */
export interface Schema {
  readonly name: string;
  readonly steps: readonly string[];
}
