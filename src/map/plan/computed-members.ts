/** Members made by expressions: their texts, and which of them differ between the images of an update. */
import type { RowView } from './row-object';
import type { RulePlan } from './rule-plan';
import type { ChangeValues } from './rule-values';

/** What a row's writer asks for beside the image. Each member is computed once for a change. */
export function rowView(plan: RulePlan, which: 'current' | 'before', values: ChangeValues): RowView {
  const scope = values.outputScope(which);
  return {
    masked: values.masked(which) ?? [],
    computed: (i) => {
      const known = values.computed[which];
      known[i] ??= plan.computedText(i, plan.computed[i]!.run(scope));
      return known[i];
    },
  };
}

/** Indexes of computed members whose values differ between the images. @param flags 1 for each column that does */
export function computedChanges(plan: RulePlan, values: ChangeValues, flags: Uint8Array): number[] {
  const touched = plan.computed.flatMap(({ sources }, i) => (sources.some((s) => flags[s] === 1) ? [i] : []));
  if (touched.length === 0) return touched;
  const [is, was] = [rowView(plan, 'current', values), rowView(plan, 'before', values)];
  return touched.filter((i) => is.computed(i) !== was.computed(i));
}
