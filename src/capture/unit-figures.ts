/**
 * What became of one unit, counted while it is walked and added to the metrics once it has committed: it may be walked again,
 * and a labelled counter costs as much as mapping an event.
 */
import type { Metrics } from '../telemetry/metrics';

export class UnitFigures {
  /** Events by table. */
  private readonly events = new Map<string, number>();
  /** Changes no rule wanted, by table and rule. */
  private readonly filtered = new Map<string, Map<string, number>>();
  private readonly acts: ((metrics: Metrics) => void)[] = [];

  /** A unit is walked, perhaps again. */
  begin(): void {
    this.events.clear();
    this.filtered.clear();
    this.acts.length = 0;
  }

  event(table: string, events = 1): void {
    this.events.set(table, (this.events.get(table) ?? 0) + events);
  }

  filteredBy(rule: string, table: string): void {
    const rules = this.filtered.get(table) ?? new Map<string, number>();
    this.filtered.set(table, rules);
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
  }

  /** What is seldom. */
  add(act: (metrics: Metrics) => void): void {
    this.acts.push(act);
  }

  count(metrics: Metrics): void {
    for (const [table, events] of this.events) metrics.eventsWritten.inc({ table }, events);
    for (const [table, rules] of this.filtered)
      for (const [rule, changes] of rules) metrics.changesFiltered.inc({ table, rule }, changes);
    for (const act of this.acts) act(metrics);
  }
}
