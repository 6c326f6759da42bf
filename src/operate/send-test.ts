/** One test event for a destination, real if there is a recent one, and the report of what came of it. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Config, DestinationConfig } from '../config/config';
import type { Delivery } from '../deliver/sink';
import { CodedError } from '../errors/coded-error';
import { fixedClock } from '../map/event/clock';
import { sampleEvents } from '../map/event-types/sample';
import type { StoredEvent } from '../model/delivery';
import { exactText, parseExact } from '../model/exact-json';
import { lines as asLines } from '../telemetry/visible';
import { version as productVersion } from '../version';
import { knownShapes } from './shapes/known-shapes';
import { openStateFile } from './state-file';

/** Event type, and where invented values take their types from. */
export interface SendTestWish {
  readonly event: string;
  readonly synthetic?: boolean;
  readonly format: readonly string[];
  readonly formats?: string;
}

/**
 * A transaction of the daemon's own id would end the one it may have under way. Nothing is stored, so the whole reply is shown.
 */
export function apart(destination: DestinationConfig): DestinationConfig {
  const { kafka } = destination;
  return { ...destination, storePayload: true, kafka: kafka && { ...kafka, exactlyOnce: null } };
}

/** A test event that was sent, and what came of it. */
interface Sent {
  readonly destination: DestinationConfig;
  readonly label: string;
  readonly event: StoredEvent;
  readonly real: boolean;
  readonly delivery: Delivery;
  readonly ms: number;
}

type SendTestReport = ReturnType<typeof sendTestReport>;

/** The members of `--json`, in their order. */
export function sendTestReport({ destination, label, event, real, delivery, ms }: Sent) {
  const [outcome] = delivery.outcomes;
  const { status, signature, response } = delivery.exchange;
  return {
    delivered: outcome?.is === 'delivered',
    destination: destination.name,
    to: label,
    id: event.id,
    type: event.type,
    sample: real ? 'recent' : 'synthetic',
    status,
    ms: Math.round(ms * 10) / 10,
    signature: signature?.split('\n') ?? [],
    response,
    why: outcome && 'why' in outcome ? outcome.why : null,
  };
}

export function sendTestText(report: SendTestReport): string {
  const lines = Object.entries(report).flatMap(([name, value]) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return [];
    const [first, ...rest] = Array.isArray(value) ? value : [value];
    return [`${name.padEnd(12)}${first}`, ...rest.map((more) => `${''.padEnd(12)}${more}`)];
  });
  return asLines(lines);
}

/** A recent event of the type if there is one, else an invented one, under an id of its own. */
export function eventFor(config: Config, wish: SendTestWish): { event: StoredEvent; real: boolean } {
  return testEvent(config, wish, wish.synthetic ? null : recentEvent(config, wish.event));
}

/** @param recent a stored event of the type, with its body, or null */
export function testEvent(
  config: Config,
  wish: SendTestWish,
  recent: StoredEvent | null,
): { event: StoredEvent; real: boolean } {
  const base = recent ?? syntheticEvent(config, wish);
  const id = `test_${randomBytes(12).toString('hex')}`;
  return { event: { ...base, id, body: marked(base.body!, id) }, real: recent !== null };
}

function recentEvent(config: Config, type: string): StoredEvent | null {
  if (!existsSync(config.state)) return null;
  using state = openStateFile(config);
  const [event] = state.outbox.history.events({ type }, { newest: true, limit: 1 });
  return event?.body ? event : null;
}

function syntheticEvent(config: Config, wish: SendTestWish): StoredEvent {
  const type = wish.event;
  const [draft] = sampleEvents(config.tables, type, {
    partition: config.partition.name,
    product: productVersion(),
    clock: fixedClock(0),
    shapeOf: knownShapes(config, wish),
  });
  if (!draft) throw unknownType(config, type);
  const { id, version, table, rule, key, traceKey, body, attemptOffset, contentType, time, tombstone, recordUrl } =
    draft;
  return {
    seq: 1,
    id,
    type: draft.type,
    version,
    table,
    rule,
    key,
    traceKey,
    body: Buffer.from(body),
    attemptOffset,
    contentType,
    time,
    tombstone,
    recordUrl,
    journal: null,
    receiver: null,
    sequence: null,
    appendedAt: Date.now(),
  };
}

/** The body under the test's own id, and saying that it is a test where the envelope has room for it. */
function marked(body: Buffer, id: string): Buffer {
  const event = parseExact(body.toString('utf8')) as Record<string, unknown>;
  if ('id' in event) event['id'] = id;
  const data = event['data'] as { meta?: Record<string, unknown> } | undefined;
  if (typeof data?.meta === 'object') data.meta['test'] = true;
  return Buffer.from(exactText(event));
}

export function destinationOf(config: Config, name: string | undefined): DestinationConfig {
  const names = Object.keys(config.destinations);
  const chosen = name ?? (names.length === 1 ? names[0]! : undefined);
  const found = chosen === undefined ? undefined : config.destinations[chosen];
  if (found) return found;
  throw new CodedError({
    code: 'SEND_TEST_DESTINATION',
    message: `${name === undefined ? 'no destination was named' : `no destination ${name}`}; ${config.file} has ${names.join(', ')}`,
    next: 'name one of these with --to',
  });
}

function unknownType(config: Config, type: string): CodedError {
  return new CodedError({
    code: 'SEND_TEST_EVENT',
    message: `no table of ${config.file} makes events of type ${type}`,
    next: 'name a type such as order.created: the event name of a table, with .created, .updated or .deleted',
  });
}

export function notDelivered({ name, webhook }: DestinationConfig, why: string): CodedError {
  return new CodedError({
    code: 'SEND_TEST_REFUSED',
    message: `${name} did not accept the test event: ${why}`,
    next: webhook
      ? 'compare signature and response above with what the receiver expects; `ibmi-cdc listen --from` verifies as it would'
      : 'check brokers, tls and sasl of this destination, and the rights of its user on the topic',
  });
}
