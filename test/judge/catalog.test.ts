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
  });
});
