/** Forms of statements that IBM's own driver tests use, and what must not be taken for one of them. */
import { allOf, type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;
beforeAll(async () => {
  f = await sqlFixture();
});
afterAll(() => f[Symbol.dispose]());

describe('CREATE TABLE AS', () => {
  beforeAll(() => {
    f.run('CREATE TABLE SOURCE (A INTEGER NOT NULL, B VARCHAR(10))');
    f.run("INSERT INTO SOURCE VALUES (1, 'x'), (2, NULL)");
  });

  test('columns take the names that stand before the query', () => {
    f.run('CREATE TABLE NAMED (X, "y") AS (SELECT A + 1, B FROM SOURCE) WITH DATA');
    expect(f.rows('SELECT X, "y" FROM NAMED ORDER BY X')).toEqual([
      [2, 'x'],
      [3, null],
    ]);
    f.run('CREATE TABLE BARE (X, Y) AS (SELECT A, B FROM SOURCE) WITH NO DATA');
    expect(f.rows('SELECT X, Y FROM BARE')).toEqual([]);
  });

  test('too few names or too many are refused', () => {
    const failure = f.failure('CREATE TABLE FEW (X) AS (SELECT A, B FROM SOURCE) WITH DATA');
    expect(failure).toMatchObject({ sqlCode: -158, sqlState: '42811' });
  });

  test('a column needs a type, but for a row change timestamp', () => {
    expect(f.failure('CREATE TABLE UNTYPED (A)')).toMatchObject({ sqlCode: -104, sqlState: '42601' });
    expect(f.failure('CREATE TABLE UNTYPED (A INTEGER, B NOT NULL)')).toMatchObject({ sqlCode: -104 });
    const stamp = 'TS NOT NULL FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP';
    f.run(`CREATE TABLE STAMPED (A INTEGER NOT NULL, ${stamp})`);
    f.run('INSERT INTO STAMPED (A) VALUES (1)');
    expect(f.rows('SELECT COUNT(*) FROM STAMPED WHERE TS IS NOT NULL')).toEqual([[1]]);
  });
});

describe('constants of DECFLOAT', () => {
  test.each([
    ['VALUES(Infinity)', 'Infinity'],
    ['VALUES(-INF)', '-Infinity'],
    ['VALUES(NaN)', 'NaN'],
    ['VALUES DECFLOAT(1) + INFINITY', 'Infinity'],
  ])('%s', (sql, value) => {
    expect(f.rows(sql)).toEqual([[value]]);
  });

  test('a column of that name is the column', () => {
    f.run('CREATE TABLE ODD (INFINITY INTEGER NOT NULL)');
    f.run('INSERT INTO ODD VALUES (7)');
    expect(f.rows('SELECT INFINITY FROM ODD')).toEqual([[7]]);
    expect(f.failure('VALUES(FINITE)')).toMatchObject({ sqlCode: -206 });
  });
});

describe("dates in the job's own format", () => {
  const session = (order: 'mdy' | 'dmy' | 'ymd' | 'jul', separator: string) => {
    const made = f.openSession();
    made.setDateForm({ order, separator });
    return made;
  };
  beforeAll(() => f.run('CREATE TABLE DAYS (D DATE, T TIME, V VARCHAR(10))'));

  test.each([
    ['mdy', '-', '03-19-97'],
    ['dmy', '.', '19.03.97'],
    ['ymd', ',', '97,03,19'],
    ['jul', ' ', '97 078'],
    ['mdy', '/', '3/19/97'],
  ] as const)('%s with "%s"', (order, separator, text) => {
    const job = session(order, separator);
    f.run('DELETE FROM DAYS');
    job.prepare(`INSERT INTO DAYS (D, V) VALUES ('${text}', '${text}')`).execute([]);
    expect(allOf(job, `SELECT D, V, DATE('${text}') FROM DAYS WHERE D = '${text}'`)).toEqual([
      ['1997-03-19', text, '1997-03-19'],
    ]);
    // four digits are understood by every job
    expect(allOf(job, "SELECT COUNT(*) FROM DAYS WHERE D = '1997-03-19'")).toEqual([[1]]);
  });

  test('another separator, no such day, and a time that looks like a date', () => {
    const job = session('dmy', '.');
    const failure = (sql: string): number => {
      try {
        allOf(job, sql);
      } catch (error) {
        return (error as { sqlCode: number }).sqlCode;
      }
      return 0;
    };
    expect(failure("SELECT D FROM DAYS WHERE D = '19-03-97'")).toBe(-180);
    expect(failure("SELECT D FROM DAYS WHERE D = '31.02.97'")).toBeLessThan(0);
    f.run('DELETE FROM DAYS');
    job.prepare("INSERT INTO DAYS (T) VALUES ('10.11.12')").execute([]);
    expect(allOf(job, 'SELECT T FROM DAYS')).toEqual([['10:11:12']]);
  });
});
