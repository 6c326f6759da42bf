/** `send-test`: one event, real if there is a recent one, through a configured destination, once, and what came of it. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { Config, DestinationConfig } from '../../../config/config';
import { createSink } from '../../../daemon/delivery';
import type { Delivery } from '../../../deliver/sink';
import { CodedError } from '../../../errors/coded-error';
import { fixedClock } from '../../../map/event/clock';
import { sampleEvents } from '../../../map/event-types/sample';
import type { StoredEvent } from '../../../model/delivery';
import { knownShapes } from '../../../operate/known-shapes';
import { openStateFile } from '../../../operate/state-file';
import { version as productVersion } from '../../../version';
import type { CliIo, GlobalOptions } from '../../io';
import { loadCommandConfig } from '../../load-config';
import { collect } from '../mapping/catalogue';

interface Options extends GlobalOptions {
  readonly event: string;
  readonly to?: string;
  readonly synthetic?: boolean;
  readonly format: readonly string[];
  readonly formats?: string;
}

export function register(program: Command, io: CliIo): void {
  program
    .command('send-test')
    .description('send one test event, signed and authenticated as in real life, and show the answer')
    .requiredOption('--event <type>', 'event type, such as order.created')
    .option('--to <destination>', 'destination; may be left out when there is only one')
    .option('--synthetic', 'invented values, even if a recent event is there')
    .option('--format <file>', 'record formats as JSON (repeatable), so that invented values have types', collect, [])
    .option(
      '--formats <dir>',
      'folder of formats, as written by plan --formats; `formats` beside the configuration if there',
    )
    .addHelpText(
      'after',
      `
Example:
  ibmi-cdc send-test --event order.updated --to crm

The event has an id of its own (test_...) and "test": true in data.meta, so that a receiver can set it aside.`,
    )
    .action(async (_options: unknown, command: Command) => {
      await sendTest(io, command.optsWithGlobals<Options>());
    });
}

async function sendTest(io: CliIo, options: Options): Promise<void> {
  const config = loadCommandConfig(io, options, 'require');
  const destination = destinationOf(config, options.to);
  const { event, real } = eventFor(config, options);
  const { sink } = createSink(apart(destination), { config, stdout: io.stdout, identity: 'send-test' });
  const started = performance.now();
  try {
    const outbound = [{ event, body: event.body!, attempt: 1, pos: 1 }];
    const delivery = await sink.deliver(outbound, new AbortController().signal);
    report(io, options, { destination, label: sink.label, event, real, delivery, ms: performance.now() - started });
  } finally {
    await sink[Symbol.asyncDispose]();
  }
}

/**
 * A transaction of the daemon's own id would end the one it may have under way. Nothing is stored, so the whole reply is shown.
 */
function apart(destination: DestinationConfig): DestinationConfig {
  const { kafka } = destination;
  return { ...destination, storePayload: true, kafka: kafka && { ...kafka, exactlyOnce: null } };
}

interface Result {
  readonly destination: DestinationConfig;
  readonly label: string;
  readonly event: StoredEvent;
  readonly real: boolean;
  readonly delivery: Delivery;
  readonly ms: number;
}

function report(io: CliIo, options: Options, result: Result): void {
  const { delivery, event, label, real } = result;
  const [outcome] = delivery.outcomes;
  const { status, signature, response } = delivery.exchange;
  const delivered = outcome?.is === 'delivered';
  const facts = {
    delivered,
    destination: result.destination.name,
    to: label,
    id: event.id,
    type: event.type,
    sample: real ? 'recent' : 'synthetic',
    status,
    ms: Math.round(result.ms * 10) / 10,
    signature: signature?.split('\n') ?? [],
    response,
    why: outcome && 'why' in outcome ? outcome.why : null,
  };
  if (options.json) io.stdout.write(`${JSON.stringify(facts)}\n`);
  else {
    const lines = Object.entries(facts).flatMap(([name, value]) => {
      if (value === null || (Array.isArray(value) && value.length === 0)) return [];
      return [`${name.padEnd(12)}${Array.isArray(value) ? value.join('\n            ') : value}`];
    });
    io.stdout.write(`${lines.join('\n')}\n`);
  }
  if (!delivered) throw notDelivered(result.destination, facts.why ?? '');
}

function eventFor(config: Config, options: Options): { event: StoredEvent; real: boolean } {
  const recent = options.synthetic ? null : recentEvent(config, options.event);
  const base = recent ?? syntheticEvent(config, options);
  const id = `test_${randomBytes(12).toString('hex')}`;
  return { event: { ...base, id, body: marked(base.body!, id) }, real: recent !== null };
}

function recentEvent(config: Config, type: string): StoredEvent | null {
  if (!existsSync(config.state)) return null;
  using state = openStateFile(config);
  const [event] = state.outbox.history.events({ type }, { newest: true, limit: 1 });
  return event?.body ? event : null;
}

function syntheticEvent(config: Config, options: Options): StoredEvent {
  const type = options.event;
  const [draft] = sampleEvents(config.tables, type, {
    partition: config.partition.name,
    product: productVersion(),
    clock: fixedClock(0),
    shapeOf: knownShapes(config, options),
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
  const event = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  if ('id' in event) event['id'] = id;
  const data = event['data'] as { meta?: Record<string, unknown> } | undefined;
  if (typeof data?.meta === 'object') data.meta['test'] = true;
  return Buffer.from(JSON.stringify(event));
}

function destinationOf(config: Config, name: string | undefined): DestinationConfig {
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

function notDelivered({ name, webhook }: DestinationConfig, why: string): CodedError {
  return new CodedError({
    code: 'SEND_TEST_REFUSED',
    message: `${name} did not accept the test event: ${why}`,
    next: webhook
      ? 'compare signature and response above with what the receiver expects; `ibmi-cdc listen --from` verifies as it would'
      : 'check brokers, tls and sasl of this destination, and the rights of its user on the topic',
  });
}
