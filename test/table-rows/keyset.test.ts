/** Keyset paging over keys of every type with nulls: each row that stays is met once, whatever comes and goes meanwhile. */
import { ManualClock } from '../../src/simulator/partition/clock';
import { Partition } from '../../src/simulator/partition/partition';
import { PartitionSqlEngine } from '../../src/simulator/sql/run/engine';
import { orderBy, orderColumns, rowsAfter, rowsEqual } from '../../src/table-rows/keyset';
import { allRows, type SqlValue } from '../../src/transport/transport';
import { Dice } from '../support/dice';
import { EngineConnection } from '../support/engine-connection';

/** SQL types with literals of values that sort differently as text, as bytes and as numbers. */
const TYPES: readonly (readonly [type: string, literals: readonly string[]])[] = [
  ['INTEGER', ['-5', '0', '9', '10', '2147483647']],
  ['SMALLINT', ['-1', '0', '2', '10']],
  ['BIGINT', ['-9223372036854775808', '0', '9007199254740993', '9007199254740992']],
  ['DECIMAL(7, 2)', ['-99999.99', '-0.01', '0', '0.10', '9', '10.5']],
  ['NUMERIC(5, 0)', ['-1', '0', '5', '12']],
  ['DOUBLE', ['-1E300', '0', '0.1', '1E-300', '3']],
  ['REAL', ['-1', '0', '0.5', '16777216']],
  ['DECFLOAT(16)', ['-1E10', '0', '0.1', '1E-20', '12']],
  ['CHAR(3) CCSID 37', ["''", "'a'", "'A'", "'a b'", "'1'", "'''x'"]],
  ['VARCHAR(5) CCSID 37', ["''", "'a'", "'ab'", "'Z'", "'9'"]],
  ['CHAR(2) FOR BIT DATA', ["X'0000'", "X'00FF'", "X'4040'", "X'FFFF'"]],
  ['VARBINARY(3)', ["X''", "X'00'", "X'0001'", "X'FF'"]],
  ['GRAPHIC(2) CCSID 1200', ["'a'", "'ab'", "'Ä'", "'z'"]],
  ['DATE', ["'0001-01-01'", "'1999-12-31'", "'2024-02-29'", "'9999-12-31'"]],
  ['TIME', ["'00.00.00'", "'12.30.59'", "'24.00.00'"]],
  ['TIMESTAMP', ["'0001-01-01-00.00.00.000000'", "'2024-02-29-23.59.59.999999'", "'2024-02-29-24.00.00.000000'"]],
];

class Table {
  readonly rows = new Map<number, string>();
  private next = 1;

  constructor(
    readonly name: string,
    readonly types: readonly (readonly [string, readonly string[]])[],
    private readonly connection: EngineConnection,
    private readonly dice: Dice,
  ) {}

  get keys(): string[] {
    return this.types.map((_, i) => `USER${i}`);
  }

  async create(): Promise<void> {
    const columns = this.types.map(([type], i) => `"USER${i}" ${type}`);
    await this.connection.execute(`CREATE TABLE APPLIB.${this.name} (K INTEGER NOT NULL, ${columns.join(', ')})`);
  }

  /** A row whose key no other row has now. */
  async insert(): Promise<void> {
    const key = this.types
      .map(([, literals]) => (this.dice.next() < 0.3 ? 'NULL' : literals[this.dice.below(literals.length)]!))
      .join(', ');
    if ([...this.rows.values()].includes(key)) return;
    const k = this.next++;
    this.rows.set(k, key);
    await this.connection.execute(`INSERT INTO APPLIB.${this.name} VALUES (${k}, ${key})`);
  }

  async remove(): Promise<void> {
    const known = [...this.rows.keys()];
    if (known.length === 0) return;
    const k = known[this.dice.below(known.length)]!;
    this.rows.delete(k);
    await this.connection.execute(`DELETE FROM APPLIB.${this.name} WHERE K = ${k}`);
  }

  async page(after: readonly SqlValue[] | null, size: number): Promise<SqlValue[][]> {
    const order = orderColumns(this.keys, [], 'T');
    const { sql, params } = after ? rowsAfter(order, after) : { sql: '1 = 1', params: [] };
    return allRows(
      await this.connection.query(
        `SELECT T.K, ${orderBy(order)} FROM APPLIB.${this.name} T WHERE ${sql} ORDER BY ${orderBy(order)} FETCH FIRST ${size} ROWS ONLY`,
        params,
      ),
    );
  }
}

let connection: EngineConnection;
beforeAll(async () => {
  const partition = Partition.open({ clock: new ManualClock('2026-11-21T10:00:00.000000', 1n), officers: ['TESTER'] });
  partition.createLibrary('APPLIB');
  const engine = await PartitionSqlEngine.open(partition);
  connection = new EngineConnection(
    engine.openSession({ name: 'QZDASOINIT', user: 'TESTER', number: '000001', remoteAddress: '' }),
  );
});

async function paged(table: Table, size: number, dice: Dice): Promise<void> {
  for (let i = 0; i < 14; i++) await table.insert();
  const always = new Set(table.rows.keys());
  const met: number[] = [];
  for (let after: SqlValue[] | null = null; ; ) {
    const rows = await table.page(after, size);
    met.push(...rows.map((r) => Number(r[0])));
    if (rows.length < size) break;
    after = rows.at(-1)!.slice(1);
    if (dice.next() < 0.5) await table.insert();
    if (dice.next() < 0.4) await table.remove();
  }
  for (const k of [...always]) if (!table.rows.has(k)) always.delete(k);
  expect(new Set(met).size).toBe(met.length);
  expect([...always].filter((k) => !met.includes(k))).toEqual([]);
}

test.each(TYPES.map(([type], i) => [type, i] as const))('one column: %s', async (_, i) => {
  for (let size = 1; size <= 5; size++) {
    const dice = new Dice(100 * i + size);
    const table = new Table(`ONE${i}X${size}`, [TYPES[i]!], connection, dice);
    await table.create();
    await paged(table, size, dice);
  }
});

test('two and three columns', async () => {
  for (let round = 0; round < 30; round++) {
    const dice = new Dice(7000 + round);
    const types = Array.from({ length: 2 + (round % 2) }, () => TYPES[dice.below(TYPES.length)]!);
    const table = new Table(`MANY${round}`, types, connection, dice);
    await table.create();
    await paged(table, 1 + (round % 5), dice);
  }
});

test('a row is found by its own key and no other row is, nulls included', async () => {
  const dice = new Dice(31);
  const table = new Table('SELF', [TYPES[0]!, TYPES[8]!], connection, dice);
  await table.create();
  for (let i = 0; i < 30; i++) await table.insert();
  const rows = await table.page(null, 100);
  expect(rows.some((r) => r[1] === null) && rows.some((r) => r[2] === null)).toBe(true);
  for (const [k, ...key] of rows) {
    const { sql, params } = rowsEqual(orderColumns(table.keys, []), key);
    const found = await allRows(await connection.query(`SELECT K FROM APPLIB.SELF WHERE ${sql}`, params));
    expect(found).toEqual([[k]]);
  }
});

test('a column that cannot be null is compared plainly, and bounds an index scan', () => {
  const order = orderColumns(
    ['A', 'B'],
    [
      { name: 'A', nullable: false },
      { name: 'B', nullable: true },
    ],
  ); // prettier-ignore
  expect(rowsAfter(order, [1, 2])).toEqual({
    sql: '"A" >= ? AND ("A" > ? OR ("A" = ? AND ("B" > ? OR "B" IS NULL)))',
    params: [1, 1, 1, 2],
  });
  expect(rowsAfter([{ sql: 'RRN(T)', nullable: false }], ['7'])).toEqual({ sql: 'RRN(T) > ?', params: ['7'] });
});
