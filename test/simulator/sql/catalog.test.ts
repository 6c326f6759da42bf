/** The queries that capture is built on over a partition with a journaled library. */
import { type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeAll(async () => {
  f = await sqlFixture({ library: 'JRNLIB' });
  f.run('CREATE SCHEMA SALES');
  f.run(`CREATE TABLE SALES.CUSTOMER (CUSTNO DECIMAL(7,0) NOT NULL PRIMARY KEY, CUSTOMER_NAME FOR COLUMN CUSNAM VARCHAR(40),
    SINCE DATE, STAMP TIMESTAMP(3), BAL DECIMAL(11,2) NOT NULL DEFAULT 0, PIC BLOB(1M), UNI VARGRAPHIC(20) CCSID 1200,
    ID BIGINT GENERATED ALWAYS AS IDENTITY, CHANGED TIMESTAMP NOT NULL IMPLICITLY HIDDEN
      GENERATED ALWAYS FOR EACH ROW ON UPDATE AS ROW CHANGE TIMESTAMP)`);
  f.run('CREATE UNIQUE INDEX SALES.CUSTIX ON SALES.CUSTOMER (CUSTOMER_NAME, CUSTNO DESC)');
  f.run(`INSERT INTO SALES.CUSTOMER (CUSTNO, CUSTOMER_NAME) VALUES (1, 'ADA'), (2, 'BOB')`);
});

afterAll(() => f[Symbol.dispose]());

const LIB = ['SALES', 'CUSTOMER'];

test('server identity, level, clock, zone', () => {
  expect(f.rows('SELECT OS_NAME, OS_VERSION, OS_RELEASE, HOST_NAME FROM SYSIBMADM.ENV_SYS_INFO;')).toEqual([
    ['IBM i', '7', '4', 'SIMULATE'],
  ]);
  expect(
    f.rows(`SELECT PTF_GROUP_NAME, PTF_GROUP_LEVEL, PTF_GROUP_STATUS FROM QSYS2.GROUP_PTF_INFO
 WHERE PTF_GROUP_NAME IN ('SF99703','SF99704','SF99750','SF99960');   -- Db2 group PTFs 7.3..7.6`),
  ).toEqual([['SF99704', 28, 'INSTALLED']]);
  const [[now, zone, server] = []] = f.rows('VALUES (CURRENT TIMESTAMP, CURRENT TIMEZONE, CURRENT SERVER);');
  expect(now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  expect(zone).toMatch(/^-?\d+$/);
  expect(server).toBe('SIMULATE');
  expect(f.rows('SELECT JOURNAL_CACHE_WAIT_TIME FROM QSYS2.SYSTEM_STATUS_INFO;')).toEqual([[30]]);
});

test('what DISPLAY_JOURNAL accepts and returns', () => {
  const rows = f.rows(`SELECT P.ORDINAL_POSITION, P.PARAMETER_NAME, P.PARAMETER_MODE, P.ROW_TYPE, P.DATA_TYPE,
       P.CHARACTER_MAXIMUM_LENGTH, P.NUMERIC_PRECISION
  FROM QSYS2.SYSPARMS P JOIN QSYS2.SYSFUNCS F
    ON F.SPECIFIC_SCHEMA = P.SPECIFIC_SCHEMA AND F.SPECIFIC_NAME = P.SPECIFIC_NAME
 WHERE F.ROUTINE_SCHEMA='QSYS2' AND F.ROUTINE_NAME='DISPLAY_JOURNAL' ORDER BY 4,1;      --?`);
  expect(rows[0]).toEqual([1, 'JOURNAL_LIBRARY', 'IN', 'P', 'CHARACTER VARYING', 10, null]);
  expect(rows).toContainEqual([19, 'ENDING_SEQUENCE', 'IN', 'P', 'DECIMAL', null, 21]);
  expect(rows).toContainEqual([2, 'SEQUENCE_NUMBER', 'OUT', 'R', 'DECIMAL', null, 21]);
});

test('names', () => {
  const sql = `SELECT SYSTEM_TABLE_SCHEMA, SYSTEM_TABLE_NAME, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ROW_LENGTH
  FROM QSYS2.SYSTABLES WHERE SYSTEM_TABLE_SCHEMA=? AND (SYSTEM_TABLE_NAME=? OR TABLE_NAME=?);`;
  const length = f.partition.file('SALES', 'CUSTOMER')!.recordLength;
  expect(f.rows(sql, ['SALES', 'CUSTOMER', 'CUSTOMER'])).toEqual([
    ['SALES     ', 'CUSTOMER  ', 'SALES', 'CUSTOMER', 'T', length],
  ]);
});

test('columns with what the image layout needs', () => {
  const sql = `SELECT ORDINAL_POSITION, COLUMN_NAME, SYSTEM_COLUMN_NAME, DATA_TYPE, LENGTH, NUMERIC_SCALE,
       IS_NULLABLE, HAS_DEFAULT, STORAGE, CHARACTER_OCTET_LENGTH, CCSID,
       USER_DEFINED_TYPE_SCHEMA, USER_DEFINED_TYPE_NAME, IS_IDENTITY, HIDDEN,
       DATE_FORMAT, DATE_SEPARATOR, TIME_FORMAT, TIME_SEPARATOR
  FROM QSYS2.SYSCOLUMNS2 WHERE SYSTEM_TABLE_SCHEMA=? AND SYSTEM_TABLE_NAME=? ORDER BY 1;`;
  const plain = [null, null, 'NO', 'N', null, null, null, null];
  expect(f.rows(sql, LIB)).toEqual([
    [1, 'CUSTNO', 'CUSTNO    ', 'DECIMAL', 7, 0, 'N', 'N', 4, null, null, ...plain],
    [2, 'CUSTOMER_NAME', 'CUSNAM    ', 'VARCHAR', 40, null, 'Y', 'Y', 42, 40, 37, ...plain],
    [3, 'SINCE', 'SINCE     ', 'DATE', 4, null, 'Y', 'Y', 4, null, null, null, null, 'NO', 'N', 'ISO', ' ', null, null],
    [4, 'STAMP', 'STAMP     ', 'TIMESTMP', 9, null, 'Y', 'Y', 9, null, null, ...plain],
    [5, 'BAL', 'BAL       ', 'DECIMAL', 11, 2, 'N', 'Y', 6, null, null, ...plain],
    [6, 'PIC', 'PIC       ', 'BLOB', 1048576, null, 'Y', 'Y', 1048576, 1048576, 65535, ...plain],
    [7, 'UNI', 'UNI       ', 'VARG', 20, null, 'Y', 'Y', 42, 40, 1200, ...plain],
    [8, 'ID', 'ID        ', 'BIGINT', 8, 0, 'N', 'I', 8, null, null, null, null, 'YES', 'N', null, null, null, null],
    [
      9,
      'CHANGED',
      'CHANGED   ',
      'TIMESTMP',
      10,
      null,
      'N',
      'E',
      10,
      null,
      null,
      null,
      null,
      'NO',
      'P',
      null,
      null,
      null,
      null,
    ],
  ]);
});

test('journaling state of one file and of a journal', () => {
  const one = `SELECT OBJNAME, OBJLONGNAME, JOURNALED, JOURNAL_LIBRARY, JOURNAL_NAME, JOURNAL_IMAGES,
       OMIT_JOURNAL_ENTRY, REMOTE_JOURNAL_FILTER, JOURNAL_START_TIMESTAMP
  FROM TABLE(QSYS2.OBJECT_STATISTICS(?, '*FILE', ?)) X;   -- lib, file; 3rd argument needed`;
  const [row] = f.rows(one, LIB);
  expect(row!.slice(0, 5)).toEqual(['CUSTOMER', 'CUSTOMER', 'YES', 'SALES', 'QSQJRN']);
  const all = `SELECT OBJECT_LIBRARY, OBJECT_NAME, OBJECT_TYPE, FILE_TYPE, JOURNAL_IMAGES
  FROM QSYS2.JOURNALED_OBJECTS WHERE JOURNAL_LIBRARY=? AND JOURNAL_NAME=? AND OBJECT_TYPE='*FILE';`;
  expect(f.rows(all, ['SALES', 'QSQJRN'])).toEqual([
    ['SALES', 'CUSTOMER', '*FILE', 'PHYSICAL', f.partition.file('SALES', 'CUSTOMER')!.images],
  ]);
});

test('journal attributes', () => {
  const rows = f.rows(
    `SELECT JOURNAL_TYPE, JOURNAL_STATE, JOURNAL_CACHE, MINIMIZE_ESD_FOR_FILES, RECEIVER_MAXIMUM_SIZE,
       REMOVE_INTERNAL_ENTRIES, MANAGE_RECEIVER_OPTION, DELETE_RECEIVER_OPTION,
       DELETE_RECEIVER_DELAY, NUMBER_JOURNAL_RECEIVERS, ATTACHED_JOURNAL_RECEIVER_LIBRARY,
       ATTACHED_JOURNAL_RECEIVER_NAME, FIXED_LENGTH_DATA_INCLUDES_USER_NAME
  FROM QSYS2.JOURNAL_INFO WHERE JOURNAL_LIBRARY=? AND JOURNAL_NAME=?;`,
    ['SALES', 'QSQJRN'],
  );
  expect(rows).toEqual([
    ['*LOCAL', '*ACTIVE', '*NO', '*NONE', null, 'NO', '*SYSTEM', '*NO', 10, 1, 'SALES', 'QSQJRN0001', 'YES'],
  ]);
});

test('receiver chain', () => {
  f.run(`CALL QSYS2.QCMDEXC('CHGJRN JRN(SALES/QSQJRN) JRNRCV(*GEN)')`);
  const rows = f.rows(
    `SELECT JOURNAL_RECEIVER_LIBRARY, JOURNAL_RECEIVER_NAME, STATUS, FIRST_SEQUENCE_NUMBER,
       LAST_SEQUENCE_NUMBER, NUMBER_OF_JOURNAL_ENTRIES, ATTACH_TIMESTAMP, DETACH_TIMESTAMP,
       PREVIOUS_JOURNAL_RECEIVER_LIBRARY, PREVIOUS_JOURNAL_RECEIVER,
       NEXT_JOURNAL_RECEIVER_LIBRARY, NEXT_JOURNAL_RECEIVER, PENDING_TRANSACTIONS,
       MAXIMUM_ENTRY_SPECIFIC_DATA_LENGTH, MAXIMUM_NULL_VALUE_INDICATORS
  FROM QSYS2.JOURNAL_RECEIVER_INFO WHERE JOURNAL_LIBRARY=? AND JOURNAL_NAME=? ORDER BY ATTACH_TIMESTAMP;`,
    ['SALES', 'QSQJRN'],
  );
  expect(rows.map((r) => [r[1], r[2], r[9], r[11]])).toEqual([
    ['QSQJRN0001', 'ONLINE', null, 'QSQJRN0002'],
    ['QSQJRN0002', 'ATTACHED', 'QSQJRN0001', null],
  ]);
  expect(BigInt(rows[1]![3] as string)).toBe(BigInt(rows[0]![4] as string) + 1n);
});

test('keys: constraints, DDS, SQL indexes', () => {
  const constraints = `SELECT K.CONSTRAINT_NAME, C.CONSTRAINT_TYPE, K.COLUMN_NAME, K.ORDINAL_POSITION
  FROM QSYS2.SYSKEYCST K JOIN QSYS2.SYSCST C
    ON C.CONSTRAINT_SCHEMA=K.CONSTRAINT_SCHEMA AND C.CONSTRAINT_NAME=K.CONSTRAINT_NAME
 WHERE K.TABLE_SCHEMA=? AND K.TABLE_NAME=? AND C.CONSTRAINT_TYPE IN ('PRIMARY KEY','UNIQUE') ORDER BY 1,4;`;
  expect(f.rows(constraints, LIB)).toEqual([['Q_CUSTOMER_PK', 'PRIMARY KEY', 'CUSTNO', 1]]);
  expect(
    f.rows('SELECT DBKFLD, DBKPOS FROM QSYS.QADBKATR WHERE DBKLIB=? AND DBKFIL=? ORDER BY DBKPOS;   -- not proof', LIB),
  ).toEqual([['CUSTNO    ', 1]]);
  const indexes = `SELECT I.INDEX_NAME, I.IS_UNIQUE, K.COLUMN_NAME FROM QSYS2.SYSINDEXES I
    JOIN QSYS2.SYSKEYS K ON K.INDEX_SCHEMA = I.INDEX_SCHEMA AND K.INDEX_NAME = I.INDEX_NAME
    WHERE I.TABLE_SCHEMA = ? AND I.TABLE_NAME = ? ORDER BY K.ORDINAL_POSITION`;
  expect(f.rows(indexes, LIB)).toEqual([
    ['CUSTIX', 'U', 'CUSTOMER_NAME'],
    ['CUSTIX', 'U', 'CUSTNO'],
  ]);
});

test('members', () => {
  const sql = `SELECT SYSTEM_TABLE_MEMBER, TABLE_PARTITION, NUMBER_ROWS, NUMBER_DELETED_ROWS, LAST_CHANGE_TIMESTAMP
  FROM QSYS2.SYSPARTITIONSTAT WHERE SYSTEM_TABLE_SCHEMA=? AND SYSTEM_TABLE_NAME=?;`;
  expect(f.rows(sql, LIB).map((r) => r.slice(0, 4))).toEqual([['CUSTOMER  ', 'CUSTOMER', '2', '0']]);
});

test('one journal window', () => {
  const sql = `SELECT SEQUENCE_NUMBER AS SEQ, ENTRY_TIMESTAMP AS TS, JOURNAL_CODE AS CD, JOURNAL_ENTRY_TYPE AS TY,
       OBJECT AS OBJ, COUNT_OR_RRN AS RRN, COMMIT_CYCLE AS CCID, INDICATOR_FLAG AS FLG,
       NULL_VALUE_INDICATORS AS NI, RECEIVER_LIBRARY AS RL, RECEIVER_NAME AS RN,
       CAST(ENTRY_DATA AS VARBINARY(32000)) AS ED
  FROM TABLE(QSYS2.DISPLAY_JOURNAL(JOURNAL_LIBRARY => ?, JOURNAL_NAME => ?,
       STARTING_RECEIVER_LIBRARY => ?, STARTING_RECEIVER_NAME => ?, STARTING_SEQUENCE => ?,
       ENDING_RECEIVER_LIBRARY => ?, ENDING_RECEIVER_NAME => ?, ENDING_SEQUENCE => ?,
       JOURNAL_CODES => 'R,C,F,D')) J;      -- CAST parameter markers to VARCHAR(10)/DECIMAL(21,0)`;
  const receiver = f.partition.receiver('SALES', 'QSQJRN0001')!;
  const prepared = f.session.prepare(sql);
  expect(prepared.columns!.map((c) => [c.name, c.type, c.length])).toEqual([
    ['SEQ', 'DECIMAL', 21],
    ['TS', 'TIMESTAMP', 26],
    ['CD', 'CHAR', 1],
    ['TY', 'CHAR', 2],
    ['OBJ', 'CHAR', 30],
    ['RRN', 'BIGINT', 8],
    ['CCID', 'DECIMAL', 21],
    ['FLG', 'CHAR', 1],
    ['NI', 'VARCHAR', 8000],
    ['RL', 'VARCHAR', 10],
    ['RN', 'VARCHAR', 10],
    ['ED', 'VARBINARY', 32000],
  ]);
  const rows = f.rows(sql, [
    'SALES',
    'QSQJRN',
    'SALES',
    receiver.name,
    '1',
    'SALES',
    receiver.name,
    String(receiver.last),
  ]);
  const inserts = rows.filter((r) => r[2] === 'R');
  expect(inserts.map((r) => [r[3], r[4], r[5], r[10]])).toEqual([
    ['PT', 'CUSTOMER  SALES     CUSTOMER  ', '1', 'QSQJRN0001'],
    ['PT', 'CUSTOMER  SALES     CUSTOMER  ', '2', 'QSQJRN0001'],
  ]);
  const image = inserts[0]![11] as Buffer;
  expect(image.subarray(0, 4).toString('hex')).toBe('0000001f');
  // 16 x X'D8' before the (null) LOB's data, after the image.
  expect(image.length).toBe(f.partition.file('SALES', 'CUSTOMER')!.recordLength + 16);
});

test('catalog shapes other code asks for', () => {
  expect(f.rows('SELECT COUNT(*) FROM QSYS2.SYSTYPES')).toEqual([[0]]);
  expect(f.rows('SELECT DBIFLD, DBIPOS FROM QSYS.QADBIFLD WHERE DBIFIL = ? AND DBIPOS < 3', ['CUSTOMER'])).toEqual([
    ['CUSTNO    ', 1],
    ['CUSNAM    ', 2],
  ]);
  expect(f.rows(`SELECT JOB_NAME FROM TABLE(QSYS2.ACTIVE_JOB_INFO(JOB_NAME_FILTER => '*')) X`)[0]![0]).toMatch(
    /QZDASOINIT$/,
  );
  expect(f.rows('SELECT NAME, TBNAME FROM SYSCOLUMNS WHERE DBNAME = ? FETCH FIRST 1 ROW ONLY', ['SALES'])).toEqual([
    ['CUSTNO', 'CUSTOMER'],
  ]);
});

test('foreign keys stand in the catalog with the key they refer to', () => {
  f.run('CREATE TABLE SALES.REGION (LAND CHAR(2) NOT NULL, NO INT NOT NULL, CONSTRAINT REG_PK PRIMARY KEY (LAND, NO))');
  f.run(
    'CREATE TABLE SALES.SHOP (ID INT NOT NULL PRIMARY KEY, RLAND CHAR(2), RNO INT, CONSTRAINT SHOP_FK FOREIGN KEY (RLAND, RNO) REFERENCES SALES.REGION)',
  );
  f.run('CREATE TABLE SALES.TILL (SHOP INT)');
  f.run(
    'ALTER TABLE SALES.TILL ADD CONSTRAINT TILL_FK FOREIGN KEY (SHOP) REFERENCES SALES.SHOP (ID) ON DELETE RESTRICT',
  );
  const keys = `SELECT R.CONSTRAINT_NAME, R.UNIQUE_CONSTRAINT_NAME, K.TABLE_NAME, K.COLUMN_NAME, P.TABLE_NAME, P.COLUMN_NAME
 FROM QSYS2.SYSREFCST R JOIN QSYS2.SYSKEYCST K ON K.CONSTRAINT_SCHEMA = R.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = R.CONSTRAINT_NAME
 JOIN QSYS2.SYSKEYCST P ON P.CONSTRAINT_SCHEMA = R.UNIQUE_CONSTRAINT_SCHEMA AND P.CONSTRAINT_NAME = R.UNIQUE_CONSTRAINT_NAME
  AND P.ORDINAL_POSITION = K.ORDINAL_POSITION ORDER BY 1, K.ORDINAL_POSITION`;
  const shop = f.rows(
    "SELECT CONSTRAINT_NAME FROM QSYS2.SYSCST WHERE TABLE_NAME = 'SHOP' AND CONSTRAINT_TYPE = 'PRIMARY KEY'",
  );
  expect(f.rows(keys)).toEqual([
    ['SHOP_FK', 'REG_PK', 'SHOP', 'RLAND', 'REGION', 'LAND'],
    ['SHOP_FK', 'REG_PK', 'SHOP', 'RNO', 'REGION', 'NO'],
    ['TILL_FK', shop[0]![0], 'TILL', 'SHOP', 'SHOP', 'ID'],
  ]);
  expect(() => f.run('ALTER TABLE SALES.TILL ADD FOREIGN KEY (SHOP) REFERENCES SALES.SHOP (RNO)')).toThrow(
    'does not have a matching parent key',
  );
  f.run('ALTER TABLE SALES.TILL DROP CONSTRAINT TILL_FK');
  expect(f.rows(keys)).toHaveLength(2);
});
