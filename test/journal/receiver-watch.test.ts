/** A daemon that reads, and has before it what a moment writes, is in no danger; one that stands in a receiver that can go, is. */
import { CheckpointTable } from '../../src/journal/position/checkpoint-table';
import { ReceiverWatch } from '../../src/journal/reader/receiver-watch';
import { APPJRN, JournalWorld, LIB } from './world';

async function outlookOf(world: JournalWorld, reading: boolean, sequence: bigint) {
  const checkpoints = new CheckpointTable(world.store);
  const position = { receiver: { library: LIB, name: 'RCV0001' }, sequence };
  const reader = () => ({ position, quietest: null, filter: null, way: null, reading });
  await new ReceiverWatch({ connection: world.admin, journal: APPJRN, checkpoints, now: Date.now, reader }).load();
  return checkpoints.outlook(APPJRN)!;
}

test('hours to loss: not while it reads the end, nor in the only receiver there is', async () => {
  using world = await JournalWorld.open();
  await world.insert('STOCK', 1, 'a');
  // alone: an attached receiver cannot be deleted
  for (const reading of [true, false])
    expect(await outlookOf(world, reading, 1n)).toMatchObject({ behind: expect.any(BigInt), hoursToLoss: null });
  await world.newReceiver();
  await world.insert('STOCK', 2, 'b');
  const atTheEnd = await outlookOf(world, true, 1n);
  expect(atTheEnd.behind).toBeGreaterThan(0n);
  expect(atTheEnd.hoursToLoss).toBeNull();
  expect((await outlookOf(world, false, 1n)).hoursToLoss).not.toBeNull();
});

test('far behind while it reads: danger, as fast as it is known to read', async () => {
  using world = await JournalWorld.open();
  for (let i = 0; i < 1100; i++) await world.insert('STOCK', i, 'a');
  await world.newReceiver();
  expect((await outlookOf(world, true, 1n)).hoursToLoss).not.toBeNull();
});

test('beside the API nobody waits for the directory; what made it fail is said at the next look', async () => {
  using world = await JournalWorld.open();
  const checkpoints = new CheckpointTable(world.store);
  let now = 0;
  let answer: (failure: Error | null) => void = () => undefined;
  const asked = jest.fn();
  const connection = Object.create(world.admin, {
    query: {
      value: (sql: string, params: readonly string[]) => {
        if (!sql.includes('JOURNAL_RECEIVER_INFO') || now === 0) return world.admin.query(sql, params);
        asked();
        return new Promise((done, fail) => {
          answer = (failure) => (failure ? fail(failure) : done(world.admin.query(sql, params)));
        });
      },
    },
  });
  const watch = new ReceiverWatch({ connection, journal: APPJRN, checkpoints, now: () => now, reader: () => null });
  now = 1;
  const first = watch.load();
  answer(null);
  await first;
  await world.newReceiver();
  now = 20_000;
  await watch.whenCaughtUp(false, true);
  await watch.whenCaughtUp(false, true);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(watch.chain.attached()?.name.name).toBe('RCV0001');
  answer(null);
  while (watch.chain.attached()?.name.name !== 'RCV0002') await new Promise((done) => setImmediate(done));
  now = 40_000;
  await watch.whenCaughtUp(false, true);
  answer(new Error('gone'));
  await new Promise((done) => setImmediate(done));
  await expect(watch.whenCaughtUp(false, true)).rejects.toThrow('gone');
});
