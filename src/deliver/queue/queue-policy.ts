/** How the queue of a destination is served, out of the options of its sink. */
import { BATCH_DEFAULTS, type KafkaOptions, RETRY_DEFAULTS, type ServeOptions, type WebhookOptions } from '../options';

/** @param host of the webhook's URL, whose bucket may be shared */
export function serveWebhook(options: WebhookOptions, host: string): ServeOptions {
  const { retry, concurrency, batch, rateLimit, adaptive, circuitBreaker, timeouts } = options;
  return { retry, concurrency, batch, rateLimit, host, adaptive, circuitBreaker, timeout: timeouts.response };
}

/** Batches as full as the queue allows, several under way, each with lanes of its own. */
export function serveKafka(options: KafkaOptions): ServeOptions {
  return {
    retry: options.retry,
    // one transaction at a time, so that the position it carries speaks for everything before it
    concurrency: options.exactlyOnce === null ? options.maxInFlight : 1,
    batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0, maxRecords: options.maxRecords, maxBytes: options.maxBytes },
    rateLimit: null,
    host: null,
    adaptive: false,
    circuitBreaker: { failures: 5, probeEvery: 1_000 },
    timeout: options.timeouts.request,
  };
}

export function serveStdout(): ServeOptions {
  return {
    retry: RETRY_DEFAULTS,
    concurrency: 1,
    batch: { ...BATCH_DEFAULTS, mode: 'micro', maxWait: 0 },
    rateLimit: null,
    host: null,
    adaptive: false,
    circuitBreaker: { failures: 10, probeEvery: 1_000 },
    timeout: null,
  };
}

/** An exactly-once position speaks for everything before it, so such a destination has one lane. */
export function lanesOf<T extends string>(configured: T, kafka: KafkaOptions | null): T | 'strict' {
  return kafka?.exactlyOnce ? 'strict' : configured;
}
