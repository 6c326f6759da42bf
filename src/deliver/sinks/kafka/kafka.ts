/** Events as Kafka records: idempotent producers, acks from all replicas, order per key; exactly once as an option. */
import { CompressionTypes, type Kafka, type TopicMessages } from 'kafkajs';
import { CodedError, isCoded } from '../../../errors/coded-error';
import type { KafkaOptions } from '../../options';
import { DELIVERED, type Delivery, type OutboundEvent, type Outcome, type Sink } from '../../sink';
import type { PositionLife } from '../../standing/position-words';
import { type KafkaNote, kafkaClient } from './client';
import { ExactlyOnce } from './exactly-once';
import { Producers } from './producers';
import { recordMaker } from './records';

interface KafkaContext {
  /** Name of the IBM i partition, for `ce_source` and `${partition}`. */
  readonly partition: string;
  /** Name of the destination. */
  readonly destination: string;
  /** Identity of the state file; see {@link ExactlyOnce}. */
  readonly identity: string;
  /** Lives of the state file; left out where it has none. */
  readonly life?: PositionLife | null;
  readonly note?: KafkaNote;
}

/** A cluster that cannot be reached is asked again this often; such attempts do not use up the schedule. */
const AGAIN_MS = 1_000;

/** What no repeat mends: the record itself is refused. */
const REFUSED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

export class KafkaSink implements Sink {
  readonly label: string;
  readonly asksFirst: boolean;
  private readonly kafka: Kafka;
  private readonly producers: Producers;
  private readonly once: ExactlyOnce | null;
  private readonly recordsOf: (events: readonly OutboundEvent[]) => TopicMessages[];
  private readonly compression: CompressionTypes;
  /** Set while the outcome of a transaction is not known. */
  private inDoubt = false;

  /** @throws CodedError family `config` for a template or a file that cannot be used */
  constructor(options: KafkaOptions, context: KafkaContext) {
    this.label = options.brokers.join(',');
    this.asksFirst = options.exactlyOnce !== null;
    this.kafka = kafkaClient(options, context.note ?? (() => undefined));
    const { exactlyOnce, topic, headers, tombstones } = options;
    const idempotent = options.idempotent || exactlyOnce !== null;
    this.producers = new Producers(this.kafka, { idempotent, transactionalId: exactlyOnce?.transactionalId ?? null });
    const { identity, destination, partition, life = null } = context;
    const owner = { identity, destination, life };
    this.once = exactlyOnce && new ExactlyOnce(this.kafka, this.producers, exactlyOnce, owner);
    this.recordsOf = recordMaker({ topic, headers, tombstones, partition });
    this.compression = options.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
  }

  async settledUpTo(): Promise<number | null> {
    if (!this.once) return null;
    try {
      return await this.once.position();
    } catch (cause) {
      if (isCoded(cause)) throw cause;
      throw new CodedError({
        code: 'KAFKA_POSITION',
        message: `the committed position cannot be read from ${this.label}: ${textOf(cause)}`,
        next: 'exactly-once delivery needs the cluster at start; check brokers, tls, sasl and the rights on transactionalId and group',
        cause,
      });
    }
  }

  async deliver(events: readonly OutboundEvent[], signal: AbortSignal): Promise<Delivery> {
    try {
      await unlessAborted(this.send(events), signal);
      return {
        outcomes: events.map(() => DELIVERED),
        exchange: { status: null, signature: null, response: null, error: null },
      };
    } catch (error) {
      // no attempt mends it: the operator decides
      if (isCoded(error) && error.family === 'positionLost') throw error;
      const outcome = judge(error);
      const why = outcome.is === 'delivered' ? null : outcome.why;
      return {
        outcomes: events.map(() => outcome),
        exchange: { status: null, signature: null, response: null, error: why },
      };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producers.close();
    await this.once?.close();
  }

  private async send(events: readonly OutboundEvent[]): Promise<void> {
    const batch = { acks: -1, compression: this.compression } as const;
    if (!this.once) {
      const topicMessages = this.recordsOf(events);
      await this.producers.use((producer) => producer.sendBatch({ topicMessages, ...batch }));
      return;
    }
    // a commit whose answer was lost may have happened: the committed position shows it
    const proved = this.inDoubt ? await this.once.resolved() : 0;
    const left = events.filter((e) => e.pos > proved);
    if (left.length > 0) {
      this.inDoubt = true;
      await this.once.send(this.recordsOf(left), batch, left.at(-1)!.pos);
    }
    this.inDoubt = false;
  }
}

/** kafkajs cannot be interrupted: on a stop its send is left alone, and its events come again after the restart. */
async function unlessAborted(send: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_done, failed) => {
    stop = () => failed(new Error('stopped before the cluster answered'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([send, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    send.catch(() => undefined);
  }
}

function judge(error: unknown): Outcome {
  const why = textOf(error);
  const type = typeOf(error);
  if (type !== null && REFUSED.has(type))
    return { is: 'rejected', why, reason: type.toLowerCase().replaceAll('_', '-') };
  return { is: 'retry', why, throttled: true, afterMs: AGAIN_MS };
}

/** Kafka's name of a protocol error, also from inside kafkajs' wrapping. */
function typeOf(error: unknown): string | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const type = (e as Error & { type?: unknown }).type;
    if (typeof type === 'string') return type;
  }
  return null;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
