/** Changes, definitions and failures as far as they need markers or a session; plain statements are in logic/. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeAll(async () => {
  f = await sqlFixture();
});
afterAll(() => f[Symbol.dispose]());

describe('changes', () => {
  beforeEach(() => {
    f.run(
      'CREATE OR REPLACE TABLE ITEM (ID INTEGER NOT NULL PRIMARY KEY, NAME CHAR(5) NOT NULL WITH DEFAULT, QTY DECIMAL(5,1) DEFAULT 1.5, AT DATE)',
    );
  });

  test('INSERT counts rows, fills defaults, takes expressions', () => {
    expect(f.run(`INSERT INTO ITEM (ID, NAME) VALUES (1, 'a'), (?, UPPER('b') CONCAT 'c')`, [2]).updateCount).toBe(2);
    f.run('INSERT INTO ITEM (ID, QTY, AT) VALUES (3, DEFAULT, CURRENT DATE - 1 DAY), (4, NULL, ?)', ['2024-05-06']);
    expect(f.rows('SELECT ID, NAME, QTY FROM ITEM ORDER BY ID')).toEqual([
      [1, 'a    ', '1.5'],
      [2, 'Bc   ', '1.5'],
      [3, '     ', '1.5'],
      [4, '     ', null],
    ]);
    expect(f.rows('SELECT AT FROM ITEM WHERE ID = 4')).toEqual([['2024-05-06']]);
  });

  test('INSERT from a query', () => {
    f.run(`INSERT INTO ITEM (ID, NAME) VALUES (1, 'a'), (2, 'b')`);
    expect(
      f.run('INSERT INTO ITEM (ID, NAME, QTY) SELECT ID + 10, NAME, ID * 2 FROM ITEM WHERE ID > ?', [1]).updateCount,
    ).toBe(1);
    expect(f.rows('SELECT ID, QTY FROM ITEM WHERE ID > 10')).toEqual([[12, '4.0']]);
  });

  test('UPDATE computes per row, sets several columns, from subqueries too', () => {
    f.run(`INSERT INTO ITEM (ID, NAME, QTY) VALUES (1, 'a', 1), (2, 'b', 2)`);
    expect(f.run('UPDATE ITEM SET QTY = QTY * ID + ?, NAME = ? WHERE ID >= ?', ['0.5', 'z', 1]).updateCount).toBe(2);
    expect(f.rows('SELECT NAME, QTY FROM ITEM ORDER BY ID')).toEqual([
      ['z    ', '1.5'],
      ['z    ', '4.5'],
    ]);
    f.run('UPDATE ITEM X SET (NAME, QTY) = (SELECT MAX(NAME), SUM(QTY) FROM ITEM) WHERE X.ID = 1');
    f.run(`UPDATE ITEM SET (AT, QTY) = ('2024-01-02', DEFAULT) WHERE ID = 2`);
    expect(f.rows('SELECT QTY, AT FROM ITEM ORDER BY ID')).toEqual([
      ['6.0', null],
      ['1.5', '2024-01-02'],
    ]);
  });

  test('MERGE changes, removes and adds', () => {
    f.run(`INSERT INTO ITEM (ID, NAME, QTY) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)`);
    const merge = `MERGE INTO ITEM T USING (VALUES (1, 10, 'u'), (2, 20, 'd'), (9, 90, 'i')) AS S (ID, Q, WHAT) ON T.ID = S.ID
      WHEN MATCHED AND S.WHAT = 'd' THEN DELETE
      WHEN MATCHED THEN UPDATE SET QTY = T.QTY + S.Q, NAME = ?
      WHEN NOT MATCHED THEN INSERT (ID, NAME, QTY) VALUES (S.ID, UPPER(S.WHAT), DEFAULT)`;
    expect(f.run(merge, ['new']).updateCount).toBe(3);
    expect(f.rows('SELECT ID, NAME, QTY FROM ITEM ORDER BY ID')).toEqual([
      [1, 'new  ', '11.0'],
      [3, 'c    ', '3.0'],
      [9, 'I    ', '1.5'],
    ]);
    const twice = 'MERGE INTO ITEM T USING ITEM S ON S.ID < 9 WHEN MATCHED THEN UPDATE SET QTY = 0';
    expect(f.failure(twice)).toMatchObject({ sqlCode: -788, sqlState: '21506' });
  });

  test('UPDATE and DELETE that find nothing warn with +100', () => {
    const warning = { sqlCode: 100, sqlState: '02000' };
    expect(f.run('UPDATE ITEM SET QTY = 1 WHERE ID = ?', [99])).toMatchObject({ updateCount: 0, warning });
    expect(f.run('DELETE FROM ITEM')).toMatchObject({ updateCount: 0, warning });
  });

  test('identity columns give their value back', () => {
    f.run('CREATE TABLE SEQ (ID BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 2), V CHAR(1))');
    expect(f.run(`INSERT INTO SEQ (V) VALUES ('a')`).generatedKey).toBe('5');
    expect(f.run(`INSERT INTO SEQ VALUES (DEFAULT, 'b')`).generatedKey).toBe('7');
    expect(f.rows('VALUES IDENTITY_VAL_LOCAL()')).toEqual([['7']]);
    expect(f.rows(`SELECT ID FROM FINAL TABLE (INSERT INTO SEQ (V) VALUES ('c'))`)).toEqual([['9']]);
    expect(f.rows('SELECT *SQLGENCOLUMNS FROM NEW TABLE(INSERT INTO SEQ (V) VALUES(?))', ['d'])).toEqual([['11']]);
    expect(f.failure(`INSERT INTO SEQ VALUES (1, 'x')`)).toMatchObject({ sqlCode: -798, sqlState: '428C9' });
  });

  test('commit, rollback and savepoints under commitment control', () => {
    f.run('CREATE SCHEMA LEDGER');
    f.run('CREATE TABLE LEDGER.ENTRY (ID INTEGER NOT NULL PRIMARY KEY)');
    const { session } = f;
    session.setAutocommit(false);
    session.setCommitLevel(2);
    f.run('INSERT INTO LEDGER.ENTRY VALUES (1)');
    f.run('COMMIT');
    f.run('INSERT INTO LEDGER.ENTRY VALUES (2)');
    f.run('SAVEPOINT HERE ON ROLLBACK RETAIN CURSORS');
    f.run('INSERT INTO LEDGER.ENTRY VALUES (3)');
    f.run('ROLLBACK TO SAVEPOINT HERE');
    f.run('COMMIT WORK');
    f.run('DELETE FROM LEDGER.ENTRY');
    f.run('ROLLBACK');
    session.setCommitLevel(0);
    session.setAutocommit(true);
    expect(f.rows('SELECT ID FROM LEDGER.ENTRY ORDER BY 1')).toEqual([[1], [2]]);
  });
});

test('true autocommit makes each statement a unit of work', () => {
  f.run('CREATE SCHEMA AUTOS');
  f.run('CREATE TABLE AUTOS.T (ID INTEGER NOT NULL PRIMARY KEY)');
  const session = f.openSession();
  session.setCommitLevel(2);
  session.setAutocommit(true);
  session.prepare('INSERT INTO AUTOS.T VALUES (1), (2)').execute([]);
  expect(() => session.prepare('INSERT INTO AUTOS.T VALUES (3), (1)').execute([])).toThrow('Duplicate key');
  session.rollback();
  session.end();
  expect(f.rows('SELECT ID FROM AUTOS.T ORDER BY 1')).toEqual([[1], [2]]);
  const codes = `SELECT JOURNAL_ENTRY_TYPE FROM TABLE(QSYS2.DISPLAY_JOURNAL('AUTOS', 'QSQJRN', JOURNAL_CODES => 'C')) J`;
  expect(f.rows(codes).flat()).toEqual(['BC', 'SC', 'CM', 'SC', 'RB', 'EC']);
});

describe('definitions', () => {
  test('CREATE TABLE with every kind of clause', () => {
    f.run('CREATE TABLE APPLIB.OTHER (X INT NOT NULL PRIMARY KEY)');
    f.run(`CREATE TABLE APPLIB.ORDER_HEADER FOR SYSTEM NAME ORDHDR (
      ORDER_NUMBER FOR COLUMN ORDNO DECIMAL(9, 0) NOT NULL, STATUS CHAR(1) CCSID 273 NOT NULL DEFAULT 'N',
      NOTE VARCHAR(30) ALLOCATE(10) CCSID 1208, BITS CHAR(4) FOR BIT DATA, AT TIMESTAMP(3) NOT NULL WITH DEFAULT,
      HID INT IMPLICITLY HIDDEN, AMOUNT NUMERIC(7,2) DEFAULT -1.25, CHG TIMESTAMP NOT NULL FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP,
      CONSTRAINT ORDHDR_PK PRIMARY KEY (ORDER_NUMBER), FOREIGN KEY (HID) REFERENCES OTHER (X) ON DELETE NO ACTION) RCDFMT ORDHDRR`);
    const file = f.partition.file('APPLIB', 'ORDHDR')!;
    expect([file.longName, file.recordFormat]).toEqual(['ORDER_HEADER', 'ORDHDRR']);
    expect(file.columns.map((c) => [c.systemName, c.type, c.length, c.scale, c.ccsid, c.nullable])).toEqual([
      ['ORDNO', 'DECIMAL', 9, 0, null, false],
      ['STATUS', 'CHAR', 1, 0, 273, false],
      ['NOTE', 'VARCHAR', 30, 0, 1208, true],
      ['BITS', 'CHAR', 4, 0, 65535, true],
      ['AT', 'TIMESTAMP', 23, 3, null, false],
      ['HID', 'INTEGER', 4, 0, null, true],
      ['AMOUNT', 'NUMERIC', 7, 2, null, true],
      ['CHG', 'TIMESTAMP', 26, 6, null, false],
    ]);
    f.run('INSERT INTO ORDER_HEADER (ORDNO) VALUES (1)');
    expect(f.rows('SELECT STATUS, AMOUNT FROM ORDHDR')).toEqual([['N', '-1.25']]);
    expect(f.session.prepare('SELECT * FROM ORDER_HEADER').columns!.map((c) => c.name)).not.toContain('HID');
    expect(f.rows('SELECT HID FROM ORDER_HEADER')).toEqual([[null]]);
    const [[changed, at] = []] = f.rows('SELECT ROW CHANGE TIMESTAMP FOR O, CHG FROM ORDER_HEADER O');
    expect(changed).toBe(at);
  });

  test('ALTER TABLE keeps rows and the statements prepared before', () => {
    f.run('CREATE TABLE ALT (A INTEGER NOT NULL, B CHAR(3))');
    f.run(`INSERT INTO ALT VALUES (1, 'x')`);
    const before = f.session.prepare('SELECT A FROM ALT');
    f.run(
      `ALTER TABLE ALT ADD COLUMN C DECIMAL(5,2) NOT NULL DEFAULT 7.5 BEFORE A DROP COLUMN B ALTER COLUMN A SET DATA TYPE BIGINT`,
    );
    expect(before.open([]).fetch(5)).toEqual([['1']]);
    expect(f.rows('SELECT * FROM ALT')).toEqual([['7.50', '1']]);
    f.run('ALTER TABLE ALT ADD CONSTRAINT ALT_PK PRIMARY KEY (A)');
    expect(f.failure('INSERT INTO ALT (A) VALUES (1)').sqlCode).toBe(-803);
    f.run('ALTER TABLE ALT DROP PRIMARY KEY');
    expect(f.run('INSERT INTO ALT (A) VALUES (1)').updateCount).toBe(1);
  });

  test('indexes, rename, truncate, drop', () => {
    f.run('CREATE TABLE IX (A INTEGER, B CHAR(3))');
    f.run('CREATE UNIQUE INDEX IX_A ON IX (A)');
    f.run(`INSERT INTO IX VALUES (1, 'x')`);
    expect(f.failure(`INSERT INTO IX VALUES (1, 'y')`)).toMatchObject({ sqlCode: -803, sqlState: '23505' });
    f.run('DROP INDEX IX_A');
    f.run(`INSERT INTO IX VALUES (1, 'y')`);
    f.run('RENAME TABLE IX TO IY');
    expect(f.rows('SELECT COUNT(*) FROM IY')).toEqual([[2]]);
    f.run('TRUNCATE TABLE IY');
    expect(f.rows('SELECT COUNT(*) FROM IY')).toEqual([[0]]);
    f.run('DROP TABLE IY');
    f.run('DROP TABLE IF EXISTS IY');
    expect(f.failure('SELECT * FROM IY').sqlCode).toBe(-204);
  });

  test('GRANT and REVOKE decide what another user may read', () => {
    f.run('CREATE TABLE SECRET (A INTEGER)');
    const other = f.openSession('GUEST');
    f.run('REVOKE ALL ON SECRET FROM PUBLIC');
    expect(() => other.prepare('SELECT A FROM SECRET')).toThrow(
      'Not authorized to object SECRET in APPLIB type *FILE.',
    );
    f.run('GRANT SELECT ON SECRET TO GUEST');
    expect(other.prepare('SELECT A FROM SECRET').open([]).fetch(1)).toEqual([]);
    other.end();
  });
});

describe('failures', () => {
  beforeAll(() => {
    f.run('CREATE TABLE F (A INTEGER NOT NULL PRIMARY KEY, B DECIMAL(3,1), C CHAR(2), D DATE)');
    f.run('INSERT INTO F (A) VALUES (1)');
  });

  test('nothing at all', () => {
    expect(f.failure('')).toMatchObject({ sqlCode: -104, sqlState: '42601' });
  });

  test('a parameter that is no number is -302 with its position', () => {
    const failure = f.failure('SELECT A FROM F WHERE A = ? AND B = ?', [1, 'abc']);
    expect([failure.sqlCode, failure.sqlState, failure.tokens[1]]).toEqual([-302, '22023', '2']);
  });

  test('a closed cursor is -501', () => {
    const cursor = f.session.prepare('SELECT A FROM F').open([]);
    cursor.close();
    expect(() => cursor.fetch(1)).toThrow('Cursor *N not open.');
  });

  test('a CL command that fails is -443 with the CPF text', () => {
    const failure = f.failure(`CALL QSYS2.QCMDEXC('DLTF FILE(APPLIB/NOPE)')`);
    expect([failure.sqlCode, failure.sqlState]).toEqual([-443, '38501']);
    expect(failure.message).toContain('NOPE');
  });
});

test('LIB/FILE is a name under system naming alone', () => {
  f.run('CREATE TABLE SLASHED (A INT)');
  const places = [
    'SELECT A FROM APPLIB/SLASHED',
    'INSERT INTO APPLIB/SLASHED VALUES (1)',
    'UPDATE APPLIB/SLASHED SET A = 1',
  ];
  for (const sql of places) expect([f.failure(sql).sqlCode, f.failure(sql).sqlState]).toEqual([-5016, '42833']);
  expect(f.rows(`VALUES (SUBSTRING('abc' FROM 2))`)).toEqual([['bc']]);
  const system = f.openSession();
  system.setNaming('system');
  for (const sql of places) system.prepare(sql);
});

test('CREATE TABLE AS: columns of a query, with its rows or without; a ROWID fills itself', () => {
  f.run(
    'CREATE TABLE SOURCE (A_LONG_COLUMN_NAME INT NOT NULL, B VARCHAR(5) CCSID 1208, C DECIMAL(5,2), R ROWID GENERATED ALWAYS)',
  );
  f.run(`INSERT INTO SOURCE (A_LONG_COLUMN_NAME, B, C) VALUES (1, 'ä', 1.5), (2, NULL, NULL)`);
  f.run(
    'CREATE TABLE COPY AS (SELECT A_LONG_COLUMN_NAME, B, C * 2 AS D FROM SOURCE WHERE (A_LONG_COLUMN_NAME < 9)) WITH DATA',
  );
  expect(f.rows('SELECT * FROM COPY ORDER BY 1')).toEqual([
    [1, 'ä', '3.00'],
    [2, null, null],
  ]);
  expect(
    f.rows(`SELECT COLUMN_NAME, DATA_TYPE, CCSID, IS_NULLABLE FROM QSYS2.SYSCOLUMNS WHERE TABLE_NAME = 'COPY'`),
  ).toEqual([
    ['A_LONG_COLUMN_NAME', 'INTEGER', null, 'N'],
    ['B', 'VARCHAR', 1208, 'Y'],
    ['D', 'DECIMAL', null, 'Y'],
  ]);
  f.run('CREATE TABLE SHELL AS (SELECT * FROM SOURCE) WITH NO DATA');
  expect(f.rows('SELECT COUNT(*) FROM SHELL')).toEqual([[0]]);
  const ids = f.rows('SELECT HEX(R) FROM SOURCE').map((r) => String(r[0]));
  expect(new Set(ids).size).toBe(2);
});
