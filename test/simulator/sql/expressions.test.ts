/** SQL expressions: value and described type. Values are what Db2 for i gives; each row fails without its function. */
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

/** expression, value, described type (name, length, scale). */
const CASES: readonly (readonly [string, unknown, string])[] = [
  // constants
  ['1', 1, 'INTEGER 4 0'],
  ['2147483648', '2147483648', 'BIGINT 8 0'],
  ['12345678901234567890', '12345678901234567890', 'DECIMAL 20 0'],
  ['1.50', '1.50', 'DECIMAL 3 2'],
  ['1E2', 100, 'DOUBLE 8 0'],
  [`'it''s'`, "it's", 'VARCHAR 4 0'],
  [`X'C1'`, Buffer.from([0xc1]), 'VARCHAR 1 0'],
  [`UX'00410416'`, 'AЖ', 'VARGRAPHIC 2 0'],
  [`DATE '2024-02-29'`, '2024-02-29', 'DATE 10 0'],
  // columns as described
  ['C', 'ab    ', 'CHAR 6 0'],
  ['V', 'xy ', 'VARCHAR 10 0'],
  ['BIG', '12345678901234567890.12', 'DECIMAL 31 2'],
  ['F', '1.10', 'DECFLOAT 16 0'],
  ['ON', true, 'BOOLEAN 1 0'],
  ['BITS', Buffer.from([0xc1, 0xc2]), 'CHAR 2 0'],
  // exact arithmetic
  ['I + 1', 101, 'INTEGER 4 0'],
  ['I + B', '9000000100', 'BIGINT 8 0'],
  ['I / 7', 14, 'INTEGER 4 0'],
  ['P + 1', '13.34', 'DECIMAL 14 2'],
  ['P * P', '152.2756', 'DECIMAL 14 4'],
  ['P / 3', '4.11333333333333333333333333', 'DECIMAL 31 26'],
  ['BIG + P', '12345678901234567902.46', 'DECIMAL 31 2'],
  ['BIG - BIG', '0.00', 'DECIMAL 31 2'],
  ['-P', '-12.34', 'DECIMAL 7 2'],
  ['MOD(I, 7)', 2, 'INTEGER 4 0'],
  ['P * R', 30.85, 'DOUBLE 8 0'],
  ['F + 1', '2.10', 'DECFLOAT 16 0'],
  ['F * 3', '3.30', 'DECFLOAT 16 0'],
  ['ABS(-P)', '12.34', 'DECIMAL 7 2'],
  ['ROUND(P, 1)', '12.30', 'DECIMAL 7 2'],
  ['CEILING(P)', '13', 'DECIMAL 7 0'],
  ['FLOOR(-P)', '-13', 'DECIMAL 7 0'],
  ['TRUNCATE(P, 1)', '12.30', 'DECIMAL 7 2'],
  ['SIGN(-P)', -1, 'INTEGER 4 0'],
  ['DIGITS(P)', '0001234', 'CHAR 7 0'],
  ['DIGITS(S)', '00007', 'CHAR 5 0'],
  // casts
  ['INTEGER(P)', 12, 'INTEGER 4 0'],
  [`INT('17')`, 17, 'INTEGER 4 0'],
  [`DECIMAL('17.5', 5, 2)`, '17.50', 'DECIMAL 5 2'],
  ['CAST(P AS DECIMAL(5,1))', '12.3', 'DECIMAL 5 1'],
  ['CAST(P AS NUMERIC(9,4))', '12.3400', 'NUMERIC 9 4'],
  ['BIGINT(R)', '2', 'BIGINT 8 0'],
  ['DOUBLE(P)', 12.34, 'DOUBLE 8 0'],
  ['VARCHAR(P)', '12.34', 'VARCHAR 9 0'],
  ['CHAR(Z)', '42     ', 'CHAR 7 0'],
  ['CHAR(0.50)', '.50  ', 'CHAR 5 0'],
  ['CAST(C AS VARCHAR(10))', 'ab    ', 'VARCHAR 10 0'],
  ['CAST(V AS CHAR(5))', 'xy   ', 'CHAR 5 0'],
  ['CAST(C AS CHAR(1))', 'a', 'CHAR 1 0'],
  ['CAST(X AS VARBINARY(2))', Buffer.from([10, 11]), 'VARBINARY 2 0'],
  ['CAST(NULL AS INTEGER)', null, 'INTEGER 4 0'],
  ['INTERPRET(CAST(BITS AS BINARY(2)) AS CHAR(2))', 'AB', 'CHAR 2 0'],
  [`INTERPRET(BX'00123F' AS DECIMAL(5,2))`, '1.23', 'DECIMAL 5 2'],
  // strings
  ['C CONCAT V', 'ab    xy ', 'VARCHAR 16 0'],
  ['C || C', 'ab    ab    ', 'CHAR 12 0'],
  ['LENGTH(C)', 6, 'INTEGER 4 0'],
  ['LENGTH(V)', 3, 'INTEGER 4 0'],
  ['LENGTH(TRIM(V))', 2, 'INTEGER 4 0'],
  ['LENGTH(U)', 3, 'INTEGER 4 0'],
  ['SUBSTR(C, 2, 3)', 'b  ', 'CHAR 3 0'],
  ['SUBSTR(V, 2)', 'y ', 'VARCHAR 10 0'],
  ['SUBSTRING(V FROM 1 FOR 1)', 'x', 'CHAR 1 0'],
  ['SUBSTR(X, 2, 2)', Buffer.from([11, 12]), 'VARBINARY 2 0'],
  ['LEFT(C, 1)', 'a', 'VARCHAR 1 0'],
  ['RIGHT(C, 5)', 'b    ', 'VARCHAR 5 0'],
  ['UPPER(V)', 'XY ', 'VARCHAR 10 0'],
  [`TRIM(BOTH 'x' FROM V)`, 'y ', 'VARCHAR 10 0'],
  ['TRIM(L FROM V)', 'xy ', 'VARCHAR 10 0'],
  [`STRIP(V, T, ' ')`, 'xy', 'VARCHAR 10 0'],
  [`LOCATE('y', V)`, 2, 'INTEGER 4 0'],
  [`POSSTR(V, 'y')`, 2, 'INTEGER 4 0'],
  [`POSITION('y' IN V)`, 2, 'INTEGER 4 0'],
  [`REPLACE(V, 'x', 'zz')`, 'zzy ', 'VARCHAR 32740 0'],
  [`INSERT(V, 2, 1, '--')`, 'x-- ', 'VARCHAR 32740 0'],
  [`TRANSLATE(V, 'XY', 'xy')`, 'XY ', 'VARCHAR 10 0'],
  ['HEX(C)', '818240404040', 'VARCHAR 12 0'],
  ['HEX(P)', '0001234F', 'VARCHAR 64 0'],
  ['HEX(S)', '0007', 'VARCHAR 64 0'],
  ['HEX(G)', '041600DF', 'VARCHAR 32 0'],
  ['HEX(U)', '61C39F', 'VARCHAR 18 0'],
  // dates
  ['YEAR(D)', 2024, 'INTEGER 4 0'],
  ['HOUR(TM)', 13, 'INTEGER 4 0'],
  ['MICROSECOND(TS)', 123456, 'INTEGER 4 0'],
  ['EXTRACT(MONTH FROM TS)', 2, 'INTEGER 4 0'],
  ['DAYS(D)', 738945, 'INTEGER 4 0'],
  ['DAYOFWEEK(D)', 5, 'INTEGER 4 0'],
  ['DAYOFYEAR(D)', 60, 'INTEGER 4 0'],
  ['D + 1 YEAR', '2025-02-28', 'DATE 10 0'],
  ['D + 1 MONTH + 1 DAY', '2024-03-30', 'DATE 10 0'],
  ['D - 60 DAYS', '2023-12-31', 'DATE 10 0'],
  ['TM + 12 HOURS', '01:30:05', 'TIME 8 0'],
  ['TS - 5 SECONDS', '2024-02-29T13:30:00.123456', 'TIMESTAMP 26 6'],
  ['TS + 500000 MICROSECONDS', '2024-02-29T13:30:05.623456', 'TIMESTAMP 26 6'],
  [`D - '2023-01-15'`, '10114', 'DECIMAL 8 0'],
  [`TS - '2024-02-28-00.00.00.000000'`, '1133005.123456', 'DECIMAL 20 6'],
  ['DATE(TS)', '2024-02-29', 'DATE 10 0'],
  ['TIME(TS)', '13:30:05', 'TIME 8 0'],
  ['TIMESTAMP(D, TM)', '2024-02-29T13:30:05.000000', 'TIMESTAMP 26 6'],
  [`TIMESTAMP('20240229133005')`, '2024-02-29T13:30:05.000000', 'TIMESTAMP 26 6'],
  ['CAST(TS AS TIMESTAMP(0))', '2024-02-29T13:30:05', 'TIMESTAMP 19 0'],
  [`DATE('29.02.2024')`, '2024-02-29', 'DATE 10 0'],
  [`DATE('02/29/2024')`, '2024-02-29', 'DATE 10 0'],
  ['CHAR(D)', '2024-02-29', 'CHAR 10 0'],
  ['CHAR(TM)', '13.30.05', 'CHAR 8 0'],
  ['CHAR(TS)', '2024-02-29-13.30.05.123456', 'CHAR 26 0'],
  [`VARCHAR_FORMAT(TS, 'DD.MM.YYYY HH24:MI')`, '29.02.2024 13:30', 'VARCHAR 255 0'],
  [`TIMESTAMP_FORMAT('29/02/24 1330', 'DD/MM/YY HH24MI')`, '2024-02-29T13:30:00.000000', 'TIMESTAMP 26 6'],
  ['LAST_DAY(D)', '2024-02-29', 'DATE 10 0'],
  ['MIDNIGHT_SECONDS(TM)', 48605, 'INTEGER 4 0'],
  // choice
  ['COALESCE(N, I, 5)', 100, 'INTEGER 4 0'],
  ['VALUE(N, P)', '12.34', 'DECIMAL 13 2'],
  ['IFNULL(N, 0)', 0, 'INTEGER 4 0'],
  ['NULLIF(I, 100)', null, 'INTEGER 4 0'],
  [`CASE WHEN I > 50 THEN 'big' ELSE 'small' END`, 'big', 'VARCHAR 5 0'],
  [`CASE S WHEN 7 THEN 1.5 END`, '1.5', 'DECIMAL 2 1'],
  ['MAX(I, 200)', 200, 'INTEGER 4 0'],
  ['MIN(P, 3)', '3.00', 'DECIMAL 13 2'],
  ['RRN(T)', '1', 'DECIMAL 15 0'],
  ['(SELECT COUNT(*) FROM T)', 1, 'INTEGER 4 0'],
];

test.each(CASES)('%s', (sql, value, type) => {
  const prepared = f.session.prepare(`SELECT ${sql} FROM T`);
  const column = prepared.columns![0]!;
  expect(`${column.type} ${column.length} ${column.scale}`).toBe(type);
  const cursor = prepared.open([]);
  expect(cursor.fetch(2)).toEqual([[value]]);
  cursor.close();
});

/** Conditions that hold for the one row of T. */
const TRUE: readonly string[] = [
  `C = 'ab'`,
  `C = 'ab          '`,
  `V = 'xy'`,
  `'xy' = V AND V >= 'xx'`,
  'P = 12.34 AND P > 12 AND P < 12.341',
  'BIG > I AND BIG = 12345678901234567890.12',
  'B > I AND Z = 42.0 AND S <> 8',
  'F = 1.1 AND F > 1.09 AND F < P',
  'R = 2.5 AND R < P',
  `D = '2024-02-29' AND D < '2024-03-01' AND TS > D`,
  `TM BETWEEN '13:00:00' AND '14.00.00'`,
  `TS = '2024-02-29 13:30:05.123456'`,
  `X = BX'0A0B0C' AND BITS = X'C1C2'`,
  `C LIKE 'ab%' AND C LIKE 'a_    ' AND NOT C LIKE 'ab'`,
  `V LIKE 'x%' AND V NOT LIKE 'X%'`,
  `'50%' LIKE '50+%' ESCAPE '+'`,
  `'abcabd' LIKE '%ab_' AND 'abcabd' LIKE 'a%b%d' AND NOT 'abcabd' LIKE '%abc' AND 'x' LIKE '%%x%' AND '' LIKE '%'`,
  `NOT REPEAT('a', 20000) LIKE '%a%a%a%a%a%a%a%b'`,
  'N IS NULL AND I IS NOT NULL',
  'N IS NOT DISTINCT FROM NULL',
  'I IN (1, 100) AND I NOT IN (SELECT S FROM T)',
  'P IN (SELECT P FROM T) AND EXISTS (SELECT 1 FROM T X WHERE X.I = T.I)',
  '(I, S) = (100, 7) AND (I, S) > (100, 6) AND (I, P) < (100, 13)',
  '(I, S) IN (SELECT I, S FROM T)',
  'I >= ALL (SELECT S FROM T) AND I = ANY (SELECT I FROM T)',
  'ON AND ON = TRUE AND NOT (ON = FALSE)',
  'I ¬= 1 AND I ^= 2 AND I != 3 AND I <> 4',
  'CURRENT DATE = DATE(CURRENT TIMESTAMP) AND CURRENT TIMESTAMP > TS',
  `CURRENT SERVER = 'SIMULATE' AND USER = 'TESTER' AND CURRENT SCHEMA = 'APPLIB'`,
];

test.each(TRUE)('holds: %s', (condition) => {
  expect(f.rows(`SELECT 1 FROM T WHERE ${condition}`)).toEqual([[1]]);
});

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
