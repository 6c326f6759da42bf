/** What an update changed, column by column. */
import type { Change } from '../../model/change';
import type { RulePlan } from './rule-plan';

export class Differences {
  constructor(private readonly plan: RulePlan) {}

  /** 1 for each column that differs, good until the next change; null where there is nothing to compare with. */
  flags(change: Change): Uint8Array | null {
    const { before, after } = change;
    if (change.op !== 'update' || !before || !after) return null;
    return this.plan.comparer.flags(before.image, after.image);
  }

  /** True where there is nothing to compare with. */
  ofColumn(change: Change, column: string): boolean {
    const index = this.plan.columns.indexOf(column, 'changed()');
    return (this.flags(change)?.[index] ?? 1) === 1;
  }

  /** Names of the columns that differ; null where there is nothing to compare with. */
  names(change: Change): readonly string[] | null {
    const flags = this.flags(change);
    return flags && this.plan.columns.format.columns.flatMap((c, i) => (flags[i] === 1 ? [c.name] : []));
  }

  /** True for an update of which `whenChanged` has nothing to report. */
  untold(flags: Uint8Array | null): boolean {
    const { whenChanged } = this.plan;
    return whenChanged !== null && flags !== null && !whenChanged.some((i) => flags[i] === 1);
  }
}
