/** The files of test/simulator/sql/logic once more, through JTOpen over the wire: IBM's driver sees the rows, codes and states they say. */
import { existsSync } from 'node:fs';
import { type LogicRecord, logicFiles, type QueryRecord, readLogicFile, rowText } from '../simulator/sql/logic-file';
import { describeWithJudge } from '../support/judges';
import { DRIVERS, type JudgeColumn, JudgeError, judgeNeeds } from './jtopen';
import { type JudgedPartition, judgedPartition } from './judged-partition';

jest.setTimeout(60_000);

/** The newest there is. */
const { name: DRIVER, jar } = DRIVERS.findLast((driver) => existsSync(driver.jar)) ?? DRIVERS[0];

describeWithJudge(`statements through ${DRIVER}`, judgeNeeds(jar), () => {
  describe.each(logicFiles())('%s', (name) => {
    let judged: JudgedPartition;
    beforeAll(async () => {
      judged = await judgedPartition(jar, { seed: false });
      await judged.update(`CALL QSYS2.QCMDEXC('CRTLIB LIB(APPLIB)')`);
      await judged.connect('c', { 'transaction isolation': 'none', libraries: 'APPLIB', 'date format': 'iso' });
    });
    afterAll(() => judged?.[Symbol.asyncDispose]());

    const records = readLogicFile(name).filter((record) => !record.skip.includes('jtopen'));
    test.each(records.map((record): [string, LogicRecord] => [`${record.line}: ${record.sql}`, record]))(
      '%s',
      async (_title, record) => {
        if (record.kind === 'query') return runQuery(judged, record);
        if (record.error === null) {
          const { count } = await judged.update(record.sql);
          if (record.count !== null) expect(count).toBe(record.count);
          return;
        }
        const failure = await failureOf(judged, record.sql);
        expect({ code: failure.code, state: failure.state }).toEqual({
          code: record.error.code,
          state: record.error.state,
        });
        if (record.error.text !== '') expect(failure.message).toContain(record.error.text);
      },
    );
  });
});

async function runQuery(judged: JudgedPartition, { sql, letters, rowsort, rows }: QueryRecord): Promise<void> {
  const answer = await judged.query(sql);
  expect(answer.columns).toHaveLength(letters.length);
  const found = answer.rows.map((row) =>
    rowText(
      row.map((text, i) => meaningOf(text, letters[i]!, answer.columns[i]!)),
      letters,
    ),
  );
  expect(rowsort ? found.sort() : found).toEqual(rowsort ? [...rows].sort() : rows);
}

/** What the driver's text means, in the form of the files. */
function meaningOf(
  text: string | null,
  letter: string,
  { type }: JudgeColumn,
): string | number | boolean | Buffer | null {
  if (text === null) return null;
  if (letter === 'X') return Buffer.from(text.replace(/^x/, ''), 'hex');
  if (letter === 'B') return text === 'true' || text === '1';
  if (letter === 'D') return type === 'TIME' ? text.replaceAll('.', ':') : text;
  return /^(DOUBLE|FLOAT|REAL)/.test(type) ? Number(text) : text;
}

async function failureOf(judged: JudgedPartition, sql: string): Promise<JudgeError> {
  const queries = /^\s*(SELECT|VALUES|WITH)\b/i.test(sql);
  try {
    await (queries ? judged.query(sql) : judged.update(sql));
  } catch (error) {
    if (error instanceof JudgeError) return error;
    throw error;
  }
  throw new Error(`no failure: ${sql}`);
}
