/** The audit against receivers that come, go, are freed, begin again at 1, or belong to another chain. */
import { readReceivers } from '../../src/catalog/journals';
import { type AuditReport, auditJournal } from '../../src/journal/ledger/audit';
import { FATE } from '../../src/journal/ledger/ledger';
import { LedgerTable } from '../../src/journal/ledger/table';
import { ReceiverChain } from '../../src/journal/position/chain';
import type { Position } from '../../src/model/position';
import { APPJRN, JournalWorld, LIB } from './world';

let world: JournalWorld;
beforeEach(async () => {
  world = await JournalWorld.open();
});
afterEach(() => world[Symbol.dispose]());

const at = (receiver: string, sequence: number | bigint): Position => ({
  receiver: { library: LIB, name: receiver },
  sequence: BigInt(sequence),
});

async function audit(from: Position, to?: Position): Promise<AuditReport> {
  const connection = world.connect('READER');
  const chain = new ReceiverChain(await readReceivers(connection, APPJRN));
  const range = { from, to: to ?? world.checkpoint()!.read };
  const report = await auditJournal(connection, APPJRN, chain, new LedgerTable(world.store), range);
  await connection.close();
  return report;
}

/** Three receivers, the numbers of the third beginning at 1 again; all read. */
async function three(): Promise<void> {
  await world.insert('STOCK', 1, 'a');
  await world.newReceiver();
  const x = await world.worker();
  await world.insert('STOCK', 2, 'b', x);
  await x.rollback();
  await world.newReceiver(true);
  await world.insert('STOCK', 3, 'c');
  await world.read();
}
const forget = (receiver: string): void => {
  world.store.db.prepare('DELETE FROM ledger_stretch WHERE receiver = ?').run(`${LIB}/${receiver}`);
};

test('every entry across receivers and a reset has a fate', async () => {
  await three();
  const report = await audit(at('RCV0001', 1));
  expect(report).toMatchObject({ holes: [], unproved: [] });
  expect(report.fates.get(FATE.published)).toBe(2);
  expect(report.fates.get(FATE.rolledBack)).toBe(2);
  expect([...report.fates.values()].reduce((a, b) => a + b)).toBe(report.entries);
});

test('what the ledger does not know is a hole, named with its receiver and numbers', async () => {
  await three();
  forget('RCV0002');
  const { holes } = await audit(at('RCV0001', 1));
  expect(holes).toEqual([
    expect.objectContaining({ receiver: 'APPLIB/RCV0002', why: 'no fate', from: expect.any(BigInt) }),
  ]);
  expect((await audit(at('RCV0003', 1))).holes).toEqual([]);
  expect((await audit(at('RCV0001', 1), at('RCV0001', 5))).holes).toEqual([]);
});

test('entries that came after the last one read are no holes, also while somebody writes', async () => {
  await three();
  const to = world.checkpoint()!.read;
  await world.insert('STOCK', 4, 'd');
  expect(await audit(at('RCV0001', 1), to)).toMatchObject({ holes: [] });
  // the directory's last number was the same as ours when it was read, and is not by now
  const connection = world.connect('READER');
  const chain = new ReceiverChain(await readReceivers(connection, APPJRN));
  await world.read();
  const range = { from: at('RCV0001', 1), to: { ...to, sequence: chain.attached()!.last } };
  await world.insert('STOCK', 5, 'e');
  const report = await auditJournal(connection, APPJRN, chain, new LedgerTable(world.store), range);
  expect(report.holes).toEqual([]);
});

test.each([
  ['deleted', 'DLTJRNRCV JRNRCV(APPLIB/RCV0001) DLTOPT(*IGNINQMSG)', 'RCV0001'],
  ['freed', 'SAVOBJ OBJ(RCV0001) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV) STG(*FREE)', 'RCV0001'],
])('a receiver that is %s is not proved, which is no hole; the rest is', async (why, command, name) => {
  await three();
  await world.cl(command);
  const report = await audit(at('RCV0001', 1));
  expect(report).toMatchObject({ holes: [], unproved: [{ receiver: `APPLIB/${name}`, why }] });
  expect(report.entries).toBeGreaterThan(0);
  forget('RCV0003');
  expect((await audit(at('RCV0001', 1))).holes).toHaveLength(1);
  // a range without it has nothing unproved
  expect((await audit(at('RCV0002', 1))).unproved).toEqual([]);
});

test('receivers before one that is freed are still asked: a hole there is found', async () => {
  await three();
  await world.cl('SAVOBJ OBJ(RCV0002) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV) STG(*FREE)');
  forget('RCV0001');
  const report = await audit(at('RCV0001', 1));
  expect(report.unproved).toEqual([{ receiver: 'APPLIB/RCV0002', why: 'freed' }]);
  expect(report.holes).toEqual([expect.objectContaining({ receiver: 'APPLIB/RCV0001' })]);
});

test('what positionLost skipped and can still be read is a hole of its own kind', async () => {
  await world.insert('STOCK', 1, 'a');
  await world.read();
  const first = world.checkpoint()!.read;
  await world.newReceiver();
  await world.insert('STOCK', 2, 'b');
  await world.newReceiver();
  await world.insert('STOCK', 3, 'c');
  await world.newReceiver();
  await world.cl('DLTJRNRCV JRNRCV(APPLIB/RCV0001) DLTOPT(*IGNINQMSG)');
  await world.cl('DLTJRNRCV JRNRCV(APPLIB/RCV0002) DLTOPT(*IGNINQMSG)');
  await world.read({ onPositionLost: 'latest' });
  await world.insert('STOCK', 4, 'd');
  await world.read();
  const report = await audit(first);
  expect(report.unproved).toEqual([
    { receiver: 'APPLIB/RCV0001', why: 'deleted' },
    { receiver: 'APPLIB/RCV0002', why: 'deleted and never read' },
  ]);
  expect(report.holes).toEqual([
    expect.objectContaining({ receiver: 'APPLIB/RCV0003', why: 'skipped' }),
    expect.objectContaining({ receiver: 'APPLIB/RCV0004', why: 'skipped' }),
  ]);
  expect(report.fates.get(FATE.published)).toBe(1);
});

test('earliest skips nothing that can be read', async () => {
  await world.insert('STOCK', 1, 'a');
  await world.read();
  const first = world.checkpoint()!.read;
  await world.newReceiver();
  await world.newReceiver();
  await world.insert('STOCK', 3, 'c');
  await world.cl('DLTJRNRCV JRNRCV(APPLIB/RCV0001) DLTOPT(*IGNINQMSG)');
  await world.cl('DLTJRNRCV JRNRCV(APPLIB/RCV0002) DLTOPT(*IGNINQMSG)');
  await world.read({ onPositionLost: 'earliest' });
  expect(await audit(first)).toMatchObject({
    holes: [],
    unproved: [{ why: 'deleted' }, { why: 'deleted and never read' }],
  });
});

test('entries the server left out are proved as such', async () => {
  await world.table('OTHER');
  for (let i = 0; i < 700; i++) await world.insert('OTHER', i, 'x');
  await world.insert('STOCK', 1, 'a');
  await world.newReceiver();
  await world.insert('OTHER', 900, 'x');
  await world.insert('STOCK', 2, 'b');
  await world.read({ filter: 'server' });
  const report = await audit(at('RCV0001', 1));
  expect(report.holes).toEqual([]);
  expect(report.fates.get(FATE.notOursByServer)).toBeGreaterThan(690);
});

test.each([
  ['a receiver nobody knows', at('NOWHERE', 1), undefined],
  ['an end before its start', at('RCV0003', 1), at('RCV0001', 1)],
  ['an end before its start in one receiver', at('RCV0001', 9), at('RCV0001', 1)],
])('%s is refused', async (_, from, to) => {
  await three();
  await expect(audit(from, to)).rejects.toMatchObject({ code: 'AUDIT_RANGE', family: 'config' });
});
