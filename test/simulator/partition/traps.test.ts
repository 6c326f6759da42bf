/**
 * The traps that ruined other products (known from their public issue trackers), each made here with nothing but SQL and
 * CL, so that any client can set them for any reader.
 */
import { Partition } from '../../../src/simulator/partition/partition';
import { seedOrderLibrary } from '../../../src/simulator/seed/order-library';
import { PartitionSqlEngine } from '../../../src/simulator/sql/run/engine';
import type { CursorValue, SessionValue, SqlSession } from '../../../src/simulator/sql-session';

let partition: Partition;
let engine: PartitionSqlEngine;
let session: SqlSession;
let number = 200;

const openSession = (user = 'CDCUSR') =>
  engine.openSession({ name: 'QZDASOINIT', user, number: `000${++number}`, remoteAddress: '127.0.0.1' });

beforeEach(async () => {
  partition = Partition.open();
  engine = await PartitionSqlEngine.open(partition);
  seedOrderLibrary(partition);
  session = openSession();
});
afterEach(() => {
  engine.close();
  partition.close();
});

const run = (sql: string, params: SessionValue[] = [], on = session) => on.prepare(sql).execute(params).updateCount;
const cl = (command: string, on = session) => run('CALL QSYS2.QCMDEXC(?)', [command], on);

function query(sql: string, params: SessionValue[] = []): CursorValue[][] {
  const cursor = session.prepare(sql).open(params);
  try {
    return cursor.fetch(10_000);
  } finally {
    cursor.close();
  }
}

const journal = (extra = '', columns = 'JOURNAL_ENTRY_TYPE') =>
  query(
    `SELECT ${columns} FROM TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => 'ORDLIB', JOURNAL_NAME => 'ORDJRN'${extra})) J`,
  );
const typesSeen = (extra = '') => journal(extra).map((r) => r[0]);
const bounds = (receiver: string) =>
  query(
    'SELECT FIRST_SEQUENCE_NUMBER, LAST_SEQUENCE_NUMBER FROM QSYS2.JOURNAL_RECEIVER_INFO WHERE JOURNAL_RECEIVER_NAME = ?',
    [receiver],
  )[0]!.map((v) => BigInt(v as string));
const roll = (option = '') => cl(`CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN) ${option}`);
const raisePrice = (item = 'IT-004001') => run('UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = ?', [item]);

test('DATE columns that are not *ISO', () => {
  expect(run("UPDATE ORDLIB.SHPMTS SET SHPDAT = '2026-12-03' WHERE SHPNO = 500001")).toBe(1);
  const [row] = journal(", JOURNAL_ENTRY_TYPES => 'UP'", 'CAST(ENTRY_DATA AS VARBINARY(200))');
  // packed 4 + packed 4 + 10: `03.12.2020`-like, EBCDIC.
  expect(
    Buffer.from(row![0] as Uint8Array)
      .subarray(18, 28)
      .toString('hex'),
  ).toBe('f0f34bf1f24bf2f0f2f6');
});

test("X'40' in packed and zoned fields, in the table and in the journal", () => {
  const bad = query("SELECT ITMNO, COST, WEIGHT FROM ORDLIB.ITMMAS WHERE ITMNO = 'IT-004033'")[0]!;
  expect(bad.slice(1).map((v) => typeof v)).toEqual(['symbol', 'symbol']);
  raisePrice('IT-004033');
  const [row] = journal(", JOURNAL_ENTRY_TYPES => 'UP'", 'CAST(ENTRY_DATA AS VARBINARY(200))');
  expect(
    Buffer.from(row![0] as Uint8Array)
      .subarray(63, 72)
      .toString('hex'),
  ).toBe('40'.repeat(9));
});

test('a CLOB column', () => {
  run('CREATE TABLE ORDLIB.NOTES (ID INTEGER NOT NULL, BODY CLOB(1M))');
  cl('STRJRNPF FILE(ORDLIB/NOTES) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  run('INSERT INTO ORDLIB.NOTES VALUES (1, ?)', ['long text']);
  const [row] = journal(", JOURNAL_ENTRY_TYPES => 'PT'", 'CAST(ENTRY_DATA AS VARBINARY(200))');
  expect(
    Buffer.from(row![0] as Uint8Array)
      .subarray(-25)
      .toString('hex'),
  ).toContain('d8'.repeat(16));
});

test('an inverted range near the head is a -443 with another text than a lost position', () => {
  const last = bounds('ORDRCV0001')[1]!;
  const range = (from: bigint, to: bigint) => () => journal(`, STARTING_SEQUENCE => ${from}, ENDING_SEQUENCE => ${to}`);
  expect(range(last, last - 1n)).toThrow(expect.objectContaining({ sqlCode: -443 }));
  expect(range(last + 1n, last + 1n)).toThrow('STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND');
  expect(range(last, last - 1n)).not.toThrow('STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND');
});

test('receivers deleted under a reader: by an operator, and by the system', () => {
  roll();
  cl('DLTJRNRCV JRNRCV(ORDLIB/ORDRCV0001) DLTOPT(*IGNINQMSG)');
  const at = (receiver: string) => () =>
    journal(`, STARTING_RECEIVER_LIBRARY => 'ORDLIB', STARTING_RECEIVER_NAME => '${receiver}'`);
  expect(at('ORDRCV0001')).toThrow(expect.objectContaining({ sqlCode: -443 }));
  cl('CHGJRN JRN(ORDLIB/ORDJRN) DLTRCV(*YES)');
  roll();
  expect(at('ORDRCV0002')).toThrow(expect.objectContaining({ sqlCode: -443 }));
  expect(at('ORDRCV0003')).not.toThrow();
});

test('only filtered entries arrive', () => {
  const before = bounds('ORDRCV0001')[1]!;
  for (let i = 0; i < 20; i++) cl("SNDJRNE JRN(ORDLIB/ORDJRN) ENTDTA('noise')");
  expect(journal(`, STARTING_SEQUENCE => ${before}, JOURNAL_ENTRY_TYPES => 'PT'`)).toHaveLength(0);
  expect(bounds('ORDRCV0001')[1]! >= before + 20n).toBe(true);
});

test('the sequence starts over: by an operator, and by an IPL', () => {
  roll('SEQOPT(*RESET)');
  expect(bounds('ORDRCV0002')[0]).toBe(1n);
  cl('PWRDWNSYS OPTION(*IMMED) RESTART(*YES)');
  session = openSession();
  expect(bounds('ORDRCV0003')[0]).toBe(1n);
  expect(typesSeen(", STARTING_RECEIVER_NAME => '*CURCHAIN'")).toContain('IA');
});

test('cached entries are counted and cannot be read', () => {
  cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNCACHE(*YES)');
  const seen = typesSeen().length;
  raisePrice();
  expect(bounds('ORDRCV0001')[1]! > BigInt(seen)).toBe(true);
  expect(typesSeen()).toHaveLength(seen);
});

test('two jobs change the same file in turn: before-images must be paired by record, not by table', () => {
  const other = openSession();
  for (const s of [session, other]) {
    s.setAutocommit(false);
    s.setCommitLevel(2);
  }
  const change = (s: SqlSession, item: string) =>
    run('UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = ?', [item], s);
  change(session, 'IT-004001');
  change(other, 'IT-004002');
  change(session, 'IT-004003');
  other.commit();
  session.commit();
  const cycles = journal(", JOURNAL_ENTRY_TYPES => 'UP'", 'COMMIT_CYCLE').map((r) => r[0]);
  expect(new Set(cycles).size).toBe(2);
  expect(cycles[0]).toBe(cycles[2]);
});

test('a row deleted and written again in one cycle', () => {
  session.setAutocommit(false);
  session.setCommitLevel(2);
  run("DELETE FROM ORDLIB.PRICES WHERE ITMNO = 'NONE'");
  run('DELETE FROM ORDLIB.ORDLIN WHERE ORDNO = 100001 AND LINNO = 1');
  run("INSERT INTO ORDLIB.ORDLIN VALUES (100001, 1, 'IT-004001', 1, 1, 0, 'O', 0)");
  session.commit();
  expect(typesSeen(", JOURNAL_ENTRY_TYPES => '*RCD'")).toEqual(['DL', 'PT']);
});

test('a file journaled to a journal of another library', () => {
  for (const command of [
    'CRTLIB OTHER',
    'CRTJRNRCV OTHER/RCV0001',
    'CRTJRN OTHER/JRN OTHER/RCV0001',
    'STRJRNPF FILE(ORDLIB/PRICES) JRN(OTHER/JRN)',
  ])
    cl(command);
  const [row] = query(
    "SELECT JOURNAL_LIBRARY, JOURNAL_NAME FROM TABLE(QSYS2.OBJECT_STATISTICS('ORDLIB', '*FILE', 'PRICES')) X",
  );
  expect(row).toEqual(['OTHER', 'JRN'].map((v) => expect.stringMatching(new RegExp(`^${v} *$`))));
});

test('a delete without an image: *AFTER, outside commitment control', () => {
  cl('CHGJRNOBJ OBJ((ORDLIB/SHPMTS *FILE)) ATR(*IMAGES) IMAGES(*AFTER)');
  run('DELETE FROM ORDLIB.SHPMTS WHERE SHPNO = 500001');
  const [row] = journal(", JOURNAL_ENTRY_TYPES => 'DL'", 'ENTRY_DATA, COUNT_OR_RRN');
  expect([(row![0] as Uint8Array | null)?.length ?? 0, Number(row![1])]).toEqual([0, 1]);
});

test('minimized images: on fields with 9 in the null map, and on bytes', () => {
  cl('CHGJRN JRN(ORDLIB/ORDJRN) MINENTDTA(*FLDBDY)');
  raisePrice();
  expect(journal(", JOURNAL_ENTRY_TYPES => 'UP'", 'NULL_VALUE_INDICATORS')[0]![0]).toMatch(/^9990999999/);
  expect(query("SELECT MINIMIZE_ESD_FOR_FILES FROM QSYS2.JOURNAL_INFO WHERE JOURNAL_NAME = 'ORDJRN'")[0]![0]).toMatch(
    /F/,
  );
});

test('files with no member and with two', () => {
  cl('CRTPF FILE(ORDLIB/EMPTY) RCDLEN(10) MBR(*NONE)');
  cl('ADDPFM FILE(ORDLIB/PRICES) MBR(PRICES27)');
  const count = (file: string) =>
    query(
      "SELECT COUNT(*) FROM QSYS2.SYSPARTITIONSTAT WHERE SYSTEM_TABLE_SCHEMA = 'ORDLIB' AND SYSTEM_TABLE_NAME = ?",
      [file],
    );
  expect([Number(count('EMPTY')[0]![0]), Number(count('PRICES')[0]![0])]).toEqual([0, 2]);
});

test('a file filter hides commits', () => {
  session.setAutocommit(false);
  session.setCommitLevel(2);
  raisePrice();
  session.commit();
  const filter =
    ", OBJECT_LIBRARY => 'ORDLIB', OBJECT_NAME => 'ITMMAS', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL'";
  expect(typesSeen()).toContain('CM');
  expect(typesSeen(filter)).not.toContain('CM');
});

test('a receiver nobody granted: reading stops at the switch', () => {
  cl('RVKOBJAUT OBJ(ORDLIB/ORDRCV0001) OBJTYPE(*JRNRCV) USER(CDCUSR) AUT(*ALL)');
  expect(() => typesSeen()).toThrow('Not authorized to object ORDRCV0001 in ORDLIB.');
});
