/** Schemas and tables whose SQL names are no system names: both names reach them, everything of the journal has the short one. */
import { Files } from '../../../src/simulator/partition/files/files';
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeEach(async () => {
  f = await sqlFixture();
});

afterEach(() => f[Symbol.dispose]());

test('both names of a schema reach the same objects, in every statement', () => {
  f.run('CREATE SCHEMA LONGSCHEMA_NAME');
  f.run('CREATE TABLE LONGSCHEMA_NAME.T1 (A INT NOT NULL PRIMARY KEY, B VARCHAR(5))');
  expect(f.failure('CREATE TABLE LONGS00001.T1 (A INT)').sqlCode).toBe(-601);
  f.run(`INSERT INTO LONGS00001.T1 VALUES (1, 'x')`);
  f.run('UPDATE LONGSCHEMA_NAME.T1 SET B = NULL WHERE LONGS00001.T1.A = 1');
  expect(f.rows('SELECT LONGSCHEMA_NAME.T1.A, B FROM LONGSCHEMA_NAME.T1')).toEqual([[1, null]]);
  f.session.setDefaultSchema('LONGSCHEMA_NAME');
  f.run('CREATE TABLE T2 (A INT)');
  expect(f.rows('SELECT COUNT(*) FROM LONGS00001.T2')).toEqual([[0]]);
  f.run('DROP TABLE LONGSCHEMA_NAME.T2');
  f.run('DROP SCHEMA LONGSCHEMA_NAME');
  expect(f.failure('SELECT * FROM LONGS00001.T1').sqlCode).toBe(-204);
  expect(f.rows(`SELECT COUNT(*) FROM QSYS2.SYSSCHEMAS WHERE SCHEMA_NAME = 'LONGSCHEMA_NAME'`)).toEqual([[0]]);
});

test.each([
  ['LONGSCHEMA_NAME', 'LONGSCHEMA_NAME', 'LONGS00001'],
  ['"MixedCase"', 'MixedCase', 'MIXED00001'],
  ['"with blank"', 'with blank', 'WITHB00001'],
  ['TENLETTERS', 'TENLETTERS', 'TENLETTERS'],
  ['ANY_LONG_NAME FOR SCHEMA SHORT', 'ANY_LONG_NAME', 'SHORT'],
])('CREATE SCHEMA %s', (text, long, short) => {
  f.run(`CREATE SCHEMA ${text}`);
  expect(f.failure(`CREATE SCHEMA ${text}`).sqlCode).toBe(-601);
  f.run(`CREATE TABLE "${long}".T1 (A INT NOT NULL)`);
  f.run(`CREATE UNIQUE INDEX "${long}".I1 ON ${short}.T1 (A)`);
  f.run(`INSERT INTO "${long}".T1 VALUES (1)`);
  const whole = (view: string, columns: string) =>
    f.rows(`SELECT ${columns} FROM QSYS2.${view}`).map((r) => r.map((v) => String(v).trim()));
  expect(whole('SYSTABLES', 'TABLE_SCHEMA, SYSTEM_TABLE_SCHEMA')).toEqual([[long, short]]);
  expect(whole('SYSCOLUMNS2', 'TABLE_SCHEMA, SYSTEM_TABLE_SCHEMA')).toEqual([[long, short]]);
  expect(whole('SYSINDEXES', 'INDEX_SCHEMA, SYSTEM_INDEX_SCHEMA, TABLE_SCHEMA')).toEqual([[long, short, long]]);
  expect(whole('SYSPARTITIONSTAT', 'TABLE_SCHEMA, SYSTEM_TABLE_SCHEMA')).toEqual([[long, short]]);
  expect(whole('SYSSCHEMAS', 'SCHEMA_NAME, SYSTEM_SCHEMA_NAME')).toContainEqual([long, short]);
  expect(whole('JOURNALED_OBJECTS', 'OBJECT_LIBRARY, OBJECT_NAME')).toContainEqual([short, 'T1']);
  expect(
    f.rows(`SELECT OBJLIB, OBJLONGSCHEMA FROM TABLE(QSYS2.OBJECT_STATISTICS('${short}', '*FILE', 'T1')) X`),
  ).toEqual([[short, long]]);
  const entries = f.rows(
    `SELECT OBJECT FROM TABLE(QSYS2.DISPLAY_JOURNAL('${short}', 'QSQJRN', JOURNAL_CODES => 'R')) X`,
  );
  expect(entries).toEqual([[`T1        ${short.padEnd(10)}T1        `]]);
});

test('a renamed table keeps a long name as its SQL name', () => {
  f.run('CREATE TABLE SHORT (A INT)');
  f.run('RENAME TABLE SHORT TO A_MUCH_LONGER_NAME');
  const names = () =>
    f.rows('SELECT TABLE_NAME, SYSTEM_TABLE_NAME FROM QSYS2.SYSTABLES').map((r) => r.map((v) => String(v).trim()));
  expect(names()).toEqual([['A_MUCH_LONGER_NAME', 'A_MUC00001']]);
  f.run('RENAME TABLE A_MUCH_LONGER_NAME TO SYSTEM NAME NEWSHORT');
  expect(names()).toEqual([['A_MUCH_LONGER_NAME', 'NEWSHORT']]);
  f.run('RENAME TABLE NEWSHORT TO ANOTHER_LONG_NAME FOR SYSTEM NAME OTHER');
  expect(names()).toEqual([['ANOTHER_LONG_NAME', 'OTHER']]);
  expect(f.rows('SELECT COUNT(*) FROM ANOTHER_LONG_NAME')).toEqual(f.rows('SELECT COUNT(*) FROM OTHER'));
});

test('a schema keeps its long name over a restart', () => {
  f.run('CREATE SCHEMA LONGSCHEMA_NAME');
  f.run('CREATE TABLE LONGSCHEMA_NAME.T1 (A INT)');
  const again = new Files(f.partition.kernel);
  again.load(() => null);
  expect(again.find('LONGSCHEMA_NAME', 'T1')?.schema).toBe('LONGSCHEMA_NAME');
  expect(again.find('LONGS00001', 'T1')?.library).toBe('LONGS00001');
});
