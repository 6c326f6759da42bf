import { entries, lastSequence, newJob, openWorld, stockFile, types, type World } from './fixture';

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.partition.close());

const hex = (data: Buffer | null) => data?.toString('hex').toUpperCase() ?? null;

describe('row operations outside commitment control', () => {
  test('insert, update and delete with *BOTH: PT, UB+UP, DL, with images and null map', () => {
    const stock = stockFile(world);
    const since = lastSequence(world);
    const rrn = world.job.insertRow(stock, ['A1', '12', null]);
    world.job.updateRow(stock, rrn, new Map([[1, '-7']]));
    world.job.deleteRow(stock, rrn);
    const list = entries(world).filter((e) => e.sequence > since);
    expect(types(list)).toEqual(['R PT', 'R UB', 'R UP', 'R DL']);
    expect(list.map((e) => e.commitCycle)).toEqual([0n, 0n, 0n, 0n]);
    expect(list.map((e) => e.rrn)).toEqual([1, 1, 1, 1]);
    expect(list.map((e) => e.nulls)).toEqual(['001', '001', '001', '001']);
    expect(hex(list[0]!.data)!.slice(0, 14)).toBe('C1F1404000012F');
    expect(hex(list[2]!.data)!.slice(0, 14)).toBe('C1F1404000007D');
    expect(list[3]!.data).toEqual(list[2]!.data);
    expect(list[0]!.object.object30).toBe('STOCK     APPLIB    STOCK     ');
    expect(list[0]!.origin).toMatchObject({ jobName: 'QZDASOINIT', userName: 'ANNA', remoteAddress: '10.1.1.7' });
  });

  test('*AFTER: no before-image, and a delete carries nothing', () => {
    const stock = stockFile(world, '*AFTER');
    const since = lastSequence(world);
    const rrn = world.job.insertRow(stock, ['A1', '12', 'x']);
    world.job.updateRow(stock, rrn, new Map([[1, '13']]));
    world.job.deleteRow(stock, rrn);
    const list = entries(world).filter((e) => e.sequence > since);
    expect(types(list)).toEqual(['R PT', 'R UP', 'R DL']);
    expect(list.map((e) => e.flag)).toEqual(['0', '0', '0']);
    expect(list[2]).toMatchObject({ data: null, nulls: null, rrn: 1 });
  });

  test('a reused slot is written by record number: PX', () => {
    const stock = stockFile(world, '*BOTH', { reuseDeleted: true });
    const first = world.job.insertRow(stock, ['A1', '1', null]);
    world.job.insertRow(stock, ['A2', '2', null]);
    world.job.deleteRow(stock, first);
    const since = lastSequence(world);
    expect(world.job.insertRow(stock, ['A3', '3', null])).toBe(1);
    expect(types(entries(world), since)).toEqual(['R PX']);
  });

  test('a duplicate key fails with -803 and leaves no entry', () => {
    const stock = stockFile(world);
    world.job.insertRow(stock, ['A1', '1', null]);
    const since = lastSequence(world);
    expect(() => world.job.insertRow(stock, ['A1', '2', null])).toThrow(
      expect.objectContaining({ sqlCode: -803, sqlState: '23505' }),
    );
    expect(lastSequence(world)).toBe(since);
  });

  test('a blank-filled packed field is kept as bytes and listed as bad', () => {
    const stock = stockFile(world);
    const image = Buffer.concat([Buffer.from('C2F14040', 'hex'), Buffer.alloc(3, 0x40), Buffer.alloc(12)]);
    const rrn = world.job.insertRow(stock, { image });
    const row = world.partition.db.prepare(`SELECT bad, c1 FROM ${stock.rowTable} WHERE rrn = ?`).get(rrn);
    expect(row).toEqual({ bad: '1', c1: null });
    world.job.updateRow(stock, rrn, new Map([[2, 'kept']]));
    expect(hex(entries(world).at(-1)!.data)!.slice(8, 14)).toBe('404040');
  });
});

describe('commit cycles', () => {
  test('SC has its own number as cycle, interleaved jobs keep theirs, CM ends it', () => {
    const stock = stockFile(world);
    const [a, b] = [newJob(world.partition), newJob(world.partition)];
    a.commitLevel = 2;
    b.commitLevel = 2;
    const since = lastSequence(world);
    a.insertRow(stock, ['A1', '1', null]);
    b.insertRow(stock, ['B1', '1', null]);
    a.insertRow(stock, ['A2', '1', null]);
    b.commit();
    a.commit();
    const list = entries(world).filter((e) => e.sequence > since);
    expect(types(list)).toEqual(['C BC', 'C SC', 'R PT', 'C BC', 'C SC', 'R PT', 'R PT', 'C CM', 'C CM']);
    const [scA, scB] = list.filter((e) => e.type === 'SC');
    expect(scA!.commitCycle).toBe(scA!.sequence);
    expect(list.map((e) => e.commitCycle)).toEqual([
      0n,
      scA!.sequence,
      scA!.sequence,
      0n,
      scB!.sequence,
      scB!.sequence,
      scA!.sequence,
      scB!.sequence,
      scA!.sequence,
    ]);
    expect(list.at(-1)!.flag).toBe('0');
  });

  test('rollback compensates in reverse: DR, BR+UR, UR with flag 0 for a delete, then RB', () => {
    const stock = stockFile(world, '*AFTER');
    const keep = world.job.insertRow(stock, ['K1', '5', 'old']);
    const gone = world.job.insertRow(stock, ['K2', '6', null]);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    const since = lastSequence(world);
    job.insertRow(stock, ['N1', '1', null]);
    job.updateRow(stock, keep, new Map([[1, '50']]));
    job.deleteRow(stock, gone);
    job.rollback();
    const list = entries(world).filter((e) => e.sequence > since);
    expect(types(list)).toEqual([
      ...['C BC', 'C SC', 'R PT', 'R UB', 'R UP', 'R DL'],
      ...['R UR', 'R BR', 'R UR', 'R DR', 'C RB'],
    ]);
    const undone = list.slice(6, 10).map((e) => ({ rrn: e.rrn, flag: e.flag }));
    expect(undone).toEqual([
      { rrn: gone, flag: '0' },
      { rrn: keep, flag: '1' },
      { rrn: keep, flag: '1' },
      { rrn: 3, flag: '1' },
    ]);
    expect(new Set(list.slice(1).map((e) => e.commitCycle)).size).toBe(1);
    const rows = world.partition.db.prepare(`SELECT rrn, c0, c1, c2 FROM ${stock.rowTable} ORDER BY rrn`).all();
    expect(rows).toEqual([
      { rrn: keep, c0: 'K1', c1: 5, c2: 'old' },
      { rrn: gone, c0: 'K2', c1: 6, c2: null },
    ]);
  });

  test('savepoints: compensations come before the final CM', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    const since = lastSequence(world);
    job.insertRow(stock, ['A1', '1', null]);
    job.savepoint('S1');
    job.insertRow(stock, ['A2', '2', null]);
    job.rollbackTo('S1');
    job.release('S1');
    job.commit();
    const list = entries(world).filter((e) => e.sequence > since);
    expect(types(list)).toEqual(['C BC', 'C SC', 'R PT', 'C SB', 'R PT', 'R DR', 'C SU', 'C SQ', 'C CM']);
    expect(() => job.rollbackTo('NONE')).toThrow(expect.objectContaining({ sqlCode: -880 }));
  });

  test('a statement that fails half way is undone under commitment control and stays without', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    const work = () =>
      job.statement(() => {
        job.insertRow(stock, ['A1', '1', null]);
        job.insertRow(stock, ['A1', '1', null]);
      });
    job.commitLevel = 2;
    expect(work).toThrow(expect.objectContaining({ sqlCode: -803 }));
    job.commit();
    expect(stock.rowCount()).toBe(0);
    job.commitLevel = 0;
    expect(work).toThrow(expect.objectContaining({ sqlCode: -803 }));
    expect(stock.rowCount()).toBe(1);
  });

  test('a job that ends rolls back implicitly: RB with flag 2', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    job.end();
    const list = entries(world);
    expect(types(list).slice(-4)).toEqual(['R PT', 'R DR', 'C RB', 'C EC']);
    expect(list.find((e) => e.type === 'RB')!.flag).toBe('2');
    expect(stock.rowCount()).toBe(0);
  });

  test('records of an open cycle are locked for others, and so are the keys it deleted', () => {
    const stock = stockFile(world);
    const rrn = world.job.insertRow(stock, ['A1', '1', null]);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.deleteRow(stock, rrn);
    const inUse = expect.objectContaining({ sqlCode: -913, sqlState: '57033' });
    expect(() => world.job.insertRow(stock, ['A1', '2', null])).toThrow(inUse);
    job.rollback();
    expect(world.job.deleteRow(stock, rrn)).toBe(true);
  });

  test('a file that is not journaled takes no part in commitment control', () => {
    const file = world.partition.createFile(world.job, {
      library: 'APPLIB',
      name: 'PLAIN',
      columns: stockFile(world).file.columns,
    });
    const job = newJob(world.partition);
    job.commitLevel = 2;
    expect(() => job.insertRow(file.members[0]!, ['A1', '1', null])).toThrow(
      expect.objectContaining({ sqlCode: -7008, sqlState: '55019' }),
    );
  });
});

test('a slot freed by a rollback to a savepoint belongs to its next cycle, also when the first one ends', () => {
  // random histories found it: the first cycle took the lock of the second away with its own
  const stock = stockFile(world, '*BOTH', { reuseDeleted: true });
  const [first, second, third] = [newJob(world.partition), newJob(world.partition), newJob(world.partition)];
  for (const job of [first, second, third]) job.commitLevel = 2;
  world.job.insertRow(stock, ['Z1', '9', null]);
  first.savepoint('S');
  const undone = first.insertRow(stock, ['A1', '1', null]);
  first.rollbackTo('S');
  const held = second.insertRow(stock, ['B1', '2', null]);
  expect(held).toBe(undone);
  first.commit();
  expect(() => third.deleteRow(stock, held)).toThrow(expect.objectContaining({ sqlCode: -913 }));
  second.rollback();
  expect(third.deleteRow(stock, held)).toBe(false);
});
