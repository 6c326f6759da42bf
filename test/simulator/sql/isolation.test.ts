/** What a reader sees of rows that another job changed and did not commit. */
import type { SqlSession } from '../../../src/simulator/sql-session';
import { type Fixture, sqlFixture } from './sql-fixture';

let db: Fixture;
let other: SqlSession;

beforeEach(async () => {
  db = await sqlFixture();
  for (const sql of [
    "CALL QSYS2.QCMDEXC('CRTJRNRCV JRNRCV(APPLIB/R1)')",
    "CALL QSYS2.QCMDEXC('CRTJRN JRN(APPLIB/J1) JRNRCV(APPLIB/R1)')",
    'CREATE TABLE T (ID INTEGER NOT NULL PRIMARY KEY, AMOUNT DECIMAL(9,2) NOT NULL, NAME VARCHAR(10))',
    "CALL QSYS2.QCMDEXC('STRJRNPF FILE(APPLIB/T) JRN(APPLIB/J1) IMAGES(*BOTH)')",
    "INSERT INTO T VALUES (1, 1.10, 'one'), (2, 2.20, NULL), (3, 3.30, 'three'), (4, 4.40, 'four')",
  ])
    db.run(sql);
  other = db.openSession();
  other.setAutocommit(false);
  other.setCommitLevel(2);
  const change = (sql: string) => other.prepare(sql).execute([]);
  change("UPDATE T SET AMOUNT = 9.90, NAME = 'x' WHERE ID = 2");
  change('UPDATE T SET AMOUNT = 9.91 WHERE ID = 2');
  change('DELETE FROM T WHERE ID = 3');
  change("INSERT INTO T VALUES (5, 5.50, 'five')");
  change('UPDATE T SET AMOUNT = 5.51 WHERE ID = 5');
});
afterEach(() => db[Symbol.dispose]());

const SELECT = 'SELECT ID, AMOUNT, NAME FROM T';
const WRITTEN = [
  [1, '1.10', 'one'],
  [2, '9.91', 'x'],
  [4, '4.40', 'four'],
  [5, '5.51', 'five'],
];
const COMMITTED = [
  [1, '1.10', 'one'],
  [2, '2.20', null],
  [3, '3.30', 'three'],
  [4, '4.40', 'four'],
];
const FREE = [
  [1, '1.10', 'one'],
  [4, '4.40', 'four'],
];

test.each([
  ['', WRITTEN],
  ['WITH NC', WRITTEN],
  ['WITH UR', WRITTEN],
  ['WITH UR USE CURRENTLY COMMITTED', WRITTEN],
  ['WITH CS USE CURRENTLY COMMITTED', COMMITTED],
  ['WITH CS SKIP LOCKED DATA', FREE],
  ['WITH RS SKIP LOCKED DATA', FREE],
])('%s', (clause, expected) => {
  expect(db.rows(`${SELECT} ORDER BY ID ${clause}`)).toEqual(expected);
});

test('committed values are what conditions, orders, functions and keysets see', () => {
  const cc = 'WITH CS USE CURRENTLY COMMITTED';
  expect(db.rows(`${SELECT} WHERE AMOUNT > 2 ORDER BY AMOUNT DESC FETCH FIRST 2 ROWS ONLY ${cc}`)).toEqual([
    [4, '4.40', 'four'],
    [3, '3.30', 'three'],
  ]);
  expect(
    db.rows(`SELECT RRN(A), A.ID FROM T A WHERE A.ID > ? ORDER BY A.ID ${cc}`, [1]).map((r) => r.map(Number)),
  ).toEqual([
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  expect(db.rows(`SELECT COUNT(*), SUM(AMOUNT) FROM T ${cc}`)).toEqual([[4, '11.00']]);
  expect(db.rows(`SELECT A.ID FROM T A JOIN T B ON A.ID = B.ID WHERE B.NAME IS NULL ${cc}`)).toEqual([[2]]);
});

test.each(['WITH CS', 'WITH RS', 'WITH RR', 'WITH RS USE CURRENTLY COMMITTED', 'WITH CS WAIT FOR OUTCOME'])(
  '%s waits for rows it needs, which fails at once, and for no others',
  (clause) => {
    for (const id of [2, 3, 5])
      expect(db.failure(`${SELECT} WHERE ID = ${id} ${clause}`)).toMatchObject({ sqlCode: -913, sqlState: '57033' });
    expect(db.rows(`${SELECT} WHERE ID IN (1, 4) ${clause}`)).toEqual(FREE);
    other.rollback();
    expect(db.rows(`${SELECT} ORDER BY ID ${clause}`)).toEqual(COMMITTED);
  },
);

test('a job sees its own changes, and everybody sees what is committed', () => {
  const own = () => {
    const cursor = other.prepare(`${SELECT} ORDER BY ID WITH CS USE CURRENTLY COMMITTED`).open([]);
    const rows = cursor.fetch(10);
    cursor.close();
    return rows;
  };
  expect(own()).toEqual(WRITTEN);
  other.commit();
  expect(db.rows(`${SELECT} ORDER BY ID WITH CS`)).toEqual(WRITTEN);
});
