/** JSON Schema of one event type, made of the rule and the record format. What a rule produces validates against it. */

import type { ChangeOp } from '../../model/change';
import { entryFor, findNamed, ordinaryName, sameIdentifier } from '../../model/identifiers';
import type { ColumnFormat, RecordFormat } from '../../model/record-format';
import { RuleColumns } from '../columns';
import type { RuleOptions, TableMapping } from '../options';

export type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };
const ANY_SCALAR: Schema = { type: ['string', 'number', 'boolean', 'null'] };
const DIGITS: Schema = { type: ['string', 'null'], pattern: '^[0-9]+$' };

export interface SchemaInput {
  readonly table: TableMapping;
  readonly rule: RuleOptions;
  readonly type: string;
  readonly op: ChangeOp;
  /** Null: the columns are not known; members are then described by name alone. */
  readonly format: RecordFormat | null;
  readonly key: readonly string[];
}

/** The schema of the whole body. A template has no schema of ours. */
export function eventSchema(input: SchemaInput): Schema {
  const { rule, type } = input;
  const about = { title: rule.title ?? type, ...(rule.description === null ? {} : { description: rule.description }) };
  const base = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...about };
  switch (rule.envelope.is) {
    case 'cloudevents':
      return { ...base, ...cloudEvent(input) };
    case 'plain':
      return { ...base, ...plain(input) };
    case 'debezium':
      return { ...base, ...debezium(input) };
    case 'template':
      return base;
  }
}

function object(properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((p) => !optional.includes(p));
  return { type: 'object', properties, required, additionalProperties: false };
}

function cloudEvent(input: SchemaInput): Schema {
  const { rule, type } = input;
  return object(
    {
      specversion: { const: '1.0' },
      id: { type: 'string', pattern: '^[0-9a-f]{20}-[0-9a-f]+$' },
      type: { const: type },
      source: { type: 'string', format: 'uri-reference' },
      subject: TEXT,
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { const: 'application/json' },
      rule: { const: rule.name },
      eventversion: { const: rule.version },
      tracekey: TEXT,
      recordurl: TEXT,
      thinned: { const: true },
      data: object(data(input), ['raw']),
    },
    ['tracekey', 'recordurl', 'thinned'],
  );
}

function plain(input: SchemaInput): Schema {
  const { rule, type } = input;
  return object(
    {
      id: TEXT,
      type: { const: type },
      source: TEXT,
      subject: TEXT,
      time: { type: 'string', format: 'date-time' },
      rule: { const: rule.name },
      version: { const: rule.version },
      recordUrl: TEXT,
      thinned: { const: true },
      ...data(input),
    },
    ['recordUrl', 'thinned', 'raw'],
  );
}

function debezium(input: SchemaInput): Schema {
  const rows = rowsOf(input);
  const op = { insert: 'c', update: 'u', delete: 'd', read: 'r' }[input.op];
  return object({
    before: rows.before,
    after: rows.after,
    source: { type: 'object' },
    op: { const: op },
    ts_ms: { type: 'integer' },
    transaction: { type: ['object', 'null'] },
  });
}

function data(input: SchemaInput): Record<string, unknown> {
  const rows = rowsOf(input);
  return {
    op: { const: input.op },
    key: rows.key,
    after: rows.after,
    before: rows.before,
    changed: { type: 'array', items: rows.names === null ? TEXT : { enum: rows.names } },
    ...(input.rule.rawImage === 'off' ? {} : { raw: TEXT }),
    meta: META,
  };
}

const META: Schema = object(
  {
    mode: { enum: ['stream', 'backfill', 'window', 'replay', 'reconcile'] },
    table: TEXT,
    journal: TEXT_OR_NULL,
    receiver: TEXT_OR_NULL,
    sequence: DIGITS,
    commitCycle: DIGITS,
    rrn: DIGITS,
    user: TEXT_OR_NULL,
    job: TEXT_OR_NULL,
    program: TEXT_OR_NULL,
    remoteAddress: TEXT,
    attempt: { type: 'integer', minimum: 1 },
    decodeErrors: { type: 'array', items: object({ column: TEXT, code: TEXT, raw: TEXT }) },
  },
  ['remoteAddress'],
);

interface Rows {
  readonly key: Schema;
  readonly after: Schema;
  readonly before: Schema;
  readonly names: readonly string[] | null;
}

function rowsOf(input: SchemaInput): Rows {
  const { rule, op } = input;
  if (rule.parent) {
    const members = Object.keys(rule.parent.key).map((n) => [n, ANY_SCALAR] as const);
    return {
      key: object(Object.fromEntries(members)),
      after: { type: 'null' },
      before: { type: 'null' },
      names: [rule.parent.changed],
    };
  }
  const row = new RowSchema(input);
  const fromDelete = op === 'update' && rule.onDelete.is === 'update';
  return {
    key: row.key(),
    after: op === 'delete' ? { type: 'null' } : orNull(fromDelete ? partial(row.members()) : row.members()),
    before: op === 'insert' || op === 'read' ? { type: 'null' } : orNull(partial(row.members())),
    names: row.names === null ? null : [...row.names, ...(fromDelete ? Object.keys(setOf(rule)) : [])],
  };
}

function setOf(rule: RuleOptions): Readonly<Record<string, unknown>> {
  return rule.onDelete.is === 'update' ? rule.onDelete.set : {};
}

/** What was last known of a row may be a part of it. */
function partial({ required: _, ...schema }: Schema): Schema {
  return schema;
}

/** An image the journal does not hold is null. */
function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

class RowSchema {
  private readonly columns: RuleColumns | null;
  private readonly grouped: ReadonlySet<string>;
  readonly names: readonly string[] | null;

  constructor(private readonly input: SchemaInput) {
    const { format, table, rule } = input;
    this.columns = format && new RuleColumns({ format }, table, rule);
    this.grouped = new Set(
      Object.values(rule.group).flatMap((g) => (g.is === 'array' ? g.columns : Object.values(g.members))),
    );
    this.names = this.columns && [...new Set([...Object.keys(this.plainMembers()), ...Object.keys(rule.group)])];
  }

  key(): Schema {
    const names = this.input.key;
    if (names.length === 0) return this.columns ? object({ rrn: TEXT }) : { type: 'object' };
    return object(Object.fromEntries(names.map((n) => [this.outputName(n), this.columnSchema(n)])));
  }

  /** Thin and changed rows hold a part of the members, so none is required of them. */
  members(): Schema {
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

  private thin(columns: readonly string[]): Schema {
    const named = Object.fromEntries(
      columns.filter((c) => !this.dropped(c)).map((c) => [this.outputName(c), this.columnSchema(c)]),
    );
    const set = Object.fromEntries(Object.keys(setOf(this.input.rule)).map((n) => [n, ANY_SCALAR]));
    const properties = { ...this.keyMembers(true), ...named, ...set };
    const optional = Object.keys(set).length > 0 ? Object.keys({ ...named, ...set }) : [];
    const known = this.input.key.length > 0 || this.columns !== null;
    return { ...object(properties, optional), additionalProperties: !known };
  }

  private keyMembers(wanted: boolean): Record<string, Schema> {
    if (!wanted) return {};
    return Object.fromEntries(this.input.key.map((c) => [this.outputName(c), this.columnSchema(c)]));
  }

  private plainMembers(): Record<string, Schema> {
    const { rule } = this.input;
    const names = this.columns
      ? this.columns.selected().map((i) => this.columns!.column(i).name)
      : rule.include === '*'
        ? Object.keys(rule.columns)
        : rule.include.filter((c) => !rule.exclude.includes(c));
    const shown = names.filter((c) => !this.dropped(c) && ![...this.grouped].some((g) => sameIdentifier(g, c)));
    return Object.fromEntries(shown.map((c) => [this.outputName(c), this.columnSchema(c)]));
  }

  private dropped(column: string): boolean {
    return entryFor(this.input.rule.mask, column)?.is === 'drop';
  }

  private outputName(column: string): string {
    return entryFor(this.input.rule.columns, column)?.as ?? ordinaryName(column);
  }

  private columnSchema(name: string): Schema {
    const { rule } = this.input;
    const o = entryFor(rule.columns, name);
    const about = {
      ...(o?.title ? { title: o.title } : {}),
      ...(o?.description ? { description: o.description } : {}),
    };
    if (entryFor(rule.mask, name)) return { ...about, ...TEXT_OR_NULL };
    if (o?.withTime) return { ...about, ...TEXT_OR_NULL };
    const form = o?.meaning?.date ? 'date' : null;
    // a field that cannot be decoded is null whatever the column says, or hex text under the policy `raw`
    if (form) return { ...about, type: ['string', 'null'], ...(this.mayBeRaw(name) ? {} : { format: form }) };
    if (o?.meaning?.time || o?.meaning?.timestamp) return { ...about, ...TEXT_OR_NULL };
    const index = this.indexOf(name);
    if (!this.columns || index < 0) return { ...about, ...ANY_SCALAR };
    return { ...about, ...typeSchema(this.columns.column(index), o?.number ?? false, this.mayBeRaw(name)) };
  }

  private indexOf(name: string): number {
    const columns = this.columns?.format.columns ?? [];
    const found = findNamed(name, columns, (c) => [c.name]);
    return found ? columns.indexOf(found) : -1;
  }

  private mayBeRaw(name: string): boolean {
    const o = entryFor(this.input.rule.columns, name);
    return (o?.onError ?? this.input.table.onFieldError) === 'raw';
  }
}

function typeSchema(c: ColumnFormat, number: boolean, raw: boolean): Schema {
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
      return c.scale > 0
        ? { type: ['string', 'number', 'null'] }
        : { type: raw ? ['integer', 'string', 'null'] : ['integer', 'null'] };
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
