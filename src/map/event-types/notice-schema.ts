/** The events that are not about a row: one schema a kind, whatever the table. */
import { type JsonSchema, object, TEXT, TEXT_OR_NULL } from './row-schema';

const FACT: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

export function noticeSchema(kind: string): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind,
    ...object({
      specversion: { const: '1.0' },
      id: { type: 'string', pattern: '^(test_[0-9a-f]{24}|[0-9a-f-]+)$' },
      type: { const: kind },
      source: { type: 'string', format: 'uri-reference' },
      subject: { type: 'string', pattern: '^\\*' },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { const: 'application/json' },
      rule: { const: 'notice' },
      eventversion: { const: '1' },
      data: object({ notice: { type: 'object', additionalProperties: FACT }, meta: META }),
    }),
  };
}

const META: JsonSchema = object(
  {
    mode: { enum: ['stream', 'window', 'reconcile'] },
    table: TEXT,
    member: TEXT,
    journal: TEXT_OR_NULL,
    receiver: TEXT_OR_NULL,
    sequence: { type: ['string', 'null'], pattern: '^[0-9]+$' },
    user: TEXT_OR_NULL,
    job: TEXT_OR_NULL,
    program: TEXT_OR_NULL,
    attempt: { type: 'integer', minimum: 1 },
    test: { const: true },
  },
  ['test'],
);
