/**
 * Statements and cursors of IBM's own driver tests, each with what those tests expect of a real partition (github.com/IBM/JTOpen-test,
 * named beside each).
 */
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges statements', judgeNeeds(jar), () => {
    let p: JudgedPartition;
    let database: string;

    beforeAll(async () => {
      p = await judgedPartition(jar);
      await p.update('CREATE SCHEMA FORMS');
      await p.connect('block', { prefetch: 'false' });
      database = String((await p.query('VALUES CURRENT SERVER')).rows[0]![0]).trim();
    });

    afterAll(async () => {
      await p?.[Symbol.asyncDispose]();
    });

    afterEach(() => {
      expect(p.partition.errors.splice(0)).toEqual([]);
    });

    describe('rows of a batch, one of which is refused', () => {
      const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => [(from + i) % 30_000]);
      const batch = (sql: string, list: readonly unknown[]) => p.judge.run<number[]>('batch', { sql, rows: list });
      const left = async (table: string) => Number((await p.query(`SELECT COUNT(*) FROM FORMS.${table}`)).rows[0]![0]);

      beforeAll(async () => {
        await p.update('CREATE TABLE FORMS.SMALL (C1 SMALLINT)');
        await p.update('CREATE TABLE FORMS.BLOCK (C1 INTEGER NOT NULL)');
      });
      beforeEach(() => p.judge.run('autocommit', { on: false }));
      afterEach(() => p.judge.run('autocommit', { on: true }));

      // JDPSBatch 95: an expression in VALUES, which the driver sends row by row
      test.each([
        ['at the end', rows(1, 3), []],
        ['in the middle', rows(11, 13), rows(13, 18)],
        ['at the beginning', [], rows(1000, 2000)],
        ['at the end of a long one', rows(2000, 4000), []],
      ])(
        'a value the column cannot hold, %s: a conversion error; those before it are counted',
        async (_, good, rest) => {
          const failed = batch('INSERT INTO FORMS.SMALL VALUES(CAST(? AS INTEGER))', [...good, [1_000_000], ...rest]);
          await expect(failed).rejects.toMatchObject({
            code: -406,
            state: '22003',
            message: expect.stringContaining('Conversion error'),
            counts: good.map(() => 1),
          });
          expect(await left('SMALL')).toBe(good.length);
          await p.judge.run('rollback');
          expect(await left('SMALL')).toBe(0);
        },
      );

      // markers alone, which it sends in one request
      test.each([
        ['at the end', [...rows(1, 3), [null]]],
        ['in the middle', [...rows(11, 13), [null], ...rows(13, 18)]],
        ['at the beginning', [[null], ...rows(1000, 2000)]],
      ])(
        'a blocked INSERT under commitment control with a row that is not valid, %s: none is there',
        async (_, list) => {
          await batch('INSERT INTO FORMS.BLOCK VALUES(?)', rows(1, 3));
          const failed = batch('INSERT INTO FORMS.BLOCK VALUES(?)', list);
          await expect(failed).rejects.toMatchObject({ code: -407, counts: [] });
          expect(await left('BLOCK')).toBe(2);
          await p.judge.run('rollback');
          expect(await left('BLOCK')).toBe(0);
        },
      );

      test('without commitment control those before it stay, and are counted', async () => {
        await p.connect('none', { 'transaction isolation': 'none' });
        const failed = p.judge.run('batch', {
          c: 'none',
          sql: 'INSERT INTO FORMS.BLOCK VALUES(?)',
          rows: [...rows(1, 3), [null], ...rows(3, 5)],
        });
        await expect(failed).rejects.toMatchObject({ code: -407, counts: [-2, -2] });
        expect(await left('BLOCK')).toBe(2);
        await p.update('DELETE FROM FORMS.BLOCK');
        await p.judge.run('commit');
      });

      test('more rows than one request holds, all of them good', async () => {
        expect(await batch('INSERT INTO FORMS.BLOCK VALUES(?)', rows(0, 33_000))).toHaveLength(33_000);
        await p.judge.run('commit');
        expect(await left('BLOCK')).toBe(33_000);
      });
    });

    test('CREATE TABLE LIKE: the columns of another table, without its keys, rows and defaults of the database', async () => {
      await p.update(
        "CREATE TABLE FORMS.MODEL (ID INTEGER NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY, NAME VARCHAR(20) CCSID 37 DEFAULT 'x', LONG_COLUMN_NAME FOR COLUMN LCN DECIMAL(9,2) NOT NULL)",
      );
      await p.update('CREATE TABLE FORMS.COPY LIKE FORMS.MODEL');
      const columns = (table: string) =>
        p.query(`SELECT COLUMN_NAME, SYSTEM_COLUMN_NAME, DATA_TYPE, LENGTH, NUMERIC_SCALE, CCSID, IS_NULLABLE
          FROM QSYS2.SYSCOLUMNS WHERE TABLE_SCHEMA = 'FORMS' AND TABLE_NAME = '${table}' ORDER BY ORDINAL_POSITION`);
      expect((await columns('COPY')).rows).toEqual((await columns('MODEL')).rows);
      const extras =
        "SELECT COLUMN_NAME, HAS_DEFAULT, IS_IDENTITY FROM QSYS2.SYSCOLUMNS WHERE TABLE_SCHEMA = 'FORMS' AND TABLE_NAME =";
      expect((await p.query(`${extras} 'COPY'`)).rows).toEqual([
        ['ID', 'N', 'NO'],
        ['NAME', 'Y', 'NO'],
        ['LONG_COLUMN_NAME', 'N', 'NO'],
      ]);
      await p.update(
        'CREATE TABLE FORMS.COPY2 LIKE FORMS.MODEL INCLUDING IDENTITY COLUMN ATTRIBUTES INCLUDING COLUMN DEFAULTS',
      );
      expect((await p.query(`${extras} 'COPY2'`)).rows[0]).toEqual(['ID', 'I', 'YES']);
      await p.update('INSERT INTO FORMS.COPY2 (LONG_COLUMN_NAME) VALUES(1)');
      expect((await p.query('SELECT * FROM FORMS.COPY2')).rows).toEqual([['1', 'x', '1.00']]);
      await p.update("INSERT INTO FORMS.COPY VALUES(1, 'a', 2)");
      await p.update("INSERT INTO FORMS.COPY VALUES(1, 'a', 2)");
      await expect(p.update('CREATE TABLE FORMS.NONE LIKE FORMS.NOSUCH')).rejects.toMatchObject({ code: -204 });
    });

    test('SYSIBM.SQLTABLES and SQLCOLUMNS are views, too (JDDMDMisc 18, JDRSRelative 19)', async () => {
      await p.update('CREATE TABLE FORMS.TYPES (C1 NCHAR(10), C2 NVARCHAR(10), C3 NCLOB, C4 XML, C5 ROWID)');
      const { rows } = await p.query(
        "SELECT TYPE_NAME, COLUMN_NAME, JDBC_DATA_TYPE FROM SYSIBM.SQLCOLUMNS WHERE TABLE_NAME = 'TYPES' AND TABLE_SCHEM = 'FORMS' ORDER BY COLUMN_NAME",
      );
      expect(rows).toEqual([
        ['NCHAR', 'C1', '-15'],
        ['NVARCHAR', 'C2', '-9'],
        ['NCLOB', 'C3', '2011'],
        ['XML', 'C4', '2009'],
        ['ROWID', 'C5', '-8'],
      ]);
      const tables = await p.query(
        "SELECT TABLE_TYPE, TABLE_CAT FROM SYSIBM.SQLTABLES WHERE TABLE_SCHEM = 'FORMS' AND TABLE_NAME = 'TYPES'",
      );
      expect(tables.rows).toEqual([['TABLE', database]]);
      const joined = await p.query(
        'SELECT SUM(A.COLUMN_SIZE), SUM(LENGTH(B.TABLE_NAME)) FROM SYSIBM.SQLCOLUMNS A, SYSIBM.SQLTABLES B WHERE A.TABLE_NAME = B.TABLE_NAME AND A.COLUMN_SIZE BETWEEN 2 AND 1000',
      );
      expect(Number(joined.rows[0]![0])).toBeGreaterThan(0);
    });

    test('HASH: a number for each value, the same one for the same value (JDPSBatch 48 sorts by it)', async () => {
      await p.update('CREATE TABLE FORMS.HASHED (ID INTEGER, B BLOB(100), V VARCHAR(10))');
      for (const id of [1, 2, 3]) await p.update(`INSERT INTO FORMS.HASHED VALUES(${id}, BLOB(X'0${id}'), 'same')`);
      const { rows, columns } = await p.query(
        'SELECT HASH(B), HASH(V), HASH(ID, V) FROM FORMS.HASHED ORDER BY HASH(B)',
      );
      expect(columns.map((c) => c.type)).toEqual(['INTEGER', 'INTEGER', 'INTEGER']);
      expect(new Set(rows.map(([, v]) => v)).size).toBe(1);
      expect(rows.map(([b]) => Number(b))).toEqual(rows.map(([b]) => Number(b)).sort((a, b) => a - b));
    });

    test('CONNECT to the database itself, to another one, and back (JDStatementDRDA, JDASClientRegisters)', async () => {
      await p.connect('drda');
      const run = (sql: string) => p.judge.run('update', { c: 'drda', sql });
      await run(`CONNECT TO ${database}`);
      await run('CONNECT RESET');
      await expect(run('CONNECT TO ELSEWHERE')).rejects.toMatchObject({ code: -950, state: '42705' });
      expect((await p.judge.run('query', { c: 'drda', sql: 'VALUES CURRENT SERVER' })).rows).toEqual([[database]]);
    });

    test.each(['made', 'there already'])(
      'a client that wants its statements in an SQL package (extended dynamic), %s',
      async () => {
        await p.connect('packaged', {
          'extended dynamic': 'true',
          package: 'FORMSPKG',
          'package library': 'FORMS',
          'package cache': 'true',
          'package error': 'exception',
        });
        const packaged = (sql: string, params: unknown[]) => p.judge.run('query', { c: 'packaged', sql, params });
        for (const ordno of [100001, 100002, 100001]) {
          const { rows } = await packaged('SELECT ORDNO FROM ORDLIB.ORDHDR WHERE ORDNO = ?', [ordno]);
          expect(rows).toEqual([[String(ordno)]]);
        }
      },
    );

    describe('WHERE CURRENT OF a cursor (JDStatementCursorName 5 to 8, JDRSNext and the others of RSTEST_POS)', () => {
      const all = async () => (await p.query('SELECT ID, NAME FROM FORMS.CURSED ORDER BY NAME')).rows;
      const open = (cursor: string | null, sql: string, more = {}) =>
        p.judge.run('open', { s: 'cu', sql, ...(cursor ? { cursor } : {}), ...more });
      const to = async (name: string) => {
        for (;;) {
          const row = await p.judge.run<string[] | null>('next', { s: 'cu' });
          if (row === null || row[1] === name) return row;
        }
      };
      const NAMES = ['alpha', 'beta', 'omega'];

      beforeEach(async () => {
        await p.update('CREATE OR REPLACE TABLE FORMS.CURSED (ID INTEGER NOT NULL, NAME VARCHAR(10))');
        for (const [i, name] of NAMES.entries()) await p.update(`INSERT INTO FORMS.CURSED VALUES(${i}, '${name}')`);
      });
      afterEach(() => p.judge.run('closeStatement', { s: 'cu' }));

      test.each([
        ['FOR UPDATE OF ID', 'ADIOS', 'ADIOS', 'SELECT * FROM FORMS.CURSED FOR UPDATE OF ID', {}],
        [
          'FOR UPDATE, a name in quotes',
          'DiNeRo',
          '"DiNeRo"',
          'SELECT * FROM FORMS.CURSED X WHERE ID > 0 FOR UPDATE',
          {},
        ],
        ['an updatable result set', 'POS', 'POS', 'SELECT * FROM FORMS.CURSED', { updatable: true }],
      ])('%s', async (_, cursor, named, sql, more) => {
        await open(cursor, sql, more);
        expect(await to('omega')).toEqual(['2', 'omega']);
        expect(await p.update(`UPDATE FORMS.CURSED SET ID = ID + 40 WHERE CURRENT OF ${named}`)).toMatchObject({
          count: 1,
        });
        expect(await all()).toEqual([
          ['0', 'alpha'],
          ['1', 'beta'],
          ['42', 'omega'],
        ]); // prettier-ignore
      });

      test('DELETE, and an UPDATE with markers of its own', async () => {
        await open('GONE', 'SELECT * FROM FORMS.CURSED FOR UPDATE');
        await to('alpha');
        expect(await p.update('DELETE FROM FORMS.CURSED WHERE CURRENT OF GONE')).toMatchObject({ count: 1 });
        await to('beta');
        await p.judge.run('prepare', {
          s: 'up',
          sql: 'UPDATE FORMS.CURSED SET ID = ?, NAME = ? WHERE CURRENT OF GONE',
        });
        expect(await p.judge.run('run', { s: 'up', params: [7, 'gamma'] })).toMatchObject({ count: 1 });
        expect(await all()).toEqual([
          ['7', 'gamma'],
          ['2', 'omega'],
        ]); // prettier-ignore
      });

      test('after the last row, read-only, of another table, not open', async () => {
        const change = (cursor: string, table = 'CURSED') =>
          p.update(`UPDATE FORMS.${table} SET ID = 9 WHERE CURRENT OF ${cursor}`);
        await open('EARLY', 'SELECT * FROM FORMS.CURSED FOR UPDATE');
        await to('alpha');
        await p.update('CREATE OR REPLACE TABLE FORMS.ELSE (ID INTEGER)');
        await expect(change('EARLY', 'ELSE')).rejects.toMatchObject({ code: -509, state: '42827' });
        expect(await to('nobody')).toBeNull();
        await expect(change('EARLY')).rejects.toMatchObject({ code: -508, state: '24504' });
        await p.judge.run('closeStatement', { s: 'cu' });
        await expect(change('EARLY')).rejects.toMatchObject({ code: -507, state: '24501' });
        await open('JOINED', 'SELECT A.ORDNO, B.ORDNO FROM ORDLIB.ORDHDR A, ORDLIB.ORDHDR B');
        await p.judge.run('next', { s: 'cu' });
        await expect(change('JOINED')).rejects.toMatchObject({ code: -510, state: '42828' });
      });
    });

    describe('where a cursor stands', () => {
      interface Place {
        readonly beforeFirst: boolean;
        readonly afterLast: boolean;
      }
      const place = (s: string, c = 'c') => p.judge.run<Place>('place', { c, s });

      test.each(['c', 'block'])(
        'beyond the last row of a scrollable one (JDRSAfterLast 98), connection %s',
        async (c) => {
          await p.judge.run('open', {
            c,
            s: 'sc',
            sql: 'SELECT ORDNO FROM ORDLIB.ORDHDR FETCH FIRST 50 ROWS ONLY',
            scroll: true,
          });
          expect(await place('sc', c)).toEqual({ beforeFirst: true, afterLast: false });
          expect(await p.judge.run('next', { s: 'sc', move: 'absolute', row: 100 })).toBeNull();
          expect(await place('sc', c)).toEqual({ beforeFirst: false, afterLast: true });
          expect(await p.judge.run('next', { s: 'sc', move: 'absolute', row: -50 })).not.toBeNull();
          expect(await place('sc', c)).toEqual({ beforeFirst: false, afterLast: false });
          await p.judge.run('closeStatement', { s: 'sc' });
        },
      );

      test.each(['c', 'block'])(
        'before the first row of a metadata result (JDRSBeforeFirst 32 and 82), connection %s',
        async (c) => {
          await p.judge.run('openTableTypes', { c, s: 'types' });
          expect(await place('types', c)).toEqual({ beforeFirst: true, afterLast: false });
          expect(await p.judge.run('next', { s: 'types' })).not.toBeNull();
        },
      );
    });
  });
});
