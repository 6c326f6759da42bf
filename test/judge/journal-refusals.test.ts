/** What the journal's calls refuse: authorities one by one, receivers without storage, callers that want failures as data. */
import { describeWithJudge } from '../support/judges';
import { type CommandAnswer, ebcdic, int } from './command-answers';
import { codes, files, JournalCaller, wholeChain } from './journal-caller';
import { judgeNeeds, newestJtopen } from './jtopen';
import { selectionRecords, text } from './rjne0200';

const USERS = [
  { name: 'CDCUSR', password: 'Demo1' },
  { name: 'READER', password: 'Demo1', limited: true },
];

describeWithJudge('calls of the journal that are refused', judgeNeeds(newestJtopen()), () => {
  let caller: JournalCaller;
  beforeAll(async () => {
    caller = await JournalCaller.start({ seed: false, users: USERS });
    await caller.signOn('r', 'READER', 'Demo1');
    await caller.sql('CREATE SCHEMA LIB1', 'CREATE TABLE LIB1.A (ID INTEGER NOT NULL)', 'INSERT INTO LIB1.A VALUES(1)');
  });
  afterAll(() => caller?.[Symbol.asyncDispose]());

  const c = 'r';
  const entries = () => caller.failure(caller.retrieve(wholeChain(codes('R'), files('LIB1/A')), { c }));
  const everything = () => caller.failure(caller.retrieve(wholeChain(codes('R')), { c }));
  const journal = () => caller.failure(caller.journal('', { c }));
  const receiver = () => caller.failure(caller.receiver('QSQJRN0001LIB1', c));
  const program = (path: string, parameters: readonly object[]) =>
    caller.judge.run<CommandAnswer>('command.call', { c, path, parameters });
  const file = () => caller.failure(fileDescription('A'));
  const object = () => caller.failure(objectDescription('QSQJRN', '*JRN'));

  function fileDescription(name: string): Promise<CommandAnswer> {
    const inputs = ['FILD0100', name.padEnd(10) + 'LIB1'.padEnd(10), '*FIRST    ', '0', '*LCL      ', '*INT      '];
    return program('/QSYS.LIB/QDBRTVFD.PGM', [
      { out: 4096 },
      { in: int(4096) },
      { out: 20 },
      ...inputs.map((word) => ({ in: ebcdic(word) })),
      { in: int(0) },
    ]);
  }

  function objectDescription(name: string, type: string): Promise<CommandAnswer> {
    const inputs = [int(180), ebcdic('OBJD0200'), ebcdic(name, 10) + ebcdic('LIB1', 10), ebcdic(type, 10), int(0)];
    return program('/QSYS.LIB/QUSROBJD.PGM', [{ out: 180 }, ...inputs.map((data) => ({ in: data }))]);
  }

  const calls = { entries, everything, journal, receiver, file, object };
  const outcome = async () => {
    const ids: Record<string, string> = {};
    for (const [name, call] of Object.entries(calls)) ids[name] = await call();
    return ids;
  };
  const nothing = { entries: '', everything: '', journal: '', receiver: '', file: '', object: '' };

  test('each call by the authority it lacks', async () => {
    expect(await outcome()).toEqual(nothing);
    const without = async (revoke: string, grant: string): Promise<Record<string, string>> => {
      await caller.cl(revoke);
      const ids = await outcome();
      await caller.cl(grant);
      return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== ''));
    };
    const change = (name: string, type: string, aut: string): [string, string] => [
      `RVKOBJAUT OBJ(${name}) OBJTYPE(${type}) USER(READER) AUT(${aut})`,
      `GRTOBJAUT OBJ(${name}) OBJTYPE(${type}) USER(READER) AUT(${aut})`,
    ];
    expect(await without(...change('LIB1/QSQJRN', '*JRN', '*OBJEXIST'))).toEqual({ everything: 'CPF9802' });
    expect(await without(...change('LIB1/QSQJRN', '*JRN', '*READ'))).toEqual({
      entries: 'CPF9802',
      everything: 'CPF9802',
      journal: 'CPF9802',
    });
    expect(await without(...change('LIB1/QSQJRN', '*JRN', '*OBJOPR'))).toEqual({
      entries: 'CPF9802',
      everything: 'CPF9802',
      journal: 'CPF9802',
      receiver: 'CPF9802',
      object: 'CPF9802',
    });
    expect(await without(...change('LIB1/QSQJRN0001', '*JRNRCV', '*READ'))).toEqual({
      entries: 'CPF9802',
      everything: 'CPF9802',
      receiver: 'CPF9802',
    });
    expect(await without(...change('LIB1/A', '*FILE', '*READ'))).toEqual({ entries: 'CPF9802' });
    expect(await without(...change('LIB1/A', '*FILE', '*OBJOPR'))).toEqual({ entries: 'CPF9802', file: 'CPF9822' });
    expect(await without(...change('LIB1', '*LIB', '*EXECUTE'))).toEqual({
      entries: 'CPF9820',
      everything: 'CPF9820',
      journal: 'CPF9820',
      receiver: 'CPF9820',
      file: 'CPF9822',
      object: 'CPF9802',
    });
    expect(await outcome()).toEqual(nothing);
  });

  test('what is not there', async () => {
    expect(await caller.failure(caller.receiver('NOPE      LIB1'))).toBe('CPF9801');
    expect(await caller.failure(caller.receiver('NOPE      NOLIB'))).toBe('CPF9810');
    expect(await caller.failure(caller.journal('', { journal: 'NOPE      LIB1' }))).toBe('CPF9801');
    expect(await caller.failure(fileDescription('NOPE'))).toBe('CPF5715');
    expect(await caller.failure(objectDescription('NOPE', '*FILE'))).toBe('CPF9812');
    expect(await caller.failure(objectDescription('NOPE', '*DTAARA'))).toBe('CPF9801');
    expect(await caller.failure(caller.service('QjoNoSuchProcedure', []))).toBe('CPF226E');
    expect(await caller.failure(caller.retrieve(wholeChain(), { format: 'RJNE0300' }))).toBe('CPF3C21');
    expect(await caller.failure(caller.retrieve(wholeChain(), { size: 8 }))).toBe('CPF3C19');
  });

  test('a caller that gives an error code gets the failure in it, and no message', async () => {
    const call = (name: string) =>
      caller.service('QjoRtvJrnReceiverInformation', [
        { out: 512 },
        ...[int(512), ebcdic(`${name}LIB1      `), ebcdic('RRCV0100')].map((data) => ({ in: data })),
        { in: int(64).padEnd(128, '0'), out: 64 },
      ]);
    const failed = await call('NOPE      ');
    expect([failed.done, failed.messages]).toEqual([true, []]);
    const error = Buffer.from(failed.outputs.at(-1)!, 'hex');
    expect([error.readInt32BE(4), text(error, 8, 7), text(error, 16, 20)]).toEqual([36, 'CPF9801', 'NOPE      LIB1']);
    const done = Buffer.from((await call('QSQJRN0001')).outputs.at(-1)!, 'hex');
    expect(done.readInt32BE(4)).toBe(0);
  });

  test('entries still in a cache are counted, but no one can read them', async () => {
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) JRNCACHE(*YES)');
    const cached = async () => text(Buffer.from((await caller.journal('')).outputs[0]!, 'hex'), 195, 1);
    const last = async () =>
      BigInt(text(Buffer.from((await caller.receiver('QSQJRN0001LIB1')).outputs[0]!, 'hex'), 432, 20));
    expect(await cached()).toBe('1');
    const before = await last();
    await caller.sql('INSERT INTO LIB1.A VALUES(2)');
    expect(await last()).toBeGreaterThan(before);
    expect((await caller.entries(wholeChain(codes('R')))).entries).toHaveLength(1);
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) JRNCACHE(*NO)');
    expect((await caller.entries(wholeChain(codes('R')))).entries).toHaveLength(2);
    expect(await cached()).toBe('0');
  });

  test('receivers saved, freed, restored partially, deleted: what the directory says, what can be read', async () => {
    const directory = async () => {
      const block = Buffer.from((await caller.journal(`${int(1) + int(12) + int(1) + int(0)}40`)).outputs[0]!, 'hex');
      const key = block.readInt32BE(8);
      const first = key + 4 + block.readInt32BE(key + 8) + block.readInt32BE(key + 12);
      return Array.from({ length: block.readInt32BE(key + 16) }, (_, i) => first + i * 128).map(
        (at) => `${text(block, at, 10)} ${text(block, at + 38, 1)}`,
      );
    };
    const range = (from: string): string =>
      selectionRecords([1, [from, 'LIB1', '*CURRENT', ''].map((name) => ebcdic(name, 10)).join('')], codes('R'));
    await caller.cl('SAVOBJ OBJ(QSQJRN0001) LIB(LIB1) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN)');
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN)');
    expect(await directory()).toEqual(['QSQJRN0001 2', 'QSQJRN0002 2', 'QSQJRN0003 1']);
    await caller.cl('SAVOBJ OBJ(QSQJRN0002) LIB(LIB1) DEV(*SAVF) OBJTYPE(*JRNRCV) STG(*FREE)');
    await caller.cl('SAVOBJ OBJ(QSQJRN0001) LIB(LIB1) DEV(*SAVF) OBJTYPE(*JRNRCV)');
    expect(await directory()).toEqual(['QSQJRN0001 3', 'QSQJRN0002 4', 'QSQJRN0003 1']);
    expect(await caller.failure(caller.retrieve(range('QSQJRN0001')))).toBe('CPF7022');
    await caller.cl('DLTJRNRCV JRNRCV(LIB1/QSQJRN0002) DLTOPT(*IGNINQMSG)');
    expect(await directory()).toEqual(['QSQJRN0001 3', 'QSQJRN0003 1']);
    expect(await caller.failure(caller.retrieve(range('QSQJRN0002')))).toBe('CPF9801');
    expect(await caller.failure(caller.retrieve(range('QSQJRN0001')))).toBe('CPF7053');
    expect(caller.partition.errors).toEqual([]);
  });

  test('where a library and a file are journaled, by their paths', async () => {
    const journalOf = (path: string) => caller.judge.run<string | null>('command.journalOf', { path });
    expect(await journalOf('/QSYS.LIB/LIB1.LIB')).toBe('/QSYS.LIB/LIB1.LIB/QSQJRN.JRN');
    expect(await journalOf('/QSYS.LIB/LIB1.LIB/A.FILE')).toBe('/QSYS.LIB/LIB1.LIB/QSQJRN.JRN');
    expect(await journalOf('/QSYS.LIB/QGPL.LIB')).toBeNull();
    await expect(journalOf('/QSYS.LIB/NOLIB.LIB')).rejects.toThrow(/3025|not found|ENOENT/i);
  });
});
