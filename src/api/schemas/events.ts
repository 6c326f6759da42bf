/** Forms of events, dead letters and what was traced. */
import { z } from 'zod';
import { component, facts, time, whole } from './parts';

const attempt = z.object({
  destination: z.string(),
  attempt: whole,
  at: time,
  ms: z.number(),
  outcome: z.string(),
  status: whole.nullable(),
  batch: whole,
  error: z.string().nullable(),
  request: z.string().nullable().describe('Headers as sent, credentials masked.'),
  signature: z.string().nullable(),
  response: z.string().nullable(),
});

const deliveryState = z.object({
  destination: z.string(),
  state: z.enum(['delivered', 'pending', 'waiting', 'held', 'dead']),
  attempts: whole,
  dueAt: time.nullable(),
  heldBy: z.string().nullable(),
  disabledBy: z.string().nullable(),
});

const lifeShape = {
  id: z.string(),
  type: z.string(),
  table: z.string(),
  rule: z.string(),
  key: z.string(),
  traceKey: z.string(),
  journal: z.string().nullable(),
  receiver: z.string().nullable(),
  sequence: z.string().nullable(),
  entryAt: z.string(),
  writtenAt: time,
  destinations: z.array(deliveryState),
};

export const listedEvent = component(
  'Event',
  z.object({ ...lifeShape, attempts: z.array(attempt).optional().describe('With `attempts=true`.') }),
);

const eventShape = {
  ...lifeShape,
  attempts: z.array(attempt),
  version: z.string(),
  contentType: z.string(),
  recordUrl: z.string().nullable(),
  tombstone: z.boolean(),
  damaged: z.boolean(),
  bodyBytes: whole,
  body: z.unknown().describe('As it was sent, masks included; null where it is not stored or was not asked for.'),
};

export const wholeEvent = component(
  'WholeEvent',
  z.object({
    ...eventShape,
    others: z.array(z.object(eventShape)).describe('The same event with another body, for other destinations.'),
  }),
);

const side = z
  .object({ hex: z.string().describe('At most 64 bytes.'), value: z.string(), error: z.string().nullable() })
  .nullable();

const imageField = z.object({
  column: z.string(),
  type: z.string(),
  offset: whole,
  width: whole,
  concealed: z.enum(['masked', 'not in the event']).nullable().describe('Why neither bytes nor value are shown.'),
  changed: z.boolean(),
  before: side,
  after: side,
});

export const entryImage = component(
  'EntryImage',
  z.object({
    table: z.string(),
    op: z.string(),
    format: z.string().describe('Id of its record format, as `/v1/tables` has it.'),
    user: z.string(),
    job: z.string(),
    program: z.string(),
    commitCycle: z.string().nullable(),
    rrn: z.string(),
    hasBefore: z.boolean(),
    fields: z.array(imageField),
  }),
);

export const triedMapping = component(
  'TriedMapping',
  z.object({
    table: z.string(),
    op: z.string(),
    hasBefore: z.boolean(),
    fields: z.array(imageField),
    rules: z.array(
      z.object({
        rule: z.string(),
        outcome: z.enum(['mapped', 'filtered', 'refused']),
        says: z.string(),
        events: z.array(
          z.object({ type: z.string(), key: z.string(), destinations: z.array(z.string()), body: z.unknown() }),
        ),
      }),
    ),
  }),
);

export const sentRequest = component(
  'SentRequest',
  z.object({
    at: time,
    ms: z.number(),
    status: whole.nullable(),
    events: whole.describe('Events in the request.'),
    outcomes: z.record(z.string(), whole).describe('How many of them were `delivered`, `retry`, `dead`.'),
    error: z.string().nullable(),
    request: z.string().nullable().describe('Headers as sent, credentials masked.'),
    signature: z.string().nullable(),
    response: z.string().nullable(),
    ids: z.array(z.string()).describe('Of its first events, as far as they are stored.'),
  }),
);

const letterShape = {
  no: whole,
  destination: z.string(),
  reason: z.string(),
  message: z.string(),
  status: whole.nullable(),
  attempts: whole,
  firstAt: time.nullable(),
  deadAt: time,
  id: z.string(),
  type: z.string(),
  table: z.string(),
  key: z.string(),
  traceKey: z.string(),
  time: z.string(),
  receiver: z.string().nullable(),
  sequence: z.string().nullable(),
  recordUrl: z.string().nullable(),
};

export const letter = component('DeadLetter', z.object(letterShape));

export const wholeLetter = component(
  'WholeDeadLetter',
  z.object({
    ...letterShape,
    response: z.string().nullable(),
    attemptsLog: z.array(attempt),
    body: z.unknown(),
  }),
);

export const retried = z.object({
  queued: whole.describe('Letters queued again, or to be queued.'),
  dryRun: z.boolean(),
});
export const dropped = z.object({ dropped: whole.describe('Letters dropped, or to be dropped.'), dryRun: z.boolean() });

const story = facts;
export const trace = component(
  'Trace',
  z.object({
    lives: z.array(z.object({ ...lifeShape, attempts: z.array(attempt) })),
    fates: z
      .array(
        z.object({
          journal: z.string(),
          receiver: z.string(),
          fromSequence: z.string(),
          toSequence: z.string(),
          fate: z.string(),
        }),
      )
      .describe('Of the entries that were asked for by number.'),
    searched: z
      .object({ key: z.string(), span: z.string(), depth: z.string(), limit: whole })
      .nullable()
      .describe('What was looked for in the journals; null where they were not asked.'),
    found: z
      .object({ journals: z.array(story), without: z.array(z.object({ table: z.string(), why: z.string() })) })
      .nullable(),
    notAsked: z
      .object({ code: z.string(), message: z.string(), next: z.string().nullable() })
      .nullable()
      .describe('Why the partition could not be asked.'),
    ledger: z.array(
      z.object({
        journal: z.string(),
        upTo: z.string(),
        depth: z.string(),
        fates: z.array(z.object({ fate: z.string(), entries: z.string() })),
      }),
    ),
  }),
);
