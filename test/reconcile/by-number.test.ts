/**
 * A table without a key, compared by record number: the expected figures are counted from what was done to the table, and what
 * record numbers cannot show is said wherever the result is.
 */
import { writeFileSync } from 'node:fs';
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.sql('CREATE TABLE ORDLIB.LOOSE (V CHAR(8) NOT NULL, N DECIMAL(7, 2))');
  await journal();
  for (let n = 1; n <= 9; n++) await desk.sql(`INSERT INTO ORDLIB.LOOSE VALUES ('A${n}', ${n}.25)`);
  desk.write('policies: { unseenChanges: alert }\ntables: { ORDLIB/LOOSE: { event: loose, onDelete: delete } }\n');
});
afterEach(() => desk[Symbol.asyncDispose]());

const journal = () => desk.cl('STRJRNPF FILE(ORDLIB/LOOSE) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
const unjournal = () => desk.cl('ENDJRNPF FILE(ORDLIB/LOOSE)');
const rows = () => desk.sent.filter((e) => e.type.startsWith('loose.'));

async function sentAll(): Promise<Awaited<ReturnType<Desk['start']>>> {
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/LOOSE');
  await desk.until('all rows are sent', () => rows().length >= 9);
  return daemon;
}

async function reconcile(...args: string[]) {
  const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/LOOSE', '--json', ...args);
  const lines = out.split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(`no result: ${err}`);
  const parsed = lines.map((l) => JSON.parse(l) as Record<string, unknown>);
  return { code, report: parsed.at(-1)!, list: parsed.slice(0, -1) };
}

const EQUAL = { different: 0, missing: 0, extra: 0, unjudged: 0, keysUnjudged: 0 };

test.each(['stopped', 'running'])('what happened unseen is found and made good, daemon %s', async (which) => {
  const daemon = await sentAll();
  expect((await reconcile()).report).toMatchObject({ rows: 9, matching: 9, ...EQUAL });
  // seen by the stream, under the same numbers
  await desk.sql("UPDATE ORDLIB.LOOSE SET V = 'seen' WHERE V = 'A5'");
  await desk.sql("DELETE FROM ORDLIB.LOOSE WHERE V = 'A6'");
  await desk.until('both are sent', () => rows().length >= 11);
  await unjournal();
  await desk.sql("UPDATE ORDLIB.LOOSE SET N = NULL WHERE V = 'A2'");
  // takes the place of A6
  await desk.sql("INSERT INTO ORDLIB.LOOSE VALUES ('new', 1)");
  await desk.sql("DELETE FROM ORDLIB.LOOSE WHERE V = 'A4'");
  await journal();
  await desk.until('the gap is known', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  if (which === 'stopped') await daemon.stop();
  const found = { rows: 8, matching: 6, different: 1, missing: 1, extra: 1 };
  const { code, report, list } = await reconcile('--list');
  expect({ code, report }).toMatchObject({ code: 5, report: found });
  expect(list.map(({ kind, key, columns }) => ({ kind, key, ...(columns ? { columns } : {}) }))).toEqual([
    { kind: 'different', key: { rrn: '2' }, columns: ['N'] },
    { kind: 'missing', key: { rrn: '6' } },
    { kind: 'extra', key: { rrn: '4' } },
  ]);
  const before = rows().length;
  expect(await reconcile('--repair')).toMatchObject({ code: 0, report: { ...found, repaired: 3 } });
  if (which === 'stopped') await desk.start();
  await desk.until('repaired', () => rows().length >= before + 3);
  expect(
    rows()
      .slice(before)
      .map((e) => [e.type, e.subject, e.data.meta?.['mode']]),
  ).toEqual([
    ['loose.read', 'rrn:2', 'reconcile'],
    ['loose.read', 'rrn:6', 'reconcile'],
    ['loose.deleted', 'rrn:4', 'reconcile'],
  ]);
  expect(await reconcile()).toMatchObject({ code: 0, report: { rows: 8, matching: 8, ...EQUAL } });
});

test('what record numbers cannot show is said in the result, for people, and in the log', async () => {
  await sentAll();
  const said = /no key, so rows are compared by record number: after RGZPFM/;
  expect((await reconcile()).report['notes']).toEqual([expect.stringMatching(said)]);
  expect((await desk.cli('reconcile', '--table', 'ORDLIB/LOOSE')).out).toMatch(said);
  const lines = desk.log.filter((l) => l['msg'] === 'reconcile done');
  expect(lines.map((l) => l['notes'])).toEqual(lines.map(() => [expect.stringMatching(said)]));
  expect(lines.length).toBeGreaterThan(0);
});

test('a place that is used again is one row that differs, not one gone and one new', async () => {
  await sentAll();
  await unjournal();
  await desk.sql("DELETE FROM ORDLIB.LOOSE WHERE V = 'A4'");
  await desk.sql("INSERT INTO ORDLIB.LOOSE VALUES ('new', 1)");
  await journal();
  await desk.until('the gap is known', () => Number(desk.value('SELECT count(*) FROM journal_gap')) > 0);
  expect((await reconcile()).report).toMatchObject({ rows: 9, matching: 8, different: 1, missing: 0, extra: 0 });
});

test('after RGZPFM rows have other numbers: the receivers still know them under the old ones', async () => {
  await sentAll();
  await desk.sql("DELETE FROM ORDLIB.LOOSE WHERE V = 'A3'");
  await desk.until('the deletion is sent', () => rows().length >= 10);
  await desk.cl('RGZPFM FILE(ORDLIB/LOOSE)');
  await desk.until('the notice is sent', () => desk.sent.some((e) => e.type === 'table.reorganized'));
  // 1 and 2 stay; 4 to 9 are 3 to 8 now: 3 was told gone, 9 is no more
  expect((await reconcile()).report).toMatchObject({ rows: 8, matching: 2, different: 5, missing: 1, extra: 1 });
});

test("a receiver's own list, by record number", async () => {
  const daemon = await sentAll();
  await daemon.stop();
  const held = rows().map((e) => ({ table: 'ORDLIB/LOOSE', key: { rrn: e.subject.slice(4) }, after: e.data.after }));
  const list = `${desk.state}.list.jsonl`;
  writeFileSync(
    list,
    held
      .slice(1)
      .map((l) => `${JSON.stringify(l)}\n`)
      .join(''),
  );
  expect(await reconcile('--against', list, '--list')).toMatchObject({
    code: 5,
    report: { rows: 9, matching: 8, missing: 1 },
    list: [{ kind: 'missing', key: { rrn: held[0]!.key.rrn } }],
  });
});
