/** Rules of all tables, compiled over the record formats their rows have. */
import { bug } from '../errors/coded-error';
import type { Change } from '../model/change';
import { formatName, type QualifiedName } from '../model/position';
import type { RecordFormat } from '../model/record-format';
import { formatId } from '../record/layout/format-history';
import type { MapContext } from './event/map-context';
import { LookupCache } from './lookup';
import type { RuleOptions, TableRules } from './options';
import { ParentEvents } from './order/parents';
import { HeldUpdates } from './order/updates';
import type { FileShape } from './plan/columns';
import { RuleMapper } from './rule-mapper';

export interface RuleState {
  readonly name: string;
  readonly mapper: RuleMapper;
  readonly parents: ParentEvents | null;
  readonly updates: HeldUpdates | null;
}

export interface MappedTable {
  readonly name: string;
  readonly mapping: TableRules;
  readonly lookups: LookupCache;
  readonly rules: readonly RuleState[];
  /** The only rule, if its events are reported at once. */
  readonly plain: RuleState | null;
  readonly shape: FileShape;
  /** The same rules over rows read by SQL, by the layout of the rows: it may be newer than that of the entries being read. */
  readonly rows: Map<string, MappedTable>;
}

interface TableOptions {
  /** Epoch milliseconds, for the age of lookups. */
  readonly now: () => number;
  /** May the images of a rule's rows be written to disk? */
  readonly mayKeep?: (rule: RuleOptions) => boolean;
}

const MAX_IDENTITIES = 4096;

export class MappedTables {
  /** Rules that hold something back: without one, and with nothing held, order needs no care. */
  holding = false;
  private readonly tables = new Map<string, MappedTable>();
  private readonly byIdentity = new Map<QualifiedName, MappedTable>();
  private byFormat = new WeakMap<RecordFormat, MappedTable>();
  /** Lookup caches by the table they read. */
  private readonly readers = new Map<string, Set<LookupCache>>();

  /** @param onParent called with each table, `LIB/FILE`, whose events report its children */
  constructor(
    private readonly options: TableOptions,
    private readonly context: MapContext,
    private readonly onParent: (table: string) => void,
  ) {}

  /** @throws CodedError family config (`MAP_NO_COLUMN`, `MAP_EXPRESSION`) or decode (`FORMAT_*`, `CCSID_*`) */
  set(mapping: TableRules, shape: FileShape): void {
    const name = formatName(mapping.table);
    const lookups = this.tables.get(name)?.lookups ?? new LookupCache(mapping.lookups, this.options.now);
    for (const table of lookups.tables()) {
      this.readers.set(table, (this.readers.get(table) ?? new Set()).add(lookups));
    }
    this.byIdentity.clear();
    this.byFormat = new WeakMap();
    this.tables.set(name, this.compiled(name, mapping, lookups, shape));
  }

  /** @param name `LIB/FILE` */
  get(name: string): MappedTable | undefined {
    return this.tables.get(name);
  }

  private compiled(name: string, mapping: TableRules, lookups: LookupCache, shape: FileShape): MappedTable {
    const rules = mapping.rules.map((rule): RuleState => {
      const mapper = new RuleMapper(rule, mapping, shape, lookups, this.context);
      const parents = rule.parent ? new ParentEvents(rule, mapping.table, this.context) : null;
      if (parents) this.onParent(parents.table);
      const { coalesceWindow: window } = rule;
      const mayKeep = this.options.mayKeep?.(rule) ?? true;
      const updates = window === null ? null : new HeldUpdates({ rule, table: name, window, mayKeep });
      this.holding ||= parents !== null || updates !== null;
      return { name: rule.name, mapper, parents, updates };
    });
    return { name, mapping, lookups, rules, plain: rules.length === 1 ? rules[0]! : null, shape, rows: new Map() };
  }

  /** The table's rules over the layout the change's row has. */
  of(change: Change): MappedTable {
    const state = this.named(change.table);
    const format = (change.after ?? change.before)?.image.format;
    return format === undefined ? state : this.laidOutBy(state, format);
  }

  laidOutBy(state: MappedTable, format: RecordFormat): MappedTable {
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
  named(table: QualifiedName): MappedTable {
    const known = this.byIdentity.get(table);
    if (known) return known;
    const state = this.tables.get(formatName(table));
    if (!state) throw bug(`no rules for ${formatName(table)}`);
    if (this.byIdentity.size >= MAX_IDENTITIES) this.byIdentity.clear();
    this.byIdentity.set(table, state);
    return state;
  }

  lookups(): LookupCache[] {
    return [...this.tables.values()].map((table) => table.lookups);
  }

  /** Answers read from a captured table are forgotten when one of its rows changes. @param changed `LIB/FILE` */
  forgetLookups(changed: string): void {
    if (this.readers.size === 0) return;
    for (const cache of this.readers.get(changed) ?? []) cache.tableChanged(changed);
  }
}
