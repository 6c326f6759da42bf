/** Row permissions and column masks: SQL is filtered and masked for the user, record images and entries are not. */
import { allOf, type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeEach(async () => {
  f = await sqlFixture();
  f.run('CREATE SCHEMA HR');
  f.run(
    'CREATE TABLE HR.STAFF (ID INT NOT NULL PRIMARY KEY, NAME VARCHAR(10) NOT NULL, PAY DECIMAL(7,2), DEPT CHAR(3))',
  );
  f.run(`INSERT INTO HR.STAFF VALUES (1, 'ADA', 100.50, 'A01'), (2, 'BOB', 200, 'B01'), (3, 'CY', NULL, 'A01')`);
});

afterEach(() => f[Symbol.dispose]());

const MASK = `CREATE MASK HR.PAYMASK ON HR.STAFF FOR COLUMN PAY RETURN
  CASE WHEN VERIFY_GROUP_FOR_USER(SESSION_USER, 'BOSS') = 1 THEN PAY ELSE CAST(0 AS DECIMAL(7,2)) END ENABLE`;
const PERMISSION = `CREATE PERMISSION HR.OWNDEPT ON HR.STAFF AS S FOR ROWS
  WHERE SESSION_USER = 'BOSS' OR S.DEPT IN ('A01') ENFORCED FOR ALL ACCESS ENABLE`;

test('a mask changes what is shown, not what is compared, and not the record', () => {
  f.run(MASK);
  expect(f.rows('SELECT PAY FROM HR.STAFF WHERE ID = 1')).toEqual([['100.50']]);
  const prepared = f.session.prepare('SELECT ID, PAY FROM HR.STAFF ORDER BY ID');
  f.run('ALTER TABLE HR.STAFF ACTIVATE COLUMN ACCESS CONTROL');
  expect(prepared.open([]).fetch(10)).toEqual([
    [1, '0.00'],
    [2, '0.00'],
    [3, '0.00'],
  ]);
  expect(f.rows('SELECT * FROM HR.STAFF WHERE PAY = 100.50')).toEqual([[1, 'ADA', '0.00', 'A01']]);
  expect(f.rows('SELECT HEX(PAY), PAY + 1, (SELECT MAX(PAY) FROM HR.STAFF) FROM HR.STAFF WHERE ID = 1')).toEqual([
    ['0000000F', '1.00', '0.00'],
  ]);
  expect(f.rows('SELECT X.PAY FROM (SELECT PAY, ID FROM HR.STAFF) X WHERE ID = 2')).toEqual([['0.00']]);
  expect(allOf(f.openSession('BOSS'), 'SELECT PAY FROM HR.STAFF ORDER BY ID')).toEqual([
    ['100.50'],
    ['200.00'],
    [null],
  ]);
  f.run(`UPDATE HR.STAFF SET NAME = 'ADAM' WHERE ID = 1`);
  const entries = f.rows(
    `SELECT CAST(ENTRY_DATA AS VARBINARY(50)) FROM TABLE(QSYS2.DISPLAY_JOURNAL('HR', 'QSQJRN', JOURNAL_CODES => 'R')) X
     WHERE JOURNAL_ENTRY_TYPE = 'UP'`,
  );
  expect((entries[0]![0] as Buffer).toString('hex').slice(8 + 24, 8 + 24 + 8)).toBe('0010050f');
  f.run('ALTER MASK HR.PAYMASK DISABLE');
  expect(f.rows('SELECT PAY FROM HR.STAFF WHERE ID = 1')).toEqual([['100.50']]);
});

test('a permission filters rows in every statement; none at all lets nobody see any', () => {
  f.run('ALTER TABLE HR.STAFF ACTIVATE ROW ACCESS CONTROL');
  expect(f.rows('SELECT COUNT(*) FROM HR.STAFF')).toEqual([[0]]);
  f.run(PERMISSION);
  expect(f.rows('SELECT ID FROM HR.STAFF ORDER BY ID')).toEqual([[1], [3]]);
  expect(f.rows('SELECT A.ID FROM HR.STAFF A JOIN HR.STAFF B ON A.DEPT = B.DEPT WHERE B.ID = 3 ORDER BY 1')).toEqual([
    [1],
    [3],
  ]);
  expect(f.run('DELETE FROM HR.STAFF WHERE ID = 2').updateCount).toBe(0);
  expect(f.run(`UPDATE HR.STAFF SET NAME = 'X'`).updateCount).toBe(2);
  expect(allOf(f.openSession('BOSS'), 'SELECT ID FROM HR.STAFF ORDER BY ID')).toEqual([[1], [2], [3]]);
  f.run('DROP PERMISSION HR.OWNDEPT');
  f.run('ALTER TABLE HR.STAFF DEACTIVATE ROW ACCESS CONTROL');
  expect(f.rows('SELECT COUNT(*) FROM HR.STAFF')).toEqual([[3]]);
});

test('the catalog and the journal tell of them', () => {
  f.run(MASK);
  f.run(PERMISSION);
  f.run('ALTER PERMISSION HR.OWNDEPT DISABLE');
  const rows =
    f.rows(`SELECT RCAC_SCHEMA, RCAC_NAME, TABLE_SCHEMA, TABLE_NAME, TBCORRELATION, COLUMN_NAME, CONTROL_TYPE,
    ENFORCED, IMPLICIT, ENABLE FROM QSYS2.SYSCONTROLS ORDER BY 2`);
  expect(rows).toEqual([
    ['HR', 'OWNDEPT', 'HR', 'STAFF', 'S', ' ', 'R', 'A', 'N', 'N'],
    ['HR', 'PAYMASK', 'HR', 'STAFF', 'STAFF', 'PAY', 'M', 'A', 'N', 'Y'],
  ]);
  const types = f.rows(
    `SELECT JOURNAL_ENTRY_TYPE FROM TABLE(QSYS2.DISPLAY_JOURNAL('HR', 'QSQJRN', JOURNAL_CODES => 'D')) X`,
  );
  expect(types.slice(-3)).toEqual([['M1'], ['P1'], ['P3']]);
});

test('what cannot be: twice one name, a column or object that is not there', () => {
  f.run(MASK);
  expect(f.failure(MASK).sqlCode).toBe(-601);
  expect(f.failure(MASK.replace('HR.PAYMASK', 'HR.M2').replaceAll('PAY ', 'NOPE ')).sqlCode).toBe(-205);
  expect(f.failure(PERMISSION.replace('S.DEPT', 'S.NOPE')).sqlCode).toBe(-206);
  expect(f.failure('DROP MASK HR.NOPE').sqlCode).toBe(-204);
  f.run('DROP MASK IF EXISTS HR.NOPE');
});
