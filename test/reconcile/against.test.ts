/** A receiver's own list, a schedule, several rules, rows a rule filters, and a run that was killed in the middle of a repair. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RECONCILE_SCHEMA } from '../../src/reconcile/reconcile-jobs';
import { Store } from '../../src/store/store';
import { Desk } from '../support/desk';

jest.setTimeout(90_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.sql(
    'CREATE TABLE ORDLIB.ABA (CO CHAR(2) NOT NULL, NO DECIMAL(5, 0) NOT NULL, V CHAR(8) NOT NULL, PRIMARY KEY (CO, NO))',
  );
  await desk.cl('STRJRNPF FILE(ORDLIB/ABA) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  for (let no = 1; no <= 8; no++)
    await desk.sql(`INSERT INTO ORDLIB.ABA VALUES ('${no % 2 ? 'A/' : 'B'}', ${no}, 'v')`);
});
afterEach(() => desk[Symbol.asyncDispose]());

async function told(table: string, events = 8): Promise<Awaited<ReturnType<Desk['start']>>> {
  desk.write(`policies: { unseenChanges: alert }\ntables: { ORDLIB/ABA: { ${table} } }\n`);
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/ABA');
  await desk.until('told', () => desk.sent.length >= events);
  return daemon;
}

async function reconcile(...args: string[]) {
  const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/ABA', '--json', ...args);
  const lines = out.split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(`no result: ${err}`);
  const parsed = lines.map((l) => JSON.parse(l) as Record<string, unknown>);
  return { code, report: parsed.at(-1)!, list: parsed.slice(0, -1) };
}

/** What the receiver holds after what it was sent: the oracle's own map. */
interface Sent {
  readonly id: string;
  readonly data: { readonly op: string; readonly key: Record<string, unknown>; readonly after: unknown };
}

function listed(form: 'id' | 'after', drop: (e: Sent) => boolean): string {
  const held = new Map<string, string>();
  for (const e of desk.sent as unknown as Sent[]) {
    const key = JSON.stringify(e.data.key);
    if (drop(e)) continue;
    if (e.data.op === 'delete') held.delete(key);
    else
      held.set(
        key,
        JSON.stringify({
          [form]: form === 'id' ? e.id : e.data.after,
          key: e.data.key,
          table: 'ORDLIB/ABA',
        }),
      );
  }
  const file = join(dirname(desk.config), 'list.jsonl');
  writeFileSync(file, `${[...held.values()].reverse().join('\n')}\n`);
  return file;
}

test.each(['id', 'after'] as const)('a receiver that lost events, by %s', async (form) => {
  await told('event: aba, onDelete: delete');
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'w' WHERE NO IN (3, 4)");
  await desk.sql('DELETE FROM ORDLIB.ABA WHERE NO IN (5, 6)');
  await desk.until('all', () => desk.sent.length >= 12);
  const whole = await reconcile(
    '--against',
    listed(form, () => false),
  );
  expect(whole.report).toMatchObject({ rows: 6, matching: 6, different: 0, missing: 0, extra: 0 });
  expect(whole.code).toBe(0);
  const no = (e: Sent): string => String(e.data.key['NO']);
  // lost: the row of 1, the update of 3, the deletion of 5
  const lost = listed(
    form,
    (e) => no(e) === '1' || (no(e) === '3' && e.data.op === 'update') || (no(e) === '5' && e.data.op === 'delete'),
  );
  const { code, report, list } = await reconcile('--against', lost, '--list');
  expect(report).toMatchObject({ rows: 6, matching: 4, different: 1, missing: 1, extra: 1 });
  expect(code).toBe(5);
  expect(list.map(({ kind, key, columns }) => ({ kind, key, columns }))).toEqual([
    { kind: 'missing', key: { CO: 'A/', NO: '1' }, columns: undefined },
    { kind: 'different', key: { CO: 'A/', NO: '3' }, columns: ['V'] },
    { kind: 'extra', key: { CO: 'A/', NO: '5' }, columns: undefined },
  ]);
  const before = desk.sent.length;
  const repaired = await reconcile('--against', lost, '--repair');
  expect(repaired.report).toMatchObject({ different: 1, missing: 1, extra: 1, repaired: 3 });
  expect(repaired.code).toBe(0);
  await desk.until('repaired', () => desk.sent.length >= before + 3);
  expect(desk.sent.slice(before).map((e) => `${e.type} ${e.subject}`)).toEqual([
    'aba.read A%2F/1',
    'aba.read A%2F/3',
    'aba.deleted A%2F/5',
  ]);
});

test('a line of the list that cannot be used: file, line and what is wrong', async () => {
  await told('event: aba');
  const file = listed('id', () => false);
  const good = readFileSync(file, 'utf8').split('\n')[0]!;
  for (const [line, what] of [
    ['{"table":', 'is no JSON'],
    ['[]', 'is no JSON object'],
    ['{"table":"ORDLIB/ABA","key":{},"id":"x"}', '"key"'],
    ['{"table":"ABA","key":{"a":1},"id":"x"}', '"table"'],
    ['{"table":"ORDLIB/ABA","key":{"a":1}}', 'one of "id" and "after"'],
  ] as const) {
    writeFileSync(file, `${good}\n\n${line}\n`);
    const { code, err } = await desk.cli('reconcile', '--table', 'ORDLIB/ABA', '--against', file);
    expect(code).toBe(2);
    expect(err).toMatch(/RECONCILE_LIST: --against .*list\.jsonl line 3 /);
    expect(err).toContain(what);
  }
});

test('several rules, one of which filters rows; rows filtered are no difference', async () => {
  const rules =
    "rules: [{ name: all, event: aba, onDelete: delete }, { name: some, event: big, when: 'NO > 4', onDelete: delete }]";
  const daemon = await told(rules, 12);
  expect((await reconcile()).report).toMatchObject({ rows: 8, matching: 8, different: 0, missing: 0, extra: 0 });
  await daemon.stop();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'x' WHERE NO IN (2, 7)");
  const { report } = await reconcile('--repair');
  expect(report).toMatchObject({ rows: 8, matching: 6, different: 2, repaired: 2 });
  expect((await reconcile()).report).toMatchObject({ rows: 8, matching: 8, different: 0 });
  await desk.cl('STRJRNPF FILE(ORDLIB/ABA) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
  const before = desk.sent.length;
  await desk.start();
  await desk.until('repaired', () => desk.sent.length >= before + 3);
  const repaired = desk.sent.slice(before).filter((e) => e.data.meta?.['mode'] === 'reconcile');
  expect(repaired.map((e) => `${e.type} ${e.subject}`)).toEqual(['aba.read A%2F/7', 'big.read A%2F/7', 'aba.read B/2']);
});

test('a run that was killed goes on at its place, under the same run', async () => {
  const daemon = await told('event: aba, onDelete: delete');
  await daemon.stop();
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql("UPDATE ORDLIB.ABA SET V = 'k' WHERE NO IN (2, 7)");
  const first = await reconcile('--repair');
  expect(first.report).toMatchObject({ different: 2, repaired: 2 });
  const run = desk.value('SELECT run FROM reconcile_job ORDER BY id DESC') as string;
  // as a kill before the last chunk leaves it: begun, and nothing of its chunk written
  {
    using store = Store.open(desk.state, [RECONCILE_SCHEMA]);
    store.db.exec(
      "UPDATE reconcile_job SET state = 'running', after = NULL, met = 0, read = 0, swept = NULL, figures = replace(figures, '2', '0')",
    );
  }
  const again = await reconcile('--repair');
  expect(again.report).toMatchObject({ different: 0, missing: 0, extra: 0, repaired: 0 });
  expect(desk.value('SELECT run FROM reconcile_job ORDER BY id DESC')).toBe(run);
});

test('on a schedule: the notice, the metrics and status', async () => {
  await told('event: aba, onDelete: delete, reconcile: { schedule: "* * * * * *", repair: true }');
  await desk.cl('ENDJRNPF FILE(ORDLIB/ABA)');
  await desk.sql("UPDATE ORDLIB.ABA SET V = 's' WHERE NO = 3");
  await desk.until('repaired', () =>
    desk.sent.some((e) => e.data.after?.['V'] === 's' && e.data.meta?.['mode'] === 'reconcile'),
  );
  const found = { rows: 8, different: 1, missing: 0, extra: 0, repaired: 1 };
  const noticed = () => desk.sent.find((e) => JSON.stringify(e.data.notice) === JSON.stringify(found));
  await desk.until('noticed', () => noticed() !== undefined);
  const notice = noticed()!;
  expect(notice.type).toBe('reconcile.difference');
  expect(notice.data.meta).toMatchObject({ mode: 'reconcile', table: 'ORDLIB/ABA', journal: null });
  const { reconciles } = await desk.json<{ reconciles: { table: string; state: string }[] }>('status');
  expect(reconciles).toContainEqual(expect.objectContaining({ table: 'ORDLIB/ABA', rows: 8 }));
});
