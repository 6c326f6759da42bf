/** The daemon and the commands around it, as a site runs them. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { CliProcess } from '../support/daemon-process';
import { insertOrder, ORDERS, Receiver, type SeenEvent, Site } from './site';

const events = (stdout: string): SeenEvent[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeenEvent);

/** A daemon that has begun to read: from here on nothing is missed. */
async function daemon(site: Site, env: Readonly<Record<string, string>> = {}): Promise<CliProcess> {
  const child = site.start(['run'], env);
  await child.says('reading journal');
  return child;
}

/** insert, update, nothing changed, delete of one order. */
async function lifeOfAnOrder(site: Site, order: string): Promise<void> {
  const connection = await site.connect();
  await insertOrder(connection, order, 'größer als "neu"');
  await connection.execute('UPDATE ORDLIB.ORDHDR SET STS = ?, TOTAMT = ? WHERE ORDNO = ?', ['20', '-0.05', order]);
  await connection.execute('DELETE FROM ORDLIB.ORDHDR WHERE ORDNO = ?', [order]);
}

describe('run', () => {
  test('to stdout: insert, update with both images, delete, in order; SIGTERM ends with 0', async () => {
    await using site = await Site.open();
    site.config();
    const child = await daemon(site);
    await lifeOfAnOrder(site, '300001');
    await child.says('order.deleted');
    child.kill('SIGTERM');
    const ended = await child.ended;
    expect(ended.code).toBe(0);
    const [inserted, updated, deleted, ...more] = events(ended.stdout);
    expect(more).toEqual([]);
    const before = {
      orderNumber: '300001',
      status: '10',
      orderDate: '2024-02-29',
      total: '12.30',
      remark: 'größer als "neu"',
    };
    const after = { ...before, status: '20', total: '-0.05' };
    expect(inserted).toMatchObject({
      specversion: '1.0',
      type: 'order.created',
      source: 'ibmi://PROD1/ORDLIB/ORDHDR',
      subject: '300001',
      datacontenttype: 'application/json',
      data: { op: 'insert', key: { orderNumber: '300001' }, after: before, before: null },
    });
    expect(inserted!.data.meta).toMatchObject({
      mode: 'stream',
      table: 'ORDLIB/ORDHDR',
      journal: 'ORDLIB/ORDJRN',
      receiver: 'ORDLIB/ORDRCV0001',
      sequence: expect.stringMatching(/^\d+$/),
      user: 'CDCUSR',
      attempt: 1,
      decodeErrors: [],
    });
    expect(updated).toMatchObject({ type: 'order.updated', data: { op: 'update', before, after } });
    expect([...updated!.data.changed!].sort()).toEqual(['status', 'total']);
    expect(deleted).toMatchObject({ type: 'order.deleted', data: { op: 'delete', before: after, after: null } });
    expect(new Set([inserted!.id, updated!.id, deleted!.id]).size).toBe(3);
  });

  test.each([
    ['ignore', ['order.created', 'order.updated']],
    ['delete', ['order.created', 'order.updated', 'order.deleted']],
    ['update', ['order.created', 'order.updated', 'order.updated']],
  ])('onDelete: %s', async (onDelete, types) => {
    await using site = await Site.open();
    site.config({ tables: { 'ORDLIB/ORDHDR': { ...(ORDERS['ORDLIB/ORDHDR'] as object), onDelete } } });
    const child = await daemon(site);
    await lifeOfAnOrder(site, '300001');
    // an order after it proves that nothing more was to come of the first
    await insertOrder(await site.connect(), '300002', null);
    await child.says('"subject":"300002"');
    child.kill('SIGTERM');
    const all = events((await child.ended).stdout);
    expect(all.filter((e) => e.subject === '300001').map((e) => e.type)).toEqual(types);
  });

  test('goes on where it stopped: nothing twice, nothing left out', async () => {
    await using site = await Site.open();
    site.config();
    const connection = await site.connect();
    const first = await daemon(site);
    await insertOrder(connection, '300001', null);
    await first.says('"subject":"300001"');
    first.kill('SIGINT');
    const one = await first.ended;
    await insertOrder(connection, '300002', null);
    await connection.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
    await insertOrder(connection, '300003', null);
    const second = site.start(['run']);
    await second.says('"subject":"300003"');
    second.kill('SIGTERM');
    const two = await second.ended;
    expect([one.code, two.code]).toEqual([0, 0]);
    const seen = [...events(one.stdout), ...events(two.stdout)];
    expect(seen.map((e) => e.subject)).toEqual(['300001', '300002', '300003']);
    expect(seen[2]!.data.meta['receiver']).toBe('ORDLIB/ORDRCV0002');
  });

  test('two daemons on one state file: the second refuses, the first goes on', async () => {
    await using site = await Site.open();
    site.config();
    const first = await daemon(site);
    const second = await site.cli(['run', '--log-level', 'fatal']);
    expect(second.code).toBe(3);
    expect(second.stderr).toMatch(/^error STORE_IN_USE: another ibmi-cdc daemon .*\n {2}next: stop it first/);
    await insertOrder(await site.connect(), '300001', null);
    await first.says('"subject":"300001"');
    first.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  test('SIGTERM while the partition does not answer ends with 0 at once', async () => {
    await using site = await Site.open();
    const silent = createServer();
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
    const reached = once(silent, 'connection') as Promise<[Socket]>;
    const { port } = silent.address() as { port: number };
    site.config({ partition: { port, signonPort: port, timeouts: { connect: '5m', signOn: '5m' } } });
    const child = site.start(['run']);
    const [socket] = await reached;
    child.kill('SIGTERM');
    const ended = await child.ended;
    socket.destroy();
    silent.close();
    expect([ended.code, ended.signal, ended.stdout]).toEqual([0, null, '']);
    expect(site.stateWritten).toBe(false);
  });

  test('health and metrics tell what is so', async () => {
    await using site = await Site.open();
    site.config({ rest: { http: { host: '127.0.0.1', port: 0 } } });
    const child = await daemon(site);
    await child.says('listening for /metrics');
    await insertOrder(await site.connect(), '300001', null);
    await child.says('"subject":"300001"');
    const port = child.value(/"port":(\d+)[^\n]*listening for \/metrics/);
    const get = async (path: string): Promise<{ status: number; text: string }> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    };
    for (const path of ['/healthz', '/readyz']) {
      const { status, text } = await get(path);
      expect([status, JSON.parse(text)]).toEqual([
        200,
        { ok: true, checks: [expect.objectContaining({ name: 'journal ORDLIB/ORDJRN', ok: true })] },
      ]);
    }
    const { status, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/^# HELP ibmi_cdc_/m);
    expect(text).toMatch(/^ibmi_cdc_\w*entries\w*\{journal="ORDLIB\/ORDJRN"\} [1-9]/m);
    expect((await get('/else')).status).toBe(404);
  });
});

describe('a webhook destination', () => {
  test('each request is signed, retried under its id until 2xx, and traced', async () => {
    await using site = await Site.open();
    await using receiver = await Receiver.open();
    site.config({ destinations: receiver.destination });
    receiver.answers.push(503);
    const child = await daemon(site);
    await lifeOfAnOrder(site, '300001');
    await receiver.seen(4);
    const arrivals = receiver.arrivals.map(({ event }) => [event.type, event.id]);
    expect(arrivals[1]).toEqual(arrivals[0]);
    expect(arrivals.slice(1).map(([type]) => type)).toEqual(['order.created', 'order.updated', 'order.deleted']);
    expect(receiver.arrivals.map(({ event }) => event.data.meta['attempt'])).toEqual([1, 2, 1, 1]);
    expect(receiver.arrivals.map(({ headers, event }) => headers['webhook-id'] === event.id)).not.toContain(false);
    expect(receiver.refused).toBe(0);
    child.kill('SIGTERM');
    expect((await child.ended).code).toBe(0);

    const status = await site.cli(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({
      journals: [{ journal: 'ORDLIB/ORDJRN', read: expect.stringContaining('ORDLIB/ORDRCV0001') }],
      destinations: [{ destination: 'out', pending: 0, deadLetters: 0 }],
    });

    const trace = await site.cli(['trace', '--key', '300001', '--json']);
    expect(trace.code).toBe(0);
    const [created, updated] = trace.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(created).toMatchObject({
      id: arrivals[0]![1],
      type: 'order.created',
      receiver: 'ORDLIB/ORDRCV0001',
      destinations: [{ destination: 'out', state: 'delivered', attempts: 2 }],
      attempts: [
        { attempt: 1, status: 503 },
        { attempt: 2, status: 204 },
      ],
    });
    expect(updated).toMatchObject({ type: 'order.updated' });
  });

  test('SIGTERM lets the request under way end', async () => {
    await using site = await Site.open();
    await using receiver = await Receiver.open();
    site.config({ destinations: receiver.destination });
    const child = await daemon(site);
    const answer = receiver.hold();
    await insertOrder(await site.connect(), '300001', null);
    await receiver.seen(1);
    child.kill('SIGTERM');
    await child.says('stopping');
    answer();
    expect((await child.ended).code).toBe(0);
    const again = site.start(['run']);
    await again.says('signed on');
    await insertOrder(await site.connect(), '300002', null);
    await receiver.seen(2);
    // had the first answer been lost, its event would have come again before this one
    expect(receiver.arrivals.map(({ event }) => event.subject)).toEqual(['300001', '300002']);
  });

  test('replay sends chosen events again under the same ids, beside a running daemon', async () => {
    await using site = await Site.open();
    await using receiver = await Receiver.open();
    site.config({ destinations: receiver.destination });
    const child = await daemon(site);
    const connection = await site.connect();
    await insertOrder(connection, '300001', null);
    await insertOrder(connection, '300002', null);
    await receiver.seen(2);
    const replay = await site.cli(['replay', '--key', '300002', '--json']);
    expect(JSON.parse(replay.stdout)).toEqual({ queued: 1 });
    await receiver.seen(3);
    expect(receiver.arrivals[2]!.event.id).toBe(receiver.arrivals[1]!.event.id);
    expect((await site.cli(['replay'])).code).toBe(2);
    expect((await site.cli(['replay', '--key', '999999'])).code).toBe(5);
    child.kill('SIGTERM');
    expect((await child.ended).code).toBe(0);
  });

  test('a receiver that is away holds events back and loses none', async () => {
    await using site = await Site.open();
    await using receiver = await Receiver.open();
    site.config({ destinations: receiver.destination });
    receiver.answers.push(500, 500, 500);
    const child = await daemon(site);
    const connection = await site.connect();
    for (const order of ['300001', '300002', '300003']) await insertOrder(connection, order, null);
    await receiver.seen(6);
    const accepted = receiver.arrivals.filter((_, i) => i >= 3).map(({ event }) => event.subject);
    expect([...accepted].sort()).toEqual(['300001', '300002', '300003']);
    child.kill('SIGTERM');
    expect((await child.ended).code).toBe(0);
  });
});

describe('sql', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
    site.config();
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test('rows as JSON lines in the value forms of decode', async () => {
    await insertOrder(await site.connect(), '300001', null);
    const sql =
      "SELECT ORDNO, CUSREF, TOTAMT, REMARK, DATE('2024-02-29') AS D, BIGINT(9007199254740993) AS B, BINARY(X'00FF') AS X FROM ORDLIB.ORDHDR WHERE ORDNO = ?";
    const ended = await site.cli(['sql', sql, '-p', '300001']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(JSON.parse(ended.stdout)).toEqual({
      ORDNO: '300001',
      CUSREF: 'R300001',
      TOTAMT: '12.30',
      REMARK: null,
      D: '2024-02-29',
      B: '9007199254740993',
      X: 'AP8=',
    });
    const hex = await site.cli(['sql', sql, '-p', '300001', '--binary', 'hex', '--keep-blanks']);
    expect(JSON.parse(hex.stdout)).toMatchObject({ X: '00ff', CUSREF: 'R300001             ' });
  });

  test('bytes for a marker, and the rows a CALL leaves', async () => {
    const found = await site.cli(['sql', 'VALUES HEX(CAST(? AS VARBINARY(4)))', '--param-hex', '00ff10']);
    expect([found.stderr, Object.values(JSON.parse(found.stdout))]).toEqual(['', ['00FF10']]);
    const odd = await site.cli(['sql', 'VALUES HEX(CAST(? AS VARBINARY(4)))', '--param-hex', '0']);
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining('two digits a byte')]);
    const tables = "CALL SYSIBM.SQLTABLES(NULL, 'ORDLIB', 'ORDHDR', NULL, NULL)";
    const called = await site.cli(['sql', tables]);
    expect([called.code, called.stderr]).toEqual([0, '']);
    expect(JSON.parse(called.stdout)).toMatchObject({ TABLE_SCHEM: 'ORDLIB', TABLE_NAME: 'ORDHDR' });
  });

  test('changes, commands and statements from a file', async () => {
    const update = await site.cli(['sql', "UPDATE ORDLIB.ITMMAS SET STS = 'A' WHERE ITMNO IN ('IT-004299')"]);
    expect([update.code, JSON.parse(update.stdout)]).toEqual([0, { rowsAffected: 1 }]);
    const call = await site.cli(['sql', "CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')"]);
    expect(call.code).toBe(0);
    const file = `${site.dir}/count.sql`;
    writeFileSync(file, 'SELECT COUNT(*) AS N FROM ORDLIB.ORDHDR;\n');
    const counted = await site.cli(['sql', `@${file}`]);
    expect(Object.keys(JSON.parse(counted.stdout) as object)).toEqual(['N']);
  });

  test('thousands of rows, none lost', async () => {
    const ended = await site.cli([
      'sql',
      'SELECT A.LINNO FROM ORDLIB.ORDLIN A CROSS JOIN ORDLIB.ORDHDR B FETCH FIRST 30000 ROWS ONLY',
    ]);
    expect(ended.stdout.trim().split('\n')).toHaveLength(30000);
  });
});
