/**
 * The mappers of all captured tables, kept in step with their record formats: compiled from the catalog at start and
 * again when the journal reports a change of layout.
 */
import { readTables } from '../../catalog/catalog';
import { hasLayout, type TableFacts } from '../../catalog/table-facts';
import { sameTable } from '../../catalog/table-names';
import type { Config, TableConfig } from '../../config/config';
import { CodedError } from '../../errors/coded-error';
import type { ErrorCode } from '../../errors/codes';
import { fixedClock, zoneClock } from '../../map/event/clock';
import type { RowDigest, RuleScope } from '../../map/event/row-digest';
import type { LookupLoader, ParentLoader } from '../../map/lookup';
import { Mapper, type RuleVerdict } from '../../map/mapper';
import type { RuleOptions, TableRules } from '../../map/options';
import type { Held, HeldStore } from '../../map/order/held';
import type { Change, TableNews } from '../../model/change';
import type { EventDraft, FieldErrorCount, MapOutcome } from '../../model/event';
import { formatName, formatPosition, ordinaryTable, type Position, type QualifiedName } from '../../model/position';
import type { RecordFormat } from '../../model/record-format';
import type { HeldKey } from '../../model/rows/row-hold';
import { formatDifference } from '../../record/layout/format-difference';
import { type ComparePositions, FormatHistory, formatId } from '../../record/layout/format-history';
import { keyMembers } from '../../remember/held-keys';
import type { Store } from '../../store/store';
import type { Logger } from '../../telemetry/logger';
import type { SqlTransport } from '../../transport/transport';
import { version } from '../../version';
import { committedLog, type UnitLog } from './committed-log';
import type { Mapping } from './mapping';
import { parentLoader } from './parent-loader';
import { lookupLoader } from './table-lookups';

interface TableMappingParts {
  readonly config: Config;
  readonly tables: readonly TableFacts[];
  /** Minutes east of UTC of the partition's clock, for partitions without a configured zone. */
  readonly offset: number;
  readonly transport: SqlTransport;
  readonly log: Logger;
}

export class TableMapping implements Mapping {
  private readonly mapper: Mapper;
  private readonly configOf = new Map<string, TableConfig>();
  private readonly loader: LookupLoader;
  private readonly rows: ParentLoader;
  /** What each table is mapped by now. */
  private readonly current = new Map<string, { readonly facts: TableFacts; readonly format: RecordFormat }>();
  private history: FormatHistory | null = null;
  private log: UnitLog;

  constructor(private readonly parts: TableMappingParts) {
    const { config, tables, offset, transport } = parts;
    const { name, timeZone } = config.partition;
    this.log = parts.log;
    this.mapper = new Mapper({
      partition: name,
      clock: timeZone ? zoneClock(timeZone) : fixedClock(offset),
      product: version(),
      now: Date.now,
      ccsid: config.partition.ccsid,
      mayKeep: (rule) => this.mayKeep(rule),
      onUnmappable: (item, code) => this.reportUnmappable(item, code),
    });
    this.loader = lookupLoader(transport, config.partition.ccsid);
    this.rows = parentLoader(transport, config.partition.ccsid);
    const byName = new Map(config.tables.map((t) => [formatName(t.table), t]));
    for (const facts of tables) {
      const table = byName.get(formatName(facts.asked));
      if (!table) continue;
      this.configOf.set(formatName(facts.file), table);
      this.compile(facts, facts.format);
    }
  }

  /** Takes up the history of record formats: what is read first was written with the format last seen. */
  useHistory(store: Store): void {
    // formats are met in the order in which the one reader of a journal walks them: no two positions are ever compared
    const history = new FormatHistory(store, () => 0);
    this.history = history;
    this.log = committedLog(store, this.parts.log);
    // all at once: hundreds of tables would make as many waits for the disk
    store.transaction(() => {
      for (const facts of this.parts.tables) {
        if (!this.configOf.has(formatName(facts.file))) continue;
        const format = this.formatAtStart(history, facts);
        if (format !== facts.format) this.compile(facts, format);
      }
    });
  }

  /** Reads the history of record formats and learns nothing: for a mapping that goes over entries once more. */
  followHistory(store: Store): void {
    this.history = new FormatHistory(store, () => 0);
  }

  /**
   * Maps what follows of the file by the format it had at a position.
   * @returns drafts of what was held of the file under another one
   */
  moveTo(file: QualifiedName, at: Position, compare: ComparePositions): readonly EventDraft[] {
    const then = this.formatThen(file, at, compare);
    const now = this.current.get(formatName(file));
    if (!then || !now) return [];
    const released = formatId(then) === formatId(now.format) ? [] : this.mapper.releaseTable(file);
    this.compile(now.facts, then);
    return released;
  }

  /** Null where the history has nothing else to say than what the file is mapped by. */
  private formatThen(file: QualifiedName, at: Position, compare: ComparePositions): RecordFormat | null {
    const name = formatName(file);
    const now = this.current.get(name);
    const ranges = this.history?.ranges(name) ?? [];
    const only = ranges.length === 1 && ranges[0]!.until === null ? ranges[0]! : null;
    if (only) return only.format === now?.format ? null : only.format;
    const range = ranges.length === 0 ? null : this.history!.at(name, at, compare);
    return range && range.format !== now?.format ? range.format : null;
  }

  /** Takes up what an earlier run held, and keeps what this one holds. */
  useHeld(held: HeldStore): void {
    this.mapper.keepHeld(held);
  }

  /** Maps what follows by another format of the file: entries older than its last change were written with it. */
  useFormat(facts: TableFacts, format: RecordFormat): void {
    this.compile(facts, format);
  }

  /** What each rule makes of a change. @throws CodedError family decode, when the image does not fit the format */
  explain(change: Change): RuleVerdict[] {
    return this.mapper.explain(change);
  }

  /** Every text a person may know the row of a change by. @throws CodedError family decode */
  keysOf(change: Change): ReadonlySet<string> {
    return this.mapper.keysOf(change);
  }

  formatCount(file: QualifiedName): number {
    return this.history?.ranges(formatName(file)).length ?? 0;
  }

  withFormatAt<T>(file: QualifiedName, at: Position, compare: ComparePositions, use: () => T): T {
    const now = this.current.get(formatName(file));
    const then = this.history?.at(formatName(file), at, compare);
    if (!now || !then || then.id === formatId(now.format)) return use();
    this.compile(now.facts, then.format);
    try {
      return use();
    } finally {
      this.compile(now.facts, now.format);
    }
  }

  beginUnit(alone = false, again = false): void {
    this.mapper.beginUnit(alone, again);
  }

  confirm(): void {
    this.mapper.confirm();
  }

  map(change: Change, only: ReadonlySet<string> | null = null): MapOutcome {
    return this.mapper.map(change, only);
  }

  scopes(file: QualifiedName): readonly RuleScope[] {
    return this.mapper.scopes(file);
  }

  digest(change: Change): readonly (RowDigest | null)[] | ErrorCode {
    return this.mapper.digest(change);
  }

  takeLacking(): boolean {
    return this.mapper.takeLacking();
  }

  digestJson(file: QualifiedName, rule: number): string | null {
    return this.mapper.digestJson(file, rule);
  }

  keyJson(file: QualifiedName, rule: number, key: Uint8Array): string {
    return this.mapper.keyObject(file, rule, keyMembers(key));
  }

  keyColumns(file: QualifiedName): readonly (readonly string[])[] {
    return this.mapper.keyColumns(file);
  }

  waits(file: QualifiedName, rule: number, key: Uint8Array): boolean {
    return this.mapper.waits(file, rule, keyMembers(key));
  }

  notice(notice: TableNews): readonly EventDraft[] {
    const earlier = this.mapper.releaseTable(notice.table);
    const draft = this.mapper.notice(this.withColumns(this.withPolicy(notice)));
    return draft ? [...earlier, draft] : earlier;
  }

  releaseTable(file: QualifiedName): readonly EventDraft[] {
    return this.mapper.releaseTable(file);
  }

  anyDue(): boolean {
    return this.mapper.anyDue();
  }

  releaseDue(): readonly EventDraft[] {
    return this.mapper.releaseDue();
  }

  /** A receiver must know whether deletes follow a `table.cleared`. */
  private withPolicy(notice: TableNews): TableNews {
    const policy = this.configOf.get(formatName(notice.table))?.cleared;
    if (notice.kind !== 'table.cleared' || policy === undefined) return notice;
    return { ...notice, facts: { ...notice.facts, policy } };
  }

  /** A receiver that keeps columns of its own must know which of them are others now. */
  private withColumns(notice: TableNews): TableNews {
    const { position, kind } = notice;
    if (kind !== 'schema.changed' || position === null || !this.history) return notice;
    const file = formatName(notice.table);
    const range = this.history.startingAt(file, position);
    const before = range && this.history.ranges(file).find((r) => r.until && samePosition(r.until, position));
    const none = { added: [], removed: [], changed: [] };
    const columns = range && before ? formatDifference(before.format, range.format) : none;
    return { ...notice, facts: { ...notice.facts, columns: { ...columns } } };
  }

  takeUnsaid(): readonly HeldKey[] {
    return this.mapper.takeUnsaid();
  }

  heldKeys(change: Change): readonly HeldKey[] {
    return this.mapper.heldKeys(change);
  }

  gone(rule: string, members: readonly (string | null)[], change: Change): readonly EventDraft[] {
    return this.mapper.gone(rule, members, change);
  }

  endUnit(): readonly EventDraft[] {
    return this.mapper.endUnit();
  }

  takeFieldErrors(): readonly FieldErrorCount[] {
    return this.mapper.takeFieldErrors();
  }

  missingLookups(): readonly unknown[] {
    return this.mapper.missingLookups();
  }

  loadLookups(): Promise<void> {
    return this.mapper.loadLookups(this.loader, this.rows);
  }

  async relayout(file: QualifiedName, at: Position | null): Promise<void> {
    const table = formatName(file);
    if (!this.configOf.has(table)) return;
    // met again after a restart: what was learned then was nearer to the truth than what the catalog says now
    const known = at && this.history?.startingAt(table, at);
    const current = this.current.get(table);
    if (known && current) return this.compile(current.facts, known.format);
    await using connection = await this.parts.transport.connect({ role: 'catalog' });
    const [facts] = await readTables(connection, [file]);
    const position = at ? formatPosition(at) : null;
    if (!facts || !hasLayout(facts)) {
      this.parts.log.error(
        { table, position, state: facts?.state, reason: facts?.reason },
        'record format not readable',
      );
      return;
    }
    if (at) this.history?.learn(table, facts.format, at);
    this.compile(facts, facts.format);
    this.parts.log.info({ table, position, columns: facts.format.columns.length }, 'record format read again');
  }

  /**
   * The format of the entries a restart reads first: the one they were written with, which is the last one learned when the
   * file was altered while no daemon read. The entry that reports the change makes the catalog's format the current one.
   */
  private formatAtStart(history: FormatHistory, facts: TableFacts): RecordFormat {
    const table = formatName(facts.file);
    const last = history.ranges(table).at(-1);
    if (!last || last.until !== null) {
      const seen = last?.until ?? { receiver: facts.file, sequence: 0n };
      return history.learn(table, facts.format, seen).format;
    }
    if (last.id === formatId(facts.format)) return facts.format;
    this.parts.log.warn(
      { table },
      'altered since it was last read: older entries are decoded by the format they were written with',
    );
    return last.format;
  }

  stopped(_change: Change, outcome: Extract<MapOutcome, { is: 'stopped' }>): CodedError {
    return stoppedError(outcome);
  }

  /** Captured tables by the name entries carry, so that a change of one is known as its own. */
  private fileOf(written: QualifiedName): QualifiedName | null {
    return this.parts.tables.find((f) => sameTable(written, formatName(f.asked)))?.file ?? null;
  }

  private lookupsByFile(lookups: TableRules['lookups']): TableRules['lookups'] {
    return Object.fromEntries(
      Object.entries(lookups).map(([name, o]) => [
        name,
        o.is === 'table' ? { ...o, table: this.fileOf(o.table) ?? o.table } : o,
      ]),
    );
  }

  private compile(facts: TableFacts, format: RecordFormat): void {
    this.current.set(formatName(facts.file), { facts, format });
    const table = this.configOf.get(formatName(facts.file))!;
    // rules speak of the table by the system name that entries carry
    const rules = table.rules.map((r) => this.withParentFile(this.rebuildable(r)));
    const mapping = { ...table, table: facts.file, rules, lookups: this.lookupsByFile(table.lookups) };
    const aliases = new Map(facts.columns.map((c) => [c.systemName, c.format.name]));
    this.mapper.setTable(mapping, format, facts.key?.columns ?? [], aliases);
  }

  /** Masks are applied before anything is stored, and some payloads must not rest here at all. */
  private mayKeep({ mask, to }: RuleOptions): boolean {
    const { destinations, encryption } = this.parts.config;
    if (to.some((d) => destinations[d]?.storePayload === false)) return false;
    return encryption !== null || Object.keys(mask).length === 0;
  }

  /** An event that is made again from its entry must be made of one alone. */
  private rebuildable(rule: RuleOptions): RuleOptions {
    const { destinations } = this.parts.config;
    const stores = rule.to.some((d) => destinations[d]?.storePayload !== false);
    return stores ? rule : { ...rule, coalesceWindow: null };
  }

  /** Events of a parent and of its own table are one stream only under one name. */
  private withParentFile(rule: RuleOptions): RuleOptions {
    const { parent } = rule;
    if (!parent?.table) return rule;
    return { ...rule, parent: { ...parent, table: this.fileOf(parent.table) ?? ordinaryTable(parent.table) } };
  }

  private reportUnmappable({ owner, rule, last }: Held, code: ErrorCode): void {
    const position = last.position && formatPosition(last.position);
    const next = `ibmi-cdc backfill --table ${owner}`;
    const message = 'a change that was waiting cannot be sent any more';
    this.log.error({ table: owner, rule, position, code, next }, message);
  }
}

function samePosition(a: Position, b: Position): boolean {
  return formatPosition(a) === formatPosition(b);
}

/** The error a daemon stops with for {@link MapOutcome} `stopped`. */
function stoppedError(outcome: Extract<MapOutcome, { is: 'stopped' }>): CodedError {
  return new CodedError({
    code: outcome.code,
    message: outcome.message,
    next: 'repair the field on the partition, or set `onError` of the column to another policy',
    facts: { column: outcome.column },
  });
}
