/**
 * One suite for every transport that reaches the simulated partition: our own client and IBM's JTOpen must answer alike.
 * (odbc runs the part that plain SQL can carry against PostgreSQL: odbc.test.ts.)
 */
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import { Jt400Transport } from '../../src/transport/jt400';
import { allRows, type SqlConnection, type SqlTransport, type SqlValue } from '../../src/transport/transport';
import { describeWithJudge, hasJdk } from '../support/judges';

let partition: SimulatedPartition;

beforeAll(async () => {
  partition = await SimulatedPartition.start();
});
afterAll(async () => {
  await partition[Symbol.asyncDispose]();
});

const hostserver = (): SqlTransport =>
  hostServerTransport({
    host: partition.host,
    user: partition.user,
    password: partition.password,
    tls: { ca: partition.caFile },
    databasePort: partition.ports.databaseTls,
    signonPort: partition.ports.signonTls,
  });

const jt400 = (password = partition.password): SqlTransport =>
  new Jt400Transport({
    host: partition.host,
    user: partition.user,
    password,
    tls: { caFile: partition.caFile },
    ports: { database: partition.ports.databaseTls, signon: partition.ports.signonTls },
  });

function conformance(name: string, transport: () => SqlTransport): void {
  describe(`transport ${name}`, () => {
    let connection: SqlConnection;
    const schema = `CF${name.slice(0, 4).toUpperCase()}`;

    beforeAll(async () => {
      connection = await transport().connect();
      await connection.execute(`CREATE SCHEMA ${schema}`);
      await connection.execute(
        `CREATE TABLE ${schema}.ALLTYPES (ID INTEGER NOT NULL PRIMARY KEY, CH CHAR(8), VC VARCHAR(20), DEC9 DECIMAL(9,2),
           DEC31 DECIMAL(31,5), NUM NUMERIC(7,3), SM SMALLINT, BI BIGINT, DT DATE, TM TIME, TS TIMESTAMP, BN BINARY(4), VB VARBINARY(10))`,
      );
    });
    afterAll(async () => {
      await connection?.close();
    });

    const rows = async (sql: string, params: readonly SqlValue[] = []): Promise<SqlValue[][]> =>
      allRows(await connection.query(sql, params));

    test('every type comes back as it was written, exactly and untrimmed', async () => {
      const values: SqlValue[] = [
        ...[
          1,
          'Müller',
          'x',
          '1234567.89',
          '-12345678901234567890123456.78901',
          '-0.005',
          -32768,
          '9223372036854775807',
        ],
        ...['2024-02-29', '23:59:59', '2024-02-29T23:59:59.123456', Buffer.from([0, 1, 254, 255]), Buffer.from([9, 8])],
      ];
      const markers = values.map(() => '?').join(', ');
      expect(await connection.execute(`INSERT INTO ${schema}.ALLTYPES VALUES (${markers})`, values)).toEqual({
        rowsAffected: 1,
      });
      const [row] = await rows(`SELECT * FROM ${schema}.ALLTYPES WHERE ID = ?`, [1]);
      const expected = [...values];
      expected[1] = 'Müller  ';
      expect(row!.map(plain)).toEqual(expected.map(plain));
    });

    test('null in every column', async () => {
      await connection.execute(`INSERT INTO ${schema}.ALLTYPES (ID) VALUES (?)`, [2]);
      const [row] = await rows(`SELECT * FROM ${schema}.ALLTYPES WHERE ID = 2`);
      expect(row).toEqual([2, ...new Array(12).fill(null)]);
    });

    test('columns are described', async () => {
      const result = await connection.query(`SELECT ID, CH, DEC9, TS FROM ${schema}.ALLTYPES`);
      const columns = result.columns.map(({ name: n, type, length, scale, nullable }) => [
        n,
        type,
        length,
        scale,
        nullable,
      ]);
      await result.close();
      expect(columns.slice(0, 3)).toEqual([
        ['ID', 'INTEGER', expect.any(Number), 0, false],
        ['CH', 'CHAR', 8, 0, true],
        ['DEC9', 'DECIMAL', 9, 2, true],
      ]);
      expect(columns[3]!.slice(0, 2)).toEqual(['TS', 'TIMESTAMP']);
    });

    test('several blocks arrive as they are asked for', async () => {
      const result = await connection.query(
        'SELECT A.ORDNO, B.LINNO FROM ORDLIB.ORDHDR A CROSS JOIN ORDLIB.ORDLIN B FETCH FIRST 60000 ROWS ONLY',
      );
      let count = 0;
      let blocks = 0;
      for await (const block of result.blocks()) {
        count += block.length;
        blocks++;
      }
      expect(count).toBe(60_000);
      expect(blocks).toBeGreaterThan(1);
    });

    test('a prepared statement runs again with other values', async () => {
      await using statement = await connection.prepare('SELECT CUSNO FROM ORDLIB.ORDHDR WHERE ORDNO = ?');
      const ask = async (order: string): Promise<unknown> => (await allRows(await statement.query([order])))[0]?.[0];
      const first = await ask('100001');
      const second = await ask('100002');
      expect([first, second, await ask('100001')]).toEqual([first, second, first]);
      expect(await ask('999')).toBeUndefined();
    });

    test('commit and rollback', async () => {
      await connection.setAutocommit(false);
      await connection.execute(`INSERT INTO ${schema}.ALLTYPES (ID) VALUES (10)`);
      await connection.rollback();
      await connection.execute(`INSERT INTO ${schema}.ALLTYPES (ID) VALUES (11)`);
      await connection.commit();
      await connection.setAutocommit(true);
      expect(await rows(`SELECT ID FROM ${schema}.ALLTYPES WHERE ID IN (10, 11)`)).toEqual([[11]]);
    });

    test('an SQL error carries code, state and IBM text', async () => {
      await expect(connection.query('SELECT * FROM ORDLIB.NOSUCH')).rejects.toMatchObject({
        family: 'host',
        sqlCode: -204,
        sqlState: '42704',
        messageId: 'SQL0204',
        message: expect.stringContaining('NOSUCH in ORDLIB'),
      });
    });

    test('the connection goes on after an error', async () => {
      expect(await rows('SELECT COUNT(*) AS N FROM ORDLIB.CUSMAS')).toEqual([[200]]);
    });
  });
}

const plain = (v: SqlValue): unknown => (v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v);

conformance('hostserver', hostserver);

describeWithJudge('JTOpen as a transport', { 'a JDK': hasJdk() }, () => {
  conformance('jt400', jt400);

  test('a wrong password is one refused sign-on', async () => {
    await expect(jt400('wrong').connect()).rejects.toMatchObject({ code: 'SIGNON_REFUSED', family: 'signOn' });
  });
});
