/** What only the retrieve API can get wrong: names that lead to other objects, pointers, buffers, looks that read nothing. */

import { SqlError } from '../../src/errors/coded-error';
import { isNotice } from '../../src/journal/cycle/unit';
import { chooseWay } from '../../src/journal/source/way';
import type { SqlConnection } from '../../src/transport/transport';
import { APPJRN, captured, JournalWorld } from './world';

let world: JournalWorld;
beforeEach(async () => {
  world = await JournalWorld.open({ reader: 'api' });
});
afterEach(() => world[Symbol.dispose]());

const rows = (told: readonly string[]): string[] => told.filter((t) => /^(insert|update|delete) /.test(t));
const calls = (called: readonly string[], procedure: string): number => called.filter((c) => c === procedure).length;

describe('where the partition leaves out foreign entries', () => {
  const read = () => world.read({ filter: 'server' });

  test('a file deleted and created again while we were away: entries of both', async () => {
    await world.insert('STOCK', 1, 'a');
    await read();
    await world.insert('STOCK', 2, 'old');
    await world.sql('DROP TABLE APPLIB.STOCK');
    await world.table('STOCK');
    await world.insert('STOCK', 3, 'new');
    expect(rows(await read())).toEqual(['insert STOCK ->2=old', 'insert STOCK ->3=new']);
  });

  test('a file that took over the name of ours', async () => {
    await world.table('NEXT');
    await world.insert('STOCK', 1, 'a');
    await read();
    await world.insert('STOCK', 2, 'old');
    await world.cl('RNMOBJ OBJ(APPLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(STOCKOLD)');
    await world.cl('RNMOBJ OBJ(APPLIB/NEXT) OBJTYPE(*FILE) NEWOBJ(STOCK)');
    await world.insert('STOCK', 3, 'new');
    expect(rows(await read())).toEqual(['insert STOCK ->2=old', 'insert STOCK ->3=new']);
  });

  test('a file that is gone is no error for the others', async () => {
    await world.insert('STOCK', 1, 'a');
    await world.insert('ORDERS', 2, 'b');
    await world.sql('DROP TABLE APPLIB.STOCK');
    expect(rows(await read())).toEqual(['insert STOCK ->1=a', 'insert ORDERS ->2=b']);
  });

  test('foreign entries do not travel, and the position moves behind them', async () => {
    await world.table('OTHER');
    await world.insert('STOCK', 1, 'a');
    await read();
    for (let i = 1; i <= 50; i++) await world.insert('OTHER', i, 'x');
    let entries = 0;
    await world.read({ filter: 'server' }, { unit: (unit) => (entries += unit.entries) });
    expect(entries).toBeLessThan(5);
    expect(world.checkpoint()!.read.sequence).toBeGreaterThan(50n);
  });

  test('entries that caching hides while the others are read are not passed', async () => {
    await read();
    await world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) JRNCACHE(*YES)');
    for (let i = 1; i <= 3; i++) await world.insert('STOCK', i, 'a');
    await read();
    world.clock.set('2026-11-21T10:05:00.000000');
    expect(rows(await read())).toEqual([1, 2, 3].map((i) => `insert STOCK ->${i}=a`));
  });
});

describe('data behind pointers', () => {
  beforeEach(async () => {
    await world.sql(
      'CREATE TABLE APPLIB.DOCS (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37 NOT NULL, BODY CLOB(1M) CCSID 37)',
    );
    await world.cl('STRJRNPF FILE(APPLIB/DOCS) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  });

  test('the whole data is there, and every pointer is given back', async () => {
    for (let i = 1; i <= 9; i++)
      await world.sql(`INSERT INTO APPLIB.DOCS VALUES (${i}, 'a', '${'lob '.repeat(i * 10)}')`);
    const programs = world.connectPrograms('READER', 4);
    const lengths: number[] = [];
    let held = -1;
    await world.read(
      { tables: [captured('DOCS')] },
      {
        programs,
        unit: (unit) => {
          for (const i of unit.items()) if (!isNotice(i) && i.after?.is === 'image') lengths.push(i.after.image.length);
          held = world.programs.pointerHandles;
        },
      },
    );
    expect(lengths.map((n, i) => n - lengths[0]! === i * 40)).toEqual(Array(9).fill(true));
    expect(held).toBeGreaterThan(0);
    expect(calls(programs.called, 'QjoDeletePointerHandle')).toBe(9);
  });

  test('those of files that are not ours are given back, too, and not read again', async () => {
    for (let i = 1; i <= 5; i++) await world.sql(`INSERT INTO APPLIB.DOCS VALUES (${i}, 'a', 'lob')`);
    const programs = world.connectPrograms();
    const connection = world.connect('READER');
    await world.read({}, { programs, connection });
    expect(calls(programs.called, 'QjoDeletePointerHandle')).toBe(5);
  });
});

test.each([1, 2, 3, 7])(
  'an entry larger than the buffer is asked for again with a larger one: room for %d',
  async (room) => {
    await world.sql(
      'CREATE TABLE APPLIB.WIDE (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37 NOT NULL, PAD CHAR(5000) CCSID 37)',
    );
    await world.cl('STRJRNPF FILE(APPLIB/WIDE) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
    for (let i = 1; i <= 6; i++) {
      await world.sql(`INSERT INTO APPLIB.WIDE VALUES (${i}, 'w', 'x')`);
      await world.insert('STOCK', i, 's');
    }
    const tables = [captured('WIDE'), captured('STOCK')];
    const told = await world.read({ tables }, { blockRows: room });
    expect(rows(told)).toEqual([1, 2, 3, 4, 5, 6].flatMap((i) => [`insert WIDE ->${i}=w`, `insert STOCK ->${i}=s`]));
  },
);

test('a look at an idle journal is one small call that reads no entry', async () => {
  await world.insert('STOCK', 1, 'a');
  const programs = world.connectPrograms();
  const abort = new AbortController();
  let idles = 0;
  const reader = world.reader({}, () => ++idles === 12 && abort.abort(), world.connect('READER'), { programs });
  for await (const unit of reader.units(abort.signal)) world.write(unit);
  expect(idles).toBe(12);
  expect(calls(programs.called, 'QjoRetrieveJournalEntries')).toBeLessThan(5);
  expect(calls(programs.called, 'QjoRtvJrnReceiverInformation')).toBeGreaterThanOrEqual(9);
});

test('an idle look sees the next change, and the next receiver', async () => {
  await world.insert('STOCK', 1, 'a');
  const abort = new AbortController();
  let idles = 0;
  const reader = world.reader({}, () => {
    idles++;
    if (idles > 40) abort.abort();
  });
  const changes: (() => Promise<unknown>)[] = [
    () => world.insert('STOCK', 2, 'b'),
    () => world.newReceiver(),
    () => world.insert('STOCK', 3, 'c'),
  ];
  const working = (async () => {
    for (const change of changes) {
      const seen = idles;
      while (idles < seen + 4) await new Promise((done) => setTimeout(done, 1));
      await change();
    }
  })();
  for await (const unit of reader.units(abort.signal)) world.write(unit);
  await working;
  expect(rows(world.published())).toEqual([1, 2, 3].map((i) => `insert STOCK ->${i}=${' abc'[i]}`));
});

describe('which way', () => {
  const { signal } = new AbortController();
  const connection = (programs?: SqlConnection['programs']): SqlConnection =>
    Object.assign(world.connect('READER'), programs ? { programs } : {});
  const choose = (reader: 'auto' | 'api' | 'sql', on: SqlConnection) =>
    chooseWay(on, { reader, journal: APPJRN }, signal);

  test('auto takes the API where it answers', async () => {
    const chosen = await choose(
      'auto',
      connection(async () => world.connectPrograms()),
    );
    expect(chosen.way).toEqual({ reader: 'api', because: 'it answers' });
    await chosen.programs!.close();
  });

  test('auto takes SQL, and says why, where the transport has no programs, the server is down, or a grant is missing', async () => {
    expect((await choose('auto', connection())).way).toEqual({
      reader: 'sql',
      because: expect.stringContaining('READER_NOT_OFFERED'),
    });
    const down = new SqlError({ sqlCode: -1, sqlState: '08001', message: 'nothing listens' });
    const refused = await choose(
      'auto',
      connection(() => Promise.reject(down)),
    );
    expect(refused).toMatchObject({ way: { reader: 'sql', because: 'HOST_SQL: nothing listens' }, programs: null });
    await world.cl('GRTOBJAUT OBJ(APPLIB/APPJRN) OBJTYPE(*JRN) USER(READER) AUT(*EXCLUDE)');
    const excluded = await choose(
      'auto',
      connection(async () => world.connectPrograms()),
    );
    expect(excluded.way).toEqual({ reader: 'sql', because: expect.stringMatching(/CPF98\d\d/) });
  });

  test('api is an error where it cannot be had, sql never asks', async () => {
    await expect(choose('api', connection())).rejects.toMatchObject({ code: 'READER_NOT_OFFERED', family: 'host' });
    const never = jest.fn();
    expect(await choose('sql', connection(never))).toEqual({
      way: { reader: 'sql', because: 'configured' },
      programs: null,
    });
    expect(never).not.toHaveBeenCalled();
  });
});
