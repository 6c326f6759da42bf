/** Every way other products lost or invented changes in reading; those of the data and the set-up are in test/capture/traps.test.ts. */

import { readTables } from '../../src/catalog/catalog';
import { isNotice, type UnitItem } from '../../src/journal/cycle/unit';
import { windowSql } from '../../src/journal/entry/display-journal';
import { forecastLoss } from '../../src/journal/position/data-loss';
import type { JournalReader } from '../../src/journal/reader/reader';
import { runCommand } from '../../src/simulator/partition/cl/run';
import { captured, JournalWorld, LIB, READERS } from './world';

describe.each(READERS)('by %s', (reader) => {
  let world: JournalWorld;
  beforeEach(async () => {
    world = await JournalWorld.open({ reader });
  });
  afterEach(() => world[Symbol.dispose]());

  describe('receivers and sequence numbers', () => {
    test('receivers before the attached one are read: the default of the function is not relied on', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.newReceiver();
      await world.update('STOCK', 1, 'b');
      await world.newReceiver();
      await world.remove('STOCK', 1);
      expect(rows(await world.read())).toEqual(['insert STOCK ->1=a', 'update STOCK 1=a>1=b', 'delete STOCK 1=b>-']);
    });

    test('sequence numbers that restart at every IPL: each receiver is a numbering of its own, nothing twice, nothing missed', async () => {
      for (let i = 1; i <= 4; i++) {
        await world.insert('STOCK', i, 'a');
        await world.ipl();
      }
      await world.insert('STOCK', 9, 'z');
      expect(rows(await world.read())).toEqual(
        [1, 2, 3, 4].map((i) => `insert STOCK ->${i}=a`).concat('insert STOCK ->9=z'),
      );
      expect(new Set(world.positions()).size).toBe(world.positions().length);
      await world.ipl();
      await world.insert('STOCK', 10, 'y');
      expect(rows(await world.read())).toEqual(['insert STOCK ->10=y']);
    });

    test('an operator resets the numbers while we read: no endless loop', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.read();
      await world.newReceiver(true);
      await world.insert('STOCK', 2, 'b');
      expect(rows(await world.read())).toEqual(['insert STOCK ->2=b']);
    });

    test.each([1, 2, 3, 7])(
      'the first entry of each continuation block is not lost: blocks of %d',
      async (blockRows) => {
        for (let i = 1; i <= 20; i++) await world.insert('STOCK', i, `v${i}`);
        const told = await world.read({}, { blockRows });
        expect(rows(told)).toEqual(Array.from({ length: 20 }, (_, i) => `insert STOCK ->${i + 1}=v${i + 1}`));
      },
    );

    test('windows bounded by sequence numbers meet without gap or repeat', async () => {
      for (let i = 1; i <= 30; i++) await world.insert('STOCK', i, `v${i}`);
      expect(rows(await world.read({ windowEntries: 3 }))).toHaveLength(30);
    });

    test('a receiver attached while we read is followed at once', async () => {
      await world.insert('STOCK', 1, 'a');
      let changed = false;
      const told = await world.read(
        {},
        {
          blockRows: 1,
          unit: () => {
            if (changed) return;
            changed = true;
            runCommand(world.partition, world.partition.openJob(JOB), 'CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN)');
          },
        },
      );
      await world.insert('STOCK', 2, 'b');
      expect(rows([...told, ...(await world.read())])).toEqual(['insert STOCK ->1=a', 'insert STOCK ->2=b']);
      expect(world.checkpoint()?.read.receiver.name).toBe('RCV0002');
    });

    test.each([0, 1, 2])('a journal with %d entries of ours', async (n) => {
      for (let i = 1; i <= n; i++) await world.insert('STOCK', i, 'a');
      await world.read({ start: 'latest' });
      expect(world.checkpoint()).not.toBeNull();
      await world.insert('STOCK', 99, 'z');
      expect(await world.read()).toEqual(['insert STOCK ->99=z']);
    });

    test('hidden entries use numbers too: holes are no loss', async () => {
      world.partition.journals()[0]!.attributes = {
        ...world.partition.journals()[0]!.attributes,
        internalEvery: 2,
      } as never;
      for (let i = 1; i <= 9; i++) await world.insert('STOCK', i, 'a');
      expect(rows(await world.read({ windowEntries: 2 }))).toHaveLength(9);
      await world.insert('STOCK', 10, 'b');
      expect(rows(await world.read())).toEqual(['insert STOCK ->10=b']);
    });
  });

  describe('the head of the journal', () => {
    test('cached entries are not skipped because the catalog counts them', async () => {
      await world.read();
      await world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) JRNCACHE(*YES)');
      await world.insert('STOCK', 1, 'a');
      await world.insert('STOCK', 2, 'b');
      expect(rows(await world.read())).toEqual([]);
      world.clock.set('2026-11-21T10:05:00.000000');
      expect(rows(await world.read())).toEqual(['insert STOCK ->1=a', 'insert STOCK ->2=b']);
    });

    test('a first start at the head of a cached journal takes the last entry that can be read', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.cl('CHGJRN JRN(APPLIB/APPJRN) JRNRCV(*GEN) JRNCACHE(*YES)');
      for (let i = 2; i <= 6; i++) await world.insert('STOCK', i, 'b');
      await world.read({ start: 'latest' });
      world.clock.set('2026-11-21T10:05:00.000000');
      expect(rows(await world.read())).toEqual([2, 3, 4, 5, 6].map((i) => `insert STOCK ->${i}=b`));
    });

    test('looking at an idle journal again and again provokes no failure and reads one entry', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.read();
      for (let i = 0; i < 5; i++) expect(await world.read()).toEqual([]);
    });

    test('an inverted range near the head (CPF7054) is not taken for a pruned journal', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.read();
      const before = world.checkpoint()!;
      const connection = world.connect('READER');
      const programs = world.connectPrograms();
      connection.failOnce(/DISPLAY_JOURNAL/, {
        sqlCode: -443,
        sqlState: '38501',
        text: 'CPF7054 FROM and TO values not valid.',
      });
      programs.failOnce('QjoRetrieveJournalEntries', 'CPF7054', 'FROM and TO values not valid.');
      await world.insert('STOCK', 2, 'b');
      expect(rows(await world.read({}, { connection, programs }))).toEqual(['insert STOCK ->2=b']);
      expect(world.checkpoint()!.read.receiver).toEqual(before.read.receiver);
    });

    test('the position moves on while every entry is filtered', async () => {
      await world.table('OTHER');
      await world.read();
      const before = world.checkpoint()!.read.sequence;
      for (let i = 1; i <= 5; i++) await world.insert('OTHER', i, 'x');
      expect(await world.read()).toEqual([]);
      expect(world.checkpoint()!.read.sequence).toBeGreaterThan(before);
    });

    test('the position moves on behind a filter of the server, too', async () => {
      await world.table('OTHER');
      await world.insert('STOCK', 1, 'a');
      for (let i = 1; i <= 1200; i++) await world.insert('OTHER', i, 'x');
      expect(rows(await world.read({ filter: 'server' }))).toEqual(['insert STOCK ->1=a']);
      expect(world.checkpoint()!.read.sequence).toBeGreaterThanOrEqual(1000n);
      await world.insert('STOCK', 2, 'b');
      expect(rows(await world.read({ filter: 'server' }))).toEqual(['insert STOCK ->2=b']);
    });
  });

  describe('a lost position', () => {
    beforeEach(async () => {
      await world.insert('STOCK', 1, 'a');
      await world.read();
      await world.newReceiver();
      await world.insert('STOCK', 2, 'b');
      await world.newReceiver();
      await world.insert('STOCK', 3, 'c');
      await world.newReceiver();
      await world.insert('STOCK', 4, 'd');
    });
    const prune = (name: string): Promise<void> => world.cl(`DLTJRNRCV JRNRCV(APPLIB/${name}) DLTOPT(*IGNINQMSG)`);

    test('stop: exits with the choices and what they cost, the checkpoint stays', async () => {
      await prune('RCV0001');
      await prune('RCV0002');
      const before = world.checkpoint();
      await expect(world.read()).rejects.toMatchObject({
        code: 'POSITION_LOST',
        family: 'positionLost',
        next: expect.stringContaining('earliest: goes on at APPLIB/RCV0003:0'),
      });
      expect(world.checkpoint()).toEqual(before);
    });

    test.each([
      ['earliest', ['insert STOCK ->3=c', 'insert STOCK ->4=d']],
      ['latest', []],
      ['backfill', []],
    ] as const)('%s goes on, and says so for every table', async (onPositionLost, expected) => {
      await prune('RCV0001');
      await prune('RCV0002');
      const told = await world.read({ onPositionLost });
      expect(told.slice(0, 2)).toEqual(['position.lost STOCK', 'position.lost ORDERS']);
      expect(rows(told)).toEqual(expected);
      await world.insert('STOCK', 5, 'e');
      expect(rows(await world.read({ onPositionLost }))).toEqual(['insert STOCK ->5=e']);
    });

    test('the next receiver is gone although ours is still there: lost as well', async () => {
      await prune('RCV0002');
      await expect(world.read()).rejects.toMatchObject({ code: 'POSITION_LOST' });
    });

    test('a freed receiver is listed and empty-handed: lost, until it is restored', async () => {
      await world.cl('SAVOBJ OBJ(RCV0002) LIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV) STG(*FREE)');
      await expect(world.read()).rejects.toMatchObject({
        code: 'POSITION_LOST',
        message: expect.stringContaining('freed'),
      });
      await world.cl('RSTOBJ OBJ(RCV0002) SAVLIB(APPLIB) DEV(*SAVF) OBJTYPE(*JRNRCV)');
      expect(rows(await world.read())).toEqual(['insert STOCK ->2=b', 'insert STOCK ->3=c', 'insert STOCK ->4=d']);
    });

    test('missing authority shows as absence, and is not called a loss', async () => {
      for (const user of ['READER'])
        await world.cl(`RVKOBJAUT OBJ(APPLIB/RCV0001) OBJTYPE(*JRNRCV) USER(${user}) AUT(*ALL)`).catch(() => undefined);
      await world.cl('GRTOBJAUT OBJ(APPLIB/RCV0001) OBJTYPE(*JRNRCV) USER(READER) AUT(*EXCLUDE)');
      await expect(world.read()).rejects.toMatchObject({ code: 'JOURNAL_NOT_AUTHORIZED', family: 'host' });
    });

    test('a reader slower than the journal is told in hours, not reported healthy', async () => {
      let reader: JournalReader | null = null;
      await world.newReceiver();
      await world.read({}, { started: (r) => (reader = r), killAfter: 1 });
      const chain = reader!.state().chain;
      const forecast = forecastLoss(chain, world.checkpoint()!.resume, '2026-11-22T10:00:00.000000', null);
      expect(forecast.behind).toBeGreaterThan(0n);
      expect(forecast.hoursToLoss).not.toBeNull();
    });
  });

  describe('images', () => {
    test('before images are not lost or mixed up when jobs edit rows back and forth', async () => {
      for (const table of ['STOCK', 'ORDERS']) for (const id of [1, 2]) await world.insert(table, id, 'a');
      const [x, y] = [await world.worker(), await world.worker()];
      await world.update('STOCK', 1, 'x1', x);
      await world.update('ORDERS', 1, 'y1', y);
      await world.update('STOCK', 1, 'a', x);
      await world.update('ORDERS', 2, 'y2', y);
      await world.update('STOCK', 1, 'x2', x);
      await x.commit();
      await y.commit();
      expect(rows(await world.read()).slice(4)).toEqual([
        'update STOCK 1=a>1=x1',
        'update STOCK 1=x1>1=a',
        'update STOCK 1=a>1=x2',
        'update ORDERS 1=a>1=y1',
        'update ORDERS 2=a>2=y2',
      ]);
    });

    test('IMAGES(*AFTER): updates come without before image, deletes with the record number alone', async () => {
      await world.table('THIN', '*AFTER');
      const tables = [captured('THIN')];
      await world.insert('THIN', 1, 'a');
      await world.update('THIN', 1, 'b');
      await world.remove('THIN', 1);
      const seen: UnitItem[] = [];
      expect(rows(await world.read({ tables }, { unit: (u) => seen.push(...u.items()) }))).toEqual([
        'insert THIN ->1=a',
        'update THIN ->1=b',
        'delete THIN ->-',
      ]);
      const deleted = seen.find((i) => !isNotice(i) && i.op === 'delete');
      expect(deleted && !isNotice(deleted) && deleted.rrn).toBe(1n);
    });

    test('live rows are not left deleted: delete and re-insert into the same slot, in order', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.remove('STOCK', 1);
      await world.insert('STOCK', 1, 'b');
      expect(rows(await world.read())).toEqual(['insert STOCK ->1=a', 'delete STOCK 1=a>-', 'insert STOCK ->1=b']);
    });

    test('an image longer than the cast is read again in full, LOB data with it', async () => {
      await world.sql(
        'CREATE TABLE APPLIB.DOCS (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37 NOT NULL, BODY CLOB(1M) CCSID 37)',
      );
      await world.cl('STRJRNPF FILE(APPLIB/DOCS) JRN(APPLIB/APPJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
      await world.sql(`INSERT INTO APPLIB.DOCS VALUES (1, 'a', '${'lob '.repeat(100)}')`);
      const lengths: number[] = [];
      const told = await world.read(
        { tables: [captured('DOCS')], entryDataBytes: 64 },
        {
          unit: (u) => {
            for (const i of u.items()) if (!isNotice(i) && i.after?.is === 'image') lengths.push(i.after.image.length);
          },
        },
      );
      expect(rows(told)).toEqual(['insert DOCS ->1=a']);
      expect(lengths[0]).toBeGreaterThan(400);
    });

    test('entry data is never selected as declared, BLOB(2G)', () => {
      expect(windowSql({ dataBytes: 32000, from: 'first', to: 'last', filter: null })).toMatch(
        /CAST\(ENTRY_DATA AS VARBINARY\(32000\)\)/,
      );
    });

    test('timestamps are the partition clock, whatever zone this process has', async () => {
      const zone = process.env['TZ'];
      process.env['TZ'] = 'Pacific/Kiritimati';
      try {
        await world.insert('STOCK', 1, 'a');
        const stamps: string[] = [];
        await world.read(
          {},
          {
            unit: (u) => {
              for (const i of u.items()) if (!isNotice(i)) stamps.push(i.timestamp);
            },
          },
        );
        expect(stamps[0]).toMatch(/^2026-11-21T10:00:0\d\.\d{6}$/);
      } finally {
        if (zone === undefined) delete process.env['TZ'];
        else process.env['TZ'] = zone;
      }
    });
  });

  describe('commitment control', () => {
    test('rolled back work never leaves; a partial rollback leaves what was committed', async () => {
      const x = await world.worker();
      await world.insert('STOCK', 1, 'a', x);
      await x.rollback();
      await world.insert('STOCK', 2, 'a', x);
      await x.execute('SAVEPOINT S1 ON ROLLBACK RETAIN CURSORS');
      await world.update('STOCK', 2, 'b', x);
      await world.remove('STOCK', 2, x);
      await world.insert('STOCK', 3, 'c', x);
      await x.execute('ROLLBACK TO SAVEPOINT S1');
      await world.update('STOCK', 2, 'd', x);
      await x.commit();
      expect(rows(await world.read())).toEqual(['insert STOCK ->2=a', 'update STOCK 2=a>2=d']);
    });

    test('cycles leave in commit order, and nothing of an open one before its end', async () => {
      const [x, y] = [await world.worker(), await world.worker()];
      await world.insert('STOCK', 1, 'x', x);
      await world.insert('STOCK', 2, 'y', y);
      await world.insert('ORDERS', 3, 'auto');
      expect(rows(await world.read())).toEqual(['insert ORDERS ->3=auto']);
      await y.commit();
      expect(rows(await world.read())).toEqual(['insert STOCK ->2=y']);
      await x.commit();
      expect(rows(await world.read())).toEqual(['insert STOCK ->1=x']);
    });

    test('a cycle that began before our first start is published whole', async () => {
      const x = await world.worker();
      await world.insert('STOCK', 1, 'before', x);
      await world.newReceiver();
      await world.read({ start: 'latest' });
      await world.insert('STOCK', 2, 'after', x);
      await x.commit();
      expect(rows(await world.read())).toEqual(['insert STOCK ->1=before', 'insert STOCK ->2=after']);
    });

    test.each(['insert', 'update'])(
      'killed when the very last entry read opened a cycle by %s: it is read again',
      async (op) => {
        await world.insert('STOCK', 1, 'a');
        await world.read();
        const x = await world.worker();
        await (op === 'insert' ? world.insert('STOCK', 2, 'b', x) : world.update('STOCK', 1, 'b', x));
        for (let i = 0; i < 3; i++) expect(await world.read()).toEqual([]);
        await x.commit();
        expect(rows(await world.read())).toEqual([op === 'insert' ? 'insert STOCK ->2=b' : 'update STOCK 1=a>1=b']);
      },
    );

    test('a long cycle spills, spans receivers and restarts, and leaves once', async () => {
      const x = await world.worker();
      for (let i = 1; i <= 60; i++) {
        await world.insert('STOCK', i, 'x', x);
        if (i % 20 === 0) {
          await world.newReceiver();
          await world.insert('ORDERS', i, 'auto');
          expect(rows(await world.read({ heldEntries: 7 }))).toEqual([`insert ORDERS ->${i}=auto`]);
        }
      }
      expect(world.checkpoint()!.resume.receiver.name).toBe('RCV0001');
      await x.commit();
      expect(rows(await world.read({ heldEntries: 7 }))).toEqual(
        Array.from({ length: 60 }, (_, i) => `insert STOCK ->${i + 1}=x`),
      );
      expect(world.checkpoint()!.openCycles).toEqual([]);
    });

    test('an orphan cycle is resolved by the rollback of the IPL', async () => {
      const x = await world.worker();
      await world.insert('STOCK', 1, 'x', x);
      await world.read();
      await world.ipl();
      await world.insert('STOCK', 2, 'y');
      expect(rows(await world.read())).toEqual(['insert STOCK ->2=y']);
      expect(world.checkpoint()!.openCycles).toEqual([]);
    });

    test('uncommitted: true publishes at once, and the compensations with it', async () => {
      const tables = [captured('STOCK', { uncommitted: true })];
      const x = await world.worker();
      await world.insert('STOCK', 1, 'a', x);
      expect(rows(await world.read({ tables }))).toEqual(['insert STOCK ->1=a']);
      await world.update('STOCK', 1, 'b', x);
      await world.remove('STOCK', 1, x);
      await x.rollback();
      expect(rows(await world.read({ tables }))).toEqual([
        'update STOCK 1=a>1=b',
        'delete STOCK 1=b>-',
        'insert STOCK ->1=b',
        'update STOCK 1=b>1=a',
        'delete STOCK 1=a>-',
      ]);
    });

    test('commit entries are not hidden by the filter of the server, nor by more than 300 files', async () => {
      const many = Array.from({ length: 350 }, (_, i) => captured(`T${i}`));
      const x = await world.worker();
      await world.insert('STOCK', 1, 'a', x);
      await x.commit();
      expect(rows(await world.read({ filter: 'server', tables: [captured('STOCK'), ...many] }))).toEqual([
        'insert STOCK ->1=a',
      ]);
    });
  });

  describe('entries beyond rows', () => {
    test.each([
      ['CLRPFM APPLIB/STOCK', 'table.cleared STOCK'],
      ['RGZPFM FILE(APPLIB/STOCK)', 'table.reorganized STOCK'],
      ['RNMOBJ OBJ(APPLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(STOCK2)', 'table.renamed STOCK'],
      ['DLTF FILE(APPLIB/STOCK)', 'table.deleted STOCK'],
      ['ENDJRNPF FILE(APPLIB/STOCK)', 'journaling.ended STOCK'],
    ])('%s is told as %s', async (command, notice) => {
      await world.insert('STOCK', 1, 'a');
      await world.read();
      await world.cl(command);
      expect(await world.read()).toContain(notice);
    });

    test('a change of format is told, and the layout read again before the next entry', async () => {
      await world.insert('STOCK', 1, 'a');
      await world.sql('ALTER TABLE APPLIB.STOCK ADD COLUMN EXTRA CHAR(2) NOT NULL DEFAULT ' + "'xx'");
      await world.sql("INSERT INTO APPLIB.STOCK VALUES (2, 'b', 'yy')");
      const order: string[] = [];
      await world.read(
        {},
        {
          unit: (u) => {
            for (const i of u.items()) order.push(isNotice(i) ? i.kind : i.op);
          },
          relayout: async (file) => {
            order.push(`relayout ${file.name}`);
          },
        },
      );
      const inserts = order.filter((o) => o !== 'journaling.started');
      expect(inserts.indexOf('relayout STOCK')).toBeGreaterThan(inserts.indexOf('insert'));
      expect(inserts.lastIndexOf('insert')).toBeGreaterThan(inserts.lastIndexOf('relayout STOCK'));
    });

    test('a burst of deletes raises one notice before the delete that breaks the limit; reading goes on', async () => {
      for (let i = 1; i <= 9; i++) await world.insert('STOCK', i, 'a');
      for (let i = 1; i <= 9; i++) await world.remove('STOCK', i);
      const told = await world.read({ tables: [captured('STOCK', { massDelete: { deletes: 5, seconds: 60 } })] });
      const deletes = told.filter((t) => t.startsWith('delete') || t.startsWith('table.mass'));
      expect(deletes.indexOf('table.mass-delete STOCK')).toBe(5);
      expect(deletes).toHaveLength(10);
    });
  });
});

describe('the catalog', () => {
  let world: JournalWorld;
  beforeEach(async () => {
    world = await JournalWorld.open();
  });
  afterEach(() => world[Symbol.dispose]());

  test('the journal is the one of the file, not the one of its library', async () => {
    await world.cl('CRTLIB JRNLIB');
    await world.cl('CRTJRNRCV JRNRCV(JRNLIB/R0001)');
    await world.cl('CRTJRN JRN(JRNLIB/OTHERJRN) JRNRCV(JRNLIB/R0001)');
    await world.sql('CREATE TABLE APPLIB.ELSEWHERE (ID INTEGER NOT NULL PRIMARY KEY)');
    await world.cl('STRJRNPF FILE(APPLIB/ELSEWHERE) JRN(JRNLIB/OTHERJRN) IMAGES(*AFTER)');
    const [facts] = await readTables(world.connect('READER'), [{ library: LIB, name: 'ELSEWHERE' }]);
    expect(facts).toMatchObject({
      state: 'ok',
      journal: { name: { library: 'JRNLIB', name: 'OTHERJRN' }, images: 'AFTER' },
      key: { columns: ['ID'], source: 'primary key' },
    });
  });

  test('columns come in record format order with the lengths of the image', async () => {
    const [facts] = await readTables(world.connect('READER'), [{ library: LIB, name: 'STOCK' }]);
    expect(facts?.format.columns.map((c) => [c.name, c.type, c.length, c.ccsid])).toEqual([
      ['ID', 'INTEGER', 4, null],
      ['VAL', 'CHAR', 8, 37],
    ]);
  });

  test('tables that do not resolve are told apart, the others keep their facts', async () => {
    await world.sql('CREATE TABLE APPLIB.LOOSE (ID INTEGER NOT NULL)');
    await world.cl('ENDJRNPF FILE(APPLIB/LOOSE)').catch(() => undefined);
    const asked = ['STOCK', 'NOWHERE', 'LOOSE'].map((name) => ({ library: LIB, name }));
    const facts = await readTables(world.connect('READER'), asked);
    expect(facts.map((f) => f.state)).toEqual(['ok', 'missing', 'not journaled']);
  });

  test('the number of catalog statements does not grow with the tables', async () => {
    const few = world.connect('READER');
    await readTables(few, [{ library: LIB, name: 'STOCK' }]);
    for (let i = 0; i < 30; i++) await world.sql(`CREATE TABLE APPLIB.MANY${i} (ID INTEGER NOT NULL PRIMARY KEY)`);
    const many = world.connect('READER');
    const facts = await readTables(
      many,
      Array.from({ length: 30 }, (_, i) => ({ library: LIB, name: `MANY${i}` })),
    );
    expect(facts.every((f) => f.columns.length === 1)).toBe(true);
    expect(many.statements).toBe(few.statements);
  });
});

const JOB = { name: 'ADMIN', user: 'ADMIN', number: '900000', remoteAddress: '' };

/** Row changes alone, without notices of journaling being started. */
function rows(told: readonly string[]): string[] {
  return told.filter((t) => /^(insert|update|delete) /.test(t));
}
