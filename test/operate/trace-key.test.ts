/** `trace --key`: where is my event, and why was nothing sent, for a key: out of the journal, held against the ledger. */

import { join } from 'node:path';
import { Outbox } from '../../src/outbox/outbox';
import { OUTBOX_SCHEMA } from '../../src/outbox/schema';
import { Store } from '../../src/store/store';
import { Desk } from '../cli/support/desk';

jest.setTimeout(60_000);

const RULES = `
destinations: { out: { stdout: {} }, lake: { stdout: {} } }
policies: { start: earliest }
tables:
  ORDLIB/THING:
    rules:
      - name: thing
        event: thing
        columns: { ID: id, STS: status, NOTE: note, QTY: qty, DAY: { as: day, date: cyymmdd, onError: quarantine-row } }
        whenChanged: [STS, QTY]
        when: "STS <> 'X'"
        ignore: { jobs: [NIGHTRUN*] }
        to: [out]
      - { name: audit, event: thing.audit, actions: [insert], columns: { ID: id }, mask: { ID: { last: 1 } }, to: [out] }
  ORDLIB/OTHER: { event: other, to: [out] }
`;

async function desk(rules = RULES): Promise<Desk> {
  const site = await Desk.open();
  for (const t of ['THING', 'OTHER']) {
    await site.sql.execute(
      `CREATE TABLE ORDLIB.${t} (ID INTEGER NOT NULL PRIMARY KEY, STS CHAR(1) NOT NULL, NOTE VARCHAR(20), QTY DECIMAL(5,0) NOT NULL, DAY DECIMAL(7,0) NOT NULL)`,
    );
    const file = `FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
    await site.sql.execute(`CALL QSYS2.QCMDEXC('STRJRNPF ${file}')`);
  }
  site.write(rules);
  return site;
}

const insert = (site: Desk, id: number, sts = 'A', table = 'THING', day = 1240229) =>
  site.sql.execute(`INSERT INTO ORDLIB.${table} VALUES (?, ?, 'secret note', 1, ${day})`, [id, sts]);
const seen = (site: Desk, id: number) => (): boolean =>
  site.sent.some((e) => e.type === 'other.created' && e.subject === String(id));

test('changes that left no event are told with the clause that said no, beside the stored events', async () => {
  await using site = await desk();
  await insert(site, 7);
  await insert(site, 8);
  await site.sql.execute("UPDATE ORDLIB.THING SET NOTE = 'another' WHERE ID = 7");
  await site.sql.execute("UPDATE ORDLIB.THING SET STS = 'X' WHERE ID = 7");
  await site.sql.execute("UPDATE ORDLIB.THING SET NOTE = 'not mine' WHERE ID = 8");
  await site.sql.execute('DELETE FROM ORDLIB.THING WHERE ID = 7');
  await insert(site, 1, 'A', 'OTHER');
  await site.start();
  await site.until('all read', seen(site, 1));

  const told = await site.cli('trace', '--key', '7');
  expect(told.code).toBe(0);
  expect(told.out).toMatch(/^thing\.created 7 /);
  expect(told.out).toMatch(
    /journal ORDLIB\/ORDJRN {2}looked at \S+ to \S+ for 7 \(the last 24 hours, \d+ entries\): 4 changes, 3 without an event/,
  );
  const [, ...blocks] = told.out.split(/\n {2}(?=update of|delete of)/);
  expect(blocks).toHaveLength(3);
  expect(blocks[0]).toMatch(
    /^update of ORDLIB\/THING {2}ORDLIB\/\w+:\d+ at \d{4}-\S+Z by CDCUSR \S+ \S+\n {4}filtered: thing:whenChanged\n {4}rule thing: whenChanged: none of STS, QTY changed; NOTE did\n {4}rule audit: actions is \[insert\], this is an update/,
  );
  expect(blocks[1]).toMatch(/filtered: thing:when\n {4}rule thing: when is not true: STS <> 'X'/);
  expect(blocks[2]).toMatch(/^delete of .*\n {4}filtered: thing:onDelete\n {4}rule thing: onDelete is ignore/);
  expect(told.out + told.err).not.toMatch(/secret note|another|not mine/);

  const json = site.command('trace', '--key', '7', '--table', 'ORDLIB/THING', '--json');
  expect(await json.done).toBe(0);
  const lines = json.lines();
  const changes = lines.filter((l) => 'change' in l).map((l) => l['change'] as Record<string, unknown>);
  expect(changes.map((c) => [c['op'], c['fate']])).toEqual([
    ['update', 'filtered: thing:whenChanged'],
    ['update', 'filtered: thing:when'],
    ['delete', 'filtered: thing:onDelete'],
  ]);
  expect(lines.at(-1)).toMatchObject({
    key: '7',
    searched: { journal: 'ORDLIB/ORDJRN', tables: ['ORDLIB/THING'], ended: 'beginning', changes: 4 },
  });
  // the same entry asked for by its number has the same fate
  const one = changes[0]!;
  const byNumber = await site.cli(
    'trace',
    '--receiver',
    String(one['receiver']),
    '--from-sequence',
    String(one['sequence']),
  );
  expect(byNumber.out).toContain('filtered: thing:whenChanged');
});

test('a masked key is found by the value a person knows and by the one in the events', async () => {
  await using site = await desk();
  await insert(site, 1234, 'X');
  await insert(site, 1, 'A', 'OTHER');
  await site.start();
  await site.until('all read', seen(site, 1));
  for (const key of ['1234', '****4']) {
    expect((await site.cli('trace', '--key', key, '--table', 'ORDLIB/THING')).out).toMatch(/: 1 change, /);
  }
});

test('quarantined, rolled back, held, not read yet: each with what it is and the next step', async () => {
  await using site = await desk();
  await insert(site, 7, 'A', 'THING', 1241399);
  await site.sql.setAutocommit(false);
  await site.sql.execute("UPDATE ORDLIB.THING SET STS = 'R' WHERE ID = 7");
  await site.sql.rollback();
  await site.sql.setAutocommit(true);
  await site.sql.execute("CALL QSYS2.QCMDEXC('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)')");
  await using other = await site.connect();
  await other.setAutocommit(false);
  await other.execute("UPDATE ORDLIB.THING SET STS = 'H' WHERE ID = 7");
  await insert(site, 1, 'A', 'OTHER');
  const daemon = await site.start();
  await site.until('all read', seen(site, 1));
  await daemon.stop();
  await other.commit();
  await insert(site, 9);
  const told = await site.cli('trace', '--key', '7');
  expect(told.code).toBe(0);
  const blocks = told.out.split(/\n {2}(?=insert of|update of)/).slice(1);
  expect(blocks[0]).toMatch(
    /^insert of .*ORDRCV0001.*\n {4}quarantined: DATE_\w+\n {4}rule thing: column DAY cannot be decoded \(DATE_\w+\), and onError is quarantine-row\n(.*\n)* {4}next: mend the field or its onError, then send the row as it is now: ibmi-cdc backfill --table ORDLIB\/THING/,
  );
  expect(blocks[1]).toMatch(/^update of .*\n {4}rolled back\n/);
  expect(blocks.find((b) => b.includes('waiting in commit cycle'))).toMatch(
    /ORDRCV0002.*\n {4}waiting in commit cycle \d+, which is still open\n(.*\n)* {4}next: .*ibmi-cdc status/,
  );
  expect((await site.cli('trace', '--key', '9')).out).toMatch(
    /not read yet: the daemon has read up to ORDLIB\/ORDRCV0002:\d+\n {4}rule thing: makes thing\.created for out\n(.*\n)* {4}next: ibmi-cdc status/,
  );
});

test('what one rule told and another did not', async () => {
  await using site = await desk();
  await insert(site, 7, 'X');
  await insert(site, 1, 'A', 'OTHER');
  await site.start();
  await site.until('all read', seen(site, 1));
  const told = await site.cli('trace', '--key', '7');
  expect(told.out).toMatch(
    /1 change, 0 without an event\n {2}insert of .*\n {4}published by some rules only\n {4}rule thing: when is not true: STS <> 'X'\n {4}rule audit: makes thing\.audit\.created for out\n/,
  );
});

test('bounds are obeyed and stated', async () => {
  await using site = await desk();
  for (let n = 0; n < 30; n++) await insert(site, 7000 + n);
  for (let n = 0; n < 12; n++) await site.sql.execute('UPDATE ORDLIB.THING SET NOTE = ? WHERE ID = 7000', [`n${n}`]);
  await insert(site, 1, 'A', 'OTHER');
  await site.start();
  await site.until('all read', seen(site, 1));
  const all = await site.cli('trace', '--key', '7000', '--table', 'ORDLIB/THING');
  expect(all.out).toContain('13 changes, 12 without an event');
  const few = await site.cli('trace', '--key', '7000', '--limit', '5');
  expect(few.out).toMatch(/5 changes, 5 without an event/);
  expect(few.out).toMatch(/the newest 5 changes, older ones were not looked for: --limit 50/);
  const shallow = await site.cli('trace', '--key', '7000', '--depth', '10');
  expect(shallow.out).toMatch(/not looked further back than 10 entries: --depth 100/);
  const later = await site.cli('trace', '--key', '7000', '--since', '2099-01-01T00:00:00Z');
  expect([later.code, later.out]).toEqual([
    5,
    expect.stringMatching(/since 2099-01-01T00:00:00.000Z, \d+ entries\): 0 changes/),
  ]);
  const nobody = await site.cli('trace', '--key', '99');
  expect([nobody.code, nobody.out]).toEqual([5, expect.stringContaining('0 changes, 0 without an event')]);
  expect((await site.cli('trace', '--key', '7000', '--table', 'ORDLIB/NOPE')).err).toMatch(
    /TRACE_TABLE: ORDLIB\/NOPE is not captured/,
  );
  expect((await site.cli('trace', '--key', '7000', '--depth', 'all')).code).toBe(2);
});

test('without a partition: what cannot be known, what the ledger has, the next step; stored events all the same', async () => {
  await using site = await desk();
  await insert(site, 7);
  await site.sql.execute("UPDATE ORDLIB.THING SET NOTE = 'x' WHERE ID = 7");
  await insert(site, 1, 'A', 'OTHER');
  await site.start();
  await site.until('all read', seen(site, 1));
  await site.unplug();
  const told = await site.cli('trace', '--key', '7');
  expect(told.code).toBe(0);
  expect(told.out).toMatch(/^thing\.created 7 /);
  expect(told.out).toMatch(
    /ledger of ORDLIB\/ORDJRN up to \S+, newest 100000 entries: .*1 filtered: thing:whenChanged/,
  );
  expect(told.err).toMatch(
    /the partition was not asked \(\w+: .*\), so it is not known whether changes of 7 were filtered, quarantined or not read yet/,
  );
  expect(told.err).toMatch(/\n {2}next: .*ibmi-cdc trace --receiver LIB\/RECEIVER --from-sequence N/);
  expect((await site.cli('trace', '--key', '8')).code).toBe(3);
  const offline = await site.cli('trace', '--key', '7', '--offline');
  expect([offline.code, offline.err]).toEqual([0, '']);
});

test('entries older than a change of the record format are read in the format they were written with', async () => {
  await using site = await desk();
  await insert(site, 7, 'X');
  await insert(site, 1, 'A', 'OTHER');
  const first = await site.start();
  await site.until('all read', seen(site, 1));
  await first.stop();
  await site.sql.execute('ALTER TABLE ORDLIB.THING ADD COLUMN MORE CHAR(40) NOT NULL DEFAULT');
  await site.sql.execute("UPDATE ORDLIB.THING SET NOTE = 'new' WHERE ID = 7");
  await insert(site, 2, 'A', 'OTHER');
  await site.start();
  await site.until('read on', seen(site, 2));
  const told = await site.cli('trace', '--key', '7', '--table', 'ORDLIB/THING');
  expect(told.out).toMatch(/2 changes, 1 without an event/);
  expect(told.out).toMatch(
    /insert of ORDLIB\/THING .*\n {4}published by some rules only\n {4}rule thing: when is not true/,
  );
  expect(told.out).not.toContain('cannot be determined');
});

test('an event the state file no longer keeps is told as published, by its id', async () => {
  await using site = await desk();
  await insert(site, 7);
  await insert(site, 1, 'A', 'OTHER');
  const daemon = await site.start();
  await site.until('all read', seen(site, 1));
  await daemon.stop();
  using store = Store.open(join(site.folder, 'state.sqlite'), [OUTBOX_SCHEMA]);
  const outbox = new Outbox(store, { destinations: { out: {} }, now: () => Date.now() + 400 * 86_400_000 });
  while (outbox.purge().more);
  const told = await site.cli('trace', '--key', '7');
  const { id } = site.sent.find((e) => e.type === 'thing.created')!;
  expect(told.out).toMatch(/insert of .*\n {4}published as thing\.created /);
  expect(told.out).toContain(`thing.created ${id}`);
  expect(told.out).toContain('which the state file no longer keeps (retention)');
});
