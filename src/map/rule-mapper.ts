import type { Change, ChangeOp, RowSource } from '../model/change';
import type { EventDraft } from '../model/event';
import { formatName } from '../model/position';
import type { FieldError } from '../model/record-format';
import type { HeldKey, KeyedRule, RowHold } from '../model/row-hold';
import type { JsonSink } from '../record/write/json-sink';
import { DirectEvents, type DirectValues } from './event/direct-events';
import {
  compileEnvelope,
  contentTypeOf,
  type EnvelopeFacts,
  type EnvelopeWriter,
  type EventContent,
  type Frame,
  frameOf,
} from './event/envelope';
import { EventIdMaker } from './event/event-id';
import { escapeKey, goneEvent, HashedRow, heldKey, keyPairs } from './event/held-row';
import type { MapContext } from './event/map-context';
import { digitsOf, quoted } from './event/meta';
import { RowDigester, type RuleScope, scopeOf } from './event/row-digest';
import { textOf, truth } from './expression/value';
import type { LookupCache } from './lookup';
import type { RuleOptions, TableRules } from './options';
import { type FormerKey, KeyChanges } from './order/key-change';
import type { ParentNews } from './order/parents';
import type { RuleResult } from './order/rule-result';
import type { FileShape } from './plan/columns';
import { compileDoerFilter, type DoerFilter } from './plan/name-filter';
import { eventType, type TypeChoice } from './plan/naming';
import type { RowObject, RowView } from './plan/row-object';
import type { ReadErrors } from './plan/row-values';
import { RulePlan, type TemplatePlan } from './plan/rule-plan';
import { ChangeValues, type MaskedScalar, type ValueTools } from './plan/rule-values';

const NO_NEWS: readonly ParentNews[] = [];
const NO_ERRORS: readonly FieldError[] = [];

interface Told {
  readonly source: RowSource;
  readonly object: RowObject;
}

/** What is told of a change. */
interface Wish {
  readonly choice: TypeChoice;
  readonly flags: Uint8Array | null;
  /** Of the ordinary event; null leaves it out. */
  readonly ids: EventIdMaker | null;
}

/** The change as one event says it. */
interface Telling {
  readonly type: string;
  readonly op: ChangeOp;
  readonly after: Told | null;
  readonly before: Told | null;
  /** Names of members as a JSON array. */
  readonly changed: () => string;
  readonly thinned?: boolean;
}

export class RuleMapper {
  readonly plan: RulePlan;
  private readonly tools: ValueTools;
  private readonly ignored: DoerFilter | null;
  private readonly write: EnvelopeWriter;
  private readonly contentType: string;
  private readonly ids: EventIdMaker;
  private readonly transitionIds: readonly EventIdMaker[];
  private readonly keyChanges: KeyChanges;
  private readonly tableName: string;
  /** Null where nothing is remembered: no key, `remember: false`, or the events are about a parent. */
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
    this.tableName = formatName(table.table);
    this.tools = {
      values: this.plan.values,
      masks: this.plan.masks,
      masked: this.plan.masks.some((m) => m !== null),
      lookups,
      changed: (change, column) => this.columnChanged(change, column),
    };
    const names = this.plan.key.map((k) => k.name);
    const remembered = table.remember && names.length > 0 && !rule.parent;
    this.keyed = remembered ? { table: this.tableName, rule: rule.name, key: names } : null;
    this.ignored = compileDoerFilter(rule.ignore);
    const facts: EnvelopeFacts = {
      partition: context.partition,
      library: table.table.library,
      file: table.table.name,
      rule: rule.name,
      version: rule.version,
      product: context.product,
    };
    this.write = compileEnvelope(rule.envelope, facts);
    this.contentType = contentTypeOf(rule.envelope);
    const idsOf = (part: string): EventIdMaker => new EventIdMaker(context.partition, this.tableName, rule.name, part);
    this.ids = idsOf('');
    this.keyChanges = new KeyChanges(rule, idsOf, {
      row: (change, flags, ids) => this.mapRow(change, flags, ids === 'ordinary' ? this.ids : ids),
      unchanged: (flags) => this.unchanged(flags),
    });
    this.transitionIds = rule.transitions.map((t) => idsOf(t.event));
    const typeFor = (op: ChangeOp): TypeChoice | null => eventType(rule.event, this.toldAs(op), null);
    this.types =
      rule.event.is === 'entity'
        ? { insert: typeFor('insert'), update: typeFor('update'), delete: typeFor('delete'), read: typeFor('read') }
        : null;
    const wants = (op: ChangeOp): boolean => rule.actions.includes(op);
    this.wanted = { insert: wants('insert'), update: wants('update'), delete: wants('delete'), read: wants('read') };
    this.direct = this.directEvents(frameOf(rule.envelope, facts));
  }

  private directEvents(frame: Frame | null): DirectEvents | null {
    const { plan, rule, context, ids, contentType } = this;
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
    return new DirectEvents({ plan, frame, facts, ids, clock: context.clock, sink: context.sink, maxBytes });
  }

  /** @throws CodedError family decode, `LAYOUT_*` */
  map(change: Change): RuleResult {
    const early = this.filteredBy(change);
    if (early !== null) return { is: 'filtered', by: early };
    const flags = this.differences(change);
    if (flags !== null && this.plan.touchesKey(flags) && !this.rule.parent) {
      const former = this.formerKey(change);
      if (former) return this.keyChanges.map(change, flags, former);
    }
    return this.unchanged(flags) ? { is: 'filtered', by: 'whenChanged' } : this.mapRow(change, flags, this.ids);
  }

  /** True for an update of which `whenChanged` has nothing to tell. */
  private unchanged(flags: Uint8Array | null): boolean {
    const { whenChanged } = this.plan;
    return whenChanged !== null && flags !== null && !whenChanged.some((i) => flags[i] === 1);
  }

  /** @param ids of the ordinary event; null leaves it out */
  private mapRow(change: Change, flags: Uint8Array | null, ids: EventIdMaker | null): RuleResult {
    if (this.plan.when || this.rule.parent || this.types === null) return this.mapValues(change, flags, ids);
    const choice = this.types[change.op];
    if (choice === null) return { is: 'filtered', by: 'event.by' };
    const direct = ids === this.ids ? this.tellDirectly(change, null, choice, flags) : null;
    return direct ?? this.tell(change, this.valuesOf(change), { choice, flags, ids });
  }

  /** Key and trace key before an update, if its event has others; null too where the columns differ and the texts do not. */
  private formerKey(change: Change): FormerKey | null {
    const values = this.valuesOf(change);
    const [was, is] = [values.masked('before')!, values.masked('current')!];
    const key = this.keyText(was, change);
    if (key === this.keyText(is, change)) return null;
    const { traceKey: template } = this.plan;
    const traceKey = template ? fill(template, was, (v) => v) : key;
    const moves = !template || traceKey !== fill(template, is, (v) => v);
    return { key, traceKey, moves };
  }

  /** Rules that look at the row before they report it. */
  private mapValues(change: Change, flags: Uint8Array | null, ids: EventIdMaker | null): RuleResult {
    const values = this.valuesOf(change);
    if (this.plan.when && !truth(this.plan.when(values.filterScope()))) return { is: 'filtered', by: 'when' };
    if (this.rule.parent) {
      const news = this.parentNews(change, values);
      return { is: 'mapped', events: [], news, errors: values.errors.errors };
    }
    const choice = this.typeOf(change, values);
    if (choice === null) return { is: 'filtered', by: 'event.by' };
    if (values.errors.errors.length > 0) return this.tell(change, values, { choice, flags, ids });
    // values that met an error half way are not used again: the errors of an event have one order
    const direct = ids === this.ids ? this.tellDirectly(change, values, choice, flags) : null;
    return direct ?? this.tell(change, this.valuesOf(change), { choice, flags, ids });
  }

  /**
   * Every text a person may know this row by, before and after: key and trace key as events have them, and the key before
   * its mask. For looking back; mapping itself never calls it.
   * @throws CodedError family decode, `LAYOUT_*`
   */
  keysOf(change: Change): readonly string[] {
    const values = this.valuesOf(change);
    const keys = new Set<string>();
    for (const which of ['current', 'before'] as const) {
      const masked = values.masked(which);
      const scalars = values.scalars(which);
      if (masked === null || scalars === null) continue;
      keys.add(this.keyText(masked, change)).add(this.keyText(scalars, change));
      if (this.plan.traceKey) keys.add(fill(this.plan.traceKey, masked, (v) => v));
    }
    return [...keys];
  }

  /** Names of the columns that differ between the images; null where there is nothing to compare with. */
  changedColumns(change: Change): readonly string[] | null {
    const flags = this.differences(change);
    return flags && this.plan.columns.format.columns.flatMap((c, i) => (flags[i] === 1 ? [c.name] : []));
  }

  private valuesOf(change: Change): ChangeValues {
    return new ChangeValues(change, this.tools, { errors: [], disposition: 'emit' });
  }

  /** @param read values already read without an error, or null. @returns null if the change is not of the usual kind */
  private tellDirectly(
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
    const after = change.after && object;
    const before = change.before && rule.payload.is !== 'thin' ? object : null;
    const draft = direct.write(
      change,
      choice.type,
      after,
      before,
      flags,
      object.plain && !computes ? null : this.rowValues(values ?? this.valuesOf(change), flags),
    );
    return draft && { is: 'mapped', events: [draft], news: NO_NEWS, errors: NO_ERRORS };
  }

  /** @param values not null where members are computed and the images can be compared */
  private shapeOf(values: ChangeValues | null, flags: Uint8Array | null): RowObject {
    const { plan, rule } = this;
    if (rule.payload.is !== 'changed' || flags === null) return plan.full();
    return plan.only(flags, plan.computed.length === 0 ? [] : this.computedChanges(values!, flags));
  }

  private rowValues(values: ChangeValues, flags: Uint8Array | null): DirectValues {
    return {
      errors: values.errors,
      view: (which) => this.view(which, values),
      changed: flags !== null && this.plan.computed.length > 0 ? () => this.computedChanges(values, flags) : null,
    };
  }

  /** What can be said without looking at the row. */
  private filteredBy(change: Change): string | null {
    if (!this.wanted[change.op]) return 'actions';
    if (change.op === 'delete' && this.rule.onDelete.is === 'ignore' && !this.rule.parent) return 'onDelete';
    const by = this.ignored?.(change) ?? null;
    return by === null ? null : `ignore.${by}`;
  }

  /** 1 for each column that differs, good until the next change; null where there is nothing to compare with. */
  private differences(change: Change): Uint8Array | null {
    const { before, after } = change;
    if (change.op !== 'update' || !before || !after) return null;
    return this.plan.comparer.flags(before.image, after.image);
  }

  private columnChanged(change: Change, column: string): boolean {
    const index = this.plan.columns.indexOf(column, 'changed()');
    return (this.differences(change)?.[index] ?? 1) === 1;
  }

  private typeOf(change: Change, values: ChangeValues): TypeChoice | null {
    if (this.types !== null) return this.types[change.op];
    const { discriminator } = this.plan;
    const value = discriminator === null ? null : (values.scalars('current')?.[discriminator] ?? null);
    return eventType(this.rule.event, this.toldAs(change.op), value === null ? null : String(value));
  }

  private toldAs(op: ChangeOp): ChangeOp {
    return op === 'delete' && this.rule.onDelete.is === 'update' ? 'update' : op;
  }

  private tell(change: Change, values: ChangeValues, { choice, flags, ids }: Wish): RuleResult {
    const base = this.telling(change, values, { choice, flags, ids });
    const passed = this.passedTransitions(change, values);
    const replaced = passed.some((i) => this.rule.transitions[i]!.instead);
    const start = this.context.sink.at;
    const events: EventDraft[] = [];
    if (!replaced && ids !== null) events.push(this.fitting(change, values, base, ids));
    for (const i of passed) {
      const told = { ...base, type: this.rule.transitions[i]!.event };
      events.push(this.fitting(change, values, told, this.transitionIds[i]!));
    }
    const { disposition, errors } = values.errors;
    if (disposition === 'emit') return { is: 'mapped', events, news: NO_NEWS, errors, steps: passed.length > 0 };
    this.context.sink.at = start;
    const { column, code } = errors.at(-1)!;
    return { is: 'refused', disposition, column, code, errors };
  }

  private telling(change: Change, values: ChangeValues, { choice, flags }: Wish): Telling {
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
      changed: () => (flags ? plan.changedJson(flags, this.computedChanges(values, flags)) : '[]'),
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

  /** An event larger than its destinations take is told again with the key alone; `recordUrl` leads to the rest. */
  private fitting(change: Change, values: ChangeValues, told: Telling, ids: EventIdMaker): EventDraft {
    const start = this.context.sink.at;
    const draft = this.event(change, values, told, ids);
    if (draft.body.length <= this.rule.maxBytes) return draft;
    this.context.sink.at = start;
    const after = told.after && { ...told.after, object: this.plan.keyOnly() };
    return this.event(change, values, { ...told, after, before: null, thinned: true }, ids);
  }

  private event(change: Change, values: ChangeValues, told: Telling, ids: EventIdMaker): EventDraft {
    const { sink, clock } = this.context;
    const start = sink.at;
    const masked = values.masked('current') ?? [];
    const key = this.keyText(masked, change);
    const { position, journal } = change;
    const sequence = position ? digitsOf(position.sequence) : '';
    const id =
      position && journal
        ? ids.ofEntry(journal, position.receiver, sequence)
        : ids.ofRow(change, key, contentOf(change));
    const traceKey = this.plan.traceKey ? fill(this.plan.traceKey, masked, (v) => v) : key;
    const recordUrl = this.plan.recordUrl ? fill(this.plan.recordUrl, masked, encodeURIComponent) : null;
    const time = clock.toUtc(change.timestamp);
    const row = told.after && new HashedRow(this.rowWriter(told.after, 'current', values));
    const content: EventContent = {
      id,
      type: told.type,
      time,
      subject: key,
      traceKey,
      recordUrl,
      op: told.op,
      change,
      get changed(): string {
        return told.changed();
      },
      thinned: told.thinned ?? false,
      position,
      sequence,
      keyJson: this.keyJson(masked, change),
      writeAfter: null,
      writeBefore: told.before && this.rowWriter(told.before, 'before', values),
      raw: told.thinned ? null : this.raw(change),
      decodeErrors: () => this.visibleErrors(values.errors),
    };
    const attempt = this.write(sink, { ...content, writeAfter: row && ((s) => row.append(s)) });
    return {
      id,
      type: told.type,
      version: this.rule.version,
      table: this.tableName,
      rule: this.rule.name,
      key,
      traceKey,
      destinations: this.rule.to,
      priority: this.rule.priority,
      body: sink.since(start),
      attemptOffset: attempt < 0 ? -1 : attempt - start,
      contentType: this.contentType,
      time,
      journal,
      position,
      tombstone: told.op === 'delete',
      recordUrl,
      decodeErrors: values.errors.errors.length,
      holds: this.holds(change, masked, told, row),
    };
  }

  private holds(change: Change, masked: readonly MaskedScalar[], told: Telling, row: HashedRow | null): RowHold | null {
    if (this.keyed === null || hasNoRow(change)) return null;
    const whole = row !== null && told.after?.object === this.plan.full();
    const key = heldKey(this.keyed, this.plan, masked);
    return { ...key, gone: change.op === 'delete', hashA: whole ? row.a : 0, hashB: whole ? row.b : 0 };
  }

  /** The key of the change's row, for what is remembered without an event; null where nothing is. @throws CodedError family decode */
  heldKey(change: Change): HeldKey | null {
    if (this.keyed === null || hasNoRow(change)) return null;
    const masked = this.valuesOf(change).masked('current');
    return masked && heldKey(this.keyed, this.plan, masked);
  }

  /** What a comparison with what was last sent can say of the rule's rows. */
  scope(): RuleScope {
    return scopeOf(this.rule, this.plan, this.keyed, this.plan.table.remember);
  }

  /** The key object as events have it. @param members texts of the key members, as what is remembered has them */
  keyObject(members: readonly (string | null)[]): string {
    return `{${keyPairs(this.plan, this.keyed!, members).join(',')}}`;
  }

  /** Null where nothing is remembered of the rule's rows. */
  digests(): RowDigester | null {
    if (this.keyed === null) return null;
    this.digester ??= new RowDigester({ rule: this.rule, plan: this.plan, keyed: this.keyed, tools: this.tools });
    return this.digester;
  }

  /** See {@link goneEvent}; null where nobody is told of deletions. */
  gone(members: readonly (string | null)[], change: Change): EventDraft | null {
    const { keyed, rule, plan, ids, write, contentType, context } = this;
    const type = rule.onDelete.is === 'ignore' || !this.wanted.delete ? null : this.typeOfGone();
    if (keyed === null || type === null) return null;
    return goneEvent({ rule, plan, keyed, ids, write, contentType, context }, members, change, type);
  }

  /** A column that decides the type is not known of a row that is gone: it is told as any other value's would be. */
  private typeOfGone(): TypeChoice | null {
    return this.types ? this.types.delete : eventType(this.rule.event, this.toldAs('delete'), null);
  }

  private rowWriter(row: Told, which: 'current' | 'before', values: ChangeValues): (sink: JsonSink) => void {
    return (sink) => row.object.write(row.source, sink, values.errors, () => this.view(which, values));
  }

  private view(which: 'current' | 'before', values: ChangeValues): RowView {
    const scope = values.outputScope(which);
    return {
      masked: values.masked(which) ?? [],
      computed: (i) => {
        const known = values.computed[which];
        known[i] ??= this.plan.computedText(i, this.plan.computed[i]!.run(scope));
        return known[i];
      },
    };
  }

  /** Indexes of computed members whose values differ between the images. @param flags 1 for each column that does */
  private computedChanges(values: ChangeValues, flags: Uint8Array): number[] {
    const touched = this.plan.computed.flatMap(({ sources }, i) => (sources.some((s) => flags[s] === 1) ? [i] : []));
    if (touched.length === 0) return touched;
    const [is, was] = [this.view('current', values), this.view('before', values)];
    return touched.filter((i) => is.computed(i) !== was.computed(i));
  }

  private keyText(masked: readonly MaskedScalar[], change: Change): string {
    const { key } = this.plan;
    if (key.length === 0 || hasNoRow(change)) return `rrn:${change.rrn}`;
    if (key.length === 1) return escapeKey(masked[key[0]!.slot]);
    return key.map((k) => escapeKey(masked[k.slot])).join('/');
  }

  private keyJson(masked: readonly MaskedScalar[], change: Change): string {
    const { key } = this.plan;
    if (key.length === 0 || hasNoRow(change)) return `{"rrn":"${change.rrn}"}`;
    let text = '{';
    for (const k of key) text += `${text === '{' ? '' : ','}${k.json}${scalarJson(masked[k.slot])}`;
    return `${text}}`;
  }

  private raw(change: Change): string | null {
    const source = change.after ?? change.before;
    // a row read by SQL has no image of the file's own
    if (this.rule.rawImage === 'off' || source === null || source.image.format) return null;
    const { bytes, offset, length } = source.image;
    return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString(this.rule.rawImage);
  }

  /** The bytes of a masked field would show what the mask hides. */
  private visibleErrors(read: ReadErrors): ReadErrors['errors'] {
    if (read.errors.length === 0) return read.errors;
    return read.errors.map((e) => (this.plan.hides(e.column) ? { ...e, raw: '' } : e));
  }

  /** Parents before and after: a child that moves from one order to another is news for both. */
  private parentNews(change: Change, values: ChangeValues): ParentNews[] {
    const news = new Map<string, ParentNews>();
    for (const which of ['current', 'before'] as const) {
      const masked = values.masked(which);
      if (!masked) continue;
      const key = this.plan.parentKey.map((k) => [k.name, masked[k.slot] ?? null] as const);
      const text = key.map(([, v]) => escapeKey(v)).join('/');
      if (!news.has(text)) news.set(text, { key, text, moved: which === 'before' && news.size > 0, change });
    }
    return [...news.values()];
  }
}

function scalarJson(value: MaskedScalar): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value ?? null);
}

function fill(plan: TemplatePlan, masked: readonly MaskedScalar[], encode: (text: string) => string): string {
  return plan.template.render((name) => encode(textOf(String(masked[plan.slots.get(name)!] ?? ''))));
}

/** The whole row, whatever the rule selects: a later state of the row must be another event. */
function contentOf(change: Change): Uint8Array | string {
  const source = change.after ?? change.before;
  if (source === null) return '';
  const { bytes, offset, length, nulls } = source.image;
  const image = bytes.subarray(offset, offset + length);
  return nulls === null ? image : Buffer.concat([image, nulls]);
}

/** A delete journaled with IMAGES(*AFTER): nothing but the record number says which row it was. */
function hasNoRow({ before, after }: Change): boolean {
  return before === null && after === null;
}
