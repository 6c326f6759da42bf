/** Forms of what requests give. */
import { z } from 'zod';

const INSTANT = { format: 'date-time', examples: ['2026-11-21T08:00:00Z'] };

export function text(what: string, most = 500) {
  return z.string().min(1).max(most).describe(what);
}

/** ISO 8601; milliseconds since 1970 once it is read. */
export function instant(what: string) {
  return z
    .string()
    .max(40)
    .refine((t) => /^\d{4}-\d\d-\d\d/.test(t) && !Number.isNaN(Date.parse(t)), {
      error: 'expected a time such as 2026-11-21T08:00:00Z',
    })
    .meta({ ...INSTANT, description: what })
    .transform((t) => Date.parse(t));
}

function sequence(what: string) {
  return z
    .string()
    .regex(/^\d{1,20}$/, { error: 'expected a sequence number' })
    .describe(what)
    .transform((t) => BigInt(t));
}

/** A whole number of the query, where everything is text. */
export function count(what: string, from: number, to: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: 'expected a whole number' })
    .transform(Number)
    .refine((n) => n >= from && n <= to, { error: `expected ${from} to ${to}` })
    .meta({ type: 'integer', minimum: from, maximum: to, description: what });
}

/** True or false in the query. */
export function flag(what: string) {
  return z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .transform((t) => t === 'true')
    .meta({ type: 'boolean', enum: [true, false], description: what });
}

/** Which stored events are meant: the filters of `trace`, `dlq` and `replay`. */
export const eventFilter = {
  id: z.array(text('An event id.')).min(1).max(500).optional().describe('Event ids.'),
  type: text('Event type, such as order.updated.').optional(),
  table: text('Table, by any of its names.').optional(),
  key: text('Row key or trace key.', 4_000).optional(),
  since: instant('Written to the outbox at or after.').optional(),
  until: instant('Written to the outbox before.').optional(),
  receiver: text('Journal receiver, LIB/NAME.').optional(),
  fromSequence: sequence('First sequence number of the receiver.').optional(),
  toSequence: sequence('Last sequence number of the receiver.').optional(),
};

export const letterFilter = {
  ...eventFilter,
  destination: text('Destination.').optional(),
  reason: text('Reason, such as exhausted or http-422.').optional(),
};

/** @param most items of a page */
export function page(most = 200, usual = 50) {
  return {
    limit: count(`Items of a page, at most; ${usual} if left out.`, 1, most).default(usual),
    after: text('`next` of the page before.').optional(),
  };
}

export const dryRun = z.boolean().default(false).describe('Only count what would be done.');
