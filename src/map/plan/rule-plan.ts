/** One rule compiled against one record format: everything that can be decided before the first entry. */
import { CodedError } from '../../errors/coded-error';
import { computeLayout } from '../../record/layout/layout';
import { type Compiled, compileExpression } from '../expression/compile';
import { rounded } from '../expression/functions';
import { asksForChange, parseExpression } from '../expression/parse';
import { ExpressionFault } from '../expression/tokens';
import { decimalText, isDecimal, type Value } from '../expression/value';
import type { ComputedOptions, GroupOptions, RuleOptions, TableRules } from '../options';
import { type FileShape, RuleColumns } from './columns';
import { FieldComparer } from './field-compare';
import { compileMask, type Mask } from './mask';
import { RowObject, type ValueMember } from './row-object';
import { RowValues } from './row-values';
import { parseTemplate, type TextTemplate } from './template';

interface KeyMember {
  readonly name: string;
  /** `"orderNumber":` */
  readonly json: string;
  readonly slot: number;
}

/** A member with an expression. */
interface ComputedMember {
  readonly name: string;
  /** `"lineTotal"` */
  readonly json: string;
  readonly run: Compiled;
  readonly options: ComputedOptions;
  /** Columns it reads: as long as none of them differs, its value does not either. */
  readonly sources: readonly number[];
  /** Its expression asks what the change is, not what the row is. */
  readonly ofChange: boolean;
}

export interface TemplatePlan {
  readonly template: TextTemplate;
  /** Slot of each name, in order of the template's names. */
  readonly slots: ReadonlyMap<string, number>;
}

interface Group {
  readonly name: string;
  readonly columns: readonly number[];
  readonly options: GroupOptions;
}

/** Row objects kept for `payload: changed`, one for each set of columns that changes together. */
const MAX_OBJECTS = 256;

export class RulePlan {
  readonly columns: RuleColumns;
  readonly values: RowValues;
  readonly comparer: FieldComparer;
  readonly key: readonly KeyMember[];
  private readonly keyColumns: readonly number[];
  readonly when: Compiled | null;
  readonly whenChanged: readonly number[] | null;
  readonly discriminator: number | null;
  readonly traceKey: TemplatePlan | null;
  readonly recordUrl: TemplatePlan | null;
  readonly transitions: readonly { readonly slot: number; readonly index: number }[];
  readonly parentKey: readonly KeyMember[];
  readonly computed: readonly ComputedMember[];
  /** By slot. */
  readonly masks: readonly (Mask | null)[];
  private readonly maskOf: ReadonlyMap<number, Mask>;
  private readonly selected: readonly number[];
  private readonly groups: readonly Group[];
  /** Members as `changed` names them: JSON text, and the columns that decide them. */
  readonly members: readonly { readonly json: string; readonly sources: readonly number[] }[];
  private readonly dropped: ReadonlySet<number>;
  private readonly whole: RowObject;
  private readonly objects = new Map<string, RowObject>();

  /** @throws CodedError family config or decode: a name that is not there, an expression that cannot be read */
  constructor(
    readonly rule: RuleOptions,
    readonly table: TableRules,
    shape: FileShape,
  ) {
    this.columns = new RuleColumns(shape, table, rule);
    const { columns } = this;
    this.values = new RowValues(columns);
    this.comparer = new FieldComparer(computeLayout(columns.format));
    this.maskOf = new Map(Object.entries(rule.mask).map(([c, m]) => [columns.indexOf(c, 'mask'), compileMask(m)]));
    this.dropped = new Set([...this.maskOf].filter(([, m]) => m('') === undefined).map(([i]) => i));
    this.key = (table.key ?? shape.key).map((c) => {
      const index = columns.indexOf(c, 'key');
      return keyMember(columns.outputName(index), this.values.slot(index));
    });
    this.keyColumns = this.key.map((k) => this.values.columnAt(k.slot));
    this.when = rule.when === null ? null : this.expression(rule.when, 'when');
    this.whenChanged = rule.whenChanged?.map((c) => columns.indexOf(c, 'whenChanged')) ?? null;
    this.discriminator = rule.event.is === 'discriminator' ? this.slotOf(rule.event.by, 'event.by') : null;
    this.traceKey = this.template(rule.traceKey, 'traceKey');
    this.recordUrl = this.template(rule.recordUrl, 'recordUrl');
    this.transitions = rule.transitions.map((t) => {
      const index = columns.indexOf(t.column, 'transitions');
      return { index, slot: this.values.slot(index) };
    });
    this.parentKey = Object.entries(rule.parent?.key ?? {}).map(([name, c]) =>
      keyMember(name, this.slotOf(c, 'parent.key')),
    );
    this.groups = Object.entries(rule.group).map(([name, options]) => ({
      name,
      options,
      columns: groupColumns(options).map((c) => columns.indexOf(c, `group.${name}`)),
    }));
    const grouped = new Set(this.groups.flatMap((g) => g.columns));
    this.selected = columns.selected().filter((i) => !grouped.has(i));
    this.computed = Object.entries(rule.expressions).map(([name, options]) => {
      const sources = new Set<number>();
      const run = this.expression(options.value, `expressions.${name}`, sources);
      const ofChange = asksForChange(parseExpression(options.value));
      return { name, options, run, json: JSON.stringify(name), sources: [...sources], ofChange };
    });
    this.members = [
      ...this.selected
        .filter((i) => !this.dropped.has(i))
        .map((i) => ({ json: JSON.stringify(columns.outputName(i)), sources: columns.sourcesOf(i) })),
      ...this.groups.map((g) => ({ json: JSON.stringify(g.name), sources: g.columns })),
    ];
    // row objects may add slots for masks and groups: compile the usual ones now, so that slots are settled
    // a dropped column is not even read: what no event contains cannot fail
    const shown = [...this.maskOf.keys()].filter((i) => !this.dropped.has(i));
    for (const i of [...shown, ...grouped]) this.values.slot(i);
    this.masks = Array.from({ length: this.values.size }, (_, s) => this.maskOf.get(this.values.columnAt(s)) ?? null);
    this.whole = this.wholeRow();
  }

  /** True for a column (by the format's name) whose bytes must not be shown. */
  hides(column: string): boolean {
    return this.maskOf.size > 0 && this.maskOf.has(this.columns.indexOf(column, 'mask'));
  }

  /** Row with every selected column, or the thin one. */
  full(): RowObject {
    return this.whole;
  }

  private wholeRow(): RowObject {
    const { payload } = this.rule;
    if (payload.is !== 'thin') return this.object('full', this.selected, this.groups, true);
    const named = payload.columns.map((c) => this.columns.indexOf(c, 'payload.thin'));
    return this.object('thin', [...this.keyIndexes(), ...named], [], false);
  }

  /** The key alone: what is left of an event that is too large. */
  keyOnly(): RowObject {
    return this.object('key', this.keyIndexes(), [], false);
  }

  /**
   * Key, members that differ (constants never do), and what is computed from the change itself.
   * @param flags 1 for each column that does
   * @param computed indexes of computed members whose values differ
   */
  only(flags: Uint8Array, computed: readonly number[]): RowObject {
    const pick = (sources: readonly number[]): boolean => sources.some((i) => flags[i] === 1);
    const columns = this.selected.filter((i) => pick(this.columns.sourcesOf(i)));
    const groups = this.groups.filter((g) => pick(g.columns));
    const all = [...this.keyIndexes(), ...columns];
    const members = this.computed.flatMap((c, i) => (c.ofChange || computed.includes(i) ? [i] : []));
    const id = `only:${all.join()}:${groups.map((g) => g.name).join()}:${members.join()}`;
    return this.objects.get(id) ?? this.keep(id, this.built(all, groups, this.computedMembers(members), ''));
  }

  /** The full row with some members replaced: what an update made of a delete says. */
  replaced(set: Readonly<Record<string, string | number | boolean | null>>): RowObject {
    const names = Object.keys(set);
    if (names.length === 0) return this.full();
    const keep = this.selected.filter((i) => !names.includes(this.columns.outputName(i)));
    const base = this.rule.payload.is === 'thin' ? this.keyIndexes() : keep;
    const groups = this.rule.payload.is === 'thin' ? [] : this.groups;
    return this.object('replaced', base, groups, this.rule.payload.is !== 'thin', set);
  }

  /** Key columns by their place in the record format. */
  keyIndexes(): number[] {
    return [...this.keyColumns];
  }

  /** True if a column of the key differs. @param flags 1 for each column that does */
  touchesKey(flags: Uint8Array): boolean {
    for (let i = 0; i < this.keyColumns.length; i++) if (flags[this.keyColumns[i]!] === 1) return true;
    return false;
  }

  /**
   * Names of members that differ, as a JSON array.
   * @param flags 1 for each column that does
   * @param computed indexes of computed members whose values differ
   */
  changedJson(flags: Uint8Array, computed: readonly number[]): string {
    let text = '';
    for (const m of this.members) {
      for (const i of m.sources) {
        if (flags[i] === 0) continue;
        text = text === '' ? m.json : `${text},${m.json}`;
        break;
      }
    }
    for (const i of computed) text = text === '' ? this.computed[i]!.json : `${text},${this.computed[i]!.json}`;
    return `[${text}]`;
  }

  /** JSON text of an expression's result. */
  computedText(index: number, value: Value): string {
    const { options } = this.computed[index]!;
    if (!isDecimal(value)) return JSON.stringify(value);
    const text = decimalText(options.scale === null ? value : rounded(value, options.scale));
    return options.number ? text : `"${text}"`;
  }

  private object(
    id: string,
    indexes: readonly number[],
    groups: readonly Group[],
    extras: boolean,
    set: Readonly<Record<string, unknown>> = {},
  ): RowObject {
    const known = this.objects.get(id);
    if (known) return known;
    const computed = extras ? this.computed.flatMap((c, i) => (c.name in set ? [] : [i])) : [];
    const constants = Object.entries({ ...(extras ? this.rule.constants : {}), ...set });
    const text = constants.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
    const shown = groups.filter((g) => !(g.name in set));
    return this.keep(id, this.built(indexes, shown, this.computedMembers(computed), text));
  }

  private keep(id: string, object: RowObject): RowObject {
    if (this.objects.size >= MAX_OBJECTS) this.objects.clear();
    this.objects.set(id, object);
    return object;
  }

  /** @param constants members as JSON text, or empty */
  private built(
    indexes: readonly number[],
    groups: readonly Group[],
    computed: readonly ValueMember[],
    constants: string,
  ): RowObject {
    const taken = [...new Set(indexes)].filter((i) => !this.dropped.has(i));
    const outputs = taken.filter((i) => !this.maskOf.has(i)).map((i) => this.columns.output(i));
    const members: ValueMember[] = [
      ...taken.filter((i) => this.maskOf.has(i)).map((i) => this.maskedMember(i)),
      ...groups.map((g) => this.groupMember(g.name, g.options, g.columns)),
      ...computed,
    ];
    return new RowObject(this.columns, outputs, members, constants);
  }

  private computedMembers(indexes: readonly number[]): ValueMember[] {
    return indexes.map((i) => ({ name: this.computed[i]!.name, text: (row) => row.computed(i) }));
  }

  private maskedMember(index: number): ValueMember {
    const slot = this.values.slot(index);
    return { name: this.columns.outputName(index), text: (row) => textOfScalar(row.masked[slot], null) };
  }

  private groupMember(name: string, options: GroupOptions, indexes: readonly number[]): ValueMember {
    const slots = indexes.map((i) => this.values.slot(i));
    // masked, a number is text
    const numbers = indexes.map((i) => (this.maskOf.has(i) ? null : this.columns.numberForm(i)));
    if (options.is === 'array') {
      return {
        name,
        text: (row) => {
          const texts = slots
            .map((s, i) => ({ value: row.masked[s], number: numbers[i] ?? null }))
            .filter(({ value }) => !options.skipEmpty || (value != null && value !== ''))
            .map(({ value, number }) => textOfScalar(value, number) ?? 'null');
          return `[${texts.join(',')}]`;
        },
      };
    }
    const names = Object.keys(options.members);
    return {
      name,
      text: (row) => {
        const texts = slots.map((s, i) => ({ name: names[i]!, text: textOfScalar(row.masked[s], numbers[i] ?? null) }));
        const kept = texts.filter((t) => t.text !== undefined).map((t) => `${JSON.stringify(t.name)}:${t.text}`);
        return `{${kept.join(',')}}`;
      },
    };
  }

  private slotOf(column: string, place: string): number {
    return this.values.slot(this.columns.indexOf(column, place));
  }

  /** @param sources takes the columns it reads, by their place in the format */
  private expression(text: string, place: string, sources?: Set<number>): Compiled {
    const slotOf = (name: string): number => {
      sources?.add(this.columns.indexOf(name, place));
      return this.slotOf(name, place);
    };
    try {
      return compileExpression(parseExpression(text), slotOf);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      throw new CodedError({
        code: 'MAP_EXPRESSION',
        message: `rule ${this.rule.name}: ${place}: saw ${error.seen} at character ${error.at}, expected ${error.expected}`,
        next: 'ibmi-cdc validate shows the line',
        facts: { rule: this.rule.name, place },
        cause: error,
      });
    }
  }

  private template(text: string | null, place: string): TemplatePlan | null {
    if (text === null) return null;
    const template = parseTemplate(text);
    return { template, slots: new Map(template.names.map((n) => [n, this.slotOf(n, place)])) };
  }
}

function keyMember(name: string, slot: number): KeyMember {
  return { name, slot, json: `${JSON.stringify(name)}:` };
}

function groupColumns(options: GroupOptions): readonly string[] {
  return options.is === 'array' ? options.columns : Object.values(options.members);
}

/** @param number pattern of a text that is written as a JSON number */
function textOfScalar(value: string | number | boolean | null | undefined, number: RegExp | null): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' && number?.test(value) ? value : JSON.stringify(value);
}
