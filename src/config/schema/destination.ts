/** `destinations`: where events go. One entry, one sink: webhook, kafka or stdout. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import {
  cron,
  decimalBetween,
  dottedPath,
  duration,
  durationOr,
  expected,
  fingerprint,
  flag,
  maybe,
  oneOf,
  pauseOr,
  secret,
  section,
  someOr,
  someTimeOr,
  templateOf,
  text,
  whole,
} from './scalars';

const DEFAULT_SCHEDULE = ['0s', '5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h', '24h'];

/** One secret, or one with the one before it while receivers change over. */
const secretPair = {
  secret: secret.describe('The shared secret.'),
  previousSecret: maybe(secret).describe('The secret before: signatures of both are sent until it is taken out.'),
};

const hmac = z
  .strictObject({
    algorithm: oneOf(['sha1', 'sha256', 'sha384', 'sha512'])
      .default('sha256')
      .describe('sha1 is for old receivers only.'),
    encoding: oneOf(['hex', 'HEX', 'base64', 'base64url']).default('hex').describe('HEX is upper case.'),
    header: text.default('X-Signature').describe('Header that carries the signature.'),
    prefix: z.string().default('').describe('Text before it, such as "sha256=".'),
    content: templateOf('{{', ['id', 'timestamp', 'body'])
      .default('{{body}}')
      .describe('What is signed: a template of {{id}}, {{timestamp}} and {{body}}.'),
    timestampHeader: maybe(text).describe('Header that carries the Unix time used in `content`.'),
    idHeader: maybe(text).describe('Header that carries the event id.'),
    secretEncoding: oneOf(['utf8', 'hex', 'base64', 'whsec'])
      .default('utf8')
      .describe('How the secret becomes key bytes.'),
    ...secretPair,
  })
  .describe('Any HMAC scheme.');

const standardWebhooks = z
  .strictObject({
    secret: maybe(secret).describe('whsec_... (base64) for v1, HMAC-SHA256.'),
    previousSecret: maybe(secret).describe('The secret before, during a change-over.'),
    privateKey: maybe(secret).describe('whsk_... or PEM for v1a, Ed25519; may stand beside `secret`.'),
    previousPrivateKey: maybe(secret).describe('The key before, during a change-over.'),
  })
  .refine((s) => s.secret !== null || s.privateKey !== null, { error: expected('secret (v1) or privateKey (v1a)') })
  .describe('Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature.');

const pair = z.strictObject(secretPair);

const signing = z
  .union(
    [
      z.literal('none'),
      z.strictObject({ standardWebhooks }),
      z.strictObject({ hmac }),
      z.strictObject({ stripe: pair.describe('Stripe-Signature: t=..,v1=..') }),
      z.strictObject({ github: pair.describe('X-Hub-Signature-256: sha256=..') }),
      z.strictObject({ shopify: pair.describe('X-Shopify-Hmac-Sha256, base64') }),
      z.strictObject({ slack: pair.describe('X-Slack-Signature: v0=..') }),
      z.strictObject({ celigo: pair.describe('HMAC-SHA256 of the body, hex') }),
    ],
    {
      error: expected(
        'one of standardWebhooks, hmac, stripe, github, shopify, slack, celigo with its secret, or none to send unsigned',
      ),
    },
  )
  .describe('How requests are signed. Unsigned only when spelled out: `none`.');

const clientTls = z
  .strictObject({
    ca: maybe(text).describe('PEM file.'),
    cert: maybe(text).describe('Client certificate, PEM file (mutual TLS).'),
    key: maybe(text).describe('Its private key, PEM file.'),
    passphrase: maybe(secret).describe('Opens the private key.'),
    serverName: maybe(text).describe('Name the certificate must carry, when it is not the host of the URL.'),
    fingerprint: maybe(fingerprint).describe('Pin: SHA-256 of the receiver certificate.'),
  })
  .refine((t) => t.cert === null || t.key !== null, { error: expected('key beside cert'), path: ['key'] })
  .refine((t) => t.key === null || t.cert !== null, { error: expected('cert beside key'), path: ['cert'] })
  .describe('TLS towards this destination.');

const userName = text.regex(/^[^:]*$/, { error: expected('a user name without ":", which ends it in the header') });

const auth = z
  .strictObject({
    basic: maybe(
      z.strictObject(
        { user: userName.describe('User; without a colon.'), password: secret.describe('Password.') },
        { error: expected('{ user: ..., password: ... }') },
      ),
    ).describe('HTTP basic authentication.'),
    bearer: maybe(
      z.union([secret.transform((token) => ({ token })), z.strictObject({ token: secret.describe('The token.') })], {
        error: expected('a token, or { token: ... }'),
      }),
    ).describe('The token, or { token }.'),
    apiKey: maybe(
      z
        .strictObject(
          {
            header: maybe(text).describe('Header that carries the key.'),
            query: maybe(text).describe('Member of the query string that carries it, instead of a header.'),
            value: secret.describe('The key.'),
          },
          { error: expected('{ header: X-Api-Key, value: ... } or { query: key, value: ... }') },
        )
        .refine((k) => (k.header === null) !== (k.query === null), { error: expected('either header or query') }),
    ).describe('A key in a header or in the query string.'),
    bodyToken: maybe(
      z.strictObject(
        { path: dottedPath.describe('Dotted path, such as myAuth.token.'), value: secret.describe('The token.') },
        { error: expected('{ path: myAuth.token, value: ... }') },
      ),
    ).describe('A token inside the body, for receivers that look for it there.'),
    oauth2: maybe(
      z.strictObject({
        tokenUrl: z
          .string({ error: expected('an http(s) URL') })
          .regex(/^https?:\/\/[^\s/]+/, { error: expected('an http(s) URL such as https://login.example.com/token') })
          .describe('Dialled under `privateNetworks` and through `proxy`, as the webhook itself.'),
        clientId: text.describe('Client id.'),
        clientSecret: secret.describe('Its secret.'),
        scope: maybe(text).describe('Scopes asked for, separated by blanks.'),
        audience: maybe(text).describe('Audience asked for, where the authorization server wants one.'),
        authentication: oneOf(['header', 'body']).default('header').describe('Where id and secret travel.'),
        tls: section(clientTls).describe('TLS towards the authorization server.'),
      }),
    ).describe('Client credentials: a token is fetched, kept, and fetched again in time.'),
  })
  .refine((a) => [a.basic, a.bearer, a.oauth2].filter((one) => one !== null).length <= 1, {
    error: expected('one of basic, bearer and oauth2: each of them is the Authorization header'),
  })
  .describe('Authentication beside the signature; several may be combined.');

const retry = z
  .strictObject({
    schedule: z
      .array(duration, { error: expected('a list of durations such as [0s, 5s, 5m]') })
      .min(1, { error: expected('at least one duration') })
      .prefault(DEFAULT_SCHEDULE)
      .describe('Pause before each attempt; its length is the number of attempts.'),
    jitter: decimalBetween(0, 1).default(0.2).describe('Share of the pause that is random.'),
    cap: someTimeOr('24h').describe('Longest single pause, Retry-After included.'),
    transient: z
      .array(z.union([whole(100, 599), oneOf(['network', 'timeout', '4xx', '5xx'])]), {
        error: expected('a list of status codes, 4xx, 5xx, network, timeout'),
      })
      .default([408, 425, 429, '5xx', 'network', 'timeout'])
      .describe('What is worth another attempt; anything else is a dead letter at once.'),
  })
  .describe('Retries.');

const batch = z
  .strictObject({
    mode: oneOf(['event', 'micro', 'scheduled']).default('event').describe('event: one request each, at once.'),
    maxWait: pauseOr('30s').describe('micro: how long the first event may wait.'),
    maxRecords: whole(1, 10_000).default(100).describe('Events in one request, at most.'),
    maxBytes: someOr('5MB').describe('Bytes of events in one request, at most.'),
    schedule: maybe(cron).describe('scheduled: a cron expression such as "0 * * * *".'),
    itemResults: maybe(dottedPath).describe('Dotted path of the array of per-item statuses in the reply.'),
  })
  .refine((b) => b.mode !== 'scheduled' || b.schedule !== null, {
    error: expected('schedule, a cron expression'),
    path: ['schedule'],
  })
  .describe('How many events go in one request.');

const rateLimit = z
  .union(
    [
      oneOf(['celigo']),
      z.strictObject({
        capacity: whole(1, 1_000_000).describe('Requests that may leave at once.'),
        refillPerSecond: decimalBetween(0.001, 1_000_000).describe('Requests a second in the long run.'),
        scope: oneOf(['endpoint', 'host'])
          .default('endpoint')
          .describe('host: destinations of one host and port share the bucket.'),
      }),
    ],
    { error: expected('celigo (1000, 300/s) or { capacity, refillPerSecond }') },
  )
  .describe('Limit of requests as a token bucket. `celigo` is 1000, 300 a second.');

const success = z
  .strictObject({
    status: z
      .array(z.union([whole(200, 299), z.literal('2xx')]), { error: expected('a list of 2xx status codes') })
      .default(['2xx'])
      .describe('Status codes that count.'),
    body: maybe(
      z.strictObject({
        path: dottedPath.describe('Dotted path in the JSON reply.'),
        equals: z.union([z.string(), z.number(), z.boolean()]).describe('Value that must stand there.'),
      }),
    ).describe('A condition on the reply, for receivers that answer 200 with an error inside.'),
  })
  .describe('What counts as delivered; only 2xx ever does.');

const RANGE_OR_ADDRESS = (value: string): boolean => ipaddr.isValid(value) || ipaddr.isValidCIDR(value);

const webhookUrl = z
  .string({ error: expected('an http(s) URL') })
  .regex(/^https?:\/\/[^\s/]+/, { error: expected('an http(s) URL such as https://crm.example.com/hooks/ibmi') })
  .pipe(templateOf('{{', ['type', 'table', 'key']));

const webhookSchema = z
  .strictObject({
    url: webhookUrl.describe('May hold {{type}}, {{table}} and {{key}} in its path.'),
    method: oneOf(['POST', 'PUT', 'PATCH']).default('POST').describe('Method of the request.'),
    headers: z
      .record(
        z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: expected('a header name') }),
        secret.describe('Value of this header.'),
        {
          error: expected('header names with their values'),
        },
      )
      .default({})
      .describe('Static headers; values may be references and are never printed.'),
    signing,
    auth: section(auth),
    tls: section(clientTls),
    timeouts: section(
      z.strictObject({
        connect: pauseOr('10s').describe('Name lookup, TCP and TLS together.'),
        response: pauseOr('30s').describe('From the last byte sent to the last byte of the reply.'),
      }),
    ).describe('Timeouts of one request.'),
    retry: section(retry),
    concurrency: whole(1, 1024).default(32).describe('Requests under way at once.'),
    batch: section(batch),
    rateLimit: maybe(rateLimit).describe('Limit of requests: `celigo`, or a token bucket.'),
    adaptive: flag.default(true).describe('Slow down on 429, 503 and X-RateLimit-Remaining, climb back afterwards.'),
    circuitBreaker: section(
      z.strictObject({
        failures: whole(1, 10_000).default(10).describe('Failures in a row that open the circuit.'),
        probeEvery: pauseOr('30s').describe('Pause between single attempts while it is open.'),
      }),
    ).describe('A destination that fails again and again is asked rarely, and nothing is given up meanwhile.'),
    success: section(success),
    privateNetworks: z
      .union(
        [
          oneOf(['deny', 'allow', 'as-written']),
          z.array(z.string().refine(RANGE_OR_ADDRESS, { error: expected('a range such as 10.1.0.0/16') })).min(1),
        ],
        {
          error: expected('deny, allow, as-written, or a list of ranges such as 10.1.0.0/16'),
        },
      )
      .default('as-written')
      .describe(
        'May the URL lead to loopback, private or link-local addresses? Checked when dialling. as-written: only to the very address, or localhost, that stands in the URL.',
      ),
    proxy: maybe(
      z.string({ error: expected('a proxy URL, or env') }).regex(/^(env$|(https?|socks5):\/\/[^\s/]+)/, {
        error: expected('env, or a URL such as http://proxy.example.com:3128'),
      }),
    ).describe('Proxy URL; `env` reads HTTPS_PROXY and NO_PROXY.'),
    gzip: flag.default(false).describe('Content-Encoding: gzip.'),
    maxResponseBytes: someOr('64KB').describe('A longer reply is cut.'),
  })
  .describe('Signed HTTP requests.');

function isBroker(text: string): boolean {
  const port = Number(/^[^\s:/]+:(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

const kafkaSchema = z
  .strictObject({
    brokers: z
      .array(z.string().refine(isBroker, { error: expected('host:port such as kafka-1:9092') }), {
        error: expected('a list of host:port'),
      })
      .min(1, { error: expected('at least one host:port') })
      .describe('host:port of some brokers; the others are found through them.'),
    topic: templateOf('${', ['table', 'library', 'file', 'type', 'entity', 'partition']).describe(
      'Template: "erp.${table}"; ${table}, ${library}, ${file}, ${type}, ${entity}, ${partition}.',
    ),
    clientId: text.default('ibmi-cdc').describe('Name of this client in the logs and quotas of the brokers.'),
    tls: z
      .union([z.literal('off'), z.literal(false).transform(() => 'off' as const), clientTls], {
        error: expected('off, or { ca, cert, key }'),
      })
      .default('off')
      .describe('TLS to the brokers; `off` is in the clear.'),
    sasl: maybe(
      z.strictObject({
        mechanism: oneOf(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the password is proved.'),
        username: text.describe('User.'),
        password: secret.describe('Password.'),
      }),
    ).describe('Sign-on to the brokers.'),
    headers: z
      .record(z.string().min(1), z.string().describe('Value of this header.'), {
        error: expected('header names with their values'),
      })
      .default({})
      .describe('Headers of every record, beside the ce_ ones.'),
    compression: oneOf(['none', 'gzip']).default('none').describe('Compression of batches.'),
    idempotent: flag.default(true).describe('The brokers drop repeats of one producer session.'),
    exactlyOnce: maybe(
      z.strictObject({
        transactionalId: text.describe('One for each destination; another producer that uses it ends this one.'),
        positionTopic: text.default('ibmi-cdc.positions').describe('Compacted topic that keeps the position.'),
      }),
    ).describe('Records and the last settled outbox position in one Kafka transaction.'),
    tombstones: flag.default(false).describe('After a delete event, a record with the key and no value.'),
    maxRecords: whole(1, 100_000).default(500).describe('Records in one request.'),
    maxBytes: someOr('1MB').describe('Bytes in one request.'),
    maxInFlight: whole(1, 64).default(5).describe('Requests under way at once.'),
    timeouts: section(
      z.strictObject({
        connect: pauseOr('10s').describe('To reach a broker.'),
        request: pauseOr('30s').describe('One request to a broker.'),
      }),
    ).describe('Timeouts.'),
    retry: section(retry),
  })
  .describe('Kafka records.');

const stdoutSchema = z
  .strictObject({
    format: oneOf(['json', 'pretty']).default('json').describe('pretty: for people, over several lines.'),
  })
  .describe('One event a line on standard output.');

export const destinationSchema = z
  .strictObject({
    webhook: maybe(webhookSchema).describe('HTTP requests, signed.'),
    kafka: maybe(kafkaSchema).describe('Records of a Kafka topic.'),
    stdout: maybe(
      z.union([z.literal(true).transform(() => ({ format: 'json' as const })), stdoutSchema], {
        error: expected('true, or { format: json | pretty }'),
      }),
    ).describe('Events on standard output.'),
    maxLag: maybe(duration).describe(
      'How late events may be accepted after their commit; later raises the alert `max-lag`.',
    ),
    lanes: oneOf(['key', 'table', 'strict'])
      .default('key')
      .describe('What is kept in order: events of one trace key, of one table, or all of them.'),
    storePayload: flag
      .default(true)
      .describe('false: keep key and position only, rebuild the event from the journal on retry.'),
    retention: section(
      z.strictObject({
        delivered: durationOr('30d').describe('How long the delivery log keeps settled events.'),
        deadLetters: durationOr('90d').describe('How long dead letters are kept.'),
        maxBytes: someOr('2GB').describe('Bytes kept of settled events; the oldest go first.'),
      }),
    ).describe('What is kept after delivery.'),
    pending: section(
      z.strictObject({
        maxEvents: whole(1, 1_000_000_000).default(5_000_000).describe('Events that wait.'),
        maxBytes: someOr('20GB').describe('Bytes that wait.'),
      }),
    ).describe('A backlog beyond this pauses capture.'),
    payloadLimit: section(
      z.strictObject({
        max: someOr('1MB').describe('A larger event is sent thin, with its recordUrl to fetch the rest.'),
      }),
    ).describe('How large one event may be.'),
  })
  .refine((d) => [d.webhook, d.kafka, d.stdout].filter((s) => s !== null).length === 1, {
    error: expected('exactly one of webhook, kafka, stdout'),
  })
  .describe('One destination.');
