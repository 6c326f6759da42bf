/** The hostserver transport against the simulated partition, over TLS, on real sockets. */
import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { isCoded, SqlError } from '../../src/errors/coded-error';
import type { HostServerOptions } from '../../src/hostserver/client/connect/options';
import { fetchRows, openDescribeFetch } from '../../src/hostserver/messages/database/open-fetch';
import { type FrameTracer, lineTracer } from '../../src/hostserver/trace';
import { DEFAULT_USER, SimulatedPartition } from '../../src/simulator/simulated-partition';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows, type SqlConnection, type SqlValue } from '../../src/transport/transport';

let partition: SimulatedPartition;

beforeAll(async () => {
  partition = await SimulatedPartition.start({
    users: [
      { name: 'CDCUSR', password: 'cdcpwd01' },
      { name: 'GONE', password: 'gonepwd1', disabled: true },
      { name: 'OLD', password: 'oldpwd01', expired: true },
      { name: 'SOON', password: 'soonpwd1', expiresInDays: 9 },
    ],
  });
});
afterEach(() => partition.faults.clear());
afterAll(() => partition.stop());

function options(more: Partial<HostServerOptions> = {}): HostServerOptions {
  return {
    host: partition.host,
    user: 'CDCUSR',
    password: 'cdcpwd01',
    tls: { ca: partition.caFile },
    signonPort: partition.ports.signonTls,
    databasePort: partition.ports.databaseTls,
    ...more,
  };
}

async function using<T>(
  work: (connection: SqlConnection) => Promise<T>,
  more: Partial<HostServerOptions> = {},
): Promise<T> {
  const connection = await hostServerTransport(options(more)).connect();
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

function failure(work: Promise<unknown>): Promise<{ code: string; family: string; next: string; message: string }> {
  return work.then(
    () => ({ code: 'NO ERROR', family: '', next: '', message: '' }),
    (e: unknown) =>
      isCoded(e)
        ? { code: e.code, family: e.family, next: e.next ?? '', message: e.message }
        : { code: 'UNCODED', family: '', next: '', message: String(e) },
  );
}

const connecting = (more: Partial<HostServerOptions>) => failure(hostServerTransport(options(more)).connect());

test('says what the partition is, and leaves no job behind', async () => {
  await using(async (connection) => {
    expect(connection.server.version).toBe('V7R4M0');
    expect(connection.server.ccsid).toBe(37);
    expect(partition.jobs()).toContain(connection.server.job);
  });
  while (partition.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(partition.jobs()).toEqual([]);
});

test('says in how many days the password expires', async () => {
  await using(async ({ server }) => expect(server.passwordExpiresInDays).toBe(9), {
    user: 'soon',
    password: 'soonpwd1',
  });
  await using(async ({ server }) => expect(server.passwordExpiresInDays).toBeNull());
});

test('plain, and through the port mapper', async () => {
  await using(
    async (connection) => {
      expect(await allRows(await connection.query('VALUES 1'))).toEqual([[1]]);
    },
    { tls: 'off', signonPort: partition.ports.signon, databasePort: partition.ports.database },
  );
  const { signonPort: _s, databasePort: _d, ...mapped } = options({ portMapperPort: partition.ports.portMapper });
  const connection = await hostServerTransport(mapped).connect();
  expect(await allRows(await connection.query('VALUES 2'))).toEqual([[2]]);
  await connection.close();
});

const ALL = [
  'ID INTEGER NOT NULL',
  'C10 CHAR(10) CCSID 273',
  'VC VARCHAR(30)',
  'VB VARBINARY(20)',
  'BN BINARY(4)',
  'D DECIMAL(31,5)',
  'N NUMERIC(9,2)',
  'SM SMALLINT',
  'BI BIGINT',
  'R REAL',
  'DB DOUBLE',
  'DF DECFLOAT(16)',
  'DF34 DECFLOAT(34)',
  'DT DATE',
  'TM TIME',
  'TS TIMESTAMP(6)',
  'TS0 TIMESTAMP(0)',
  'TS12 TIMESTAMP(12)',
  'GR GRAPHIC(5) CCSID 1200',
  'VG VARGRAPHIC(20) CCSID 1200',
  'BL BLOB(1M)',
  'CL CLOB(1M)',
  'SB BLOB(2000)',
  'U8 VARCHAR(40) CCSID 1208',
];
const ROW: readonly SqlValue[] = [
  1,
  'Grüße     ',
  'text',
  Buffer.from([1, 2, 3]),
  Buffer.from([9, 8, 7, 6]),
  '-12345678901234567890123456.12345',
  '1234567.89',
  -5,
  '9223372036854775807',
  1.5,
  -2.25,
  '12.50',
  '123456789012345678901234567890.1234',
  '2024-02-29',
  '23:59:59',
  '2024-02-29T23:59:59.123456',
  '2024-02-29T23:59:59',
  '2024-02-29T23:59:59.123456789012',
  'äöü  ',
  '日本',
  Buffer.alloc(50_000, 7),
  'c'.repeat(40_000),
  Buffer.from('inline'),
  'Zeichen €',
];
const NULLS: readonly SqlValue[] = [2, ...new Array<null>(ROW.length - 1).fill(null)];

test.each([
  ['as asked', {}],
  ['without variable fields', { variableFields: false }],
  ['with compressed replies', { compression: true }],
  ['in small blocks', { blockBytes: 1024 }],
] as const)('every type, LOBs by locator and inline, null or not, %s', async (name, more) => {
  const table = `ORDLIB.T${createHash('sha1').update(name).digest('hex').slice(0, 8).toUpperCase()}`;
  await using(async (connection) => {
    await connection.execute(`CREATE TABLE ${table} (${ALL.join(', ')})`);
    const insert = await connection.prepare(`INSERT INTO ${table} VALUES(${ROW.map(() => '?').join(', ')})`);
    expect(await insert.execute(ROW)).toEqual({ rowsAffected: 1 });
    expect(await insert.execute(NULLS)).toEqual({ rowsAffected: 1 });
    await insert.close();
    const result = await connection.query(`SELECT * FROM ${table} ORDER BY ID`);
    expect(result.columns.map((c) => c.type)).toEqual(ALL.map((c) => c.split(' ')[1]!.replace(/\(.*/, '')));
    const rows = await allRows(result);
    expect(rows.map((row) => row.map(comparable))).toEqual([ROW.map(comparable), NULLS.map(comparable)]);
  }, more);
  expect(partition.errors).toEqual([]);
});

function comparable(value: SqlValue): SqlValue {
  return value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString('hex')}` : value;
}

test('raw rows: bytes of each value in place, LOBs resolved', async () => {
  await using(async (connection) => {
    await connection.execute('CREATE TABLE ORDLIB.RAWT (ID INTEGER NOT NULL, VC VARCHAR(30), BL BLOB(1M))');
    await connection.execute('INSERT INTO ORDLIB.RAWT VALUES(?, ?, ?)', [1, 'ABC', Buffer.alloc(40_000, 5)]);
    await connection.execute('INSERT INTO ORDLIB.RAWT (ID) VALUES(?)', [2]);
    const statement = await connection.prepare('SELECT * FROM ORDLIB.RAWT ORDER BY ID');
    const seen: (string | null)[][] = [];
    for await (const block of (await statement.queryRaw!()).blocks()) {
      for (let row = 0; row < block.rowCount; row++) {
        seen.push(
          [0, 1, 2].map((c) => {
            if (block.isNull(row, c)) return null;
            const at = block.offset(row, c);
            return block.buffer.toString('hex', at, at + block.byteLength(row, c));
          }),
        );
      }
    }
    expect(seen).toEqual([
      ['00000001', 'c1c2c3', '05'.repeat(40_000)],
      ['00000002', null, null],
    ]);
    await statement.close();
  });
});

test.each([0, 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000])(
  'a LOB of %i bytes behind a locator is whole',
  async (length) => {
    await using(async (connection) => {
      const name = `ORDLIB.L${length}`;
      await connection.execute(`CREATE TABLE ${name} (BL BLOB(5M), CL DBCLOB(3M) CCSID 1200)`);
      const bytes = Buffer.alloc(length, 'abcdefg');
      const text = 'ä日'.repeat(Math.floor(length / 4));
      await connection.execute(`INSERT INTO ${name} VALUES(?, ?)`, [bytes, text]);
      const [row] = await allRows(await connection.query(`SELECT * FROM ${name}`));
      expect(Buffer.compare(Buffer.from(row![0] as Uint8Array), bytes)).toBe(0);
      expect(row![1] === text).toBe(true);
    });
  },
);

test('base table, base column and label, when asked for', async () => {
  await using(async (connection) => {
    const sql = 'SELECT CUSNO, 1 AS ONE FROM ORDLIB.CUSMAS';
    const plain = await connection.prepare(sql);
    expect(plain.columns!.map((c) => c.base)).toEqual([undefined, undefined]);
    await plain.close();
    const extended = await connection.prepare(sql, { extendedColumns: true });
    expect(extended.columns![0]!.base).toMatchObject({ library: 'ORDLIB', table: 'CUSMAS', column: 'CUSNO' });
    expect(extended.columns![1]!.base).toMatchObject({ table: null });
    await extended.close();
  });
});

test('commit and rollback; a close without commit rolls back', async () => {
  await using(async (connection) => {
    await connection.setAutocommit(false);
    await connection.execute("UPDATE ORDLIB.CUSMAS SET NAME1 = 'COMMITTED' WHERE CUSNO = 10001");
    await connection.commit();
    await connection.execute("UPDATE ORDLIB.CUSMAS SET NAME1 = 'ROLLED BACK' WHERE CUSNO = 10001");
    await connection.rollback();
    await connection.execute("UPDATE ORDLIB.CUSMAS SET NAME1 = 'NEVER' WHERE CUSNO = 10001");
  });
  const name = await using(async (connection) =>
    allRows(await connection.query('SELECT NAME1 FROM ORDLIB.CUSMAS WHERE CUSNO = ?', ['10001'])),
  );
  expect(String(name[0]![0]).trimEnd()).toBe('COMMITTED');
});

test('an SQL error carries code, state, message id, text and what to do', async () => {
  await using(async (connection) => {
    const error = await connection.query('SELECT * FROM ORDLIB.NOPE').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject({ sqlCode: -204, sqlState: '42704', messageId: 'SQL0204', family: 'host' });
    expect((error as SqlError).next).toContain('DSPOBJAUT');
    // The connection stays usable.
    expect(await allRows(await connection.query('VALUES 1'))).toEqual([[1]]);
  });
});

test('several cursors of one connection, interleaved with read-ahead', async () => {
  await using(
    async (connection) => {
      const first = (await connection.query('SELECT ORDNO FROM ORDLIB.ORDHDR ORDER BY ORDNO'))
        .blocks()
        [Symbol.asyncIterator]();
      const second = (await connection.query('SELECT CUSNO FROM ORDLIB.CUSMAS ORDER BY CUSNO'))
        .blocks()
        [Symbol.asyncIterator]();
      let a = 0;
      let b = 0;
      for (let done = false; !done; ) {
        const [x, y] = [await first.next(), await second.next()];
        a += x.done ? 0 : x.value.length;
        b += y.done ? 0 : y.value.length;
        done = !!x.done && !!y.done;
      }
      const counts = await allRows(
        await connection.query(
          'SELECT (SELECT COUNT(*) FROM ORDLIB.ORDHDR), (SELECT COUNT(*) FROM ORDLIB.CUSMAS) FROM SYSIBM.SYSDUMMY1',
        ),
      );
      expect([a, b]).toEqual(counts[0]!.map(Number));
    },
    { blockBytes: 2048 },
  );
});

test('blocks of a long answer grow to their limit, those of a short one stay small', async () => {
  const wishes: (number | null | undefined)[] = [];
  const tracer: FrameTracer = {
    frame: (direction, _connection, frame) => {
      const id = frame.readUInt16BE(18);
      if (direction === 'sent' && (id === openDescribeFetch.id || id === fetchRows.id))
        wishes.push(fetchRows.decode(frame).parameters.bufferSize);
    },
  };
  await using(
    async (connection) => {
      const growing = { blockBytes: 1024, blockBytesUpTo: 10_000 };
      await allRows(await connection.query('SELECT * FROM ORDLIB.ORDLIN', [], growing));
      expect(wishes.length).toBeGreaterThan(5);
      expect(new Set(wishes.slice(3))).toEqual(new Set([10_000]));
      expect(wishes.slice(0, 3)).toEqual([1024, 4096, 10_000]);
      wishes.length = 0;
      await allRows(await connection.query('SELECT * FROM SYSIBM.SYSDUMMY1', [], growing));
      expect(wishes).toEqual([1024]);
      wishes.length = 0;
      await allRows(await connection.query('SELECT * FROM ORDLIB.ITMMAS', [], { blockBytes: 4096 }));
      expect(new Set(wishes)).toEqual(new Set([4096]));
    },
    { tracer },
  );
});

test('a result given up in the middle leaves statement and connection usable', async () => {
  await using(
    async (connection) => {
      const statement = await connection.prepare('SELECT ORDNO FROM ORDLIB.ORDHDR');
      for await (const block of (await statement.query()).blocks()) {
        expect(block.length).toBeGreaterThan(0);
        break;
      }
      expect((await allRows(await statement.query())).length).toBeGreaterThan(100);
      await statement.close();
    },
    { blockBytes: 1024 },
  );
});

describe('refusals', () => {
  test.each([
    ['a wrong password', { password: 'wrong-one' }, 'PASSWORD_INCORRECT', 'CHGUSRPRF'],
    ['an unknown user', { user: 'NOBODY' }, 'USER_UNKNOWN', 'WRKUSRPRF'],
    [
      'a disabled user',
      { user: 'GONE', password: 'gonepwd1' },
      'USER_DISABLED',
      'CHGUSRPRF USRPRF(GONE) STATUS(*ENABLED)',
    ],
  ])('%s', async (_name, more, code, next) => {
    const error = await connecting(more);
    expect(error).toMatchObject({ code, family: 'signOn' });
    expect(error.next).toContain(next);
    expect(error.message).not.toContain('wrong-one');
  });

  test('a busy subsystem may be tried again', async () => {
    partition.faults.serverBusy();
    expect(await connecting({})).toMatchObject({ code: 'SERVER_JOB', family: 'transport' });
  });
});

describe('TLS', () => {
  test('an untrusted certificate', async () => {
    const error = await connecting({ tls: {} });
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED', family: 'transport' });
    expect(error.next).toContain('partition.tls.ca');
  });

  test('a certificate for another name', async () => {
    expect(await connecting({ tls: { ca: partition.caFile, serverName: 'elsewhere.example.com' } })).toMatchObject({
      code: 'TLS_NAME',
    });
  });

  test('a pinned fingerprint, right and wrong', async () => {
    const fingerprint = await new Promise<string>((resolve) => {
      const socket = connect(
        { host: partition.host, port: partition.ports.databaseTls, rejectUnauthorized: false },
        () => {
          resolve(new X509Certificate(socket.getPeerCertificate().raw).fingerprint256);
          socket.destroy();
        },
      );
    });
    await using(async () => undefined, { tls: { fingerprint } });
    await using(async () => undefined, { tls: { fingerprint: fingerprint.replace(/:/g, '').toLowerCase() } });
    const error = await connecting({ tls: { fingerprint: 'AA'.repeat(32) } });
    expect(error).toMatchObject({ code: 'TLS_FINGERPRINT' });
    expect(error.message).toContain(fingerprint);
  });

  test('an expired certificate', async () => {
    await partition.expireCertificate();
    expect(await connecting({})).toMatchObject({ code: 'TLS_EXPIRED' });
    await partition.renewCertificate();
    await using(async () => undefined);
  });

  test('TLS to a plain port, plain to a TLS port', async () => {
    const { signon } = partition.ports;
    expect((await connecting({ signonPort: signon, timeouts: { connect: 500 } })).code).toMatch(
      /^(TLS_NOT_SPOKEN|CONNECT_TIMEOUT|TLS_HANDSHAKE)$/,
    );
    const error = await connecting({ tls: 'off', timeouts: { signOn: 500 } });
    expect(error.code).toMatch(/^(FRAME_LENGTH|CONNECTION_LOST|REQUEST_TIMEOUT|FRAME_HALF)$/);
  });

  test('a CA file that is not there is a matter of the config', async () => {
    expect(await connecting({ tls: { ca: '/nowhere/ca.pem' } })).toMatchObject({
      code: 'TLS_CA_FILE',
      family: 'config',
    });
  });
});

describe('faults of the partition', () => {
  const SELECT = 'SELECT * FROM ORDLIB.ORDLIN';

  test.each([
    ['split frames', () => partition.faults.splitFrames(7), 'NO ERROR'],
    ['cut', () => partition.faults.cutAfter(5000, { service: 'database' }), 'FRAME_HALF|CONNECTION_LOST'],
    ['wrong correlation', () => partition.faults.wrongCorrelation({ service: 'database' }), 'FRAME_CORRELATION'],
    [
      'lying length',
      () => partition.faults.lyingLength({ service: 'database' }),
      'FRAME_LENGTH|FRAME_EXTRA|PARAMETER_LENGTH|BYTES_SHORT|REQUEST_TIMEOUT',
    ],
  ])('%s', async (_name, arm, code) => {
    await using(
      async (connection) => {
        arm();
        const error = await failure(connection.query(SELECT).then(allRows));
        expect(error.code).toMatch(new RegExp(`^(${code})$`));
      },
      { timeouts: { query: 3000 } },
    );
  });

  test('a statement that is held is cancelled by its signal; the connection lives on', async () => {
    await using(async (connection) => {
      partition.faults.holdStatements();
      const abort = new AbortController();
      const running = failure(connection.query(SELECT, [], { signal: abort.signal }));
      while (partition.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      expect((await running).code).toBe('CANCELLED');
      partition.faults.clear();
      expect(await allRows(await connection.query('VALUES 1'))).toEqual([[1]]);
    });
  });

  test('a server that stalls: the query timeout ends it', async () => {
    await using(
      async (connection) => {
        partition.faults.holdStatements();
        expect((await failure(connection.query(SELECT))).code).toBe('REQUEST_TIMEOUT');
      },
      { timeouts: { query: 100 } },
    );
  });
});

test.each([0, 1, 2, 3, 4] as const)('password level %i', async (passwordLevel) => {
  const other = await SimulatedPartition.start({ seed: false, passwordLevel });
  try {
    const connection = await hostServerTransport({
      host: other.host,
      user: DEFAULT_USER.name,
      password: DEFAULT_USER.password,
      tls: 'off',
      signonPort: other.ports.signon,
      databasePort: other.ports.database,
    }).connect();
    expect(connection.server.version).toBe('V7R4M0');
    await connection.close();
  } finally {
    await other.stop();
  }
});

test('the tracer names every frame and shows neither password nor values', async () => {
  let text = '';
  await using(
    async (connection) => {
      await allRows(await connection.query('SELECT NAME1 FROM ORDLIB.CUSMAS WHERE CUSNO = ?', ['10002']));
    },
    { tracer: lineTracer((line) => (text += line)) },
  );
  for (const name of ['7003', '7004', 'F004', '7002', '1F80', '1D00', '1803', '180E', '2800', '1FFF'])
    expect(text).toContain(name);
  expect(text).toContain('SELECT NAME1 FROM ORDLIB.CUSMAS');
  expect(text).toContain('substitute: 20 bytes, not shown');
  expect(text).toContain('values not shown');
  expect(text).not.toContain('cdcpwd01');
});
