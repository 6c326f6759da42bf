/**
 * Tables read in windows: what no look will find any more is a difference, what the next one may find is none yet. The expected
 * figures are counted from what was done to the table.
 */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
afterEach(() => desk[Symbol.asyncDispose]());

const ROWS = 9;

interface Setup {
  readonly by: string;
  readonly window: string;
  /** A value of the cursor column that no look reads again, but for the last row's. */
  readonly old: (id: number) => string;
  readonly now: string;
}

const KINDS: Readonly<Record<string, Setup>> = {
  timestamp: {
    by: 'CHG TIMESTAMP',
    window: 'by: [CHG], overlap: 1m',
    old: (id) => `CURRENT TIMESTAMP - ${id === ROWS ? 1 : 2} HOURS`,
    now: 'CURRENT TIMESTAMP',
  },
  legacy: {
    by: 'CHGDAT DECIMAL(7, 0), CHGTIM DECIMAL(6, 0)',
    window: 'by: [CHGDAT, CHGTIM], date: cyymmdd, overlap: 1m',
    old: (id) => `1240105, ${id === ROWS ? 151000 : 101000 + id}`,
    now: '(YEAR(CURRENT TIMESTAMP) - 1900) * 10000 + MONTH(CURRENT TIMESTAMP) * 100 + DAY(CURRENT TIMESTAMP), HOUR(CURRENT TIMESTAMP) * 10000 + MINUTE(CURRENT TIMESTAMP) * 100 + SECOND(CURRENT TIMESTAMP)',
  },
};

async function open({ by, window, old }: Setup, more = ''): Promise<Awaited<ReturnType<Desk['start']>>> {
  desk = await Desk.open();
  await desk.sql(`CREATE TABLE ORDLIB.WT (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(8), ${by})`);
  await desk.cl('ENDJRNPF FILE(ORDLIB/WT)').catch(() => undefined);
  for (let id = 1; id <= ROWS; id++) await desk.sql(`INSERT INTO ORDLIB.WT VALUES (${id}, 'A', ${old(id)})`);
  desk.write(
    `tables: { ORDLIB/WT: { event: wt, onDelete: delete, capture: { window: { ${window}, every: 50ms, margin: 0s, start: all${more} } } } }\n`,
  );
  const daemon = await desk.start();
  await desk.until('all rows are sent', () => rows().length >= ROWS);
  await desk.until('the first look is over', () =>
    String(desk.value("SELECT cursor FROM window_cursor WHERE tbl = 'ORDLIB/WT'")).includes('"known":true'),
  );
  return daemon;
}

const rows = () => desk.sent.filter((e) => e.type.startsWith('wt.'));

async function reconcile(...args: string[]) {
  const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/WT', '--json', ...args);
  const lines = out.split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(`no result: ${err}`);
  const parsed = lines.map((l) => JSON.parse(l) as Record<string, unknown>);
  return { code, report: parsed.at(-1)!, list: parsed.slice(0, -1) };
}

test.each([
  ['timestamp', 'stopped'],
  ['timestamp', 'running'],
  ['legacy', 'running'],
])('by %s, daemon %s: what no look finds any more', async (kind, which) => {
  const setup = KINDS[kind]!;
  const daemon = await open(setup);
  expect((await reconcile()).report).toMatchObject({ rows: ROWS, matching: ROWS, different: 0, missing: 0, extra: 0 });
  // a program that does not write its column of changes; a row that came in with an old one; a deletion, which leaves nothing
  await desk.sql("UPDATE ORDLIB.WT SET V = 'B' WHERE ID IN (2, 5)");
  await desk.sql(`INSERT INTO ORDLIB.WT VALUES (20, 'C', ${setup.old(20)})`);
  await desk.sql('DELETE FROM ORDLIB.WT WHERE ID = 7');
  if (which === 'stopped') await daemon.stop();
  const found = { rows: ROWS, matching: 6, different: 2, missing: 1, extra: 1, unjudged: 0, keysUnjudged: 0 };
  const { code, report, list } = await reconcile('--list');
  expect({ code, report }).toMatchObject({ code: 5, report: { ...found, asOf: null } });
  expect(list.map((l) => `${l['kind']} ${JSON.stringify(l['key'])}`)).toEqual([
    'different {"ID":2}',
    'different {"ID":5}',
    'missing {"ID":20}',
    'extra {"ID":7}',
  ]);
  expect(await reconcile('--repair')).toMatchObject({ code: 0, report: { ...found, repaired: 4 } });
  expect((await reconcile()).report).toMatchObject({ rows: ROWS, matching: ROWS, different: 0, missing: 0, extra: 0 });
});

test('what the next look may find is not judged, and the result says so', async () => {
  const setup = KINDS['timestamp']!;
  const daemon = await open(setup);
  await daemon.stop();
  await desk.sql(`UPDATE ORDLIB.WT SET V = 'B', CHG = ${setup.now} WHERE ID = 3`);
  await desk.sql(`INSERT INTO ORDLIB.WT VALUES (21, 'D', ${setup.now})`);
  await desk.sql("UPDATE ORDLIB.WT SET V = 'E', CHG = NULL WHERE ID = 4");
  const { code, report } = await reconcile();
  expect({ code, report }).toMatchObject({ code: 0, report: { rows: 10, matching: 7, different: 0, unjudged: 3 } });
  expect(report['notes']).toEqual([expect.stringContaining('read in windows')]);
  // the look finds the first two; nothing says when the third one changed
  const before = rows().length;
  await desk.start();
  await desk.until('the look has found them', () => rows().length >= before + 2);
  expect((await reconcile()).report).toMatchObject({ rows: 10, matching: 9, different: 0, unjudged: 1 });
});

test('keys that its own compare finds are not judged', async () => {
  const daemon = await open(KINDS['timestamp']!, ', deletes: { schedule: "0 4 1 1 *" }');
  await daemon.stop();
  await desk.sql('DELETE FROM ORDLIB.WT WHERE ID = 7');
  const { report } = await reconcile();
  expect(report).toMatchObject({ rows: 8, matching: 8, extra: 0, keysUnjudged: 1 });
  expect(report['notes']).toEqual([expect.any(String), expect.stringContaining('its own key compare')]);
});
