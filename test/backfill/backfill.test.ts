/** Backfill against the simulated partition: ranges in legacy conventions, resume, and never overtaking the stream. */
import { BACKFILL_SCHEMA, BackfillJobs, type BackfillWish } from '../../src/backfill/backfill-jobs';
import { BackfillRun } from '../../src/backfill/backfill-run';
import { chunkSql } from '../../src/backfill/chunk-sql';
import { rangePredicate } from '../../src/backfill/date-range';
import type { BackfillRequest } from '../../src/backfill/options';
import { progressBar, progressOf } from '../../src/backfill/progress';
import { type PublishedRows, StreamNotes, type StreamWatch } from '../../src/backfill/stream-notes';
import { isNotice } from '../../src/journal/cycle/unit';
import { JournalHead } from '../../src/journal/reader/visible-head';
import type { ColumnFormat } from '../../src/model/record-format';
import { Store } from '../../src/store/store';
import type { SqlConnection } from '../../src/transport/transport';
import { APPJRN, JournalWorld, LIB } from '../journal/world';
import { valuesOf } from '../support/row-values';

const column = (
  name: string,
  type: ColumnFormat['type'],
  length: number,
  more: Partial<ColumnFormat> = {},
): ColumnFormat => ({
  name,
  type,
  length,
  scale: 0,
  ccsid: 37,
  nullable: false,
  ...more,
});

describe('a range in the column’s own convention', () => {
  const packed = (date: string): ColumnFormat => column('D', 'DECIMAL', 7, { as: { date } as never });
  test.each([
    ['cyymmdd', packed('cyymmdd'), 'D BETWEEN ? AND ?', ['1240228', '1240301']],
    [
      'before 2000 the leading zero is lost',
      packed('cyymmdd'),
      'D BETWEEN ? AND ?',
      ['990228', '990301'],
      '1999-02-28',
      '1999-03-01',
    ],
    ['ccyymmdd', packed('ccyymmdd'), 'D BETWEEN ? AND ?', ['20240228', '20240301']],
    ['cyyddd', packed('cyyddd'), 'D BETWEEN ? AND ?', ['124059', '124061']],
    ['mmddyy lists the days', packed('mmddyy'), 'D IN (?, ?, ?)', ['22824', '22924', '30124']],
    [
      'text keeps its zeros',
      column('D', 'CHAR', 6, { as: { date: 'ddmmyy' } }),
      'D IN (?, ?, ?)',
      ['280224', '290224', '010324'],
    ],
    ['DATE', column('D', 'DATE', 10), 'D BETWEEN ? AND ?', ['2024-02-28', '2024-03-01']],
    [
      'TIMESTAMP takes the whole last day',
      column('D', 'TIMESTAMP', 26),
      'D >= ? AND D < ?',
      ['2024-02-28T00:00:00.000000', '2024-03-02T00:00:00.000000'],
    ],
  ])('%s', (_, format, sql, params, from = '2024-02-28', to = '2024-03-01') => {
    expect(rangePredicate('D', format as ColumnFormat, from, to)).toEqual({ sql, params });
  });

  test.each([
    ['a number nobody calls a date', column('D', 'DECIMAL', 7), '2024-01-01', '2024-01-02'],
    ['an impossible day', column('D', 'DATE', 10), '2024-02-30', '2024-03-01'],
    ['an end before the start', column('D', 'DATE', 10), '2024-03-02', '2024-03-01'],
  ])('%s is refused', (_, format, from, to) => {
    expect(() => rangePredicate('D', format, from, to)).toThrow(
      expect.objectContaining({ code: 'BACKFILL_RANGE', family: 'config' }),
    );
  });
});

describe('on a partition', () => {
  let world: JournalWorld;
  let store: Store;
  beforeEach(async () => {
    world = await JournalWorld.open({ tables: [] });
    await world.keyedTable('STOCK');
    await world.keyedTable('ORDERS');
    store = Store.open(':memory:', [BACKFILL_SCHEMA, { name: 'sink', steps: ['CREATE TABLE sink (what TEXT)'] }]);
  });
  afterEach(() => {
    store.close();
    world[Symbol.dispose]();
  });

  const name = { library: LIB, name: 'STOCK' };
  const request = (o: Partial<BackfillRequest> = {}): BackfillRequest => ({
    table: name,
    sqlName: name,
    columns: [column('ID', 'INTEGER', 4), column('VAL', 'CHAR', 8)],
    journaled: true,
    key: ['ID'],
    range: null,
    where: null,
    chunkRows: 3,
    rowsPerSecond: null,
    ...o,
  });
  const wish: BackfillWish = { table: 'APPLIB/STOCK', range: null, where: null, chunkRows: 3, rowsPerSecond: null };
  const sent = (): string[] => store.db.prepare('SELECT what FROM sink ORDER BY rowid').pluck().all() as string[];

  async function run(
    jobId: number,
    o: Partial<BackfillRequest> = {},
    stream: StreamWatch | null = null,
    kill = 99,
    connection: SqlConnection = world.connect('READER'),
    before: (unit: number) => Promise<void> = async () => {},
  ): Promise<void> {
    const jobs = new BackfillJobs(store);
    const backfill = new BackfillRun({ connection, request: request(o), jobs, jobId, stream });
    let units = 0;
    for await (const unit of backfill.units(new AbortController().signal)) {
      if ('gone' in unit) throw new Error('nothing is remembered here');
      if (units === kill) break; // before the transaction: the chunk is read again
      await before(units);
      store.transaction(() => {
        let rowsSent = 0;
        for (const change of unit.items()) {
          rowsSent++;
          store.db
            .prepare('INSERT INTO sink VALUES (?)')
            .run(`${valuesOf(change.after)['ID']}=${valuesOf(change.after)['VAL']}`);
        }
        unit.commit({ rowsSent, filtered: 0, quarantined: 0, published: rowsSent, known: 0 });
      });
      units++;
    }
    await connection.close();
  }

  test('a key value that reads as null, though it cannot be null, is no place to go on from', async () => {
    await world.sql('CREATE TABLE APPLIB.ODD (ID INTEGER NOT NULL, VAL CHAR(8) CCSID 37)');
    for (const id of [1, 2, 3, 4, 5])
      await world.sql(`INSERT INTO APPLIB.ODD VALUES (${id}, ${id < 3 ? `'v${id}'` : 'NULL'})`);
    const odd = { library: LIB, name: 'ODD' };
    const { id } = new BackfillJobs(store).add(wish, 0);
    await run(id, { table: odd, sqlName: odd, key: ['VAL'], chunkRows: 3 });
    expect(sent().slice(-5)).toEqual(['1=v1', '2=v2', '3=null', '4=null', '5=null']);
    expect(new BackfillJobs(store).get(id)).toMatchObject({ state: 'done', byNumber: true });
  });

  test.each([
    ['the first chunk', /ORDER BY T\."ID"/, []],
    ['a later chunk', /WHERE .*"ID" > .* ORDER BY T\."ID"/, [1, 2, 3]],
  ])(
    'a data mapping error in the order of %s begins again by record number, also after a kill',
    async (_, sql, before) => {
      for (let i = 1; i <= 7; i++) await world.insert('STOCK', i, `v${i}`);
      const jobs = new BackfillJobs(store);
      const { id } = jobs.add(wish, 0);
      const connection = world.connect('READER');
      const text = 'Data conversion or data mapping error.';
      connection.failOnce(sql, { sqlCode: -802, sqlState: '22023', text });
      const chunks = before.length / 3;
      await run(id, {}, null, chunks + 1, connection);
      expect(sent()).toEqual([...before, 1, 2, 3].map((i) => `${i}=v${i}`));
      expect(jobs.get(id)).toMatchObject({ byNumber: true, state: 'running' });
      await run(id);
      expect(sent()).toEqual([...before, 1, 2, 3, 4, 5, 6, 7].map((i) => `${i}=v${i}`));
      expect(jobs.get(id)).toMatchObject({ byNumber: true, state: 'done' });
    },
  );

  test('by record number there is no other order: a data mapping error ends the run', async () => {
    await world.insert('STOCK', 1, 'v1');
    const { id } = new BackfillJobs(store).add(wish, 0);
    const connection = world.connect('READER');
    const text = 'Data conversion or data mapping error.';
    connection.failOnce(/ORDER BY RRN/, { sqlCode: -802, sqlState: '22023', text });
    await expect(run(id, { key: null }, null, 99, connection)).rejects.toMatchObject({ sqlCode: -802 });
    expect(sent()).toEqual([]);
  });

  test.each([
    ['key', ['ID']],
    ['record number', null],
  ])('every row once by %s, going on where a kill stopped it', async (_, key) => {
    for (let i = 1; i <= 11; i++) await world.insert('STOCK', i, `v${i}`);
    await world.remove('STOCK', 4);
    const jobs = new BackfillJobs(store);
    const { id } = jobs.add(wish, 0);
    for (const kill of [0, 1, 2, 1, 99]) await run(id, { key }, null, kill);
    expect(sent()).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10, 11].map((i) => `${i}=v${i}`));
    expect(jobs.get(id)).toMatchObject({ state: 'done', rowsRead: 10, rowsSent: 10 });
    expect(jobs.unfinished(wish)).toBeNull();
  });

  test('the operator’s condition and the count agree', async () => {
    for (let i = 1; i <= 7; i++) await world.insert('STOCK', i, i % 2 ? 'odd' : 'even');
    const { id } = new BackfillJobs(store).add(wish, 0);
    const o = { where: "VAL = 'odd' OR ID = 2" };
    const counter = new BackfillRun({
      connection: world.connect('READER'),
      request: request(o),
      jobs: new BackfillJobs(store),
      jobId: id,
      stream: null,
    });
    expect(await counter.count()).toBe(5);
    await run(id, o);
    expect(sent()).toEqual(['1=odd', '2=even', '3=odd', '5=odd', '7=odd']);
  });

  test('a row changed while its chunk is read comes from the stream alone, and never goes back', async () => {
    for (let i = 1; i <= 6; i++) await world.insert('STOCK', i, 'old');
    await world.read(); // the stream has published all of these
    const { id } = new BackfillJobs(store).add(wish, 0);
    const connection = world.connect('READER');
    const head = new JournalHead(connection, APPJRN);
    const stream = streaming(world, head, async (times) => {
      // between the two watermarks of the first chunk
      if (times === 1) await world.update('STOCK', 2, 'new');
    });
    await run(id, {}, stream);
    expect(sent()).toEqual(['1=old', '3=old', '4=old', '5=old', '6=old']);
    expect(world.published().at(-1)).toBe('update STOCK 2=old>2=new');
    expect(new BackfillJobs(store).get(id)).toMatchObject({ rowsRead: 6, rowsSent: 5 });
    await connection.close();
  });

  test('a row changed between the reading of its chunk and its transaction comes from the stream alone', async () => {
    for (let i = 1; i <= 6; i++) await world.insert('STOCK', i, 'old');
    await world.read();
    const { id } = new BackfillJobs(store).add(wish, 0);
    const connection = world.connect('READER');
    const head = new JournalHead(connection, APPJRN);
    const reading = streaming(world, head, async () => {});
    const { signal } = new AbortController();
    let notes: PublishedRows | null = null;
    const stream: StreamWatch = {
      ...reading,
      note: (low) => {
        notes = reading.note(low);
        return notes;
      },
    };
    // lookups are loaded, or the backlog is full: the stream goes on meanwhile
    await run(id, {}, stream, 99, connection, async (unit) => {
      if (unit > 1) return;
      await world.update('STOCK', unit === 0 ? 2 : 5, 'new');
      await notes!.passed((await head.position(signal))!, signal);
    });
    expect(sent()).toEqual(['1=old', '3=old', '4=old', '6=old']);
    expect(world.published().slice(-2)).toEqual(['update STOCK 2=old>2=new', 'update STOCK 5=old>5=new']);
    expect(new BackfillJobs(store).get(id)).toMatchObject({ rowsRead: 6, rowsSent: 4, rowsNewer: 2 });
    await connection.close();
  });

  test('rows in the middle of a transaction are read as they were committed last, whatever becomes of it', async () => {
    for (let i = 1; i <= 4; i++) await world.insert('STOCK', i, 'old');
    const x = await world.worker();
    await world.update('STOCK', 1, 'new', x);
    await world.remove('STOCK', 2, x);
    await world.insert('STOCK', 5, 'never', x);
    await world.update('STOCK', 5, 'nor', x);
    const { id } = new BackfillJobs(store).add(wish, 0);
    await run(id);
    expect(sent()).toEqual(['1=old', '2=old', '3=old', '4=old']);
    await x.rollback();
  });

  test('a file without journal is read without waiting for anybody', () => {
    expect(chunkSql(request({ journaled: false }), null).sql('T.ID')).toMatch(/ WITH UR$/);
  });

  /** A stream that reads on whenever the backfill waits for it. */
  function streaming(w: JournalWorld, head: JournalHead, between: (times: number) => Promise<void>): StreamWatch {
    const signal = new AbortController().signal;
    let heads = 0;
    return {
      head: async () => {
        // the second, fourth... are high watermarks: what happens before them lies between the two
        if (heads++ % 2 === 1) await between(heads / 2);
        return head.position(signal);
      },
      note: () => {
        const notes = new StreamNotes(
          name,
          w.checkpoint()?.read ?? null,
          (a, b) => Number(a.sequence - b.sequence),
          () => {},
        );
        return {
          passed: async (high, s) => {
            await w.read(
              {},
              {
                unit: (u) => {
                  for (const item of u.items()) if (!isNotice(item)) notes.observe(item);
                  notes.committed(u.checkpoint.read);
                },
              },
            );
            await notes.passed(high, s);
          },
          touched: (rrn) => notes.touched(rrn),
          end: () => notes.end(),
        };
      },
    };
  }
});

test('progress for people', () => {
  const p = progressOf(12_000, 24_000, 2_000, 10_000);
  expect(p).toEqual({ rows: 12_000, total: 24_000, rowsPerSecond: 1000, secondsLeft: 12 });
  expect(progressBar('ORDLIB/ORDHDR', p, 10)).toBe(
    'ORDLIB/ORDHDR [#####-----] 50 %  12,000 of 24,000 rows  1000 rows/s  12 s left',
  );
});
