/** The rows of an event as JSON Schema: what each column of a rule can be, fields that could not be decoded included. */

import type { ChangeOp } from '../../model/change';
import { entryFor, ordinaryName } from '../../model/identifiers';
import type { ColumnFormat } from '../../model/record-format';
import type { RuleOptions, TableRules } from '../options';
import type { FileShape } from '../plan/columns';
import { RuleColumns } from '../plan/columns';

export type JsonSchema = Readonly<Record<string, unknown>>;

export const TEXT: JsonSchema = { type: 'string' };
export const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };
export const ANY_SCALAR: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

export function object(properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((p) => !optional.includes(p));
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Members that an update made of a delete sets. */
export function setOf(rule: RuleOptions): Readonly<Record<string, unknown>> {
  return rule.onDelete.is === 'update' ? rule.onDelete.set : {};
}

export class RowSchema {
  private readonly columns: RuleColumns | null;
  private readonly grouped: ReadonlySet<string>;
  private readonly masks: ReadonlyMap<string, RuleOptions['mask'][string]>;
  /** What `changed` may name; null where the columns are not known. */
  readonly names: readonly string[] | null;

  constructor(private readonly input: SchemaInput) {
    const { shape, table, rule } = input;
    this.columns = shape && new RuleColumns(shape, table, rule);
    this.masks = new Map(Object.entries(rule.mask).map(([c, m]) => [this.nameOf(c), m]));
    this.grouped = new Set(
      Object.values(rule.group)
        .flatMap((g) => (g.is === 'array' ? g.columns : Object.values(g.members)))
        .map((c) => this.nameOf(c)),
    );
    this.names = this.columns && [
      ...new Set([...Object.keys(this.plainMembers()), ...Object.keys(rule.group), ...Object.keys(rule.expressions)]),
    ];
  }

  /**
   * Key members are exact texts, whatever `number` says: they are what a row is known by.
   * @param withoutRow true where the journal may hold no row: then the record number stands in
   */
  key(withoutRow: boolean): JsonSchema {
    const names = this.input.key;
    if (names.length === 0) return this.columns ? object({ rrn: TEXT }) : { type: 'object' };
    const key = object(Object.fromEntries(names.map((n) => [this.outputName(n), this.keySchema(n)])));
    return withoutRow ? { anyOf: [key, object({ rrn: TEXT })] } : key;
  }

  /** Thin and changed rows hold a part of the members, so none is required of them. */
  members(): JsonSchema {
    const { rule } = this.input;
    if (rule.payload.is === 'thin') return this.thin(rule.payload.columns);
    const properties = {
      ...this.plainMembers(),
      ...Object.fromEntries(
        Object.entries(rule.group).map(([n, g]) => [n, { type: g.is === 'array' ? 'array' : 'object' }]),
      ),
      ...Object.fromEntries(Object.keys(rule.expressions).map((n) => [n, ANY_SCALAR])),
      ...Object.fromEntries(Object.entries(rule.constants).map(([n, value]) => [n, { const: value }])),
    };
    const set = Object.fromEntries(Object.keys(setOf(rule)).map((n) => [n, ANY_SCALAR]));
    const fromDelete = Object.keys(set).length > 0;
    const all = { ...properties, ...this.keyMembers(rule.payload.is === 'changed'), ...set };
    const everything = rule.payload.is === 'full' && !fromDelete && this.columns !== null;
    return {
      type: 'object',
      properties: all,
      ...(everything ? { required: Object.keys(all) } : {}),
      additionalProperties: this.columns === null,
    };
  }

  /** What is left of an event larger than its destinations take. */
  keyAlone(): JsonSchema {
    return this.input.key.length === 0 && this.columns === null ? { type: 'object' } : object(this.keyMembers(true));
  }

  private thin(columns: readonly string[]): JsonSchema {
    const named = Object.fromEntries(
      columns.filter((c) => !this.dropped(c)).map((c) => [this.outputName(c), this.columnSchema(c)]),
    );
    const set = Object.fromEntries(Object.keys(setOf(this.input.rule)).map((n) => [n, ANY_SCALAR]));
    const properties = { ...this.keyMembers(true), ...named, ...set };
    const optional = Object.keys(set).length > 0 ? Object.keys({ ...named, ...set }) : [];
    const known = this.input.key.length > 0 || this.columns !== null;
    return { ...object(properties, optional), additionalProperties: !known };
  }

  private keyMembers(wanted: boolean): Record<string, JsonSchema> {
    if (!wanted) return {};
    const shown = this.input.key.filter((c) => !this.dropped(c));
    return Object.fromEntries(shown.map((c) => [this.outputName(c), this.columnSchema(c)]));
  }

  private plainMembers(): Record<string, JsonSchema> {
    const { rule } = this.input;
    const names = this.columns
      ? this.columns.selected().map((i) => this.columns!.column(i).name)
      : rule.include === '*'
        ? Object.keys(rule.columns)
        : rule.include.filter((c) => !rule.exclude.includes(c));
    const shown = names.filter((c) => !this.dropped(c) && !this.grouped.has(this.nameOf(c)));
    return Object.fromEntries(shown.map((c) => [this.outputName(c), this.columnSchema(c)]));
  }

  /** The format's name of a column, by whatever name the rule has; as written where the columns are not known. */
  private nameOf(written: string): string {
    if (this.columns === null) return ordinaryName(written);
    return this.columns.column(this.columns.indexOf(written, 'schema')).name;
  }

  private optionsOf(column: string): RuleOptions['columns'][string] | undefined {
    if (this.columns === null) return entryFor(this.input.rule.columns, column);
    return this.columns.options(this.columns.indexOf(column, 'schema'));
  }

  private dropped(column: string): boolean {
    return this.masks.get(this.nameOf(column))?.is === 'drop';
  }

  private outputName(column: string): string {
    if (this.columns === null) return this.optionsOf(column)?.as ?? ordinaryName(column);
    return this.columns.outputName(this.columns.indexOf(column, 'schema'));
  }

  private keySchema(name: string): JsonSchema {
    return this.columnSchema(name, false);
  }

  private columnSchema(name: string, numbers = true): JsonSchema {
    const o = this.optionsOf(name);
    const about = { ...this.title(name), ...(o?.description ? { description: o.description } : {}) };
    if (this.masks.has(this.nameOf(name))) return { ...about, ...TEXT_OR_NULL };
    if (o?.withTime) return { ...about, ...TEXT_OR_NULL };
    const { meaning } = o ?? {};
    // a field that cannot be decoded is null whatever the column says, hex text under the policy `raw`, or "0"
    const exact = !['raw', 'zero-if-blank'].includes(this.policyOf(name));
    if (meaning?.date) return { ...about, type: ['string', 'null'], ...(exact ? { format: 'date' } : {}) };
    if (meaning?.time || meaning?.timestamp) return { ...about, ...TEXT_OR_NULL };
    if (this.columns === null) return { ...about, ...ANY_SCALAR };
    const column = this.columns.column(this.columns.indexOf(name, 'schema'));
    return { ...about, ...typeSchema(column, numbers && (o?.number ?? false), this.policyOf(name) === 'raw') };
  }

  /** The configuration's word, else that of the partition. */
  private title(name: string): JsonSchema {
    const label = this.columns && this.input.shape?.words?.columns.get(this.nameOf(name));
    const title = this.optionsOf(name)?.title ?? label;
    return title ? { title } : {};
  }

  private policyOf(name: string): string {
    return this.optionsOf(name)?.onError ?? this.input.table.onFieldError;
  }
}

function typeSchema(c: ColumnFormat, number: boolean, raw: boolean): JsonSchema {
  switch (c.type) {
    case 'DECIMAL':
    case 'NUMERIC':
    case 'BIGINT': {
      if (number) return { type: raw ? ['number', 'string', 'null'] : ['number', 'null'] };
      const fraction = c.scale > 0 ? `\\.[0-9]{${c.scale}}` : '';
      return { type: ['string', 'null'], ...(raw ? {} : { pattern: `^-?[0-9]+${fraction}$` }) };
    }
    case 'SMALLINT':
    case 'INTEGER':
      if (c.scale > 0) return { type: number ? ['number', 'null'] : ['string', 'null'] };
      return { type: raw ? ['integer', 'string', 'null'] : ['integer', 'null'] };
    case 'REAL':
    case 'DOUBLE':
      return { type: ['number', 'string', 'null'] };
    case 'DECFLOAT':
      return { type: number ? ['number', 'string', 'null'] : ['string', 'null'] };
    case 'BOOLEAN':
      return { type: raw ? ['boolean', 'string', 'null'] : ['boolean', 'null'] };
    case 'DATE':
      return { type: ['string', 'null'], ...(raw ? {} : { format: 'date' }) };
    case 'BINARY':
    case 'VARBINARY':
    case 'BLOB':
    case 'ROWID':
      return { type: ['string', 'null'], contentEncoding: 'base64' };
    default:
      return TEXT_OR_NULL;
  }
}

export interface SchemaInput {
  readonly table: TableRules;
  readonly rule: RuleOptions;
  readonly type: string;
  readonly op: ChangeOp;
  /** Null: the columns are not known; members are then described by name alone. */
  readonly shape: Omit<FileShape, 'key'> | null;
  readonly key: readonly string[];
}
