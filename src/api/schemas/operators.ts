/** Forms of what operators do: jobs, pauses, tokens, their log. */
import { z } from 'zod';
import { ROLES } from '../../operators/role';
import { component, facts, time, whole } from './parts';

export const backfill = component(
  'Backfill',
  z.object({
    id: whole,
    table: z.string(),
    state: z.string(),
    column: z.string().nullable(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    where: z.string().nullable(),
    total: whole.nullable(),
    createdAt: time,
    message: z.string().nullable(),
    figures: z.record(z.string(), whole),
  }),
);

export const backfillAsked = z.union([backfill, z.object({ table: z.string(), rows: whole, dryRun: z.literal(true) })]);

export const loggedAction = component(
  'LoggedAction',
  z.object({
    no: whole,
    when: time,
    who: z.string(),
    via: z.enum(['cli', 'api', 'console']),
    from: z.string().nullable(),
    what: z.string(),
    scope: facts,
    result: z.enum(['done', 'refused', 'failed', 'begun']),
    facts,
    endedAt: time.nullable(),
  }),
);

export const series = component(
  'Series',
  z.object({
    metric: z.string(),
    type: z.enum(['counter', 'gauge']),
    unit: z.string(),
    from: time,
    until: time,
    stepSeconds: whole,
    series: z.array(z.object({ labels: z.record(z.string(), z.string()), values: z.array(z.number().nullable()) })),
    omitted: whole,
  }),
);

const tokenShape = { name: z.string(), role: z.enum(ROLES), expiresAt: time.nullable() };
export const token = component('Token', z.object({ ...tokenShape, createdAt: time, usedAt: time.nullable() }));
export const newToken = component('NewToken', z.object({ ...tokenShape, token: z.string() }));
export const session = component('Session', z.object({ name: z.string(), role: z.enum(ROLES), via: z.string() }));

export const pausedTableNow = z.object({ table: z.string(), reason: z.string(), already: z.boolean() });
export const pausedDestinationNow = z.object({ destination: z.string(), why: z.string(), already: z.boolean() });
export const resumedTable = z.union([
  z.object({ table: z.string(), drop: z.boolean(), deliveries: whole }),
  z.object({ table: z.string(), acceptedGap: z.string() }),
]);
export const resumedDestination = z.object({ destination: z.string(), deliveries: whole });

export const stopped = component(
  'Stopped',
  z.object({
    tables: z.array(
      z.object({
        table: z.string(),
        reason: z.string(),
        heldAt: time,
        receiver: z.string().nullable(),
        sequence: z.string().nullable(),
        deliveries: whole,
      }),
    ),
    destinations: z.array(z.object({ destination: z.string(), since: time, why: z.string(), deliveries: whole })),
    unconfigured: z.array(z.object({ destination: z.string(), deliveries: whole })),
  }),
);

export const testReport = z.object({
  delivered: z.boolean(),
  destination: z.string(),
  to: z.string(),
  id: z.string(),
  type: z.string(),
  sample: z.string(),
  status: whole.nullable(),
  ms: z.number(),
  signature: z.array(z.string()),
  response: z.string().nullable(),
  why: z.string().nullable(),
});

const replayFigures = z.object({
  entries: whole,
  changes: whole,
  events: whole,
  stored: whole,
  deliveries: whole,
  filtered: whole,
  quarantined: whole,
  incomplete: whole,
  ahead: whole,
});
const gone = z.array(z.object({ receiver: z.string(), why: z.string() }));

export const replayJob = component(
  'Replay',
  z.object({
    id: whole,
    journal: z.string(),
    tables: z.array(z.string()).nullable(),
    to: z.array(z.string()),
    state: z.string(),
    figures: replayFigures,
    gone: gone.describe('Receivers of the range that no longer hold their entries.'),
    message: z.string().nullable(),
    createdAt: time,
  }),
);

export const replayed = z.object({
  queued: whole.describe(
    'Deliveries queued; with `dryRun` stored events that match. 0 out of the journal: see `jobs`.',
  ),
  dryRun: z.boolean(),
  jobs: z.array(replayJob).optional().describe('Out of the journal: what the daemon now works on, one a journal.'),
  found: z
    .array(replayFigures.extend({ journal: z.string(), state: z.string(), queued: whole, gone }))
    .optional()
    .describe('Out of the journal with `dryRun`: what would be queued.'),
});

export const debugCapture = component(
  'DebugCapture',
  z.object({
    debug: whole.describe('Its number.'),
    destination: z.string().nullable(),
    table: z.string().nullable(),
    state: z.enum(['running', 'ended by time', 'ended by size', 'stopped']),
    since: time,
    until: time,
    exchanges: whole,
    bytes: whole,
    maxBytes: whole,
    cut: whole.describe('Exchanges of which a body was cut.'),
  }),
);

export const debugPage = z.object({
  capture: debugCapture,
  items: z
    .array(facts)
    .describe('Exchanges: request and answer as on the wire, credentials and masked columns masked.'),
  next: z.string().nullable().describe('Where to go on; null where nothing is behind it now.'),
});
