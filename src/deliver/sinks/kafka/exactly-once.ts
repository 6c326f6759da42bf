/**
 * Records and the outbox position they reach, committed in one Kafka transaction. The position is the committed offset of a
 * consumer group that belongs to one life of one state file; another group of the file says which life began last. So
 * neither a new file nor a restored copy believes a position of another life: not one beyond what the file had when the life
 * that committed it ended, and none after a life that the file knows nothing of.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka, TopicMessages } from 'kafkajs';
import { CodedError } from '../../../errors/coded-error';
import type { KafkaOptions } from '../../options';
import type { PositionLife } from '../../standing/position-words';
import type { Producers } from './producers';

/** Longer than a coordinator needs for it; a start waits so long once. */
const TAKE_UP_MS = 250;
/** Lives that are asked for the last position: those that sent nothing have none. */
const LIVES = 100;

interface PositionOwner {
  /** Of the state file. */
  readonly identity: string;
  /** Name of the destination, as two may share a state file. */
  readonly destination: string;
  /** Null where the file has no lives: its positions are its own. */
  readonly life: PositionLife | null;
}

interface Found {
  readonly position: number;
  /** The file had no event beyond it when the life that committed the position ended. */
  readonly limit: number;
}

interface Known {
  /** Number of the life that began last at this destination; null where none is on record. */
  readonly latest: number | null;
  readonly found: Found | null;
}

/** Of a life that has not ended. */
const OPEN = Number.MAX_SAFE_INTEGER;

export class ExactlyOnce {
  private readonly group: string;
  private readonly lifeGroup: string;
  private admin: Admin | null = null;
  /** Committed last in this life; null before. */
  private committedTo: number | null = null;
  /** Of the transaction whose outcome is not known. */
  private attempted: number | null = null;

  constructor(
    private readonly kafka: Kafka,
    private readonly producers: Producers,
    private readonly options: NonNullable<KafkaOptions['exactlyOnce']>,
    private readonly owner: PositionOwner,
  ) {
    this.group = this.groupOf(owner.life?.incarnation ?? null);
    this.lifeGroup = `${this.groupOf(null)}.life`;
  }

  /**
   * Ends what a former producer of this id left open, then reads the last committed position; null if there is none.
   * @throws CodedError `KAFKA_POSITION_FOREIGN`, family positionLost
   */
  async position(): Promise<number | null> {
    const admin = await this.connected();
    const topic = this.options.positionTopic;
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await this.fence();
    const { latest, found } = await this.settled(admin);
    const { life } = this.owner;
    const known = latest === null || life === null || life.known.some((one) => lifeNumber(one) === latest);
    const believed = known && (found === null || found.position <= found.limit);
    const word = life?.word() ?? null;
    if (!believed && (!life || word === null)) throw this.foreign(found, known);
    if (!believed) life?.cut();
    if (life) await this.commit(this.lifeGroup, lifeNumber(life.incarnation));
    if (believed) return found?.position ?? null;
    return word === 'skip' && life ? life.limit : null;
  }

  /**
   * What became of the transaction in doubt: the position now committed in this life.
   * @throws CodedError `KAFKA_POSITION_FOREIGN`: neither of the two that are possible; this process, too, may be a copy
   */
  async resolved(): Promise<number> {
    const admin = await this.connected();
    await this.fence();
    const { latest, found } = await this.settled(admin);
    const { life } = this.owner;
    const position = found?.position ?? null;
    const own = life === null || latest === lifeNumber(life.incarnation);
    if (!own || (position !== this.committedTo && position !== this.attempted && found?.limit === OPEN))
      throw this.foreign(found, own);
    if (found?.limit !== OPEN) return 0;
    this.committedTo = position;
    return position ?? 0;
  }

  async send(
    topicMessages: TopicMessages[],
    options: { acks: -1; compression: number },
    position: number,
  ): Promise<void> {
    this.attempted = position;
    await this.producers.use(async (producer) => {
      const transaction = await producer.transaction();
      try {
        await transaction.sendBatch({ topicMessages, ...options });
        await transaction.sendOffsets(this.offsets(this.group, position));
        await transaction.commit();
      } catch (error) {
        if (transaction.isActive()) await transaction.abort().catch(() => undefined);
        throw error;
      }
    });
    this.committedTo = position;
  }

  async close(): Promise<void> {
    await this.admin?.disconnect().catch(() => undefined);
  }

  /** Beginning a transaction, not connecting, fences the former producer and waits until its transaction is complete. */
  private async fence(): Promise<void> {
    await this.producers.use(async (producer) => (await producer.transaction()).abort());
  }

  private async commit(group: string, offset: number): Promise<void> {
    await this.producers.use(async (producer) => {
      const transaction = await producer.transaction();
      await transaction.sendOffsets(this.offsets(group, offset));
      await transaction.commit();
    });
  }

  private offsets(consumerGroupId: string, offset: number) {
    const partitions = [{ partition: 0, offset: String(offset) }];
    return { consumerGroupId, topics: [{ topic: this.options.positionTopic, partitions }] };
  }

  /** The group takes up the offsets of a complete transaction a moment later: believed when two reads agree. */
  private async settled(admin: Admin): Promise<Known> {
    let known = await this.read(admin);
    for (;;) {
      await sleep(TAKE_UP_MS);
      const again = await this.read(admin);
      if (JSON.stringify(again) === JSON.stringify(known)) return again;
      known = again;
    }
  }

  private async read(admin: Admin): Promise<Known> {
    const latest = this.owner.life === null ? null : await this.committed(admin, this.lifeGroup);
    return { latest, found: await this.lastOf(admin) };
  }

  /** Of the latest life that committed one; a version without lives was the first. */
  private async lastOf(admin: Admin): Promise<Found | null> {
    const { life } = this.owner;
    const own = await this.committed(admin, this.group);
    if (own !== null) return { position: own, limit: OPEN };
    if (life === null) return null;
    for (const { incarnation, limit } of life.former.slice(0, LIVES)) {
      const position = await this.committed(admin, this.groupOf(incarnation));
      if (position !== null) return { position, limit };
    }
    if (life.before === 0) return null;
    const position = await this.committed(admin, this.groupOf(null));
    return position === null ? null : { position, limit: life.before };
  }

  private async committed(admin: Admin, groupId: string): Promise<number | null> {
    const [found] = await admin.fetchOffsets({ groupId, topics: [this.options.positionTopic] });
    const offset = found?.partitions[0]?.offset;
    return offset === undefined || offset === '-1' ? null : Number(offset);
  }

  private groupOf(incarnation: string | null): string {
    const { destination, identity } = this.owner;
    const group = `${this.options.transactionalId}.${destination}.${identity}`;
    return incarnation === null ? group : `${group}.${incarnation}`;
  }

  private foreign(found: Found | null, known: boolean): CodedError {
    const { destination, life } = this.owner;
    const what = known
      ? `has committed position ${found?.position ?? 0}, and this state file had reached ${found?.limit ?? 0} then`
      : 'was last served by a life of this state file that the file does not know';
    return new CodedError({
      code: 'KAFKA_POSITION_FOREIGN',
      message: `destination ${destination} ${what}: the file is a copy, or was restored, and a later life of it may have sent what waits here`,
      next: `put back the latest state file; or decide about what waits in this one: ibmi-cdc resume --destination ${destination} --position repeat (sends it, again or not), or skip (takes it as sent). What was captured after the copy was made is sent under the same ids either way`,
      facts: { destination, position: found?.position ?? null, limit: life?.limit ?? null },
    });
  }

  private async connected(): Promise<Admin> {
    if (this.admin) return this.admin;
    const admin = this.kafka.admin();
    await admin.connect();
    this.admin = admin;
    return admin;
  }
}

/** As an offset can say it: 48 bits. */
function lifeNumber(incarnation: string): number {
  return Number.parseInt(incarnation.slice(0, 12), 16);
}
