/** `partition`: where the IBM i is and how to sign on. */
import { z } from 'zod';
import {
  durationOr,
  expected,
  fingerprint,
  flag,
  maybe,
  oneOf,
  pause,
  pauseOr,
  secret,
  section,
  text,
  whole,
  zone,
} from './scalars';

const tlsOptions = z
  .strictObject({
    ca: maybe(text).describe('PEM file of the CA that issued the certificate, relative to this file.'),
    fingerprint: maybe(fingerprint).describe('Pin: SHA-256 of the server certificate; replaces the CA check.'),
    serverName: maybe(text).describe('Name the certificate must carry, when it is not `host`.'),
    minVersion: oneOf(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('Oldest version accepted.'),
    ciphers: maybe(text).describe('OpenSSL cipher list, for partitions with a policy of their own.'),
  })
  .describe('TLS options.');

/** `tls: off` must be spelled out; leaving `tls` away means TLS with the CAs of the operating system. */
const tls = z
  .union([z.literal('off'), z.literal(false).transform(() => 'off' as const), tlsOptions], {
    error: expected('off, or { ca, fingerprint, serverName, minVersion, ciphers }'),
  })
  .prefault({})
  .describe('TLS to the host servers (ports 9471, 9476). `off` uses 8471 and 8476 in the clear.');

export const partitionSchema = z
  .strictObject({
    name: z
      .string({ error: expected('a name for this partition, such as PROD1') })
      .regex(/^[A-Za-z0-9_-]{1,40}$/, { error: expected('1 to 40 letters, digits, "_" or "-", such as PROD1') })
      .describe('Part of every event id: never change it once events have been sent.'),
    host: text.describe('Host name or address.'),
    port: maybe(whole(1, 65535)).describe('Database host server; 9471 with TLS, 8471 without.'),
    signonPort: maybe(whole(1, 65535)).describe('Sign-on server; 9476 with TLS, 8476 without.'),
    commandPort: maybe(whole(1, 65535)).describe('Remote command server; 9475 with TLS, 8475 without.'),
    user: text.describe('User profile.'),
    password: secret.describe('Password: a reference such as ${file:secrets/ibmi-password}.'),
    transport: oneOf(['hostserver', 'jt400', 'odbc']).default('hostserver').describe('How SQL reaches the partition.'),
    tls,
    odbc: maybe(
      z.strictObject({
        driver: maybe(text).describe('Driver name as in odbcinst.ini.'),
        connectionString: maybe(secret).describe('A whole ODBC connection string; replaces host, user and password.'),
      }),
    ).describe('Only for `transport: odbc`.'),
    timeouts: section(
      z.strictObject({
        connect: pauseOr('10s').describe('TCP and TLS.'),
        signOn: pauseOr('30s').describe('Sign-on and start of the server job.'),
        query: pauseOr('2m').describe('One request to the database server.'),
        idle: pauseOr('10m').describe('Connection without any request.'),
      }),
    ).describe('Timeouts.'),
    timeZone: maybe(zone).describe(
      'IANA zone of the partition clock, such as Europe/Berlin. Without it the offset reported at connect is used.',
    ),
    ccsid: maybe(whole(1, 65534)).describe('CCSID of columns tagged 65535 that hold text.'),
    budget: section(
      z.strictObject({
        quietHours: z
          .array(
            z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
              error: expected('a span such as 01:00-05:30'),
            }),
            {
              error: expected('a list of spans such as 01:00-05:30'),
            },
          )
          .default([])
          .describe('Spans of the day in which backfills stand still; clock of `timeZone`, else of this machine.'),
      }),
    ).describe('What we may cost the partition.'),
    passwordWarnDays: whole(0, 365).default(14).describe('Warn this many days before the password expires.'),
  })
  .describe('The IBM i to read from.');

export const journalSchema = z
  .strictObject({
    reader: oneOf(['auto', 'api', 'sql'])
      .default('auto')
      .describe('How entries are read: by the retrieve API (remote command server) or by SQL (DISPLAY_JOURNAL).'),
    pollInterval: maybe(pause).describe('Pause between looks at an idle journal; 1s by SQL, 200ms by the API.'),
    maxPollInterval: maybe(pause).describe('Longest pause after a long quiet time; 5s by SQL, 200ms by the API.'),
    blockBytes: whole(4096, 16_000_000).default(1_000_000).describe('Size of one reply, bytes.'),
    maxEntriesPerRead: whole(1, 10_000_000).default(1_000_000).describe('Sequence numbers asked for in one read.'),
    sideBySide: oneOf(['auto', 'always', 'never'])
      .default('auto')
      .describe('By the API: whether a backlog is read by several jobs; auto does where it was measured to pay.'),
    catchUpJobs: whole(2, 8).default(4).describe('How many jobs that are.'),
    filter: oneOf(['auto', 'server', 'client']).default('auto').describe('Where entries of other files are dropped.'),
    heldEntries: whole(1000, 100_000_000)
      .default(50_000)
      .describe('Entries of open commit cycles kept in memory; more go to the state file.'),
    checkpointInterval: pauseOr('5s').describe('Longest time a position stays unwritten while nothing is captured.'),
    orphanCycle: pauseOr('24h').describe('A commit cycle without news for this long is reported.'),
  })
  .describe('Tuning of the journal reader.');

/** Also said of one table. */
export const clearedPolicy = oneOf(['notice', 'pause', 'delete']);

export const policiesSchema = z
  .strictObject({
    positionLost: oneOf(['stop', 'earliest', 'latest', 'backfill'])
      .default('stop')
      .describe(
        'When entries we still need are proved gone: stop (exit 4), go on from the oldest or newest, or backfill.',
      ),
    start: oneOf(['latest', 'earliest']).default('latest').describe('Where a new state file starts reading.'),
    schemaDrift: oneOf(['continue', 'warn', 'pause']).default('warn').describe('A record format changed.'),
    unseenChanges: oneOf(['alert', 'pause', 'backfill'])
      .default('alert')
      .describe('Rows changed without entries: journaling ended, file restored, renamed, deleted.'),
    cleared: clearedPolicy
      .default('notice')
      .describe(
        'All rows of a file were cleared at once (CLRPFM, TRUNCATE): a notice, pause the table as well, or a delete for each key that was sent.',
      ),
    tableMissing: oneOf(['warn', 'stop']).default('warn').describe('A configured table cannot be captured.'),
  })
  .describe('What to do when there is a choice.');

export const httpSchema = z
  .strictObject({
    host: text.default('127.0.0.1').describe('Address to listen on.'),
    port: maybe(whole(0, 65535)).describe('0 takes any free port; left out: 9474, or any other if that is taken.'),
    token: maybe(secret).describe('Bearer token asked for by everything but /healthz and /readyz.'),
    metrics: flag.default(true).describe('/metrics for Prometheus.'),
    stalledAfter: pauseOr('2m').describe('/healthz turns red when the position has not moved for this long.'),
  })
  .describe('Metrics and health over HTTP.');

export const commandsSchema = z
  .strictObject({
    timeout: pauseOr('10s').describe('Longest run of a program.'),
    cache: durationOr('5m').describe('How long its answer is used before it is run again.'),
  })
  .describe('Programs of ${command:...} references.');
