/** A table of hostile names as JTOpen reads it by SQL, and as the stream, a window and a backfill tell it. */
import { Desk } from '../support/desk';
import { describeWithJudge } from '../support/judges';
import { DRIVERS, Judge, type JudgeRows, judgeNeeds } from './jtopen';

jest.setTimeout(120_000);

const NAMES = [
  'USER',
  'ORDER',
  'GROUP',
  'OP',
  'NULL',
  'Order No',
  'small',
  'a"quote',
  "it's",
  'FLD£1',
  'ÑUM',
  'Å§ÆØ¥',
  'CUSTOMà',
];
const sql = (name: string): string => `"${name.replaceAll('"', '""')}"`;

describe.each(DRIVERS)('$name', ({ jar }) => {
  describeWithJudge('reads what events tell', judgeNeeds(jar), () => {
    test('column by column', async () => {
      await using desk = await Desk.open();
      const { partition } = desk;
      for (const table of ['order details', 'by window'])
        await desk.sql(
          `CREATE TABLE ORDLIB.${sql(table)} ("key" INTEGER NOT NULL PRIMARY KEY, ${NAMES.map((n) => `${sql(n)} VARCHAR(20) CCSID 1208 NOT NULL`).join(', ')})`,
        );
      const judge = Judge.start({ jar });
      try {
        const { signon, database } = partition.ports;
        await judge.run('ports', { host: 'localhost', secure: false, signon, database });
        await judge.run('connect', {
          host: 'localhost',
          user: partition.user,
          password: partition.password,
          props: { secure: 'false' },
        });
        const file = await judge.run('query', {
          sql: "SELECT SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES WHERE TABLE_NAME = 'order details'",
        });
        await desk.cl(`STRJRNPF FILE(ORDLIB/${file.rows[0]![0]}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
        desk.write(`tables:
  ORDLIB/order details: { event: stream }
  'ORDLIB/"by window"': { event: window, capture: { window: { by: [key], every: 50ms, start: all } } }
`);
        await desk.start();
        await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
        for (const table of ['order details', 'by window'])
          await desk.sql(
            `INSERT INTO ORDLIB.${sql(table)} VALUES (1, ${NAMES.map((_, i) => `'${table.slice(0, 2)} ${i} é'`).join(', ')})`,
          );
        await desk.until('both', () => desk.events('stream').length === 1 && desk.events('window').length === 1);
        const truth = async (table: string): Promise<Record<string, unknown>> => {
          const { columns, rows } = await judge.run<JudgeRows>('query', { sql: `SELECT * FROM ORDLIB.${sql(table)}` });
          return Object.fromEntries(
            columns.map((c, i) => [c.name, c.name === 'key' ? Number(rows[0]![i]) : rows[0]![i]]),
          );
        };
        const told = (type: string): unknown => desk.sent.find((e) => e.type.startsWith(`${type}.`))?.data.after;
        expect(Object.keys(await truth('order details'))).toEqual(['key', ...NAMES]);
        expect(told('stream')).toEqual(await truth('order details'));
        expect(told('window')).toEqual(await truth('by window'));
      } finally {
        await judge.stop();
      }
    });
  });
});
