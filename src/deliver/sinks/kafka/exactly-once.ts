/**
 * Records and the outbox position they reach, committed in one Kafka transaction. The position is the committed offset
 * of a consumer group that belongs to this state file alone, so a new state file never believes an old position.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka, TopicMessages } from 'kafkajs';
import type { KafkaOptions } from '../../options';
import type { Producers } from './producers';

/** Longer than a coordinator needs for it; a start waits so long once. */
const TAKE_UP_MS = 250;

export class ExactlyOnce {
  private readonly group: string;
  private admin: Admin | null = null;

  /**
   * @param identity of the state file
   * @param destination name of the destination, as two may share a state file
   */
  constructor(
    private readonly kafka: Kafka,
    private readonly producers: Producers,
    private readonly options: NonNullable<KafkaOptions['exactlyOnce']>,
    identity: string,
    destination: string,
  ) {
    this.group = `${options.transactionalId}.${destination}.${identity}`;
  }

  /** Ends what a former producer of this id left open, then reads the last committed position; null if there is none. */
  async position(): Promise<number | null> {
    const admin = await this.connected();
    const topic = this.options.positionTopic;
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    // beginning a transaction, not connecting, fences the former producer and waits until its transaction is complete
    await this.producers.use(async (producer) => (await producer.transaction()).abort());
    return this.settled(admin);
  }

  /** The group takes up the offsets of a complete transaction a moment later: believed when two reads agree. */
  private async settled(admin: Admin): Promise<number | null> {
    let known = await this.committed(admin);
    for (;;) {
      await sleep(TAKE_UP_MS);
      const again = await this.committed(admin);
      if (again === known) return known;
      known = again;
    }
  }

  private async committed(admin: Admin): Promise<number | null> {
    const [found] = await admin.fetchOffsets({ groupId: this.group, topics: [this.options.positionTopic] });
    const offset = found?.partitions[0]?.offset;
    return offset === undefined || offset === '-1' ? null : Number(offset);
  }

  async send(
    topicMessages: TopicMessages[],
    options: { acks: -1; compression: number },
    position: number,
  ): Promise<void> {
    await this.producers.use(async (producer) => {
      const transaction = await producer.transaction();
      try {
        await transaction.sendBatch({ topicMessages, ...options });
        await transaction.sendOffsets({
          consumerGroupId: this.group,
          topics: [{ topic: this.options.positionTopic, partitions: [{ partition: 0, offset: String(position) }] }],
        });
        await transaction.commit();
      } catch (error) {
        if (transaction.isActive()) await transaction.abort().catch(() => undefined);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.admin?.disconnect().catch(() => undefined);
  }

  private async connected(): Promise<Admin> {
    if (this.admin) return this.admin;
    const admin = this.kafka.admin();
    await admin.connect();
    this.admin = admin;
    return admin;
  }
}
