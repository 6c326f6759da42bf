import type { Change, ChangeOp } from '../model/change';
import type { EventDraft } from '../model/event';
import { formatName } from '../model/position';
import type { FieldError } from '../model/record-format';
import type { HeldKey, KeyedRule } from '../model/rows/row-hold';
import { ComposedEvents, type EventOutline } from './event/composed-events';
import { DirectEvents, type DirectValues } from './event/direct-events';
import { type EnvelopeFacts, type Frame, frameOf } from './event/envelope';
import { EventIdMaker } from './event/event-id';
import { heldKey, keyPairs, NUMBER_KEY, numberKey, subjectOf } from './event/held-row';
import type { MapContext } from './event/map-context';
import { RowDigester, type RuleScope, scopeOf } from './event/row-digest';
import { hasNoRow, RowKeys } from './event/row-keys';
import { truth } from './expression/value';
import type { LookupCache } from './lookup';
import type { RuleOptions, TableRules } from './options';
import { KeyChanges } from './order/key-change';
import type { ParentNews } from './order/parents';
import { parentNews } from './order/parents';
import type { RuleResult } from './order/rule-result';
import type { FileShape } from './plan/columns';
import { computedChanges, rowView } from './plan/computed-members';
import { Differences } from './plan/differences';
import { compileDoerFilter, type DoerFilter } from './plan/name-filter';
import { eventType, type TypeChoice } from './plan/naming';
import type { RowObject } from './plan/row-object';
import { RulePlan } from './plan/rule-plan';
import { ChangeValues, type ValueTools } from './plan/rule-values';

const NO_NEWS: readonly ParentNews[] = [];
const NO_ERRORS: readonly FieldError[] = [];

/** What is to be reported of a change. */
interface Wish {
  readonly choice: TypeChoice;
  readonly flags: Uint8Array | null;
  /** Of the ordinary event; null leaves it out. */
  readonly ids: EventIdMaker | null;
}

export class RuleMapper {
  readonly plan: RulePlan;
  private readonly differences: Differences;
  private readonly keys: RowKeys;
  private readonly composed: ComposedEvents;
  private readonly tools: ValueTools;
  private readonly ignored: DoerFilter | null;
  private readonly ids: EventIdMaker;
  private readonly transitionIds: readonly EventIdMaker[];
  private readonly keyChanges: KeyChanges;
  private readonly tableName: string;
  /** Null where nothing is remembered: `remember: false`, or the events are about a parent. */
  private readonly keyed: KeyedRule | null;
  /** Null for rules whose events need texts of their own. */
  private readonly direct: DirectEvents | null;
  private digester: RowDigester | null = null;
  private readonly wanted: Readonly<Record<ChangeOp, boolean>>;
  /** Types by operation; null where a column decides. */
  private readonly types: Readonly<Record<ChangeOp, TypeChoice | null>> | null;

  constructor(
    private readonly rule: RuleOptions,
    table: TableRules,
    shape: FileShape,
    lookups: LookupCache,
    private readonly context: MapContext,
  ) {
    this.plan = new RulePlan(rule, table, shape);
    this.differences = new Differences(this.plan);
    this.keys = new RowKeys(this.plan);
    this.tableName = formatName(table.table);
    this.tools = {
      values: this.plan.values,
      masks: this.plan.masks,
      masked: this.plan.masks.some((m) => m !== null),
      lookups,
      changed: (change, column) => this.differences.ofColumn(change, column),
    };
    const names = this.plan.key.map((k) => k.name);
    const byNumber = names.length === 0;
    const key = byNumber ? NUMBER_KEY : names;
    this.keyed = table.remember && !rule.parent ? { table: this.tableName, rule: rule.name, key, byNumber } : null;
    this.ignored = compileDoerFilter(rule.ignore);
    const facts: EnvelopeFacts = {
      partition: context.partition,
      library: table.table.library,
      file: table.table.name,
      rule: rule.name,
      version: rule.version,
      product: context.product,
    };
    this.composed = new ComposedEvents({ rule, plan: this.plan, keys: this.keys, keyed: this.keyed, context, facts });
    const idsOf = (part: string): EventIdMaker => new EventIdMaker(context.partition, this.tableName, rule.name, part);
    this.ids = idsOf('');
    this.keyChanges = new KeyChanges(rule, idsOf, {
      row: (change, flags, ids) => this.mapRow(change, flags, ids === 'ordinary' ? this.ids : ids),
      unchanged: (flags) => this.differences.untold(flags),
    });
    this.transitionIds = rule.transitions.map((t) => idsOf(t.event));
    const typeFor = (op: ChangeOp): TypeChoice | null => eventType(rule.event, this.reportedAs(op), null);
    this.types =
      rule.event.is === 'entity'
        ? { insert: typeFor('insert'), update: typeFor('update'), delete: typeFor('delete'), read: typeFor('read') }
        : null;
    const wants = (op: ChangeOp): boolean => rule.actions.includes(op);
    this.wanted = { insert: wants('insert'), update: wants('update'), delete: wants('delete'), read: wants('read') };
    this.direct = this.directEvents(frameOf(rule.envelope, facts));
  }

  private directEvents(frame: Frame | null): DirectEvents | null {
    const { plan, rule, context, ids } = this;
    const { contentType } = this.composed;
    const { name, version, to, priority, maxBytes } = rule;
    if (frame === null || plan.traceKey || plan.recordUrl || rule.rawImage !== 'off' || rule.parent) return null;
    if (plan.transitions.length > 0 || plan.key.some((k) => plan.masks[k.slot] !== null)) return null;
    const facts = {
      version,
      table: this.tableName,
      rule: name,
      destinations: to,
      priority,
      contentType,
      keyed: this.keyed,
    };
    const withBefore = rule.payload.is !== 'thin';
    return new DirectEvents({
      plan,
      frame,
      facts,
      ids,
      clock: context.clock,
      sink: context.sink,
      maxBytes,
      withBefore,
    });
  }

  /** @throws CodedError family decode, `LAYOUT_*` */
  map(change: Change): RuleResult {
    const early = this.filteredBy(change);
    if (early !== null) return { is: 'filtered', by: early };
    const flags = this.differences.flags(change);
    if (flags !== null && this.plan.touchesKey(flags) && !this.rule.parent) {
      const former = this.keys.former(this.valuesOf(change), change);
      if (former) return this.keyChanges.map(change, flags, former);
    }
    return this.differences.untold(flags)
      ? { is: 'filtered', by: 'whenChanged' }
      : this.mapRow(change, flags, this.ids);
  }

  /** @param ids of the ordinary event; null leaves it out */
  private mapRow(change: Change, flags: Uint8Array | null, ids: EventIdMaker | null): RuleResult {
    if (this.plan.when || this.rule.parent || this.types === null) return this.mapValues(change, flags, ids);
    const choice = this.types[change.op];
    if (choice === null) return { is: 'filtered', by: 'event.by' };
    const direct = ids === this.ids ? this.mapDirectly(change, null, choice, flags) : null;
    return direct ?? this.mapWhole(change, this.valuesOf(change), { choice, flags, ids });
  }

  /** Rules that look at the row before they report it. */
  private mapValues(change: Change, flags: Uint8Array | null, ids: EventIdMaker | null): RuleResult {
    const values = this.valuesOf(change);
    if (this.plan.when && !truth(this.plan.when(values.filterScope()))) return { is: 'filtered', by: 'when' };
    if (this.rule.parent) {
      const news = parentNews(this.plan, change, values);
      return { is: 'mapped', events: [], news, errors: values.errors.errors };
    }
    const choice = this.typeOf(change, values);
    if (choice === null) return { is: 'filtered', by: 'event.by' };
    if (values.errors.errors.length > 0) return this.mapWhole(change, values, { choice, flags, ids });
    // values that met an error half way are not used again: the errors of an event have one order
    const direct = ids === this.ids ? this.mapDirectly(change, values, choice, flags) : null;
    return direct ?? this.mapWhole(change, this.valuesOf(change), { choice, flags, ids });
  }

  /** Every text a person may know this row by; see {@link RowKeys.all}. @throws CodedError family decode, `LAYOUT_*` */
  keysOf(change: Change): readonly string[] {
    return this.keys.all(this.valuesOf(change), change);
  }

  /** Names of the columns that differ between the images; null where there is nothing to compare with. */
  changedColumns(change: Change): readonly string[] | null {
    return this.differences.names(change);
  }

  private valuesOf(change: Change): ChangeValues {
    return new ChangeValues(change, this.tools, { errors: [], disposition: 'emit' });
  }

  /** @param read values already read without an error, or null. @returns null if the change is not of the usual kind */
  private mapDirectly(
    change: Change,
    read: ChangeValues | null,
    choice: TypeChoice,
    flags: Uint8Array | null,
  ): RuleResult | null {
    const { direct, plan, rule } = this;
    if (direct === null || (change.op === 'delete' && rule.onDelete.is === 'update')) return null;
    const computes = flags !== null && plan.computed.length > 0;
    const values = computes ? (read ?? this.valuesOf(change)) : read;
    const object = this.shapeOf(values, flags);
    const needed = object.plain && !computes ? null : this.rowValues(values ?? this.valuesOf(change), flags);
    const draft = direct.write(change, choice.type, object, flags, needed);
    return draft && { is: 'mapped', events: [draft], news: NO_NEWS, errors: NO_ERRORS };
  }

  /** @param values not null where members are computed and the images can be compared */
  private shapeOf(values: ChangeValues | null, flags: Uint8Array | null): RowObject {
    const { plan, rule } = this;
    if (rule.payload.is !== 'changed' || flags === null) return plan.full();
    return plan.only(flags, plan.computed.length === 0 ? [] : computedChanges(plan, values!, flags));
  }

  private rowValues(values: ChangeValues, flags: Uint8Array | null): DirectValues {
    return {
      errors: values.errors,
      view: (which) => rowView(this.plan, which, values),
      changed: flags !== null && this.plan.computed.length > 0 ? () => computedChanges(this.plan, values, flags) : null,
    };
  }

  /** What can be said without looking at the row. */
  private filteredBy(change: Change): string | null {
    if (!this.wanted[change.op]) return 'actions';
    if (change.op === 'delete' && this.rule.onDelete.is === 'ignore' && !this.rule.parent) return 'onDelete';
    const by = this.ignored?.(change) ?? null;
    return by === null ? null : `ignore.${by}`;
  }

  private typeOf(change: Change, values: ChangeValues): TypeChoice | null {
    if (this.types !== null) return this.types[change.op];
    const { discriminator } = this.plan;
    const value = discriminator === null ? null : (values.scalars('current')?.[discriminator] ?? null);
    return eventType(this.rule.event, this.reportedAs(change.op), value === null ? null : String(value));
  }

  private reportedAs(op: ChangeOp): ChangeOp {
    return op === 'delete' && this.rule.onDelete.is === 'update' ? 'update' : op;
  }

  private mapWhole(change: Change, values: ChangeValues, { choice, flags, ids }: Wish): RuleResult {
    const base = this.outlineOf(change, values, { choice, flags, ids });
    const passed = this.passedTransitions(change, values);
    const replaced = passed.some((i) => this.rule.transitions[i]!.instead);
    const start = this.context.sink.at;
    const events: EventDraft[] = [];
    if (!replaced && ids !== null) events.push(this.composed.fitting(change, values, base, ids));
    for (const i of passed) {
      const outline = { ...base, type: this.rule.transitions[i]!.event };
      events.push(this.composed.fitting(change, values, outline, this.transitionIds[i]!));
    }
    const { disposition, errors } = values.errors;
    if (disposition === 'emit') return { is: 'mapped', events, news: NO_NEWS, errors, steps: passed.length > 0 };
    this.context.sink.at = start;
    const { column, code } = errors.at(-1)!;
    return { is: 'refused', disposition, column, code, errors };
  }

  private outlineOf(change: Change, values: ChangeValues, { choice, flags }: Wish): EventOutline {
    const { plan, rule } = this;
    const { payload, onDelete } = rule;
    const { type } = choice;
    if (change.op === 'delete' && onDelete.is === 'update') {
      const source = change.before;
      return {
        type,
        op: 'update',
        after: source && { source, object: plan.replaced(onDelete.set) },
        before: source && payload.is !== 'thin' ? { source, object: plan.full() } : null,
        changed: () => JSON.stringify(Object.keys(onDelete.set)),
      };
    }
    const shape = this.shapeOf(values, flags);
    const { before, after } = change;
    return {
      type,
      op: change.op,
      after: after && { source: after, object: shape },
      before: before && payload.is !== 'thin' ? { source: before, object: shape } : null,
      // asked for once the rows are written: the errors of an event have one order
      changed: () => (flags ? plan.changedJson(flags, computedChanges(plan, values, flags)) : '[]'),
    };
  }

  private passedTransitions(change: Change, values: ChangeValues): number[] {
    if (change.op !== 'update' || this.plan.transitions.length === 0) return [];
    const after = values.scalars('current');
    const before = values.scalars('before');
    if (!after || !before) return [];
    const passed: number[] = [];
    for (const [i, { slot }] of this.plan.transitions.entries()) {
      const { from, to } = this.rule.transitions[i]!;
      const was = before[slot] ?? null;
      const is = after[slot] ?? null;
      if (was === is || is === null || !to.includes(String(is))) continue;
      if (from === null || (was !== null && from.includes(String(was)))) passed.push(i);
    }
    return passed;
  }

  /** The key of the change's row, for what is remembered without an event; null where nothing is. @throws CodedError family decode */
  heldKey(change: Change): HeldKey | null {
    const { keyed } = this;
    if (keyed === null) return null;
    if (keyed.byNumber) return numberKey(keyed, change.rrn);
    const masked = hasNoRow(change) ? null : this.valuesOf(change).masked('current');
    return masked && heldKey(keyed, this.plan, masked);
  }

  /**
   * A row as events of the rule have it.
   * @returns `filtered` where the rule does not report it, `refused` where a field keeps it back
   * @throws CodedError family decode
   */
  rowText(change: Change): { readonly json: string; readonly errors: readonly FieldError[] } | 'filtered' | 'refused' {
    const { plan } = this;
    if (plan.when && !truth(plan.when(this.valuesOf(change).filterScope()))) return 'filtered';
    const values = this.valuesOf(change);
    const { sink } = this.context;
    const start = sink.at;
    plan.full().write(change.after!, sink, values.errors, () => rowView(plan, 'current', values));
    const json = Buffer.from(sink.since(start)).toString('utf8');
    sink.at = start;
    if (values.errors.disposition !== 'emit') return 'refused';
    const errors = values.errors.errors.map((e) => (plan.hides(e.column) ? { ...e, raw: '' } : e));
    return { json, errors };
  }

  /** Entity of its events; null where a column decides. */
  get entity(): string | null {
    return this.rule.event.is === 'entity' && !this.rule.parent ? this.rule.event.entity : null;
  }

  /** What a comparison with what was last sent can say of the rule's rows. */
  scope(): RuleScope {
    return scopeOf(this.rule, this.plan, this.keyed, this.plan.table.remember);
  }

  /** The key object as events have it. @param members texts of the key members, as what is remembered has them */
  keyObject(members: readonly (string | null)[]): string {
    return `{${keyPairs(this.plan, this.keyed!, members).join(',')}}`;
  }

  /** The key as events have it in their subject. @param members as above */
  subject(members: readonly (string | null)[]): string {
    return subjectOf(this.keyed!, members);
  }

  /** Null where nothing is remembered of the rule's rows. */
  digests(): RowDigester | null {
    if (this.keyed === null) return null;
    this.digester ??= new RowDigester({ rule: this.rule, plan: this.plan, keyed: this.keyed, tools: this.tools });
    return this.digester;
  }

  /** See {@link goneEvent}; null where deletions are not reported. */
  gone(members: readonly (string | null)[], change: Change): EventDraft | null {
    const { keyed, rule } = this;
    const type = rule.onDelete.is === 'ignore' || !this.wanted.delete ? null : this.typeOfGone();
    if (keyed === null || type === null) return null;
    return this.composed.gone(this.ids, members, change, type);
  }

  /** A column that decides the type is not known of a row that is gone: it is reported as any other value's would be. */
  private typeOfGone(): TypeChoice | null {
    return this.types ? this.types.delete : eventType(this.rule.event, this.reportedAs('delete'), null);
  }
}
