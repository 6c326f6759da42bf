/** Builds the sinks of a configuration and the dispatcher that serves them. */
import type { Writable } from 'node:stream';
import type { Config, DestinationConfig } from '../config/config';
import { type DestinationParts, Dispatcher } from '../deliver/dispatcher';
import type { DeliveryHooks } from '../deliver/metrics';
import { BATCH_DEFAULTS, RETRY_DEFAULTS, type ServeOptions } from '../deliver/options';
import type { Sink } from '../deliver/sinks/sink';
import { StdoutSink } from '../deliver/sinks/stdout';
import { WebhookSink } from '../deliver/sinks/webhook/webhook';
import { bug } from '../errors/coded-error';
import type { StoredEvent } from '../model/delivery';
import type { Outbox } from '../outbox/outbox';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';
import { version } from '../version';

export interface DeliveryParts {
  readonly config: Config;
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly stdout: Writable;
  /** The state file cannot be written any more. */
  readonly onFatal: (error: unknown) => void;
  readonly rebuild?: (event: StoredEvent) => Promise<Buffer | null>;
}

export function createDispatcher(parts: DeliveryParts): Dispatcher {
  return new Dispatcher({
    store: parts.outbox,
    destinations: Object.values(parts.config.destinations).map((d) => destinationOf(d, parts)),
    hooks: hooksOf(parts),
    ...(parts.rebuild ? { rebuild: parts.rebuild } : {}),
  });
}

function destinationOf(destination: DestinationConfig, parts: DeliveryParts): DestinationParts {
  const { sink, options } = createSink(destination, parts.stdout);
  return { name: destination.name, sink, options };
}

/** One sink with the way its queue is served. @throws CodedError family config for a key, URL or file that cannot be used */
export function createSink(
  destination: DestinationConfig,
  stdout: Writable,
): { readonly sink: Sink; readonly options: ServeOptions } {
  const { webhook, kafka } = destination;
  if (webhook) {
    const sink = new WebhookSink(webhook, { agent: `ibmi-cdc/${version()}` });
    const { retry, concurrency, batch, rateLimit, adaptive, circuitBreaker } = webhook;
    return {
      sink,
      options: { retry, concurrency, batch, rateLimit, host: sink.host, adaptive, circuitBreaker },
    };
  }
  if (kafka) {
    // kafkajs is loaded only where a configuration asks for it
    const { KafkaSink } = require('../deliver/sinks/kafka/kafka') as typeof import('../deliver/sinks/kafka/kafka');
    return {
      sink: new KafkaSink(kafka),
      options: {
        ...PLAIN,
        retry: kafka.retry,
        concurrency: kafka.maxInFlight,
        batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0, maxRecords: kafka.maxRecords, maxBytes: kafka.maxBytes },
      },
    };
  }
  if (destination.stdout) {
    return { sink: new StdoutSink(stdout, destination.stdout), options: { ...PLAIN, concurrency: 1 } };
  }
  throw bug('a destination without a sink passed validation', { destination: destination.name });
}

const PLAIN: ServeOptions = {
  retry: RETRY_DEFAULTS,
  concurrency: 1,
  batch: BATCH_DEFAULTS,
  rateLimit: null,
  host: null,
  adaptive: false,
  circuitBreaker: { failures: 10, probeEvery: 30_000 },
};

function hooksOf({ metrics, log, onFatal }: DeliveryParts): DeliveryHooks {
  return {
    attempt: (destination, outcome) => metrics.attempts.inc({ destination, outcome }),
    delivered: (destination, time) => {
      metrics.eventsDelivered.inc({ destination });
      const seconds = (Date.now() - Date.parse(time)) / 1000;
      if (seconds >= 0) metrics.latency.observe({ destination }, seconds);
    },
    deadLettered: (destination, reason) => {
      metrics.deadLetters.inc({ destination, reason });
      log.error({ destination, reason }, 'event became a dead letter');
    },
    breaker: (destination, state) => {
      metrics.breaker.set({ destination }, state);
      log.warn({ destination, state: ['closed', 'half open', 'open'][state] }, 'circuit breaker changed');
    },
    disabled: (destination, why) => log.error({ destination, why }, 'destination disabled'),
    note: (level, message, facts) => log[level](facts, message),
    fatal: onFatal,
  };
}
