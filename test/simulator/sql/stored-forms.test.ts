/** Forms a record may have on a real partition: null slots of any filling, fields encoded by a program, keys with nulls. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeEach(async () => {
  f = await sqlFixture();
});

afterEach(() => f[Symbol.dispose]());

const image = (rrn = 1): string =>
  f.partition.file('APPLIB', 'T')!.members[0]!.rows.get(rrn)!.image.toString('hex').toUpperCase();

test.each([
  ['USUAL', '40404040', '00000000'],
  ['BLANKS', '40404040', '40404040'],
  ['ZEROS', '00000000', '00000000'],
  ['DEFAULTS', '40404040', '00000000'],
  ['KEPT', 'C1C1C1C1', '00000007'],
])('null slots filled %s', (fill, text, number) => {
  f.run('CREATE TABLE T (C CHAR(4), I INT)');
  f.run(`CALL SIMULATOR.NULL_SLOTS('APPLIB', 'T', '${fill}')`);
  f.run(`INSERT INTO T VALUES ('AAAA', 7)`);
  f.run('UPDATE T SET C = NULL, I = NULL');
  expect(image()).toBe(text + number);
  expect(f.rows('SELECT C, I, HEX(C) FROM T')).toEqual([[null, null, null]]);
  expect(f.partition.file('APPLIB', 'T')!.definition.nullFill).toBe(fill.toLowerCase());
});

test('null slots filled with the default of each type: a decimal is zero with its sign', () => {
  f.run('CREATE TABLE T (P DECIMAL(5,2), Z NUMERIC(3,0), V VARCHAR(2), D DATE)');
  f.run(`CALL SIMULATOR.NULL_SLOTS('APPLIB', 'T', 'DEFAULTS')`);
  f.run('INSERT INTO T VALUES (NULL, NULL, NULL, NULL)');
  expect(image()).toMatch(/^00000FF0F0F00000[0-9A-F]{4}F1F9F4F060F0F160F0F1$/);
});

test('null slots of a filling nobody knows, of a table that is not there', () => {
  f.run('CREATE TABLE T (C CHAR(4))');
  expect(f.failure(`CALL SIMULATOR.NULL_SLOTS('APPLIB', 'T', 'NOISE')`).sqlCode).toBe(-443);
  expect(f.failure(`CALL SIMULATOR.NULL_SLOTS('APPLIB', 'NOPE', 'ZEROS')`).sqlCode).toBe(-204);
});

test('a column with a field procedure: encoded in the record, clear by SQL, told by the catalog', () => {
  f.run(
    'CREATE TABLE T (ID INT NOT NULL, C CHAR(3) NOT NULL FIELDPROC APPLIB.CRYPT, V VARCHAR(4) FIELDPROC CRYPT (1))',
  );
  f.run(`INSERT INTO T VALUES (1, 'AB', 'x'), (2, 'CD', NULL)`);
  expect(image().slice(8, 14)).toBe('9B981A');
  expect(image().slice(14, 20)).toBe('0001FD');
  expect(f.rows(`SELECT ID, C, V, HEX(C) FROM T WHERE C = 'AB'`)).toEqual([[1, 'AB ', 'x', 'C1C240']]);
  expect(f.rows('SELECT COLUMN_NAME, HAS_FLDPROC FROM QSYS2.SYSCOLUMNS')).toEqual([
    ['ID', 'N'],
    ['C', 'Y'],
    ['V', 'Y'],
  ]);
  f.run('ALTER TABLE T ALTER COLUMN C DROP FIELDPROC');
  expect(image().slice(8, 14)).toBe('C1C240');
  f.run('ALTER TABLE T ALTER COLUMN C SET FIELDPROC APPLIB.CRYPT');
  expect(image().slice(8, 14)).toBe('9B981A');
  expect(f.rows('SELECT C FROM T')).toEqual([['AB '], ['CD ']]);
});

test('a unique index takes nulls for values', () => {
  f.run('CREATE TABLE T (A INT, B VARCHAR(3), C DECIMAL(25, 0), D VARBINARY(2))');
  f.run('CREATE UNIQUE INDEX TIX ON T (A, B, C, D)');
  f.run(`INSERT INTO T VALUES (1, NULL, NULL, NULL), (NULL, 'x', 1, BX'01')`);
  const failure = f.failure('INSERT INTO T VALUES (1, NULL, NULL, NULL)');
  expect([failure.sqlCode, failure.tokens[0]]).toEqual([-803, 'TIX']);
  expect(f.failure(`INSERT INTO T VALUES (NULL, 'x', 1, BX'01')`).sqlCode).toBe(-803);
  f.run(`INSERT INTO T VALUES (1, '', NULL, NULL), (1, NULL, 0, NULL), (1, NULL, NULL, BX'')`);
  expect(f.failure('UPDATE T SET B = NULL, C = NULL, D = NULL WHERE A = 1').sqlCode).toBe(-803);
  f.run('DROP INDEX TIX');
  f.run('INSERT INTO T VALUES (1, NULL, NULL, NULL)');
  expect(f.failure('CREATE UNIQUE INDEX TIX ON T (A, B, C, D)').sqlCode).toBe(-803);
  f.run('CREATE UNIQUE WHERE NOT NULL INDEX TIX ON T (A, B, C, D)');
  f.run('INSERT INTO T VALUES (1, NULL, NULL, NULL)');
  expect(f.rows('SELECT IS_UNIQUE FROM QSYS2.SYSINDEXES')).toEqual([['V']]);
});

test('a unique constraint on columns that may be null takes them for no value', () => {
  f.run('CREATE TABLE T (A INT, UNIQUE (A))');
  f.run('INSERT INTO T VALUES (NULL), (NULL), (1)');
  expect(f.failure('INSERT INTO T VALUES (1)').sqlCode).toBe(-803);
});
