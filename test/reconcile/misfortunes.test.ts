/**
 * What happens to a state file and to those who use it: killed in the middle of a repair, an older copy put back, ids that
 * retention took away. The receiver's copy, folded from its events, is held against the table.
 */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { allRows } from '../../src/transport/transport';
import { CliProcess } from '../support/daemon-process';
import { Desk, type SentEvent } from '../support/desk';

jest.setTimeout(180_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  await desk.sql(
    'CREATE TABLE ORDLIB.MIS (ID INTEGER NOT NULL PRIMARY KEY, V CHAR(8) NOT NULL, W VARCHAR(16000) NOT NULL)',
  );
  await journal();
});
afterEach(() => desk[Symbol.asyncDispose]());

const journal = () => desk.cl('STRJRNPF FILE(ORDLIB/MIS) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
const unjournal = () => desk.cl('ENDJRNPF FILE(ORDLIB/MIS)');

function write(): void {
  desk.write(
    `policies: { unseenChanges: alert }\ntables: { ORDLIB/MIS: { event: mis, onDelete: delete, payload: full } }\n`,
  );
}

async function insert(from: number, to: number): Promise<void> {
  for (let at = from; at <= to; at += 100) {
    const rows = Array.from({ length: Math.min(100, to - at + 1) }, (_, i) => `(${at + i}, 'A', 'w')`);
    await desk.sql(`INSERT INTO ORDLIB.MIS VALUES ${rows.join(', ')}`);
  }
}

type Known = SentEvent & { readonly id: string };
const events = (): Known[] => (desk.sent as Known[]).filter((e) => e.type.startsWith('mis.'));

async function sentAll(count: number): Promise<Awaited<ReturnType<Desk['start']>>> {
  const daemon = await desk.start();
  await desk.cli('backfill', '--table', 'ORDLIB/MIS');
  await desk.until('all rows are sent', () => events().length >= count);
  return daemon;
}

/** `id value` of the receiver, by its events alone. */
function copy(): string[] {
  const rows = new Map<string, unknown>();
  for (const { subject, data } of events())
    if (data.op === 'delete') rows.delete(subject);
    else rows.set(subject, data.after!['V']);
  return [...rows].map(([id, v]) => `${id} ${v}`).sort();
}

async function table(): Promise<string[]> {
  const rows = await allRows(await desk.admin.query('SELECT ID, V FROM ORDLIB.MIS'));
  return rows.map(([id, v]) => `${id} ${String(v).trimEnd()}`).sort();
}

async function copied(): Promise<void> {
  const expected = JSON.stringify(await table());
  await desk.until('the copy is the table', () => JSON.stringify(copy()) === expected);
}

async function reconcile(...args: string[]) {
  const { code, out, err } = await desk.cli('reconcile', '--table', 'ORDLIB/MIS', '--json', ...args);
  const lines = out.split('\n').filter(Boolean);
  if (lines.length === 0) throw new Error(`no result: ${err}`);
  const parsed = lines.map((l) => JSON.parse(l) as Record<string, unknown>);
  return { code, report: parsed.at(-1)!, list: parsed.slice(0, -1) };
}

test('killed with SIGKILL wherever it has got to, --repair goes on: nothing is left out, nothing has two ids', async () => {
  write();
  await insert(1, 1200);
  const daemon = await sentAll(1200);
  await daemon.stop();
  await unjournal();
  await desk.sql("UPDATE ORDLIB.MIS SET V = 'B' WHERE MOD(ID, 2) = 0");
  await desk.sql('DELETE FROM ORDLIB.MIS WHERE MOD(ID, 7) = 0');
  await insert(2001, 2100);
  const place = (): string =>
    String(
      desk.value(
        "SELECT coalesce(max(state || coalesce(after, '') || coalesce(swept, '') || read), '') FROM reconcile_job",
      ) ?? '',
    );
  let kills = 0;
  for (;;) {
    const before = kills === 0 ? '' : place();
    const run = new CliProcess(
      ['reconcile', '--table', 'ORDLIB/MIS', '--repair', '--rate', '4000', '--json', '-c', desk.config],
      { SIM_PASSWORD: desk.partition.password },
    );
    // the first one at once, the others when they have got on
    const got = (): boolean => (kills === 0 ? run.errors !== '' : place() !== before);
    while (run.running && !(kills < 6 && got())) await new Promise((resolve) => setTimeout(resolve, 5));
    if (run.running) {
      run.kill('SIGKILL');
      kills++;
    }
    const { code, stderr } = await run.ended;
    if (code === null) continue;
    expect(`${code} ${stderr.slice(-2000)}`).toMatch(/^0 /);
    break;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  const already = events().length;
  await desk.start();
  await copied();
  const repairs = events()
    .slice(already)
    .filter((e) => e.data.meta?.['mode'] === 'reconcile');
  // 515 even rows that are left, 171 that went, 100 that came
  expect(new Set(repairs.map((e) => e.id)).size).toBe(515 + 171 + 100);
  expect(new Set(repairs.map((e) => e.subject)).size).toBe(515 + 171 + 100);
  expect((await reconcile()).report).toMatchObject({ rows: 1129, matching: 1129, missing: 0, different: 0, extra: 0 });
});

test('an older copy of the state file: what it has not read yet is no difference, and the stream makes it good', async () => {
  write();
  await insert(1, 20);
  const daemon = await sentAll(20);
  await daemon.stop();
  const old = `${desk.state}.old`;
  copyFileSync(desk.state, old);
  const again = await desk.start();
  await desk.sql("UPDATE ORDLIB.MIS SET V = 'B' WHERE ID <= 5");
  await desk.sql('DELETE FROM ORDLIB.MIS WHERE ID = 6');
  await insert(21, 22);
  await copied();
  await again.stop();
  // unseen by anyone, before the restore
  await unjournal();
  await desk.sql("UPDATE ORDLIB.MIS SET V = 'C' WHERE ID = 12");
  for (const end of ['', '-wal', '-shm']) rmSync(desk.state + end, { force: true });
  copyFileSync(old, desk.state);
  const { report } = await reconcile('--list');
  expect(report).toMatchObject({
    rows: 21,
    matching: 13,
    different: 1,
    missing: 0,
    extra: 0,
    unjudged: 7,
    keysUnjudged: 1,
  });
  await journal();
  await desk.start();
  await desk.until('the stream is past', () => events().some((e) => e.subject === '22' && e.data.op === 'insert'));
  await desk.until('all of it again', () => events().filter((e) => e.subject === '22').length >= 2);
  expect((await reconcile('--repair')).report).toMatchObject({ rows: 21, matching: 20, different: 1, unjudged: 0 });
  await copied();
  // what the older file sent again has the ids of the first time
  const ids = (op: string): number => new Set(events().flatMap((e) => (e.data.op === op ? [e.id] : []))).size;
  expect([ids('update'), ids('delete'), ids('insert')]).toEqual([5, 1, 2]);
});

test('events that retention took away: contents are compared all the same, and ids that are left agree', async () => {
  write();
  await insert(1, 12);
  const daemon = await sentAll(12);
  await desk.sql("UPDATE ORDLIB.MIS SET V = 'B' WHERE ID = 3");
  await copied();
  await daemon.stop();
  {
    using store = Store.open(desk.state, [OUTBOX_SCHEMA]);
    const outbox = new Outbox(store, { destinations: { out: {} }, now: () => Date.now() + 400 * 86_400_000 });
    while (outbox.purge().more);
  }
  expect(desk.value('SELECT count(*) FROM outbox_page')).toBe(0);
  expect((await reconcile()).report).toMatchObject({ rows: 12, matching: 12, different: 0, missing: 0, extra: 0 });
  await unjournal();
  await desk.sql("UPDATE ORDLIB.MIS SET V = 'C' WHERE ID = 4");
  const { report, list } = await reconcile('--list');
  expect(report).toMatchObject({ rows: 12, matching: 11, different: 1 });
  // the ids receivers hold are known without their events: the last one of each key agrees, an older one does not
  const held = events().map((e) => ({ table: 'ORDLIB/MIS', key: { ID: Number(e.subject) }, id: e.id }));
  const file = `${desk.state}.list.jsonl`;
  const listOf = (ids: typeof held): string => ids.map((l) => `${JSON.stringify(l)}\n`).join('');
  const newest = [...new Map(held.map((l) => [l.key.ID, l])).values()];
  writeFileSync(file, listOf(newest.filter((l) => l.key.ID !== 4)));
  expect((await reconcile('--against', file)).report).toMatchObject({
    rows: 12,
    matching: 11,
    missing: 1,
    different: 0,
  });
  writeFileSync(file, listOf([...new Map([...held].reverse().map((l) => [l.key.ID, l])).values()]));
  expect((await reconcile('--against', file)).report).toMatchObject({ rows: 12, matching: 10, different: 2 });
  // which column differs cannot be known without the event
  expect(list).toEqual([{ table: 'ORDLIB/MIS', key: { ID: 4 }, kind: 'different', rule: 'mis' }]);
});
