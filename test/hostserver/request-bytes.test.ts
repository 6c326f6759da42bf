/**
 * Our requests against JTOpen's for the same operations, byte for byte. What may differ is written down here: seeds and
 * substitutes, the interface name, the second-level text asked for with an error, and the parts named at each row.
 */
import { isCoded, SqlError } from '../../src/errors/coded-error';
import type { HostServerOptions } from '../../src/hostserver/client/connect/options';
import { setServerAttributes } from '../../src/hostserver/messages/database/server-attributes';
import { hostServerTransport } from '../../src/transport/hostserver';
import { allRows, type SqlConnection } from '../../src/transport/transport';
import { FakeServer, idOf } from './support/fake-server';
import { loadTrace, type Trace } from './support/traces';

/** JTOpen always allows compressed replies and asks for 32 KB. */
const JTOPEN: Partial<HostServerOptions> = { compression: true, blockBytes: 32_768 };

async function drive(
  file: string,
  work: (connection: SqlConnection) => Promise<void>,
  options: Partial<HostServerOptions> = {},
) {
  const trace = loadTrace(file);
  const fake = await FakeServer.start(trace);
  try {
    const connection = await hostServerTransport({
      host: '127.0.0.1',
      user: 'cdcuser',
      password: 'DEMO1',
      tls: 'off',
      signonPort: fake.ports.signon,
      databasePort: fake.ports.database,
      ...JTOPEN,
      ...options,
    }).connect();
    await work(connection);
    await connection.close();
    return { trace, fake };
  } finally {
    await fake.stop();
  }
}

/** Frames of one id that JTOpen sent. */
function recorded(trace: Trace, id: string): Buffer[] {
  return trace.frames
    .filter((f) => f.from === 'client' && f.service !== 'portmap' && idOf(f.bytes) === id)
    .map((f) => f.bytes);
}

/** The frame without what is free; correlation ids depend on what was asked before. */
function comparable(frame: Buffer, options: { readonly correlation?: boolean; readonly bits?: number } = {}): string {
  const copy = Buffer.from(frame);
  if (!options.correlation) copy.fill(0, 12, 16);
  if (options.bits) copy.writeUInt32BE((copy.readUInt32BE(20) & ~options.bits) >>> 0, 20);
  const id = idOf(copy);
  if (id === '7003') copy.fill(0, 44, 52);
  if (id === '7001') copy.fill(0, 20, 28);
  if (id === '7004') copy.fill(0, 37, 31 + copy.readUInt32BE(31));
  if (id === '7002') copy.fill(0, 28, 22 + copy.readUInt32BE(22));
  return copy.toString('hex');
}

function expectSame(
  fake: FakeServer,
  trace: Trace,
  id: string,
  options: { readonly service?: string; readonly bits?: number } = {},
): void {
  const ours = fake.sent(id, options.service).map((f) => comparable(f, options));
  const theirs = recorded(trace, id).map((f) => comparable(f, options));
  expect(ours.length).toBeGreaterThan(0);
  expect({ id, ours }).toEqual({ id, ours: theirs.slice(0, ours.length) });
}

test.each([
  ['01', 'level 4'],
  ['02', 'level 0'],
  ['14', 'level 4 again'],
])('trace %s, sign-on and start of the server job (%s)', async (file) => {
  const user = file === '02' ? 'cdcuser0' : 'cdcuser';
  const { trace, fake } = await drive(file, async () => undefined, { user });
  for (const id of ['7003', '7004', '7006']) expectSame(fake, trace, id, { service: 'signon' });
  for (const id of ['7001', '7002', '1fff']) expectSame(fake, trace, id);
});

test('trace 03, SHA-1 substitute; JTOpen 9.1 says level 5 and knows no level 4', async () => {
  const { trace, fake } = await drive('03', async () => undefined);
  expectSame(fake, trace, '7004', { service: 'signon' });
  expectSame(fake, trace, '7002');
});

test('trace 17, set server attributes with ISO dates: the same list in the same order, but for the interface name', async () => {
  const { trace, fake } = await drive('17', async () => undefined);
  const ours = setServerAttributes.decode(fake.sent('1f80')[0]!);
  const theirs = setServerAttributes.decode(recorded(trace, '1f80')[1]!);
  expect(Object.keys(ours.parameters)).toEqual(Object.keys(theirs.parameters));
  const { interfaceName: _ours, ...same } = ours.parameters;
  const { interfaceName: _theirs, ...wanted } = theirs.parameters;
  expect(same).toEqual(wanted);
  expect(ours.template).toEqual(theirs.template);
});

test('trace 05, SELECT without markers: RPB, prepare, open and fetch, close', async () => {
  const { trace, fake } = await drive('05', async (connection) => {
    const rows = await allRows(await connection.query('SELECT * FROM CDC.ALLTYPES'));
    expect(rows).toHaveLength(5);
  });
  for (const id of ['1d00', '1803', '180e', '180a', '1d02', '1f01']) expectSame(fake, trace, id);
});

test('trace 08, functional level below 14: blocks asked for in rows', async () => {
  const sql = 'SELECT ID, NAME FROM CDC.CUST';
  const { trace, fake } = await drive('08', async (connection) => {
    expect(await allRows(await connection.query(sql))).toHaveLength(30);
  });
  for (const id of ['1803', '180e', '180b', '180a']) expectSame(fake, trace, id);
});

test('trace 09, prepared SELECT and UPDATE with markers, executed again without a new descriptor', async () => {
  const { trace, fake } = await drive('09', async (connection) => {
    const select = await connection.prepare('SELECT ID, NAME FROM CDC.CUST WHERE ID > ? AND NAME LIKE ?');
    expect(await allRows(await select.query([26, 'NAME%']))).toHaveLength(4);
    expect(await allRows(await select.query([29, 'NAME%']))).toEqual([[30, 'NAME 30']]);
    expect(await allRows(await select.query([null, 'NAME 3%']))).toHaveLength(1);
    await select.close();
    const update = await connection.prepare('UPDATE CDC.CUST SET NAME = ? WHERE ID = ?');
    expect(await update.execute(['new', 5])).toEqual({ rowsAffected: 1 });
    expect(await update.execute(['new', 500])).toEqual({ rowsAffected: 0 });
    await update.close();
  });
  for (const id of ['1d00', '1803', '1e00', '1e01', '1d02', '1f01']) expectSame(fake, trace, id);
  // Behind a VARCHAR shorter than its field JTOpen leaves remnants; ours are zero.
  for (const id of ['180e', '1805']) {
    const ours = fake.sent(id);
    const theirs = recorded(trace, id);
    expect(ours).toHaveLength(theirs.length);
    expect(ours.map(withoutTails)).toEqual(theirs.map(withoutTails));
  }
});

/** Row of one INTEGER and one VARCHAR(20), in either order: the VARCHAR cut to its length. */
function withoutTails(frame: Buffer): string {
  const copy = Buffer.from(frame);
  copy.fill(0, 12, 16);
  const at = copy.indexOf(Buffer.from([0x38, 0x1f]));
  const row = at + 2 + 20 + 4;
  const textFirst = copy.readUInt16BE(row) !== 0;
  const text = textFirst ? row : row + 4;
  copy.fill(0, text + 2 + copy.readUInt16BE(text), text + 22);
  return copy.toString('hex');
}

test('trace 10, INSERT with ten parameter types', async () => {
  const { trace, fake } = await drive('10', async (connection) => {
    const sql = textOf1803(trace10());
    const insert = await connection.prepare(sql);
    await insert.execute([
      42,
      'char',
      'Zeichen ä€',
      '-123.45',
      '12.5',
      '1152921504606846976',
      '2026-11-21',
      '12:34:56',
      '2026-11-21T12:34:56.789012',
      Buffer.from([1, 2, 3]),
    ]);
    await insert.close();
  });
  for (const id of ['1803', '1e00']) expectSame(fake, trace, id);
  const ours = Buffer.from(fake.sent('1805')[0]!);
  const theirs = Buffer.from(recorded(trace, '1805')[0]!);
  for (const frame of [ours, theirs]) frame.fill(0, 138, 145);
  expect(comparable(ours)).toBe(comparable(theirs));
});

function trace10(): Trace {
  return loadTrace('10');
}

function textOf1803(trace: Trace): string {
  const frame = recorded(trace, '1803')[0]!;
  const length = frame.readUInt32BE(48);
  return Buffer.from(frame.subarray(52, 52 + length))
    .swap16()
    .toString('utf16le');
}

test('trace 12, statements executed at once', async () => {
  const { trace, fake } = await drive('12', async (connection) => {
    expect(await connection.execute("UPDATE CDC.CUST SET NAME = 'x'")).toEqual({ rowsAffected: 3 });
    expect(await connection.execute('DELETE FROM CDC.CUST WHERE ID = 999')).toEqual({ rowsAffected: 0 });
    expect(await connection.execute('DELETE FROM CDC.CUST')).toEqual({ rowsAffected: 30 });
  });
  expectSame(fake, trace, '1806');
});

test('trace 13, SQL errors: code, state, id and text; the second-level text is asked for too', async () => {
  const { trace, fake } = await drive('13', async (connection) => {
    const missing = await connection.query('SELECT * FROM CDC.MISSING').catch((e: unknown) => e);
    expect(missing).toBeInstanceOf(SqlError);
    expect(missing).toMatchObject({ sqlCode: -204, sqlState: '42704', messageId: 'SQL0204', family: 'host' });
    expect(String(missing)).toContain('MISSING in CDC type *FILE not found.');
    const duplicate = await connection.execute('INSERT INTO CDC.DUP VALUES(1)').catch((e: unknown) => e);
    expect(duplicate).toMatchObject({ sqlCode: -803, sqlState: '23505', messageId: 'SQL0803' });
  });
  const SECOND_LEVEL = 0x10000000;
  expectSame(fake, trace, '1f00', { bits: SECOND_LEVEL });
});

test('trace 14, autocommit off, commit, rollback, isolation, autocommit on, test', async () => {
  const { trace, fake } = await drive('14', async (connection) => {
    await connection.setAutocommit(false);
    await connection.execute("UPDATE CDC.CUST SET NAME = 'x'");
    await connection.commit();
    await connection.execute("UPDATE CDC.CUST SET NAME = 'y'");
    await connection.rollback();
    await connection.setAutocommit(true);
    expect(await (connection as SqlConnection & { isAlive(): Promise<boolean> }).isAlive()).toBe(true);
  });
  for (const id of ['1807', '1808', '0000']) expectSame(fake, trace, id);
  const ours = fake
    .sent('1f80')
    .slice(1)
    .map((f) => comparable(f));
  const theirs = recorded(trace, '1f80').map((f) => comparable(f));
  expect(ours).toEqual([theirs[1], theirs[3]]);
});

test('trace 15, a LOB parameter is written to its locator first', async () => {
  const { trace, fake } = await drive('15', async (connection) => {
    const insert = await connection.prepare(textOf1803(loadTrace('15')));
    const lob = Buffer.from(recorded(loadTrace('15'), '1817')[0]!.subarray(96));
    await insert.execute([1, lob, Buffer.from([9, 8, 7])]);
    await insert.close();
  });
  for (const id of ['1e00', '1817']) expectSame(fake, trace, id);
  // JTOpen leaves remnants behind the three bytes of the inline BLOB.
  const cut = (frame: Buffer): string => comparable(frame).slice(0, 220);
  expect(cut(fake.sent('1805')[0]!)).toBe(cut(recorded(trace, '1805')[0]!));
});

test('trace 16, CALL with an output marker and a result set', async () => {
  const { trace, fake } = await drive('16', async (connection) => {
    const call = await connection.prepare('CALL CDC.P(?,?)');
    const rows = await allRows(await call.query([77, '']));
    expect(rows.length).toBeGreaterThan(0);
    await call.close();
  });
  for (const id of ['1803', '1e00', '1804']) expectSame(fake, trace, id);
});

test('the port mapper is asked for the same names', async () => {
  const trace = loadTrace('01');
  const fake = await FakeServer.start(trace);
  const connection = await hostServerTransport({
    host: '127.0.0.1',
    user: 'CDCUSER',
    password: 'demo-secret',
    tls: 'off',
    portMapperPort: fake.ports.portMapper,
  }).connect();
  expect(connection.server).toEqual({
    version: 'V7R4M0',
    job: '000202/QUSER/QZDASOINIT',
    ccsid: 37,
    passwordExpiresInDays: null,
  });
  await connection.close();
  const names = trace.frames
    .filter((f) => f.service === 'portmap' && f.from === 'client')
    .map((f) => f.bytes.toString());
  expect(fake.received.filter((r) => r.service === 'portmap').map((r) => r.frame.toString())).toEqual(names);
  await fake.stop();
});

test.each([
  ['22', 'USER_UNKNOWN'],
  ['23', 'PASSWORD_INCORRECT'],
  ['24', 'USER_DISABLED'],
  ['25', 'PASSWORD_EXPIRED'],
])('trace %s: a refused sign-on is %s, tried once', async (file, code) => {
  const fake = await FakeServer.start(loadTrace(file));
  const transport = hostServerTransport({
    host: '127.0.0.1',
    user: 'CDCUSER',
    password: 'top-secret',
    tls: 'off',
    signonPort: fake.ports.signon,
    databasePort: fake.ports.database,
  });
  const error = await transport.connect().catch((e: unknown) => e);
  expect(isCoded(error) && { code: error.code, family: error.family, next: !!error.next }).toEqual({
    code,
    family: 'signOn',
    next: true,
  });
  expect(String(error) + JSON.stringify(error)).not.toContain('top-secret');
  expect(fake.sent('7004', 'signon')).toHaveLength(1);
  expect(fake.sent('7002')).toHaveLength(0);
  await fake.stop();
});
