/** Builds the sinks of a configuration and the dispatcher that serves them. */
import type { Writable } from 'node:stream';
import { rowSeal } from '../assembly/outbox-options';
import { Backpressure } from '../capture/backpressure';
import type { Config, DestinationConfig } from '../config/config';
import { DebugRecorder } from '../debug/recorder';
import { sealedText } from '../debug/sealed-text';
import { type DestinationParts, Dispatcher } from '../deliver/dispatcher';
import type { DeliveryHooks } from '../deliver/hooks';
import type { ServeOptions } from '../deliver/options';
import { serveKafka, serveStdout, serveWebhook } from '../deliver/queue/queue-policy';
import type { Sink } from '../deliver/sink';
import { StdoutSink } from '../deliver/sinks/stdout';
import { WebhookSink } from '../deliver/sinks/webhook/webhook';
import { DisabledTable } from '../deliver/standing/disabled-table';
import { type PositionLife, PositionWords } from '../deliver/standing/position-words';
import { StandingTable } from '../deliver/standing/standing-table';
import { bug } from '../errors/coded-error';
import type { EventBody, StoredEvent } from '../model/delivery';
import { EventClock } from '../model/event-time';
import type { Outbox } from '../outbox/outbox';
import type { DiskRoom } from '../store/disk-room';
import type { Logger } from '../telemetry/logger';
import type { Metrics } from '../telemetry/metrics';
import { version } from '../version';
import type { Lags } from './alerts/lags';

interface DeliveryParts {
  readonly config: Config;
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly stdout: Writable;
  /** The state file cannot be written any more. */
  readonly onFatal: (error: unknown) => void;
  readonly rebuild?: (event: StoredEvent) => Promise<EventBody | null>;
  readonly room?: DiskRoom;
  /** Who keeps requests and answers for operators who want to see them. */
  readonly recorder?: DebugRecorder;
  /** Learns how late each event is accepted. */
  readonly lags?: Lags;
}

/** Seals as payloads are sealed; keeps none of destinations whose payloads must not rest on this disk. */
export function createRecorder({
  config,
  outbox,
  log,
}: Pick<DeliveryParts, 'config' | 'outbox' | 'log'>): DebugRecorder {
  const withheld = Object.values(config.destinations).flatMap((d) => (d.storePayload ? [] : [d.name]));
  const { close } = sealedText(rowSeal(config));
  return new DebugRecorder({ store: outbox.store, withheld: new Set(withheld), close, log });
}

export function createDispatcher(parts: DeliveryParts): Dispatcher {
  return new Dispatcher({
    store: parts.outbox,
    disabled: new DisabledTable(parts.outbox.store),
    standing: new StandingTable(parts.outbox.store),
    destinations: Object.values(parts.config.destinations).map((d) => destinationOf(d, parts)),
    hooks: hooksOf(parts),
    ...(parts.rebuild ? { rebuild: parts.rebuild } : {}),
    storeFull: (error) => parts.room?.met(error) ?? false,
  });
}

/** Deliveries to destinations that were taken out of the configuration are kept; someone should know. */
export function logUnserved({ config, outbox, log }: Pick<DeliveryParts, 'config' | 'outbox' | 'log'>): void {
  for (const { destination, ready, parked, held } of outbox.history.backlog()) {
    const deliveries = ready + parked + held;
    if (destination in config.destinations || deliveries === 0) continue;
    const next = `put it back, or give them up: ibmi-cdc resume --destination ${destination} --drop`;
    log.warn({ destination, deliveries, next }, 'destination is no longer configured: what waits for it is kept');
  }
}

/** Stored events whose page does not hold together any more. */
export function logDamage(log: Logger, first: number, last: number): void {
  const next =
    'look after the disk; events that cannot be made again are dead letters with reason damaged: ibmi-cdc dlq list --reason damaged';
  log.error(
    { first, last, next },
    'stored events were altered on the disk: none is sent as it is, they are made again from the journal',
  );
}

/** At a stop: what the next start begins with. */
export function logLeft(outbox: Outbox, log: Logger): void {
  for (const { destination, ready, parked, held } of outbox.history.backlog()) {
    const deliveries = ready + parked + held;
    if (deliveries > 0) log.info({ destination, deliveries }, 'left for the next start');
  }
}

export function createBackpressure(
  parts: Pick<DeliveryParts, 'config' | 'outbox' | 'metrics' | 'log'> & { readonly signal: AbortSignal },
): Backpressure {
  const { config, outbox, metrics, log, signal } = parts;
  const limits = Object.fromEntries(Object.values(config.destinations).map((d) => [d.name, d.pending]));
  return new Backpressure({ limits, measure: (name) => outbox.pending.of(name), metrics, log, signal });
}

function destinationOf(destination: DestinationConfig, parts: DeliveryParts): DestinationParts {
  const { config, outbox, stdout, log, recorder } = parts;
  const life = new PositionWords(outbox.store).lifeOf(destination.name);
  return {
    name: destination.name,
    ...createSink(destination, {
      ...{ config, stdout, identity: outbox.identity(), life, log },
      ...(recorder ? { wantsAll: () => recorder.wants(destination.name) } : {}),
    }),
  };
}

interface SinkContext {
  readonly config: Config;
  readonly stdout: Writable;
  /** Of the state file; what proves to Kafka whose position it keeps. */
  readonly identity: string;
  /** Its lives; left out where nothing is to be proved. */
  readonly life?: PositionLife | null;
  readonly wantsAll?: () => boolean;
  /** Records files of a destination that changed or cannot be used. */
  readonly log?: Logger;
}

/** One sink with the way its queue is served. @throws CodedError family config for a key, URL or file that cannot be used */
export function createSink(
  destination: DestinationConfig,
  { config, stdout, identity, life = null, log, wantsAll }: SinkContext,
): { readonly sink: Sink; readonly options: ServeOptions } {
  const { webhook, kafka } = destination;
  if (webhook) {
    const sink = new WebhookSink(webhook, {
      agent: `ibmi-cdc/${version()}`,
      keepReplies: destination.storePayload,
      ...(wantsAll ? { wantsAll } : {}),
      onFiles: (message, facts) => log?.warn({ destination: destination.name, ...facts }, message),
    });
    return { sink, options: serveWebhook(webhook, sink.host) };
  }
  if (kafka) {
    // kafkajs is loaded only where a configuration asks for it
    const { KafkaSink } = require('../deliver/sinks/kafka/kafka') as typeof import('../deliver/sinks/kafka/kafka');
    const context = { partition: config.partition.name, destination: destination.name, identity, life };
    return { sink: new KafkaSink(kafka, context), options: serveKafka(kafka) };
  }
  if (destination.stdout) return { sink: new StdoutSink(stdout, destination.stdout), options: serveStdout() };
  throw bug('a destination without a sink passed validation', { destination: destination.name });
}

function hooksOf({ metrics, log, onFatal, recorder, lags }: DeliveryParts): DeliveryHooks {
  const clock = new EventClock();
  return {
    attempt: (destination, outcome, _events, ms, delivered) => {
      metrics.attempts.inc({ destination, outcome });
      metrics.answerTime.saw(destination, ms / 1000);
      if (delivered > 0) metrics.eventsDelivered.inc({ destination }, delivered);
    },
    delivered: (destination, time) => {
      const now = Date.now();
      const ms = now - clock.ms(time);
      if (ms < 0) return;
      metrics.latency.saw(destination, ms / 1000);
      lags?.delivered(destination, ms, now);
    },
    ...(recorder ? { wantsExchange: (name) => recorder.wants(name), exchanged: (one) => recorder.exchanged(one) } : {}),
    deadLettered: (destination, reason) => metrics.deadLetters.inc({ destination, reason }),
    breaker: (destination, state) => metrics.breaker.set({ destination }, state),
    denied: (destination, denied) => metrics.denied.set({ destination }, denied ? 1 : 0),
    note: (level, message, facts) => log[level](facts, message),
    fatal: onFatal,
  };
}
