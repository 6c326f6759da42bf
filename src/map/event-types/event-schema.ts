/** JSON Schema of one event type, made of the rule and the record format. What a rule produces validates against it. */

import type { SchemaInput } from './row-schema';
import { ANY_SCALAR, type JsonSchema, object, RowSchema, setOf, TEXT, TEXT_OR_NULL } from './row-schema';

const DIGITS: JsonSchema = { type: ['string', 'null'], pattern: '^[0-9]+$' };
/** Of a row; of `send-test`. */
const EVENT_ID: JsonSchema = { type: 'string', pattern: '^(test_[0-9a-f]{24}|[0-9a-f]{20}-[0-9a-f]+)$' };

/** The schema of the whole body. A template has no schema of ours. */
export function eventSchema(input: SchemaInput): JsonSchema {
  const { rule, type } = input;
  const description = rule.description ?? input.shape?.words?.table ?? '';
  const about = { title: rule.title ?? type, ...(description === '' ? {} : { description }) };
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

function cloudEvent(input: SchemaInput): JsonSchema {
  const { rule, type } = input;
  return object(
    {
      specversion: { const: '1.0' },
      id: EVENT_ID,
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

function plain(input: SchemaInput): JsonSchema {
  const { rule, type } = input;
  return object(
    {
      id: EVENT_ID,
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

function debezium(input: SchemaInput): JsonSchema {
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

const META: JsonSchema = object(
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
    parentRow: object({ state: TEXT, receiver: TEXT_OR_NULL, sequence: TEXT_OR_NULL }),
    test: { const: true },
  },
  ['remoteAddress', 'parentRow', 'test'],
);

interface Rows {
  readonly key: JsonSchema;
  readonly after: JsonSchema;
  readonly before: JsonSchema;
  readonly names: readonly string[] | null;
}

function rowsOf(input: SchemaInput): Rows {
  const { rule, op } = input;
  if (rule.parent) {
    const members = Object.keys(rule.parent.key).map((n) => [n, ANY_SCALAR] as const);
    return {
      key: object(Object.fromEntries(members)),
      after: rule.parent.fetch ? { type: ['object', 'null'] } : { type: 'null' },
      before: { type: 'null' },
      // rules of other children may report to the same parent
      names: null,
    };
  }
  const row = new RowSchema(input);
  const fromDelete = op === 'update' && rule.onDelete.is === 'update';
  return {
    key: row.key(op === 'delete' || fromDelete),
    after:
      op === 'delete' ? { type: 'null' } : orNull(fromDelete ? partial(row.members()) : row.members(), row.keyAlone()),
    before: op === 'insert' || op === 'read' ? { type: 'null' } : orNull(partial(row.members())),
    names: row.names === null ? null : [...row.names, ...(fromDelete ? Object.keys(setOf(rule)) : [])],
  };
}

/** What was last known of a row may be a part of it. */
function partial({ required: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

/** An image the journal does not hold is null; of an event too large for its destinations the key is left. */
function orNull(...schemas: readonly JsonSchema[]): JsonSchema {
  return { anyOf: [...schemas, { type: 'null' }] };
}
