/**
 * Mapping: changes of all configured tables to events.
 *
 * Use: `beginUnit()`, then for each change `map()`, then `endUnit()`. Bodies are views into chunks that are never written
 * again, so they stay valid as long as someone holds them. Everything is synchronous and a function of its input, except
 * for lookups: see {@link Mapper.missingLookups}.
 */
import { bug, CodedError, isCoded } from '../errors/coded-error';
import type { ErrorCode } from '../errors/codes';
import type { Change, TableNews } from '../model/change';
import type { EventDraft, FieldErrorCount, MapOutcome } from '../model/event';
import { formatName, type QualifiedName } from '../model/position';
import type { RecordFormat } from '../model/record-format';
import type { HeldKey } from '../model/row-hold';
import { formatId } from '../record/layout/format-history';
import { JsonSink } from '../record/write/json-sink';
import type { PartitionClock } from './event/clock';
import type { MapContext } from './event/map-context';
import { noticeEvent } from './event/notice';
import type { RowDigest, RuleScope } from './event/row-digest';
import { EffortExceeded } from './expression/effort';
import { LookupCache, type LookupLoader, type LookupQuestion } from './lookup';
import type { RuleOptions, TableRules } from './options';
import { Departures } from './order/departures';
import type { Held, HeldStore } from './order/held';
import { ParentEvents } from './order/parents';
import type { RuleResult } from './order/rule-result';
import { HeldUpdates } from './order/updates';
import type { FileShape } from './plan/columns';
import { FieldTally } from './plan/field-tally';
import { RuleMapper } from './rule-mapper';

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
  /** Told of a held change that can no longer be mapped; its code and where it stood. */
  readonly onUnmappable?: (item: Held, code: ErrorCode) => void;
}

/** One rule's answer to one change. */
export interface RuleVerdict {
  readonly rule: string;
  readonly result: RuleResult;
  /** Columns that differ between the images of an update; null where there is nothing to compare with. */
  readonly changed: readonly string[] | null;
}

interface RuleState {
  readonly name: string;
  readonly mapper: RuleMapper;
  readonly parents: ParentEvents | null;
  readonly updates: HeldUpdates | null;
}

interface TableState {
  readonly name: string;
  readonly mapping: TableRules;
  readonly lookups: LookupCache;
  readonly rules: readonly RuleState[];
  /** The only rule, if its events are reported at once. */
  readonly plain: RuleState | null;
  readonly shape: FileShape;
  /** The same rules over rows read by SQL, by the layout of the rows: it may be newer than that of the entries being read. */
  readonly rows: Map<string, TableState>;
}

/** Bodies share chunks of this size: a held body keeps no more than this alive. */
const CHUNK = 1 << 18;
/** Room left for one more event before a new chunk is taken; a larger event makes its chunk grow. */
const MARGIN = 1 << 14;
const MAX_IDENTITIES = 4096;

export class Mapper {
  private readonly tables = new Map<string, TableState>();
  private readonly byIdentity = new Map<QualifiedName, TableState>();
  private byFormat = new WeakMap<RecordFormat, TableState>();
  private readonly sink = new JsonSink(CHUNK);
  private readonly context: MapContext;
  /** Lookup caches by the table they read. */
  private readonly readers = new Map<string, Set<LookupCache>>();
  private readonly departures: Departures;
  /** Rules that hold something back: without one, and with nothing held, order needs no care. */
  private holding = false;
  private readonly tally = new FieldTally();
  /** The unit at hand is mapped again, with answers it asked for. */
  private answered = false;
  private unsaid: HeldKey[] = [];
  /** Rules, over the layout of the row, of the last {@link digest}. */
  private digested: TableState | null = null;

  constructor(private readonly options: MapperOptions) {
    const { partition, clock, product } = options;
    this.context = { partition, clock, product, sink: this.sink };
    this.departures = new Departures((item) => this.render(item));
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
    const name = formatName(mapping.table);
    const lookups = this.tables.get(name)?.lookups ?? new LookupCache(mapping.lookups, this.options.now);
    for (const table of lookups.tables()) {
      this.readers.set(table, (this.readers.get(table) ?? new Set()).add(lookups));
    }
    this.byIdentity.clear();
    this.byFormat = new WeakMap();
    this.tables.set(
      name,
      this.compiled(name, mapping, lookups, { format, key, aliases, untagged: this.options.ccsid }),
    );
  }

  private compiled(name: string, mapping: TableRules, lookups: LookupCache, shape: FileShape): TableState {
    const rules = mapping.rules.map((rule): RuleState => {
      const mapper = new RuleMapper(rule, mapping, shape, lookups, this.context);
      const parents = rule.parent ? new ParentEvents(rule, mapping.table, this.context) : null;
      if (parents) this.departures.parents.add(parents.table);
      const { coalesceWindow: window } = rule;
      const mayKeep = this.options.mayKeep?.(rule) ?? true;
      const updates = window === null ? null : new HeldUpdates({ rule, table: name, window, mayKeep });
      this.holding ||= parents !== null || updates !== null;
      return { name: rule.name, mapper, parents, updates };
    });
    return { name, mapping, lookups, rules, plain: rules.length === 1 ? rules[0]! : null, shape, rows: new Map() };
  }

  /** What `coalesce` and `debounce` hold waits there for later units; without it nothing waits longer than its unit. */
  keepHeld(store: HeldStore): void {
    this.departures.keepIn(store);
  }

  has(table: QualifiedName): boolean {
    return this.tables.has(formatName(table));
  }

  /**
   * Forgets what an abandoned unit left behind, unless {@link confirm} was called; a unit that is mapped again starts here.
   * @param alone for changes that are looked at by themselves: nothing held before is seen, nothing is held afterwards
   * @param again a unit whose questions were answered since: the answers are newer than all it tells, and are kept
   */
  beginUnit(alone = false, again = false): void {
    this.answered = again;
    this.unsaid = [];
    this.tally.clear();
    this.departures.beginUnit(alone);
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
    const state = this.stateFor(change);
    if (this.readers.size > 0 && !this.answered) this.forgetLookups(state.name);
    if (this.sink.at > CHUNK - MARGIN) this.takeChunk();
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
    if (this.sink.at > CHUNK - MARGIN) this.takeChunk();
    const state = this.stateFor(change);
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
    return new Set(this.stateFor(change).rules.flatMap(({ mapper }) => mapper.keysOf(change)));
  }

  /** The table's rules over the layout the change's row has. */
  private stateFor(change: Change): TableState {
    const state = this.stateOf(change.table);
    const format = (change.after ?? change.before)?.image.format;
    return format === undefined ? state : this.laidOutBy(state, format);
  }

  private laidOutBy(state: TableState, format: RecordFormat): TableState {
    const known = this.byFormat.get(format);
    if (known?.name === state.name) return known;
    const id = formatId(format);
    let found = id === formatId(state.shape.format) ? state : state.rows.get(id);
    if (found === undefined) {
      found = this.compiled(state.name, state.mapping, state.lookups, { ...state.shape, format });
      state.rows.set(id, found);
    }
    this.byFormat.set(format, found);
    return found;
  }

  /** Readers hand out one name object for each table: looking it up by identity spares joining the name. */
  private stateOf(table: QualifiedName): TableState {
    const known = this.byIdentity.get(table);
    if (known) return known;
    const state = this.tables.get(formatName(table));
    if (!state) throw bug(`no rules for ${formatName(table)}`);
    if (this.byIdentity.size >= MAX_IDENTITIES) this.byIdentity.clear();
    this.byIdentity.set(table, state);
    return state;
  }

  private applyRules(state: TableState, change: Change, only: ReadonlySet<string> | null): MapOutcome {
    this.tally.beginChange();
    const ordered = this.holding || this.departures.busy;
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
      if (result.is === 'refused') return refusal(state, rule.name, result);
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
  private applyOne(state: TableState, { mapper, name }: RuleState, change: Change): MapOutcome {
    const result = mapper.map(change);
    if (result.is === 'filtered') {
      this.noteUnsaid(mapper, change, result.by);
      return { is: 'filtered', rule: `${name}:${result.by}` };
    }
    if (result.errors.length > 0) this.tally.add(state.name, result.errors);
    if (result.is === 'refused') return refusal(state, name, result);
    return result;
  }

  /** Deletions nobody is told of, as the configuration has it: what is remembered of the row is of no use any more. */
  private noteUnsaid(mapper: RuleMapper, change: Change, by: string): void {
    if (change.op !== 'delete' || by === 'when' || by === 'event.by') return;
    const key = mapper.heldKey(change);
    if (key) this.unsaid.push(key);
  }

  /** Rows whose going nobody is told of, since the last call or the last `beginUnit`. */
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
    return this.stateFor(change).rules.flatMap(({ mapper }) => mapper.heldKey(change) ?? []);
  }

  /** What a comparison with what was last sent can say of each rule of a table, in their order. */
  scopes(table: QualifiedName): readonly RuleScope[] {
    return this.stateOf(table).rules.map(({ mapper }) => mapper.scope());
  }

  /**
   * What is remembered of the row once it is told, under each rule in their order; null where nothing is. Good until the next
   * call; lookups it misses are to be loaded as those of events.
   * @returns the code of what keeps the whole row from being told, else one digest a rule
   */
  digest(change: Change): readonly (RowDigest | null)[] | ErrorCode {
    const state = this.stateFor(change);
    this.digested = state;
    try {
      return state.rules.map(({ mapper }) => mapper.digests()?.of(change) ?? null);
    } catch (error) {
      return setAside(error, state.name).code;
    }
  }

  /** JSON of the row last digested under a rule, by its place; null where nothing is remembered. */
  digestJson(table: QualifiedName, rule: number): string | null {
    return this.lastDigested(table).rules[rule]!.mapper.digests()?.json() ?? null;
  }

  /** The key object of a row as events of a rule have it. */
  keyObject(table: QualifiedName, rule: number, members: readonly (string | null)[]): string {
    return this.stateOf(table).rules[rule]!.mapper.keyObject(members);
  }

  /** Names of the key columns by rule. */
  keyColumns(table: QualifiedName): readonly (readonly string[])[] {
    return this.stateOf(table).rules.map(({ mapper: { plan } }) =>
      plan.keyIndexes().map((i) => plan.columns.format.columns[i]!.name),
    );
  }

  private lastDigested(table: QualifiedName): TableState {
    return this.digested ?? this.stateOf(table);
  }

  /** True while a change of the row waits for others of its key: what was last sent is older, and is about to be made good. */
  waits(table: string, key: string): boolean {
    return this.departures.waits(table, key);
  }

  /**
   * The event of a row that is gone, with what has to leave before it; nothing where nobody is told.
   * @param change op delete, without images
   */
  gone(rule: string, members: readonly (string | null)[], change: Change): readonly EventDraft[] {
    if (this.sink.at > CHUNK - MARGIN) this.takeChunk();
    const state = this.stateFor(change).rules.find(({ name }) => name === rule);
    const event = state?.mapper.gone(members, change) ?? null;
    if (event === null) return [];
    const { departures } = this;
    if (!this.holding && !departures.busy) return [event];
    departures.pass(event, departures.beginChange(change));
    departures.endChange(change);
    return departures.take();
  }

  /** Events of what was held; none if its rule is gone or its images do not fit its format any more. */
  private render(item: Held): readonly EventDraft[] {
    if (this.sink.at > CHUNK - MARGIN) this.takeChunk();
    const start = this.sink.at;
    try {
      const rule = this.ruleOf(item);
      const events = item.news
        ? rule?.parents && [rule.parents.event(item)]
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
    const laidOut = state && format ? this.laidOutBy(state, format) : state;
    return laidOut?.rules.find((r) => r.name === rule);
  }

  private takeChunk(): void {
    const fresh = new JsonSink(CHUNK);
    this.sink.bytes = fresh.bytes;
    this.sink.view = fresh.view;
    this.sink.at = 0;
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

  /** True if {@link releaseDue} has something to tell. */
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
   * Questions nobody has answered yet. If there are any after a unit was mapped, load them, `beginUnit()` and map the
   * unit again: mapping has no other memory. One repetition is enough.
   */
  missingLookups(): LookupQuestion[] {
    return [...this.tables.values()].flatMap((t) => t.lookups.missing());
  }

  async loadLookups(loader: LookupLoader): Promise<void> {
    for (const { lookups } of this.tables.values()) if (lookups.missing().length > 0) await lookups.load(loader);
  }

  /** Answers read from a captured table are forgotten when one of its rows changes. */
  private forgetLookups(changed: string): void {
    for (const cache of this.readers.get(changed) ?? []) cache.tableChanged(changed);
  }
}

/**
 * No row ends the journal, whatever it does to a rule: what could not be mapped is set aside and reported. An image that does not
 * fit its format is one of these: the caller reads the format again first. Messages of others may hold values, so they are not
 * taken over.
 * @throws what no other row would help: the machine has no memory left
 */
function setAside(error: unknown, table: string): Extract<MapOutcome, { is: 'quarantined' }> {
  if (isCoded(error) && error.family === 'decode')
    return { is: 'quarantined', code: error.code, message: error.message, column: null };
  if (error instanceof EffortExceeded)
    return { is: 'quarantined', code: error.code, message: `${table}: ${error.message}`, column: null };
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) throw error;
  const what = isCoded(error) ? error.code : error instanceof Error ? error.name : typeof error;
  return {
    is: 'quarantined',
    code: 'MAP_FAILED',
    message: `${table}: a rule failed over this row (${what})`,
    column: null,
  };
}

function refusal(
  state: TableState,
  rule: string,
  r: { disposition: string; column: string; code: ErrorCode },
): MapOutcome {
  const table = formatName(state.mapping.table);
  const message = `${table}, rule ${rule}: column ${r.column} cannot be decoded (${r.code})`;
  return { is: r.disposition === 'stop' ? 'stopped' : 'quarantined', code: r.code, message, column: r.column };
}

/** The error a daemon stops with for {@link MapOutcome} `stopped`. */
export function stoppedError(outcome: Extract<MapOutcome, { is: 'stopped' }>): CodedError {
  return new CodedError({
    code: outcome.code,
    message: outcome.message,
    next: 'repair the field on the partition, or set `onError` of the column to another policy',
    facts: { column: outcome.column },
  });
}
