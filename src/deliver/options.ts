/** What delivery needs to know, as normalised from `destinations` of the YAML. Durations in milliseconds, sizes in bytes. */
import type { SecretText, Signing, StaticCredentials } from '../signatures/options';

export interface OAuth2Options {
  /** Dialled under the same {@link PrivateNetworks} as the webhook; `as-written` then speaks of this URL's own host. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: SecretText;
  readonly scope: string | null;
  readonly audience: string | null;
  readonly authentication: 'header' | 'body';
  /** Towards the authorization server. */
  readonly tls: ClientTls;
}

export interface AuthOptions extends StaticCredentials {
  readonly oauth2: OAuth2Options | null;
}

/** Files are PEM. */
export interface ClientTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly passphrase: SecretText | null;
  readonly serverName: string | null;
  /** SHA-256 of the receiver's certificate, hex with or without colons. */
  readonly fingerprint: string | null;
}

export interface RetryOptions {
  /** Pause before each attempt; its length is the number of attempts. */
  readonly schedule: readonly number[];
  /** Share of the pause that is random, 0..1. */
  readonly jitter: number;
  /** Longest single pause, also of those that a receiver asks for. */
  readonly cap: number;
  readonly transient: readonly (number | 'network' | 'timeout' | '4xx' | '5xx')[];
}

export interface BatchOptions {
  readonly mode: 'event' | 'micro' | 'scheduled';
  readonly maxWait: number;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Cron expression of `scheduled`. */
  readonly schedule: string | null;
  /** Dotted path of the array of per-item statuses in the reply. */
  readonly itemResults: string | null;
}

export type RateLimit =
  | 'celigo'
  | { readonly capacity: number; readonly refillPerSecond: number; readonly scope: 'endpoint' | 'host' };

export interface BreakerOptions {
  /** Failures in a row, over several lanes, that open the circuit. */
  readonly failures: number;
  readonly probeEvery: number;
}

/**
 * May the URL lead to loopback, private or link-local addresses? `as-written`: only to the very address or `localhost`
 * that stands in the URL, never by way of a name or a template. A list allows these ranges, e.g. `10.1.0.0/16`.
 */
export type PrivateNetworks = 'deny' | 'allow' | 'as-written' | readonly string[];

export interface WebhookOptions {
  /** May hold `{{type}}`, `{{table}}`, `{{key}}` in path and query. A secret: only its origin is ever shown. */
  readonly url: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, SecretText>>;
  readonly signing: Signing;
  readonly auth: AuthOptions;
  readonly tls: ClientTls;
  readonly timeouts: { readonly connect: number; readonly response: number };
  readonly retry: RetryOptions;
  readonly concurrency: number;
  readonly batch: BatchOptions;
  readonly rateLimit: RateLimit | null;
  readonly adaptive: boolean;
  readonly circuitBreaker: BreakerOptions;
  readonly success: {
    readonly status: readonly (number | '2xx')[];
    readonly body: { readonly path: string; readonly equals: string | number | boolean } | null;
  };
  readonly privateNetworks: PrivateNetworks;
  /** Proxy URL, or `env` for HTTPS_PROXY and NO_PROXY. For the token URL of `oauth2` too. */
  readonly proxy: string | null;
  readonly gzip: boolean;
  readonly maxResponseBytes: number;
}

export interface KafkaOptions {
  readonly brokers: readonly string[];
  /** Template: `${table}`, `${library}`, `${file}`, `${type}`, `${entity}`, `${partition}`. */
  readonly topic: string;
  readonly clientId: string;
  readonly tls: 'off' | ClientTls;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: SecretText;
  } | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly idempotent: boolean;
  readonly exactlyOnce: { readonly transactionalId: string; readonly positionTopic: string } | null;
  readonly tombstones: boolean;
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly maxInFlight: number;
  readonly timeouts: { readonly connect: number; readonly request: number };
  readonly retry: RetryOptions;
}

export interface StdoutOptions {
  readonly format: 'json' | 'pretty';
}

/** How a destination's queue is served, whatever its sink. */
export interface ServeOptions {
  readonly retry: RetryOptions;
  /** Requests under way at once, each with its own lanes. */
  readonly concurrency: number;
  readonly batch: BatchOptions;
  readonly rateLimit: RateLimit | null;
  /** Host whose bucket is shared with other destinations. */
  readonly host: string | null;
  readonly adaptive: boolean;
  readonly circuitBreaker: BreakerOptions;
  /** Milliseconds after which an answer counts as none; null where there is no such limit. */
  readonly timeout: number | null;
}

const STANDARD_SCHEDULE: readonly number[] = [
  0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
];

export const RETRY_DEFAULTS: RetryOptions = {
  schedule: STANDARD_SCHEDULE,
  jitter: 0.2,
  cap: 86_400_000,
  transient: [408, 425, 429, '5xx', 'network', 'timeout'],
};

export const BATCH_DEFAULTS: BatchOptions = {
  mode: 'event',
  maxWait: 30_000,
  maxRecords: 100,
  maxBytes: 5_000_000,
  schedule: null,
  itemResults: null,
};

export const NO_AUTH: AuthOptions = { basic: null, bearer: null, apiKey: null, bodyToken: null, oauth2: null };
export const NO_TLS: ClientTls = {
  ca: null,
  cert: null,
  key: null,
  passphrase: null,
  serverName: null,
  fingerprint: null,
};

/** A webhook with every default; `url` and `signing` are what a person must say. */
export function webhookOptions(
  given: Partial<WebhookOptions> & Pick<WebhookOptions, 'url' | 'signing'>,
): WebhookOptions {
  return {
    method: 'POST',
    headers: {},
    auth: NO_AUTH,
    tls: NO_TLS,
    timeouts: { connect: 10_000, response: 30_000 },
    retry: RETRY_DEFAULTS,
    concurrency: 32,
    batch: BATCH_DEFAULTS,
    rateLimit: null,
    adaptive: true,
    circuitBreaker: { failures: 10, probeEvery: 30_000 },
    success: { status: ['2xx'], body: null },
    privateNetworks: 'as-written',
    proxy: null,
    gzip: false,
    maxResponseBytes: 65_536,
    ...given,
  };
}

export function kafkaOptions(given: Partial<KafkaOptions> & Pick<KafkaOptions, 'brokers' | 'topic'>): KafkaOptions {
  return {
    clientId: 'ibmi-cdc',
    tls: 'off',
    sasl: null,
    headers: {},
    compression: 'none',
    idempotent: true,
    exactlyOnce: null,
    tombstones: false,
    maxRecords: 500,
    maxBytes: 1_000_000,
    maxInFlight: 5,
    timeouts: { connect: 10_000, request: 30_000 },
    retry: RETRY_DEFAULTS,
    ...given,
  };
}

/** How long the whole schedule takes without jitter: attempts that are not charged end there too. */
export function scheduleSpan(options: RetryOptions): number {
  return options.schedule.reduce((sum, pause) => sum + Math.min(pause, options.cap), 0);
}
