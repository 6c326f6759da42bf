/** Rows that changed without entries: what the daemon does, what every command shows, and what settles it. */
import { Desk } from '../../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.table('STOCK');
  await desk.table('CALM');
});
afterEach(() => desk[Symbol.asyncDispose]());

function write(unseenChanges?: string): void {
  desk.write(`policies: { start: earliest${unseenChanges ? `, unseenChanges: ${unseenChanges}` : ''} }
tables:
  ORDLIB/STOCK: { event: stock, onDelete: delete }
  ORDLIB/CALM: { event: calm }
`);
}

const start = 'STRJRNPF FILE(ORDLIB/STOCK) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)';
const insert = (id: number, table = 'STOCK') => desk.sql(`INSERT INTO ORDLIB.${table} VALUES (${id})`);
const has =
  (event: string, prefix = 'stock') =>
  () =>
    desk.events(prefix).includes(event);
const calm = async (id: number): Promise<void> => {
  await insert(id, 'CALM');
  await desk.until(`calm ${id}`, has(`created ${id}`, 'calm'));
};

interface Unseen {
  readonly table: string;
  readonly reason: string;
  readonly from: string;
  readonly until: string | null;
  readonly next: string[];
}
const unseen = async (): Promise<Unseen[]> => (await desk.json<{ unseenChanges: Unseen[] }>('status')).unseenChanges;

test('journaling ended: shown everywhere until a backfill settles it; the format is read again when entries come', async () => {
  write();
  let daemon = await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await desk.cl('ENDJRNPF FILE(ORDLIB/STOCK)');
  await desk.until('told', () => desk.sent.some((e) => e.type === 'journaling.ended'));
  await calm(1);

  const backfill = 'ibmi-cdc backfill --table ORDLIB/STOCK';
  const shown = { table: 'ORDLIB/STOCK', reason: 'journaling.ended', until: null, next: [start, backfill] };
  expect(await unseen()).toEqual([expect.objectContaining(shown)]);
  expect((await desk.cli('status')).out).toMatch(
    /table ORDLIB\/STOCK {2}CHANGES NOT SEEN: journaling.ended at ORDLIB\/\w+:\d+: changes are not seen from there on; next: STRJRNPF /,
  );
  const plan = await desk.json<{ tables: { table: string; state: string; unseen: Unseen | null }[] }>('plan');
  expect(plan.tables).toEqual([
    expect.objectContaining({
      table: 'ORDLIB/STOCK',
      state: 'not journaled',
      unseen: expect.objectContaining(shown),
      fixes: [expect.stringContaining(start)],
    }),
    expect.objectContaining({ table: 'ORDLIB/CALM', state: 'ok', unseen: null }),
  ]);
  const { findings } = await desk.json<{ findings: { subject: string; fix: string | null }[] }>('doctor');
  expect(findings).toContainEqual(
    expect.objectContaining({ subject: 'ORDLIB/STOCK', level: 'warning', fix: `${start}; then ${backfill}` }),
  );
  const ready = await fetch(`http://127.0.0.1:${daemon.httpPort}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    ok: true,
    warnings: [{ name: 'table ORDLIB/STOCK', detail: expect.stringContaining(`next: ${start}`) }],
  });
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  expect(metrics).toContain('ibmi_cdc_table_gap{table="ORDLIB/STOCK",reason="journaling.ended"} 1');
  expect(desk.log).toContainEqual(
    expect.objectContaining({ table: 'ORDLIB/STOCK', next: `${start}; then ${backfill}`, level: 'error' }),
  );

  // while nobody looks, neither journal nor daemon: other rows, another layout
  await daemon.stop();
  await insert(2);
  await desk.sql("ALTER TABLE ORDLIB.STOCK ADD COLUMN NAME CHAR(10) NOT NULL DEFAULT 'none'");
  await desk.cl(start);
  await desk.sql("INSERT INTO ORDLIB.STOCK VALUES (3, 'three')");
  daemon = await desk.start();
  await desk.until('again', has('created 3'));
  expect(desk.sent.find((e) => e.subject === '3')?.data.after).toMatchObject({ NAME: 'three' });
  expect(await unseen()).toEqual([
    expect.objectContaining({ ...shown, until: expect.stringMatching(/^ORDLIB\/\w+:\d+$/), next: [backfill] }),
  ]);

  expect((await desk.cli('backfill', '--table', 'ORDLIB/STOCK')).code).toBe(0);
  await desk.until('read', () => desk.sent.some((e) => e.subject === '2'));
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  expect(await unseen()).toEqual([]);
  expect((await desk.cli('audit')).code).toBe(0);
});

test('a backfill settles nothing while the table is not journaled, and the operator may say that all is known', async () => {
  write();
  await desk.start();
  await desk.cl('ENDJRNPF FILE(ORDLIB/STOCK)');
  await desk.until('told', () => desk.sent.some((e) => e.type === 'journaling.ended'));
  expect((await desk.cli('backfill', '--table', 'ORDLIB/STOCK')).code).toBe(0);
  expect(await unseen()).toHaveLength(1);
  const refused = await desk.cli('resume', '--table', 'ORDLIB/STOCK');
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('--accept-gap');
  expect((await desk.cli('resume', '--table', 'ordlib/stock', '--accept-gap')).out).toBe(
    'ORDLIB/STOCK: the changes not seen since journaling.ended are accepted\n',
  );
  expect(await unseen()).toEqual([]);
  await desk.cl(start);
  await insert(1);
  await desk.until('goes on', has('created 1'));
  // what happened meanwhile is still not known
  expect(await unseen()).toEqual([expect.objectContaining({ until: expect.any(String) })]);
});

test('unseenChanges: pause holds the table, too', async () => {
  write('pause');
  await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await desk.cl('ENDJRNPF FILE(ORDLIB/STOCK)');
  await desk.cl(start);
  await insert(2);
  await calm(1);
  expect(desk.events('stock')).toEqual(['created 1']);
  const status = await desk.json<{ pausedTables: unknown[] }>('status');
  expect(status.pausedTables).toEqual([expect.objectContaining({ table: 'ORDLIB/STOCK', reason: 'journaling.ended' })]);
  expect((await desk.cli('resume', '--table', 'ORDLIB/STOCK')).code).toBe(0);
  await desk.until('released', has('created 2'));
  expect(await unseen()).toHaveLength(1);
});

test('unseenChanges: backfill reads the table as soon as it is journaled again', async () => {
  write('backfill');
  await desk.start();
  await desk.until('reading', () => desk.log.some((l) => String(l['msg']).startsWith('reading journal')));
  await desk.cl('ENDJRNPF FILE(ORDLIB/STOCK)');
  await insert(1);
  await insert(2);
  await calm(1);
  expect(desk.events('stock')).toEqual([]);
  await desk.cl(start);
  await desk.until('read', () => desk.events('stock').length === 2);
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  expect(desk.sent.filter((e) => e.type.startsWith('stock.')).map((e) => e.data.op)).toEqual(['read', 'read']);
});

test('a file is renamed away and another one takes its name: told, and decoded by the other one’s layout', async () => {
  write();
  await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await desk.sql('CREATE TABLE ORDLIB.STOCK2 (NAME CHAR(6) NOT NULL, ID INTEGER NOT NULL PRIMARY KEY)');
  await desk.cl('STRJRNPF FILE(ORDLIB/STOCK2) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  await desk.cl('RNMOBJ OBJ(ORDLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(STOCKOLD)');
  await calm(1);
  expect(await unseen()).toEqual([
    expect.objectContaining({
      reason: 'table.renamed',
      next: [expect.stringContaining('RNMOBJ OBJ(ORDLIB/NEWNAME) OBJTYPE(*FILE) NEWOBJ(STOCK)'), expect.any(String)],
    }),
  ]);
  await desk.cl('RNMOBJ OBJ(ORDLIB/STOCK2) OBJTYPE(*FILE) NEWOBJ(STOCK)');
  await desk.sql("INSERT INTO ORDLIB.STOCK VALUES ('two', 2)");
  await desk.until('again', has('created 2'));
  expect(desk.sent.find((e) => e.type === 'stock.created' && e.subject === '2')?.data.after).toMatchObject({
    NAME: 'two',
  });
  expect(await unseen()).toEqual([expect.objectContaining({ until: expect.any(String) })]);
});

test('a lost position: doctor and run tell the choices and their cost, backfill reads every table of the journal', async () => {
  const lostWith = (policy: string): void =>
    desk.write(`policies: { start: earliest, positionLost: ${policy} }
tables: { ORDLIB/STOCK: { event: stock }, ORDLIB/CALM: { event: calm } }
`);
  lostWith('stop');
  const daemon = await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await daemon.stop();
  const receiver = desk.value('SELECT read_receiver FROM journal_checkpoint') as string;
  const read = desk.value('SELECT read_sequence FROM journal_checkpoint') as string;
  await insert(2);
  await desk.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
  await insert(3);
  await desk.cl(`DLTJRNRCV JRNRCV(${receiver}) DLTOPT(*IGNINQMSG)`);

  const choices =
    /reads \d+ entries of the last 0\.\d hours.*latest: goes on after ORDLIB.*all 2 mapped tables are read/;
  const { findings } = await desk.json<{ findings: { level: string; text: string; fix: string }[] }>('doctor');
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'error', text: expect.stringContaining(`receiver ${receiver} no longer exists`) }),
  );
  expect(findings.find((f) => f.text.startsWith('position lost'))?.fix).toMatch(choices);
  const stopped = await desk.start();
  await expect(stopped.finished()).rejects.toMatchObject({
    code: 'POSITION_LOST',
    next: expect.stringMatching(choices),
    message: expect.stringContaining(`entries after ${receiver}:${read} are gone`),
  });

  lostWith('backfill');
  await desk.start();
  const isRead = (id: string) => desk.sent.some((e) => e.data.op === 'read' && e.subject === id);
  await desk.until('read', () => ['1', '2', '3'].every(isRead));
  const lost = desk.sent.filter((e) => e.type === 'position.lost');
  for (const { time } of lost as unknown as { time: string }[])
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(lost.map((e) => e.subject).sort()).toEqual(['*CALM', '*STOCK']);
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
});

test('a daemon started while the table is not journaled reads what came before, sees the gap, and goes on when it is again', async () => {
  write('backfill');
  let daemon = await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await daemon.stop();
  await insert(2);
  await desk.cl('ENDJRNPF FILE(ORDLIB/STOCK)');
  await insert(3);

  daemon = await desk.start();
  await desk.until('what came before', has('created 2'));
  await desk.until('the end', () => desk.sent.some((e) => e.type === 'journaling.ended'));
  const said = desk.log.filter((line) => String(line['msg']).startsWith('table not journaled'));
  expect(said).toEqual([
    expect.objectContaining({ table: 'ORDLIB/STOCK', journal: 'ORDLIB/ORDJRN', next: expect.stringContaining(start) }),
  ]);
  expect(await unseen()).toEqual([expect.objectContaining({ table: 'ORDLIB/STOCK', until: null })]);
  // and one more, that has read the end already
  await daemon.stop();
  await desk.start();
  await desk.cl(start);
  await insert(4);
  await desk.until('after it', has('created 4'));
  await desk.until('what was not seen', has('read 3'));
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
  expect((await desk.cli('audit')).code).toBe(0);
});

test('a table that had to be left out for a while: what it wrote meanwhile is known not to be seen, and read when it is back', async () => {
  write('backfill');
  let daemon = await desk.start();
  await insert(1);
  await desk.until('first', has('created 1'));
  await daemon.stop();
  await desk.cl('RNMOBJ OBJ(ORDLIB/STOCK) OBJTYPE(*FILE) NEWOBJ(AWAY)');
  daemon = await desk.start();
  await insert(2, 'AWAY');
  await calm(1);
  expect(await unseen()).toEqual([
    expect.objectContaining({ table: 'ORDLIB/STOCK', reason: 'table.not-captured', until: null }),
  ]);
  expect((await desk.cli('status')).out).toContain('`ibmi-cdc plan` says why');
  await daemon.stop();
  await desk.cl('RNMOBJ OBJ(ORDLIB/AWAY) OBJTYPE(*FILE) NEWOBJ(STOCK)');
  await desk.start();
  await desk.until('what was not seen', has('read 2'));
  await insert(3);
  await desk.until('and it goes on', has('created 3'));
  await desk.until('settled', () => desk.value('SELECT count(*) FROM journal_gap') === 0);
});
