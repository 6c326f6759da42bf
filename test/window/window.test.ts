/** Window capture against the simulated partition's SQL engine, with a clock set by hand. */
import type { Change } from '../../src/model/change';
import type { ColumnFormat, LegacyDate } from '../../src/model/record-format';
import { ManualClock } from '../../src/simulator/partition/clock';
import { Partition } from '../../src/simulator/partition/partition';
import { PartitionSqlEngine } from '../../src/simulator/sql/run/engine';
import { Store } from '../../src/store/store';
import type { SqlValue } from '../../src/transport/transport';
import type { DeleteLimit } from '../../src/window/key-compare';
import type { WindowCursor, WindowOptions } from '../../src/window/options';
import type { WindowUnit } from '../../src/window/units';
import { WindowReader } from '../../src/window/window-reader';
import { WINDOW_SCHEMA } from '../../src/window/window-state';
import { EngineConnection } from '../support/engine-connection';
import { valuesOf } from '../support/row-values';

const column = (name: string, type: ColumnFormat['type'], length: number, scale = 0): ColumnFormat => ({
  name,
  type,
  length,
  scale,
  ccsid: 37,
  nullable: false,
});

const TABLES: Record<string, { ddl: string; columns: ColumnFormat[]; cursor: WindowCursor }> = {
  PRICES: {
    ddl: 'CREATE TABLE APPLIB.PRICES (ID INTEGER NOT NULL PRIMARY KEY, AMOUNT DECIMAL(9,2) NOT NULL, CHGTS TIMESTAMP NOT NULL)',
    columns: [column('ID', 'INTEGER', 4), column('AMOUNT', 'DECIMAL', 9, 2), column('CHGTS', 'TIMESTAMP', 26, 6)],
    cursor: { is: 'timestamp', column: 'CHGTS' },
  },
  LEGACY: {
    ddl: 'CREATE TABLE APPLIB.LEGACY (ID INTEGER NOT NULL PRIMARY KEY, AMOUNT DECIMAL(9,2) NOT NULL, CHGDAT DECIMAL(7,0) NOT NULL, CHGTIM NUMERIC(6,0) NOT NULL)',
    columns: [
      column('ID', 'INTEGER', 4),
      column('AMOUNT', 'DECIMAL', 9, 2),
      column('CHGDAT', 'DECIMAL', 7),
      column('CHGTIM', 'NUMERIC', 6),
    ],
    cursor: { is: 'legacy', date: 'CHGDAT', dateForm: 'cyymmdd', time: 'CHGTIM', timeForm: 'hhmmss' },
  },
  LOGBOOK: {
    ddl: 'CREATE TABLE APPLIB.LOGBOOK (ID INTEGER NOT NULL PRIMARY KEY, AMOUNT DECIMAL(9,2) NOT NULL)',
    columns: [column('ID', 'INTEGER', 4), column('AMOUNT', 'DECIMAL', 9, 2)],
    cursor: { is: 'sequence', column: 'ID' },
  },
};

class World implements Disposable {
  readonly store = Store.open(':memory:', [WINDOW_SCHEMA]);
  readonly connection: EngineConnection;
  readonly seen: string[] = [];
  private reader: WindowReader;

  private constructor(
    private readonly partition: Partition,
    private readonly engine: PartitionSqlEngine,
    readonly clock: ManualClock,
    private readonly options: WindowOptions,
    private readonly limit: DeleteLimit,
  ) {
    this.connection = new EngineConnection(
      engine.openSession({ name: 'QZDASOINIT', user: 'TESTER', number: '000001', remoteAddress: '' }),
    );
    this.reader = new WindowReader(this.connection, this.store, options, { limit });
  }

  static async open(
    table: string,
    options: Partial<WindowOptions> = {},
    limit: DeleteLimit = () => null,
  ): Promise<World> {
    const clock = new ManualClock('2026-10-24T23:00:00.000000', 0n);
    const partition = Partition.open({ clock, officers: ['TESTER'] });
    partition.createLibrary('APPLIB');
    const engine = await PartitionSqlEngine.open(partition);
    const { ddl, columns, cursor } = TABLES[table]!;
    const name = { library: 'APPLIB', name: table };
    const world = new World(
      partition,
      engine,
      clock,
      {
        journaled: false,
        table: name,
        sqlName: name,
        columns,
        key: ['ID'],
        cursor,
        everyMs: 1000,
        overlapMs: 60_000,
        marginMs: 2000,
        pageRows: 3,
        start: 'now',
        remember: 'row',
        ...options,
      },
      limit,
    );
    await world.run(ddl);
    return world;
  }

  /** The same on a journaled file, which can be changed under commitment control. */
  static async journaled(table: string): Promise<World> {
    const world = await World.open(table, { journaled: true });
    for (const command of [
      'CRTJRNRCV JRNRCV(APPLIB/RCV0001)',
      'CRTJRN JRN(APPLIB/APPJRN) JRNRCV(APPLIB/RCV0001)',
      `STRJRNPF FILE(APPLIB/${table}) JRN(APPLIB/APPJRN) IMAGES(*BOTH)`,
    ])
      await world.run(`CALL QSYS2.QCMDEXC('${command}')`);
    return world;
  }

  /** Another job, under commitment control. */
  async worker(): Promise<EngineConnection> {
    const session = this.engine.openSession({ name: 'W', user: 'TESTER', number: '000002', remoteAddress: '' });
    const worker = new EngineConnection(session);
    await worker.setAutocommit(false);
    return worker;
  }

  run(sql: string, params: readonly SqlValue[] = []): Promise<unknown> {
    return this.connection.execute(sql, params);
  }

  at(time: string): void {
    this.clock.set(`${time.length > 8 ? time : `2026-10-24T${time}`}.000000`);
  }

  /** One look; what it tells is remembered and returned. */
  async look(): Promise<string[]> {
    return this.collect(this.reader.pass(new AbortController().signal));
  }
  /** A look of one page, and a new process. */
  async dieAfterPage(): Promise<string[]> {
    const pages = this.reader.pass(new AbortController().signal);
    const { value } = await pages.next();
    const told = await this.collect(
      (async function* () {
        yield value as WindowUnit;
      })(),
    );
    this.restart();
    return told;
  }
  async compareKeys(): Promise<string[]> {
    return this.collect(this.reader.deletes(new AbortController().signal));
  }
  /** A new process on the same state file. */
  restart(): void {
    this.reader = new WindowReader(this.connection, this.store, this.options, { limit: this.limit });
  }

  private async collect(units: AsyncIterable<WindowUnit>): Promise<string[]> {
    const told: string[] = [];
    for await (const unit of units)
      this.store.transaction(() => {
        for (const change of unit.items())
          told.push('kind' in change ? `${change.kind} ${change.facts['deletes']}` : show(change));
        unit.commit();
      });
    this.seen.push(...told);
    return told;
  }

  [Symbol.dispose](): void {
    this.store.close();
    this.engine.close();
    this.partition.close();
  }
}

function show(change: Change): string {
  const row = valuesOf(change.after ?? change.before);
  return `${change.op} ${String(row['ID'])}${row['AMOUNT'] === null ? '' : `=${String(row['AMOUNT'])}`}`;
}

const put = (
  id: number,
  amount: string,
  time: string,
  day = '2026-10-24',
): Record<'PRICES' | 'LEGACY', readonly [string, readonly SqlValue[]]> => ({
  PRICES: ['INSERT INTO APPLIB.PRICES VALUES (?, ?, ?)', [id, amount, `${day}T${time}.000000`]],
  LEGACY: [
    'INSERT INTO APPLIB.LEGACY VALUES (?, ?, ?, ?)',
    [id, amount, `1${day.slice(2).replaceAll('-', '')}`, time.replaceAll(':', '')],
  ],
});

describe.each([{ table: 'PRICES' as const }, { table: 'LEGACY' as const }])(
  '$table: rows that carry the time of their change',
  ({ table }) => {
    const add = (world: World, id: number, amount: string, time: string, day?: string) =>
      world.run(...put(id, amount, time, day)[table]);

    test('created and updated are told apart, the unchanged are not told again, pages end nowhere', async () => {
      using world = await World.open(table);
      for (let id = 1; id <= 8; id++) await add(world, id, '1.00', `22:00:0${id % 3}`);
      expect(await world.look()).toEqual([]); // start: now
      await add(world, 9, '1.00', '23:00:10');
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID = 5`);
      await add(world, 5, '7.50', '23:00:11');
      world.at('23:00:30');
      expect((await world.look()).sort()).toEqual(['insert 9=1.00', 'update 5=7.50']);
      expect(await world.look()).toEqual([]);
      world.restart();
      expect(await world.look()).toEqual([]);
    });

    test('a row written within the margin of the clock waits for the next look', async () => {
      using world = await World.open(table);
      await world.look();
      await add(world, 1, '1.00', '23:00:09');
      world.at('23:00:10');
      expect(await world.look()).toEqual([]);
      world.at('23:00:12');
      expect(await world.look()).toEqual(['insert 1=1.00']);
    });

    test('a commit that comes late, inside the overlap, is not lost', async () => {
      using world = await World.open(table);
      await world.look();
      await add(world, 1, '1.00', '23:00:50');
      world.at('23:01:00');
      await world.look();
      await add(world, 2, '2.00', '23:00:20'); // stamped before, committed now
      world.at('23:01:10');
      expect(await world.look()).toEqual(['insert 2=2.00']);
    });

    test('a row stamped early and committed late appears when it is committed, not before, and never when it is not', async () => {
      using world = await World.journaled(table);
      await world.look();
      const [late, never] = [await world.worker(), await world.worker()];
      world.at('23:00:20');
      await late.execute(...put(2, '2.00', '23:00:20')[table]);
      await never.execute(...put(3, '3.00', '23:00:21')[table]);
      await add(world, 1, '1.00', '23:00:50');
      world.at('23:01:00');
      expect(await world.look()).toEqual(['insert 1=1.00']);
      await late.commit();
      await never.rollback();
      world.at('23:01:10');
      expect(await world.look()).toEqual(['insert 2=2.00']);
      expect(await world.look()).toEqual([]);
    });

    test('an update in the middle of a transaction is not told; its commit is, its rollback is not', async () => {
      using world = await World.journaled(table);
      for (const id of [1, 2]) await add(world, id, '1.00', '22:59:59');
      world.at('23:00:10');
      await world.look();
      const [x, y] = [await world.worker(), await world.worker()];
      const change = async (by: EngineConnection, id: number): Promise<void> => {
        await by.execute(`DELETE FROM APPLIB.${table} WHERE ID = ?`, [id]);
        await by.execute(...put(id, '9.00', '23:00:15')[table]);
      };
      await change(x, 1);
      await change(y, 2);
      world.at('23:00:20');
      expect(await world.look()).toEqual([]);
      expect(await world.compareKeys()).toEqual([]);
      await x.commit();
      await y.rollback();
      world.at('23:00:30');
      expect(await world.look()).toEqual(['update 1=9.00']);
    });

    test('start: all publishes every row once, as read, also when killed between pages', async () => {
      using world = await World.open(table, { start: 'all' });
      for (let id = 1; id <= 7; id++) await add(world, id, '1.00', '22:00:00');
      world.at('23:10:00');
      await world.look();
      expect(world.seen.sort()).toEqual([1, 2, 3, 4, 5, 6, 7].map((id) => `read ${id}=1.00`));
    });

    test.each([
      { start: 'all' as const, first: ['read 1=1.00', 'read 2=1.00', 'read 3=1.00'], rest: ['read 5=1.00'] },
      { start: 'now' as const, first: [], rest: [] },
    ])('start: $start: a row that changes before its first look is over is updated', async ({ start, first, rest }) => {
      using world = await World.open(table, { start });
      for (const id of [1, 2, 3, 5]) await add(world, id, '1.00', '22:00:00');
      expect(await world.dieAfterPage()).toEqual(first);
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID IN (1, 3)`);
      await add(world, 1, '2.00', '22:59:00');
      world.at('23:00:10');
      expect(await world.look()).toEqual([...rest, 'update 1=2.00']);
      expect(await world.compareKeys()).toEqual(['delete 3=1.00']);
    });

    test('start: now: rows that come before the first look is over are news', async () => {
      using world = await World.open(table);
      for (let id = 1; id <= 7; id++) await add(world, id, '1.00', '22:00:00');
      expect(await world.dieAfterPage()).toEqual([]);
      await add(world, 8, '8.00', '23:00:05');
      world.at('23:00:10');
      expect(await world.look()).toEqual([]);
      expect(await world.look()).toEqual(['insert 8=8.00']);
      expect(await world.look()).toEqual([]);
    });

    test('the repeated hour in autumn hides nothing', async () => {
      using world = await World.open(table);
      await world.look();
      await add(world, 1, '1.00', '02:55:00', '2026-10-25');
      world.at('2026-10-25T02:58:00');
      expect(await world.look()).toEqual(['insert 1=1.00']);
      world.at('2026-10-25T02:05:00'); // the clock goes back by one hour
      await add(world, 2, '2.00', '02:04:00', '2026-10-25');
      expect(await world.look()).toEqual(['insert 2=2.00']);
      await add(world, 3, '3.00', '02:20:00', '2026-10-25');
      world.at('2026-10-25T02:21:00');
      expect(await world.look()).toEqual(['insert 3=3.00']);
    });

    test('deletes are found by comparing keys', async () => {
      using world = await World.open(table);
      for (let id = 1; id <= 7; id++) await add(world, id, '1.00', '22:00:00');
      world.at('23:10:00');
      await world.look();
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID IN (2, 6)`);
      expect(await world.look()).toEqual([]);
      expect((await world.compareKeys()).sort()).toEqual(['delete 2=1.00', 'delete 6=1.00']);
      expect(await world.compareKeys()).toEqual([]);
      await add(world, 2, '9.00', '23:09:59');
      world.at('23:10:10');
      expect(await world.look()).toEqual(['insert 2=9.00']);
    });

    test('rows loaded again with the change times they had are found by the compare, the unchanged are not told again', async () => {
      using world = await World.open(table);
      for (let id = 1; id <= 7; id++) await add(world, id, '1.00', '20:00:00');
      await add(world, 8, '1.00', '22:59:00');
      await world.look();
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID < 8`);
      expect(await world.compareKeys()).toHaveLength(7);
      for (const id of [1, 3, 5]) await add(world, id, '2.00', '20:00:00');
      expect(await world.look()).toEqual([]);
      expect((await world.compareKeys()).sort()).toEqual(['insert 1=2.00', 'insert 3=2.00', 'insert 5=2.00']);
      expect(await world.compareKeys()).toEqual([]);
    });

    test('more deletes than the guard allows: the notice comes before the first of them, once', async () => {
      using world = await World.open(table, {}, (deletes) => (deletes > 250 ? deletes : null));
      for (let id = 1; id <= 302; id++) await add(world, id, '1.00', '22:00:00');
      await world.look();
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID <= 300`);
      const told = await world.compareKeys();
      expect(told[0]).toBe('table.mass-delete 300');
      expect(told.slice(1).every((t) => t.startsWith('delete '))).toBe(true);
      expect(told).toHaveLength(301);
      await world.run(`DELETE FROM APPLIB.${table} WHERE ID = 301`);
      expect(await world.compareKeys()).toEqual(['delete 301=1.00']);
    });
  },
);

test('a growing number: late commits below the highest value are still found', async () => {
  using world = await World.open('LOGBOOK');
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (10, 1)');
  await world.look();
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (13, 1), (14, 1), (15, 1), (16, 1)');
  world.at('23:00:10');
  expect(await world.look()).toEqual(['insert 13=1.00', 'insert 14=1.00', 'insert 15=1.00', 'insert 16=1.00']);
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (11, 2)');
  world.at('23:00:20');
  expect(await world.look()).toEqual(['insert 11=2.00']);
});

test('a growing number, start: now: rows that come before the first look is over are news', async () => {
  using world = await World.open('LOGBOOK');
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (1, 1), (2, 1), (3, 1), (4, 1)');
  expect(await world.dieAfterPage()).toEqual([]);
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (5, 5)');
  expect(await world.look()).toEqual([]);
  expect(await world.look()).toEqual(['insert 5=5.00']);
});

test('a growing number, start: now: the first row of an empty file is news', async () => {
  using world = await World.open('LOGBOOK');
  expect(await world.look()).toEqual([]);
  await world.run('INSERT INTO APPLIB.LOGBOOK VALUES (1, 1)');
  expect(await world.look()).toEqual(['insert 1=1.00']);
});

const UNORDERED: readonly { form: LegacyDate }[] = [{ form: 'mmddyy' }, { form: 'ddmmyy' }, { form: 'yymmdd' }];

test.each([...UNORDERED])('dates in the form $form do not sort by time and are refused', async ({ form }) => {
  const cursor = { is: 'legacy', date: 'CHGDAT', dateForm: form, time: null, timeForm: 'hhmmss' } as const;
  await expect(World.open('LEGACY', { cursor })).rejects.toMatchObject({ code: 'WINDOW_CURSOR', family: 'config' });
});
