/** The journal's service program through JTOpen's ServiceProgramCall: entries, receivers, journal, in the layouts it must have. */
import { RemoteJournal } from '../../src/simulator/partition/journal/remote-journal';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { type CommandAnswer, ebcdic, int } from './command-answers';
import { files, JournalCaller, type SelectionRecord, wholeChain } from './journal-caller';
import { type Judge, judgeNeeds, newestJtopen } from './jtopen';
import { type ReadEntry, readEntries, selectionRecords, text } from './rjne0200';

describeWithJudge('QJOURNAL', judgeNeeds(newestJtopen()), () => {
  let caller: JournalCaller;
  let judge: Judge;
  let partition: SimulatedPartition;
  beforeAll(async () => {
    caller = await JournalCaller.start();
    ({ judge, partition } = caller);
  });
  afterAll(() => caller?.[Symbol.asyncDispose]());

  const sql = (statement: string) => caller.sql(statement);
  const cl = (command: string) => caller.cl(command);
  const retrieve = (selection: string, size = 65_536, journal = 'QSQJRN    LIB1      ') =>
    caller.retrieve(selection, { size, journal });
  const entries = (selection: string, size?: number) => caller.entries(selection, size);
  const all = (...more: readonly SelectionRecord[]) =>
    wholeChain([2, ebcdic('*FIRST', 20)], [4, ebcdic('*LAST', 20)], ...more);

  test('entries of a table: images, nulls, places, receivers of a chain', async () => {
    await sql('CREATE SCHEMA LIB1');
    await sql('CREATE TABLE LIB1.T1 (ID INTEGER NOT NULL PRIMARY KEY, NAME VARCHAR(10), PRICE DECIMAL(7,2))');
    await sql("INSERT INTO LIB1.T1 VALUES(1, 'one', 1.25)");
    await sql('INSERT INTO LIB1.T1 VALUES(2, NULL, NULL)');
    await cl('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN)');
    await sql("UPDATE LIB1.T1 SET NAME = 'two' WHERE ID = 2");
    await sql('DELETE FROM LIB1.T1 WHERE ID = 1');
    const read = await entries(all([7, int(1) + ebcdic('R', 10) + ebcdic('*ALLSLT', 10)]));
    expect(read.continuation).toBeNull();
    expect(read.entries.map((e) => [e.type, e.rrn, e.nulls, e.receiver])).toEqual([
      ['PT', 1n, '000', 'QSQJRN0001'],
      ['PT', 2n, '011', null],
      ['UB', 2n, '011', 'QSQJRN0002'],
      ['UP', 2n, '001', null],
      ['DL', 1n, '000', null],
    ]);
    const first = read.entries[0]!;
    expect(first.data.toString('hex')).toBe(`000000010003${ebcdic('one')}${'00'.repeat(7)}0000125f`);
    expect(first).toMatchObject({ object: 'T1        LIB1      T1        ', user: 'CDCUSR', flags: 0 });
    const inside = [
      ...partition.inside!.retrieveEntries('QSECOFR', {
        journalLibrary: 'LIB1',
        journalName: 'QSQJRN',
        startingReceiver: '*CURCHAIN',
        codes: ['R'],
      }),
    ].flat();
    expect(read.entries.map((e) => e.sequence)).toEqual(inside.map((e) => e.sequence));
    expect(read.entries.map((e) => e.cycle)).toEqual(inside.map((e) => e.commitCycle));
    const moment = await judge.run<string>('command.timestamp', { hex: first.dts });
    expect(moment).toBe(
      `${new Date(`${inside[0]!.timestamp.slice(0, 23)}Z`).toISOString().replace(/\.(\d+)Z/, '')}.${inside[0]!.timestamp.slice(20)}Z/${Number(inside[0]!.timestamp.slice(20)) * 1000}`,
    );
  });

  test('buffers that are too small: cut before an entry, named in the continuation; nothing lost, nothing twice', async () => {
    const whole = await entries(all());
    for (const size of [1024, 700, 512, 330]) {
      const seen: ReadEntry[] = [];
      let selection = all();
      for (;;) {
        const answer = await retrieve(selection, size);
        expect(answer.done).toBe(true);
        const { entries: some, continuation, bytes } = readEntries(Buffer.from(answer.outputs[0]!, 'hex'));
        expect(bytes).toBeLessThanOrEqual(size);
        seen.push(...some);
        if (!continuation) break;
        if (some.length === 0) {
          expect(size).toBe(330); // an entry with data does not fit: offset 0, and a larger buffer is wanted
          break;
        }
        const { receiver, library, sequence } = continuation;
        selection = selectionRecords(
          [1, ebcdic(receiver, 10) + ebcdic(library, 10) + ebcdic('*CURRENT', 10) + ebcdic('', 10)],
          [2, ebcdic(String(sequence).padStart(20))],
          [4, ebcdic('*LAST', 20)],
        );
      }
      if (size > 330) expect(seen.map((e) => e.sequence)).toEqual(whole.entries.map((e) => e.sequence));
    }
  });

  test('receiver and journal information', async () => {
    const rcv = await caller.receiver('QSQJRN0001LIB1');
    const r = Buffer.from(rcv.outputs[0]!, 'hex');
    const receiver = partition.inside!.receiver('LIB1', 'QSQJRN0001')!;
    expect(text(r, 8, 10)).toBe('QSQJRN0001');
    expect([text(r, 88, 1), text(r, 332, 10), text(r, 342, 10)]).toEqual(['2', 'QSQJRN0002', 'LIB1']);
    expect([372, 412, 432].map((at) => BigInt(text(r, at, 20)))).toEqual([
      receiver.entries,
      receiver.first,
      receiver.last,
    ]);
    expect(text(r, 95, 13)).toMatch(/^1\d{12}$/);

    const plain = Buffer.from((await caller.journal('', { pages: 1 })).outputs[0]!, 'hex');
    expect([text(plain, 195, 1), text(plain, 200, 10), text(plain, 210, 10)]).toEqual(['0', 'QSQJRN0002', 'LIB1']);
    const j = Buffer.from((await caller.journal(`${int(1) + int(12) + int(1) + int(0)}40`)).outputs[0]!, 'hex');
    expect(j.readInt32BE(4)).toBe(1);
    const key = j.readInt32BE(8);
    expect([j.readInt32BE(key), j.readInt32BE(key + 4)]).toEqual([1, 1]);
    const first = key + 4 + j.readInt32BE(key + 8) + j.readInt32BE(key + 12);
    expect([j.readInt32BE(key + 16), j.readInt32BE(key + 20)]).toEqual([2, 128]);
    const directory = [0, 1]
      .map((i) => first + i * 128)
      .map((at) => [text(j, at, 10), text(j, at + 20, 5), text(j, at + 38, 1)]);
    expect(directory).toEqual([
      ['QSQJRN0001', '01001', '2'],
      ['QSQJRN0002', '01002', '1'],
    ]);
  });

  test('a remote journal on a second partition: its kind and source, and the entries of the source', async () => {
    await using second = await SimulatedPartition.start({ seed: false });
    second.inside!.createLibrary('LIB1');
    const source = { library: 'LIB1', name: 'QSQJRN' };
    RemoteJournal.add(partition.inside!, second.inside!, { journal: source, type: '*TYPE2' });
    const { signon, database, remoteCommand: command } = second.ports;
    // ports are known by the name of the system, to the whole JVM
    await judge.run('ports', { host: 'localhost', signon, database, command });
    await judge.run('command.open', { c: 's', host: 'localhost', user: second.user, password: second.password });
    const info = Buffer.from((await caller.journal('', { c: 's' })).outputs[0]!, 'hex');
    expect([65, 66].map((at) => text(info, at, 1))).toEqual(['1', '2']);
    expect([text(info, 97, 10), text(info, 107, 10), text(info, 117, 8)]).toEqual([
      'QSQJRN',
      'LIB1',
      partition.inside!.systemName,
    ]);
    const receiver = Buffer.from((await caller.receiver('QSQJRN0001LIB1', 's')).outputs[0]!, 'hex');
    expect([text(receiver, 185, 1), text(receiver, 224, 10), text(receiver, 88, 1)]).toEqual(['2', 'QSQJRN', '2']);
    const there = readEntries(await caller.structure(all(), { c: 's' })).entries;
    expect(there).toEqual((await entries(all())).entries);
    await judge.run('command.close', { c: 's' });
  });

  test('what the work of each job costs is told by SQL, and is less through the API than through DISPLAY_JOURNAL', async () => {
    await sql('CREATE TABLE LIB1.LOAD (ID INTEGER NOT NULL)');
    for (let i = 0; i < 40; i++) await sql(`INSERT INTO LIB1.LOAD VALUES(${i})`);
    const cpu = async (name: string): Promise<number> => {
      const table = `TABLE(QSYS2.ACTIVE_JOB_INFO(JOB_NAME_FILTER => '${name}', CURRENT_USER_LIST_FILTER => 'CDCUSR')) X`;
      const { rows } = await judge.run('query', { sql: `SELECT CPU_TIME, TOTAL_DISK_IO_COUNT FROM ${table}` });
      return Number(rows[0]![0]);
    };
    const reads = 30;
    const byCalls = await cpu('QZRCSRVS');
    for (let i = 0; i < reads; i++) await entries(all());
    const calls = (await cpu('QZRCSRVS')) - byCalls;
    const bySql = await cpu('*');
    const display = `SELECT ENTRY_DATA FROM TABLE(QSYS2.DISPLAY_JOURNAL('LIB1', 'QSQJRN', STARTING_RECEIVER_NAME => '*CURCHAIN')) X`;
    for (let i = 0; i < reads; i++) await judge.run('query', { sql: display });
    const rows = (await cpu('*')) - bySql;
    expect(calls).toBeGreaterThan(0);
    expect(rows).toBeGreaterThan(3 * calls);
  });

  test('failures carry the message ids readers go by', async () => {
    const idOf = (answer: Promise<CommandAnswer>) => caller.failure(answer);
    expect(await idOf(retrieve(all([8, int(1) + ebcdic('ZZ', 10)])))).toBe('CPF7062');
    expect(await idOf(retrieve(all(), 65_536, 'NOJRN     LIB1      '))).toBe('CPF9801');
    expect(await idOf(retrieve(all(), 65_536, 'NOJRN     NOLIB     '))).toBe('CPF9810');
    const from = (n: string) => selectionRecords([1, ebcdic('*CURCHAIN', 40)], [2, ebcdic(n.padStart(20))]);
    expect(await idOf(retrieve(from('99999')))).toBe('CPF7053');
    expect(await idOf(retrieve(from('nonsense')))).toBe('CPF7054');
    expect(await idOf(retrieve(all(files('LIB1/NOFILE'))))).toBe('CPF7060');
    expect(await idOf(retrieve('00000001'))).toBe('CPF6946');
    expect(partition.errors).toEqual([]);
  });
});
