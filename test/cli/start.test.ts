/** What a person sees at the start: a refusal is said once, and notices go where they are wanted. */
import { Desk } from './support/desk';

jest.setTimeout(60_000);

async function desk(rest: string): Promise<Desk> {
  const site = await Desk.open();
  for (const t of ['ONE', 'TWO', 'BARE']) {
    await site.sql.execute(`CREATE TABLE ORDLIB.${t} (ID INTEGER NOT NULL PRIMARY KEY)`);
    const file = `FILE(ORDLIB/${t}) JRN(ORDLIB/ORDJRN) IMAGES(*BOTH) OMTJRNE(*OPNCLO)`;
    if (t !== 'BARE') await site.sql.execute(`CALL QSYS2.QCMDEXC('STRJRNPF ${file}')`);
  }
  site.write(rest);
  return site;
}

test('a table that cannot be captured is told once: by the error where the daemon stops, by the log where it goes on', async () => {
  const tables = `destinations: { out: { stdout: {} } }
tables: { ORDLIB/ONE: { event: one }, ORDLIB/BARE: { event: bare } }`;
  await using site = await desk(`policies: { start: earliest, tableMissing: stop }\n${tables}`);
  const refused = await site.cli('run');
  expect(refused.code).toBe(2);
  expect(refused.err.match(/ORDLIB\/BARE: /g)).toHaveLength(1);
  expect(refused.err).not.toContain('table not captured');
  expect(refused.err).toMatch(/error TABLE_UNUSABLE: ORDLIB\/BARE: not journaled.*\n {2}next: /);

  site.write(`policies: { start: earliest, tableMissing: warn }\n${tables}`);
  await site.start();
  await site.sql.execute('INSERT INTO ORDLIB.ONE VALUES (1)');
  await site.until('the other table', () => site.sent.some((e) => e.type === 'one.created'));
  const told = site.log.split('\n').filter((line) => line.includes('table not captured'));
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'error', table: 'ORDLIB/BARE', state: 'not journaled', next: expect.stringMatching(/^ibmi-cdc plan -c /) },
  ]);
});

test('notices go to the destinations named for them; with none the log has them', async () => {
  await using site = await desk(`policies: { start: earliest }
destinations: { out: { stdout: {} }, ops: { webhook: { url: "http://127.0.0.1:9/", signing: none } } }
tables:
  ORDLIB/ONE: { event: one, notices: [], to: [out] }
  ORDLIB/TWO: { event: two, to: [out] }`);
  for (const t of ['ONE', 'TWO']) await site.sql.execute(`INSERT INTO ORDLIB.${t} VALUES (1)`);
  await site.start();
  await site.until('both tables', () => site.sent.filter((e) => e.type.endsWith('.created')).length === 2);
  // what the documentation says of a new state file that starts at the earliest entry
  const started = site.sent.filter((e) => e.type === 'journaling.started') as unknown as { source: string }[];
  expect(new Set(started.map((e) => e.source))).toEqual(new Set(['ibmi://SIM/ORDLIB/TWO']));
  expect(site.sent[0]!.type).toBe('journaling.started');
  const logged = site.log.split('\n').filter((line) => line.includes('"table notice"'));
  expect(new Set(logged.map((line) => JSON.parse(line).table))).toEqual(new Set(['ORDLIB/ONE', 'ORDLIB/TWO']));
  await site.stopDaemons();
  expect((await site.cli('audit')).code).toBe(0);
});

test('a destination of notices that does not exist is an error with its line', async () => {
  await using site = await desk(`destinations: { out: { stdout: {} } }
tables: { ORDLIB/ONE: { event: one, notices: [opps] } }`);
  const { code, out, err } = await site.cli('validate');
  expect(code).toBe(2);
  expect(out + err).toMatch(/:\d+:\d+: error: tables\.ORDLIB\/ONE\.notices\S* saw "opps", expected one of out/);
});
