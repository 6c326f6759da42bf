/** Forms of how everything stands: status, journals, tables, destinations, charts. */
import { z } from 'zod';
import { alert } from './alerts';
import { component, facts, time, whole } from './parts';

const trouble = z.object({ since: time, why: z.string(), nextAttempt: time }).nullable();

export const journal = component(
  'Journal',
  z.object({
    journal: z.string(),
    read: z.string().describe('LIB/RECEIVER:SEQUENCE of the last entry dealt with.'),
    resume: z.string().describe('Where a restart begins.'),
    openCycles: whole,
    checkpointAt: time,
    checkpointAgeSeconds: whole,
    behind: z.string().nullable().describe('Entries behind the end of the journal; null while it is not known.'),
    asOf: time.nullable(),
    ageSeconds: whole.nullable(),
    stale: z.boolean(),
    lastBehind: z.string().nullable(),
    positionGone: z.boolean(),
    hoursToDataLoss: z.number().nullable(),
    retentionHours: z.number().nullable(),
    writtenPerSecond: z.number().nullable(),
    readPerSecond: z.number().nullable(),
    reader: z.string().nullable().describe('`api` or `sql`; null before the first look.'),
    readerBecause: z.string().nullable(),
    filteredBy: z.string().nullable(),
    filter: facts.nullable(),
  }),
);

export const receivers = component(
  'Receivers',
  z.object({
    journal: z.string(),
    read: z.string(),
    resume: z.string(),
    receivers: z
      .array(
        z.object({
          receiver: z.string(),
          status: z.string(),
          first: z.string(),
          last: z.string(),
          entries: z.string().nullable(),
          attachedAt: z.string().describe('Clock of the partition.'),
          detachedAt: z.string().nullable(),
          sizeKb: z.string().nullable(),
          here: z.boolean().describe('We read in it.'),
          restart: z.boolean().describe('A restart begins in it.'),
          neededFor: z
            .enum(['attached', 'position', 'payloads', 'replay'])
            .nullable()
            .describe('Why it must stay; null: nothing of this daemon needs it any more.'),
        }),
      )
      .describe('Oldest first.'),
  }),
);

const windowStatus = z.object({
  table: z.string(),
  complete: z.boolean(),
  upTo: z.string().nullable(),
  rows: whole,
});

const backfillStatus = z.object({
  backfill: whole,
  table: z.string(),
  state: z.string(),
  rowsRead: whole,
  total: whole.nullable(),
  message: z.string().nullable(),
});

const replayStatus = z.object({
  replay: whole,
  journal: z.string(),
  state: z.string(),
  entries: whole,
  events: whole,
  deliveries: whole,
  message: z.string().nullable(),
});

const reconcileStatus = z.object({
  table: z.string(),
  state: z.string(),
  at: time,
  rows: whole,
  total: whole.nullable(),
  different: whole,
  missing: whole,
  extra: whole,
  repaired: whole,
  message: z.string().nullable(),
});

const pausedTable = z.object({
  table: z.string(),
  reason: z.string(),
  at: z.string().nullable(),
  heldAt: time,
  deliveries: whole,
});

const unseenChanges = z.object({
  table: z.string(),
  reason: z.string(),
  from: z.string(),
  until: z.string().nullable(),
  since: time,
  text: z.string(),
  next: z.array(z.string()),
});

const quarantined = z.object({
  table: z.string(),
  mode: z.string(),
  code: z.string(),
  count: whole,
  lastPlace: z.string(),
  firstAt: time,
  lastAt: time,
});

const standing = {
  failing: trouble.describe('Nothing was accepted since.'),
  denied: trouble.describe('It refuses our credentials since.'),
  pacedUntil: time.nullable(),
  pacedBecause: z.string().nullable(),
  answerMs: z.object({ p50: z.number(), p95: z.number(), requests: whole }).nullable(),
};

const disabled = z.object({ since: time, why: z.string() }).nullable();

const check = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });

export const status = component(
  'Status',
  z.object({
    version: z.string(),
    partition: z.string(),
    role: z.enum(['active', 'standby']),
    leader: z.string().nullable(),
    health: z.object({
      ok: z.boolean(),
      ready: z.boolean(),
      checks: z.array(check),
      warnings: z.array(z.object({ name: z.string(), detail: z.string() })),
    }),
    daemon: z.object({ running: z.boolean() }),
    alerts: z.array(alert),
    state: z.object({
      file: z.string(),
      identity: z.string(),
      incarnation: z.string().nullable(),
      openedAt: time.nullable(),
      found: z.string().nullable(),
      fullSince: time.nullable(),
    }),
    journals: z.array(journal),
    windows: z.array(windowStatus),
    backfills: z.array(backfillStatus),
    replays: z.array(replayStatus),
    reconciles: z.array(reconcileStatus),
    destinations: z.array(
      z.object({
        destination: z.string(),
        disabled,
        pending: whole,
        waitingLanes: whole,
        held: whole,
        deadLetters: whole,
        oldestPending: time.nullable(),
        ...standing,
      }),
    ),
    pausedTables: z.array(pausedTable),
    unseenChanges: z.array(unseenChanges),
    credentials: z.array(z.object({ path: z.string(), detail: z.string() })),
    quarantined: z.array(quarantined),
  }),
);

const rule = z.object({
  name: z.string(),
  events: z.array(z.string()),
  title: z.string().nullable(),
  to: z.array(z.string()),
  when: z.string().nullable(),
  whenChanged: z.array(z.string()).nullable(),
  onDelete: z.string(),
  payload: z.string(),
  envelope: z.string(),
  masked: z.array(z.string()).describe('Members that are masked, here as in the events.'),
  version: z.string(),
});

const tableShape = {
  table: z.string(),
  file: z.string().describe('As its events have it.'),
  capture: z.enum(['journal', 'window']),
  key: z.array(z.string()).nullable(),
  owner: z.string().nullable(),
  remember: z.boolean(),
  rules: z.array(rule),
  paused: pausedTable.nullable(),
  unseenChanges: unseenChanges.nullable(),
  window: windowStatus.nullable(),
  backfills: z.array(backfillStatus),
  reconciles: z.array(reconcileStatus),
  quarantined: z.array(quarantined),
};

export const table = component('Table', z.object(tableShape));

export const wholeTable = component(
  'WholeTable',
  z.object({
    ...tableShape,
    formats: z.array(
      z.object({
        id: z.string(),
        from: z.string().nullable(),
        until: z.string().nullable(),
        columns: z.array(
          z.object({
            name: z.string(),
            type: z.string(),
            length: z.number().nullable(),
            scale: z.number().nullable(),
            ccsid: z.number().nullable(),
            nullable: z.boolean(),
          }),
        ),
      }),
    ),
    counted: z
      .object({
        eventsWritten: z.number(),
        filtered: z.record(z.string(), z.number()).describe('By rule and clause.'),
        quarantined: z.record(z.string(), z.number()).describe('By code.'),
        decodeErrors: z.record(z.string(), z.number()).describe('By column.'),
      })
      .describe('Since the daemon started.'),
  }),
);

export const destination = component(
  'Destination',
  z.object({
    name: z.string(),
    configured: z.boolean(),
    kind: z.string().nullable(),
    address: z.string().nullable().describe('Host, or brokers.'),
    lanes: z.string().nullable(),
    storePayload: z.boolean().nullable(),
    pending: whole,
    waitingLanes: whole,
    held: whole,
    deadLetters: whole,
    oldestPending: time.nullable(),
    disabled,
    ...standing,
    answered: z
      .object({ attempts: whole, accepted: whole })
      .describe('Attempts since the daemon started, and those that were accepted.'),
    courier: z
      .object({ state: z.string(), breaker: z.string(), inFlight: whole, inMemory: whole })
      .nullable()
      .describe('What the daemon has of it in memory.'),
    secrets: z
      .array(z.object({ path: z.string(), source: z.string(), changedAt: time.nullable(), ageDays: whole.nullable() }))
      .optional()
      .describe('For admins alone.'),
  }),
);

export const recordNow = component(
  'Record',
  z.object({
    table: z.string(),
    rule: z.string(),
    asOf: z.string(),
    key: facts,
    row: facts.nullable(),
    decodeErrors: z.array(z.unknown()),
  }),
);
