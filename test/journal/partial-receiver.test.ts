/** A receiver restored from a save that was taken while it was attached: its end is missing, and that must not pass unseen. */
import { readReceivers } from '../../src/catalog/journals';
import { scopeOf } from '../../src/journal/again/scope';
import { ObjectNames } from '../../src/journal/entry/block-entry';
import { ReceiverChain } from '../../src/journal/position/chain';
import { JournalQuery } from '../../src/journal/source/journal-query';
import { APPJRN, captured, JournalWorld, type ReaderKind } from './world';

describe.each<ReaderKind>(['sql', 'api'])('read by %s', (reader) => {
  let world: JournalWorld;

  /** RCV0001 ends with the entry of row 1, RCV0002 begins with that of row 3; the entry of row 2 is in neither. */
  beforeEach(async () => {
    world = await JournalWorld.open({ tables: ['STOCK'], reader });
    await world.insert('STOCK', 1, 'ONE');
    await world.cl('SAVOBJ OBJ(RCV0001) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    await world.insert('STOCK', 2, 'TWO');
    await world.newReceiver();
    await world.insert('STOCK', 3, 'THREE');
    await world.cl('DLTJRNRCV JRNRCV(APPLIB/RCV0001) DLTOPT(*IGNINQMSG)');
    await world.cl('RSTOBJ OBJ(RCV0001) SAVLIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
  });
  afterEach(() => world[Symbol.dispose]());

  const rows = (told: readonly string[]): string[] => told.filter((what) => what.startsWith('insert'));
  const start = { receiver: { library: 'APPLIB', name: 'RCV0001' }, sequence: 0n } as const;

  test('what it holds is read; what is missing behind it is lost, and nothing after that is published', async () => {
    await expect(world.read({ start })).rejects.toMatchObject({
      code: 'POSITION_LOST',
      message: expect.stringContaining('RCV0001'),
    });
    expect(rows(world.published())).toEqual(['insert STOCK ->1=ONE']);
  });

  test('earliest goes on behind the gap, and says so', async () => {
    const told = await world.read({ start, onPositionLost: 'earliest' });
    expect(told.filter((what) => !what.startsWith('journaling'))).toEqual([
      'insert STOCK ->1=ONE',
      'position.lost STOCK',
      'position.lost ORDERS',
      'insert STOCK ->3=THREE',
    ]);
    expect(await world.read({ start, onPositionLost: 'earliest' })).toEqual([]);
  });

  test('the oldest entry to begin with lies behind the gap', async () => {
    expect(rows(await world.read({ start: 'earliest' }))).toEqual(['insert STOCK ->3=THREE']);
  });

  test('a range read again names it among what is gone', async () => {
    const receivers = await readReceivers(world.admin, APPJRN);
    const named = (name: string) => receivers.find((r) => r.name.name === name)!;
    const [first, last] = [named('RCV0001'), receivers.find((r) => r.status === 'ATTACHED')!];
    const connection = world.connect('READER');
    const parts = {
      query: new JournalQuery(connection, APPJRN, new ObjectNames([captured('STOCK')]), 32_000),
      chain: new ReceiverChain(receivers),
      ceiling: { receiver: last.name, sequence: last.last },
      utc: (local: string) => Date.parse(`${local.slice(0, 19)}Z`),
      seen: [],
    };
    const { signal } = new AbortController();
    const why = `it is partial and ends at ${first.last}`;
    const gone = async (wanted: Parameters<typeof scopeOf>[1]) => (await scopeOf(parts, wanted, signal)).gone;
    expect(await gone({ is: 'time', since: null, until: null })).toEqual([{ receiver: 'APPLIB/RCV0001', why }]);
    expect(await gone({ is: 'receiver', receiver: first.name, from: 1n, to: null })).toEqual([
      { receiver: 'APPLIB/RCV0001', why },
    ]);
    expect(await gone({ is: 'receiver', receiver: first.name, from: 1n, to: first.last })).toEqual([]);
    expect(await gone({ is: 'receiver', receiver: last.name, from: null, to: null })).toEqual([]);
    await connection.close();
  });
});
