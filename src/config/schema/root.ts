/** The whole YAML document. The published JSON Schema is made from this one object. */
import { z } from 'zod';
import { alertsSchema } from './alerts';
import { destinationSchema } from './destination';
import { commandsSchema, httpSchema, journalSchema, partitionSchema, policiesSchema } from './partition';
import { expected, maybe, oneOf, secret, section, tableName, text } from './scalars';
import { tableSchema } from './table';

const tables = z.record(tableName('LIB/TABLE such as ORDLIB/ORDHDR'), tableSchema, {
  error: expected('tables by LIB/TABLE'),
});

export const rootSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors.'),
    version: z.literal(1, { error: expected('1') }).describe('Version of this file format.'),
    partition: partitionSchema,
    state: text.default('state/ibmi-cdc.sqlite').describe('SQLite file with events and checkpoint.'),
    encryption: maybe(z.strictObject({ key: secret.describe('32 bytes as hex or base64.') })).describe(
      'Encrypts payload columns of the state file.',
    ),
    destinations: z
      .record(
        z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,60}$/, { error: expected('a destination name of letters, digits, "_" and "-"') }),
        destinationSchema,
        { error: expected('destinations by name') },
      )
      .refine((d) => Object.keys(d).length > 0, { error: expected('at least one destination') })
      .describe('Where events go, by name. A name is part of the delivery history: renaming starts a new one.'),
    tables: tables
      .refine((t) => Object.keys(t).length > 0, { error: expected('at least one table') })
      .describe('What is captured: files by LIB/TABLE.'),
    profiles: z
      .record(
        z.string(),
        z.record(z.string(), z.unknown().describe('A member of this file.')).describe('One environment.'),
      )
      .optional()
      .describe(
        'Environments by name, each with what differs from the rest of the file; `--profile NAME` lays one over it. Maps are joined, lists and values replaced, null takes away.',
      ),
    policies: section(policiesSchema),
    journal: section(journalSchema),
    http: z
      .union([z.literal('off'), z.literal(false).transform(() => 'off' as const), httpSchema], {
        error: expected('off, or { host, port, token }'),
      })
      .prefault({})
      .describe('Metrics and health; `off` listens nowhere.'),
    alerts: section(alertsSchema),
    commands: section(commandsSchema),
    log: section(
      z.strictObject({
        level: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
          .default('info')
          .describe('What reaches the log; `--log-level` goes before it.'),
      }),
    ).describe('Logging.'),
  })
  .describe('Configuration of ibmi-cdc.');

export type RawConfig = z.output<typeof rootSchema>;

/** For commands that ask the partition which tables there are. */
export const rootWithoutTables = rootSchema.extend({ tables: tables.nullish().transform((t) => t ?? {}) });
