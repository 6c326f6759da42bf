/** Parts of answers. Named ones become `components/schemas` of the OpenAPI document. */
import { z } from 'zod';

export const named = z.registry<{ id: string }>();

export function component<T extends z.ZodType>(id: string, schema: T): T {
  named.add(schema, { id });
  return schema;
}

export const time = z.string().meta({ format: 'date-time' });
export const whole = z.number().int();
export const facts = z.record(z.string(), z.unknown());

/** A page of a list. */
export function list<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z
      .string()
      .nullable()
      .describe('`after` of the next page; null behind the last. A page may hold fewer items than asked for, or none.'),
  });
}

component(
  'Problem',
  z
    .object({
      type: z.string().describe('Page of the documentation that explains the code.'),
      title: z.string(),
      status: whole,
      code: z.string().describe('Stable: one of docs/reference/errors.md.'),
      detail: z.string(),
      next: z.string().nullable().describe('The next step.'),
      errors: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
    })
    .describe('An error, RFC 9457.'),
);
