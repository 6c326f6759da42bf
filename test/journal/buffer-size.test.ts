/** How much one call asks for: over lines and partitions of which the model is stated, never larger than it helps. */
import { BufferSize, LEAST_BUFFER, MOST_BUFFER } from '../../src/journal/source/buffer-size';

interface World {
  /** Milliseconds of a round trip, and bytes a millisecond that the partition makes and that we deal with. */
  readonly roundTrip: number;
  readonly partition: number;
  readonly ours: number;
}

/** One call under way while the block before is worked on. @returns bytes of each call */
function run(size: BufferSize, world: World, replies: number): number[] {
  return Array.from({ length: replies }, () => {
    const { bytes } = size;
    const call = world.roundTrip + bytes / world.partition;
    const work = bytes / world.ours;
    size.full({ bytes, ms: Math.max(call, work), waited: Math.max(0, call - work) });
    return bytes;
  });
}
const rateAt = (bytes: number, { roundTrip, partition, ours }: World): number =>
  bytes / Math.max(roundTrip + bytes / partition, bytes / ours);
const MIB = 1 << 20;

test('a near partition that is faster than we are: small blocks, as large ones bring nothing', () => {
  const asked = run(new BufferSize(), { roundTrip: 0.2, partition: 400_000, ours: 60_000 }, 500);
  expect(Math.max(...asked)).toBe(LEAST_BUFFER);
});

test('a near partition that is slower than we are: a trial now and then, ever more seldom, and back', () => {
  const asked = run(new BufferSize(), { roundTrip: 0.2, partition: 20_000, ours: 60_000 }, 2000);
  const larger = asked.filter((bytes) => bytes > LEAST_BUFFER);
  expect(larger.length).toBeGreaterThan(0);
  expect(larger.length).toBeLessThan(40);
  expect(asked.at(-1)).toBe(LEAST_BUFFER);
});

test.each([5, 50, 150])('a round trip of %d ms: as large as makes the line busy', (roundTrip) => {
  const world = { roundTrip, partition: 400_000, ours: 60_000 };
  const size = new BufferSize();
  const { bytes } = { bytes: run(size, world, 60).at(-1)! };
  expect(rateAt(bytes, world)).toBeGreaterThan(0.9 * Math.min(world.ours, rateAt(MOST_BUFFER, world)));
  expect(bytes).toBeLessThanOrEqual(MOST_BUFFER);
});

test('a partition that becomes slow: no reply stays late', () => {
  const size = new BufferSize();
  run(size, { roundTrip: 150, partition: 400_000, ours: 60_000 }, 60);
  expect(size.bytes).toBeGreaterThan(4 * MIB);
  const slow = { roundTrip: 150, partition: 800, ours: 60_000 };
  const asked = run(size, slow, 20);
  expect(slow.roundTrip + asked.at(-1)! / slow.partition).toBeLessThanOrEqual(1000);
  const crawling = run(size, { roundTrip: 150, partition: 20, ours: 60_000 }, 20);
  expect(crawling.at(-1)).toBe(LEAST_BUFFER);
});

test('an entry that finds no room: four times as much, until there is no more', () => {
  const size = new BufferSize();
  const seen = [size.bytes];
  while (size.larger()) seen.push(size.bytes);
  expect(seen).toEqual([LEAST_BUFFER, LEAST_BUFFER * 4, LEAST_BUFFER * 16, LEAST_BUFFER * 64, MOST_BUFFER]);
});
