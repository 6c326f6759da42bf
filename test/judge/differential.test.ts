/**
 * Seeded differential run: random tables of every type, random rows and statements. What JTOpen reads must equal what was
 * written, whoever wrote it, and must equal what our own client reads. DIFFERENTIAL_SEED repeats a run,
 * DIFFERENTIAL_ROUNDS lengthens it (scripts/differential.mjs).
 */

import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows, type SqlConnection } from '../../src/transport/transport';
import { Dice, seedOf } from '../support/dice';
import { describeWithJudge } from '../support/judges';
import { COLUMN_KINDS, type ColumnKind, fromJudge, type Plain, toJudge } from './differential-types';
import { DRIVERS, Judge, judgeNeeds } from './jtopen';

const SEED = seedOf('DIFFERENTIAL_SEED');
const ROUNDS = Number(process.env['DIFFERENTIAL_ROUNDS'] ?? 6);
const ROWS = 60;
const STATEMENTS = 12;

interface World {
  readonly judge: Judge;
  readonly ours: SqlConnection;
  readonly dice: Dice;
}

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  describeWithJudge(`reads what was written, seed ${SEED}`, judgeNeeds(jar), () => {
    let partition: SimulatedPartition;
    let world: World;

    beforeAll(async () => {
      partition = await SimulatedPartition.start();
      const { host, ports, user, password } = partition;
      const judge = Judge.start({ jar });
      await judge.run('ports', { host, signon: ports.signon, database: ports.database });
      await judge.run('connect', { host, user, password, props: { 'transaction isolation': 'none' } });
      const transport = hostServerTransport({
        host,
        user,
        password,
        tls: 'off',
        databasePort: ports.database,
        signonPort: ports.signon,
      });
      world = { judge, ours: await transport.connect(), dice: new Dice(SEED + name.length) };
    });

    afterAll(async () => {
      await world?.ours.close();
      await world?.judge.stop();
      await partition?.stop();
    });

    test.each(Array.from({ length: ROUNDS }, (_, i) => i))('round %d', async (round) => {
      const table = `ORDLIB.DIFF${round}`;
      const kinds = Array.from({ length: 1 + world.dice.below(10) }, () =>
        world.dice.one(COLUMN_KINDS).make(world.dice),
      );
      partition.errors.length = 0;
      try {
        await play(world, table, kinds);
      } catch (error) {
        throw new Error(`seed ${SEED}: ${table} (${kinds.map((k) => k.sql).join(', ')})`, { cause: error });
      }
      expect(partition.errors).toEqual([]);
    });
  });
});

async function play(world: World, table: string, kinds: readonly ColumnKind[]): Promise<void> {
  const { dice } = world;
  await create(world, table, kinds);
  const rows = await write(world, table, kinds);
  await compare(world, table, kinds, rows, '1=1');
  for (let i = 0; i < STATEMENTS; i++) await change(world, table, kinds, rows);
  await compare(world, table, kinds, rows, `ID BETWEEN ${dice.below(ROWS)} AND ${dice.below(ROWS * 2)}`);
  await compare(world, table, kinds, rows, '1=1');
}

async function create({ ours }: World, table: string, kinds: readonly ColumnKind[]): Promise<void> {
  const columns = kinds.map((kind, i) => `C${i} ${kind.sql}`);
  await ours.execute(`CREATE TABLE ${table} (ID INTEGER NOT NULL, ${columns.join(', ')})`);
}

/** Half the rows through each client, JTOpen's as one batch. */
async function write(world: World, table: string, kinds: readonly ColumnKind[]): Promise<Map<number, Plain[]>> {
  const { judge, ours, dice } = world;
  const sql = `INSERT INTO ${table} VALUES(?, ${kinds.map(() => '?').join(', ')})`;
  const rows = new Map<number, Plain[]>();
  for (let id = 0; id < ROWS; id++)
    rows.set(
      id,
      kinds.map((kind) => randomValue(dice, kind)),
    );
  const half = [...rows].slice(0, ROWS / 2);
  await judge.run('batch', { sql, rows: half.map(([id, row]) => [id, ...row.map((v, i) => toJudge(kinds[i]!, v))]) });
  await using statement = await ours.prepare(sql);
  for (const [id, row] of [...rows].slice(ROWS / 2)) await statement.execute([id, ...row]);
  for (const [id, row] of rows)
    rows.set(
      id,
      row.map((v, i) => (v === null ? null : kinds[i]!.stored(v))),
    );
  return rows;
}

async function change(
  world: World,
  table: string,
  kinds: readonly ColumnKind[],
  rows: Map<number, Plain[]>,
): Promise<void> {
  const { judge, ours, dice } = world;
  const id = dice.below(ROWS);
  if (dice.below(4) === 0) {
    await ours.execute(`DELETE FROM ${table} WHERE ID = ?`, [id]);
    rows.delete(id);
    return;
  }
  const c = dice.below(kinds.length);
  const value = randomValue(dice, kinds[c]!);
  const sql = `UPDATE ${table} SET C${c} = ? WHERE ID = ?`;
  if (dice.below(2) === 0) await ours.execute(sql, [value, id]);
  else await judge.run('batch', { sql, rows: [[toJudge(kinds[c]!, value), id]] });
  const row = rows.get(id);
  if (row) row[c] = value === null ? null : kinds[c]!.stored(value);
}

async function compare(
  { judge, ours, dice }: World,
  table: string,
  kinds: readonly ColumnKind[],
  rows: ReadonlyMap<number, Plain[]>,
  where: string,
): Promise<void> {
  const sql = `SELECT * FROM ${table} WHERE ${where} ORDER BY ID`;
  const blockBytes = 1 + dice.below(20_000);
  const mine = (await allRows(await ours.query(sql, [], { blockBytes }))).map((row) => row.map(plain));
  const theirs = (await judge.run('query', { sql })).rows.map((row) => [
    Number(row[0]),
    ...row.slice(1).map((v, i) => fromJudge(kinds[i]!, v)),
  ]);
  const context = { seed: SEED, table, columns: kinds.map((k) => k.sql) };
  expect({ ...context, rows: mine }).toEqual({ ...context, rows: theirs });
  const range = /BETWEEN (\d+) AND (\d+)/.exec(where);
  const wanted = [...rows].filter(([id]) => !range || (id >= Number(range[1]) && id <= Number(range[2])));
  expect({ ...context, rows: mine }).toEqual({ ...context, rows: wanted.map(([id, row]) => [id, ...row.map(plain)]) });
}

function randomValue(dice: Dice, kind: ColumnKind): Plain {
  return dice.below(6) === 0 ? null : kind.value(dice);
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? `x${Buffer.from(value).toString('hex')}` : value;
}
