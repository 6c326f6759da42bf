/**
 * Mapping: changes of all configured tables to events.
 *
 * Use: `beginUnit()`, then for each change `map()`, then `endUnit()`. Bodies are views into chunks that are never written
 * again, so they stay valid as long as someone holds them. Everything is synchronous and a function of its input, except
 * for lookups: see {@link Mapper.missingLookups}.
 */
import { CodedError } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import type { Change, TableNews } from '../model/change';
import type { EventDraft, FieldErrorCount, MapOutcome } from '../model/event';
import { formatName, type QualifiedName } from '../model/position';
import type { RecordFormat } from '../model/record-format';
import type { HeldKey } from '../model/rows/row-hold';
import { JsonSink } from '../record/write/json-sink';
import type { PartitionClock } from './event/clock';
import type { MapContext } from './event/map-context';
import { noticeEvent } from './event/notice';
import type { RowDigest, RuleScope } from './event/row-digest';
import type { LookupLoader, LookupQuestion } from './lookup';
import { type MappedTable, MappedTables, type RuleState } from './mapped-tables';
import type { RuleOptions, TableRules } from './options';
import { Departures } from './order/departures';
import type { Held, HeldStore } from './order/held';
import type { RuleResult } from './order/rule-result';
import { HeldUpdates } from './order/updates';
import { type ParentLoader, type ParentQuestion, ParentRows } from './parent-rows';
import { ParentTexts } from './parent-text';
import { FieldTally } from './plan/field-tally';
import type { RuleMapper } from './rule-mapper';
import { refusal, setAside } from './unmapped';

interface MapperOptions {
  readonly partition: string;
  readonly clock: PartitionClock;
  readonly product: string;
  /** CCSID of columns that the catalog calls 65535; null or absent leaves them bytes. */
  readonly ccsid?: number | null;
  /** Epoch milliseconds, for the age of lookups and of what is held only. */
  readonly now: () => number;
  /** May the images of a rule's rows be written to disk? */
  readonly mayKeep?: (rule: RuleOptions) => boolean;
  /** Called with a held change that can no longer be mapped; its code and where it stood. */
  readonly onUnmappable?: (item: Held, code: ErrorCode) => void;
}

/** One rule's answer to one change. */
export interface RuleVerdict {
  readonly rule: string;
  readonly result: RuleResult;
  /** Columns that differ between the images of an update; null where there is nothing to compare with. */
  readonly changed: readonly string[] | null;
}

const NO_ROWS: ParentLoader = async (questions) =>
  questions.map(() => ({ state: 'missing', row: null, rrn: 0n, at: null }));

/** Bodies share chunks of this size: a held body keeps no more than this alive. */
const CHUNK = 1 << 18;
/** Room left for one more event before a new chunk is taken; a larger event makes its chunk grow. */
const MARGIN = 1 << 14;

export class Mapper {
  private readonly sink = new JsonSink(CHUNK);
  private readonly context: MapContext;
  private readonly departures: Departures;
  private readonly tables: MappedTables;
  private readonly tally = new FieldTally();
  private readonly parentRows = new ParentRows();
  private readonly parentTexts: ParentTexts;
  /** The unit at hand is mapped again: with answers it asked for, or long after what it reports. */
  private answered = false;
  private unsaid: HeldKey[] = [];
  /** Rules, over the layout of the row, of the last {@link digest}. */
  private digested: MappedTable | null = null;
  private readonly digests: (RowDigest | null)[] = [];
  private lacking = false;

  constructor(private readonly options: MapperOptions) {
    const { partition, clock, product } = options;
    this.context = { partition, clock, product, sink: this.sink };
    this.departures = new Departures((item) => this.render(item));
    const { parents } = this.departures;
    this.tables = new MappedTables(options, this.context, (table) => parents.add(table));
    this.parentTexts = new ParentTexts(this.tables, this.parentRows);
  }

  /**
   * Compiles the rules of a table; again whenever its record format changes.
   * @param key key columns: the mapping's, else the catalog's; empty: the record number stands in
   * @param aliases other names of columns (system names beside SQL names), upper case, to the format's names
   * @throws CodedError family config (`MAP_NO_COLUMN`, `MAP_EXPRESSION`) or decode (`FORMAT_*`, `CCSID_*`)
   */
  setTable(
    mapping: TableRules,
    format: RecordFormat,
    key: readonly string[],
    aliases?: ReadonlyMap<string, string>,
  ): void {
    this.tables.set(mapping, { format, key, aliases, untagged: this.options.ccsid });
  }

  /** What `coalesce` and `debounce` hold waits there for later units; without it nothing waits longer than its unit. */
  keepHeld(store: HeldStore): void {
    this.departures.keepIn(store);
  }

  has(table: QualifiedName): boolean {
    return this.tables.get(formatName(table)) !== undefined;
  }

  /**
   * Forgets what an abandoned unit left behind, unless {@link confirm} was called; a unit that is mapped again starts here.
   * @param alone for changes that are looked at by themselves, once more: nothing held before is seen, nothing is held
   *   afterwards, and no answer of a lookup is older for it
   * @param again a unit whose questions were answered since: the answers are newer than all it reports, and are kept
   */
  beginUnit(alone = false, again = false): void {
    this.answered = again || alone;
    this.unsaid = [];
    this.tally.clear();
    this.departures.beginUnit(alone);
    if (!again) this.parentRows.forget();
  }

  /** The transaction that took the unit's events has committed. */
  confirm(): void {
    this.departures.confirm();
  }

  /**
   * Applies every rule of the change's table.
   * `mapped` without events: an event handed out by a later call will report it, see `endUnit`.
   * @param only names of the rules that are asked; null for all
   */
  map(change: Change, only: ReadonlySet<string> | null = null): MapOutcome {
    const state = this.tables.of(change);
    if (!this.answered) this.tables.forgetLookups(state.name);
    if (this.sink.at > CHUNK - MARGIN) this.sink.leave(CHUNK);
    const start = this.sink.at;
    try {
      return this.applyRules(state, change, only);
    } catch (error) {
      this.sink.at = start;
      return setAside(error, state.name);
    }
  }

  /**
   * What each rule for itself makes of a change, for people who ask why. Nothing is counted or held back for later.
   * @throws CodedError family decode: why the change is set aside
   */
  explain(change: Change): RuleVerdict[] {
    if (this.sink.at > CHUNK - MARGIN) this.sink.leave(CHUNK);
    const state = this.tables.of(change);
    try {
      return state.rules.map(({ name, mapper }) => ({
        rule: name,
        result: mapper.map(change),
        changed: mapper.changedColumns(change),
      }));
    } catch (error) {
      const { code, message } = setAside(error, state.name);
      throw new CodedError({ code, message, cause: error });
    }
  }

  /** Every text a person may know the row of a change by, under any rule. @throws CodedError family decode */
  keysOf(change: Change): ReadonlySet<string> {
    return new Set(this.tables.of(change).rules.flatMap(({ mapper }) => mapper.keysOf(change)));
  }

  private applyRules(state: MappedTable, change: Change, only: ReadonlySet<string> | null): MapOutcome {
    this.tally.beginChange();
    const ordered = this.tables.holding || this.departures.busy;
    if (state.plain !== null && !ordered) return this.applyOne(state, state.plain, change);
    const asked = only === null ? state.rules : state.rules.filter(({ name }) => only.has(name));
    const results: (readonly [RuleState, Extract<RuleResult, { is: 'mapped' }>])[] = [];
    let filteredBy = '';
    for (const rule of asked) {
      const result = rule.mapper.map(change);
      if (result.is === 'filtered') {
        this.noteUnsaid(rule.mapper, change, result.by);
        filteredBy ||= `${rule.name}:${result.by}`;
        continue;
      }
      if (result.errors.length > 0) this.tally.add(state.name, result.errors);
      if (result.is === 'refused') return refusal(state.name, rule.name, result);
      results.push([rule, result]);
    }
    if (results.length === 0) return { is: 'filtered', rule: filteredBy };
    if (!ordered) return { is: 'mapped', events: results.flatMap(([, result]) => result.events) };
    this.depart(change, results);
    return { is: 'mapped', events: this.departures.take() };
  }

  /** Events of a change to their places among everything that waits. */
  private depart(
    change: Change,
    results: readonly (readonly [RuleState, Extract<RuleResult, { is: 'mapped' }>])[],
  ): void {
    const { departures } = this;
    const turn = departures.beginChange(change);
    const now = this.options.now();
    for (const [{ parents, updates }, { events, news, steps, formerKey }] of results) {
      for (const one of news) departures.news(parents!.held(one, turn, now));
      if (formerKey !== undefined && events.length > 0) departures.leaveKey(events[0]!.table, formerKey, turn);
      if (updates && change.op === 'update' && events.length === 1 && !steps && formerKey === undefined)
        departures.hold(updates.held(change, events[0]!, turn, now));
      else for (const event of events) departures.pass(event, turn);
    }
    departures.endChange(change);
  }

  /** A table with one rule, and nothing anywhere that waits. */
  private applyOne(state: MappedTable, { mapper, name }: RuleState, change: Change): MapOutcome {
    const result = mapper.map(change);
    if (result.is === 'filtered') {
      this.noteUnsaid(mapper, change, result.by);
      return { is: 'filtered', rule: `${name}:${result.by}` };
    }
    if (result.errors.length > 0) this.tally.add(state.name, result.errors);
    if (result.is === 'refused') return refusal(state.name, name, result);
    return result;
  }

  /** Deletions that are not reported, as the configuration has it: what is remembered of the row is of no use any more. */
  private noteUnsaid(mapper: RuleMapper, change: Change, by: string): void {
    if (change.op !== 'delete' || by === 'when' || by === 'event.by') return;
    const key = mapper.heldKey(change);
    if (key) this.unsaid.push(key);
  }

  /** Rows whose deletion is not reported, since the last call or the last `beginUnit`. */
  takeUnsaid(): readonly HeldKey[] {
    const { unsaid } = this;
    if (unsaid.length > 0) this.unsaid = [];
    return unsaid;
  }

  /**
   * The key of a change's row under each rule that remembers rows.
   * @throws CodedError family decode: the row does not say it
   */
  heldKeys(change: Change): readonly HeldKey[] {
    return this.tables.of(change).rules.flatMap(({ mapper }) => mapper.heldKey(change) ?? []);
  }

  /** What a comparison with what was last sent can say of each rule of a table, in their order. */
  scopes(table: QualifiedName): readonly RuleScope[] {
    return this.tables.named(table).rules.map(({ mapper }) => mapper.scope());
  }

  /**
   * What is remembered of the row once it is sent, under each rule in their order; null where nothing is. Good until the next
   * call; lookups it misses are to be loaded as those of events.
   * @returns the code of what keeps the whole row from being reported, else one digest a rule
   */
  digest(change: Change): readonly (RowDigest | null)[] | ErrorCode {
    const state = this.tables.of(change);
    const { digests } = this;
    const { misses } = state.lookups;
    this.digested = state;
    try {
      const { rules } = state;
      if (digests.length !== rules.length) digests.length = rules.length;
      for (let r = 0; r < rules.length; r++) digests[r] = rules[r]!.mapper.digests()?.of(change) ?? null;
      return digests;
    } catch (error) {
      return setAside(error, state.name).code;
    } finally {
      if (state.lookups.misses !== misses) this.lacking = true;
    }
  }

  /** Whether a row digested since the last call lacked an answer of a lookup. */
  takeLacking(): boolean {
    const { lacking } = this;
    this.lacking = false;
    return lacking;
  }

  /** JSON of the row last digested under a rule, by its place; null where nothing is remembered. */
  digestJson(table: QualifiedName, rule: number): string | null {
    return this.lastDigested(table).rules[rule]!.mapper.digests()?.json() ?? null;
  }

  /** The key object of a row as events of a rule have it. */
  keyObject(table: QualifiedName, rule: number, members: readonly (string | null)[]): string {
    return this.tables.named(table).rules[rule]!.mapper.keyObject(members);
  }

  /** Names of the key columns by rule. */
  keyColumns(table: QualifiedName): readonly (readonly string[])[] {
    return this.tables
      .named(table)
      .rules.map(({ mapper: { plan } }) => plan.keyIndexes().map((i) => plan.columns.format.columns[i]!.name));
  }

  private lastDigested(table: QualifiedName): MappedTable {
    return this.digested ?? this.tables.named(table);
  }

  /**
   * True while a change of the row waits for others of its key: what was last sent is older, and is about to be made good.
   * @param rule its place. @param members texts of the key members, as what is remembered has them
   */
  waits(table: QualifiedName, rule: number, members: readonly (string | null)[]): boolean {
    const { mapper } = this.tables.named(table).rules[rule]!;
    return this.departures.waits(formatName(table), mapper.subject(members));
  }

  /**
   * The event of a row that is gone, with what has to leave before it; nothing where deletions are not reported.
   * @param change op delete, without images
   */
  gone(rule: string, members: readonly (string | null)[], change: Change): readonly EventDraft[] {
    if (this.sink.at > CHUNK - MARGIN) this.sink.leave(CHUNK);
    const state = this.tables.of(change).rules.find(({ name }) => name === rule);
    const event = state?.mapper.gone(members, change) ?? null;
    if (event === null) return [];
    const { departures } = this;
    if (!this.tables.holding && !departures.busy) return [event];
    departures.pass(event, departures.beginChange(change));
    departures.endChange(change);
    return departures.take();
  }

  /** Events of what was held; none if its rule is gone or its images do not fit its format any more. */
  private render(item: Held): readonly EventDraft[] {
    if (this.sink.at > CHUNK - MARGIN) this.sink.leave(CHUNK);
    const start = this.sink.at;
    try {
      const rule = this.ruleOf(item);
      const events = item.news
        ? rule?.parents && [rule.parents.event(item, this.parentTexts.of(rule.parents, item))]
        : rule && HeldUpdates.events(rule.mapper, item);
      if (events && events.length > 0) return events;
    } catch (error) {
      this.sink.at = start;
      this.options.onUnmappable?.(item, setAside(error, item.owner).code);
      return [];
    }
    this.options.onUnmappable?.(item, 'HELD_NO_RULE');
    return [];
  }

  private ruleOf({ owner, rule, last }: Held): RuleState | undefined {
    const state = this.tables.get(owner);
    const format = last.after?.image.format;
    const laidOut = state && format ? this.tables.laidOutBy(state, format) : state;
    return laidOut?.rules.find((r) => r.name === rule);
  }

  /**
   * Events that waited for the end of their commit cycle or have waited long enough. What goes on waiting is written down:
   * call it inside the transaction.
   */
  endUnit(): EventDraft[] {
    return this.departures.endUnit();
  }

  /** Events of what is held of a table, before something happens to all of it. */
  releaseTable(table: QualifiedName): EventDraft[] {
    if (!this.departures.busy) return [];
    this.departures.releaseTable(formatName(table));
    return this.departures.take();
  }

  /** Events of what has waited for its window, in a unit of their own: between `beginUnit` and `endUnit`. */
  releaseDue(): EventDraft[] {
    this.departures.releaseDue(this.options.now());
    return this.departures.take();
  }

  /** True if {@link releaseDue} has something to send. */
  anyDue(): boolean {
    return this.departures.size > 0 && this.departures.anyDue(this.options.now());
  }

  /**
   * Fields that could not be decoded since the last call or the last `beginUnit`, by column: in events, and in rows that were
   * refused. Rows that a rule filtered are not looked at.
   */
  takeFieldErrors(): readonly FieldErrorCount[] {
    return this.tally.take();
  }

  /** One event for what happened to a whole table; null if there is no destination for it. */
  notice(notice: TableNews): EventDraft | null {
    const mapping = this.tables.get(formatName(notice.table))?.mapping;
    const destinations = mapping?.notices ?? [...new Set(mapping?.rules.flatMap((r) => r.to) ?? [])];
    return destinations.length === 0 ? null : noticeEvent(notice, destinations, this.context);
  }

  /**
   * Questions that are not answered yet. If there are any after a unit was mapped, load them, `beginUnit()` and map the
   * unit again: mapping has no other memory. One repetition is enough.
   */
  missingLookups(): (LookupQuestion | ParentQuestion)[] {
    return [...this.tables.lookups().flatMap((cache) => cache.missing()), ...this.parentRows.missing()];
  }

  /** @param rows of parents; left out where no partition is asked: there are none then */
  async loadLookups(loader: LookupLoader, rows: ParentLoader = NO_ROWS): Promise<void> {
    await this.parentRows.load(rows);
    for (const cache of this.tables.lookups()) if (cache.missing().length > 0) await cache.load(loader);
  }
}
