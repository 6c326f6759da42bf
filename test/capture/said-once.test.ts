/** A unit that is walked again, because the partition had to be asked something first, logs and counts what is in it once. */
import { Desk } from '../support/desk';

jest.setTimeout(60_000);

let desk: Desk;
beforeEach(async () => {
  desk = await Desk.open();
  for (const table of ['NAMES', 'PRICED'])
    await desk.sql(
      `CREATE TABLE ORDLIB.${table} (ID INTEGER NOT NULL PRIMARY KEY, VAL CHAR(8) NOT NULL, DAY CHAR(8) NOT NULL DEFAULT '20260101')`,
    );
  await desk.sql("INSERT INTO ORDLIB.NAMES VALUES (1, 'one', '20260101')");
});
afterEach(() => desk[Symbol.asyncDispose]());

const journal = () => desk.cl('STRJRNPF FILE(ORDLIB/PRICED) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)');
const insert = (id: number, val: string, day = '20260101') =>
  desk.sql(`INSERT INTO ORDLIB.PRICED VALUES (${id}, '${val}', '${day}')`);
const lines = (text: string) => desk.log.filter((line) => String(line['msg']).includes(text));

test('notices, gaps, pauses, what was filtered and what was set aside', async () => {
  desk.write(`policies: { start: earliest, schemaDrift: pause, unseenChanges: backfill }
journal: { pollInterval: 20ms, maxPollInterval: 50ms, checkpointInterval: 1h }
tables:
  ORDLIB/PRICED:
    event: priced
    when: "VAL <> 'not'"
    cleared: delete
    deleteGuard: { deletes: 1, within: 1h }
    onDelete: delete
    lookups: { names: { table: ORDLIB/NAMES, key: ID, value: VAL } }
    expressions: { named: "lookup('names', ID)" }
    columns: { ID: true, VAL: true, DAY: { date: ccyymmdd, onError: quarantine-row } }
`);
  await journal();
  for (const id of [1, 2]) await insert(id, 'a');
  await desk.sql('DELETE FROM ORDLIB.PRICED WHERE ID IN (1, 2)');
  await insert(3, 'not');
  await insert(4, 'b', 'no day');
  await desk.cl('CLRPFM FILE(ORDLIB/PRICED)');
  await desk.cl('ENDJRNPF FILE(ORDLIB/PRICED)');
  await journal();
  await insert(1, 'b');
  const daemon = await desk.start();
  await desk.until('read', () => desk.value("SELECT count(*) FROM backfill_job WHERE state = 'done'") === 1);
  const metrics = await (await fetch(`http://127.0.0.1:${daemon.httpPort}/metrics`)).text();
  const notices = lines('table notice').map(({ kind, position }) => `${kind} ${position}`);
  expect(new Set(notices).size).toBe(notices.length);
  expect(new Set(lines('table notice').map(({ kind }) => kind))).toEqual(
    new Set(['journaling.started', 'table.mass-delete', 'table.cleared', 'journaling.ended']),
  );
  expect(lines('paused by')).toHaveLength(1);
  expect(lines('a delete is queued for each key')).toHaveLength(1);
  expect(lines('backfill of the whole table asked for')).toHaveLength(1);
  expect(lines('changes not seen: journaling.ended')).toHaveLength(2);
  expect(lines('change quarantined')).toHaveLength(1);
  expect(metrics).toContain('ibmi_cdc_changes_filtered_total{table="ORDLIB/PRICED",rule="priced:when"} 1\n');
  expect(metrics).toMatch(/^ibmi_cdc_changes_quarantined_total\{table="ORDLIB\/PRICED",code="\w+"\} 1$/m);
});
