/** What markers and columns are described as; values of expressions are in logic/expressions.test and logic/functions.test. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeAll(async () => {
  f = await sqlFixture();
  f.run(`CREATE TABLE T (C CHAR(6) NOT NULL, V VARCHAR(10), P DECIMAL(7,2), Z NUMERIC(5,0), S SMALLINT, I INTEGER, B BIGINT,
    BIG DECIMAL(31,2), R DOUBLE, F DECFLOAT(34), D DATE, TM TIME, TS TIMESTAMP, X BINARY(3), BITS CHAR(2) FOR BIT DATA,
    G VARGRAPHIC(8) CCSID 1200, U VARCHAR(9) CCSID 1208, ON BOOLEAN, N INTEGER)`);
  f.run(`INSERT INTO T VALUES ('ab', 'xy ', 12.34, 42, 7, 100, 9000000000, 12345678901234567890.12, 2.5, 1.10, '2024-02-29',
    '13.30.05', '2024-02-29-13.30.05.123456', BX'0A0B0C', X'C1C2', 'Жß', 'aß', TRUE, NULL)`);
});
afterAll(() => f[Symbol.dispose]());

test('a marker gets the type of what it meets', () => {
  const sql = `SELECT I FROM T WHERE C = ? AND P > ? AND D BETWEEN ? AND ? AND V LIKE ? AND (I, B) > (?, ?)
    AND I IN (?, ?) AND TS > CAST(? AS TIMESTAMP) - ? SECONDS AND X = ? AND V = 'a' CONCAT ? FETCH FIRST ? ROWS ONLY`;
  expect(f.session.prepare(sql).parameters.map((p) => `${p.type} ${p.length} ${p.scale}`)).toEqual([
    'CHAR 6 0',
    'DECIMAL 7 2',
    'DATE 10 0',
    'DATE 10 0',
    'VARCHAR 254 0',
    'INTEGER 4 0',
    'BIGINT 8 0',
    'INTEGER 4 0',
    'INTEGER 4 0',
    'TIMESTAMP 26 6',
    'INTEGER 4 0',
    'BINARY 3 0',
    'VARCHAR 254 0',
    'BIGINT 8 0',
  ]);
});

test('a plain column tells its base table', () => {
  f.run(`LABEL ON COLUMN T (P IS 'Price')`);
  const [column] = f.session.prepare('SELECT P AS PRICE FROM APPLIB.T').columns!;
  expect(column).toMatchObject({
    name: 'PRICE',
    nullable: true,
    base: { library: 'APPLIB', table: 'T', column: 'P', label: 'Price' },
  });
});
