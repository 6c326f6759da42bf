/** QjoRetrieveJournalEntries by each key of its selection, in both formats; null indicators, LOBs, minimized entries. */
import { describeWithJudge } from '../support/judges';
import { ebcdic, int } from './command-answers';
import { codes, files, JournalCaller, type SelectionRecord, wholeChain } from './journal-caller';
import { judgeNeeds, newestJtopen } from './jtopen';
import { readEntries, text } from './rjne0200';

describeWithJudge('selection of journal entries', judgeNeeds(newestJtopen()), () => {
  let caller: JournalCaller;
  beforeAll(async () => {
    caller = await JournalCaller.start({
      seed: false,
      users: [
        { name: 'CDCUSR', password: 'Demo1' },
        { name: 'OTHER', password: 'Demo1' },
      ],
    });
    await caller.sql(
      'CREATE SCHEMA LIB1',
      'CREATE TABLE LIB1.A (ID INTEGER NOT NULL, V VARCHAR(5))',
      'CREATE TABLE LIB1.B (ID INTEGER NOT NULL)',
      "INSERT INTO LIB1.A VALUES(1, 'x')",
      'INSERT INTO LIB1.B VALUES(7)',
      'UPDATE LIB1.A SET V = NULL',
    );
  });
  afterAll(() => caller?.[Symbol.asyncDispose]());

  const found = async (...records: readonly SelectionRecord[]) =>
    (await caller.entries(wholeChain(...records))).entries.map((e) =>
      `${e.code}${e.type} ${e.object.slice(0, 10)}`.trimEnd(),
    );

  test('files, codes and types; *IGNFILSLT keeps what has no file', async () => {
    expect(await found(codes('R'))).toEqual(['RPT A', 'RPT B', 'RUB A', 'RUP A']);
    expect(await found(codes('R'), files('LIB1/A'))).toEqual(['RPT A', 'RUB A', 'RUP A']);
    expect(await found(codes('R'), files('LIB1/A/A', 'LIB1/B/NOMBR'))).toEqual(['RPT A', 'RUB A', 'RUP A']);
    expect(await found(codes('R', 'J *IGNFILSLT'), files('LIB1/B'))).toEqual(['JPR', 'RPT B']);
    expect(await found(codes('R', 'J'), files('LIB1/B'))).toEqual(['RPT B']);
    expect(await found([8, int(2) + ebcdic('UB', 10) + ebcdic('UP', 10)])).toEqual(['RUB A', 'RUP A']);
    const object = ebcdic('B', 10) + ebcdic('LIB1', 10) + ebcdic('*FILE', 10) + ebcdic('*ALL', 10);
    expect(await found(codes('R'), [17, int(1) + object])).toEqual(['RPT B']);
  });

  test('at most 300 files', async () => {
    const many = Array.from({ length: 301 }, () => 'LIB1/A');
    expect(await found(codes('R'), files(...many.slice(1)))).toHaveLength(3);
    expect(await caller.failure(caller.retrieve(wholeChain(files(...many))))).toBe('CPF7054');
  });

  test('sequence numbers, times, a number of entries', async () => {
    const all = (await caller.entries(wholeChain(codes('R')))).entries;
    const number = (i: number) => ebcdic(String(all[i]!.sequence).padStart(20));
    expect(await found(codes('R'), [2, number(1)], [4, number(2)])).toEqual(['RPT B', 'RUB A']);
    expect(await found(codes('R'), [2, ebcdic('*FIRST', 20)], [4, ebcdic('*LAST', 20)])).toHaveLength(4);
    expect(await found(codes('R'), [6, int(3)])).toHaveLength(3);
    expect((await caller.entries(wholeChain(codes('R'), [6, int(3)]))).continuation).toBeNull();
    const inside = [...caller.partition.inside!.retrieveEntries('QSECOFR', request())]
      .flat()
      .filter((e) => e.code === 'R');
    const moment = (i: number) => ebcdic(inside[i]!.timestamp.replace('T', '-').replaceAll(':', '.'));
    expect(await found(codes('R'), [3, moment(1)], [5, moment(2)])).toEqual(['RPT B', 'RUB A']);
  });

  test('job, program, user and commit cycle', async () => {
    const { judge, partition } = caller;
    await judge.run('connect', {
      c: 'o',
      host: partition.host,
      user: 'OTHER',
      password: 'Demo1',
      props: { 'transaction isolation': 'read uncommitted' },
    });
    await judge.run('autocommit', { c: 'o', on: false });
    await judge.run('update', { c: 'o', sql: 'INSERT INTO LIB1.B VALUES(9)' });
    await judge.run('commit', { c: 'o' });
    expect(await found(codes('R'), [11, ebcdic('OTHER', 10)])).toEqual(['RPT B']);
    expect(await found(codes('R'), [10, ebcdic('QZDASOINIT', 10)])).toHaveLength(5);
    const cycle = (await caller.entries(wholeChain(codes('R'), [11, ebcdic('OTHER', 10)]))).entries[0]!.cycle;
    expect(cycle).toBeGreaterThan(0n);
    expect(await found([12, ebcdic(String(cycle), 20)])).toEqual(['CSC', 'RPT B', 'CCM']);
    const [number, user, name] = partition.jobs().at(-1)!.split('/');
    const job = ebcdic(name!, 10) + ebcdic(user!, 10) + ebcdic(number!, 6);
    expect(await found(codes('R'), [9, job])).toEqual(['RPT B']);
    await judge.run('close', { c: 'o' });
  });

  test('null value indicators of a fixed length have no length before them', async () => {
    const block = await caller.structure(wholeChain(codes('R'), files('LIB1/A'), [15, ebcdic('16', 10)]));
    const indicators: string[] = [];
    for (let at = block.readInt32BE(4); ; at += block.readUInt32BE(at)) {
      indicators.push(text(block, at + block.readUInt32BE(at + 4), 16));
      if (block.readUInt32BE(at) === 0) break;
    }
    expect(indicators).toEqual(['00', '00', '01'].map((nulls) => nulls.padEnd(16, '0')));
  });

  test('format RJNE0100: the same entries in characters', async () => {
    const rows = (await caller.entries(wholeChain(codes('R'), files('LIB1/A')))).entries;
    const block = await caller.structure(wholeChain(codes('R'), files('LIB1/A')), { format: 'RJNE0100' });
    let at = block.readInt32BE(4);
    for (const row of rows) {
      expect([text(block, at + 36, 1), text(block, at + 37, 2), text(block, at + 101, 30)]).toEqual([
        row.code,
        row.type,
        row.object.trimEnd(),
      ]);
      expect([BigInt(text(block, at + 16, 20)), BigInt(text(block, at + 131, 10))]).toEqual([row.sequence, row.rrn]);
      expect(text(block, at + 39, 26)).toMatch(/^\d{4}-\d\d-\d\d-\d\d\.\d\d\.\d\d\.\d{6}$/);
      const data = at + block.readUInt32BE(at + 8);
      expect(block.subarray(data + 16, data + 16 + Number(text(block, data, 5)))).toEqual(row.data);
      at += block.readUInt32BE(at);
    }
  });

  test('LOB columns: an image without their bytes, an incomplete entry, a handle until it is deleted', async () => {
    await caller.sql(
      'CREATE TABLE LIB1.L (ID INTEGER NOT NULL, C CLOB(10000) CCSID 1208, N CHAR(16))',
      "INSERT INTO LIB1.L VALUES(1, 'secret words', 'QQQQQQQQQQQQQQQQ')",
    );
    await caller.sql('INSERT INTO LIB1.L VALUES(2, NULL, NULL)');
    const read = (await caller.entries(wholeChain(codes('R'), files('LIB1/L')))).entries;
    const { recordLength } = caller.partition.inside!.file('LIB1', 'L')!;
    expect(read.map((e) => [e.data.length, e.flags & 0x20])).toEqual([
      [recordLength, 0x20],
      [recordLength, 0x20],
    ]);
    expect(read[0]!.data.includes(Buffer.from('secret'))).toBe(false);
    const handles = read.map((e) => e.handle);
    expect(new Set(handles).size).toBe(2);
    expect(handles.every((h) => h > 0)).toBe(true);
    const free = (handle: number) =>
      caller.failure(caller.service('QjoDeletePointerHandle', [{ in: int(handle) }, { in: int(0) }]));
    expect(await free(handles[0]!)).toBe('');
    expect(await free(handles[0]!)).toBe('CPF6949');
    expect(await free(999_999)).toBe('CPF6949');
    // an entry of a format before the LOB was there, and of one after it is gone
    await caller.sql('ALTER TABLE LIB1.L DROP COLUMN C', "INSERT INTO LIB1.L VALUES(3, 'n')");
    const later = (await caller.entries(wholeChain(codes('R'), files('LIB1/L'), [8, int(1) + ebcdic('PT', 10)])))
      .entries;
    expect(later.map((e) => e.flags & 0x20)).toEqual([0x20, 0x20, 0]);
    expect(later[0]!.data).toEqual(read[0]!.data);
  });

  test('entries minimized on field boundaries: formatted when asked, else only what was recorded', async () => {
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) MINENTDTA(*FLDBDY)');
    await caller.sql("UPDATE LIB1.A SET V = 'y'");
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) MINENTDTA(*NONE)');
    const last = async (...records: readonly SelectionRecord[]) =>
      (await caller.entries(wholeChain(codes('R'), files('LIB1/A'), ...records))).entries.at(-1)!;
    const formatted = await last([22, ebcdic('*YES', 10)]);
    expect([formatted.type, formatted.flags, formatted.nulls]).toEqual(['UP', 0x0a, '90']);
    expect(formatted.data.toString('hex')).toBe(`000000000001${ebcdic('y')}00000000`);
    const internal = await last();
    expect([internal.flags, internal.data.toString('hex')]).toEqual([0x0a, `0001${ebcdic('y')}00000000`]);
  });

  test('columns with a field procedure or behind a mask: the image is the record', async () => {
    await caller.sql(
      'CREATE TABLE LIB1.F (ID INTEGER NOT NULL, C CHAR(3) NOT NULL FIELDPROC LIB1.CRYPT, S CHAR(3) NOT NULL)',
    );
    await caller.sql(
      "CREATE MASK LIB1.M ON LIB1.F FOR COLUMN S RETURN CASE WHEN ID = 0 THEN S ELSE 'xxx' END ENABLE",
      'ALTER TABLE LIB1.F ACTIVATE COLUMN ACCESS CONTROL',
    );
    await caller.sql("INSERT INTO LIB1.F VALUES(1, 'ABC', 'DEF')");
    const [entry] = (await caller.entries(wholeChain(codes('R'), files('LIB1/F')))).entries;
    const encoded = Buffer.from(ebcdic('ABC'), 'hex').map((byte) => byte ^ 0x5a);
    expect(entry!.data.toString('hex')).toBe(`00000001${Buffer.from(encoded).toString('hex')}${ebcdic('DEF')}`);
  });

  test('a sequence that was reset: its first occurrence in the range, and each receiver by its name', async () => {
    await caller.cl('CHGJRN JRN(LIB1/QSQJRN) JRNRCV(*GEN) SEQOPT(*RESET)');
    await caller.sql('INSERT INTO LIB1.B VALUES(11)');
    const range = (from: string, to: string): SelectionRecord => [
      1,
      [from, 'LIB1', to, 'LIB1'].map((n) => ebcdic(n, 10)).join(''),
    ];
    const one = ebcdic('1'.padStart(20));
    const structure = await caller.structure(
      `${int(3)}${records(range('QSQJRN0002', 'QSQJRN0002'), [2, one], codes('R'))}`,
    );
    const after = readEntries(structure).entries;
    expect(after).toHaveLength(1);
    const both = readEntries(
      await caller.structure(`${int(3)}${records(range('QSQJRN0001', 'QSQJRN0002'), [2, one], codes('R'))}`),
    ).entries;
    expect(both.map((e) => e.receiver).filter((r) => r !== null)).toEqual(['QSQJRN0001', 'QSQJRN0002']);
    expect(both.at(-1)!.sequence).toBe(after[0]!.sequence);
  });
});

function request() {
  return { journalLibrary: 'LIB1', journalName: 'QSQJRN', startingReceiver: '*CURCHAIN' };
}

function records(...list: readonly SelectionRecord[]): string {
  return list.map(([key, data]) => int(12 + data.length / 2) + int(key) + int(data.length / 2) + data).join('');
}
