/** The columns of a table as one rule sees them: names resolved, CCSIDs and meanings applied. */
import { CodedError } from '../errors/coded-error';
import type { ColumnFormat, RecordFormat } from '../model/record-format';
import type { JsonOutput } from '../record/outputs';
import type { ColumnOptions, FieldPolicy, RuleOptions, TableMapping } from './options';

const NUMERIC = new Set(['DECIMAL', 'NUMERIC', 'SMALLINT', 'INTEGER', 'BIGINT', 'REAL', 'DOUBLE', 'DECFLOAT']);

const NO_ALIASES: ReadonlyMap<string, string> = new Map();

/** A CHAR column without a usable CCSID is text of this page when the table says nothing. */
const BYTES = 65535;

export class RuleColumns {
  readonly format: RecordFormat;
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly optionsOf = new Map<number, ColumnOptions>();

  /** @param aliases other names of columns (system names beside SQL names), upper case, to the format's names */
  constructor(
    format: RecordFormat,
    private readonly table: TableMapping,
    private readonly rule: RuleOptions,
    aliases: ReadonlyMap<string, string> = NO_ALIASES,
  ) {
    const indexes = new Map(format.columns.map((c, i) => [c.name.toUpperCase(), i]));
    for (const [alias, name] of aliases) {
      const index = indexes.get(name.toUpperCase());
      if (index !== undefined && !indexes.has(alias)) indexes.set(alias, index);
    }
    this.indexes = indexes;
    this.format = format;
    for (const [name, o] of Object.entries(rule.columns)) this.optionsOf.set(this.indexOf(name, `columns.${name}`), o);
    this.format = { table: format.table, columns: format.columns.map((c, i) => this.patched(c, i)) };
  }

  private patched(c: ColumnFormat, index: number): ColumnFormat {
    const own = this.optionsOf.get(index)?.ccsid;
    const ccsid = c.ccsid === BYTES ? (own ?? this.table.ccsid) : own;
    return ccsid == null ? c : { ...c, ccsid };
  }

  /** @param place path in the YAML, for the error. @throws CodedError `MAP_NO_COLUMN`, family config */
  indexOf(name: string, place: string): number {
    const index = this.indexes.get(name.toUpperCase());
    if (index !== undefined) return index;
    throw new CodedError({
      code: 'MAP_NO_COLUMN',
      family: 'config',
      message: `tables.${this.format.table}: ${place}: saw column "${name}", expected one of ${[...this.indexes.keys()].join(', ')}`,
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
    return this.options(index)?.as ?? this.column(index).name;
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
