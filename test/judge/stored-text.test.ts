/** JTOpen reads and writes text whose bytes are special: U+0000 and bytes a page does not define. */
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges stored text', judgeNeeds(jar), () => {
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

    test('U+0000 goes in and comes back, in every kind of text', async () => {
      await p.update(
        `CREATE TABLE ORDLIB.NULS (V VARCHAR(10), C CHAR(5), U VARCHAR(10) CCSID 1208, G VARGRAPHIC(5) CCSID 1200, L CLOB(100))`,
      );
      const text = 'a\0b';
      await p.query('SELECT 1 FROM SYSIBM.SYSDUMMY1');
      await p.judge.run('batch', {
        sql: 'INSERT INTO ORDLIB.NULS VALUES(?, ?, ?, ?, ?)',
        rows: [[text, text, text, text, text]],
      });
      const { rows } = await p.query('SELECT V, C, U, G, L, HEX(V), HEX(C) FROM ORDLIB.NULS');
      expect(rows).toEqual([[text, `${text}  `, text, text, text, '810082', '8100824040']]);
      const found = await p.query('SELECT COUNT(*) FROM ORDLIB.NULS WHERE V = ?', [text]);
      expect(found.rows).toEqual([['1']]);
    });

    test('bytes that are no characters reach the driver as they are', async () => {
      await p.update('CREATE TABLE ORDLIB.BYTES (M VARCHAR(20) CCSID 930, U VARCHAR(20) CCSID 1208)');
      await p.update(
        `INSERT INTO ORDLIB.BYTES VALUES(CAST(X'C10EFEFE0FC2' AS VARCHAR(20) CCSID 930), CAST(X'41FF42' AS VARCHAR(20) CCSID 1208))`,
      );
      const { rows } = await p.query('SELECT M, U, HEX(M), HEX(U) FROM ORDLIB.BYTES');
      // the driver's own words for a pair its table does not have, and for UTF-8 that is none
      expect(rows).toEqual([['A\ufffdB', 'A??', 'C10EFEFE0FC2', '41FF42']]);
    });
  });
});

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges jobs of CCSID 65535', judgeNeeds(jar), () => {
    test('sign-on, statements, characters, dates and failures', async () => {
      await using p = await judgedPartition(jar, { jobCcsid: 65535 });
      await p.update(
        `CREATE TABLE ORDLIB.T65535 (C CHAR(5) CCSID 37, U VARCHAR(9) CCSID 1208, D DATE, B CHAR(2) FOR BIT DATA)`,
      );
      await p.update(`INSERT INTO ORDLIB.T65535 VALUES('Grü', 'äß€', '2026-11-29', X'0041')`);
      const { rows } = await p.query('SELECT * FROM ORDLIB.T65535 WHERE C = ?', ['Grü']);
      expect(rows).toEqual([['Grü  ', 'äß€', '2026-11-29', 'x0041']]);
      await expect(p.query('SELECT * FROM ORDLIB.NOPE')).rejects.toMatchObject({ code: -204 });
      expect(p.partition.errors).toEqual([]);
    });
  });
});
