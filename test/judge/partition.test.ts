/** JTOpen against the whole partition: SQL engine, journals and seed library behind the wire, over TLS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { DRIVERS, Judge, type JudgeError, type JudgeRows, judgeNeeds, trustStore } from './jtopen';

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  const old = name.includes('9.1');
  describeWithJudge('judges the partition', judgeNeeds(jar), () => {
    let folder: string;
    let partition: SimulatedPartition;
    let judge: Judge;
    const sign = (): Record<string, unknown> => ({
      host: 'localhost',
      user: partition.user,
      password: partition.password,
      props: { secure: 'true' },
    });

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'ibmi-cdc-judge-'));
      partition = await SimulatedPartition.start({ host: '127.0.0.1' });
      judge = Judge.start({ jar, trustStore: trustStore(partition.caFile, folder) });
      const { signonTls, databaseTls } = partition.ports;
      await judge.run('ports', { host: 'localhost', secure: true, signon: signonTls, database: databaseTls });
      await judge.run('connect', sign());
    });

    afterAll(async () => {
      await judge?.stop();
      await partition?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    afterEach(() => {
      expect(partition.errors.splice(0)).toEqual([]);
    });

    const query = (sql: string, params?: unknown[]): Promise<JudgeRows> =>
      judge.run('query', { sql, ...(params ? { params } : {}) });
    const update = (sql: string): Promise<{ count: number }> => judge.run('update', { sql });

    test('the seed library over TLS, a prepared SELECT with a marker', async () => {
      const { rows } = await query('SELECT COUNT(*) FROM ORDLIB.ORDHDR');
      expect(rows).toEqual([['500']]);
      const found = await query('SELECT ORDNO FROM ORDLIB.ORDHDR WHERE ORDNO < ? ORDER BY ORDNO', [100004]);
      expect(found.rows).toEqual([['100001'], ['100002'], ['100003']]);
      expect(partition.jobs()[0]).toMatch(/^\d{6}\/QUSER\/QZDASSINIT$/);
    });

    test('INSERT, UPDATE, DELETE with markers; commit keeps, rollback undoes', async () => {
      await update('CREATE TABLE ORDLIB.JUDGED (ID INTEGER NOT NULL, NAME VARCHAR(20), PRICE DECIMAL(9,2))');
      await update(
        "CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/JUDGED) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')",
      );
      await judge.run('autocommit', { on: false });
      const rows = Array.from({ length: 100 }, (_, i) => [i, `name ${i}`, { t: 'decimal', v: `${i}.25` }]);
      const counts = await judge.run<number[]>('batch', { sql: 'INSERT INTO ORDLIB.JUDGED VALUES(?, ?, ?)', rows });
      expect(counts.length).toBe(100);
      await judge.run('commit');
      expect(await update('DELETE FROM ORDLIB.JUDGED WHERE ID >= 50')).toMatchObject({ count: 50 });
      await judge.run('rollback');
      expect((await query('SELECT COUNT(*), SUM(PRICE) FROM ORDLIB.JUDGED')).rows).toEqual([['100', '4975.00']]);
      expect(await update("UPDATE ORDLIB.JUDGED SET NAME = 'x' WHERE ID = 7")).toMatchObject({ count: 1 });
      await judge.run('commit');
      await judge.run('autocommit', { on: true });
      expect((await query('SELECT NAME FROM ORDLIB.JUDGED WHERE ID = ?', [7])).rows).toEqual([['x']]);
    });

    test('a batch under commitment control is one statement: the duplicate among its rows undoes them all', async () => {
      await update('CREATE TABLE ORDLIB.BATCHED (ID INTEGER NOT NULL PRIMARY KEY)');
      await update("CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/BATCHED) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH)')");
      await judge.run('autocommit', { on: false });
      await update('INSERT INTO ORDLIB.BATCHED VALUES(1)');
      const failed = judge.run('batch', {
        sql: 'INSERT INTO ORDLIB.BATCHED VALUES(?)',
        rows: [[2], [3], [1], [4]],
      });
      await expect(failed).rejects.toMatchObject({ counts: [], code: -803 });
      expect((await query('SELECT ID FROM ORDLIB.BATCHED')).rows).toEqual([['1']]);
      await judge.run('commit');
      await judge.run('autocommit', { on: true });
      const { rows } = await query(`SELECT JOURNAL_ENTRY_TYPE FROM TABLE(QSYS2.DISPLAY_JOURNAL('ORDLIB', 'ORDJRN',
        OBJECT_LIBRARY => 'ORDLIB', OBJECT_NAME => 'BATCHED', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL',
        JOURNAL_CODES => 'R')) X`);
      // each insert of the batch that was done is undone by a delete of its own
      expect(rows.map(([type]) => type)).toEqual(['PT', 'PT', 'PT', 'DR', 'DR']);
    });

    test('re-inserted rows take the slots of deleted ones in their order', async () => {
      await update('CREATE TABLE ORDLIB.SLOTS (ID INTEGER NOT NULL)');
      const rows = Array.from({ length: 30 }, (_, i) => [i + 1]);
      for (let round = 0; round < 2; round++) {
        await update('DELETE FROM ORDLIB.SLOTS');
        await judge.run('batch', { sql: 'INSERT INTO ORDLIB.SLOTS VALUES(?)', rows });
      }
      const read = await query('SELECT RRN(S), ID FROM ORDLIB.SLOTS S ORDER BY RRN(S)');
      expect(read.rows).toEqual(rows.map(([id]) => [String(id), String(id)]));
    });

    test('a marker has its number as name', async () => {
      const { names } = await judge.run<{ names: string[] }>('markers', {
        sql: 'SELECT 1 FROM ORDLIB.ORDHDR WHERE ORDNO = ? AND STS = ?',
      });
      expect(names).toEqual(['00001', '00002']);
    });

    test('DISPLAY_JOURNAL with the bytes of the record image', async () => {
      await update(
        'CREATE TABLE ORDLIB.IMAGED (ID INTEGER NOT NULL, CODE CHAR(4) NOT NULL, QTY DECIMAL(5,0) NOT NULL)',
      );
      await update(
        "CALL QSYS2.QCMDEXC('STRJRNPF FILE(ORDLIB/IMAGED) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)')",
      );
      await update("INSERT INTO ORDLIB.IMAGED VALUES(258, 'AB', -123)");
      const { rows } =
        await query(`SELECT JOURNAL_ENTRY_TYPE, "OBJECT", CAST(ENTRY_DATA AS VARBINARY(100)), ENTRY_DATA, JOB_NAME, USER_NAME
        FROM TABLE(QSYS2.DISPLAY_JOURNAL('ORDLIB', 'ORDJRN', OBJECT_LIBRARY => 'ORDLIB', OBJECT_NAME => 'IMAGED', OBJECT_OBJTYPE => '*FILE', OBJECT_MEMBER => '*ALL', JOURNAL_CODES => 'R')) X`);
      expect(rows).toHaveLength(1);
      const image = 'x00000102c1c24040' + '00123d';
      expect(rows[0]![0]).toMatch(/^P[TX]$/);
      expect(rows[0]![2]).toBe(image);
      expect(rows[0]![3]).toBe(image);
      expect(rows[0]!.slice(4).map((v) => v?.trim())).toEqual(['QZDASSINIT', 'CDCUSR']);
    });

    test('SQLCODE, SQLSTATE and message text of real errors', async () => {
      const failed = (sql: string): Promise<unknown> =>
        query(sql).catch((e: JudgeError) => ({ code: e.code, state: e.state, id: e.message.slice(0, 9) }));
      expect(await failed('SELECT * FROM ORDLIB.NOPE')).toEqual({ code: -204, state: '42704', id: '[SQL0204]' });
      expect(await failed('SELECT NOPE FROM ORDLIB.ORDHDR')).toEqual({ code: -206, state: '42703', id: '[SQL0206]' });
      expect(await failed('SELEC 1')).toEqual({ code: -104, state: '42601', id: '[SQL0104]' });
    });

    test('DatabaseMetaData: tables, columns, primary keys', async () => {
      const tables = await judge.run('metadata', { method: 'tables', schema: 'ORDLIB', table: 'ORD%' });
      expect(tables.rows.map((r) => r[2])).toEqual(['ORDHDR', 'ORDLIN']);
      const columns = await judge.run('metadata', {
        method: 'columns',
        schema: 'ORDLIB',
        table: 'ORDHDR',
        column: '%',
      });
      expect(columns.rows.map((r) => r[3])).toContain('ORDNO');
      const keys = await judge.run('metadata', { method: 'primaryKeys', schema: 'ORDLIB', table: 'ORDHDR' });
      expect(Array.isArray(keys.rows)).toBe(true);
    });

    test('every other method of DatabaseMetaData has an answer', async () => {
      const counts: Record<string, number> = {};
      for (const method of [
        'schemas',
        'tableTypes',
        'catalogs',
        'typeInfo',
        'procedures',
        'indexes',
        'importedKeys',
        'exportedKeys',
        'bestRow',
        'privileges',
      ])
        counts[method] = (await judge.run('metadata', { method, schema: 'ORDLIB', table: 'ORDHDR' })).rows.length;
      expect(counts).toMatchObject({ catalogs: 1, bestRow: 1, indexes: 2, importedKeys: 0 });
    });

    test('labels by extended metadata, library lists, naming, the current schema, isolation levels', async () => {
      await judge.run('connect', { ...sign(), c: 'x', props: { secure: 'true', 'extended metadata': 'true' } });
      const labelled = await judge.run('query', {
        c: 'x',
        sql: 'SELECT ORDNO FROM ORDLIB.ORDHDR FETCH FIRST 1 ROW ONLY',
      });
      expect(labelled.columns[0]).toMatchObject({ name: 'ORDNO', label: 'Order number' });
      await judge.run('connect', {
        ...sign(),
        c: 'l',
        props: { secure: 'true', libraries: 'ORDLIB,QGPL', naming: 'system' },
      });
      expect((await judge.run('query', { c: 'l', sql: 'SELECT COUNT(*) FROM ORDLIB/ORDHDR' })).rows).toEqual([['500']]);
      expect(await judge.run('setSchema', { c: 'x', schema: 'ORDLIB' })).toBe('ORDLIB');
      expect((await judge.run('query', { c: 'x', sql: 'SELECT COUNT(*) FROM ORDHDR' })).rows).toEqual([['500']]);
      for (const level of [1, 2, 4, 8]) {
        await judge.run('isolation', { c: 'x', level });
        expect((await judge.run('query', { c: 'x', sql: 'SELECT COUNT(*) FROM ORDHDR' })).rows).toEqual([['500']]);
      }
      for (const c of ['x', 'l']) await judge.run('close', { c });
    });

    test('generated keys and savepoints', async () => {
      await update('CREATE TABLE QGPL.KEYED (ID INTEGER GENERATED ALWAYS AS IDENTITY, N INTEGER)');
      await update("CALL QSYS2.QCMDEXC('STRJRNPF FILE(QGPL/KEYED) JRN(ORDLIB/ORDJRN)')");
      const made = await judge.run<{ count: number; keys: JudgeRows }>('update', {
        sql: 'INSERT INTO QGPL.KEYED(N) VALUES(5)',
        keys: true,
      });
      expect([made.count, made.keys.rows]).toEqual([1, [['1']]]);
      await judge.run('autocommit', { on: false });
      await update('INSERT INTO QGPL.KEYED(N) VALUES(6)');
      await judge.run('savepoint', { name: 'S1' });
      await update('INSERT INTO QGPL.KEYED(N) VALUES(7)');
      await judge.run('rollbackTo', { name: 'S1' });
      await judge.run('commit');
      await judge.run('autocommit', { on: true });
      expect((await query('SELECT N FROM QGPL.KEYED ORDER BY N')).rows).toEqual([['5'], ['6']]);
    });

    test('several connections at once, isValid, client info', async () => {
      const names = ['c1', 'c2', 'c3', 'c4'];
      await Promise.all(names.map((c) => judge.run('connect', { ...sign(), c, lane: c })));
      const counts = await Promise.all(
        names.map((c) => judge.run<JudgeRows>('query', { c, lane: c, sql: 'SELECT COUNT(*) FROM ORDLIB.ITMMAS' })),
      );
      expect(counts.map((r) => r.rows[0]![0])).toEqual(['300', '300', '300', '300']);
      if (!old) {
        expect(await judge.run('isValid', { c: 'c1' })).toBe(true);
        await judge.run('clientInfo', { c: 'c1', key: 'ApplicationName', value: 'judge' });
      }
      expect(partition.jobs()).toHaveLength(5);
      await Promise.all(names.map((c) => judge.run('close', { c })));
    });

    test('a fault called up through SQL breaks the connection as asked', async () => {
      await judge.run('connect', { ...sign(), c: 'broken' });
      await judge.run('update', { c: 'broken', sql: "CALL SIMULATOR.FAULT('cut-after', '3000')" });
      await expect(judge.run('query', { c: 'broken', sql: 'SELECT * FROM ORDLIB.ORDHDR' })).rejects.toMatchObject({
        state: '08S01',
      });
    });
  });
});
