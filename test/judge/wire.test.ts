/** JTOpen, two releases of it, against the wire of the simulated partition with prepared answers behind it. */
import { SimulatedPartition } from '../../src/simulator/simulated-partition';
import { describeWithJudge } from '../support/judges';
import { column, TinyEngine } from '../support/tiny-engine';
import { DRIVERS, Judge, type JudgeError, type JudgeRows, judgeNeeds } from './jtopen';

const ALL_TYPES = [
  column('ID', 'INTEGER', 0, { nullable: false }),
  column('CH', 'CHAR', 10, { ccsid: 37 }),
  column('CHDE', 'CHAR', 10, { ccsid: 273 }),
  column('VC', 'VARCHAR', 20, { ccsid: 37 }),
  column('VU', 'VARCHAR', 40, { ccsid: 1208 }),
  column('DC', 'DECIMAL', 9, { scale: 2 }),
  column('DW', 'DECIMAL', 31, { scale: 10 }),
  column('NU', 'NUMERIC', 7, { scale: 3 }),
  column('SI', 'SMALLINT'),
  column('BI', 'BIGINT'),
  column('RE', 'REAL'),
  column('DO', 'DOUBLE'),
  column('DT', 'DATE'),
  column('TM', 'TIME'),
  column('TS', 'TIMESTAMP', 10, { scale: 6 }),
  column('T0', 'TIMESTAMP', 7, { scale: 0 }),
  column('BN', 'BINARY', 4),
  column('VB', 'VARBINARY', 16),
  column('CB', 'CHAR', 4, { ccsid: 65535 }),
  column('BL', 'BLOB', 64),
  column('BX', 'BLOB', 1_000_000),
  column('CX', 'CLOB', 1_000_000, { ccsid: 1208 }),
  column('CI', 'CLOB', 100, { ccsid: 37 }),
  column('GR', 'GRAPHIC', 5, { ccsid: 1200 }),
  column('VG', 'VARGRAPHIC', 10, { ccsid: 13488 }),
  column('DX', 'DBCLOB', 1_000_000, { ccsid: 1200 }),
  column('D6', 'DECFLOAT', 8),
  column('D4', 'DECFLOAT', 16),
];

/** What the old driver says of each column; the newer one has other names for two types. */
const DESCRIBED = [
  'ID INTEGER(10,0) NOT NULL',
  'CH CHAR(10,0)',
  'CHDE CHAR(10,0)',
  'VC VARCHAR(20,0)',
  'VU VARCHAR(40,0)',
  'DC DECIMAL(9,2)',
  'DW DECIMAL(31,10)',
  'NU NUMERIC(7,3)',
  'SI SMALLINT(5,0)',
  'BI BIGINT(19,0)',
  'RE REAL(24,0)',
  'DO DOUBLE(53,0)',
  'DT DATE(10,0)',
  'TM TIME(8,0)',
  'TS TIMESTAMP(26,6)',
  'T0 TIMESTAMP(19,0)',
  'BN BINARY(4,0)',
  'VB VARBINARY(16,0)',
  'CB CHAR () FOR BIT DATA(4,0)',
  'BL BLOB(64,0)',
  'BX BLOB(1000000,0)',
  'CX CLOB(1000000,0)',
  'CI CLOB(100,0)',
  'GR NCHAR(5,0)',
  'VG NVARCHAR(10,0)',
  'DX DBCLOB(1000000,0)',
  'D6 DECFLOAT(16,0)',
  'D4 DECFLOAT(34,0)',
];

function values(i: number): (string | number | Uint8Array | null)[] {
  const pad = String(i).padStart(3, '0');
  return [
    i,
    `ROW ${pad}`,
    `Grün ${pad}`,
    `var ${pad}`,
    `Zeichen äöü€ ${pad}`,
    `${i % 2 ? '-' : ''}${i + 1}.05`,
    `-123456789012345678901.${String(i).padStart(10, '0')}`,
    `-${i + 1}.125`,
    -i,
    (9007199254740992n + BigInt(i)).toString(),
    i + 0.5,
    -i / 3,
    '2024-02-29',
    '23:59:58',
    `2024-02-29T23:59:58.${pad}456`,
    '1999-12-31T00:00:00',
    Buffer.from([0, 1, 2, i & 255]),
    Buffer.alloc(i % 17, i),
    Buffer.from([0xc1, 0xc2, 0, i & 255]),
    Buffer.from(`inline ${i}`),
    Buffer.alloc(5000, i),
    `CLOB äöü€ ${i} `.repeat(300),
    `inline clob ${i}`,
    'äö€',
    `vgr € ${pad}`,
    `Ωμέγα ${i}`,
    '-1.50',
    '123456789012345678901234567890.1234',
  ];
}

/** The text JTOpen's getString makes of a value. */
function shown(i: number): string[] {
  const hex = (bytes: Uint8Array): string => `x${Buffer.from(bytes).toString('hex')}`;
  return values(i).map((value, c) => {
    const { type } = ALL_TYPES[c]!;
    if (value instanceof Uint8Array) return hex(value);
    if (type === 'CHAR') return String(value).padEnd(10);
    if (type === 'GRAPHIC') return String(value).padEnd(5);
    if (type === 'REAL') return javaFloat(Number(value));
    if (type === 'DOUBLE') return javaDouble(Number(value));
    if (type === 'TIMESTAMP') return String(value).replace('T', ' ');
    if (type === 'TIME') return String(value).replaceAll(':', '.');
    return String(value);
  });
}

function javaDouble(n: number): string {
  if (Object.is(n, -0)) return '-0.0';
  return Number.isInteger(n) ? `${n}.0` : String(n);
}

function javaFloat(n: number): string {
  return Number.isInteger(n) ? `${n}.0` : String(n);
}

describe.each(DRIVERS)('$name', ({ name, jar }) => {
  // the old driver was compiled before Connection.isValid, and never sets TCP_NODELAY: each prepare waits for a delayed ACK
  const old = name.includes('9.1');
  const alive = async (judge: Judge): Promise<boolean> => old || (await judge.run<boolean>('isValid'));

  describeWithJudge('judges the wire', judgeNeeds(jar), () => {
    let engine: TinyEngine;
    let partition: SimulatedPartition;
    let judge: Judge;

    beforeAll(async () => {
      engine = new TinyEngine()
        .table(
          'ALLTYPES',
          ALL_TYPES,
          Array.from({ length: 300 }, (_, i) => values(i)),
        )
        .table('NULLS', ALL_TYPES, [[1, ...ALL_TYPES.slice(1).map(() => null)]])
        .table('INTO', ALL_TYPES)
        .table(
          'WIDE',
          [column('N', 'INTEGER'), column('V', 'VARCHAR', 5000, { ccsid: 37 })],
          Array.from({ length: 500 }, (_, i) => [i, 'v'.repeat(i % 200)]),
        )
        .table('EMPTY', [column('N', 'INTEGER')]);
      partition = await SimulatedPartition.start({ engine });
      judge = Judge.start({ jar });
      await judge.run('ports', {
        host: '127.0.0.1',
        signon: partition.ports.signon,
        database: partition.ports.database,
      });
      await judge.run('connect', { host: '127.0.0.1', user: partition.user, password: partition.password });
    });

    afterAll(async () => {
      await judge?.stop();
      await partition?.stop();
    });

    afterEach(() => {
      expect(partition.errors).toEqual([]);
    });

    test('every column type, several blocks', async () => {
      const { rows, columns } = await judge.run('query', { sql: 'SELECT * FROM ALLTYPES' });
      expect(rows.length).toBe(300);
      for (const i of [0, 1, 2, 150, 299]) expect(rows[i]).toEqual(shown(i));
      expect(
        columns.map((c) => `${c.name} ${c.type}(${c.precision},${c.scale})${c.nullable ? '' : ' NOT NULL'}`),
      ).toEqual(old ? DESCRIBED : DESCRIBED.map((c) => c.replace('NVARCHAR', 'VARGRAPHIC').replace('DBCLOB', 'NCLOB')));
    });

    test('every column null', async () => {
      const { rows } = await judge.run('query', { sql: 'SELECT * FROM NULLS' });
      expect(rows).toEqual([['1', ...ALL_TYPES.slice(1).map(() => null)]]);
    });

    test('varying fields, cut to their length when the driver asks for it', async () => {
      const { rows } = await judge.run('query', { sql: 'SELECT * FROM WIDE' });
      expect(rows).toEqual(Array.from({ length: 500 }, (_, i) => [String(i), 'v'.repeat(i % 200)]));
    });

    test.each([1, 7, 64, 512])('blocks of %d KB', async (kb) => {
      await judge.run('connect', {
        c: 'kb',
        host: '127.0.0.1',
        user: partition.user,
        password: partition.password,
        props: { 'block size': kb },
      });
      const { rows } = await judge.run('query', { c: 'kb', sql: 'SELECT * FROM ALLTYPES' });
      expect(rows.map((r) => r[0])).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
      await judge.run('close', { c: 'kb' });
    });

    test('XML, DATALINK, ROWID, DBCLOB inline, DECIMAL of 63 digits, TIMESTAMP(12)', async () => {
      engine.table(
        'REST',
        [
          column('XM', 'XML'),
          column('DL', 'DATALINK', 200, { ccsid: 37 }),
          column('RI', 'ROWID', 40),
          column('DI', 'DBCLOB', 50, { ccsid: 1200 }),
          column('D63', 'DECIMAL', 63, { scale: 31 }),
          column('N63', 'NUMERIC', 63, { scale: 1 }),
          column('T12', 'TIMESTAMP', 13, { scale: 12 }),
        ],
        [
          [
            '<a>ä</a>',
            'HTTP://EXAMPLE.COM/A',
            Buffer.alloc(17, 0xc1),
            '漢字',
            `-${'9'.repeat(32)}.${'1'.repeat(31)}`,
            `${'7'.repeat(62)}.5`,
            '2024-02-29T23:59:59.123456789012',
          ],
        ],
      );
      const { rows } = await judge.run('query', { sql: 'SELECT * FROM REST' });
      const row = engine.tables.get('REST')!.rows[0]!;
      expect(rows[0]!.slice(0, 2)).toEqual(row.slice(0, 2));
      expect(rows[0]!.slice(2)).toEqual([
        `x${'c1'.repeat(17)}`,
        row[3],
        row[4],
        row[5],
        '2024-02-29 23:59:59.123456789012',
      ]);
    });

    test('an empty result', async () => {
      expect((await judge.run('query', { sql: 'SELECT * FROM EMPTY' })).rows).toEqual([]);
    });

    test('a prepared statement with a parameter of every type', async () => {
      const marks = engine.tables
        .get('INTO')!
        .columns.map(() => '?')
        .join(',');
      const row = values(7);
      const params = ALL_TYPES.map((c, i) => bound(c.type, row[i]!));
      expect(await judge.run<number[]>('batch', { sql: `INSERT INTO INTO VALUES(${marks})`, rows: [params] })).toEqual([
        1,
      ]);
      const { rows } = await judge.run('query', { sql: 'SELECT * FROM INTO' });
      expect(rows).toEqual([shown(7)]);
    });

    test('SQLCODE, SQLSTATE and text of an error, and the connection lives on', async () => {
      const error = await judge.run('query', { sql: 'SELECT * FROM NOPE' }).catch((e: JudgeError) => e);
      expect(error).toMatchObject({
        message: '[SQL0204] NOPE in TINY type *FILE not found.',
        state: '42704',
        code: -204,
      });
      expect(await alive(judge)).toBe(true);
      await expect(judge.run('update', { sql: 'NONSENSE' })).rejects.toMatchObject({ state: '42601', code: -104 });
      await expect(judge.run('prepare', { sql: 'SELECT * FROM NOPE' })).rejects.toMatchObject({
        state: '42704',
        code: -204,
      });
    });

    test('an update that finds no row: count 0 and SQLCODE +100 as a warning', async () => {
      const { count, warning } = await judge.run<{ count: number; warning: unknown }>('update', {
        sql: 'DELETE FROM EMPTY',
      });
      expect(count).toBe(0);
      expect(warning).toMatchObject({ state: '02000', code: 100 });
    });

    test('CALL with an output parameter and two result sets', async () => {
      const answer = await judge.run<{ sets: JudgeRows[]; outs: string[] }>('call', {
        sql: 'CALL DOUBLED(?, ?)',
        params: [77, { t: 'skip' }],
        outs: [2],
      });
      expect(answer.outs).toEqual(['154']);
      expect(answer.sets.map((s) => s.rows)).toEqual([[['1'], ['2']], [['3']]]);
    });

    test('commit, rollback and isolation reach the engine', async () => {
      engine.log.length = 0;
      await judge.run('autocommit', { on: false });
      await judge.run('update', { sql: 'UPDATE ALLTYPES' });
      await judge.run('commit');
      await judge.run('update', { sql: 'UPDATE ALLTYPES' });
      await judge.run('rollback');
      await judge.run('autocommit', { on: true });
      expect(engine.log.filter((l) => !l.startsWith('naming'))).toEqual([
        'level 2',
        'autocommit false',
        'commit',
        'rollback',
        'level 0',
        'autocommit true',
      ]);
    });

    test('hundreds of open statements, and nothing stays open', async () => {
      const many = old ? 100 : 400;
      expect(
        await judge.run<number>('openMany', { sql: 'SELECT * FROM ALLTYPES FETCH FIRST 2 ROWS ONLY', n: many }),
      ).toBe(2 * many);
      expect(engine.openCursors).toBe(0);
    });

    test('a scroll-insensitive cursor moves every way', async () => {
      await judge.run('open', { s: 'sc', sql: 'SELECT * FROM ALLTYPES', scroll: true });
      const move = async (m: string, row?: number): Promise<string | null | undefined> =>
        (await judge.run<string[] | null>('next', { s: 'sc', move: m, ...(row === undefined ? {} : { row }) }))?.[0];
      expect(await move('next')).toBe('0');
      expect(await move('next')).toBe('1');
      expect(await move('last')).toBe('299');
      expect(await move('previous')).toBe('298');
      expect(await move('first')).toBe('0');
      expect(await move('absolute', 100)).toBe('99');
      expect(await move('relative', -9)).toBe('90');
      await judge.run('closeStatement', { s: 'sc' });
    });

    test('cancel from another thread ends a held statement with 57014', async () => {
      partition.faults.holdStatements();
      const running = judge.run('query', { s: 'held', sql: 'SELECT * FROM ALLTYPES' }).catch((e: JudgeError) => e);
      await until(() => partition.connections >= 1 && !partition.faults.holding);
      await judge.run('cancel', { s: 'held', lane: 'other' });
      expect(await running).toMatchObject({ code: -952, state: '57014' });
      expect(await alive(judge)).toBe(true);
    });

    test('DLYJOB takes its time and can be cancelled', async () => {
      const sql = "CALL QSYS2.QCMDEXC('DLYJOB DLY(600)')";
      const running = judge.run('update', { s: 'dly', sql }).catch((e: JudgeError) => e);
      await until(() => partition.waiting === 1);
      await judge.run('cancel', { s: 'dly', lane: 'other' });
      expect(await running).toMatchObject({ code: -952, state: '57014' });
    });

    test('a dropped connection is a communication failure', async () => {
      await judge.run('connect', { c: 'drop', host: '127.0.0.1', user: partition.user, password: partition.password });
      partition.faults.cutAfter(100);
      await expect(judge.run('query', { c: 'drop', sql: 'SELECT * FROM ALLTYPES' })).rejects.toMatchObject({
        state: '08S01',
      });
      await expect(judge.run('isClosed', { c: 'drop' })).resolves.toBe(true);
    });

    test('frames split at every odd size and dripping slowly are read all the same', async () => {
      partition.faults.splitFrames(3);
      const { rows } = await judge.run('query', { sql: 'SELECT * FROM ALLTYPES FETCH FIRST 3 ROWS ONLY' });
      partition.faults.clear();
      expect(rows).toEqual([shown(0), shown(1), shown(2)]);
    });
  });
});

function bound(type: string, value: string | number | Uint8Array | null): unknown {
  if (value instanceof Uint8Array) return { t: 'bytes', v: Buffer.from(value).toString('hex') };
  if (type === 'DATE') return { t: 'date', v: value };
  if (type === 'TIME') return { t: 'time', v: value };
  if (type === 'TIMESTAMP') return { t: 'timestamp', v: String(value).replace('T', ' ') };
  if (type === 'DECIMAL' || type === 'NUMERIC' || type === 'DECFLOAT') return { t: 'decimal', v: value };
  return value;
}

/** BOOLEAN came with 7.5; a client that does not know it is given SMALLINT. */
describeWithJudge('BOOLEAN', judgeNeeds(DRIVERS[1].jar), () => {
  test.each([
    { jar: DRIVERS[0].jar, version: 'V7R5M0', functionalLevel: 'V7R5M00016', type: 'SMALLINT', seen: ['1', '0', null] },
    { jar: DRIVERS[1].jar, version: 'V7R4M0', functionalLevel: 'V7R4M00016', type: 'SMALLINT', seen: ['1', '0', null] },
    {
      jar: DRIVERS[1].jar,
      version: 'V7R5M0',
      functionalLevel: 'V7R5M00016',
      type: 'BOOLEAN',
      seen: ['1', '0', null],
    },
  ])('as $type with $version', async ({ jar, version, functionalLevel, type, seen }) => {
    const engine = new TinyEngine().table('B', [column('B', 'BOOLEAN')], [[true], [false], [null]]);
    await using partition = await SimulatedPartition.start({ engine, version, functionalLevel });
    const judge = Judge.start({ jar });
    try {
      const { host, ports, user, password } = partition;
      await judge.run('ports', { host, signon: ports.signon, database: ports.database });
      await judge.run('connect', { host, user, password });
      const { rows, columns } = await judge.run('query', { sql: 'SELECT * FROM B' });
      expect([columns[0]!.type, ...rows.map((r) => r[0])]).toEqual([type, ...seen]);
      if (type === 'BOOLEAN') {
        await judge.run('batch', { sql: 'INSERT INTO B VALUES(?)', rows: [[true], [false]] });
        expect(engine.tables.get('B')!.rows.slice(3)).toEqual([[true], [false]]);
      }
    } finally {
      await judge.stop();
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited ten seconds in vain');
    await new Promise((done) => setImmediate(done));
  }
}
