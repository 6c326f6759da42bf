import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextReceiverName } from '../../../src/simulator/partition/journal/receiver';
import { entries, newJob, openWorld, stockFile, types, type World } from './fixture';

let world: World;
beforeEach(() => {
  world = openWorld();
});
afterEach(() => world.partition.close());

const journal = () => world.partition.journal('APPLIB', 'APPJRN')!;
const receiver = (n: number) => world.partition.receiver('APPLIB', `APPRCV000${n}`)!;
const put = (text: string) => world.cl(`SNDJRNE JRN(APPLIB/APPJRN) ENTDTA('${text}')`);
const roll = (extra = '') => world.cl(`CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) ${extra}`);

test.each([
  ['ORDRCV0001', 'ORDRCV0002'],
  ['ABCD00683', 'ABCD00684'],
  ['RCV9', 'RCV0'],
  ['RECEIVER', 'RECEIV0001'],
])('the receiver after %s is %s', (name, next) => {
  expect(nextReceiverName(name)).toBe(next);
});

describe('the chain', () => {
  test('continues: first = previous last + 1, attach = previous detach, linked both ways, NR last and PR first', () => {
    put('one');
    roll();
    put('two');
    const [a, b] = journal().receivers;
    expect([a!.status, b!.status]).toEqual(['ONLINE', 'ATTACHED']);
    expect(b!.first).toBe(a!.last + 1n);
    expect(b!.attached! >= a!.detached!).toBe(true);
    expect([a!.next, b!.previous]).toEqual([
      { library: 'APPLIB', name: 'APPRCV0002' },
      { library: 'APPLIB', name: 'APPRCV0001' },
    ]);
    expect([a!.number, b!.number]).toEqual(['01001', '01002']);
    expect(types(entries(world))).toEqual(['J PR', 'U 00', 'J NR', 'J PR', 'U 00']);
    // CCSID 37: name(10) library(10) of the receiver that follows.
    const nr = entries(world).find((e) => e.type === 'NR')!;
    expect(nr.data!.subarray(0, 20).toString('hex')).toBe('c1d7d7d9c3e5f0f0f0f2c1d7d7d3c9c240404040');
  });

  test('a reset starts at 1, and is refused while a commit cycle is open', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    expect(() => roll('SEQOPT(*RESET)')).toThrow(expect.objectContaining({ messageId: 'CPF7018' }));
    job.commit();
    roll('SEQOPT(*RESET)');
    expect(journal().attachedReceiver.first).toBe(1n);
    expect(journal().receivers[0]!.last).toBeGreaterThan(journal().attachedReceiver.last);
  });

  test('a long cycle spans receivers; the pending one is counted where it began', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    roll();
    job.insertRow(stock, ['A2', '2', null]);
    expect([receiver(1).pendingTransactions, receiver(2).pendingTransactions]).toEqual([1, 0]);
    job.commit();
    const cycle = entries(world).filter((e) => e.commitCycle !== 0n);
    expect(new Set(cycle.map((e) => e.commitCycle)).size).toBe(1);
    expect(cycle.at(-1)!.receiver.name).toBe('APPRCV0002');
  });

  test('a threshold makes the system change receivers by itself', () => {
    world.cl('CRTJRNRCV JRNRCV(APPLIB/SMALL001) THRESHOLD(1)');
    world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(APPLIB/SMALL001)');
    for (let i = 0; i < 12; i++) put('x'.repeat(100));
    expect(
      journal()
        .receivers.map((r) => r.name)
        .slice(0, 4),
    ).toEqual(['APPRCV0001', 'SMALL001', 'SMALL002', 'SMALL003']);
    expect(entries(world).filter((e) => e.code === 'U')).toHaveLength(12);
  });

  test('sequence numbers of 20 digits, and the end of them', () => {
    world.cl('CHGJRN JRN(APPLIB/APPJRN) RCVSIZOPT(*MAXOPT3)');
    const max = 18_446_744_073_709_551_600n;
    world.partition.changeReceiver(journal(), { firstSequence: max - 2n, reset: true, origin: 1 });
    put('last but one');
    put('last');
    expect(
      entries(world)
        .map((e) => e.sequence)
        .slice(-3),
    ).toEqual([max - 2n, max - 1n, max]);
    expect(() => put('too much')).toThrow(expect.objectContaining({ sqlCode: -904 }));
    const [found] = entries(world, { startingReceiver: '*CURRENT', startingSequence: max, endingSequence: max });
    expect(found!.sequence).toBe(max);
  });

  test('IPL: open work is rolled back implicitly, IN announces the reset, the new receiver starts at 1', () => {
    const stock = stockFile(world);
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    world.cl('PWRDWNSYS OPTION(*CNTRLD) RESTART(*YES)');
    expect(types(entries(world)).slice(-6)).toEqual(['R PT', 'R DR', 'C RB', 'J IN', 'J NR', 'J PR']);
    expect(entries(world).find((e) => e.type === 'RB')!.flag).toBe('2');
    expect(journal().attachedReceiver.first).toBe(1n);
    expect(() => job.insertRow(stock, ['A2', '1', null])).toThrow(expect.objectContaining({ sqlCode: -901 }));
    expect(stock.rowCount()).toBe(0);
  });
});

describe('what happens to receivers', () => {
  test('DLTJRNRCV: not while attached; then it is gone, J RD says so, and the chain has a gap', () => {
    roll();
    roll();
    expect(() => world.cl('DLTJRNRCV JRNRCV(APPLIB/APPRCV0003)')).toThrow(
      expect.objectContaining({ messageId: 'CPF7021' }),
    );
    world.cl('DLTJRNRCV JRNRCV(APPLIB/APPRCV0002) DLTOPT(*IGNINQMSG)');
    expect(entries(world, { startingReceiver: '*CURCHAIN' }).map((e) => e.receiver.name)).not.toContain('APPRCV0001');
    expect(entries(world).at(-1)!.type).toBe('RD');
    expect(() => entries(world, { startingReceiver: 'APPRCV0001' })).toThrow(
      expect.objectContaining({ sqlCode: -443, message: expect.stringContaining('break in the receiver chain') }),
    );
    expect(() => entries(world, { startingReceiver: 'APPRCV0002' })).toThrow(
      'Object APPRCV0002 in library *LIBL not found.',
    );
  });

  test('DLTRCV(*YES): detached receivers vanish at once, but not under an open cycle', () => {
    const stock = stockFile(world);
    world.cl('CHGJRN JRN(APPLIB/APPJRN) DLTRCV(*YES)');
    const job = newJob(world.partition);
    job.commitLevel = 2;
    job.insertRow(stock, ['A1', '1', null]);
    roll();
    expect(journal().receivers).toHaveLength(2);
    job.commit();
    roll();
    expect(journal().receivers.map((r) => r.name)).toEqual(['APPRCV0003']);
  });

  test('saved, freed, restored: a freed one is listed and cannot be read', () => {
    put('kept');
    roll();
    world.cl('SAVOBJ OBJ(APPRCV0001) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    expect(receiver(1).status).toBe('SAVED');
    world.cl('SAVOBJ OBJ(APPRCV0001) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV) STG(*FREE)');
    expect([receiver(1).status, receiver(1).first, receiver(1).last]).toEqual(['FREED', 1n, 3n]);
    expect(() => entries(world)).toThrow(expect.objectContaining({ sqlCode: -443 }));
    expect(entries(world, { startingReceiver: '*CURAVLCHN' })[0]!.receiver.name).toBe('APPRCV0002');
    world.cl('RSTOBJ OBJ(APPRCV0001) SAVLIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    expect(
      entries(world)
        .map((e) => e.sequence)
        .slice(0, 3),
    ).toEqual([1n, 2n, 3n]);
  });

  test('restored from a save taken while attached: PARTIAL, its tail missing', () => {
    put('one');
    world.cl('SAVOBJ OBJ(APPRCV0001) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    put('two');
    roll();
    const last = receiver(1).last;
    world.cl('DLTJRNRCV JRNRCV(APPLIB/APPRCV0001)');
    world.cl('RSTOBJ OBJ(APPRCV0001) SAVLIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    expect(receiver(1).status).toBe('PARTIAL');
    expect(receiver(1).last).toBeLessThan(last);
    expect(journal().receivers.map((r) => r.name)).toEqual(['APPRCV0001', 'APPRCV0002']);
  });

  test('a second chain does not link to the first', () => {
    world.partition.changeReceiver(journal(), { newChain: true, origin: 1 });
    expect(receiver(2)).toMatchObject({ previous: null, first: 1n, number: '02001' });
    expect(new Set(entries(world).map((e) => e.receiver.name))).toEqual(new Set(['APPRCV0002']));
  });
});

test('everything survives a restart of the process, an open cycle is resolved', () => {
  const data = mkdtempSync(join(tmpdir(), 'partition-test-'));
  try {
    const first = openWorld(data);
    const stock = stockFile(first);
    first.job.insertRow(stock, ['A1', '1', 'kept']);
    first.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)');
    const job = newJob(first.partition);
    job.commitLevel = 2;
    job.updateRow(stock, 1, new Map([[1, '99']]));
    expect(() => openWorld(data)).toThrow(expect.objectContaining({ code: 'SIMULATE_DATA_IN_USE' }));
    first.partition.halt();
    const second = openWorld(data);
    const again = second.partition.file('APPLIB', 'STOCK')!;
    expect(second.partition.db.prepare(`SELECT c0, c1, c2 FROM ${again.members[0]!.rowTable}`).all()).toEqual([
      { c0: 'A1', c1: 1, c2: 'kept' },
    ]);
    const list = entries(second);
    expect(types(list).slice(-6)).toEqual(['C SC', 'R UB', 'R UP', 'R BR', 'R UR', 'C RB']);
    expect(list.at(-1)!.flag).toBe('2');
    second.job.insertRow(again.members[0]!, ['A2', '2', null]);
    expect(entries(second).at(-1)!.sequence).toBe(list.at(-1)!.sequence + 1n);
    second.partition.close();
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

test('receivers outlive their journal', () => {
  put('kept');
  world.cl('DLTJRN APPLIB/APPJRN');
  expect(receiver(1)).toMatchObject({ journal: null, status: 'ONLINE', pendingTransactions: 0 });
  world.cl('DLTJRNRCV APPLIB/APPRCV0001');
  expect(world.partition.receivers()).toHaveLength(0);
});
