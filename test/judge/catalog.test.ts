/** What JTOpen reads of the catalog and of JDBC's metadata. */
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges the catalog', judgeNeeds(jar), () => {
    let p: JudgedPartition;

    beforeAll(async () => {
      p = await judgedPartition(jar);
    });

    afterAll(async () => {
      await p?.[Symbol.asyncDispose]();
    });

    afterEach(() => {
      expect(p.partition.errors.splice(0)).toEqual([]);
    });

    const trimmed = (rows: (string | null)[][]): (string | null)[][] => rows.map((r) => r.map((v) => v?.trim() ?? v));

    test('a schema with a long name has a system name, and the catalog stays readable', async () => {
      await p.update('CREATE SCHEMA LONGSCHEMA_NAME');
      await p.update('CREATE SCHEMA LONGSCHEMA_OTHER');
      await p.update('CREATE TABLE LONGSCHEMA_NAME.A_TABLE_WITH_A_LONG_NAME (A INTEGER NOT NULL PRIMARY KEY)');
      await p.update('INSERT INTO LONGS00001.A_TAB00001 VALUES (1)');
      const read = await p.query('SELECT A FROM LONGSCHEMA_NAME.A_TABLE_WITH_A_LONG_NAME');
      expect(read.rows).toEqual([['1']]);
      const tables = await p.query(
        `SELECT TABLE_SCHEMA, SYSTEM_TABLE_SCHEMA, TABLE_NAME, SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES`,
      );
      expect(trimmed(tables.rows)).toContainEqual([
        'LONGSCHEMA_NAME',
        'LONGS00001',
        'A_TABLE_WITH_A_LONG_NAME',
        'A_TAB00001',
      ]);
      const schemas = await p.query(`SELECT SCHEMA_NAME, SYSTEM_SCHEMA_NAME FROM QSYS2.SYSSCHEMAS`);
      expect(trimmed(schemas.rows)).toEqual(
        expect.arrayContaining([
          ['LONGSCHEMA_NAME', 'LONGS00001'],
          ['LONGSCHEMA_OTHER', 'LONGS00002'],
        ]),
      );
      const { rows } = await p.judge.run('metadata', { method: 'columns', schema: 'LONGSCHEMA\\_NAME', table: '%' });
      expect(rows.map((r) => r.slice(1, 4))).toEqual([['LONGSCHEMA_NAME', 'A_TABLE_WITH_A_LONG_NAME', 'A']]);
    });

    test('columns: names and codes of national, date, LOB and other types', async () => {
      await p.update(`CREATE TABLE ORDLIB.KINDS (NC GRAPHIC(5) CCSID 1200, NV VARGRAPHIC(6) CCSID 1200, NL DBCLOB(7) CCSID 1200,
        G GRAPHIC(5) CCSID 300, VG VARGRAPHIC(6) CCSID 300, GL DBCLOB(7) CCSID 300, D DATE, T TIME, TS TIMESTAMP(3),
        N NUMERIC(6,2), F DOUBLE, R REAL, C CLOB(9), B BLOB(9), ID ROWID, I INTEGER NOT NULL DEFAULT 5)`);
      await p.update(`COMMENT ON COLUMN ORDLIB.KINDS.I IS 'five'`);
      await p.update(`LABEL ON COLUMN ORDLIB.KINDS.N TEXT IS 'number'`);
      const { rows, columns } = await p.judge.run('metadata', { method: 'columns', schema: 'ORDLIB', table: 'KINDS' });
      const at = (name: string): number => columns.findIndex((c) => c.name === name);
      const pick = (column: string, ...names: string[]): (string | null)[] => {
        const row = rows.find((r) => r[at('COLUMN_NAME')] === column)!;
        return names.map((n) => row[at(n)]!);
      };
      const codes = (column: string): (string | null)[] => pick(column, 'TYPE_NAME', 'DATA_TYPE', 'SQL_DATA_TYPE');
      expect(codes('NC')).toEqual(['NCHAR', '-15', '-8']);
      expect(codes('NV')).toEqual(['NVARCHAR', '-9', '-9']);
      expect(codes('NL')).toEqual(['NCLOB', '2011', '-10']);
      expect(codes('G')).toEqual(['GRAPHIC', '1', '-95']);
      expect(codes('VG')).toEqual(['VARGRAPHIC', '12', '-96']);
      expect(codes('GL')).toEqual(['DBCLOB', '2005', '-350']);
      expect(codes('C')).toEqual(['CLOB', '2005', '-99']);
      expect(codes('B')).toEqual(['BLOB', '2004', '-98']);
      const moment = (column: string) =>
        pick(column, 'SQL_DATA_TYPE', 'SQL_DATETIME_SUB', 'BUFFER_LENGTH', 'DECIMAL_DIGITS');
      expect(moment('D')).toEqual(['9', '1', '6', '0']);
      expect(moment('T')).toEqual(['9', '2', '6', '0']);
      expect(moment('TS')).toEqual(['9', '3', '16', '3']);
      expect(pick('N', 'BUFFER_LENGTH', 'COLUMN_DEF', 'REMARKS')).toEqual(['8', null, 'number']);
      expect(pick('F', 'COLUMN_SIZE')).toEqual(['52']);
      expect(pick('R', 'COLUMN_SIZE')).toEqual(['13']);
      expect(pick('ID', 'NULLABLE', 'SQL_DATA_TYPE', 'IS_NULLABLE')).toEqual(['0', '-100', 'NO']);
      expect(pick('I', 'NULLABLE', 'COLUMN_DEF', 'REMARKS')).toEqual(['0', '5', 'five']);
    });

    test('an empty name is no filter that lets all through', async () => {
      const tables = async (schema: string | null, table: string | null): Promise<number> =>
        (
          await p.judge.run('metadata', {
            method: 'tables',
            ...(schema === null ? {} : { schema }),
            ...(table === null ? {} : { table }),
          })
        ).rows.length;
      expect(await tables('ORDLIB', '%')).toBeGreaterThan(3);
      expect(await tables('ORDLIB', null)).toBeGreaterThan(3);
      expect(await tables(null, 'ORDHDR')).toBe(1);
      expect(await tables('', 'ORDHDR')).toBe(0);
      expect(await tables('ORDLIB', '')).toBe(0);
    });

    test('catalogs and table types by SELECT', async () => {
      const { rows } = await p.query(`SELECT CATALOG_NAME FROM QSYS2.SYSCATALOGS WHERE RDBTYPE='LOCAL'`);
      expect(rows.map((r) => r[0])).toEqual([p.partition.system.rdbName]);
      const kinds = await p.query('SELECT TABLE_TYPE FROM SYSIBM.SYSTBLTYPE ORDER BY 1');
      expect(kinds.rows.map((r) => r[0])).toContain('TABLE');
      await p.update(`SET SYSIBMADM.SELFCODES=''`);
      expect((await p.query('VALUES (CURRENT CLIENT_APPLNAME)')).rows).toEqual([['']]);
    });

    test('changes that meet no row say of which statement', async () => {
      await p.update('CREATE TABLE ORDLIB.EMPTY1 (A INTEGER NOT NULL, B INTEGER)');
      const del = await p.update('DELETE FROM ORDLIB.EMPTY1');
      expect(del.warning?.message).toContain('Row not found for DELETE.');
      const upd = await p.update('UPDATE ORDLIB.EMPTY1 SET A = 1');
      expect(upd.warning?.message).toContain('Row not found for UPDATE.');
    });

    test('markers of NOT NULL columns take no null', async () => {
      const { nullable } = await p.judge.run<{ nullable: boolean[] }>('markers', {
        sql: 'INSERT INTO ORDLIB.EMPTY1 (A, B) VALUES(?, ?)',
      });
      expect(nullable).toEqual([false, true]);
    });

    test('a number that is none, and text that is no date while a statement runs', async () => {
      await p.update('CREATE TABLE ORDLIB.FLOATS (D DOUBLE NOT NULL, X DECFLOAT(34))');
      await p.judge.run('batch', {
        sql: 'INSERT INTO ORDLIB.FLOATS VALUES(?, ?)',
        rows: [[{ t: 'double', v: 'NaN' }, '-NaN']],
      });
      const { rows } = await p.query('SELECT D, X FROM ORDLIB.FLOATS');
      expect(rows).toEqual([['NaN', '-NaN']]);
      await expect(p.query(`VALUES (CAST(CAST('Y' AS VARCHAR(1)) AS DATE))`)).rejects.toMatchObject({ code: -181 });
      await expect(p.query(`VALUES (DATE('Y'))`)).rejects.toMatchObject({ code: -180 });
    });

    test('a table another job uses is in use', async () => {
      await p.update('CREATE TABLE ORDLIB.BUSY (A INTEGER)');
      await p.update("CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/BUSY) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)')");
      await p.connect('other');
      await p.judge.run('autocommit', { c: 'other', on: false });
      await p.judge.run('update', { c: 'other', sql: 'INSERT INTO ORDLIB.BUSY VALUES(1)' });
      await expect(p.update('DROP TABLE ORDLIB.BUSY')).rejects.toMatchObject({ code: -913, state: '57033' });
      await p.judge.run('rollback', { c: 'other' });
      await p.update('DROP TABLE ORDLIB.BUSY');
    });

    test('a cursor read without commitment control stays open over a commit', async () => {
      await p.connect('hold', { 'cursor hold': 'false' });
      await p.judge.run('autocommit', { c: 'hold', on: false });
      const sql = 'SELECT ORDNO FROM ORDLIB.ORDHDR ORDER BY ORDNO';
      for (const [clause, open] of [
        ['WITH NC', true],
        ['WITH CS', false],
      ] as const) {
        await p.judge.run('open', { c: 'hold', s: clause, sql: `${sql} ${clause}`, fetchSize: 1 });
        await p.judge.run('next', { s: clause });
        await p.judge.run('commit', { c: 'hold' });
        const next = p.judge.run('next', { s: clause });
        if (open) expect(await next).toBeTruthy();
        else await expect(next).rejects.toThrow();
      }
    });

    test('LIB/FILE under SQL naming is refused', async () => {
      await expect(p.query('SELECT ORDNO FROM ORDLIB/ORDHDR')).rejects.toMatchObject({ code: -5016, state: '42833' });
    });
  });
});
