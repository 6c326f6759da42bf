/** One journal, two transports: our own client and IBM's JTOpen must make the same events of the same entries. */
import { describeWithJudge, hasJdk } from '../support/judges';
import { insertOrder, type SeenEvent, Site } from './site';

const TABLES = {
  'ORDLIB/ORDHDR': { event: 'order', key: ['ORDNO'], onDelete: 'delete', to: ['out'] },
  'ORDLIB/CUSMAS': { event: 'customer', key: ['CUSNO'], onDelete: 'delete', to: ['out'] },
  'ORDLIB/ITMMAS': { event: 'item', key: ['ITMNO'], onDelete: 'delete', to: ['out'] },
  'ORDLIB/SHPMTS': { event: 'shipment', key: ['SHPNO'], onDelete: 'delete', to: ['out'] },
};

/** Every kind of entry the reader meets, in text of two CCSIDs, every DDS date format, commit cycles and two receivers. */
async function traffic(site: Site): Promise<void> {
  const connection = await site.connect();
  await insertOrder(connection, '300001', 'größer als "neu" \\ €');
  await connection.execute("UPDATE ORDLIB.CUSMAS SET NAME1 = 'Jörg Österreicher & Söhne' WHERE CUSNO <= 100005");
  await connection.execute('UPDATE ORDLIB.ITMMAS SET PRICE = -PRICE, STOCK = -1 WHERE PRICE < 50');
  await connection.execute("UPDATE ORDLIB.SHPMTS SET CARR = 'DHL', PODDAT = NULL");
  await connection.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
  await connection.setAutocommit(false);
  await insertOrder(connection, '300002', null);
  await connection.execute("UPDATE ORDLIB.ORDHDR SET STS = '20' WHERE ORDNO = 300002");
  await connection.commit();
  await insertOrder(connection, '300003', 'never happened');
  await connection.rollback();
  await connection.setAutocommit(true);
  await connection.execute('DELETE FROM ORDLIB.ORDHDR WHERE ORDNO = 300001');
  await insertOrder(connection, '399999', 'last');
}

async function capture(site: Site, transport: string): Promise<SeenEvent[]> {
  site.config({
    partition: { transport },
    tables: TABLES,
    rest: { state: `state/${transport}.sqlite`, policies: { start: 'earliest' } },
  });
  const child = site.start(['run']);
  await child.says('"subject":"399999"');
  child.kill('SIGTERM');
  const ended = await child.ended;
  expect(ended.code).toBe(0);
  return ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SeenEvent);
}

describeWithJudge('transports hostserver and jt400', { 'a JDK': hasJdk() }, () => {
  test('yield the same events from the same journal', async () => {
    await using site = await Site.open();
    await traffic(site);
    const ours = await capture(site, 'hostserver');
    const jtopens = await capture(site, 'jt400');
    expect(ours.length).toBeGreaterThan(20);
    expect(new Set(ours.map((e) => e.type))).toEqual(
      new Set([
        'journaling.started',
        'order.created',
        'order.updated',
        'order.deleted',
        'customer.updated',
        'item.updated',
        'shipment.updated',
      ]),
    );
    expect(ours.some((e) => e.subject === '300003')).toBe(false);
    expect(jtopens).toEqual(ours);
  }, 120_000);

  test('refuse a wrong password alike: once, exit 3', async () => {
    await using site = await Site.open();
    for (const transport of ['hostserver', 'jt400']) {
      site.config({ partition: { transport } });
      const before = site.partition.users.attempts('CDCUSR');
      const ended = await site.cli(['run', '--json', '--log-level', 'fatal'], { E2E_PASSWORD: 'wrong' });
      expect([transport, ended.code]).toEqual([transport, 3]);
      expect(JSON.parse(ended.stderr)).toMatchObject({ error: { family: 'signOn', next: expect.any(String) } });
      expect(site.partition.users.attempts('CDCUSR') - before).toBe(1);
      expect(site.stateWritten).toBe(false);
    }
  });

  test('print the same rows with `sql`', async () => {
    await using site = await Site.open();
    const printed: string[] = [];
    for (const transport of ['hostserver', 'jt400']) {
      site.config({ partition: { transport } });
      const ended = await site.cli(['sql', 'SELECT * FROM ORDLIB.SHPMTS ORDER BY SHPNO FETCH FIRST 20 ROWS ONLY']);
      expect(ended.code).toBe(0);
      printed.push(ended.stdout);
    }
    expect(printed[1]).toBe(printed[0]);
  });

  test('print mixed and double-byte text and REAL in the forms of `decode`', async () => {
    await using site = await Site.open();
    site.config({ partition: { transport: 'hostserver' } });
    for (const sql of [
      'CREATE TABLE ORDLIB.WIDETX (M CHAR(10) CCSID 939, G GRAPHIC(4) CCSID 300, U GRAPHIC(4) CCSID 1200, R REAL)',
      "INSERT INTO ORDLIB.WIDETX VALUES('あい','日本','né',0.1)",
    ])
      expect(await site.cli(['sql', sql])).toMatchObject({ code: 0 });
    for (const transport of ['hostserver', 'jt400']) {
      site.config({ partition: { transport } });
      const ended = await site.cli(['sql', 'SELECT M, G, U, R, HEX(M) AS HM, HEX(G) AS HG FROM ORDLIB.WIDETX']);
      expect([transport, JSON.parse(ended.stdout)]).toEqual([
        transport,
        { M: 'あい', G: '日本', U: 'né', R: 0.1, HM: '0E448144820F40404040', HG: '4562456640404040' },
      ]);
    }
  });
});
