/** Traps of the data and the set-up that ruined other products, against the whole daemon; those of reading are in test/journal/traps.test.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Desk, type SentEvent } from '../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
});
afterEach(() => desk[Symbol.asyncDispose]());

async function start(tables: string): Promise<void> {
  desk.write(`tables:\n${tables}`);
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
}
async function event(type: string, subject: string): Promise<SentEvent> {
  const found = () => desk.sent.find((e) => e.type === type && e.subject === subject);
  await desk.until(`${type} ${subject}`, () => found() !== undefined);
  return found()!;
}
const stockOf = (name: string) => `STRJRNPF FILE(ORDLIB/${name}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;

test('DATE columns that are not *ISO are decoded by the format of the file; no row is skipped', async () => {
  await start('  ORDLIB/SHPMTS: { event: shipment }\n');
  await desk.sql("UPDATE ORDLIB.SHPMTS SET SHPDAT = '2026-12-03', DUEDAT = '2026-12-24' WHERE SHPNO = 500001");
  const { data } = await event('shipment.updated', '500001');
  expect(data.after).toMatchObject({ SHPDAT: '2026-12-03', DUEDAT: '2026-12-24' });
  expect(data.meta).toMatchObject({ decodeErrors: [] });
});

test("X'40' in packed and zoned fields: the row is told, the field is null with its bytes, nothing stays green and silent", async () => {
  await start('  ORDLIB/ITMMAS: { event: item }\n');
  await desk.sql("UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = 'IT-004033'");
  const { data } = await event('item.updated', 'IT-004033');
  expect(data.after).toMatchObject({ COST: null, WEIGHT: null, PRICE: expect.stringMatching(/^\d+\.\d\d$/) });
  const errors = data.meta?.['decodeErrors'] as { column: string; raw: string }[];
  expect(new Set(errors.map((e) => e.column))).toEqual(new Set(['COST', 'WEIGHT']));
  expect(errors.every((e) => /^(40)+$/.test(e.raw))).toBe(true);
});

test('a CLOB column stops no other table, neither in the stream nor in a backfill', async () => {
  await desk.sql('CREATE TABLE ORDLIB.NOTES (ID INTEGER NOT NULL PRIMARY KEY, BODY CLOB(1M))');
  await desk.cl(stockOf('NOTES'));
  await start('  ORDLIB/NOTES: { event: note }\n  ORDLIB/ITMMAS: { event: item }\n');
  await desk.sql(`INSERT INTO ORDLIB.NOTES VALUES (1, '${'long text '.repeat(300)}')`);
  await desk.sql("UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = 'IT-004001'");
  const told = await event('note.created', '1');
  expect(told.data.after?.['BODY']).toBe('long text '.repeat(300).trimEnd());
  await event('item.updated', 'IT-004001');
  expect(await desk.cli('backfill', '--table', 'ORDLIB/NOTES')).toMatchObject({ code: 0 });
  expect((await event('note.read', '1')).data.after).toEqual(told.data.after);
});

test('a CCSID for untagged text does not touch the names the catalog answers', async () => {
  await desk.sql(
    'CREATE TABLE ORDLIB.OLD (ID INTEGER NOT NULL PRIMARY KEY, "Größe" CHAR(4) CCSID 273, RAW CHAR(4) CCSID 65535)',
  );
  await desk.cl(stockOf('OLD'));
  desk.write('tables:\n  ORDLIB/OLD: { event: old }\n');
  writeFileSync(desk.config, readFileSync(desk.config, 'utf8').replace('name: SIM', 'name: SIM\n  ccsid: 273'));
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  await desk.sql("INSERT INTO ORDLIB.OLD VALUES (1, 'äöü', X'C0D06AA1')");
  expect((await event('old.created', '1')).data.after).toEqual({ ID: 1, Größe: 'äöü', RAW: 'äüöß' });
});

test('minimized entries: an update without its key is quarantined aloud, never told with a key of nulls', async () => {
  await start('  ORDLIB/ITMMAS: { event: item }\n');
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) MINENTDTA(*FLDBDY)');
  for (const item of ['IT-004001', 'IT-004002'])
    await desk.sql(`UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = '${item}'`);
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) MINENTDTA(*NONE)');
  await desk.sql("UPDATE ORDLIB.ITMMAS SET PRICE = PRICE + 1 WHERE ITMNO = 'IT-004003'");
  await event('item.updated', 'IT-004003');
  expect(desk.events('item')).toEqual(['updated IT-004003']);
  const told = desk.log.filter((l) => l['code'] === 'IMAGE_MINIMIZED');
  expect(told).toEqual([
    expect.objectContaining({
      level: 'error',
      next: expect.stringContaining('CHGJRN JRN(ORDLIB/ORDJRN) MINENTDTA(*NONE)'),
    }),
  ]);
  expect((await desk.json<{ fates: Record<string, number> }>('audit')).fates).toMatchObject({
    'quarantined: IMAGE_MINIMIZED': 2,
  });
});

test('two journals in one configuration: each is read, and named in its events', async () => {
  await desk.cl('CRTJRNRCV JRNRCV(ORDLIB/OTHRCV0001)');
  await desk.cl('CRTJRN JRN(ORDLIB/OTHJRN) JRNRCV(ORDLIB/OTHRCV0001) MNGRCV(*USER)');
  await desk.table('HERE');
  await desk.sql('CREATE TABLE ORDLIB.THERE (ID INTEGER NOT NULL PRIMARY KEY)');
  await desk.cl('STRJRNPF FILE(ORDLIB/THERE) JRN(ORDLIB/OTHJRN) IMAGES(*BOTH)');
  await start('  ORDLIB/HERE: { event: here }\n  ORDLIB/THERE: { event: there }\n');
  await desk.until('both', () => desk.log.filter((l) => String(l['msg']).startsWith('reading journal')).length === 2);
  await desk.sql('INSERT INTO ORDLIB.HERE VALUES (1)');
  await desk.sql('INSERT INTO ORDLIB.THERE VALUES (1)');
  // receivers the users manage themselves are crossed like any
  await desk.cl('CRTJRNRCV JRNRCV(ORDLIB/OTHRCV0002)');
  await desk.cl('CHGJRN JRN(ORDLIB/OTHJRN) JRNRCV(ORDLIB/OTHRCV0002)');
  await desk.sql('INSERT INTO ORDLIB.THERE VALUES (2)');
  expect((await event('here.created', '1')).data.meta).toMatchObject({ journal: 'ORDLIB/ORDJRN' });
  expect((await event('there.created', '1')).data.meta).toMatchObject({ journal: 'ORDLIB/OTHJRN' });
  expect((await event('there.created', '2')).data.meta).toMatchObject({ receiver: 'ORDLIB/OTHRCV0002' });
});

test('a file without member keeps nobody else from being captured', async () => {
  await desk.table('STOCK');
  await desk.cl('CRTPF FILE(ORDLIB/EMPTY) RCDLEN(10) MBR(*NONE)');
  await start('  ORDLIB/EMPTY: { event: empty, key: [EMPTY] }\n  ORDLIB/STOCK: { event: stock }\n');
  expect(desk.log).toContainEqual(expect.objectContaining({ table: 'ORDLIB/EMPTY', state: 'no member' }));
  await desk.sql('INSERT INTO ORDLIB.STOCK VALUES (1)');
  await event('stock.created', '1');
});
