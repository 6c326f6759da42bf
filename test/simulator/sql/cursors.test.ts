/** Cursors that stay open: many at once, while rows change, cancelled, ended. And the catalog calls of JDBC. */
import type { SessionValue } from '../../../src/simulator/sql-session';
import { allOf, type Fixture, sqlFixture } from './sql-fixture';

let f: Fixture;

beforeAll(async () => {
  f = await sqlFixture();
  f.run('CREATE TABLE MANY (ID INTEGER NOT NULL PRIMARY KEY, V VARCHAR(20))');
  f.run(
    'INSERT INTO MANY (ID) SELECT ROW_NUMBER() OVER() FROM QSYS2.SYSPARMS A, QSYS2.SYSPARMS B FETCH FIRST 2000 ROWS ONLY',
  );
});
afterAll(() => f[Symbol.dispose]());

test('an open cursor sees the data as it was, however it is changed meanwhile', () => {
  const cursor = f.session.prepare('SELECT ID FROM MANY ORDER BY ID').open([]);
  const rows = cursor.fetch(10);
  f.run('DELETE FROM MANY WHERE ID > 1990');
  f.run('CREATE TABLE BESIDE (A INTEGER)');
  for (;;) {
    const block = cursor.fetch(700);
    rows.push(...block);
    if (block.length < 700) break;
  }
  cursor.close();
  expect(rows.map((r) => r[0])).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
  expect(f.rows('SELECT COUNT(*) FROM MANY')).toEqual([[1990]]);
});

test('hundreds of open cursors and statements', () => {
  const prepared = Array.from({ length: 300 }, (_, i) => f.session.prepare(`SELECT ID + ${i} FROM MANY WHERE ID <= ?`));
  const cursors = prepared.map((p) => p.open([20]));
  cursors.forEach((c, i) => {
    expect(c.fetch(1)).toEqual([[1 + i]]);
  });
  for (const c of cursors) c.close();
  const wide = Array.from({ length: 20 }, () => f.session.prepare('SELECT ID FROM MANY ORDER BY ID').open([]));
  for (const c of wide) {
    expect(c.fetch(1900)).toHaveLength(1900);
    c.close();
  }
});

test('a cancelled cursor fails with -952, the next statement works', () => {
  const session = f.openSession();
  const cursor = session.prepare('SELECT ID FROM MANY').open([]);
  cursor.fetch(5);
  session.cancel();
  expect(() => cursor.fetch(5)).toThrow('Processing of the SQL statement ended.');
  expect(allOf(session, 'VALUES 1')).toEqual([[1]]);
  session.end();
});

test('sessions have their own schema and naming', () => {
  const session = f.openSession();
  session.prepare('SET SCHEMA QSYS2').execute([]);
  expect(allOf(session, 'SELECT COUNT(*) FROM SYSTYPES')).toEqual([[0]]);
  expect(() => session.prepare('SELECT * FROM MANY')).toThrow('MANY in QSYS2 type *FILE not found.');
  session.setNaming('system');
  expect(allOf(session, 'SELECT COUNT(*) FROM APPLIB/MANY')).toEqual([[1990]]);
  expect(allOf(session, 'SELECT COUNT(*) FROM MANY')).toEqual([[1990]]);
  session.end();
});

test('blank-filled numerics are mapping errors, and only those', () => {
  f.run('CREATE TABLE BAD (ID INTEGER NOT NULL, P DECIMAL(5,0) NOT NULL, C CHAR(2) NOT NULL)');
  const member = f.partition.file('APPLIB', 'BAD')!.members[0]!;
  const job = f.partition.openJob({ name: 'RPG', user: 'TESTER', number: '000099', remoteAddress: '' });
  job.insertRow(member, { image: Buffer.from('00000001404040c1c2', 'hex') });
  job.insertRow(member, [2, '17', 'XY']);
  job.end();
  const rows = f.rows('SELECT * FROM BAD ORDER BY ID');
  expect(rows.map((r) => r.map((v) => (typeof v === 'symbol' ? 'bad' : v)))).toEqual([
    [1, 'bad', 'AB'],
    [2, '17', 'XY'],
  ]);
});

test('procedures: by position and name, output parameters, result sets', () => {
  f.engine.register({
    library: 'SIMULATOR',
    name: 'ECHO',
    parameters: [
      { name: 'TEXT', mode: 'in', type: { name: 'VARCHAR', length: 20, scale: 0, ccsid: 37 } },
      { name: 'BACK', mode: 'out', type: { name: 'VARCHAR', length: 20, scale: 0, ccsid: 37 } },
      { name: 'N', mode: 'inout', type: { name: 'INTEGER', length: 4, scale: 0, ccsid: null }, default: 1 },
    ],
    run: ({ query }, [text, , n]) => ({
      outputs: new Map<number, SessionValue>([
        [1, `${text}!`],
        [2, Number(n) + 1],
      ]),
      resultSets: [query('SELECT ID FROM MANY WHERE ID <= ?', [2])],
    }),
  });
  const call = f.session.prepare('CALL SIMULATOR.ECHO(?, ?, N => ?)');
  expect(call.parameters.map((p) => [p.name, p.mode, p.type])).toEqual([
    ['TEXT', 'in', 'VARCHAR'],
    ['BACK', 'out', 'VARCHAR'],
    ['N', 'inout', 'INTEGER'],
  ]);
  const outcome = call.execute(['hi', null, 4]);
  expect(outcome.outputs).toEqual(['hi', 'hi!', 5]);
  expect(outcome.resultSets![0]!.fetch(5)).toEqual([[1], [2]]);
  expect(f.run(`CALL SIMULATOR.ECHO('x', ?)`, [null]).outputs).toEqual(['x!']);
});

describe('catalog calls of JDBC', () => {
  const options = `DATATYPE='JDBC';DYNAMIC=0;REPORTPUBLICPRIVILEGES=1;CURSORHOLD=1`;
  const call = (sql: string, params: (string | number | null)[]) => {
    const [cursor] = f.session.prepare(sql).execute(params).resultSets!;
    const names = cursor!.columns.map((c) => c.name);
    return cursor!.fetch(1000).map((row) => Object.fromEntries(names.map((n, i) => [n, row[i]])));
  };

  beforeAll(() => {
    f.run(
      `CREATE TABLE META_TABLE (ID INTEGER NOT NULL, NAME VARCHAR(20) DEFAULT 'x', AMT DECIMAL(9,2), PRIMARY KEY (ID, NAME))`,
    );
  });

  test('tables, schemas, catalogs, types of tables', () => {
    expect(call('CALL SYSIBM.SQLTABLES(?,?,?,?,?)', ['%', 'APPLIB', 'META\\_T%', '%', options])).toMatchObject([
      { TABLE_CAT: 'SIMULATE', TABLE_SCHEM: 'APPLIB', TABLE_NAME: 'META_TABLE', TABLE_TYPE: 'TABLE' },
    ]);
    expect(call('CALL SYSIBM.SQLTABLES(?,?,?,?,?)', ['%', 'APPLIB', '%', 'VIEW', options])).toEqual([]);
    const schemas = call('CALL SYSIBM.SQLTABLES(?,?,?,?,?)', [
      '%',
      '%',
      '%',
      '%',
      `DATATYPE='JDBC';GETSCHEMAS=1;CURSORHOLD=1`,
    ]);
    expect(schemas).toContainEqual({ TABLE_SCHEM: 'APPLIB', TABLE_CATALOG: 'SIMULATE' });
    const types = call('CALL SYSIBM.SQLTABLES(?,?,?,?,?)', [
      '',
      '',
      '',
      '%',
      `DATATYPE='JDBC';GETTABLETYPES=1;CURSORHOLD=1`,
    ]);
    expect(types.map((t) => t['TABLE_TYPE'])).toContain('TABLE');
    const catalogs = call('CALL SYSIBM.SQLTABLES(?,?,?,?,?)', [
      '%',
      '',
      '',
      '',
      `DATATYPE='JDBC';GETCATALOGS=1;CURSORHOLD=1`,
    ]);
    expect(catalogs).toEqual([{ TABLE_CAT: 'SIMULATE' }]);
  });

  test('columns, keys, indexes, row identifiers', () => {
    const columns = call('CALL SYSIBM/SQLCOLUMNS(?,?,?,?,?)', [null, 'APPLIB', 'META_TABLE', '%', options]);
    expect(columns).toMatchObject([
      { COLUMN_NAME: 'ID', DATA_TYPE: 4, TYPE_NAME: 'INTEGER', COLUMN_SIZE: 10, NULLABLE: 0, ORDINAL_POSITION: 1 },
      { COLUMN_NAME: 'NAME', DATA_TYPE: 12, TYPE_NAME: 'VARCHAR', COLUMN_SIZE: 20, COLUMN_DEF: `'x'` },
      { COLUMN_NAME: 'AMT', DATA_TYPE: 3, TYPE_NAME: 'DECIMAL', COLUMN_SIZE: 9, DECIMAL_DIGITS: 2, IS_NULLABLE: 'YES' },
    ]);
    expect(call('CALL SYSIBM.SQLPRIMARYKEYS(?,?,?,?)', [null, 'APPLIB', 'META_TABLE', options])).toMatchObject([
      { COLUMN_NAME: 'ID', KEY_SEQ: 1 },
      { COLUMN_NAME: 'NAME', KEY_SEQ: 2 },
    ]);
    const statistics = call('CALL SYSIBM.SQLSTATISTICS(?,?,?,?,?,?)', [null, 'APPLIB', 'META_TABLE', 1, 1, options]);
    expect(statistics.map((s) => s['TYPE'])).toEqual([0, 3, 3]);
    const rowId = call('CALL SYSIBM.SQLSPECIALCOLUMNS(?,?,?,?,?,?,?)', [
      1,
      null,
      'APPLIB',
      'META_TABLE',
      0,
      1,
      options,
    ]);
    expect(rowId.map((r) => r['COLUMN_NAME'])).toEqual(['ID', 'NAME']);
    expect(call('CALL SYSIBM.SQLGETTYPEINFO(?,?)', [3, options])).toMatchObject([
      { TYPE_NAME: 'DECIMAL', PRECISION: 63 },
    ]);
    expect(
      call('CALL SYSIBM.SQLFOREIGNKEYS(?,?,?,?,?,?,?)', [null, 'APPLIB', 'META_TABLE', null, null, null, options]),
    ).toEqual([]);
    expect(call('CALL SYSIBM.SQLPROCEDURES(?,?,?,?)', [null, '%', 'QCMD%', options])).toHaveLength(1);
  });
});
