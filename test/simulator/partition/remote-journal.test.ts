/** A remote journal on a second partition: the same entries under the same names and numbers, later; nothing of its own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemoteJournal } from '../../../src/simulator/partition/journal/remote-journal';
import { Partition } from '../../../src/simulator/partition/partition';
import { takeOver } from '../../../src/simulator/partition/role-swap';
import { SimulatedPartition } from '../../../src/simulator/simulated-partition';
import type { SqlSession } from '../../../src/simulator/sql-session';

const ENTRIES = { journalLibrary: 'LIB1', journalName: 'QSQJRN', startingReceiver: '*CURCHAIN', includeInternal: true };

let source: SimulatedPartition;
let target: SimulatedPartition;
let session: SqlSession;

beforeEach(async () => {
  source = await SimulatedPartition.start({ seed: false });
  target = await SimulatedPartition.start({ seed: false });
  session = sessionOf(source);
  run(
    'CREATE SCHEMA LIB1',
    'CREATE TABLE LIB1.T (ID INTEGER NOT NULL, V VARCHAR(9))',
    "INSERT INTO LIB1.T VALUES(1, 'one')",
  );
  target.inside!.createLibrary('LIB1');
});
afterEach(async () => {
  session.end();
  await source.stop();
  await target.stop();
});

function sessionOf(partition: SimulatedPartition): SqlSession {
  return partition.engine.openSession({ name: 'TEST', user: 'CDCUSR', number: '000900', remoteAddress: '' });
}

function run(...statements: string[]): void {
  for (const sql of statements) session.prepare(sql).execute([]);
}

function add(): RemoteJournal {
  return RemoteJournal.add(source.inside!, target.inside!, { journal: { library: 'LIB1', name: 'QSQJRN' } });
}

/** What a reader sees of the entries, the partition's own ids left out. */
function entriesOf(partition: SimulatedPartition) {
  return [...partition.inside!.retrieveEntries('QSECOFR', ENTRIES)].flat().map((e) => ({
    ...e,
    receiver: `${e.receiver.library}/${e.receiver.name} ${e.receiver.number} ${e.receiver.first}`,
    object: { ...e.object, id: 0 },
    origin: { ...e.origin, id: 0 },
    data: e.data?.toString('hex'),
  }));
}

test('the same entries, receivers and numbers, over changes of receivers', () => {
  const remote = add();
  expect(entriesOf(target)).toEqual(entriesOf(source));
  run(
    "UPDATE LIB1.T SET V = 'two'",
    "CALL QSYS2.QCMDEXC('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN)')",
    'DELETE FROM LIB1.T',
  );
  expect(remote.deliver()).toBeGreaterThan(0);
  expect(remote.deliver()).toBe(0);
  expect(entriesOf(target)).toEqual(entriesOf(source));
  const states = (p: SimulatedPartition) =>
    p.inside!.receivers().map((r) => [r.name, r.status, r.first, r.last, r.number]);
  expect(states(target)).toEqual(states(source));
  expect(target.inside!.journal('LIB1', 'QSQJRN')!.attachedReceiver.previous).toEqual({
    library: 'LIB1',
    name: 'QSQJRN0001',
  });
});

test('what is younger than the lag has not come yet', () => {
  const remote = add();
  const before = entriesOf(target).length;
  run("INSERT INTO LIB1.T VALUES(2, 'late')");
  expect(remote.deliver(60_000)).toBe(0);
  expect(entriesOf(target)).toHaveLength(before);
  expect(remote.deliver()).toBe(1);
});

test('delivery goes on by itself until it is stopped', async () => {
  const remote = add();
  remote.keepDelivering(0);
  run("INSERT INTO LIB1.T VALUES(3, 'soon')");
  const wanted = entriesOf(source).length;
  while (entriesOf(target).length < wanted) await new Promise((done) => setTimeout(done, 5));
  remote.stop();
});

test('SQL tells a remote journal; no file can be journaled to it, and what is done to its receivers is noted nowhere', () => {
  add();
  const there = sessionOf(target);
  const rows = (sql: string) => there.prepare(sql).open([]).fetch(9);
  expect(
    rows("SELECT JOURNAL_TYPE, SOURCE_JOURNAL_NAME FROM QSYS2.JOURNAL_INFO WHERE JOURNAL_LIBRARY = 'LIB1'"),
  ).toEqual([['*REMOTE', 'QSQJRN']]);
  const display =
    "SELECT COUNT(*) FROM TABLE(QSYS2.DISPLAY_JOURNAL('LIB1', 'QSQJRN', STARTING_RECEIVER_NAME => '*CURCHAIN')) X";
  expect(rows(display)).toEqual([[entriesOf(source).length]]);
  there.prepare('CREATE TABLE LIB1.HERE (ID INTEGER)').execute([]);
  const start = () => there.prepare("CALL QSYS2.QCMDEXC('STRJRNPF FILE(LIB1/HERE) JRN(LIB1/QSQJRN)')").execute([]);
  expect(start).toThrow(/remote journal/);
  const count = entriesOf(target).length;
  target.inside!.ipl();
  expect(entriesOf(target)).toHaveLength(count);
  there.end();
});

test('a copy that was kept in its folder goes on where it was', () => {
  const data = mkdtempSync(join(tmpdir(), 'ibmi-cdc-remote-'));
  const journal = { library: 'LIB1', name: 'QSQJRN' };
  const remote = { library: 'REMOTE', name: 'COPY' };
  const options = { journal, remote, type: '*TYPE2', receiverLibrary: 'REMOTE' } as const;
  const read = (p: Partition) => {
    const entries = p.retrieveEntries('QSECOFR', { ...ENTRIES, journalLibrary: 'REMOTE', journalName: 'COPY' });
    return [...entries].flat().map((e) => [e.sequence, e.type, e.origin.systemName, e.receiver.library]);
  };
  const wanted = () => entriesOf(source).map((e) => [e.sequence, e.type, source.inside!.systemName, 'REMOTE']);
  {
    using kept = Partition.open({ data, systemName: 'TARGET' });
    kept.createLibrary('REMOTE');
    RemoteJournal.add(source.inside!, kept, options);
    expect(read(kept)).toEqual(wanted());
  }
  run("INSERT INTO LIB1.T VALUES(4, 'more')", "CALL QSYS2.QCMDEXC('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN)')");
  using kept = Partition.open({ data, systemName: 'TARGET' });
  RemoteJournal.add(source.inside!, kept, options);
  expect(read(kept)).toEqual(wanted());
  expect(kept.journal('REMOTE', 'COPY')!.attributes.remote).toMatchObject({ type: '*TYPE2', ...journal });
  expect(() => RemoteJournal.add(source.inside!, source.inside!, { journal })).toThrow(/already exists/);
});

test('roles swapped: the same records in the same slots, a journal and receivers of its own', () => {
  run("INSERT INTO LIB1.T VALUES(2, 'two'), (3, 'three')", 'DELETE FROM LIB1.T WHERE ID = 2');
  const journal = { library: 'LIB1', name: 'QSQJRN' };
  takeOver(source.inside!, target.inside!, { library: 'LIB1', journal, receiver: 'HARCV0001' });
  const there = sessionOf(target);
  const rows = (s: SqlSession) => s.prepare('SELECT RRN(T), ID, V FROM LIB1.T T ORDER BY ID').open([]).fetch(9);
  expect(rows(there)).toEqual(rows(session));
  there.prepare("INSERT INTO LIB1.T VALUES(9, 'new')").execute([]);
  const types = [...target.inside!.retrieveEntries('QSECOFR', ENTRIES)]
    .flat()
    .map((e) => `${e.code}${e.type} ${e.receiver.name}`);
  expect(types).toEqual(['JPR', 'DJF', 'FJM', 'RPX'].map((type) => `${type} HARCV0001`));
  expect([...rows(there)].at(-1)![0]).toBe('2');
  there.end();
});
