/** What JTOpen sees of fields encoded by a program, of masks and permissions, of keys with nulls. */
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges hidden forms', judgeNeeds(jar), () => {
    let p: JudgedPartition;

    beforeAll(async () => {
      p = await judgedPartition(jar, {
        users: [
          { name: 'CLERK', password: 'clerkpw1' },
          { name: 'BOSS', password: 'bosspw01' },
        ],
      });
      await p.connect('boss', {}, 'BOSS', 'bosspw01');
    });

    afterAll(async () => {
      await p?.[Symbol.asyncDispose]();
    });

    afterEach(() => {
      expect(p.partition.errors.splice(0)).toEqual([]);
    });

    const asBoss = (sql: string): Promise<{ rows: (string | null)[][] }> => p.judge.run('query', { c: 'boss', sql });

    test('a field procedure: clear by SQL, encoded in the journal', async () => {
      await p.update('CREATE SCHEMA HR');
      await p.update('CREATE TABLE HR.SECRET (ID INTEGER NOT NULL, CARD CHAR(4) NOT NULL FIELDPROC HR.CRYPT)');
      await p.update(`INSERT INTO HR.SECRET VALUES(1, '1234')`);
      expect((await p.query(`SELECT CARD FROM HR.SECRET WHERE CARD = '1234'`)).rows).toEqual([['1234']]);
      const { rows } = await p.query(
        `SELECT CAST(ENTRY_DATA AS VARBINARY(20)) FROM TABLE(QSYS2.DISPLAY_JOURNAL('HR', 'QSQJRN', JOURNAL_CODES => 'R')) X`,
      );
      expect(rows).toEqual([['x00000001aba8a9ae']]);
    });

    test('masks and permissions go by the user who is signed on', async () => {
      await p.update('CREATE TABLE HR.STAFF (ID INTEGER NOT NULL, PAY DECIMAL(7,2), DEPT CHAR(3))');
      await p.update(`INSERT INTO HR.STAFF VALUES(1, 100.50, 'A01'), (2, 200.00, 'B01')`);
      await p.update(
        `CREATE MASK HR.PAYMASK ON HR.STAFF FOR COLUMN PAY RETURN CASE WHEN SESSION_USER = 'BOSS' THEN PAY ELSE 0 END ENABLE`,
      );
      await p.update(
        `CREATE PERMISSION HR.OWN ON HR.STAFF FOR ROWS WHERE SESSION_USER = 'BOSS' OR DEPT = 'A01' ENFORCED FOR ALL ACCESS ENABLE`,
      );
      await p.update('ALTER TABLE HR.STAFF ACTIVATE ROW ACCESS CONTROL ACTIVATE COLUMN ACCESS CONTROL');
      const sql = 'SELECT ID, PAY FROM HR.STAFF ORDER BY ID';
      expect((await p.query(sql)).rows).toEqual([['1', '0.00']]);
      expect((await asBoss(sql)).rows).toEqual([
        ['1', '100.50'],
        ['2', '200.00'],
      ]);
      const told = await p.query('SELECT RCAC_NAME, CONTROL_TYPE, ENABLE FROM QSYS2.SYSCONTROLS ORDER BY 1');
      expect(told.rows).toEqual([
        ['OWN', 'R', 'Y'],
        ['PAYMASK', 'M', 'Y'],
      ]);
    });

    test('a unique index takes nulls for values', async () => {
      await p.update('CREATE TABLE HR.KEYS (A INTEGER, B VARCHAR(3))');
      await p.update('CREATE UNIQUE INDEX HR.KEYSIX ON HR.KEYS (A, B)');
      await p.update('INSERT INTO HR.KEYS VALUES(1, NULL)');
      await expect(p.update('INSERT INTO HR.KEYS VALUES(1, NULL)')).rejects.toMatchObject({ code: -803 });
    });
  });
});
