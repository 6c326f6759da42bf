/**
 * `statements` against the wire: whatever the commands and a daemon send is on the list, and nothing stands on it that is never
 * sent. Statements for older releases and distinct types are matched but not waited for.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATEMENTS } from '../../src/operate/statements/list';
import { shapeOf } from '../../src/operate/statements/statements';
import { Desk } from '../support/desk';

jest.setTimeout(180_000);

const TABLES = `tables:
  ORDLIB/ORDHDR:
    event: order
    columns: { ORDDAT: { date: cyymmdd } }
    lookups: { name: { table: ORDLIB/CUSMAS, key: CUSNO, value: NAME1 } }
    expressions: { name: "lookup('name', CUSNO)" }
  ORDLIB/BIG: { event: big, key: [ID] }
  ORDLIB/NOKEY: { event: nokey }
  ORDLIB/WIN: { event: win, key: [ID], onDelete: delete, capture: { window: { by: [TS], every: 100ms, margin: 0s, start: all, deletes: { schedule: "* * * * * *" } } } }
  ORDLIB/SEQ: { event: seq, key: [ID], capture: { window: { by: [ID], kind: sequence, every: 100ms, start: now } } }
`;

async function prepare(desk: Desk): Promise<void> {
  await desk.sql('CREATE TABLE ORDLIB.WIN (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(8), TS TIMESTAMP NOT NULL)');
  await desk.sql("INSERT INTO ORDLIB.WIN VALUES (1, 'A', CURRENT TIMESTAMP), (2, 'B', CURRENT TIMESTAMP)");
  await desk.sql('CREATE TABLE ORDLIB.SEQ (ID INTEGER NOT NULL PRIMARY KEY)');
  await desk.sql('CREATE TABLE ORDLIB.BIG (ID INTEGER NOT NULL PRIMARY KEY, C CLOB(1M))');
  await desk.sql('CREATE TABLE ORDLIB.NOKEY (ID INTEGER NOT NULL, V CHAR(4))');
  for (const table of ['BIG', 'NOKEY'])
    await desk.cl(`STRJRNPF FILE(ORDLIB/${table}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)`);
}

/** Everything a daemon is seen to do, and the commands beside it and after it. */
async function play(desk: Desk, wire: string): Promise<void> {
  const cli = (...args: string[]) => desk.cli(...args, '--trace-wire', wire);
  const told = (type: string) => desk.until(type, () => desk.sent.some((e) => e.type === type));
  desk.write(TABLES);
  await cli('plan');
  await cli('doctor');
  const daemon = await desk.start({ traceWire: wire });
  await desk.until('a position', () => JSON.stringify(desk.log).includes('reading journal'));
  await desk.sql("UPDATE ORDLIB.ORDHDR SET STS = '77' WHERE ORDNO = (SELECT MIN(ORDNO) FROM ORDLIB.ORDHDR)");
  await desk.sql("INSERT INTO ORDLIB.BIG VALUES (1, REPEAT('x', 40000))");
  await desk.sql("INSERT INTO ORDLIB.WIN VALUES (3, 'A', CURRENT TIMESTAMP)");
  for (const type of ['order.updated', 'big.created', 'win.created']) await told(type);
  await desk.sql('DELETE FROM ORDLIB.WIN WHERE ID = 2');
  await told('win.deleted');
  await cli('backfill', '--table', 'ORDLIB/ORDHDR', '--column', 'ORDDAT', '--from', '2024-01-01', '--to', '2024-03-01');
  await cli('backfill', '--table', 'ORDLIB/NOKEY');
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await desk.sql("INSERT INTO ORDLIB.NOKEY VALUES (1, 'A')");
  await told('nokey.created');
  await cli('audit');
  await cli('reconcile', '--table', 'ORDLIB/ORDHDR');
  await cli('verify');
  await cli('trace', '--table', 'ORDLIB/ORDHDR', '--key', '100001');
  await daemon.stop();
  await cli('replay', '--changed-since', '2020-01-01', '--changed-until', '2030-01-01', '--dry-run');
  await cli('grants');
  await cli('infer', '--library', 'ORDLIB', '--rows', '50');
}

/** Statements by their text, blanks apart. */
function sentIn(wire: string): string[] {
  const texts = [...readFileSync(wire, 'utf8').matchAll(/3831 text: ccsid \d+ (".*")$/gm)];
  return [...new Set(texts.map(([, text]) => (JSON.parse(text!) as string).replaceAll(/\s+/g, ' ').trim()))];
}

test('the list is what goes over the wire', async () => {
  await using desk = await Desk.open();
  await prepare(desk);
  const wire = join(desk.folder, 'wire.txt');
  await play(desk, wire);
  const sent = sentIn(wire);
  expect(sent.length).toBeGreaterThan(60);
  const shapes = STATEMENTS.map((statement) => ({ statement, shape: shapeOf(statement) }));
  expect(sent.filter((sql) => !shapes.some(({ shape }) => shape.test(sql)))).toEqual([]);
  const never = shapes.filter(({ statement, shape }) => !statement.only && !sent.some((sql) => shape.test(sql)));
  expect(never.map(({ statement }) => statement.sql)).toEqual([]);
});

test('every statement only reads', () => {
  expect(STATEMENTS.filter(({ sql }) => !/^SELECT /.test(sql))).toEqual([]);
});
