/** Where foreign entries are left out: by what both ways were measured to cost. */

import type { JournalOptions } from '../../src/journal/options';
import type { FilterReport } from '../../src/journal/position/checkpoint-table';
import { type BlockCost, FilterChoice, MAX_FILES, SAMPLE } from '../../src/journal/reader/filter-choice';
import type { JournalReader } from '../../src/journal/reader/reader';
import type { PreparedStatement, ResultSet, SqlConnection, SqlValue } from '../../src/transport/transport';
import type { EngineConnection } from '../support/engine-connection';
import { JournalWorld } from './world';

const files = (n: number) => Array.from({ length: n }, (_, i) => ({ library: 'LIB', name: `T${i}` }));

/** A journal read with given costs: microseconds for each number passed and for each entry returned. */
class Line {
  ms = 0;
  readonly told: { report: FilterReport; changed: boolean }[] = [];
  readonly choice: FilterChoice;
  passed = 0;
  private seconds = 0;

  constructor(
    readonly share: number,
    readonly cost: { client: number; server: number; entry: number },
    filter: JournalOptions['filter'] = 'auto',
    tables = 1,
  ) {
    this.choice = new FilterChoice(
      filter,
      files(tables),
      () => this.ms + this.seconds * 1000,
      (report, changed) => this.told.push({ report, changed }),
    );
  }

  /** Passes so many numbers in blocks. @returns how often the way of reading changed */
  read(numbers: number, block = 2000): number {
    let turns = 0;
    for (let left = numbers; left > 0; left -= block) {
      const server = this.choice.current() !== null;
      const ours = Math.round(block * this.share);
      const entries = server ? ours : block;
      const ms = (block * (server ? this.cost.server : this.cost.client) + entries * this.cost.entry) / 1000;
      this.ms += ms;
      this.passed += block;
      const cost: BlockCost = { numbers: block, entries, ours, ms };
      if (this.choice.observe(cost)) turns++;
    }
    return turns;
  }

  waitHours(hours: number): void {
    this.seconds += hours * 3600;
  }
}

describe('the choice', () => {
  test('the server leaves them out where transfer is dear, whatever the share', () => {
    const line = new Line(0.6, { client: 1, server: 1.2, entry: 50 });
    line.read(3 * SAMPLE);
    expect(line.told).toMatchObject([{ changed: true, report: { place: 'server', because: 'measured' } }]);
    const { client, server } = line.choice.report();
    expect(client).toMatchObject({ numbers: SAMPLE, entries: SAMPLE, calls: 10 });
    expect(server).toMatchObject({ numbers: SAMPLE, entries: 0.6 * SAMPLE, calls: 10 });
    expect(server!.ms).toBeLessThan(client!.ms);
  });

  test('we leave them out where the comparison is dearer than the transfer, however small the share', () => {
    const line = new Line(0.01, { client: 10, server: 30, entry: 5 });
    line.read(3 * SAMPLE);
    expect(line.told).toMatchObject([{ changed: false, report: { place: 'client', because: 'measured' } }]);
  });

  test('a gain below a fifth changes nothing, so the choice does not flutter', () => {
    const line = new Line(0.5, { client: 10, server: 10, entry: 4 });
    for (let i = 0; i < 50; i++) {
      line.read(1_000_000);
      line.waitHours(1);
    }
    expect(line.told.every((t) => !t.changed)).toBe(true);
    expect(line.choice.report().place).toBe('client');
  });

  test('vain trials become rarer, and cost little of all that is read', () => {
    const line = new Line(0.5, { client: 1, server: 10, entry: 1 });
    const alone = 200_000_000 * 2 * 0.001;
    for (let i = 0; i < 200; i++) {
      line.read(1_000_000);
      line.waitHours(1);
    }
    expect(line.told.length).toBeGreaterThan(5);
    expect(line.told.length).toBeLessThan(20);
    expect(line.ms / alone).toBeLessThan(1.01);
  });

  test('a trial whose sample is all but full ends with its next window', () => {
    const line = new Line(0.5, { client: 1, server: 1, entry: 1 });
    line.read(SAMPLE);
    line.read(SAMPLE - 20, SAMPLE - 20);
    expect(line.told).toEqual([]);
    // as windows end where the limit says, and a block of twenty numbers is not measured
    line.read(line.choice.limit()!, line.choice.limit()!);
    expect(line.told).toHaveLength(1);
  });

  test('a trial that is much dearer is given up before its sample is full', () => {
    const line = new Line(0.5, { client: 1, server: 100, entry: 1 });
    line.read(3 * SAMPLE);
    expect(line.choice.report().server!.numbers).toBe(2000);
  });

  test('when the line changes the choice follows', () => {
    const line = new Line(0.1, { client: 10, server: 30, entry: 1 });
    line.read(100_000);
    expect(line.choice.report().place).toBe('client');
    line.cost.entry = 200;
    line.waitHours(1);
    line.read(10_000_000);
    expect(line.choice.report().place).toBe('server');
    line.cost.entry = 1;
    line.waitHours(1);
    line.read(10_000_000);
    expect(line.choice.report().place).toBe('client');
  });

  test('a journal of our own files alone is never tried the other way', () => {
    const line = new Line(0.95, { client: 1, server: 1, entry: 100 });
    expect(line.read(10_000_000)).toBe(0);
    expect(line.told).toEqual([]);
    expect(line.choice.limit()).toBeNull();
  });

  test('looks that find next to nothing are not measured: an idle journal is left as it is', () => {
    const line = new Line(0, { client: 1, server: 1, entry: 1000 });
    expect(line.read(10 * SAMPLE, 1)).toBe(0);
    expect(line.choice.report()).toEqual({ place: 'client', because: 'default', client: null, server: null });
  });

  test.each([
    ['server', 300, { place: 'server', because: 'configured' }],
    ['server', MAX_FILES, { place: 'server', because: 'configured' }],
    ['server', MAX_FILES + 1, { place: 'client', because: 'tables' }],
    ['auto', MAX_FILES + 1, { place: 'client', because: 'tables' }],
    ['client', 1, { place: 'client', because: 'configured' }],
  ] as const)('filter %s with %d tables', (filter, tables, expected) => {
    const line = new Line(0.01, { client: 1, server: 1, entry: 1000 }, filter, tables);
    line.read(3 * SAMPLE);
    expect(line.choice.report()).toMatchObject(expected);
    expect(line.told).toEqual([]);
  });
});

describe('the reader', () => {
  let world: JournalWorld;
  beforeEach(async () => {
    world = await JournalWorld.open();
    await world.table('OTHER');
  });
  afterEach(() => world[Symbol.dispose]());

  /** Foreign entries around committed rows of ours, across receivers. */
  async function backlog(): Promise<string[]> {
    const x = await world.worker();
    const expected: string[] = [];
    for (let i = 0; i < 54; i++) {
      const values = Array.from({ length: 1000 }, (_, n) => `(${n}, 'x')`).join(', ');
      await world.sql(`INSERT INTO APPLIB.OTHER VALUES ${values}`);
      await world.insert('STOCK', i, 'a', x);
      await x.commit();
      expected.push(`insert STOCK ->${i}=a`);
      if (i % 18 === 17) await world.newReceiver();
    }
    return expected;
  }

  async function read(entryMs: number, walkedMs: number) {
    const time = { ms: 0 };
    let state: ReturnType<JournalReader['state']> | null = null;
    let reader: JournalReader | null = null;
    const told: boolean[] = [];
    const connection = new Priced(world.connect('READER', 1000), time, entryMs, walkedMs);
    const read = await world.read(
      {},
      {
        connection,
        timer: () => time.ms,
        judged: (_, changed) => told.push(changed),
        started: (r) => (reader = r),
        unit: () => (state = reader!.state()),
      },
    );
    return { rows: read.filter((t) => t.startsWith('insert')), state: state!, told, statements: connection.windows };
  }

  test('dear transfer: the server leaves them out, and no change and no commit is missed', async () => {
    const expected = await backlog();
    const { rows, state, told } = await read(1, 0.001);
    expect(rows).toEqual(expected);
    expect(told).toEqual([true]);
    expect((state as unknown as { filter: FilterReport }).filter).toMatchObject({
      place: 'server',
      because: 'measured',
      client: { numbers: expect.any(Number) },
      server: { numbers: expect.any(Number) },
    });
  });

  test('dear comparison: it is tried once and left alone; nothing is missed either', async () => {
    const expected = await backlog();
    const { rows, state, told } = await read(0.001, 1);
    expect(rows).toEqual(expected);
    expect(told).toEqual([false]);
    expect((state as unknown as { filter: FilterReport }).filter.place).toBe('client');
  });

  test('foreign entries at the end are passed, too, once nothing else comes: an idle journal is not behind', async () => {
    await world.insert('STOCK', 1, 'a');
    for (let i = 0; i < 700; i++) await world.insert('OTHER', i, 'x');
    const abort = new AbortController();
    let idle = 0;
    const reader = world.reader({ filter: 'server' }, () => {
      if (++idle === 4) abort.abort();
    });
    for await (const unit of reader.units(abort.signal)) world.write(unit);
    const { chain, read } = reader.state();
    expect(read!.sequence).toBe(chain.attached()!.last);
    expect(world.checkpoint()!.read.sequence).toBe(read!.sequence);
  });

  test('an idle journal is looked at without filter, without trial, by one kind of statement', async () => {
    await world.insert('STOCK', 1, 'a');
    await world.read();
    const { statements, told } = await read(1, 1);
    expect(told).toEqual([]);
    expect(statements.every((sql) => !sql.includes('WHERE'))).toBe(true);
  });
});

/** A connection over which time passes for every entry returned and, behind a filter, for every number walked. */
class Priced implements SqlConnection {
  readonly server;
  readonly windows: string[] = [];
  constructor(
    private readonly inner: EngineConnection,
    private readonly time: { ms: number },
    private readonly entryMs: number,
    private readonly walkedMs: number,
  ) {
    this.server = inner.server;
  }

  async prepare(sql: string): Promise<PreparedStatement> {
    const statement = await this.inner.prepare(sql);
    if (!sql.includes('ENTRY_DATA')) return statement;
    return {
      ...statement,
      query: async (params?: readonly SqlValue[]) => {
        this.windows.push(sql);
        return this.priced(await statement.query(params), sql.includes('WHERE'));
      },
    };
  }

  private priced(result: ResultSet, filtered: boolean): ResultSet {
    const { time, entryMs, walkedMs } = this;
    return {
      ...result,
      async *blocks() {
        let at: number | null = null;
        for await (const rows of result.blocks()) {
          const last = Number(rows.at(-1)![0]);
          time.ms += rows.length * entryMs + (filtered ? (last - (at ?? Number(rows[0]![0]))) * walkedMs : 0);
          at = last;
          yield rows;
        }
      },
    };
  }

  query(sql: string, params?: readonly SqlValue[]): Promise<ResultSet> {
    return this.inner.query(sql, params);
  }
  execute(sql: string, params?: readonly SqlValue[]) {
    return this.inner.execute(sql, params);
  }
  setAutocommit(on: boolean): Promise<void> {
    return this.inner.setAutocommit(on);
  }
  commit(): Promise<void> {
    return this.inner.commit();
  }
  rollback(): Promise<void> {
    return this.inner.rollback();
  }
  close(): Promise<void> {
    return this.inner.close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.inner.close();
  }
}
