/** `transport: odbc` for real: node-odbc, unixODBC and psqlODBC against PostgreSQL, for everything plain SQL can carry. */
import { OdbcTransport } from '../../src/transport/odbc';
import { allRows, type SqlConnection } from '../../src/transport/transport';
import { describeWithJudge } from '../support/judges';
import { type Postgres, postgresPrograms, psqlOdbc, startPostgres } from '../support/postgres';

describeWithJudge('odbc', { PostgreSQL: postgresPrograms() !== null, psqlODBC: psqlOdbc() }, () => {
  let server: Postgres;
  let connection: SqlConnection;

  beforeAll(async () => {
    server = await startPostgres();
    connection = await new OdbcTransport({ connectionString: server.connectionString }).connect();
    await connection.execute(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, name CHAR(6), amount NUMERIC(9,2), wide NUMERIC(38,3), big BIGINT, stamp TIMESTAMP, bytes BYTEA)',
    );
  });

  afterAll(async () => {
    await connection?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const one = async (sql: string, params: readonly (string | number | null)[] = []): Promise<unknown[]> =>
    (await allRows(await connection.query(sql, params)))[0]!;

  test.each([
    ['SELECT CAST(-1 AS SMALLINT) AS V', -1],
    ['SELECT CAST(2147483647 AS INTEGER) AS V', 2147483647],
    ['SELECT CAST(9007199254740993 AS BIGINT) AS V', '9007199254740993'],
    ['SELECT CAST(12.30 AS NUMERIC(9,2)) AS V', '12.30'],
    ['SELECT CAST(-0.05 AS NUMERIC(9,2)) AS V', '-0.05'],
    ['SELECT CAST(99999999999999.9 AS NUMERIC(15,1)) AS V', '99999999999999.9'],
    ['SELECT CAST(12345678901234567890123456789.123 AS NUMERIC(38,3)) AS V', '12345678901234567890123456789.123'],
    ["SELECT CAST('ab' AS CHAR(5)) AS V", 'ab   '],
    ["SELECT CAST('Grüße' AS VARCHAR(20)) AS V", 'Grüße'],
    ["SELECT DATE '2024-02-29' AS V", '2024-02-29'],
    ["SELECT TIMESTAMP '2024-02-29 23:59:59.123456' AS V", '2024-02-29T23:59:59.123456'],
    ['SELECT CAST(1.5 AS DOUBLE PRECISION) AS V', 1.5],
    ['SELECT CAST(NULL AS INTEGER) AS V', null],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toEqual([expected]);
  });

  test('binary is bytes', async () => {
    await connection.execute('INSERT INTO t (id, bytes) VALUES (900, ?)', [Buffer.from([0, 255, 16])]);
    expect(await one('SELECT bytes FROM t WHERE id = 900')).toEqual([Buffer.from([0, 255, 16])]);
  });

  test('markers, update counts, several blocks', async () => {
    const insert = await connection.prepare('INSERT INTO t (id, name, wide) VALUES (?, ?, ?)');
    for (let i = 1; i <= 3; i++) {
      expect(await insert.execute([i, `n${i}`, `1234567890123456789.00${i}`])).toEqual({ rowsAffected: 1 });
    }
    expect(await one('SELECT wide FROM t WHERE id = ?', [2])).toEqual(['1234567890123456789.002']);
    expect(await connection.execute('UPDATE t SET amount = ? WHERE id < ?', ['10.50', 3])).toEqual({ rowsAffected: 2 });
    expect(await connection.execute('DELETE FROM t WHERE id > ?', [10_000])).toEqual({ rowsAffected: 0 });
    const many = await connection.query('SELECT i FROM generate_series(1, 1203) AS g(i)');
    const sizes: number[] = [];
    for await (const block of many.blocks()) sizes.push(block.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(1203);
    expect(sizes.length).toBeGreaterThan(1);
  });

  test('commit and rollback', async () => {
    await connection.setAutocommit(false);
    await connection.execute('INSERT INTO t (id) VALUES (100)');
    await connection.rollback();
    await connection.execute('INSERT INTO t (id) VALUES (101)');
    await connection.commit();
    await connection.setAutocommit(true);
    expect(await allRows(await connection.query('SELECT id FROM t WHERE id IN (100, 101)'))).toEqual([[101]]);
  });

  test('an SQL error carries its SQLSTATE and no parameter', async () => {
    const failed = connection.query('SELECT * FROM nosuch WHERE id = ?', ['s3cret']);
    await expect(failed).rejects.toMatchObject({ family: 'host', sqlState: '42P01' });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('s3cret') });
  });

  test('an unreachable server is a transport error, a missing driver says what to install', async () => {
    const closed = new OdbcTransport({ connectionString: 'DRIVER={PostgreSQL Unicode};SERVER=127.0.0.1;PORT=1;UID=x' });
    await expect(closed.connect()).rejects.toMatchObject({ code: 'CONNECT_FAILED', family: 'transport' });
    const missing = new OdbcTransport({ connectionString: 'DRIVER={No Such Driver};SERVER=x' });
    await expect(missing.connect()).rejects.toMatchObject({ next: expect.stringContaining('odbcinst') });
  });
});
