/** Forms of statements and of dates that IBM's driver sends for its own tests, on a partition that must take them as they are meant. */
import { describeWithJudge } from '../support/judges';
import { DRIVERS, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('judges forms of statements', judgeNeeds(jar), () => {
    let p: JudgedPartition;

    beforeAll(async () => {
      p = await judgedPartition(jar);
      await p.update('CREATE SCHEMA FORMS');
    });

    afterAll(async () => {
      await p?.[Symbol.asyncDispose]();
    });

    afterEach(() => {
      expect(p.partition.errors.splice(0)).toEqual([]);
    });

    test.each([
      ['mdy', '-', '03-19-97'],
      ['dmy', '.', '19.03.97'],
      ['ymd', ',', '97,03,19'],
      ['julian', '/', '97/078'],
    ])('date format=%s;date separator=%s takes %s', async (format, separator, text) => {
      const c = `dates-${format}`;
      await p.connect(c, { 'date format': format, 'date separator': separator });
      await p.judge.run('update', { c, sql: `CREATE OR REPLACE TABLE FORMS.D (D DATE)` });
      await p.judge.run('update', { c, sql: `INSERT INTO FORMS.D VALUES('${text}')` });
      const { rows } = await p.judge.run('query', { c, sql: `SELECT CHAR(D, ISO) FROM FORMS.D WHERE D = '${text}'` });
      expect(rows).toEqual([['1997-03-19']]);
    });

    test('columns named before the query of CREATE TABLE AS, and constants of DECFLOAT', async () => {
      await p.update('CREATE TABLE FORMS.ONE (A INTEGER NOT NULL)');
      await p.update('INSERT INTO FORMS.ONE VALUES(1)');
      await p.update('CREATE TABLE FORMS.TWO (X, Y) AS (SELECT A + 1, INFINITY FROM FORMS.ONE) WITH DATA');
      expect((await p.query('SELECT X, Y FROM FORMS.TWO')).rows).toEqual([['2', 'Infinity']]);
    });
  });
});
