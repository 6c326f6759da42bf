/** The texts a row is known by: its key, its trace key, the page about it. */
import type { Change } from '../../model/change';
import { textOf } from '../expression/value';
import type { RulePlan, TemplatePlan } from '../plan/rule-plan';
import type { ChangeValues, MaskedScalar } from '../plan/rule-values';
import { escapeKey } from './held-row';
import { quoted } from './meta';

/** Key of a row before its key changed. */
export interface FormerKey {
  readonly key: string;
  readonly traceKey: string;
  /** True if the trace key changed, too. */
  readonly moves: boolean;
}

type Masked = readonly MaskedScalar[];

export class RowKeys {
  constructor(private readonly plan: RulePlan) {}

  /** Key members joined by `/`; the record number where there is no key, or no row to take it from. */
  text(masked: Masked, change: Change): string {
    const { key } = this.plan;
    if (key.length === 0 || hasNoRow(change)) return `rrn:${change.rrn}`;
    if (key.length === 1) return escapeKey(masked[key[0]!.slot]);
    return key.map((k) => escapeKey(masked[k.slot])).join('/');
  }

  json(masked: Masked, change: Change): string {
    const { key } = this.plan;
    if (key.length === 0 || hasNoRow(change)) return `{"rrn":"${change.rrn}"}`;
    let text = '{';
    for (const k of key) text += `${text === '{' ? '' : ','}${k.json}${scalarJson(masked[k.slot])}`;
    return `${text}}`;
  }

  /** @param key the row's, which stands in where the rule has no trace key */
  traceKey(masked: Masked, key: string): string {
    const { traceKey } = this.plan;
    return traceKey ? fill(traceKey, masked, (v) => v) : key;
  }

  recordUrl(masked: Masked): string | null {
    const { recordUrl } = this.plan;
    return recordUrl ? fill(recordUrl, masked, encodeURIComponent) : null;
  }

  /** Key and trace key before an update, if its event has others; null too where the columns differ and the texts do not. */
  former(values: ChangeValues, change: Change): FormerKey | null {
    const [was, is] = [values.masked('before')!, values.masked('current')!];
    const key = this.text(was, change);
    if (key === this.text(is, change)) return null;
    const { traceKey: template } = this.plan;
    const traceKey = this.traceKey(was, key);
    const moves = !template || traceKey !== fill(template, is, (v) => v);
    return { key, traceKey, moves };
  }

  /**
   * Every text a person may know the row by, before and after: key and trace key as events have them, and the key before
   * its mask. For looking back; mapping itself never calls it.
   */
  all(values: ChangeValues, change: Change): readonly string[] {
    const keys = new Set<string>();
    for (const which of ['current', 'before'] as const) {
      const masked = values.masked(which);
      const scalars = values.scalars(which);
      if (masked === null || scalars === null) continue;
      keys.add(this.text(masked, change)).add(this.text(scalars, change));
      if (this.plan.traceKey) keys.add(fill(this.plan.traceKey, masked, (v) => v));
    }
    return [...keys];
  }
}

function scalarJson(value: MaskedScalar): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value ?? null);
}

function fill(plan: TemplatePlan, masked: Masked, encode: (text: string) => string): string {
  return plan.template.render((name) => encode(textOf(String(masked[plan.slots.get(name)!] ?? ''))));
}

/** A delete journaled with IMAGES(*AFTER): nothing but the record number says which row it was. */
export function hasNoRow({ before, after }: Change): boolean {
  return before === null && after === null;
}
