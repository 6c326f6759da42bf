/** The columns of a table as one rule sees them: names resolved, CCSIDs and meanings applied. */
import { CodedError } from '../../errors/coded-error';
import { findNamed, spellingsOf, writtenName } from '../../model/identifiers';
import type { ColumnFormat, RecordFormat } from '../../model/record-format';
import type { FieldPolicy } from '../../record/field-errors';
import { type CcsidOverrides, withCcsids } from '../../record/layout/ccsid-override';
import type { JsonOutput } from '../../record/plan/outputs';
import type { ColumnOptions, RuleOptions, TableRules } from '../options';

const NUMERIC = new Set(['DECIMAL', 'NUMERIC', 'SMALLINT', 'INTEGER', 'BIGINT', 'REAL', 'DOUBLE', 'DECFLOAT']);

const NO_ALIASES: ReadonlyMap<string, string> = new Map();

/** A file as rules are compiled against it. */
export interface FileShape {
  /** As the catalog has it, or as a row read by SQL is laid out. */
  readonly format: RecordFormat;
  /** Key columns by default: the catalog's. Empty: the record number stands in. */
  readonly key: readonly string[];
  /** Other names of columns (system names beside SQL names) to the format's names. */
  readonly aliases?: ReadonlyMap<string, string> | undefined;
  /** CCSID of columns that the catalog calls 65535 (`partition.ccsid`). */
  readonly untagged?: number | null | undefined;
  /** What people wrote into the catalog. */
  readonly words?: { readonly table: string; readonly columns: ReadonlyMap<string, string> } | undefined;
}

export class RuleColumns {
  readonly format: RecordFormat;
  /** By written name, as far as they were asked for. */
  private readonly indexes = new Map<string, number>();
  private readonly optionsOf = new Map<number, ColumnOptions>();
  /** Names of the columns under `columns`: one listed by its system name appears under it. */
  private readonly spelled = new Map<number, string>();
  private readonly aliases: ReadonlyMap<string, string>;

  constructor(
    { format, aliases = NO_ALIASES, untagged = null }: Omit<FileShape, 'key'>,
    private readonly table: TableRules,
    private readonly rule: RuleOptions,
  ) {
    this.format = format;
    this.aliases = aliases;
    for (const [written, o] of Object.entries(rule.columns)) {
      const { index, name } = this.named(written, `columns.${written}`);
      this.optionsOf.set(index, o);
      this.spelled.set(index, name);
    }
    this.format = withCcsids(format, this.overrides(untagged));
  }

  /** The columns of this rule alone: what another rule of the table says of a column is no business of this one. */
  private overrides(untagged: number | null): CcsidOverrides {
    const stated = [...this.optionsOf].filter(([, o]) => o.ccsid !== null);
    return {
      columns: Object.fromEntries(stated.map(([i, o]) => [this.format.columns[i]!.name, o.ccsid!])),
      ...(this.table.ccsid === null ? {} : { table: this.table.ccsid }),
      ...(untagged === null ? {} : { connection: untagged }),
    };
  }

  /** @param place path in the YAML, for the error. @throws CodedError `MAP_NO_COLUMN`, family config */
  indexOf(name: string, place: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const { index } = this.named(name, place);
    this.indexes.set(name, index);
    return index;
  }

  /** Which of the column's names is meant, as the catalog spells it. */
  private named(name: string, place: string): { readonly index: number; readonly name: string } {
    const columns = this.format.columns.map((c, index) => ({ index, names: [c.name] }));
    for (const [alias, column] of this.aliases) columns.find((c) => c.names[0] === column)?.names.push(alias);
    const found = findNamed(name, columns, (c) => c.names);
    if (found !== undefined) return { index: found.index, name: spelledAs(name, found.names) };
    const names = new Set(columns.flatMap((c) => c.names.map(writtenName)));
    const text = /^".*"$/s.test(name) ? ' (text is written in single quotes)' : '';
    throw new CodedError({
      code: 'MAP_NO_COLUMN',
      message: `tables.${this.format.table}: ${place}: saw column ${name.startsWith('"') ? name : `"${name}"`}, expected one of ${[...names].join(', ')}${text}`,
      next: 'correct the name in the YAML, or see the columns with: ibmi-cdc plan',
      facts: { table: this.format.table, rule: this.rule.name, place, column: name },
    });
  }

  column(index: number): ColumnFormat {
    return this.format.columns[index]!;
  }

  options(index: number): ColumnOptions | undefined {
    return this.optionsOf.get(index);
  }

  /** Name in the event. */
  outputName(index: number): string {
    return this.options(index)?.as ?? this.spelled.get(index) ?? this.column(index).name;
  }

  policy(index: number): FieldPolicy {
    return this.options(index)?.onError ?? this.table.onFieldError;
  }

  /** How the record layer writes this column as a member called `name`. */
  output(index: number, name: string = this.outputName(index)): JsonOutput {
    const { name: column } = this.column(index);
    const o = this.options(index);
    return {
      column,
      name,
      onError: this.policy(index),
      ...(o?.meaning ? { as: o.meaning } : {}),
      ...(o?.number ? { decimal: 'number' as const } : {}),
      ...(o?.withTime ? { time: { column: this.timeColumn(o.withTime, column), as: { time: o.timeForm } } } : {}),
      ...(o?.zone ? { zone: o.zone } : {}),
    };
  }

  private timeColumn(name: string, date: string): string {
    return this.column(this.indexOf(name, `columns.${date}.withTime`)).name;
  }

  /** Columns whose bytes decide the member: a date with its time is two. */
  sourcesOf(index: number): number[] {
    const { name } = this.column(index);
    const time = this.options(index)?.withTime;
    return time ? [index, this.indexOf(time, `columns.${name}.withTime`)] : [index];
  }

  /**
   * What the text of a decimal looks like that `number: true` turns into a JSON number; null for every other column, whatever
   * its text looks like. The hex of a field that could not be decoded is longer than any of its values, so it never matches.
   */
  numberForm(index: number): RegExp | null {
    const { type, length, scale } = this.column(index);
    if (this.options(index)?.number !== true || !this.isNumeric(index)) return null;
    if (type === 'DECFLOAT') return /^-?\d+(\.\d+)?(E[+-]\d+)?$/;
    const digits = type === 'DECIMAL' || type === 'NUMERIC' ? length : 19;
    const whole = Math.max(1, digits - scale);
    return new RegExp(`^-?\\d{1,${whole}}${scale > 0 ? `\\.\\d{${scale}}` : ''}$`);
  }

  /** True if expressions see the column as a number. */
  isNumeric(index: number): boolean {
    const c = this.column(index);
    const meaning = this.options(index)?.meaning ?? c.as ?? null;
    return NUMERIC.has(c.type) && (meaning === null || !(meaning.date || meaning.time || meaning.timestamp));
  }

  /** Columns taken, in record format order for `*`, else as listed. */
  selected(): number[] {
    const { include, exclude } = this.rule;
    const left = new Set(exclude.map((n) => this.indexOf(n, 'exclude')));
    const all = include === '*' ? this.format.columns.map((_, i) => i) : include.map((n) => this.indexOf(n, 'columns'));
    return all.filter((i) => !left.has(i));
  }
}

/** The name that was meant among those of one column. */
function spelledAs(written: string, names: readonly string[]): string {
  return spellingsOf(written).find((s) => names.includes(s)) ?? names[0]!;
}
