/** TABLE(QSYS2.DISPLAY_JOURNAL(..)) by SQL: arguments by name and position, bounds, filters, failures, columns. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;
let first: { name: string; first: bigint; last: bigint };
let second: { name: string; first: bigint; last: bigint };

beforeAll(async () => {
  f = await sqlFixture();
  f.run('CREATE SCHEMA J');
  f.run('CREATE TABLE J.A (ID INTEGER NOT NULL PRIMARY KEY, V VARCHAR(10))');
  f.run('CREATE TABLE J.B (ID INTEGER NOT NULL)');
  f.run('INSERT INTO J.A VALUES (1, NULL), (2, ?)', ['two']);
  f.run('INSERT INTO J.B VALUES (7)');
  f.run(`CALL QSYS2.QCMDEXC('CHGJRN JRN(J/QSQJRN) JRNRCV(*GEN)')`);
  const other = f.openSession('WRITER');
  other.setCommitLevel(2);
  other.prepare(`UPDATE J.A SET V = 'neu' WHERE ID = 1`).execute([]);
  other.commit();
  other.prepare('DELETE FROM J.A WHERE ID = 2').execute([]);
  other.rollback();
  other.end();
  const bounds = (name: string) => {
    const r = f.partition.receiver('J', name)!;
    return { name, first: r.first, last: r.last };
  };
  first = bounds('QSQJRN0001');
  second = bounds('QSQJRN0002');
});
afterAll(() => f[Symbol.dispose]());

const TYPES = 'TRIM(JOURNAL_CODE) CONCAT JOURNAL_ENTRY_TYPE';

function types(args: string, params: string[] = [], tail = ''): unknown[] {
  return f.rows(`SELECT ${TYPES} FROM TABLE(QSYS2.DISPLAY_JOURNAL(${args})) J ${tail}`, params).map((r) => r[0]);
}

const NAMED = `JOURNAL_LIBRARY => 'J', JOURNAL_NAME => 'QSQJRN'`;
const CHAIN = `${NAMED}, STARTING_RECEIVER_NAME => '*CURCHAIN'`;
const RECORDS_FIRST = ['RPT', 'RPT', 'RPT'];
const RECORDS_SECOND = ['RUB', 'RUP', 'RDL', 'RUR'];

test('without a receiver only the attached one is read', () => {
  expect(types(`${NAMED}, JOURNAL_CODES => 'R'`)).toEqual(RECORDS_SECOND);
  expect(types(`'J', 'QSQJRN', JOURNAL_CODES => 'R'`)).toEqual(RECORDS_SECOND);
  expect(types(`${NAMED}, JOURNAL_CODES => 'R', STARTING_RECEIVER_NAME => '*CURRENT'`)).toEqual(RECORDS_SECOND);
});

test.each(['*CURCHAIN', '*CURAVLCHN', '*CURSEQCHN'])('%s reads the chain', (range) => {
  expect(types(`${NAMED}, JOURNAL_CODES => 'R', STARTING_RECEIVER_NAME => '${range}'`)).toEqual([
    ...RECORDS_FIRST,
    ...RECORDS_SECOND,
  ]);
});

test('positional arguments: receiver, timestamp, sequence, codes, types', () => {
  const sql = `'J', 'QSQJRN', 'J', 'QSQJRN0001', CAST(NULL AS TIMESTAMP), CAST(? AS DECIMAL(21,0)), 'R', 'PT'`;
  expect(types(sql, [String(first.first)])).toEqual(RECORDS_FIRST);
});

test('a named receiver range, sequences inclusive at both ends', () => {
  const range = `${NAMED}, STARTING_RECEIVER_LIBRARY => 'J', STARTING_RECEIVER_NAME => 'QSQJRN0001',
    ENDING_RECEIVER_LIBRARY => 'J', ENDING_RECEIVER_NAME => 'QSQJRN0001'`;
  const sequences = (args: string, params: string[]) =>
    f
      .rows(`SELECT SEQUENCE_NUMBER FROM TABLE(QSYS2.DISPLAY_JOURNAL(${args})) J`, params)
      .map((r) => BigInt(String(r[0])));
  const all = sequences(range, []);
  expect(all[0]).toBe(first.first);
  expect(all[all.length - 1]).toBe(first.last);
  const [from, to] = [all[1]!, all[3]!];
  const bounded = `${range}, STARTING_SEQUENCE => CAST(? AS DECIMAL(21,0)), ENDING_SEQUENCE => CAST(? AS DECIMAL(21,0))`;
  expect(sequences(bounded, [String(from), String(to)])).toEqual(all.slice(1, 4));
  expect(sequences(bounded, [String(from), String(from)])).toEqual([from]);
});

test('timestamps bound the walk', () => {
  expect(types(`${CHAIN}, JOURNAL_CODES => 'R', STARTING_TIMESTAMP => CURRENT TIMESTAMP + 1 HOUR`)).toEqual([]);
  expect(types(`${CHAIN}, JOURNAL_CODES => 'R', ENDING_TIMESTAMP => CURRENT TIMESTAMP - 1 HOUR`)).toEqual([]);
  const args = `${CHAIN}, JOURNAL_CODES => 'R', STARTING_TIMESTAMP => CURRENT TIMESTAMP - 1 HOUR, ENDING_TIMESTAMP => CURRENT TIMESTAMP`;
  expect(types(args)).toHaveLength(7);
});

test.each([
  [`JOURNAL_CODES => 'C'`, ['CBC', 'CSC', 'CCM', 'CSC', 'CRB', 'CEC']],
  [`JOURNAL_CODES => 'R,C', JOURNAL_ENTRY_TYPES => 'PT,CM'`, [...RECORDS_FIRST, 'CCM']],
  [`JOURNAL_ENTRY_TYPES => '*RCD'`, [...RECORDS_FIRST, ...RECORDS_SECOND]],
  [`JOURNAL_ENTRY_TYPES => 'UB,UP'`, ['RUB', 'RUP']],
  [
    `OBJECT_LIBRARY => 'J', OBJECT_NAME => 'B', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL', JOURNAL_CODES => 'R'`,
    ['RPT'],
  ],
  [
    `OBJECT_LIBRARY => 'J', OBJECT_NAME => 'A B', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL', JOURNAL_CODES => 'R,C'`,
    [...RECORDS_FIRST, ...RECORDS_SECOND],
  ],
  [`USER => 'WRITER', JOURNAL_CODES => 'R'`, RECORDS_SECOND],
  [`"USER" => 'NOBODY', JOURNAL_CODES => 'R'`, []],
  [`JOB => 'QZDASOINIT', JOURNAL_CODES => 'R'`, [...RECORDS_FIRST, ...RECORDS_SECOND]],
  [`PROGRAM => 'NOPGM', JOURNAL_CODES => 'R'`, []],
])('filter %s', (filter, expected) => {
  expect(types(`${CHAIN}, ${filter}`)).toEqual(expected);
});

test.each([
  [`STARTING_SEQUENCE => 999999`, 'STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND'],
  [`ENDING_SEQUENCE => 999999`, 'STARTING_SEQUENCE OR ENDING_SEQUENCE NOT FOUND'],
  [`OBJECT_LIBRARY => 'J', OBJECT_NAME => 'A', OBJECT_OBJTYPE => '*FILE'`, 'MEMBER NOT VALID'],
  [`STARTING_RECEIVER_LIBRARY => 'J', STARTING_RECEIVER_NAME => 'GONE'`, 'GONE'],
])('%s is -443', (args, text) => {
  const failure = f.failure(`SELECT SEQUENCE_NUMBER FROM TABLE(QSYS2.DISPLAY_JOURNAL(${NAMED}, ${args})) J`);
  expect([failure.sqlCode, failure.sqlState]).toEqual([-443, '38501']);
  expect(`${failure.message} ${failure.tokens.join(' ')}`).toContain(text);
});

test('an end before the start is a range error, not a lost position', () => {
  const args = `${NAMED}, STARTING_SEQUENCE => ${second.first + 1n}, ENDING_SEQUENCE => ${second.first}`;
  const failure = f.failure(`SELECT 1 FROM TABLE(QSYS2.DISPLAY_JOURNAL(${args})) J`);
  expect(failure.sqlCode).toBe(-443);
  expect(failure.message).toContain('FROM and TO');
});

test('a user without authority to the receiver is told so', () => {
  f.run(`CALL QSYS2.QCMDEXC('GRTOBJAUT OBJ(J/QSQJRN0002) OBJTYPE(*JRNRCV) USER(STRANGER) AUT(*EXCLUDE)')`);
  const stranger = f.openSession('STRANGER');
  const open = () => stranger.prepare(`SELECT 1 FROM TABLE(QSYS2.DISPLAY_JOURNAL(${NAMED})) J`).open([]);
  expect(open).toThrow(/Not authorized to object QSQJRN0002/);
  stranger.end();
});

test('wrong or missing arguments find no routine', () => {
  const sql = (args: string) => `SELECT 1 FROM TABLE(QSYS2.DISPLAY_JOURNAL(${args})) J`;
  expect(f.failure(sql(`JOURNAL_LIBRARY => 'J'`)).sqlCode).toBe(-440);
  expect(f.failure(sql(`${NAMED}, NO_SUCH => 1`)).sqlCode).toBe(-440);
});

test('result columns have long and system names, and fitting types', () => {
  const columns = f.session.prepare(`SELECT * FROM TABLE(QSYS2.DISPLAY_JOURNAL(${NAMED})) J`).columns!;
  const byName = new Map(columns.map((c) => [c.name, `${c.type} ${c.length}`]));
  expect(byName.get('ENTRY_TIMESTAMP')).toBe('TIMESTAMP 26');
  expect(byName.get('SEQUENCE_NUMBER')).toBe('DECIMAL 21');
  expect(byName.get('ENTRY_DATA')).toBe('BLOB 2147483647');
  expect(byName.get('OBJECT')).toBe('CHAR 30');
  expect(byName.get('CURRENT_USER')).toBe('VARCHAR 10');
  const sql = `SELECT ENTRY00001, SEQUE00001, JOURN00001, JOURN00002, COUNT00001 FROM TABLE(QSYS2.DISPLAY_JOURNAL(${CHAIN})) J
    WHERE JOURN00001 = 'R' FETCH FIRST 1 ROW ONLY`;
  expect(f.rows(sql)[0]!.slice(2)).toEqual(['R', 'PT', '1']);
});

test('what an entry says', () => {
  const sql = `SELECT SUBSTR(OBJECT, 1, 10), SUBSTR(OBJECT, 11, 10), COUNT_OR_RRN, NULL_VALUE_INDICATORS, "CURRENT_USER", USER_NAME,
      JOB_NAME, INDICATOR_FLAG, RECEIVER_NAME, HEX(ENTRY_DATA), CAST(ENTRY_DATA AS VARBINARY(2))
    FROM TABLE(QSYS2.DISPLAY_JOURNAL(${CHAIN}, JOURNAL_CODES => 'R')) J WHERE OBJECT LIKE 'A %' AND JOURNAL_ENTRY_TYPE = 'PT'`;
  const image = (id: string, text: string) => `${id}${text}`;
  const rows = f.rows(sql);
  expect(rows.map((r) => r.slice(0, 9))).toEqual([
    ['A         ', 'J         ', '1', '01', 'TESTER', 'TESTER', 'QZDASOINIT', '0', 'QSQJRN0001'],
    ['A         ', 'J         ', '2', '00', 'TESTER', 'TESTER', 'QZDASOINIT', '0', 'QSQJRN0001'],
  ]);
  expect(String(rows[1]![9]).slice(0, 18)).toBe(image('00000002', '0003A3A696'));
  expect(rows[1]![10]).toEqual(Buffer.from([0, 0]));
});

test('conditions, ordering, joins and aggregates over entries', () => {
  const from = `FROM TABLE(QSYS2.DISPLAY_JOURNAL(${CHAIN})) J`;
  expect(
    f.rows(`SELECT JOURNAL_CODE, COUNT(*) ${from} WHERE JOURNAL_CODE IN ('R', 'C') GROUP BY JOURNAL_CODE ORDER BY 1`),
  ).toEqual([
    ['C', 6],
    ['R', 7],
  ]);
  expect(f.rows(`SELECT MAX(SEQUENCE_NUMBER) ${from}`)).toEqual([[String(second.last)]]);
  expect(
    f.rows(`SELECT SEQUENCE_NUMBER ${from} WHERE JOURNAL_CODE <> 'R' OR MOD(SEQUENCE_NUMBER, 3) = 0 ORDER BY SEQUENCE_NUMBER DESC
      FETCH FIRST 1 ROW ONLY`),
  ).toEqual([[String(second.last)]]);
  expect(
    f.rows(`SELECT COUNT(*) FROM TABLE(QSYS2.DISPLAY_JOURNAL(${CHAIN})) J JOIN QSYS2.SYSTABLES T
      ON T.SYSTEM_TABLE_NAME = SUBSTR(J.OBJECT, 1, 10) AND T.SYSTEM_TABLE_SCHEMA = SUBSTR(J.OBJECT, 11, 10) WHERE JOURNAL_CODE = 'R'`),
  ).toEqual([[7]]);
});

test('what SQLite need not see comes out the same as what it computes', () => {
  const columns =
    'SEQUENCE_NUMBER, ENTRY_TIMESTAMP, JOURNAL_CODE, OBJECT, COUNT_OR_RRN, COMMIT_CYCLE, NULL_VALUE_INDICATORS';
  const from = `FROM TABLE(QSYS2.DISPLAY_JOURNAL(${CHAIN})) J`;
  const straight = f.rows(`SELECT ${columns}, CAST(ENTRY_DATA AS VARBINARY(6)) ${from}`);
  const sorted = f.rows(
    `SELECT ${columns}, CAST(ENTRY_DATA AS VARBINARY(6)) ${from} ORDER BY RECEIVER_NAME, SEQUENCE_NUMBER`,
  );
  const filtered = f.rows(`SELECT ${columns}, CAST(ENTRY_DATA AS VARBINARY(6)) ${from} WHERE JOURNAL_CODE > ' '`);
  expect(sorted).toEqual(straight);
  expect(filtered).toEqual(straight);
});

test('a long journal is read a block at a time while others write', () => {
  f.run('CREATE TABLE J.LONG (ID INTEGER NOT NULL)');
  f.run(
    'INSERT INTO J.LONG SELECT A.ORDINAL_POSITION FROM QSYS2.SYSPARMS A, QSYS2.SYSPARMS B FETCH FIRST 3000 ROWS ONLY',
  );
  const cursor = f.session
    .prepare(`SELECT SEQUENCE_NUMBER FROM TABLE(QSYS2.DISPLAY_JOURNAL(${NAMED}, JOURNAL_CODES => 'R')) J`)
    .open([]);
  let read = cursor.fetch(600).length;
  f.run('DELETE FROM J.LONG');
  for (let n = 600; n === 600; read += n) n = cursor.fetch(600).length;
  cursor.close();
  expect(read).toBeGreaterThanOrEqual(3000);
});
