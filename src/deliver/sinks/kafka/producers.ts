/**
 * Idempotent producers, each for one send at a time. Two sends under one producer id may get the same sequence numbers
 * in kafkajs when the first fails, and the broker would then take the second for a repeat; so a send in doubt ends its
 * producer, and sends side by side have producers of their own.
 */
import type { Kafka, Producer } from 'kafkajs';
import { SEND_RETRY } from './client';
import { javaPartitioner } from './partitioner';

interface ProducerKind {
  readonly idempotent: boolean;
  readonly transactionalId: string | null;
}

const CLOSE_MS = 2_000;

export class Producers {
  private readonly idle: Producer[] = [];
  private readonly open = new Set<Producer>();
  private closed = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly kind: ProducerKind,
  ) {}

  /** Runs one send. A producer whose send failed is ended: the next one begins with a new producer id. */
  async use<T>(work: (producer: Producer) => Promise<T>): Promise<T> {
    const producer = this.idle.pop() ?? (await this.connect());
    try {
      const result = await work(producer);
      this.idle.push(producer);
      return result;
    } catch (error) {
      void this.end(producer);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const ended = Promise.all([...this.open].map((producer) => this.end(producer)));
    // one that is still looking for its broker would keep a stop waiting for all its retries
    await Promise.race([ended, new Promise((done) => setTimeout(done, CLOSE_MS).unref())]);
  }

  private async connect(): Promise<Producer> {
    if (this.closed) throw new Error('closed');
    const { idempotent, transactionalId } = this.kind;
    const producer = this.kafka.producer({
      allowAutoTopicCreation: true,
      createPartitioner: javaPartitioner,
      idempotent,
      maxInFlightRequests: 1,
      retry: SEND_RETRY,
      ...(transactionalId === null ? {} : { transactionalId, transactionTimeout: 60_000 }),
    });
    this.open.add(producer);
    try {
      await producer.connect();
    } catch (error) {
      await this.end(producer);
      throw error;
    }
    return producer;
  }

  private async end(producer: Producer): Promise<void> {
    this.open.delete(producer);
    try {
      await producer.disconnect();
    } catch {
      // it was given up already
    }
  }
}
