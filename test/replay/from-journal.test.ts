/** `replay` out of the journal: what a daemon sends again is what a fresh one over the same journal sends, in its order. */
import { byKey, type Got, once, ReplaySite } from './site';

jest.setTimeout(60_000);

const TABLES = `policies: { start: earliest }
tables:
  ORDLIB/MARK: { event: mark, key: [ID] }
  ORDLIB/HEAD:
    event: head
    onDelete: delete
    keyChange: deleteAndCreate
    expressions: { twice: "AMT * 2", name: "lookup('names', STS)" }
    lookups: { names: { table: ORDLIB/STATUS, key: STS, value: NAME } }
  ORDLIB/LINE:
    rules:
      - { name: line, event: line, onDelete: update, whenChanged: [QTY] }
      - { name: parent, parent: { event: head, table: ORDLIB/HEAD, key: { ID: HEAD }, changed: lines, debounce: commit } }
`;

async function desk(): Promise<ReplaySite> {
  const site = await ReplaySite.open();
  await site.journaled('MARK', 'ID INTEGER NOT NULL PRIMARY KEY, N INTEGER NOT NULL');
  await site.sql('CREATE TABLE ORDLIB.STATUS (STS CHAR(2) NOT NULL PRIMARY KEY, NAME VARCHAR(20) NOT NULL)');
  await site.sql("INSERT INTO ORDLIB.STATUS VALUES ('10', 'open'), ('20', 'approved')");
  await site.journaled('HEAD', 'ID INTEGER NOT NULL PRIMARY KEY, STS CHAR(2) NOT NULL, AMT DECIMAL(9, 2) NOT NULL');
  await site.journaled(
    'LINE',
    'HEAD INTEGER NOT NULL, NO INTEGER NOT NULL, QTY INTEGER NOT NULL, PRIMARY KEY (HEAD, NO)',
  );
  await site.sql('INSERT INTO ORDLIB.MARK VALUES (1, 0)');
  return site;
}

/** Work of every kind in three receivers: rolled back, over a change of receiver, keys that change. */
async function work(site: ReplaySite, from: number): Promise<void> {
  const job = await site.connect();
  await job.setAutocommit(false);
  for (let id = from; id < from + 4; id++) {
    await job.execute(`INSERT INTO ORDLIB.HEAD VALUES (${id}, '10', ${id}.50)`);
    await job.execute(`INSERT INTO ORDLIB.LINE VALUES (${id}, 1, 5)`);
    await job.execute(`INSERT INTO ORDLIB.LINE VALUES (${id}, 2, 7)`);
    if (id === from + 1) await site.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
    await (id === from + 2 ? job.rollback() : job.commit());
  }
  await job.execute(`UPDATE ORDLIB.HEAD SET STS = '20' WHERE ID = ${from}`);
  await job.execute(`UPDATE ORDLIB.LINE SET QTY = QTY + 1 WHERE HEAD = ${from}`);
  await job.execute(`DELETE FROM ORDLIB.LINE WHERE HEAD = ${from} AND NO = 2`);
  await job.commit();
  await job.execute(`UPDATE ORDLIB.HEAD SET ID = ${from + 100} WHERE ID = ${from + 3}`);
  await job.execute(`DELETE FROM ORDLIB.HEAD WHERE ID = ${from + 1}`);
  await job.commit();
  await job.close();
  await site.sql(`UPDATE ORDLIB.HEAD SET AMT = AMT + 1 WHERE ID = ${from}`);
}

/** What a daemon that begins with the journal sends. */
async function fresh(site: ReplaySite, tables = TABLES): Promise<Got[]> {
  site.write('fresh', { all: '' }, tables);
  const daemon = await site.start('fresh');
  await site.quiet('fresh');
  await daemon.stop();
  return site.at('fresh-all');
}

test('what retention has deleted comes again as a fresh daemon sends it, beside the running stream', async () => {
  await using site = await desk();
  site.write('own', { crm: '' }, TABLES);
  const first = await site.start('own');
  await work(site, 1);
  await site.quiet('own');
  await first.stop();
  const sent = [...site.at('own-crm')];
  expect(site.forgetSent('own')).toBeGreaterThan(10);
  site.at('own-crm').length = 0;

  // a new destination beside it, and both run on
  site.write('own', { crm: '', lake: '' }, TABLES);
  await site.start('own');
  const until = new Date(Date.now() + 60_000).toISOString();
  const range = ['--changed-since', '2020-01-01T00:00:00Z', '--changed-until', until];
  const counted = await site.cli('own', 'replay', ...range, '--to', 'lake', '--dry-run', '--json');
  expect(counted).toMatchObject({ code: 0, err: expect.any(String) });
  const dry = JSON.parse(counted.out);
  expect(site.at('own-lake')).toEqual([]);
  const done = await site.cli('own', 'replay', ...range, '--to', 'lake', '--json');
  expect([done.code, done.err.replace(/^\{"progress.*\n/gm, '')]).toEqual([0, '']);
  const report = JSON.parse(done.out);
  expect(report).toMatchObject({ state: 'done', events: dry.events, deliveries: dry.deliveries, changes: dry.changes });
  await site.until('replayed', () => site.at('own-lake').length >= report.deliveries);
  await work(site, 20);
  await site.quiet('own');
  const lake = site.at('own-lake');
  const replayed = lake.filter((e) => e.data.meta['mode'] === 'replay');
  expect(replayed).toHaveLength(report.deliveries);
  expect(once(replayed)).toHaveLength(replayed.length);
  expect(byKey(replayed)).toEqual(byKey(sent));
  // what the new destination has of both is what a daemon sends that has it from the beginning
  const all = await fresh(site);
  expect(byKey(lake)).toEqual(byKey(all));
  // and the old one got nothing of it
  expect(site.at('own-crm').every((e) => e.data.meta['mode'] === 'stream')).toBe(true);
});

/** Receiver and number of the newest entry of a row. */
async function newest(site: ReplaySite, name: string): Promise<{ receiver: string; sequence: bigint }> {
  await site.quiet(name);
  const { receiver, sequence } = site.at(`${name}-all`).at(-1)!.data.meta as { receiver: string; sequence: string };
  return { receiver, sequence: BigInt(sequence) };
}

const PLAIN = `policies: { start: earliest }
tables:
  ORDLIB/MARK: { event: mark, key: [ID] }
  ORDLIB/HEAD: { event: head, onDelete: delete }
`;

test('a cycle is whole or absent: by its numbers, by its times, and never one that was rolled back', async () => {
  await using site = await desk();
  site.write('own', { all: '' }, PLAIN);
  const daemon = await site.start('own');
  const [job, other] = [await site.connect(), await site.connect()];
  await job.setAutocommit(false);
  await other.setAutocommit(false);
  const insert = (on: typeof job, id: number): Promise<unknown> =>
    on.execute(`INSERT INTO ORDLIB.HEAD VALUES (${id}, '10', 1)`);
  await insert(job, 1);
  const before = await newest(site, 'own');
  await insert(job, 2);
  await insert(other, 90);
  const middle = await newest(site, 'own');
  await other.rollback();
  await insert(job, 3);
  await job.commit();
  // a commit is of its millisecond, too
  await new Promise((resolve) => setTimeout(resolve, 5));
  await site.sql("INSERT INTO ORDLIB.HEAD VALUES (4, '10', 1)");
  await newest(site, 'own');
  await daemon.stop();
  const range = (from: bigint, to: bigint): string[] => [
    '--receiver',
    before.receiver,
    '--from-sequence',
    String(from),
    '--to-sequence',
    String(to),
    '--table',
    'ORDLIB/HEAD',
  ];
  const count = async (...args: string[]): Promise<number> =>
    JSON.parse((await site.cli('own', 'replay', '--dry-run', '--json', ...args)).out).events;
  // the first change alone, one in the middle, the last one and the commit: each brings all three
  expect(await count(...range(before.sequence - 3n, before.sequence))).toBe(3);
  expect(await count(...range(before.sequence + 1n, middle.sequence))).toBe(3);
  expect(await count(...range(middle.sequence + 1n, middle.sequence + 4n))).toBe(3);
  expect(await count(...range(before.sequence, before.sequence))).toBe(0);
  const at = (id: string): number =>
    Date.parse(site.at('own-all').find((e) => e.type === 'head.created' && e.subject === id)!.time);
  const times = (since: number, until: number): string[] => [
    '--changed-since',
    new Date(since).toISOString(),
    '--changed-until',
    new Date(until).toISOString(),
    '--table',
    'ORDLIB/HEAD',
  ];
  expect(await count(...times(at('2'), at('2') + 1))).toBe(3);
  expect(await count(...times(at('4'), at('4') + 1))).toBe(1);
  expect(await count(...times(at('4') + 1, at('4') + 3_600_000))).toBe(0);
  expect(await count(...times(at('1') - 1, at('1')))).toBe(0);

  // offline: queued now, sent by the next daemon, which goes on where it stood
  const position = site.value('own', 'SELECT read_receiver || read_sequence FROM journal_checkpoint');
  const done = await site.cli('own', 'replay', ...range(before.sequence + 1n, middle.sequence));
  expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/done: 3 changes .* 3 deliveries queued\n$/) });
  expect(site.value('own', 'SELECT read_receiver || read_sequence FROM journal_checkpoint')).toBe(position);
  site.at('own-all').length = 0;
  await site.start('own');
  await site.quiet('own');
  const again = site.at('own-all').filter((e) => e.type === 'head.created');
  expect(again.map((e) => [e.subject, e.data.meta['mode']])).toEqual([
    ['1', 'replay'],
    ['2', 'replay'],
    ['3', 'replay'],
  ]);
  for (const one of [job, other]) await one.close();
});

test('what receivers no longer hold is named before anything is sent, and --available sends the rest', async () => {
  await using site = await desk();
  site.write('own', { all: '' }, PLAIN);
  await site.start('own');
  const since = new Date(Date.now() - 60_000).toISOString();
  for (let id = 1; id <= 3; id++) {
    await site.sql(`INSERT INTO ORDLIB.HEAD VALUES (${id}, '10', 1)`);
    await site.quiet('own');
    await site.cl('CHGJRN JRN(ORDLIB/ORDJRN) JRNRCV(*GEN)');
    // the list gives whole seconds
    await new Promise((resolve) => setTimeout(resolve, 1100));
  }
  await site.quiet('own');
  for (const no of ['0001', '0002']) await site.cl(`DLTJRNRCV JRNRCV(ORDLIB/ORDRCV${no}) DLTOPT(*IGNINQMSG)`);
  const sent = site.at('own-all').length;
  const refused = await site.cli('own', 'replay', '--changed-since', since);
  expect([refused.code, refused.out]).toEqual([4, '']);
  expect(refused.err).toMatch(
    /REPLAY_GONE: .*ORDLIB\/ORDRCV0001 \(it is no longer on the partition\), ORDLIB\/ORDRCV0002/,
  );
  const dry = await site.cli('own', 'replay', '--changed-since', since, '--dry-run', '--json');
  expect(dry.code).toBe(4);
  expect(JSON.parse(dry.out).gone.map((g: { receiver: string }) => g.receiver)).toEqual([
    'ORDLIB/ORDRCV0001',
    'ORDLIB/ORDRCV0002',
  ]);
  const one = await site.cli('own', 'replay', '--receiver', 'ORDLIB/ORDRCV0002', '--from-sequence', '1');
  expect([one.code, one.err]).toEqual([4, expect.stringMatching(/ORDLIB\/ORDRCV0002 \(it is no longer/)]);
  expect(site.at('own-all')).toHaveLength(sent);
  const rest = await site.cli('own', 'replay', '--changed-since', since, '--available', '--json');
  expect([rest.code, JSON.parse(rest.out).state]).toEqual([0, 'done']);
  await site.until('the rest', () => site.at('own-all').some((e) => e.data.meta['mode'] === 'replay'));
  await site.quiet('own');
  const replayed = site.at('own-all').filter((e) => e.data.meta['mode'] === 'replay' && e.type === 'head.created');
  expect(replayed.map((e) => e.subject)).toEqual(['3']);
  // what they held first is all that is asked for: nothing is missing
  const third = replayed[0]!.time;
  expect((await site.cli('own', 'replay', '--changed-since', third, '--dry-run')).code).toBe(0);
});

test('a payload that was not stored is made again, and says that it is a replay', async () => {
  await using site = await desk();
  site.write('own', { all: 'storePayload: false, ' }, PLAIN);
  const first = await site.start('own');
  for (const id of [1, 2]) await site.sql(`INSERT INTO ORDLIB.HEAD VALUES (${id}, '10', ${id}.25)`);
  await site.quiet('own');
  await first.stop();
  const sent = [...site.at('own-all')];
  site.at('own-all').length = 0;
  site.forgetSent('own');
  await site.start('own');
  const done = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--json');
  expect(JSON.parse(done.out)).toMatchObject({ state: 'done' });
  await site.quiet('own');
  const replayed = site.at('own-all').filter((e) => e.data.meta['mode'] === 'replay');
  expect(byKey(replayed)).toEqual(byKey(sent));
  expect(site.value('own', 'SELECT max(bytes) FROM outbox_page')).toBe(0);
});

test('rows of a table that was altered are decoded as they were laid out then; what nobody knows is refused', async () => {
  await using site = await desk();
  site.write('own', { all: '' }, PLAIN);
  const first = await site.start('own');
  await site.sql("INSERT INTO ORDLIB.HEAD VALUES (1, '10', 1)");
  await site.quiet('own');
  await site.sql("ALTER TABLE ORDLIB.HEAD ADD COLUMN NOTE CHAR(5) NOT NULL DEFAULT 'none'");
  await site.sql("INSERT INTO ORDLIB.HEAD VALUES (2, '20', 2, 'some')");
  await site.quiet('own');
  await site.sql('ALTER TABLE ORDLIB.HEAD DROP COLUMN STS');
  await site.sql("INSERT INTO ORDLIB.HEAD VALUES (3, 3, 'more')");
  await site.quiet('own');
  await first.stop();
  const sent = [...site.at('own-all')];
  site.at('own-all').length = 0;
  site.forgetSent('own');
  await site.start('own');
  const done = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--json');
  expect(JSON.parse(done.out)).toMatchObject({ state: 'done', quarantined: 0 });
  await site.quiet('own');
  const replayed = site.at('own-all').filter((e) => e.data.meta['mode'] === 'replay');
  expect(byKey(replayed)).toEqual(byKey(sent));

  // a state file that knows nothing of the time before
  site.write('late', { all: '' }, PLAIN.replace('earliest', 'latest'));
  await site.start('late');
  await site.quiet('late');
  const refused = await site.cli('late', 'replay', '--changed-since', '2020-01-01T00:00:00Z');
  expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/REPLAY_LAYOUT: ORDLIB\/HEAD was altered at/)]);
  const other = ['--changed-since', '2020-01-01T00:00:00Z', '--table', 'ORDLIB/MARK', '--dry-run'];
  expect((await site.cli('late', 'replay', ...other)).code).toBe(0);
});

test('what cannot be meant is refused before anything is asked', async () => {
  await using site = await desk();
  site.write('own', { all: '' }, PLAIN);
  const both = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--receiver', 'A/B');
  expect([both.code, both.err]).toEqual([2, expect.stringMatching(/REPLAY_OPTIONS: --receiver cannot/)]);
  const stored = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--type', 'head.created');
  expect([stored.code, stored.err]).toEqual([2, expect.stringMatching(/REPLAY_OPTIONS: --type cannot/)]);
  const dry = await site.cli('own', 'replay', '--all', '--dry-run');
  expect([dry.code, dry.err]).toEqual([2, expect.stringMatching(/REPLAY_OPTIONS/)]);
  const table = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--table', 'ORDLIB/NONE');
  expect(table.code).toBe(2);
  // no state file was made by any of them, and a dry run needs none
  const never = await site.cli('own', 'replay', '--changed-since', '2020-01-01T00:00:00Z', '--dry-run');
  expect(never.code).toBe(0);
  expect(() => site.value('own', 'SELECT 1')).toThrow();
});
