/** Everything a connection can do wrong: one coded error each, never a hang, never a secret. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { isCoded, SqlError } from '../../src/errors/coded-error';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows } from '../../src/transport/transport';
import { connectTo } from './support/connect';
import { type FakeOptions, FakeServer, idOf } from './support/fake-server';
import { loadTrace } from './support/traces';

const SELECT = 'SELECT ID, NAME FROM CDC.CUST WHERE ID > ? AND NAME LIKE ?';
const PARAMS = [26, 'NAME%'];

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'NO ERROR',
    (error: unknown) => (isCoded(error) ? error.code : `uncoded ${String(error)}`),
  );
}

async function withFake<T>(trace: string, options: FakeOptions, work: (fake: FakeServer) => Promise<T>): Promise<T> {
  const fake = await FakeServer.start(loadTrace(trace), options);
  try {
    return await work(fake);
  } finally {
    await fake.stop();
  }
}

test.each([1, 2, 3, 7, 19, 20, 21, 41, 1000])('replies in chunks of %i bytes are the same replies', async (chunk) => {
  await withFake('09', { chunk }, async (fake) => {
    const connection = await connectTo(fake);
    const statement = await connection.prepare(SELECT);
    expect(await allRows(await statement.query(PARAMS))).toEqual([
      [27, 'NAME 27'],
      [28, 'NAME 28'],
      [29, 'NAME 29'],
      [30, 'NAME 30'],
    ]);
    await statement.close();
    await connection.close();
  });
});

/** Does something to the socket and answers nothing. */
function nothing(_done: unknown): null {
  return null;
}

function patched(reply: Buffer, patch: (reply: Buffer) => unknown): Buffer {
  patch(reply);
  return reply;
}

/** What the server does instead of answering `id`, and the code that must come of it. */
const misdeeds: readonly [name: string, tamper: NonNullable<FakeOptions['tamper']>, code: string][] = [
  ['closes the connection', (_reply, _request, socket) => nothing(socket.end()), 'CONNECTION_LOST'],
  ['resets the connection', (_reply, _request, socket) => nothing(socket.resetAndDestroy()), 'CONNECTION_LOST'],
  [
    'closes in the middle of a frame',
    (reply, _request, socket) => nothing(socket.end(reply.subarray(0, reply.length - 1))),
    'FRAME_HALF',
  ],
  [
    'closes in the middle of a length',
    (reply, _request, socket) => nothing(socket.end(reply.subarray(0, 3))),
    'FRAME_HALF',
  ],
  [
    'answers with another correlation',
    (reply) => patched(reply, (r) => r.writeUInt32BE(4711, 12)),
    'FRAME_CORRELATION',
  ],
  ['answers twice', (reply) => Buffer.concat([reply, reply]), 'FRAME_CORRELATION'],
  ['says a length of 0', (reply) => patched(reply, (r) => r.writeUInt32BE(0, 0)), 'FRAME_LENGTH'],
  ['says a length of 19', (reply) => patched(reply, (r) => r.writeUInt32BE(19, 0)), 'FRAME_LENGTH'],
  ['says a length of 2 GB', (reply) => patched(reply, (r) => r.writeUInt32BE(0x7fffffff, 0)), 'FRAME_LENGTH'],
  ['says a shorter length', (reply) => patched(reply, (r) => r.writeUInt32BE(r.length - 5, 0)), 'PARAMETER_LENGTH'],
  ['speaks HTTP', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'FRAME_LENGTH'],
  ['is no host server', (reply) => patched(reply, (r) => r.writeUInt8(0x11, 6)), 'FRAME_SERVER'],
];

test.each(misdeeds)('a server that %s while a statement runs', async (_name, tamper, code) => {
  const only: FakeOptions = {
    tamper: (reply, request, socket) => (idOf(request) === '180e' ? tamper(reply, request, socket) : reply),
  };
  await withFake('09', only, async (fake) => {
    const connection = await connectTo(fake);
    const statement = await connection.prepare(SELECT);
    const run = async (): Promise<unknown> => allRows(await statement.query(PARAMS));
    const seen = await codeOf(run().then(async () => connection.prepare(SELECT)));
    expect(seen).toBe(code);
    await statement.close();
    await connection.close();
    if (code !== 'PARAMETER_LENGTH') expect(await codeOf(connection.prepare(SELECT))).not.toBe('NO ERROR');
  });
});

test.each(['7003', '7004', '7001', '7002', '1f80'])(
  'a connection dropped at %s is one coded error, and no second sign-on',
  async (id) => {
    const tamper: FakeOptions['tamper'] = (reply, request, socket) =>
      idOf(request) === id ? nothing(socket.destroy()) : reply;
    await withFake('01', { tamper }, async (fake) => {
      expect(await codeOf(connectTo(fake))).toBe('CONNECTION_LOST');
      expect(fake.sent('7004', 'signon').length).toBeLessThanOrEqual(1);
    });
  },
);

test.each(['7003', '7004', '7001', '7002', '1f80'])('silence at %s ends after the sign-on timeout', async (id) => {
  const tamper: FakeOptions['tamper'] = (reply, request) => (idOf(request) === id ? null : reply);
  await withFake('01', { tamper }, async (fake) => {
    expect(await codeOf(connectTo(fake, { timeouts: { signOn: 60 } }))).toBe('REQUEST_TIMEOUT');
  });
});

test.each(['7003', '7004', '7001', '7002', '1f80'])('abort while %s is not answered', async (id) => {
  const abort = new AbortController();
  const tamper: FakeOptions['tamper'] = (reply, request) => {
    if (idOf(request) !== id) return reply;
    abort.abort();
    return null;
  };
  await withFake('01', { tamper }, async (fake) => {
    expect(await codeOf(connectTo(fake, {}, abort.signal))).toBe('CANCELLED');
  });
});

test('every reply of a connect and a query, cut at every length, ends in a coded error or a result', async () => {
  for (const id of ['7003', '7004', '7001', '7002', '1f80', '1803', '180e']) {
    const whole = await lengthOfReply(id);
    const seen = new Set<string>();
    for (let length = 20; length < whole; length += id === '1803' ? 7 : 3) {
      const tamper: FakeOptions['tamper'] = (reply, request) => {
        if (idOf(request) !== id) return reply;
        const cut = Buffer.from(reply.subarray(0, length));
        cut.writeUInt32BE(length, 0);
        return cut;
      };
      seen.add(
        await withFake('09', { tamper }, (fake) =>
          codeOf(
            (async () => {
              const connection = await connectTo(fake, { timeouts: { signOn: 2000, query: 2000 } });
              try {
                const statement = await connection.prepare(SELECT);
                await allRows(await statement.query(PARAMS));
              } finally {
                await connection.close();
              }
            })(),
          ),
        ),
      );
    }
    for (const code of seen)
      expect([
        'NO ERROR',
        'BYTES_SHORT',
        'PARAMETER_LENGTH',
        'REPLY_INCOMPLETE',
        'ROWS_LENGTH',
        'PARAMETER_COUNT',
        'NO_RESULT_SET',
        'PASSWORD_RULE',
        'PARAMETER_VALUE',
      ]).toContain(code);
    expect([...seen].some((code) => code !== 'NO ERROR')).toBe(true);
  }
}, 120_000);

async function lengthOfReply(id: string): Promise<number> {
  const frames = loadTrace('09').frames.filter((f) => f.service !== 'portmap');
  return frames[frames.findIndex((f) => f.from === 'client' && idOf(f.bytes) === id) + 1]!.bytes.length;
}

test('abort of a running query: cancel on a second connection, the first one stays usable', async () => {
  const abort = new AbortController();
  let held: (() => void) | null = null;
  const tamper: FakeOptions['tamper'] = (reply, request, socket) => {
    if (idOf(request) === '180e') {
      held = () => socket.write(reply);
      abort.abort();
      return null;
    }
    if (idOf(request) === '1818') held?.();
    return reply;
  };
  await withFake('17', { tamper }, async (fake) => {
    const connection = await connectTo(fake);
    expect(await codeOf(connection.query('SELECT * FROM CDC.SLOW', [], { signal: abort.signal }))).toBe('CANCELLED');
    expect(fake.sent('1818')[0]!.toString('hex', 40)).toBe(
      loadTrace('17')
        .frames.find((f) => idOf(f.bytes) === '1818')!
        .bytes.toString('hex', 40),
    );
    // Still alive: the next statement is prepared.
    const next = await connection.prepare('SELECT 1 FROM SYSIBM.SYSDUMMY1');
    await next.close();
    await connection.close();
  });
});

test('a query that outlives the query timeout is cancelled on the server too', async () => {
  let held: (() => void) | null = null;
  const tamper: FakeOptions['tamper'] = (reply, request, socket) => {
    if (idOf(request) === '180e') {
      held = () => socket.write(reply);
      return null;
    }
    if (idOf(request) === '1818') held?.();
    return reply;
  };
  await withFake('17', { tamper }, async (fake) => {
    const connection = await connectTo(fake, { timeouts: { query: 80 } });
    expect(await codeOf(connection.query('SELECT * FROM CDC.SLOW'))).toBe('REQUEST_TIMEOUT');
    expect(fake.sent('1818')).toHaveLength(1);
    await connection.close();
  });
});

test('-952 from outside is an SQL error, not ours', async () => {
  await withFake('17', {}, async (fake) => {
    const connection = await connectTo(fake);
    const error = await connection.query('SELECT * FROM CDC.SLOW').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject({ sqlCode: -952, sqlState: '57014' });
    await connection.close();
  });
});

test('an idle connection is closed politely and says so when used', async () => {
  await withFake('01', {}, async (fake) => {
    const connection = await connectTo(fake, { timeouts: { idle: 40 } });
    while (fake.sent('1fff').length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await codeOf(connection.prepare('SELECT 1 FROM X'))).toBe('CONNECTION_CLOSED');
  });
});

test('close sends end of job once, rolls back open work before, and may be called again', async () => {
  await withFake('14', {}, async (fake) => {
    const connection = await connectTo(fake);
    await connection.setAutocommit(false);
    await connection.execute("UPDATE CDC.CUST SET NAME = 'x'");
    await Promise.all([connection.close(), connection.close()]);
    const ids = fake.received.map((r) => idOf(r.frame));
    expect(ids.filter((id) => id === '1fff')).toHaveLength(1);
    expect(ids.slice(-2)).toEqual(['1808', '1fff']);
  });
});

test('nothing listens', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const transport = hostServerTransport({
    host: '127.0.0.1',
    user: 'U',
    password: 'P',
    tls: 'off',
    signonPort: port,
    databasePort: port,
  });
  const error = await transport.connect().catch((e: unknown) => e);
  expect(isCoded(error) && { code: error.code, family: error.family }).toEqual({
    code: 'CONNECT_REFUSED',
    family: 'transport',
  });
  expect(String((error as { next?: string }).next)).toContain('STRHOSTSVR');
});

test('a host name that does not exist', async () => {
  const transport = hostServerTransport({ host: 'no-such-host.invalid', user: 'U', password: 'P', tls: 'off' });
  expect(await codeOf(transport.connect())).toBe('HOST_UNKNOWN');
});

test('a server that accepts and says nothing', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = hostServerTransport({
    host: '127.0.0.1',
    user: 'U',
    password: 'P',
    tls: 'off',
    signonPort: port,
    timeouts: { signOn: 50 },
  });
  expect(await codeOf(transport.connect())).toBe('REQUEST_TIMEOUT');
  server.close();
});

test('a server that accepts a TLS connection and never shakes hands', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const transport = hostServerTransport({
    host: '127.0.0.1',
    user: 'U',
    password: 'P',
    tls: {},
    signonPort: port,
    timeouts: { connect: 50 },
  });
  expect(await codeOf(transport.connect())).toBe('CONNECT_TIMEOUT');
  server.close();
});

test('back-pressure: at most one block is asked for ahead of the consumer', async () => {
  await withFake('08', {}, async (fake) => {
    const connection = await connectTo(fake);
    const blocks = (await connection.query('SELECT ID, NAME FROM CDC.CUST')).blocks()[Symbol.asyncIterator]();
    await blocks.next();
    // The consumer rests; whatever could be asked for has been asked for after these turns.
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(fake.sent('180b')).toHaveLength(1);
    while (!(await blocks.next()).done) {}
    await connection.close();
  });
});

test('values that do not fit their markers are refused before anything is sent', async () => {
  await withFake('09', {}, async (fake) => {
    const connection = await connectTo(fake);
    const statement = await connection.prepare(SELECT);
    expect(await codeOf(statement.query([1]))).toBe('PARAMETER_COUNT');
    expect(await codeOf(statement.query(['x', 'y']))).toBe('PARAMETER_VALUE');
    expect(fake.sent('180e')).toHaveLength(0);
    await statement.close();
    await connection.close();
  });
});
