/**
 * The partition of a key as the Java client chooses it: murmur2 of its UTF-8 bytes. kafkajs has the same, at several times
 * the cost, as it computes with BigInt.
 */
import type { ICustomPartitioner, PartitionerArgs } from 'kafkajs';

const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;

/** Every record has a key or a partition of its own. */
export const javaPartitioner: ICustomPartitioner =
  () =>
  ({ message, partitionMetadata }: PartitionerArgs): number =>
    message.partition ?? (murmur2(message.key ?? '') & 0x7fffffff) % partitionMetadata.length;

/** MurmurHash2 as in `org.apache.kafka.common.utils.Utils`; signed 32 bits. */
export function murmur2(key: string | Buffer): number {
  const data = typeof key === 'string' ? Buffer.from(key) : key;
  const whole = data.length & ~3;
  let h = SEED ^ data.length;
  for (let i = 0; i < whole; i += 4) {
    const word = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    let k = Math.imul(word, M);
    k = Math.imul(k ^ (k >>> 24), M);
    h = Math.imul(h, M) ^ k;
  }
  if (whole < data.length) {
    for (let i = data.length - 1; i >= whole; i--) h ^= data[i]! << (8 * (i - whole));
    h = Math.imul(h, M);
  }
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}
