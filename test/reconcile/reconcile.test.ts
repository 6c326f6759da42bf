/**
 * What `reconcile` finds, beside a stopped daemon and through a running one: rows changed while nothing was seen, rows never
 * sent, keys that are gone. The expected figures are counted here, from what was done to the table.
 */
import { Desk } from '../support/desk';

jest.setTimeout(30_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.sql('CREATE TABLE ORDLIB.ABA (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(8) NOT NULL, N DECIMAL(7, 2))');
  await journal();
  for (let id = 1; id <= 12; id++) await desk.sql(`INSERT INTO ORDLIB.ABA VALUES (${id}, 'A', ${id}.25)`);
});
afterEach(() => desk[Symbol.asyncDispose]());

const journal = () => desk.cl('STRJRNPF FILE(ORDLIB/ABA) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
const unjournal = () => desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');

function write(table = 'onDelete: delete', rest = ''): void {
  desk.write(`policies: { unseenChanges: alert }\n${rest}tables: { ORDLIB/ABA: { event: aba, ${table} } }\n`);
}

interface Report {
  readonly rows: number;
  readonly matching: number;
  readonly different: number;
  readonly missing: number;
  readonly extra: number;
  readonly repaired: number;
  readonly unjudged: number;
  readonly keysUnjudged: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly asOf: { readonly receiver: string; readonly sequence: string } | null;
  readonly notes: readonly string[];
}

interface Result {
  readonly code: number;
  readonly report: Report;
  readonly list: readonly Record<string, unknown>[];
  readonly err: string;
}

async function reconcile(...args: string[]): Promise<Result> {
  const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/ABA', '--json', ...args);
  const lines = out
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l) as Record<string, unknown>);
  if (lines.length === 0) throw new Error(`no result: ${err}`);
  return { code, report: lines.at(-1) as unknown as Report, list: lines.slice(0, -1), err };
}

const sentAll = () => desk.until('told', () => desk.sent.filter((e) => e.type.startsWith('aba.')).length >= 12);

/** Everything was sent; the daemon runs on. */
async function told(): Promise<Awaited<ReturnType<Desk['start']>>> {
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  await sentAll();
  return daemon;
}

async function unseen(): Promise<void> {
  await unjournal();
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'B' WHERE ID IN (2, 7)");
  await desk.sql('UPDATE ORDLIB.ABA SET N = NULL WHERE ID = 11');
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID IN (4, 9)');
  await desk.sql("INSERT INTO ORDLIB.ABA VALUES (20, 'C', 1)");
}

const FOUND = { rows: 11, matching: 7, different: 3, missing: 1, extra: 2, unjudged: 0, keysUnjudged: 0 };
const LISTED = [
  { kind: 'different', key: { ID: 2 }, columns: ['V'] },
  { kind: 'different', key: { ID: 7 }, columns: ['V'] },
  { kind: 'different', key: { ID: 11 }, columns: ['N'] },
  { kind: 'missing', key: { ID: 20 } },
  { kind: 'extra', key: { ID: 4 } },
  { kind: 'extra', key: { ID: 9 } },
];

test.each(['stopped', 'running'])('what happened while journaling was off, daemon %s', async (which) => {
  write();
  const daemon = await told();
  expect((await reconcile()).report).toMatchObject({ rows: 12, matching: 12, different: 0, missing: 0, extra: 0 });
  await unseen();
  await journal();
  await desk.until('seen', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  if (which === 'stopped') await daemon.stop();
  const { code, report, list } = await reconcile('--list');
  expect(report).toMatchObject({ ...FOUND, repaired: 0 });
  expect(report.asOf).toMatchObject({
    receiver: expect.stringMatching(/^ORDLIB\/ORDRCV/),
    sequence: expect.any(String),
  });
  expect(code).toBe(5);
  expect(list.map(({ kind, key, columns }) => ({ kind, key, ...(columns ? { columns } : {}) }))).toEqual(LISTED);
});

test.each(['stopped', 'running'])('--repair makes all of it good in key order, daemon %s', async (which) => {
  write();
  const daemon = await told();
  await unseen();
  await journal();
  await desk.until('seen', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  if (which === 'stopped') await daemon.stop();
  const before = desk.sent.length;
  const { code, report } = await reconcile('--repair');
  expect(report).toMatchObject({ ...FOUND, repaired: 6 });
  expect(code).toBe(0);
  if (which === 'stopped') await desk.start();
  await desk.until('repaired', () => desk.sent.length >= before + 6);
  const repaired = desk.sent.slice(before).filter((e) => e.type.startsWith('aba.'));
  expect(repaired.map((e) => [e.type, e.subject, e.data.meta?.['mode']])).toEqual([
    ...['2', '7', '11', '20'].map((id) => ['aba.read', id, 'reconcile']),
    ...['4', '9'].map((id) => ['aba.deleted', id, 'reconcile']),
  ]);
  expect(repaired[2]!.data.after).toEqual({ ID: 11, V: 'A', N: null });
  const again = await reconcile();
  expect(again.report).toMatchObject({ rows: 11, matching: 11, different: 0, missing: 0, extra: 0 });
  expect(again.code).toBe(0);
});

test('rows whose changes wait in the journal of a stopped daemon are not judged, and it says so', async () => {
  write();
  const daemon = await told();
  await unjournal();
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'B' WHERE ID = 2");
  await journal();
  await desk.until('seen', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  await daemon.stop();
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'Z' WHERE ID IN (3, 5)");
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE ID = 6');
  await desk.sql("INSERT INTO ORDLIB.ABA VALUES (30, 'N', 0)");
  const { report, code } = await reconcile();
  expect(report).toMatchObject({
    rows: 12,
    matching: 8,
    different: 1,
    missing: 0,
    extra: 0,
    unjudged: 3,
    keysUnjudged: 1,
  });
  expect(report.notes.join()).toMatch(/no daemon runs, and 4 changes of the table wait to be read/);
  expect(code).toBe(5);
  await desk.start();
  await desk.until('read', () => desk.sent.some((e) => e.subject === '30'));
  expect((await reconcile()).report).toMatchObject({
    rows: 12,
    matching: 11,
    different: 1,
    unjudged: 0,
    keysUnjudged: 0,
  });
});

test('a window of rows, a condition, and keys outside of them', async () => {
  write();
  await told();
  await unseen();
  await journal();
  const { report } = await reconcile('--where', 'ID <= 5');
  expect(report).toMatchObject({ rows: 4, matching: 3, different: 1, missing: 0, extra: 0 });
  expect(report.notes.join()).toMatch(/--where: keys the table may not have any more are not judged/);
  const { err, code } = await desk.cli('reconcile', '--table', 'ORDLIB/ABA', '--where', 'NOSUCH = 1');
  expect(`${code} ${err}`).toMatch(/^2 .*BACKFILL_WHERE/s);
});

test('nothing is remembered, nothing can be compared', async () => {
  write('remember: false');
  await told();
  const { code, err } = await desk.cli('reconcile', '--table', 'ORDLIB/ABA');
  expect(`${code} ${err}`).toMatch(/RECONCILE_FAILED|RECONCILE_NOTHING/);
});

test.each([
  ['beside a stopped daemon', false],
  ['through a running one', true],
])('one table that cannot be compared keeps none of the others from it, %s', async (_, running) => {
  await desk.sql('CREATE TABLE ORDLIB.LOOSE (A INTEGER)');
  await desk.cl('STRJRNPF FILE(ORDLIB/LOOSE) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  desk.write(
    'policies: { unseenChanges: alert }\ntables: { ORDLIB/LOOSE: { name: loose, parent: { event: aba, table: ORDLIB/ABA, key: { ID: A } } }, ORDLIB/ABA: { event: aba, onDelete: delete } }\n',
  );
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  await sentAll();
  if (!running) await daemon.stop();
  const { code, out, err } = await desk.cli('reconcile', '--json');
  expect({ code, lines: out.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
  expect(JSON.parse(out)).toMatchObject({ table: 'ORDLIB/ABA', rows: 12, matching: 12 });
  expect(err).toContain('not compared: ORDLIB/LOOSE: nothing was sent that rows could be compared with');
  // asked for by name it is an error
  const named = await desk.cli('reconcile', '--table', 'ORDLIB/LOOSE');
  expect(named).toMatchObject({ code: 2, out: '' });
});
